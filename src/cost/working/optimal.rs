//! The trade-off between cost and risk: the best horizon, the frontier over horizons, the curve over rates.
//!
//! Objective: cost + lambda risk², cost and risk in basis points, lambda per basis point. In Almgren and Chriss's
//! units lambda is that over the order's value in dollars times 1e-4.

use super::risk::timing_risk_bps;
use super::schedule::{Schedule, participation, pov, vwap};
use crate::cost::known::horizon::Horizon;
use crate::cost::known::market::Market;
use crate::cost::models::model::{Components, CostModel};
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
    /// Quantity over the market volume expected meanwhile, at most 100.
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
                participation_rate: participation(quantity, expected),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{ADV, market, session};
    use crate::cost::{Almgren2005, VolumeCurve};

    fn points(risk_aversion: f64) -> (Vec<Optimum>, usize) {
        let (session, curve) = (session(0), VolumeCurve::flat());
        let window = Horizon::new(session, session.open, session.close, &curve, ADV as f64).expect("a day");
        let model = CostModel::Almgren2005(Almgren2005::new(&market()).expect("shares are known"));
        let objective = Objective { risk_aversion };
        let (points, best) = best_horizon(100_000, objective, &market(), &model, &window);
        (points, best.expect("horizons"))
    }

    #[test]
    fn the_frontier_trades_cost_for_risk() {
        let (points, _) = points(0.0);
        assert_eq!(
            (points.len(), points[0].duration_seconds, points[15].duration_seconds),
            (16, 60.0, 23_400.0)
        );
        for pair in points.windows(2) {
            assert!(pair[1].components.total() < pair[0].components.total());
            assert!(pair[1].risk_bps > pair[0].risk_bps);
        }
    }

    #[test]
    fn aversion_shortens_the_horizon() {
        let ends: Vec<usize> = [0.0, 1e-3, 1e-2, 1e-1, 1e6].iter().map(|l| points(*l).1).collect();
        assert_eq!((ends[0], ends[4]), (15, 0));
        assert!(ends.windows(2).all(|pair| pair[1] <= pair[0]) && ends[2] > 0 && ends[2] < 15, "{ends:?}");
    }

    #[test]
    fn along_the_curve_faster_is_dearer_and_safer() {
        let (session, curve) = (session(0), VolumeCurve::flat());
        let window = Horizon::new(session, session.open, session.close, &curve, ADV as f64).expect("a day");
        let model = CostModel::Almgren2005(Almgren2005::new(&market()).expect("shares are known"));
        let points = cost_curve(100_000, &[0.01, 0.05, 0.1, 0.2, 0.4], &market(), &model, &window);
        assert_eq!((points[0].filled_shares, points[0].unfilled_shares), (39_000, 61_000));
        for pair in points[1..].windows(2) {
            assert!(pair[1].components.temporary_bps > pair[0].components.temporary_bps);
            assert!(
                pair[1].risk_bps < pair[0].risk_bps && pair[1].duration_seconds < pair[0].duration_seconds
            );
        }
    }
}
