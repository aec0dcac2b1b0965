//! The recursion against joint fits made by another road.

use proptest::prelude::*;

use super::*;
use crate::impact::{Design, fit};

const MODELS: [Model; 3] = [Model::Ofi, Model::Kyle, Model::OfiKyle];

/// Joint weighted ridge by Householder-free means: modified Gram-Schmidt, twice, on rows sqrt(w) (1, x / s) with the
/// rows sqrt(gamma) e_j below; shares no step with the recursion.
fn joint(rows: &[(Observation, f64)], model: Model, ridge: f64) -> Vec<f64> {
    let k = model.terms().len();
    let scale = |j: usize| {
        let largest = rows.iter().map(|(o, _)| o.row(model)[j].abs()).max().unwrap_or(1);
        largest.max(1) as f64
    };
    let mut q: Vec<Vec<f64>> = (0..k)
        .map(|j| {
            let mut column: Vec<f64> =
                rows.iter().map(|(o, w)| w.sqrt() * o.row(model)[j] as f64 / scale(j)).collect();
            column.extend((0..k).map(|i| if i == j { ridge.sqrt() / scale(j) } else { 0.0 }));
            column
        })
        .collect();
    let mut y: Vec<f64> = rows.iter().map(|(o, w)| w.sqrt() * o.row(model)[k] as f64).collect();
    y.extend(vec![0.0; k]);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut r = vec![vec![0.0; k]; k];
    for j in 0..k {
        for _ in 0..2 {
            for i in 0..j {
                let along = dot(&q[i].clone(), &q[j]);
                r[i][j] += along;
                let base = q[i].clone();
                q[j].iter_mut().zip(base).for_each(|(v, b)| *v -= along * b);
            }
        }
        r[j][j] = dot(&q[j], &q[j]).sqrt();
        q[j].iter_mut().for_each(|v| *v /= r[j][j]);
    }
    let mut solution = vec![0.0; k];
    for i in (0..k).rev() {
        let known: f64 = (i + 1..k).map(|j| r[i][j] * solution[j]).sum();
        solution[i] = (dot(&q[i], &y) - known) / r[i][i];
    }
    (0..k).map(|j| solution[j] / scale(j) / DOUBLED_NANOS_PER_CENT).collect()
}

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let one = (-50_000_000_i64..50_000_000, -30_000_i64..30_000, -9_000_i64..9_000);
    let make = |(noise, ofi_shares, trade_imbalance_shares)| Observation {
        change_doubled_nanos: 900 * ofi_shares + 400 * trade_imbalance_shares + noise,
        ofi_shares,
        trade_imbalance_shares,
    };
    proptest::collection::vec(one.prop_map(make), 12..80)
}

fn assert_near(found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{found} is not {expected}");
    }
}

proptest! {
    #[test]
    fn the_recursion_is_the_joint_fit_at_every_bar(all in observations(), ridge in prop_oneof![Just(0.0), 1e-3..1e4]) {
        let memories = [Memory::All, Memory::Last(20), Memory::Fading { half_life_bars: 7.5 }];
        for (model, memory) in MODELS.into_iter().flat_map(|m| memories.map(|memory| (m, memory))) {
            let mut online = Online::new(model, memory, ridge);
            for (t, observation) in all.iter().enumerate() {
                online.observe(*observation);
                let weight = |i: usize| match memory {
                    Memory::All => 1.0,
                    Memory::Last(n) => f64::from(u8::from(t - i < n)),
                    Memory::Fading { half_life_bars } => (-((t - i) as f64) / half_life_bars).exp2(),
                };
                let rows: Vec<_> = (0..=t).map(|i| (all[i], weight(i))).collect();
                // A handful of bars may lie on a line, where neither road has nine digits.
                if t >= 10 && let Ok(fit) = online.fit() {
                    assert_near(&fit.coefficients, &joint(&rows, model, ridge));
                }
            }
        }
    }
}

#[test]
fn without_a_ridge_it_is_least_squares() {
    let all: Vec<Observation> = (0..500)
        .map(|i: i64| Observation {
            change_doubled_nanos: 1_000_000 * ((i * i) % 23) - 70_000 * (i % 7),
            ofi_shares: 100 * ((i * 37) % 101 - 50),
            trade_imbalance_shares: 100 * ((i * 53) % 89 - 44),
        })
        .collect();
    let mut online = Online::new(Model::OfiKyle, Memory::All, 0.0);
    all.iter().for_each(|o| online.observe(*o));
    let design = Design {
        y: all.iter().map(|o| o.change_doubled_nanos as f64 / DOUBLED_NANOS_PER_CENT).collect(),
        x: vec![
            all.iter().map(|o| o.ofi_shares as f64).collect(),
            all.iter().map(|o| o.trade_imbalance_shares as f64).collect(),
        ],
    };
    let expected: Vec<f64> = fit(&design).expect("fit").terms.iter().map(|t| t.coefficient).collect();
    assert_near(&online.fit().expect("fit").coefficients, &expected);
}

#[test]
fn a_short_half_life_still_gives_a_slope() {
    let bar = |i: i64| Observation {
        change_doubled_nanos: 3 * (i * 7 % 11),
        ofi_shares: i * 7 % 11,
        ..Observation::default()
    };
    let mut online = Online::new(Model::Ofi, Memory::Fading { half_life_bars: 1.0 }, 0.0);
    (0..40).for_each(|i| online.observe(bar(i)));
    let fit = online.fit().expect("a slope");
    assert!(fit.n < 2.0, "the weights never sum to more than two");
    assert!((fit.coefficients[1] * DOUBLED_NANOS_PER_CENT - 3.0).abs() < 1e-9);
}

#[test]
fn a_window_forgets_without_a_trace() {
    let bar = |i: i64, size: i64| Observation {
        change_doubled_nanos: size * (i % 13 - 6),
        ofi_shares: size * (i % 11 - 5),
        trade_imbalance_shares: i % 7,
    };
    let mut long = Online::new(Model::Ofi, Memory::Last(50), 0.0);
    (0..5_000).for_each(|i| long.observe(bar(i, 9_000_000_000)));
    (0..50).for_each(|i| long.observe(bar(i, 10)));
    let mut short = Online::new(Model::Ofi, Memory::Last(50), 0.0);
    (0..50).for_each(|i| short.observe(bar(i, 10)));
    assert_eq!(long.fit(), short.fit());
}

#[test]
fn too_few_bars_and_idle_flows_have_no_slope() {
    let mut online = Online::new(Model::Kyle, Memory::All, 0.0);
    assert_eq!(online.fit(), Err(FitError::TooFew));
    (0..20).for_each(|i| online.observe(Observation { change_doubled_nanos: i, ..Observation::default() }));
    assert_eq!(online.fit(), Err(FitError::Singular));
}

#[test]
fn a_stored_bar_counts_as_the_fresh_one() {
    for change in [-123_456_789, -1, 0, 3, 20_000_000, 987_654_321_123] {
        let bar = Bar {
            ofi: 5,
            buy: 9,
            sell: 2,
            mid_change_doubled: Some(change),
            mid_close_doubled: Some(1 << 50),
            ..Bar::default()
        };
        assert_eq!(Observation::of(&bar), Observation::of_record(&BarRecord::from(&bar)));
    }
}
