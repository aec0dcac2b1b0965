//! Closing the loop on simulated orders: forecasts that are right look right, and those that are not do not.

use std::path::Path;

use impactd::cost::{Execution, Fill, Outcome, Side, SquareRoot, Witness, normal_quantile, refit_y, score};
use impactd::posttrade::{Choice, Tapes, TrackRecord, track_record};
use impactd::store::{EstimateRecord, ExecutionRecord, Executions, OrderRecord};
use impactd::tape::{Nanos, Price};

use crate::support::{OPEN, SECOND};

const LEVEL: f64 = 0.9;

/// Uniform numbers in (0, 1), the same every time.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}

/// An order whose market follows the square-root law with some Y, forecast with Y = 1.
struct Drawn {
    shares: i64,
    adv: f64,
    volatility: f64,
    spread_bps: f64,
    timing_risk_bps: f64,
    /// The law's own mean, Y = 1.
    unit_bps: f64,
    realised_bps: f64,
}

fn draw(dice: &mut Dice, y: f64) -> Drawn {
    let adv = 1e6 * (3.0 * dice.uniform()).exp();
    // From 0.003 % to 20 % of a day, every bucket visited.
    let of_adv = 2e-1 * (-8.8 * dice.uniform()).exp();
    let shares = (of_adv * adv).ceil() as i64;
    let volatility = 80.0 + 200.0 * dice.uniform();
    let spread_bps = 0.5 + 4.0 * dice.uniform();
    let timing_risk_bps = volatility * (0.05 + 0.4 * dice.uniform());
    let unit_bps = SquareRoot::mean_bps(volatility, shares as f64 / adv);
    let realised_bps = spread_bps + y * unit_bps + timing_risk_bps * dice.normal();
    Drawn { shares, adv, volatility, spread_bps, timing_risk_bps, unit_bps, realised_bps }
}

fn record(index: usize, drawn: &Drawn) -> ExecutionRecord {
    let side = if index.is_multiple_of(2) { Side::Buy } else { Side::Sell };
    let sign = if side == Side::Buy { 1.0 } else { -1.0 };
    let mid = Price(100_000_000_000);
    let paid = Price((100e9 * (1.0 + sign * drawn.realised_bps / 1e4)).round() as i64);
    let start = Nanos(OPEN + index as i64 * SECOND);
    let end = Nanos(start.0 + 600 * SECOND);
    let execution = Execution {
        order_id: format!("o{index}"),
        symbol: "SIM".into(),
        side,
        quantity: drawn.shares,
        decision: start,
        decision_price: mid,
        arrival: start,
        arrival_mid: Some(mid),
        end,
        end_mid: None,
        fills: vec![Fill { ts: end, shares: drawn.shares, price: paid, mid: None, fee: Price(0) }],
    };
    assert!(execution.faults().is_empty());
    let expected = drawn.spread_bps + drawn.unit_bps;
    let half = normal_quantile(0.5 + LEVEL / 2.0) * drawn.timing_risk_bps;
    let estimate = EstimateRecord {
        estimate_id: format!("est_{index}"),
        recomputed: false,
        as_of_nanos: start.0,
        model: "square-root".into(),
        model_sha256: String::new(),
        spread_bps: drawn.spread_bps,
        temporary_impact_bps: drawn.unit_bps / 3.0,
        permanent_impact_bps: drawn.unit_bps * 2.0 / 3.0,
        timing_drift_bps: 0.0,
        timing_risk_bps: drawn.timing_risk_bps,
        model_error_bps: 0.0,
        level: LEVEL,
        low_bps: expected - half,
        high_bps: expected + half,
        volatility_daily_bps: drawn.volatility,
        adv_shares: drawn.adv,
        caller_inputs: Vec::new(),
    };
    let sha256 = index.to_string();
    ExecutionRecord {
        order: OrderRecord::from(&execution),
        sha256,
        recorded_at_nanos: 0,
        estimate: Some(estimate),
        warnings: Vec::new(),
    }
}

fn report(data: &Path, y: f64, orders: usize, seed: u64) -> TrackRecord {
    let mut dice = Dice(seed);
    let executions = Executions::new(data);
    let records = (0..orders).map(|index| record(index, &draw(&mut dice, y))).collect();
    executions.record(records).expect("recorded");
    let choice = Choice { model: "square-root".into(), ..Choice::default() };
    track_record(&executions, &Tapes::default(), None, &choice, |_, error| panic!("{error}"))
        .expect("a track record")
}

#[test]
fn right_forecasts_of_recorded_orders_have_z_of_mean_0_and_variance_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let orders = 1_500;
    let record = report(folder.path(), 1.0, orders, 88_172_645_463_325_252);
    assert_eq!((record.counts.recorded, record.counts.scored), (orders, orders));
    let n = orders as f64;
    let overall = record.overall.expect("orders");
    let (mean, variance) = (overall.z_mean.expect("z"), overall.z_variance.expect("z"));
    // Three standard deviations of what chance does to 1,500 orders.
    assert!(mean.abs() < 3.0 / n.sqrt(), "mean {mean}");
    assert!((variance - 1.0).abs() < 3.0 * (2.0 / n).sqrt(), "variance {variance}");
    let held = overall.coverage.expect("intervals");
    assert_eq!(held.n, orders);
    assert!((held.claimed - LEVEL).abs() < 1e-12);
    assert!((held.realised - LEVEL).abs() < 3.0 * held.error, "{held:?}");
    assert!((held.error - (LEVEL * (1.0 - LEVEL) / n).sqrt()).abs() < 1e-12);
    let slope = overall.slope.expect("a line");
    assert!((slope.coefficient - 1.0).abs() < 3.0 * slope.errors.white, "{slope:?}");
    let y = record.refitted_y.expect("Y");
    assert!((y.y - 1.0).abs() < 3.0 * y.error && y.error < 0.1, "{y:?}");
    let mut counted = 0;
    for (bucket, score) in &record.by_size {
        let score = score.as_ref().expect("every bucket is visited");
        let z = score.z_mean.expect("z");
        assert!(z.abs() < 4.0 / (score.n as f64).sqrt(), "{}: {z}", bucket.name);
        counted += score.n;
    }
    assert_eq!(counted, orders);
}

#[test]
fn a_market_of_another_y_shows_as_bias_and_is_recovered() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = report(folder.path(), 0.6, 400, 1_181_783_497_276_652_981);
    let y = record.refitted_y.expect("Y");
    assert!((y.y - 0.6).abs() < 3.0 * y.error, "{y:?}");
    assert!(y.y + 2.0 * y.error < 1.0, "the prior is told apart: {y:?}");
    assert!((y.residual_variance - 1.0).abs() < 3.0 * (2.0_f64 / 400.0).sqrt(), "{y:?}");
    let overall = record.overall.expect("orders");
    assert!(overall.error_bps.value < 0.0, "forecasts were too dear: {:?}", overall.error_bps);
}

/// Many more orders than files can be written for, through the kernels alone.
#[test]
fn the_standard_errors_are_those_of_repetition() {
    let (repeats, orders) = (300, 200);
    let mut dice = Dice(42);
    let (mut inside_y, mut inside_bias, mut inside_z) = (0, 0, 0);
    for _ in 0..repeats {
        let drawn: Vec<Drawn> = (0..orders).map(|_| draw(&mut dice, 1.0)).collect();
        let witness = |d: &Drawn| Witness {
            unit_impact_bps: d.unit_bps,
            impact_bps: d.realised_bps - d.spread_bps,
            timing_risk_bps: d.timing_risk_bps,
        };
        let y = refit_y(&drawn.iter().map(witness).collect::<Vec<_>>()).expect("Y");
        inside_y += usize::from((y.y - 1.0).abs() < 1.96 * y.error);
        let outcome = |d: &Drawn| Outcome {
            arrival: Nanos(0),
            of_adv: d.shares as f64 / d.adv,
            forecast_bps: d.spread_bps + d.unit_bps,
            realised_bps: d.realised_bps,
            timing_risk_bps: d.timing_risk_bps,
            model_error_bps: 0.0,
            interval: None,
        };
        let score = score(&drawn.iter().map(outcome).collect::<Vec<_>>()).expect("orders");
        let bias = score.error_bps;
        inside_bias += usize::from(bias.value.abs() < 1.96 * bias.error.expect("known"));
        inside_z += usize::from(score.z_mean.expect("z").abs() < 1.96 / f64::from(orders).sqrt());
    }
    // 95 % of 300, give or take four standard deviations of that count.
    for inside in [inside_y, inside_bias, inside_z] {
        assert!((270..=300).contains(&inside), "{inside_y} {inside_bias} {inside_z}");
    }
}
