//! The law, measured on drawn tapes by the definitions and not by the code that drew them.

use super::*;
use crate::tape::{Nanos, Quote};

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(super) fn drawn(law: &Law, seed: u64) -> Tape {
    simulate(law, seed, &Symbol::new("IBM"), day("2018-01-02")).expect("a tape")
}

/// e of Cont, Kukanov and Stoikov, equation 2.1.
fn order_flow(before: &Quote, now: &Quote) -> i64 {
    let mut e = 0;
    if now.bid >= before.bid {
        e += now.bid_size.0;
    }
    if now.bid <= before.bid {
        e -= before.bid_size.0;
    }
    if now.ask <= before.ask {
        e -= now.ask_size.0;
    }
    if now.ask >= before.ask {
        e += before.ask_size.0;
    }
    e
}

/// One bar of a step: change of twice the mid in nano-dollars, imbalance, signed flow as printed.
#[derive(Clone, Copy, Default)]
pub(super) struct Bar {
    pub(super) doubled_mid_change: i64,
    pub(super) ofi: i64,
    pub(super) flow: i64,
}

pub(super) fn bars(tape: &Tape, law: &Law) -> Vec<Bar> {
    let session = session(tape.date);
    let mut bars = vec![Bar::default(); law.steps(&session) as usize];
    let at = |ts: Nanos| ((ts.0 - session.open.0) / law.step_ns) as usize;
    let inside: Vec<&Quote> = tape.quotes.iter().filter(|q| session.contains(q.ts)).collect();
    for pair in inside.windows(2) {
        let bar = &mut bars[at(pair[1].ts)];
        bar.doubled_mid_change += pair[1].mid_doubled() - pair[0].mid_doubled();
        bar.ofi += order_flow(pair[0], pair[1]);
    }
    for trade in tape.trades.iter().filter(|t| session.contains(t.ts)) {
        bars[at(trade.ts)].flow += trade.known_side.value() * trade.size.0;
    }
    bars
}

/// Slope of y on x with an intercept, and its White standard error.
fn slope(x: &[f64], y: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxx: f64 = x.iter().map(|x| (x - mx).powi(2)).sum();
    let b = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / sxx;
    let score = |(x, y): (&f64, &f64)| ((x - mx) * (y - my - b * (x - mx))).powi(2);
    (b, x.iter().zip(y).map(score).sum::<f64>().sqrt() / sxx)
}

fn kyle(bars: &[Bar]) -> (f64, f64) {
    let flow: Vec<f64> = bars.iter().map(|b| b.flow as f64).collect();
    let usd: Vec<f64> = bars.iter().map(|b| b.doubled_mid_change as f64 / 2e9).collect();
    slope(&flow, &usd)
}

#[test]
fn the_imbalance_of_a_step_is_twice_depth_times_ticks() {
    let law = Law::default();
    let date = day("2018-01-02");
    let bars = bars(&drawn(&law, 7), &law);
    let mut walk = Walk::new(&law, 7, &Symbol::new("IBM"), date).expect("a walk");
    let mut ticks = Vec::new();
    walk.next(&mut ticks).expect("before the open");
    for (k, bar) in bars.iter().enumerate() {
        walk.next(&mut ticks).expect("a step");
        let depth = law.depth_lots(k as i64 / 180, 13) * 100;
        assert_eq!(bar.ofi, 2 * depth * walk.moves.ticks, "step {k}");
        let (up, down) = walk.moves.wobble.expect("quote noise");
        let moved = law.tick.0 * walk.moves.ticks + (up - down) * law::GRID_NANOS;
        assert_eq!(bar.doubled_mid_change, 2 * moved, "step {k}");
    }
    let truth = walk.truth();
    assert_eq!(truth.session_ofi_shares, bars.iter().map(|b| b.ofi).sum::<i64>());
    assert_eq!(truth.session_flow_shares, bars.iter().map(|b| b.flow).sum::<i64>());
}

#[test]
fn least_squares_recovers_lambda() {
    let law = Law { noise_autocorrelation: 0.1, ..Law::default() };
    let bars = bars(&drawn(&law, 11), &law);
    assert_eq!(bars.len(), 2340);
    let (lambda, error) = kyle(&bars);
    assert!((lambda - law.lambda_usd_per_share).abs() < 3.0 * error, "{lambda} +- {error}");
    assert!(error < 0.1 * law.lambda_usd_per_share, "the noise drowns lambda: {error}");
}

#[test]
fn concave_impact_has_slope_lambda_at_zero_and_bends_beyond() {
    let concave = Concave { scale_shares: 2_000.0, alpha: 2, beta: 1.0 };
    let law = Law { concave: Some(concave), noise_usd: 0.002, noise_usd_per_share: 0.0, ..Law::default() };
    let bars = bars(&drawn(&law, 15), &law);
    let (inside, outside): (Vec<Bar>, Vec<Bar>) = bars.into_iter().partition(|b| b.flow.abs() <= 400);
    let (near, error) = kyle(&inside);
    let lambda = law.lambda_usd_per_share;
    assert!((near - lambda).abs() < 3.0 * error && error < 0.2 * lambda, "{near} +- {error}");
    let (far, error) = kyle(&outside);
    assert!(far + 5.0 * error < lambda, "{far} +- {error}");
}

#[test]
fn the_imbalance_slope_is_tick_over_twice_depth() {
    let law = Law { flat_depth: true, ..Law::default() };
    let bars = bars(&drawn(&law, 12), &law);
    let ofi: Vec<f64> = bars.iter().map(|b| b.ofi as f64).collect();
    let usd: Vec<f64> = bars.iter().map(|b| b.doubled_mid_change as f64 / 2e9).collect();
    let (beta, error) = slope(&ofi, &usd);
    let truth = Truth::new(&law, 12, session(day("2018-01-02")), Vec::new());
    let stated = truth.ofi_slope_usd_per_share.expect("flat depth");
    assert_eq!(stated, 0.01 / 4_000.0);
    assert!((beta - stated).abs() < 3.0 * error && error < 0.05 * stated, "{beta} +- {error}");
}

#[test]
fn mis_signing_shrinks_lambda() {
    let law = Law { flow_autocorrelation: 0.0, mis_sign: 0.3, ..Law::default() };
    let (slope, error) = kyle(&bars(&drawn(&law, 13), &law));
    let stated = 0.4 * law.lambda_usd_per_share;
    assert!(
        (slope - stated).abs() < 3.0 * error && slope + 5.0 * error < law.lambda_usd_per_share,
        "{slope} +- {error}"
    );
}

#[test]
fn trade_signs_have_the_stated_autocorrelation() {
    for rho in [0.0, 0.8] {
        let law = Law { flow_autocorrelation: rho, ..Law::default() };
        let tape = drawn(&law, 14);
        let signs: Vec<i64> =
            tape.trades[5..tape.trades.len() - 5].iter().map(|t| t.known_side.value()).collect();
        let products: i64 = signs.windows(2).map(|p| p[0] * p[1]).sum();
        let found = products as f64 / signs.len() as f64;
        assert!((found - rho).abs() < 0.03, "{found} for {rho}");
    }
}
