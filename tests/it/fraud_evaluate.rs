//! `impactd fraud evaluate` and `POST /v1/fraud/evaluations`: the same report from every format, and clear refusals.

use std::fs::{self, File};
use std::path::Path;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::desk::{post, router};
use crate::support::{impactd, stderr};

const ROWS: [(bool, f64, f64, &str, i64); 6] = [
    (true, 0.9, 1.0, "a", 0),
    (false, 0.7, 11.5, "b", 3_600),
    (true, 0.6, 1.0, "a", 90_000),
    (false, 0.3, 11.5, "b", 90_001),
    (false, 0.2, 11.5, "a", 180_000),
    (true, 0.1, 1.0, "b", 180_001),
];

fn csv() -> String {
    let line = |(label, score, weight, group, time): &(bool, f64, f64, &str, i64)| {
        format!("{},{score},{weight},{group},{time},spare\n", u8::from(*label))
    };
    format!("label,score,weight,group,time,other\n{}", ROWS.iter().map(line).collect::<String>())
}

fn parquet(path: &Path) {
    let column = |name: &str, series: Series| Column::from(series.with_name(name.into()));
    let columns = vec![
        column("label", ROWS.iter().map(|row| row.0).collect()),
        column("score", ROWS.iter().map(|row| row.1).collect()),
        column("weight", ROWS.iter().map(|row| row.2).collect()),
        column("group", ROWS.iter().map(|row| row.3).collect()),
        column("time", ROWS.iter().map(|row| row.4).collect()),
    ];
    let mut frame = DataFrame::new(ROWS.len(), columns).expect("a frame");
    ParquetWriter::new(File::create(path).expect("a file")).finish(&mut frame).expect("written");
}

fn evaluate(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let done = impactd(&[&["fraud", "evaluate"], arguments].concat());
    let value = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
    (done.status.code(), value, stderr(&done))
}

const WANTED: [&str; 9] = ["--json", "--time-unit", "s", "--per-day", "4", "--draws", "50", "--at", "2"];

#[tokio::test]
async fn csv_parquet_and_json_give_one_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, table) = (folder.path().join("a.csv"), folder.path().join("a.parquet"));
    fs::write(&text, csv()).expect("written");
    parquet(&table);
    let (text, table) = (text.display().to_string(), table.display().to_string());
    let (code, report, told) = evaluate(&[&[text.as_str()], &WANTED[..]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(evaluate(&[&[table.as_str()], &WANTED[..]].concat()).1, report);

    let router = router(folder.path());
    let path = "/v1/fraud/evaluations?time_unit=s&per_day=4&draws=50&at=2";
    let row = |row: &(bool, f64, f64, &str, i64)| {
        let (label, score, weight, group, time) = row;
        json!({"label": label, "score": score, "weight": weight, "group": group, "time": time})
    };
    let rows: Vec<Value> = ROWS.iter().map(row).collect();
    let bodies = [
        ("application/json", json!({"rows": rows}).to_string().into_bytes()),
        ("text/csv", csv().into_bytes()),
        ("application/vnd.apache.parquet", fs::read(&table).expect("bytes")),
    ];
    for (kind, body) in bodies {
        let answer = post(&router, path, &[("content-type", kind)], body).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.json());
        assert_eq!(answer.json(), report, "{kind}");
        assert!(!answer.header("content-security-policy").contains("unsafe-inline"), "{kind}");
    }
    let headers = [("content-type", "text/csv"), ("accept", "text/html")];
    let page = post(&router, path, &headers, csv()).await;
    // Its own style and script run; nothing else is let in.
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let page = String::from_utf8(page.body).expect("text");
    assert!(page.starts_with("<!") && page.contains("average_precision"));
    // It asks the network for nothing.
    for word in ["src=", "href=", "fetch(", "@import", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    let file = folder.path().join("page.html");
    let file = file.display().to_string();
    evaluate(&[&[text.as_str(), "--html", &file], &WANTED[..]].concat());
    assert!(fs::read_to_string(&file).expect("written").contains("average_precision"));
    assert_eq!(report["threshold_from"], "same_rows");
    let codes: Vec<&str> =
        report["warnings"].as_array().expect("a list").iter().filter_map(|w| w["code"].as_str()).collect();
    assert!(codes.contains(&"threshold_tuned_on_test"), "{codes:?}");
    // Day 1: a is a hit, b not, 1/2. Day 2: a is out, b no hit, 0. Day 3: a is out, b is a hit, 1/2.
    assert_eq!(report["group_precision_per_day"]["2"].as_f64(), Some(1.0 / 3.0));
    assert_eq!(report["sweeps"]["prevalence"].as_array().map(Vec::len), Some(5));
    assert!(report["drift"]["scores"].is_null());
}

#[test]
fn a_threshold_is_given_or_tuned_on_other_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (test, valid) = (folder.path().join("t.csv"), folder.path().join("v.csv"));
    fs::write(&test, "label,score\n1,0.9\n0,0.5\n1,0.4\n").expect("written");
    fs::write(&valid, "label,score\ntrue,0.45\nfalse,0.1\n").expect("written");
    let (test, valid) = (test.display().to_string(), valid.display().to_string());
    let tuned = evaluate(&[&test, "--tune-on", &valid, "--json", "--draws", "0"]).1;
    assert_eq!((tuned["threshold"].as_f64(), tuned["tp"].as_f64()), (Some(0.45), Some(1.0)));
    assert_eq!(tuned["threshold_from"], "other_rows");
    assert!((tuned["threshold_midpoint_below"].as_f64().expect("there") - 0.275).abs() < 1e-15);
    let (code, _, told) = evaluate(&[&test, "--tune-on", &valid, "--threshold", "0.1"]);
    assert!(code == Some(2) && told.contains("cannot be used with"), "{told}");
    let table =
        impactd(&["fraud", "evaluate", &test, "--threshold", "0.4", "--cost-fp", "1", "--cost-fn", "5"]);
    let printed = String::from_utf8(table.stdout).expect("text");
    assert!(printed.starts_with("F1 0.800, G-mean 0.000 at threshold 0.4 (given): 2 of 2"), "{printed}");
    assert!(printed.contains("savings"));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, words) in [
        ("label,score\n1,0.5\n2,0.4\n", "row 2, label: '2' is no label"),
        ("label,score\n1,0.5\n0,nan\n", "row 2, score: 'nan' is no score"),
        ("label,score,weight\n1,0.5,-1\n", "row 1, weight: '-1' is no weight"),
        ("label,probability\n1,0.5\n", "there is no column 'score'; the columns are label, probability"),
        ("label,score\n", "there is no row"),
        ("", "is empty"),
    ] {
        let file = folder.path().join("bad.csv");
        fs::write(&file, text).expect("written");
        let (code, _, told) = evaluate(&[&file.display().to_string(), "--json"]);
        assert_eq!(code, Some(65));
        assert!(told.contains("bad.csv: ") && told.contains(words), "{told}");
    }
    let router = router(folder.path());
    let json = [("content-type", "application/json")];
    for (query, body, status, pointer) in [
        ("", json!({"rows": [{"label": 1, "score": "x"}]}), 400, "/rows/0/score"),
        ("", json!({"columns": {"label": [1], "score": [null]}}), 400, "/columns/score/0"),
        ("", json!({"rows": [{"label": 1, "score": 1, "scores": 2}]}), 400, "/rows/0/scores"),
        ("", json!({"rows": [{"label": 1, "score": 1}], "tune_on": {"rows": []}}), 400, "/tune_on/rows"),
        ("?threshold=high", json!({"rows": []}), 400, "query/threshold"),
        ("?draws=99999999", json!({"rows": []}), 400, "query/draws"),
        ("?resample=groups", json!({"rows": [{"label": 1, "score": 1}]}), 400, "query/resample"),
    ] {
        let path = format!("/v1/fraud/evaluations{query}");
        let answer = post(&router, &path, &json, body.to_string()).await;
        let told = answer.json();
        assert_eq!(answer.status, status, "{told}");
        assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
    }
}

#[test]
fn rows_held_against_themselves_are_said_to_be_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, copy) = (folder.path().join("one.csv"), folder.path().join("copy.csv"));
    fs::write(&one, csv()).expect("written");
    fs::write(&copy, csv()).expect("written");
    let (one, copy) = (one.display().to_string(), copy.display().to_string());
    let (code, report, told) =
        evaluate(&[&one, "--tune-on", &copy, "--json", "--draws", "0", "--time-unit", "s"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(report["threshold_from"], "same_rows");
    let warned = report["warnings"].as_array().expect("warnings").iter();
    assert!(warned.map(|warning| &warning["code"]).any(|code| code == "threshold_tuned_on_test"), "{report}");
}

#[test]
fn nothing_is_written_over_what_is_read_and_a_bare_name_will_do() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("one.csv"), csv()).expect("written");
    let page = |name: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_impactd"))
            .args(["fraud", "evaluate", "one.csv", "--draws", "0", "--time-unit", "s", "--html", name])
            .current_dir(folder.path())
            .output()
            .expect("runs")
    };
    let over = page("one.csv");
    assert_eq!(over.status.code(), Some(2), "{}", stderr(&over));
    assert_eq!(fs::read_to_string(folder.path().join("one.csv")).expect("kept"), csv());
    let done = page("page.html");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(folder.path().join("page.html").exists());
}

#[test]
fn weights_without_a_sum_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("heavy.csv");
    fs::write(&file, "label,score,weight\n1,0.9,1e308\n0,0.2,1e308\n0,0.1,1e308\n").expect("written");
    let (code, _, told) = evaluate(&[&file.display().to_string(), "--json"]);
    assert_eq!(code, Some(65), "{told}");
    assert!(told.contains("scale them down"), "{told}");
}
