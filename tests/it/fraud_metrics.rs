//! Metrics of a score against an oracle and against their own identities.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use impactd::fraud::judging::{
    Counts, Report, Sample, Steps, Wanted, auprc_davis, auroc, average_precision, best_f1_then_g, ks,
    log_loss,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{impactd, real_data, stderr};

const TOLERANCE: f64 = 1e-12;

/// Figures against those expected: null for null, the rest within a tolerance.
fn agrees(case: &str, found: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        let told = found.get(name).unwrap_or_else(|| panic!("{case}: {name} is missing"));
        match value {
            Value::Object(_) => agrees(&format!("{case}, {name}"), told, value),
            Value::Null => assert!(told.is_null(), "{case}: {name} is {told}, expected null"),
            _ => {
                let (told, value) = (told.as_f64(), value.as_f64().expect("a number"));
                let near = told.is_some_and(|told| (told - value).abs() <= TOLERANCE);
                assert!(near, "{case}: {name} is {told:?}, expected {value}");
            }
        }
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn oracle() -> Option<Value> {
    let bytes = fs::read(real_data("metrics-oracle")?.join("metrics_oracle.json")).expect("readable");
    Some(serde_json::from_slice(&bytes).expect("JSON"))
}

fn sample_of(case: &Value) -> Sample {
    let labels = numbers(&case["y"]).iter().map(|label| *label == 1.0).collect();
    let sample = Sample::new(labels, numbers(&case["score"])).expect("rows");
    if case["weight"].is_null() {
        sample
    } else {
        sample.with_weights(numbers(&case["weight"])).expect("weights")
    }
}

#[test]
fn real_data_metrics_oracle_through_the_library() {
    let Some(oracle) = oracle() else { return };
    let cases = oracle["cases"].as_object().expect("cases");
    assert_eq!(cases.len(), 13);
    for (name, case) in cases {
        let wanted =
            Wanted { threshold: case["threshold"].as_f64(), at: vec![1, 5, 10], ..Wanted::default() };
        let report = Report::of(&sample_of(case), None, &wanted).expect("a report");
        let told = serde_json::to_value(&report).expect("JSON");
        agrees(name, &told, &case["expect"]);
        for (metric, reason) in told["undefined"].as_object().expect("reasons") {
            assert!(told[metric].is_null() && reason.is_string(), "{name}: {metric}");
        }
    }
}

fn evaluated(folder: &Path, name: &str, text: &str, more: &[&str]) -> Value {
    let file = folder.join(name);
    fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let done = impactd(&[&["fraud", "evaluate", &file, "--json"], more].concat());
    assert!(done.status.success(), "{name}: {}", stderr(&done));
    serde_json::from_slice(&done.stdout).expect("one JSON object")
}

#[test]
fn real_data_metrics_oracle_through_the_command() {
    let Some(oracle) = oracle() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, case) in oracle["cases"].as_object().expect("cases") {
        let weights = case["weight"].as_array();
        let mut text = format!("label,score{}\n", if weights.is_some() { ",weight" } else { "" });
        for (row, (label, score)) in numbers(&case["y"]).iter().zip(numbers(&case["score"])).enumerate() {
            let weight = weights.map_or(String::new(), |weights| format!(",{}", weights[row]));
            writeln!(text, "{label},{score}{weight}").expect("text");
        }
        let threshold = case["threshold"].to_string();
        let more = ["--threshold", &threshold, "--draws", "20"];
        agrees(name, &evaluated(folder.path(), &format!("{name}.csv"), &text, &more), &case["expect"]);
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    // Few distinct scores, so that ties are the rule.
    let rows = prop::collection::vec((prop::bool::weighted(0.3), 0_u32..12, 1_u32..4), 2..60);
    rows.prop_map(|rows| {
        let labels = rows.iter().map(|row| row.0).collect();
        let scores = rows.iter().map(|row| f64::from(row.1) / 12.0).collect();
        let weights = rows.iter().map(|row| f64::from(row.2)).collect();
        Sample::new(labels, scores).expect("rows").with_weights(weights).expect("weights")
    })
}

fn doubled_negatives(sample: &Sample) -> Sample {
    let twice = |row: usize| if sample.labels()[row] { 1.0 } else { 2.0 };
    let weights = (0..sample.len()).map(|row| sample.weight(row) * twice(row)).collect();
    sample.clone().with_weights(weights).expect("weights")
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12
}

proptest! {
    #[test]
    fn identities_of_the_counts(tp in 0_u32..500, fp in 0_u32..500, fn_ in 0_u32..500, tn in 0_u32..500) {
        let counts = Counts { tp: tp.into(), fp: fp.into(), fn_: fn_.into(), tn: tn.into() };
        if let (Ok(precision), Ok(recall), Ok(f1)) = (counts.precision(), counts.recall(), counts.f1()) {
            if precision + recall > 0.0 {
                prop_assert!(near(f1, 2.0 * precision * recall / (precision + recall)));
            }
            let g_measure = counts.g_measure().expect("defined");
            prop_assert!(near(g_measure, (precision * recall).sqrt()) && f1 <= g_measure + 1e-12);
        }
        if let (Ok(g_mean), Ok(balanced), Ok(j)) =
            (counts.g_mean(), counts.balanced_accuracy(), counts.youden_j())
        {
            prop_assert!(near(j, 2.0 * balanced - 1.0) && g_mean <= balanced + 1e-12);
            if let (Ok(mcc), Ok(precision), Ok(npv)) = (counts.mcc(), counts.precision(), counts.npv()) {
                prop_assert!(near(mcc * mcc, j * (precision + npv - 1.0)));
            }
        }
        let swapped = counts.swapped();
        for (one, other) in [
            (counts.mcc(), swapped.mcc()), (counts.kappa(), swapped.kappa()), (counts.g_mean(), swapped.g_mean()),
        ] {
            prop_assert_eq!(one.is_ok(), other.is_ok());
            prop_assert!(one.ok().zip(other.ok()).is_none_or(|(one, other)| near(one, other)));
        }
    }

    #[test]
    fn duplicating_the_negatives_moves_what_depends_on_prevalence_alone(sample in samples(), at in 0_u32..12) {
        let more = doubled_negatives(&sample);
        let threshold = f64::from(at) / 12.0;
        let (one, two) = (Counts::at(&sample, threshold), Counts::at(&more, threshold));
        prop_assert_eq!(one.recall(), two.recall());
        for (one, two) in [(one.g_mean(), two.g_mean()), (one.youden_j(), two.youden_j())] {
            prop_assert!(one.ok().zip(two.ok()).is_none_or(|(one, two)| near(one, two)));
        }
        if one.fp > 0.0 && one.tp > 0.0 {
            prop_assert!(two.f1().expect("defined") < one.f1().expect("defined"));
        }
        let (steps, more) = (Steps::of(&sample), Steps::of(&more));
        for of in [auroc, ks] {
            prop_assert!(of(&steps).ok().zip(of(&more).ok()).is_none_or(|(one, two)| near(one, two)));
        }
        if let (Ok(one), Ok(two)) = (average_precision(&steps), average_precision(&more)) {
            prop_assert!(two <= one + 1e-12);
        }
    }

    #[test]
    fn ranks_by_brute_force(sample in samples()) {
        let steps = Steps::of(&sample);
        let (mut won, mut pairs) = (0.0, 0.0);
        for one in (0..sample.len()).filter(|row| sample.labels()[*row]) {
            for other in (0..sample.len()).filter(|row| !sample.labels()[*row]) {
                let weight = sample.weight(one) * sample.weight(other);
                let (above, below) = (sample.scores()[one], sample.scores()[other]);
                won += weight * if above > below { 1.0 } else if above == below { 0.5 } else { 0.0 };
                pairs += weight;
            }
        }
        prop_assert_eq!(auroc(&steps).is_ok(), pairs > 0.0);
        prop_assert!(auroc(&steps).is_err() || near(auroc(&steps).expect("defined"), won / pairs));
        for area in [average_precision(&steps), auprc_davis(&steps)].into_iter().flatten() {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&area));
        }
        prop_assert!(log_loss(&sample).expect("probabilities") >= 0.0);
    }

    #[test]
    fn no_candidate_beats_the_threshold_chosen(sample in samples()) {
        let steps = Steps::of(&sample);
        let Some(best) = best_f1_then_g(&steps) else { return Ok(()) };
        prop_assert_eq!(best.counts, Counts::at(&sample, best.score));
        prop_assert_eq!(best.counts, Counts::at(&sample, best.midpoint_below));
        let value = |counts: &Counts| (counts.f1().expect("both classes"), counts.g_mean().expect("both classes"));
        let (f1, g_mean) = value(&best.counts);
        for score in sample.scores() {
            let (other_f1, other_g) = value(&Counts::at(&sample, *score));
            prop_assert!(other_f1 <= f1 + 1e-12);
            let ties = near(other_f1, f1);
            prop_assert!(!ties || other_g <= g_mean + 1e-12);
            prop_assert!(!(ties && near(other_g, g_mean)) || *score <= best.score);
        }
    }
}
