//! The oracle's eleven rows to their printed digits, and the inverse against the model it inverts.

use super::*;
use proptest::prelude::*;

/// t, f, alpha, beta, then accuracy, precision, recall, specificity, F1, G-mean, MCC, kappa; NaN is undefined.
const ROWS: [[f64; 12]; 11] = {
    const X: f64 = f64::NAN;
    [
        [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 0.0, 0.9983, X, 0.0, 1.0, 0.0, 0.0, X, 0.0],
        [1.0, 0.0, 0.1, 0.0, 0.9998, 0.9, 1.0, 0.9998, 0.9474, 0.9999, 0.9486, 0.9473],
        [1.0, 0.0, 0.0, 0.0001, 0.9999, 1.0, 0.9454, 1.0, 0.9719, 0.9723, 0.9723, 0.9719],
        [1.0, 0.0, 0.0, 0.001, 0.9990, 1.0, 0.6338, 1.0, 0.7758, 0.7961, 0.7957, 0.7754],
        [1.0, 0.0, 0.0, 0.01, 0.9900, 1.0, 0.1475, 1.0, 0.2571, 0.3841, 0.3822, 0.2549],
        [1.0, 0.0, 0.1, 0.001, 0.9988, 0.9, 0.6090, 0.9998, 0.7264, 0.7803, 0.7398, 0.7259],
        [0.8, 0.0005, 0.0, 0.0, 0.9992, 0.7347, 0.8, 0.9995, 0.7659, 0.8942, 0.7662, 0.7655],
        [0.8, 0.0005, 0.1, 0.001, 0.9981, 0.6615, 0.4874, 0.9994, 0.5612, 0.6979, 0.5669, 0.5603],
        [0.9, 0.02, 0.0, 0.0, 0.9799, 0.0722, 0.9, 0.98, 0.1338, 0.9391, 0.2518, 0.1310],
        [0.9, 0.001, 0.0, 0.0, 0.9988, 0.6090, 0.9, 0.9990, 0.7264, 0.9482, 0.7398, 0.7259],
    ]
};

#[test]
fn the_eleven_rows_to_the_printed_digits() {
    const N: f64 = 284_807.0;
    for row in ROWS {
        let truth = Truth { prevalence: 492.0 / N, tpr: row[0], fpr: row[1] };
        let c = truth.observed(AnnotationError { alpha: row[2], beta: row[3] }, N);
        let found = [
            c.accuracy(),
            c.precision(),
            c.recall(),
            c.specificity(),
            c.f1(),
            c.g_mean(),
            c.mcc(),
            c.kappa(),
        ];
        for (place, (found, printed)) in found.iter().zip(&row[4..]).enumerate() {
            match found {
                Ok(found) => assert!((found - printed).abs() <= 5.0e-5, "{row:?} {place}: {found}"),
                Err(_) => assert!(printed.is_nan(), "{row:?} {place} is undefined"),
            }
        }
    }
}

#[test]
fn what_cannot_be_undone_is_undefined() {
    let counts = Counts { tp: 8.0, fp: 2.0, fn_: 2.0, tn: 988.0 };
    for (alpha, beta) in [(0.6, 0.4), (0.5, 0.6), (0.0, 0.01), (0.0, 0.5), (-0.1, 0.0), (0.0, f64::NAN)] {
        assert!(corrected(&counts, AnnotationError { alpha, beta }).is_err(), "{alpha} {beta}");
    }
    assert!(corrected(&Counts { tp: 0.0, fp: 0.0, fn_: 0.0, tn: 0.0 }, AnnotationError::default()).is_err());
}

#[test]
fn what_falls_outside_is_clamped_and_named() {
    // No flag among 990 rows labelled 0, yet a third of the frauds are said to be among them: FPR comes out below 0.
    let counts = Counts { tp: 10.0, fp: 0.0, fn_: 0.0, tn: 990.0 };
    let found = corrected(&counts, AnnotationError { alpha: 1.0 / 3.0, beta: 0.0 }).unwrap();
    assert_eq!(found.clamped, ["fpr"]);
    assert_eq!((found.truth.fpr, found.truth.tpr), (0.0, 1.0));
    assert!((found.truth.prevalence - 0.015).abs() < 1e-15);
}

#[test]
fn the_measured_example_of_missed_frauds_is_raised() {
    let truth = Truth { prevalence: 0.002, tpr: 0.7, fpr: 2e-4 };
    let seen = truth.observed(AnnotationError { alpha: 0.5, beta: 0.0 }, 1e6);
    assert!(seen.f1().unwrap() < 0.75 * truth.counts(1e6).f1().unwrap());
    assert!((seen.g_mean().unwrap() - truth.counts(1e6).g_mean().unwrap()).abs() < 1e-3);
}

proptest! {
    #[test]
    fn the_inverse_of_the_model_is_the_truth(
        pi in 0.001..0.6_f64, t in 0.0..=1.0_f64, f in 0.0..=1.0_f64, alpha in 0.0..0.6_f64, beta in 0.0..0.3_f64,
    ) {
        let error = AnnotationError { alpha, beta };
        let truth = Truth { prevalence: pi, tpr: t, fpr: f };
        let found = corrected(&truth.observed(error, 1.0), error).unwrap();
        // Frauds are a share pi of all rows, so the rounding error of their rate is 1 / pi larger.
        prop_assert!((found.truth.prevalence - pi).abs() < 1e-12);
        prop_assert!((found.truth.tpr - t).abs() < 1e-12 * (1.0 + 0.01 / pi), "{} {t}", found.truth.tpr);
        prop_assert!((found.truth.fpr - f).abs() < 1e-12);
        prop_assert!(found.clamped.is_empty());
    }

    #[test]
    fn auroc_comes_back_from_both_mixtures(
        pi in 0.01..0.6_f64, area in 0.0..=1.0_f64, alpha in 0.0..0.6_f64, beta in 0.0..0.3_f64,
    ) {
        let error = AnnotationError { alpha, beta };
        let q = pi * (1.0 - alpha) + (1.0 - pi) * beta;
        let (a, b) = (pi * (1.0 - alpha) / q, pi * alpha / (1.0 - q));
        // The pairs of two mixtures: like against like counts a half.
        let seen = a * (1.0 - b) * area + (a * b + (1.0 - a) * (1.0 - b)) * 0.5 + (1.0 - a) * b * (1.0 - area);
        prop_assert!((corrected_auroc(seen, q, error).unwrap() - area).abs() < 1e-12 / pi);
    }
}
