//! The parts of an answer that say how to trade: schedule, optimum, frontier, curve.

use serde::Serialize;
use utoipa::ToSchema;

use super::stamp::Stamp;

/// A stretch of time with the shares to trade in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Bin {
    /// First moment, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub start: Stamp,
    /// First moment after.
    #[schema(value_type = String, format = DateTime)]
    pub end: Stamp,
    /// Shares.
    pub quantity: i64,
    /// Shares over the volume expected meanwhile; null where none is expected.
    #[schema(required)]
    pub participation: Option<f64>,
    /// This bin's part of the order's cost over its part of the quantity, basis points: at its own participation.
    #[schema(required)]
    pub cost_bps: Option<f64>,
}

/// The horizon with the least objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct OptimalAnswer {
    /// How long to take.
    pub horizon_seconds: f64,
    /// Quantity over the volume expected meanwhile; null where none is expected.
    #[schema(required)]
    pub participation_rate: Option<f64>,
    /// Expected cost.
    pub cost_bps: f64,
    /// Timing risk, 1 s.d.
    pub timing_risk_bps: f64,
    /// cost + risk aversion x risk².
    pub objective_bps: f64,
    /// Per basis point.
    pub risk_aversion: f64,
}

/// Cost and risk over one horizon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct FrontierAnswer {
    /// How long to take.
    pub horizon_seconds: f64,
    /// Quantity over the volume expected meanwhile; null where none is expected.
    #[schema(required)]
    pub participation_rate: Option<f64>,
    /// Expected cost.
    pub cost_bps: f64,
    /// Timing risk, 1 s.d.
    pub timing_risk_bps: f64,
}

/// Cost at one participation rate. Null where the window is too short for the quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct CurveAnswer {
    /// The rate.
    pub participation_rate: f64,
    /// Expected cost.
    #[schema(required)]
    pub expected_bps: Option<f64>,
    /// Lower end of the interval.
    #[schema(required)]
    pub low_bps: Option<f64>,
    /// Upper end.
    #[schema(required)]
    pub high_bps: Option<f64>,
    /// How long it takes.
    #[schema(required)]
    pub duration_seconds: Option<f64>,
    /// Timing risk, 1 s.d.
    #[schema(required)]
    pub timing_risk_bps: Option<f64>,
    /// Shares that fit before the session ends.
    pub fillable_quantity: i64,
}
