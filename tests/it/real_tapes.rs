//! Every expected number of the real Lean tapes, from the command line.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{impactd, real_data, stderr};

/// Largest relative difference of a float from the independent hand's.
const TOLERANCE: f64 = 1e-9;

#[test]
fn real_data_every_expected_number_is_reproduced() {
    let Some(folder) = real_data("equity-nbbo") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["batch".to_owned(), "--summary".into(), "--out".into()];
    arguments.push(out.path().display().to_string());
    for symbol in ["ibm", "bac"] {
        let zips = fs::read_dir(folder.join(symbol)).expect("tapes").flatten();
        arguments.extend(zips.map(|zip| zip.path().display().to_string()));
    }
    let borrowed: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = impactd(&borrowed);
    assert!(done.status.success(), "{}", stderr(&done));

    let mut compared = 0;
    for file in fs::read_dir(folder.join("expected")).expect("expected numbers").flatten() {
        let name = file.file_name().into_string().expect("a name");
        let (symbol, rest) = name.split_once('_').expect("symbol_date");
        let mine = out.path().join("summary").join(format!("{}_{rest}", symbol.to_uppercase()));
        let read =
            |path| -> Value { serde_json::from_slice(&fs::read(path).expect("a document")).expect("JSON") };
        compared += compare(&read(file.path()), &read(mine), &name);
    }
    assert!(compared > 700, "only {compared} numbers were compared");
}

/// Compares every number; gives how many there were.
pub fn compare(expected: &Value, found: &Value, at: &str) -> usize {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(expected), names(found), "{at}");
            expected.iter().map(|(name, value)| compare(value, &found[name], &format!("{at}/{name}"))).sum()
        }
        (Value::Number(e), Value::Number(_)) if e.is_i64() => {
            assert_eq!(expected, found, "{at}");
            1
        }
        _ => {
            let (e, f) = (expected.as_f64().expect("a number"), found.as_f64().expect("a number"));
            // An R² near zero is one minus a ratio near one: statsmodels itself keeps only its absolute digits.
            let floor = if at.ends_with("/r2") { 1e-13 } else { 0.0 };
            assert!((e - f).abs() <= floor + TOLERANCE * e.abs(), "{at}: expected {e}, found {f}");
            1
        }
    }
}
