//! Schedule, frontier and cost curve of an answer.

use super::answer_paths::{Bin, CurveAnswer, FrontierAnswer, OptimalAnswer};
use super::price::{Price, Pricing};
use super::stamp::Stamp;
use crate::cost::{Curve, Horizon, Objective, Schedule, best_horizon};

/// Participation rates of the curve when the caller names none.
const USUAL_RATES: [f64; 8] = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5];

/// A rate that makes sense: none where no volume is expected.
fn rate(value: f64) -> Option<f64> {
    (value < 100.0).then_some(value)
}

/// The schedule, with each bin's cost. Spread and permanent impact are the order's own in every bin; temporary impact
/// is spread over bins as the model prices each alone, and scaled so that the bins add up to the order's.
#[must_use]
pub fn bins(pricing: &Pricing<'_>, price: &Price<'_>) -> Vec<Bin> {
    let quantity = price.schedule.quantity() as f64;
    let alone = |slice: &crate::cost::Slice| {
        let one = Schedule { slices: vec![*slice], unfilled_shares: 0 };
        if slice.shares == 0 { 0.0 } else { pricing.model.components(&pricing.market, &one).temporary_bps }
    };
    let temporary: Vec<f64> = price.schedule.slices.iter().map(alone).collect();
    let parts = price.schedule.slices.iter().zip(&temporary);
    let whole: f64 = parts.clone().map(|(slice, bps)| slice.shares as f64 / quantity * bps).sum();
    let scale = if whole > 0.0 { price.components.temporary_impact_bps / whole } else { 1.0 };
    let same = price.components.spread_bps + price.components.permanent_impact_bps;
    let alpha = pricing.order.side.sign() * pricing.order.alpha_bps.unwrap_or(0.0);
    let (start, length) = (price.horizon.start.0, price.horizon.length() as f64);
    let bin = |(slice, temporary): (&crate::cost::Slice, &f64)| {
        let middle = ((slice.start.0 - start) as f64 + (slice.end.0 - start) as f64) / 2.0 / length;
        Bin {
            start: Stamp(slice.start),
            end: Stamp(slice.end),
            quantity: slice.shares,
            participation: rate(slice.participation()),
            cost_bps: (slice.shares > 0).then_some(same + scale * temporary + alpha * middle),
        }
    };
    parts.map(bin).collect()
}

/// The best horizon, and cost against risk over all of them, from the order's start to the session's end at most.
/// Horizons that need more than a part `cap` of the market's volume are left out: nobody could trade so.
#[must_use]
pub fn frontier(
    pricing: &Pricing<'_>,
    open: &Horizon<'_>,
    cap: f64,
) -> (Option<OptimalAnswer>, Vec<FrontierAnswer>) {
    let risk_aversion = pricing.order.risk_aversion;
    let Some(rest) = open.until(open.session.close) else { return (None, Vec::new()) };
    let objective = Objective { risk_aversion };
    let (mut points, _) = best_horizon(pricing.quantity, objective, &pricing.market, pricing.model, &rest);
    points.retain(|point| point.participation_rate <= cap);
    let best = points.iter().min_by(|a, b| a.objective_bps.total_cmp(&b.objective_bps));
    let optimal = best.map(|best| OptimalAnswer {
        horizon_seconds: best.duration_seconds,
        participation_rate: rate(best.participation_rate),
        cost_bps: best.components.total(),
        timing_risk_bps: best.risk_bps,
        objective_bps: best.objective_bps,
        risk_aversion,
    });
    let told = points.iter().map(|point| FrontierAnswer {
        horizon_seconds: point.duration_seconds,
        participation_rate: rate(point.participation_rate),
        cost_bps: point.components.total(),
        timing_risk_bps: point.risk_bps,
    });
    (optimal, told.collect())
}

/// Cost against participation rate, from the order's start to the session's end at most; `multiple` makes intervals.
#[must_use]
pub fn cost_curve(pricing: &Pricing<'_>, open: &Horizon<'_>, multiple: f64) -> Vec<CurveAnswer> {
    let rates = match &pricing.order.curve {
        Curve::None => return Vec::new(),
        Curve::Usual => USUAL_RATES.to_vec(),
        Curve::Rates(rates) => rates.clone(),
    };
    let Some(rest) = open.until(open.session.close) else { return Vec::new() };
    let point = |rate: f64| {
        let price = pricing.price_at(rate, rest);
        let found = price.as_ref().ok();
        let bps = found.map(|price| price.components.total());
        let half = found.map(|price| {
            let error = pricing.model.error_bps(&pricing.market, &price.schedule);
            multiple * price.risk_bps.hypot(error)
        });
        CurveAnswer {
            participation_rate: rate,
            expected_bps: bps,
            low_bps: bps.zip(half).map(|(bps, half)| bps - half),
            high_bps: bps.zip(half).map(|(bps, half)| bps + half),
            duration_seconds: found.map(|price| price.horizon.length() as f64 / 1e9),
            timing_risk_bps: found.map(|price| price.risk_bps),
            fillable_quantity: match &price {
                Ok(price) => price.schedule.quantity(),
                Err(fits) => *fits,
            },
        }
    };
    rates.into_iter().map(point).collect()
}
