//! The numbers an order is priced with: the tape's, or the caller's where it gave some, each with source and age.

use super::answer_inputs::{CurveInput, Input, InputsUsed};
use super::prepared::Prepared;
use super::stamp::Stamp;
use crate::cost::{Known, Market, Order, Source};
use crate::limits::{DAYS_STALE, QUOTE_STALE_SECONDS};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// All numbers, with where each is from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs {
    mid_usd: Option<Known<f64>>,
    spread_usd: Option<Known<f64>>,
    volatility_daily_bps: Option<Known<f64>>,
    adv_shares: Option<Known<f64>>,
    depth_shares: Option<Known<f64>>,
    shares_outstanding: Option<Known<f64>>,
}

impl Inputs {
    /// The tape's numbers, and the caller's in their stead.
    #[must_use]
    pub fn of(order: &Order, prepared: &Prepared) -> Self {
        let (own, tape) = (&order.overrides, &prepared.reference);
        let caller = |value: f64| Known { value, source: Source::Caller, as_of: order.as_of, n: 0 };
        let mid_usd = own.arrival_price.map(caller).or(tape.mid_usd);
        // A spread in basis points is of the mid that is used.
        let spread = own.spread_bps.zip(mid_usd).map(|(bps, mid)| caller(bps * mid.value / 1e4));
        Self {
            mid_usd,
            spread_usd: spread.or(tape.spread_usd),
            volatility_daily_bps: own.volatility_daily_bps.map(caller).or(tape.volatility_daily_bps),
            adv_shares: own.adv_shares.map(caller).or(tape.adv_shares),
            depth_shares: tape.depth_shares,
            shares_outstanding: own.shares_outstanding.map(caller),
        }
    }

    /// The mid on arrival.
    #[must_use]
    pub fn arrival_usd(&self) -> Option<f64> {
        self.mid_usd.map(|mid| mid.value)
    }

    /// Average daily volume.
    #[must_use]
    pub fn adv_shares(&self) -> Option<f64> {
        self.adv_shares.map(|adv| adv.value)
    }

    /// The numbers a model needs, when all are known.
    #[must_use]
    pub fn market(&self) -> Option<Market> {
        Some(Market {
            mid_usd: self.mid_usd?.value,
            spread_usd: self.spread_usd?.value,
            volatility_daily_bps: self.volatility_daily_bps?.value,
            adv_shares: self.adv_shares?.value,
            depth_shares: self.depth_shares.map(|depth| depth.value),
            shares_outstanding: self.shares_outstanding.map(|shares| shares.value),
        })
    }

    /// As the answer tells them.
    #[must_use]
    pub fn told(&self, prepared: &Prepared, at: Nanos) -> InputsUsed {
        let close = prepared.previous_close;
        let close = close.map(|(value, as_of)| Known { value, source: Source::TapeDays, as_of, n: 1 });
        let curve = &prepared.reference.curve;
        InputsUsed {
            arrival_price: told(self.mid_usd, "usd", at),
            previous_close: told(close, "usd", at),
            spread: told(self.spread_usd, "usd", at),
            volatility_daily: told(self.volatility_daily_bps, "bps", at),
            adv: told(self.adv_shares, "shares", at),
            depth: told(self.depth_shares, "shares", at),
            shares_outstanding: told(self.shares_outstanding, "shares", at),
            volume_curve: CurveInput {
                value: curve.shares().to_vec(),
                unit: "share_of_day",
                source: if curve.days() > 0 { Source::TapeDays } else { Source::Prior }.name(),
                n: curve.days(),
            },
            live: prepared.today.as_ref().map(|today| today.told(at)),
        }
    }
}

fn told(known: Option<Known<f64>>, unit: &'static str, at: Nanos) -> Input {
    let Some(known) = known else {
        let none = None;
        return Input { value: none, unit, source: None, as_of: None, age_ms: None, stale: None, n: None };
    };
    let caller = known.source == Source::Caller;
    let age = at.0 - known.as_of.0;
    let bound = match known.source {
        Source::TapeToday => (QUOTE_STALE_SECONDS * NANOS_PER_SECOND as f64) as i64,
        _ => DAYS_STALE * 86_400 * NANOS_PER_SECOND,
    };
    Input {
        value: Some(known.value),
        unit,
        source: Some(known.source.name()),
        as_of: Some(Stamp(known.as_of)),
        age_ms: (!caller).then_some(age / 1_000_000),
        stale: (!caller).then_some(age > bound),
        n: (!caller).then_some(known.n),
    }
}
