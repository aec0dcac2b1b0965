//! Days of a stated impact law, for the tests of this stage.

use chrono::{Days, NaiveDate};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::cost::known::day::Day;
use crate::cost::known::market::Market;
use crate::flow::BarRecord;
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Session};

/// Chance from a seed.
pub struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// y = gamma sigma x + eta sigma (f(p) - f(p before)) + noise sigma, f(p) = sign(p)|p|^beta.
#[derive(Clone, Copy)]
pub struct Law {
    pub gamma: f64,
    pub eta: f64,
    pub beta: f64,
    /// Volatility of the noise, basis points a day.
    pub noise_bps: f64,
    /// Volatility that impact scales with.
    pub sigma_bps: f64,
}

/// Shares a day of every fixture.
pub const ADV: i64 = 3_900_000;

pub fn session(offset: u64) -> Session {
    let first = NaiveDate::from_ymd_opt(2013, 10, 7).expect("a date");
    let date = first.checked_add_days(Days::new(offset)).expect("a date");
    // Dates beyond the week are given that Monday's hours: what counts is their order.
    let hours = NYSE.session(first);
    let shift = offset as i64 * 86_400 * NANOS_PER_SECOND;
    Session { date, open: Nanos(hours.open.0 + shift), close: Nanos(hours.close.0 + shift) }
}

pub fn days(count: u64, seed: u64, law: Law) -> Vec<Day> {
    let mut chance = Chance::new(seed);
    (0..count).map(|offset| day(session(offset), &mut chance, law)).collect()
}

fn day(session: Session, chance: &mut Chance, law: Law) -> Day {
    let minute = 60 * NANOS_PER_SECOND;
    let volume = ADV / 390;
    let shape = |p: f64| p.signum() * p.abs().powf(law.beta);
    let (mut mid, mut before) = (100.0, 0.0);
    let bar = |index: i64| {
        let participation = (0.3 * chance.normal()).clamp(-1.0, 1.0);
        let signed = (participation * volume as f64 / 2.0).round() as i64 * 2;
        let p = signed as f64 / volume as f64;
        let impact = law.gamma * p / 390.0 + law.eta * (shape(p) - shape(before));
        let change = law.sigma_bps * impact + law.noise_bps / 390_f64.sqrt() * chance.normal();
        before = p;
        let open = mid;
        mid *= 1.0 + change / 1e4;
        BarRecord {
            start: Nanos(session.open.0 + index * minute),
            end: Nanos(session.open.0 + (index + 1) * minute),
            buy_shares: (volume + signed) / 2,
            sell_shares: (volume - signed) / 2,
            quote_count: 10,
            trade_count: 5,
            mid_open_usd: Some(open),
            mid_close_usd: Some(mid),
            mid_change_bp: (index > 0).then_some(change),
            mid_change_cents: (index > 0).then_some((mid - open) * 100.0),
            depth_mean_shares: Some(500.0),
            spread_tw_usd: Some(0.02),
            ..BarRecord::default()
        }
    };
    Day { date: session.date, session, bars: (0..390).map(bar).collect() }
}

/// A liquid stock.
pub fn market() -> Market {
    Market {
        mid_usd: 100.0,
        spread_usd: 0.02,
        volatility_daily_bps: 150.0,
        adv_shares: ADV as f64,
        depth_shares: Some(500.0),
        shares_outstanding: Some(1e9),
    }
}
