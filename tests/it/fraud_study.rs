//! `impactd fraud study` from outside: its table, its JSON, and what it says of settings that make no sense.

use serde_json::Value;

use crate::support::{impactd, stderr};

fn study(arguments: &[&str]) -> Vec<u8> {
    let done = impactd(&[&["fraud", "study", "--draws", "3"], arguments].concat());
    assert!(done.status.success(), "{}", stderr(&done));
    done.stdout
}

#[test]
fn the_study_tells_the_closed_form_and_the_same_seed_tells_the_same() {
    let bytes = study(&["--json"]);
    assert_eq!(bytes, study(&["--json"]));
    assert_ne!(bytes, study(&["--json", "--seed", "2"]));
    let told: Value = serde_json::from_slice(&bytes).expect("JSON");
    let perfect = &told["closed_form"][4]["measured"];
    assert!((perfect["f1"].as_f64().expect("F1") - 0.7758).abs() < 5e-5);
    assert_eq!(told["closed_form"][1]["measured"]["mcc"], Value::Null);
    assert_eq!(told["not_reproduced"].as_array().expect("a list").len(), 5);
    let table = String::from_utf8(study(&[])).expect("text");
    assert!(table.contains("f1_then_g_within_se") && table.contains("not repeated"), "{table}");
}

#[test]
fn settings_without_frauds_to_rank_by_are_refused() {
    for (arguments, word) in [
        (["--rows", "1000", "--frauds", "1000"], "--frauds"),
        (["--ranking-rows", "1000", "--frauds", "1"], "--ranking-rows"),
    ] {
        let done = impactd(&[&["fraud", "study"], &arguments[..]].concat());
        assert_eq!(done.status.code(), Some(2));
        assert!(stderr(&done).contains(word), "{}", stderr(&done));
    }
}
