//! The small simulated tape in `data/tape` against the numbers that Python (numpy, statsmodels) makes of it, and
//! the same rows in every format against each other, byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use impactd::clean::Profile;
use impactd::estimators::Measures;
use impactd::flow::Widths;
use impactd::sign::Rule;
use impactd::store::Table;
use polars::prelude::*;

use crate::support::{FORMATS, batch, contents, request, rows, sample};

/// Largest relative difference of a float.
const TOLERANCE: f64 = 1e-9;
const DATE: &str = "2013-10-07";

fn expected(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tape/expected").join(name);
    fs::read_to_string(path).expect("expected numbers")
}

/// Rows of a CSV document as maps.
fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let record =
        |line: &str| header.iter().map(|h| (*h).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
    lines.map(record).collect()
}

/// A cell as text comparable to the oracle's: stamps as nanoseconds, null as nothing.
fn cell(frame: &DataFrame, column: &str, row: usize) -> String {
    let column = frame.column(column).expect("a column").to_physical_repr();
    match column.get(row).expect("a row") {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::Float64(value) => format!("{value:e}"),
        other => other.to_string(),
    }
}

fn agrees(expected: &str, found: &str) -> bool {
    match (expected.parse::<f64>(), found.parse::<f64>()) {
        (Ok(e), Ok(f)) => (e - f).abs() <= TOLERANCE * e.abs() || (e.abs() < 1e-15 && f.abs() < 1e-12),
        _ => expected == found,
    }
}

fn run(format: &str, widths: &str) -> tempfile::TempDir {
    let out = tempfile::tempdir().expect("a folder");
    let mut request = request(sample(format), out.path());
    request.widths = Widths::parse(widths).expect("widths");
    // Also where the format tells the aggressor.
    request.sign = Some(Rule::LeeReady.into());
    request.summary = true;
    batch(&request);
    out
}

#[test]
fn bars_are_those_of_the_independent_hand() {
    let out = run("csv", "10s,60s,300s");
    let frame = rows(out.path(), Table::Bars, DATE, "SIM");
    let expected = records(&expected("bars.csv"));
    assert_eq!(frame.height(), expected.len());
    for (row, record) in expected.iter().enumerate() {
        for (column, value) in record {
            let found = cell(&frame, column, row);
            assert!(agrees(value, &found), "row {row} {column}: expected {value}, found {found}");
        }
    }
}

#[test]
fn fits_and_the_depth_law_are_those_of_statsmodels() {
    let out = run("csv", "10s,60s,300s");
    let frame = rows(out.path(), Table::Fits, DATE, "SIM");
    let key = |get: &dyn Fn(&str) -> String| {
        let seconds: f64 = get("bar_seconds").parse().expect("seconds");
        let kind = if get("unit").contains("bp") { "bp" } else { "" };
        format!("{seconds} {} {} {} {} {kind}", get("window"), get("window_start"), get("model"), get("term"))
    };
    let found: BTreeMap<String, usize> =
        (0..frame.height()).map(|row| (key(&|column| cell(&frame, column, row)), row)).collect();
    assert_eq!(found.len(), frame.height());
    let mut compared = 0;
    for record in records(&expected("fits.csv")) {
        let key = key(&|column| record[column].clone());
        let row = *found.get(&key).unwrap_or_else(|| panic!("no row {key}"));
        for (column, value) in &record {
            let mine = cell(&frame, column, row);
            assert!(agrees(value, &mine), "{key} {column}: expected {value}, found {mine}");
        }
        compared += 1;
    }
    for record in records(&expected("depth_law.csv")) {
        let seconds: f64 = record["bar_seconds"].parse().expect("seconds");
        let mut of_law = (0..frame.height()).filter(|row| {
            cell(&frame, "model", *row) == "depth_law"
                && cell(&frame, "term", *row) == record["term"]
                && cell(&frame, "bar_seconds", *row) == format!("{seconds:e}")
        });
        // Fewer than ten half hours with a slope make no law here; the oracle is content with three.
        let Some(row) = of_law.next() else {
            assert!(record["n"].parse::<u32>().expect("n") < 10);
            continue;
        };
        for column in
            ["coefficient", "se_ols", "se_white", "se_hac", "t_hac", "ci95_low", "ci95_high", "n", "r2"]
        {
            let mine = cell(&frame, column, row);
            assert!(
                agrees(&record[column], &mine),
                "depth law {seconds} s {column}: {} {mine}",
                record[column]
            );
        }
        compared += 1;
    }
    assert_eq!(compared, frame.height(), "every row was compared");
}

#[test]
fn the_summary_is_that_of_the_independent_hand() {
    let out = run("csv", "1s,10s,60s,300s");
    let mine = fs::read_to_string(out.path().join("summary/SIM_20131007.json")).expect("a summary");
    let read = |text: &str| serde_json::from_str(text).expect("JSON");
    let compared = crate::real_tapes::compare(&read(&expected("summary.json")), &read(&mine), "summary");
    assert!(compared > 100, "only {compared} numbers were compared");
}

#[test]
fn the_same_rows_in_every_format_give_the_same_bytes() {
    let tables = |format: &str| {
        let out = run(format, "10s,60s");
        let mut found = contents(out.path());
        let is_result = |path: &Path| {
            path.starts_with("bars") || path.starts_with("fits") || path.starts_with("liquidity")
        };
        found.retain(|(path, _)| is_result(path));
        assert_eq!(found.len(), 3);
        found
    };
    let expected = tables("csv");
    for format in FORMATS.into_iter().filter(|f| !["csv", "itch", "lobster"].contains(f)) {
        assert!(expected == tables(format), "{format} gives other bytes than csv");
    }
}

#[test]
fn estimators_follow_the_spot_measures_and_change_none() {
    let (all, spot) = (run("csv", "10s,60s"), tempfile::tempdir().expect("a folder"));
    let mut request = request(sample("csv"), spot.path());
    request.widths = Widths::parse("10s,60s").expect("widths");
    request.measures = Measures::Spot;
    let manifest = batch(&request);
    assert!(!manifest.parameters.contains_key("measures"));
    let read = |out: &Path| rows(out, Table::Liquidity, DATE, "SIM");
    let (all, spot) = (read(all.path()), read(spot.path()));
    assert!(spot.equals_missing(&all.head(Some(spot.height()))));
    let names: Vec<String> = (0..all.height()).map(|row| cell(&all, "measure", row)).collect();
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    let at = |name: &str| names.iter().position(|found| found == name).expect("a measure");
    let vpin: f64 = cell(&all, "value", at("vpin_50_buckets")).parse().expect("a number");
    assert!((0.0..=1.0).contains(&vpin));
    assert_eq!(cell(&all, "n", at("vpin_50_buckets")), "50");
}

/// A LOBSTER book has a row for every message, so there are MORE QUOTES than states: a trade repeats the state, and
/// a state that differs on both sides takes several messages of its stamp. `bars.quote_count` and the `n` of the
/// quoted spread, which count quotes, therefore differ. All else is the same, the fits byte by byte, where the last
/// state of a stamp wins as in `holden-jacobsen`: without that the session begins with a state between.
#[test]
fn lobster_gives_the_same_tables_but_for_the_number_of_quotes() {
    let (csv, lobster) = (run("csv", "10s,60s"), tempfile::tempdir().expect("a folder"));
    let mut request = request(sample("lobster"), lobster.path());
    request.widths = Widths::parse("10s,60s").expect("widths");
    request.profile = Some(Profile::HoldenJacobsen);
    let manifest = batch(&request);
    assert_eq!(manifest.parameters["sign"], "known");

    let fits = |out: &Path| -> Vec<Vec<u8>> {
        let all = contents(out).into_iter();
        all.filter(|(path, _)| path.starts_with("fits")).map(|(_, bytes)| bytes).collect()
    };
    assert_eq!(fits(csv.path()).len(), 1);
    assert!(fits(csv.path()) == fits(lobster.path()), "other fits than csv's");
    for (table, counts) in [(Table::Bars, "quote_count"), (Table::Liquidity, "n")] {
        let read = |out: &Path| rows(out, table, DATE, "SIM");
        let (expected, found) = (read(csv.path()), read(lobster.path()));
        let without = |frame: &DataFrame| frame.drop(counts).expect("a column");
        assert!(without(&expected).equals_missing(&without(&found)), "other {table:?} than csv's");
        let differ: Vec<String> = (0..expected.height())
            .filter(|row| cell(&expected, counts, *row) != cell(&found, counts, *row))
            .map(|row| cell(&found, found.get_column_names()[1].as_str(), row))
            .collect();
        assert!(!differ.is_empty());
        let is_of_states = |name: &String| name.ends_with("_time_weighted") || name.ends_with("_time_share");
        assert!(table == Table::Bars || differ.iter().all(is_of_states), "{differ:?}");
    }
}
