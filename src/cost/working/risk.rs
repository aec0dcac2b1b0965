//! Timing risk: how far the price may wander, of itself, while an order waits to be done.
//!
//! sigma sqrt(integral of (part still to do)² dv), v the part of a whole day's variance that has come, the part to do
//! falling evenly within a slice. An order done evenly gives sigma sqrt(v/3), with v = T days where variance comes
//! evenly in time. Basis points, one standard deviation.

use super::schedule::Schedule;
use crate::cost::known::market::Market;

/// The day that a daily volatility means: 6.5 hours, nanoseconds.
pub const WHOLE_DAY_NANOS: i64 = 23_400 * crate::tape::NANOS_PER_SECOND;

/// One standard deviation of the shortfall that chance alone makes, counted from the first slice's start.
#[must_use]
pub fn timing_risk_bps(market: &Market, schedule: &Schedule) -> f64 {
    let quantity = schedule.quantity() as f64;
    if quantity <= 0.0 {
        return 0.0;
    }
    let (mut left, mut integral, mut reached) = (1.0, 0.0, None);
    for slice in &schedule.slices {
        // Between slices no curve was asked: time counts as it passes.
        let idle = (slice.start.0 - reached.unwrap_or(slice.start.0)) as f64 / WHOLE_DAY_NANOS as f64;
        let after = left - slice.shares as f64 / quantity;
        integral += idle * left * left;
        integral += slice.variance_days * (left * left + left * after + after * after) / 3.0;
        (left, reached) = (after, Some(slice.end.0));
    }
    market.volatility_daily_bps * integral.sqrt()
}

/// The standard normal quantile of a probability in (0, 1), to 1.2e-9 relative (Acklam's rational approximation);
/// infinite at 0 and 1.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let horner = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, c| sum * x + c);
    if probability > 0.5 {
        return -normal_quantile(1.0 - probability);
    }
    if probability <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if probability < 0.024_25 {
        let q = (-2.0 * probability.ln()).sqrt();
        return horner(&C, q) / horner(&D, q);
    }
    let q = probability - 0.5;
    horner(&A, q * q) * q / horner(&B, q * q)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Slice;
    use crate::cost::fixture::market;
    use crate::tape::Nanos;

    fn slices(parts: &[(i64, i64, i64)]) -> Schedule {
        let slice = |(from, to, shares): &(i64, i64, i64)| {
            let at = |part: &i64| Nanos(part * WHOLE_DAY_NANOS / 12);
            let variance_days = (to - from) as f64 / 12.0;
            Slice { start: at(from), end: at(to), shares: *shares, market_shares: 1e5, variance_days }
        };
        Schedule { slices: parts.iter().map(slice).collect(), unfilled_shares: 0 }
    }

    #[test]
    fn an_even_order_over_a_third_of_a_day_risks_a_third_of_its_volatility() {
        let whole = timing_risk_bps(&market(), &slices(&[(0, 4, 1_000)]));
        assert!((whole - market().volatility_daily_bps / 3.0).abs() < 1e-12);
        let cut = timing_risk_bps(&market(), &slices(&[(0, 1, 250), (1, 2, 250), (2, 4, 500)]));
        assert!((whole - cut).abs() < 1e-12);
    }

    #[test]
    fn waiting_is_risk_and_nothing_to_do_is_none() {
        let idle = timing_risk_bps(&market(), &slices(&[(0, 1, 0), (2, 5, 10)]));
        let expected = market().volatility_daily_bps * ((2.0 + 3.0 / 3.0) / 12.0_f64).sqrt();
        assert!((idle - expected).abs() < 1e-12);
        assert_eq!(timing_risk_bps(&market(), &Schedule::default()), 0.0);
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_985), (0.95, 1.644_853_627), (0.001, -3.090_232_306)] {
            assert!((normal_quantile(p) - z).abs() < 5e-9, "{p}");
        }
        assert!((normal_quantile(0.025) + normal_quantile(0.975)).abs() < 1e-12);
    }
}
