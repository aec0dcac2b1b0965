//! An order and its fills as their file holds them: whole nanoseconds and nano-dollars, nothing derived.

use serde::{Deserialize, Serialize};

use crate::cost::{Execution, Fill, Side};
use crate::tape::{Nanos, Price};

/// What is kept of an order for good. Mids that the tape told and the shortfall are derived, and not in here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionRecord {
    /// The order as it was posted.
    pub order: OrderRecord,
    /// Of what was posted: the same order again has the same.
    pub sha256: String,
    /// When it was first recorded.
    pub recorded_at_nanos: i64,
    /// What was forecast for it.
    pub estimate: Option<EstimateRecord>,
    /// What could not be kept of what was posted, in words.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// An order as it was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of Execution, documented there")]
pub struct OrderRecord {
    pub order_id: String,
    pub symbol: String,
    pub side: SideRecord,
    pub quantity_shares: i64,
    pub decision_ts_nanos: i64,
    pub decision_price_nanodollars: i64,
    pub arrival_ts_nanos: i64,
    pub arrival_mid_nanodollars: Option<i64>,
    pub end_ts_nanos: i64,
    pub end_mid_nanodollars: Option<i64>,
    pub fills: Vec<FillRecord>,
}

/// A fill as it was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are those of Fill, documented there")]
pub struct FillRecord {
    pub ts_nanos: i64,
    pub shares: i64,
    pub price_nanodollars: i64,
    pub mid_nanodollars: Option<i64>,
    pub fee_nanodollars: i64,
}

/// Which way, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sides are those of Side, documented there")]
pub enum SideRecord {
    Buy,
    Sell,
    SellShort,
}

/// A forecast beside the order it was for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimateRecord {
    /// Names the answer.
    pub estimate_id: String,
    /// Made again from its request, as of the arrival, rather than found as it was given.
    pub recomputed: bool,
    /// The moment it was for.
    pub as_of_nanos: i64,
    /// Which model.
    pub model: String,
    /// Of the model's coefficients.
    pub model_sha256: String,
    /// Half the quoted spread.
    pub spread_bps: f64,
    /// Temporary impact.
    pub temporary_impact_bps: f64,
    /// Permanent impact.
    pub permanent_impact_bps: f64,
    /// The caller's own drift.
    pub timing_drift_bps: f64,
    /// One s.d. of the market's own move.
    pub timing_risk_bps: f64,
    /// One s.d. of the model's own error.
    pub model_error_bps: f64,
    /// Claimed level of the interval.
    pub level: f64,
    /// Lower end of the interval.
    pub low_bps: f64,
    /// Upper end of the interval.
    pub high_bps: f64,
    /// Volatility that was used.
    pub volatility_daily_bps: f64,
    /// Daily volume that was used.
    pub adv_shares: f64,
    /// What of the forecast was the caller's own number rather than the tape's or the model's, by name: with any of
    /// these it says nothing of the model.
    #[serde(default)]
    pub caller_inputs: Vec<String>,
}

impl EstimateRecord {
    /// The expected cost.
    #[must_use]
    pub fn expected_bps(&self) -> f64 {
        self.spread_bps + self.impact_bps() + self.timing_drift_bps
    }

    /// Temporary and permanent impact.
    #[must_use]
    pub fn impact_bps(&self) -> f64 {
        self.temporary_impact_bps + self.permanent_impact_bps
    }
}

impl From<&Execution> for OrderRecord {
    fn from(execution: &Execution) -> Self {
        let nanodollars = |price: Option<Price>| price.map(|price| price.0);
        let fill = |fill: &Fill| FillRecord {
            ts_nanos: fill.ts.0,
            shares: fill.shares,
            price_nanodollars: fill.price.0,
            mid_nanodollars: nanodollars(fill.mid),
            fee_nanodollars: fill.fee.0,
        };
        Self {
            order_id: execution.order_id.clone(),
            symbol: execution.symbol.clone(),
            side: execution.side.into(),
            quantity_shares: execution.quantity,
            decision_ts_nanos: execution.decision.0,
            decision_price_nanodollars: execution.decision_price.0,
            arrival_ts_nanos: execution.arrival.0,
            arrival_mid_nanodollars: nanodollars(execution.arrival_mid),
            end_ts_nanos: execution.end.0,
            end_mid_nanodollars: nanodollars(execution.end_mid),
            fills: execution.fills.iter().map(fill).collect(),
        }
    }
}

impl From<&OrderRecord> for Execution {
    fn from(order: &OrderRecord) -> Self {
        let fill = |fill: &FillRecord| Fill {
            ts: Nanos(fill.ts_nanos),
            shares: fill.shares,
            price: Price(fill.price_nanodollars),
            mid: fill.mid_nanodollars.map(Price),
            fee: Price(fill.fee_nanodollars),
        };
        Self {
            order_id: order.order_id.clone(),
            symbol: order.symbol.clone(),
            side: order.side.into(),
            quantity: order.quantity_shares,
            decision: Nanos(order.decision_ts_nanos),
            decision_price: Price(order.decision_price_nanodollars),
            arrival: Nanos(order.arrival_ts_nanos),
            arrival_mid: order.arrival_mid_nanodollars.map(Price),
            end: Nanos(order.end_ts_nanos),
            end_mid: order.end_mid_nanodollars.map(Price),
            fills: order.fills.iter().map(fill).collect(),
        }
    }
}

impl From<Side> for SideRecord {
    fn from(side: Side) -> Self {
        match side {
            Side::Buy => Self::Buy,
            Side::Sell => Self::Sell,
            Side::SellShort => Self::SellShort,
        }
    }
}

impl From<SideRecord> for Side {
    fn from(side: SideRecord) -> Self {
        match side {
            SideRecord::Buy => Self::Buy,
            SideRecord::Sell => Self::Sell,
            SideRecord::SellShort => Self::SellShort,
        }
    }
}
