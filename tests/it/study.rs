//! The founding study from the command line: against the independent hand (numpy, statsmodels, scikit-learn), on tapes
//! of known law, and with input it cannot use.

use std::fs;
use std::path::{Path, PathBuf};

use impactd::batch::{Request, gather};
use impactd::flow::{MarketOrder, market_orders};
use impactd::study::windows;
use impactd::tape::NYSE;
use serde_json::Value;

use crate::support::{SymbolLines, impactd, real_data, sample, stderr, wandering_tape, write_lines};

/// Largest relative difference of a float. An R² near zero is one minus a ratio near one and keeps absolute digits.
const TOLERANCE: f64 = 1e-9;
const FLOOR: f64 = 1e-12;

fn expected(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_json::from_slice(&fs::read(path).expect("expected numbers")).expect("JSON")
}

fn run(inputs: &[PathBuf], options: &[&str]) -> std::process::Output {
    let paths = inputs.iter().map(|path| path.to_str().expect("a name"));
    let arguments: Vec<&str> = ["study"].into_iter().chain(paths).chain(options.iter().copied()).collect();
    impactd(&arguments)
}

fn told(inputs: &[PathBuf], options: &[&str]) -> Value {
    let done = run(inputs, &[options, &["--json"]].concat());
    assert!(done.status.success(), "{}", stderr(&done));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

/// All that is expected is found, whatever else is; gives how many values were compared.
fn compare(expected: &Value, found: &Value, at: &str) -> usize {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let of = |name: &str| found.get(name).unwrap_or_else(|| panic!("{at} has no {name}"));
            expected.iter().map(|(name, value)| compare(value, of(name), &format!("{at}/{name}"))).sum()
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{at}");
            let pairs = expected.iter().zip(found).enumerate();
            pairs.map(|(i, (e, f))| compare(e, f, &format!("{at}/{i}"))).sum()
        }
        (Value::Number(e), Value::Number(f)) if !e.is_i64() => {
            let (e, f) = (e.as_f64().expect("a float"), f.as_f64().expect("a float"));
            assert!((e - f).abs() <= FLOOR + TOLERANCE * e.abs(), "{at}: expected {e}, found {f}");
            1
        }
        _ => {
            assert_eq!(expected, found, "{at}");
            1
        }
    }
}

/// Trees included: both hands choose the same ones and cut them at the same flows.
#[test]
fn every_number_is_that_of_the_independent_hand() {
    let expected = expected("data/tape/expected/study.json");
    let compared = compare(&expected, &told(&sample("csv"), &[]), "csv");
    assert!(compared > 600, "only {compared} values were compared");
    // The same rows in another format are the same study.
    let lean = told(&sample("lean"), &[]);
    compare(&expected, &lean, "lean");
}

#[test]
fn real_data_studies_are_those_of_the_independent_hand() {
    let (Some(nbbo), Some(lobster)) = (real_data("equity-nbbo"), real_data("lobster")) else { return };
    let files = |folder: &Path, wanted: &str| -> Vec<PathBuf> {
        let found = fs::read_dir(folder).expect("tapes").flatten().map(|entry| entry.path());
        let mut found: Vec<PathBuf> =
            found.filter(|path| path.extension().is_some_and(|e| e == wanted)).collect();
        found.sort();
        found
    };
    for (name, inputs) in [
        ("ibm", files(&nbbo.join("ibm"), "zip")),
        ("bac", files(&nbbo.join("bac"), "zip")),
        ("amzn", files(&lobster, "csv")),
    ] {
        let expected = expected(&format!("tests/golden/study/{name}.json"));
        let compared = compare(&expected, &told(&inputs, &[]), name);
        assert!(compared > 150, "only {compared} values of {name} were compared");
    }
}

fn orders(inputs: Vec<PathBuf>) -> Vec<Vec<MarketOrder>> {
    let mut request = Request::new(inputs, PathBuf::new()).expect("built-in widths");
    request.signed_trades = true;
    let hours = NYSE.narrowed("10:30-15:00").expect("hours");
    let gathered =
        gather(&request, |_, _, session, day| market_orders(&day.signed, hours.session(session.date)).orders);
    gathered.expect("gathered").days.into_iter().map(|(_, _, orders)| orders).collect()
}

#[test]
fn market_orders_and_windows_are_exactly_those_of_the_independent_hand() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tape/expected/market_orders.csv");
    let text = fs::read_to_string(path).expect("expected orders");
    let rows: Vec<Vec<i64>> =
        text.lines().skip(1).map(|l| l.split(',').map(|n| n.parse().expect("whole")).collect()).collect();
    let days = orders(sample("csv"));
    let found = days[0].iter().map(|o| {
        vec![o.ts.0, o.sign.value(), o.shares, i64::from(o.fills), o.mid_doubled, o.opposite_shares, o.spread]
    });
    assert_eq!(found.collect::<Vec<_>>(), rows);
    for length in [5, 10, 20, 50] {
        let found = windows(&days, length);
        assert_eq!(found.len(), (rows.len() - 1) / length);
        for (k, window) in found.iter().enumerate() {
            let (first, last) = (k * length, (k + 1) * length);
            assert_eq!(window.flow_shares, rows[first..last].iter().map(|r| r[1] * r[2]).sum::<i64>());
            assert_eq!(window.mid_change_doubled, rows[last][4] - rows[first][4]);
        }
    }
}

/// A tape whose law holds in market-order time: ten orders a step, lambda 2e-3 cents a share.
fn simulated(extra: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a name").to_owned();
    let law = [
        "simulate",
        "--out",
        &out,
        "--seed",
        "3",
        "--orders-first",
        "--trades",
        "10",
        "--lots",
        "3",
        "--lambda",
        "2e-5",
        "--noise",
        "0.004",
        "--noise-per-share",
        "0",
    ];
    let done = impactd(&[&law, extra].concat());
    assert!(done.status.success(), "{}", stderr(&done));
    let files = ["quotes", "trades"].map(|kind| folder.path().join(format!("csv/{kind}_20180102.csv")));
    told(&files, &["--windows", "10", "--hours", "09:30-16:00"])["study"]["aggregates"][0].clone()
}

const LAMBDA: f64 = 2e-3;

fn holds_lambda(region: &Value) -> bool {
    let end = |name: &str| region["lambda"][name].as_f64().expect("a number");
    end("ci95_low_cents_per_share") <= LAMBDA && LAMBDA <= end("ci95_high_cents_per_share")
}

/// The acceptance of the founding study where its own tape cannot be had.
#[test]
fn on_a_concave_tape_the_tree_wins_ties_on_the_linear_part_and_lambda_is_recovered() {
    let found = simulated(&["--impact-scale", "1500"]);
    for folds in ["shuffled", "purged"] {
        let full = &found["contest_full_range"][folds];
        assert_eq!(full["better"], "tree", "{full}");
        assert_eq!(found["contest_linear_region"][folds]["better"], "tie", "{found}");
    }
    let region = &found["linear_region"];
    assert!(holds_lambda(region) && region["is_full_range"] == false, "{region}");
    assert!(region["radius_shares"].as_i64().expect("shares") < 1_500, "{region}");
    // One line through everything is not half as steep.
    assert!(found["full_range"]["cents_per_share"].as_f64().expect("a slope") < 0.5 * LAMBDA);
}

#[test]
fn on_a_straight_tape_the_whole_range_is_kept_and_the_tree_does_not_win() {
    let found = simulated(&[]);
    let region = &found["linear_region"];
    assert!(holds_lambda(region) && region["is_full_range"] == true, "{region}");
    for folds in ["shuffled", "purged"] {
        assert_ne!(found["contest_full_range"][folds]["better"], "tree", "{found}");
    }
}

#[test]
fn a_file_says_what_stdout_does_and_a_table_stands_beside_the_published_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("study.json");
    let done =
        run(&sample("csv"), &["--windows", "5,10", "--rescale", "--out", out.to_str().expect("a name")]);
    assert!(done.status.success(), "{}", stderr(&done));
    let table = String::from_utf8(done.stdout).expect("text");
    for word in
        ["R(1) ", "lambda there", "purged", "another stock and other years", "0.8538", "47473", "explain"]
    {
        assert!(table.contains(word), "{word} is not in\n{table}");
    }
    let written: Value = serde_json::from_slice(&fs::read(&out).expect("a file")).expect("JSON");
    assert_eq!(written, told(&sample("csv"), &["--windows", "5,10", "--rescale"]));
    assert!(written["study"]["aggregates"][0]["rescaled"]["windows"].as_u64().expect("windows") > 0);
}

/// Rows in time order mix the symbols: they are sorted first, and the study is the same.
#[test]
fn the_order_of_rows_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let tape = wandering_tape(&["AA", "BB"], 9_000);
    let inputs = |name: &str, place: fn(&(i64, String)) -> i64| {
        let file = |pick: fn(&SymbolLines) -> &Vec<(i64, String)>| {
            let mut lines: Vec<&(i64, String)> = tape.iter().flat_map(pick).collect();
            lines.sort_by_key(|line| place(line));
            lines.into_iter().map(|line| line.1.as_str()).collect::<Vec<_>>()
        };
        write_lines(folder.path(), name, &file(|s| &s.1), &file(|s| &s.2))
    };
    let (sorted, mixed) = (inputs("sorted", |_| 0), inputs("mixed", |line| line.0));
    let options = ["--symbol", "BB", "--windows", "5", "--hours", "09:30-16:00"];
    let found = told(&sorted, &options);
    assert_eq!(found, told(&mixed, &options));
    assert!(found["study"]["days"][0]["market_orders"].as_u64().expect("orders") > 1_000);
    let done = run(&mixed, &["--windows", "5"]);
    assert!(
        done.status.code() == Some(2) && stderr(&done).contains("hold AA, BB; name one"),
        "{}",
        stderr(&done)
    );
}

#[test]
fn what_cannot_be_studied_is_told_in_one_line() {
    for (options, code, word) in [
        (&["--symbol", "NOPE"][..], 65, "nothing of it"),
        (&["--windows", "0"], 2, "0 is not in 1.."),
        (&["--hours", "15:00-10:30"], 2, "ends before it begins"),
        (&["--hours", "09:30-09:31", "--sign", "known", "--clean", "bnhls"], 65, "no market orders"),
        (&["--sign", "guess"], 2, "guess"),
    ] {
        let done = run(&sample("csv"), options);
        let said = stderr(&done);
        assert_eq!(done.status.code(), Some(code), "{options:?}: {said}");
        assert!(said.contains(word) && done.stdout.is_empty(), "{options:?}: {said}");
    }
}
