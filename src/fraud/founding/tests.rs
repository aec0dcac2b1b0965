//! The study on few draws: its numbers bear out what is known in closed form, and chance does not depend on workers.

use super::*;

fn small() -> Study {
    run(&Settings { draws: 6, ..Settings::default() })
}

#[test]
fn what_is_known_in_closed_form_comes_out() {
    let study = small();
    assert_eq!(study.closed_form.len(), 11);
    let holds = |code: &str| study.conclusion.iter().find(|c| c.code == code).map(|c| c.holds);
    for code in [
        "accuracy_is_blind",
        "f1_first",
        "g_mean_second",
        "missed_frauds_bias_f1",
        "false_accusations_cap_f1",
        "f1_and_average_precision_follow_prevalence",
        "exact_ties_hardly_occur",
    ] {
        assert_eq!(holds(code), Some(true), "{code}: {:?}", study.conclusion);
    }
    // Rows 7 and 11 of the closed form tie in F1 and differ in G-mean.
    let row = |k: usize| study.closed_form[k].measured;
    assert!((row(6).f1.unwrap() - row(10).f1.unwrap()).abs() < 1e-4);
    assert!(row(10).g_mean.unwrap() - row(6).g_mean.unwrap() > 0.15);
}

#[test]
fn a_metric_finds_the_order_it_defines_when_labels_are_clean() {
    let study = small();
    let found = |rule: &str, criterion: &str| {
        let is = |a: &&Agreement| a.alpha + a.beta == 0.0 && a.rule == rule && a.criterion == criterion;
        study.ranking.agreement.iter().find(is).unwrap().agreement
    };
    assert!(found("f1", "f1") > 0.85, "{}", found("f1", "f1"));
    assert!(found("g_mean", "g_mean") > 0.85);
    assert!(found("f1", "f1") > found("recall", "f1"));
    assert!((found("f1_corrected", "f1") - found("f1", "f1")).abs() < 1e-9);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_workers() {
    let settings = Settings { draws: 3, ..Settings::default() };
    let bytes = |workers: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build().unwrap();
        serde_json::to_string(&pool.install(|| run(&settings))).unwrap()
    };
    assert_eq!(bytes(1), bytes(3));
}
