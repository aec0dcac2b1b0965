//! The law's parameters and its shape over the day.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::Concave;
use super::session;
use crate::tape::{NANOS_PER_SECOND, Price, Session};

/// The grid of quoted prices, 1e-4 USD, in nano-dollars.
pub(super) const GRID_NANOS: i64 = 100_000;
/// Shares in a round lot; all sizes are whole lots.
pub(super) const LOT: i64 = 100;
/// Nanoseconds in half an hour, over which depth is constant.
pub(super) const HALF_HOUR: i64 = 1_800 * NANOS_PER_SECOND;
/// Prices of a tape lie below this, in nano-dollars.
pub(super) const PRICE_END: i64 = 1_000_000 * NANOS_PER_SECOND;

/// What a tape is drawn from; the formulas stand in the module's own words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Law {
    /// Best bid at the open.
    #[serde(rename = "start_price_usd", serialize_with = "usd")]
    pub start_price: Price,
    /// What one depletion moves both quotes by.
    #[serde(rename = "tick_usd", serialize_with = "usd")]
    pub tick: Price,
    /// Ask less bid, in ticks; constant.
    pub spread_ticks: i64,
    /// lambda: dollars the mid moves per share of signed flow.
    pub lambda_usd_per_share: f64,
    /// How impact bends away from lambda as a step's flow grows; a line when `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concave: Option<Concave>,
    /// Length of a step, nanoseconds; divides half an hour.
    pub step_ns: i64,
    /// Every stamp is a whole number of these past the open; divides the step. One millisecond suits all
    /// formats.
    pub stamp_ns: i64,
    /// Mean number of trades in a step; the number is uniform on 0, ..., twice this.
    pub trades_per_step: u64,
    /// Whether every step holds exactly that many trades, all before its quotes. A window of that many market orders
    /// is then a step, and the law holds on their clock too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub orders_first: bool,
    /// Mean size of a trade in lots of 100 shares, at least 1; geometric.
    pub lots_per_trade: f64,
    /// rho in [0, 1): chance that a trade repeats its predecessor's sign instead of tossing a coin, which
    /// makes the autocorrelation of signs rho^j at j trades. At 0 all signs are independent fair coins.
    pub flow_autocorrelation: f64,
    /// a: standard deviation of u_k without flow, dollars.
    pub noise_usd: f64,
    /// b: what a share of |TI_k| adds to it, dollars.
    pub noise_usd_per_share: f64,
    /// First autocorrelation of u_k / sd(u_k), in [0, 1).
    pub noise_autocorrelation: f64,
    /// c: standard deviation of e_k, the part of the mid that no imbalance explains, dollars.
    pub quote_noise_usd: f64,
    /// D: shares at each best quote, whole lots, before the shape of the day.
    pub depth_shares: i64,
    /// Whether D_h = D all day. Otherwise it rises from D / 2 in the first half hour to 3 D / 2 in the last.
    pub flat_depth: bool,
    /// Times in a step that a queue's size leaves D and comes back: two quotes each, no price, no imbalance
    /// left.
    pub flickers_per_step: u64,
    /// Fraction of trades that print, and are flagged, as the other side's.
    pub mis_sign: f64,
    /// Share of states that stand only in the venues' quote file of the TAQ formats (at least: a state equal
    /// to the NBBO file's last row must stand there too).
    pub venue_only_share: f64,
    /// Whether the day also holds what honest days hold and resembles an episode, see `episodes/everyday.rs`. The law
    /// and its truth are then of the tape before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub everyday: bool,
}

impl Default for Law {
    /// A liquid $100 stock: 6 trades and about 11 quotes every 10 s, 1 cent per 1,000 shares.
    fn default() -> Self {
        Self {
            start_price: Price(100 * NANOS_PER_SECOND),
            tick: Price(NANOS_PER_SECOND / 100),
            spread_ticks: 2,
            lambda_usd_per_share: 1e-5,
            concave: None,
            step_ns: 10 * NANOS_PER_SECOND,
            stamp_ns: 1_000_000,
            trades_per_step: 6,
            orders_first: false,
            lots_per_trade: 2.0,
            flow_autocorrelation: 0.8,
            noise_usd: 0.006,
            noise_usd_per_share: 4e-6,
            noise_autocorrelation: 0.0,
            quote_noise_usd: 0.003,
            depth_shares: 2_000,
            flat_depth: false,
            flickers_per_step: 3,
            mis_sign: 0.0,
            venue_only_share: 0.25,
            everyday: false,
        }
    }
}

impl Law {
    /// Enough flickers for a symbol-day of at least so many quotes, and the finest stamps among 1 ms, 1 us
    /// and 1 ns that leave every step twice the stamps it needs.
    #[must_use]
    pub fn with_quotes(mut self, quotes: u64, date: NaiveDate) -> Self {
        let steps = self.steps(&session(date)).max(1);
        self.flickers_per_step = quotes.div_ceil(2 * steps).max(self.flickers_per_step);
        let wanted = self.flickers_per_step.saturating_add(self.trades_per_step).saturating_mul(4);
        for stamp_ns in [1_000_000, 1_000, 1] {
            self.stamp_ns = stamp_ns;
            if self.stamps_per_step() >= wanted {
                break;
            }
        }
        self
    }

    /// Steps of a session.
    pub(super) fn steps(&self, session: &Session) -> u64 {
        (session.length() / self.step_ns.max(1)).max(0) as u64
    }

    /// Distinct stamps of a step.
    pub(super) fn stamps_per_step(&self) -> u64 {
        (self.step_ns / self.stamp_ns.max(1)).max(0) as u64
    }

    /// d(k) = 0.7 + 0.9 x^2 with x from -1 at the open to 1 at the close: mean 1, largest at both ends.
    pub(super) fn day_shape(step: u64, steps: u64) -> f64 {
        let x = (2 * step + 1) as f64 / steps as f64 - 1.0;
        0.7 + 0.9 * x * x
    }

    /// D_h in lots, for half hour `half_hour` of `half_hours`.
    pub(super) fn depth_lots(&self, half_hour: i64, half_hours: i64) -> i64 {
        let lots = self.depth_shares / LOT;
        if self.flat_depth || half_hours < 2 {
            return lots;
        }
        let last = half_hours - 1;
        (lots * (last + 2 * half_hour) / (2 * last)).max(2)
    }
}

fn usd<S: Serializer>(price: &Price, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(price.usd())
}
