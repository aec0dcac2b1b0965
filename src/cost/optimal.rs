//! The trade-off between cost and risk: the best horizon, the frontier over horizons, the curve over rates.
//!
//! Objective: cost + lambda risk², cost and risk in basis points, lambda per basis point. In Almgren and Chriss's
//! units lambda is that over the order's value in dollars times 1e-4.

use super::horizon::Horizon;
use super::market::Market;
use super::model::{Components, CostModel};
use super::risk::timing_risk_bps;
use super::schedule::{Schedule, pov, vwap};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// Horizons tried between a minute and the end of the window.
const HORIZONS: i32 = 16;

/// What is weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// lambda, per basis point.
    pub risk_aversion: f64,
}

/// An order's cost and risk over one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimum {
    /// When it is done.
    pub end: Nanos,
    /// How long it takes.
    pub duration_seconds: f64,
    /// Quantity over the market volume expected meanwhile.
    pub participation_rate: f64,
    /// Expected cost by parts.
    pub components: Components,
    /// Timing risk, one standard deviation.
    pub risk_bps: f64,
    /// cost + lambda risk².
    pub objective_bps: f64,
}

/// An order's cost and risk at one participation rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The rate.
    pub participation_rate: f64,
    /// Expected cost by parts of what is filled.
    pub components: Components,
    /// The model's own error, one standard deviation.
    pub error_bps: f64,
    /// Timing risk, one standard deviation.
    pub risk_bps: f64,
    /// How long it takes, to the end of its last slice.
    pub duration_seconds: f64,
    /// Shares filled by the end of the window.
    pub filled_shares: i64,
    /// Shares left over.
    pub unfilled_shares: i64,
}

/// Every horizon of a geometric grid from a minute to the window's end, worked evenly in volume, and the index of the
/// one with the least objective, the shorter among equals. The points in order are the frontier.
#[must_use]
pub fn best_horizon(
    quantity: i64,
    objective: Objective,
    market: &Market,
    model: &CostModel,
    window: &Horizon<'_>,
) -> (Vec<Optimum>, Option<usize>) {
    let shortest = (60 * NANOS_PER_SECOND).min(window.length());
    let ratio = window.length() as f64 / shortest as f64;
    let length = |step: i32| {
        let nanos = shortest as f64 * ratio.powf(f64::from(step) / f64::from(HORIZONS - 1));
        // Whole seconds, and the window itself at the end.
        let whole = (nanos / NANOS_PER_SECOND as f64).round() as i64 * NANOS_PER_SECOND;
        if step == HORIZONS - 1 { window.length() } else { whole.clamp(1, window.length()) }
    };
    let mut lengths: Vec<i64> = (0..HORIZONS).map(length).collect();
    lengths.dedup();
    let horizons = lengths.iter().filter_map(|length| window.until(Nanos(window.start.0 + length)));
    let points: Vec<Optimum> = horizons
        .map(|horizon| {
            let schedule = vwap(quantity, &horizon);
            let components = model.components(market, &schedule);
            let risk_bps = timing_risk_bps(market, &schedule);
            let expected = horizon.market_shares(horizon.start, horizon.end);
            Optimum {
                end: horizon.end,
                duration_seconds: seconds(horizon.length()),
                participation_rate: if expected > 0.0 { quantity as f64 / expected } else { f64::MAX },
                components,
                risk_bps,
                objective_bps: components.total() + objective.risk_aversion * risk_bps * risk_bps,
            }
        })
        .collect();
    let best = (0..points.len()).min_by(|a, b| points[*a].objective_bps.total_cmp(&points[*b].objective_bps));
    (points, best)
}

/// Cost and risk at each rate, from the window's start.
#[must_use]
pub fn cost_curve(
    quantity: i64,
    rates: &[f64],
    market: &Market,
    model: &CostModel,
    window: &Horizon<'_>,
) -> Vec<CurvePoint> {
    let point = |rate: &f64| {
        let schedule = pov(quantity, *rate, window);
        CurvePoint {
            participation_rate: *rate,
            components: model.components(market, &schedule),
            error_bps: model.error_bps(market, &schedule),
            risk_bps: timing_risk_bps(market, &schedule),
            duration_seconds: seconds(length(&schedule)),
            filled_shares: schedule.quantity(),
            unfilled_shares: schedule.unfilled_shares,
        }
    };
    rates.iter().map(point).collect()
}

fn length(schedule: &Schedule) -> i64 {
    let bounds = schedule.slices.first().zip(schedule.slices.last());
    bounds.map_or(0, |(first, last)| last.end.0 - first.start.0)
}

fn seconds(nanos: i64) -> f64 {
    nanos as f64 / NANOS_PER_SECOND as f64
}
