//! `impactd fraud score` and `impactd fraud models`: rows in, scores out, and what is said when that cannot be.

use std::fs;
use std::path::Path;
use std::process::Output;

use polars::prelude::*;
use serde_json::Value;

use crate::models::{copy, edit, golden, onnxruntime};
use crate::support::{impactd, stderr};

/// The golden rows as a table of events: id, label, time, features in another order, a text with a comma.
fn events(folder: &Path) -> (String, Vec<f64>) {
    let text = fs::read_to_string(golden("served/tiny/1/golden.csv")).expect("golden rows");
    let mut events = String::from("id,c,label,a,b,group,time\n");
    let mut scores = Vec::new();
    for (row, line) in text.lines().skip(1).enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        events +=
            &format!("e{row},{},{},{},{},\"x, y\",{}\n", cells[2], row % 2, cells[0], cells[1], 1000 + row);
        scores.push(cells[3].parse().expect("a score"));
    }
    let path = folder.join("events.csv");
    fs::write(&path, events).expect("written");
    (path.display().to_string(), scores)
}

fn score(arguments: &[&str]) -> Option<Output> {
    let runtime = onnxruntime()?.display().to_string();
    let model = golden("served/tiny/1").display().to_string();
    let own = ["fraud", "score", "--model", &model, "--onnxruntime", &runtime];
    Some(impactd(&[&own, arguments].concat()))
}

fn parquet(path: &Path) -> DataFrame {
    ParquetReader::new(fs::File::open(path).expect("there")).finish().expect("Parquet")
}

#[test]
fn onnx_scores_of_csv_are_those_of_the_golden_rows_and_other_columns_pass() {
    let folder = tempfile::tempdir().expect("a folder");
    let (events, expected) = events(folder.path());
    let out = folder.path().join("scored.parquet");
    let Some(done) = score(&[&events, "--out", &out.display().to_string(), "--json", "--explain", "2"])
    else {
        return;
    };
    assert!(done.status.success(), "{}", stderr(&done));
    let summary: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!((&summary["rows"], &summary["provider"]), (&12.into(), &"CPUExecutionProvider".into()));
    assert_eq!(summary["model"], "tiny");
    let frame = parquet(&out);
    let names: Vec<&str> = frame.get_column_names().into_iter().map(PlSmallStr::as_str).collect();
    assert_eq!(names, ["id", "label", "group", "time", "reasons", "score", "alert", "unusual"]);
    assert_eq!(frame.column("label").expect("there").dtype(), &DataType::Int64);
    assert_eq!(frame.column("group").expect("there").str().expect("text").get(0), Some("x, y"));
    let found: Vec<f64> =
        frame.column("score").expect("there").f64().expect("f64").into_no_null_iter().collect();
    assert!(found.iter().zip(&expected).all(|(f, e)| (f - e).abs() <= 1e-5), "{found:?} {expected:?}");
    let alerts = frame.column("alert").expect("there").i32().expect("i32").sum().expect("some");
    assert_eq!(alerts, 6);
    let reasons = frame.column("reasons").expect("there").str().expect("text");
    for (row, score) in found.iter().enumerate() {
        let told = reasons.get(row).expect("a cell");
        assert_eq!(told.is_empty(), *score < summary["threshold"].as_f64().expect("a number"), "{told}");
    }

    // The same from Parquet, to CSV: the same scores, to the bit.
    let typed = folder.path().join("events.parquet");
    let mut frame = frame.drop_many(["score", "alert", "unusual", "reasons"]);
    let text = fs::read_to_string(&events).expect("events");
    for (at, name) in [(1, "c"), (3, "a"), (4, "b")] {
        let column: Vec<f64> = text
            .lines()
            .skip(1)
            .map(|l| l.split(',').nth(at).expect("a cell").parse().expect("a number"))
            .collect();
        frame.with_column(Column::new(name.into(), column)).expect("added");
    }
    ParquetWriter::new(fs::File::create(&typed).expect("created")).finish(&mut frame).expect("written");
    let again = folder.path().join("scored.csv");
    let (typed, again_name) = (typed.display().to_string(), again.display().to_string());
    let done = score(&[&typed, "--out", &again_name]).expect("a runtime");
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(stderr(&done).contains("12 rows scored, 0 skipped, 6 alerts"), "{}", stderr(&done));
    let text = fs::read_to_string(&again).expect("written");
    assert!(text.starts_with("id,label,group,time,score,alert,unusual\ne0,0,\"x, y\",1000,"), "{text}");
    let scores = text.lines().skip(1).map(|line| line.rsplit(',').nth(2).expect("a score"));
    let scores: Vec<f64> = scores.map(|score| score.parse().expect("a number")).collect();
    assert_eq!(scores, found);
}

#[test]
fn onnx_rows_that_cannot_be_scored_are_named_or_skipped() {
    let folder = tempfile::tempdir().expect("a folder");
    let (events, _) = events(folder.path());
    let out = folder.path().join("scored.csv").display().to_string();
    let text = fs::read_to_string(&events).expect("events");
    let (mut few, mut lines) = (String::new(), text.lines());
    few += lines.next().expect("a header");
    few += "\n";
    for (row, line) in lines.enumerate() {
        let mut cells: Vec<&str> = line.split(',').collect();
        match row {
            3 => cells[1] = "NaN",
            5 => cells[4] = "",
            _ => {}
        }
        few += &cells.join(",");
        few += "\n";
    }
    fs::write(&events, few).expect("written");
    let Some(done) = score(&[&events, "--out", &out]) else { return };
    assert_eq!(done.status.code(), Some(65));
    let said = stderr(&done);
    assert!(said.contains("events.csv line 5: column c: \"NaN\" is no finite number"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing half-written stays");
    let done = score(&[&events, "--out", &out, "--on-bad-row", "skip"]).expect("a runtime");
    assert!(
        done.status.success() && stderr(&done).contains("10 rows scored, 2 skipped"),
        "{}",
        stderr(&done)
    );
}

#[test]
fn onnx_a_file_that_does_not_fit_is_one_clear_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("odd.csv");
    let (name, out) = (path.display().to_string(), folder.path().join("o.csv").display().to_string());
    let cases = [
        ("id,a,b\n1,2,3\n", "lacks the columns c of the model's features; it has id, a, b"),
        ("a,b,c,score\n1,2,3,4\n", "has a column \"score\", which scoring writes itself"),
        ("a,b,c,a\n1,2,3,4\n", "has the column \"a\" twice"),
        ("a,b,c\n1,2\n", "line 2: has 2 cells where the header has 3"),
        ("a,b,c\n", "hold no rows that can be scored"),
        ("", "is empty"),
    ];
    for (text, expected) in cases {
        fs::write(&path, text).expect("written");
        let Some(done) = score(&[&name, "--out", &out]) else { return };
        assert_eq!(done.status.code(), Some(65), "{text}");
        assert!(stderr(&done).contains(expected), "{text}: {}", stderr(&done));
    }
    let done = score(&[&name, "--out", "scored.xlsx"]).expect("a runtime");
    assert!(stderr(&done).contains("name it .csv or .parquet"), "{}", stderr(&done));
    // The start of a Parquet file, and nothing of the rest.
    fs::write(&path, b"PAR1\x15\x04\x15PAR1").expect("written");
    let done = score(&[&name, "--out", &out]).expect("a runtime");
    assert_eq!(done.status.code(), Some(65), "{}", stderr(&done));
}

#[test]
fn onnx_models_are_listed_and_a_failing_one_is_exit_65() {
    let Some(runtime) = onnxruntime() else { return };
    let runtime = runtime.display().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    copy(&golden("served/tiny/1"), &folder.path().join("tiny/1"));
    let root = folder.path().display().to_string();
    let list = |more: &[&str]| {
        impactd(&[&["fraud", "models", "--models", &root, "--onnxruntime", &runtime], more].concat())
    };
    let done = list(&[]);
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(text.contains("tiny 1: ready, answers by default"), "{text}");
    assert!(text.contains("f1 0.667 [0.500, 0.800], g_mean undefined"), "{text}");
    copy(&golden("served/tiny/2"), &folder.path().join("tiny/2"));
    edit(&folder.path().join("tiny/2"), |manifest| manifest["prevalence"] = 7.into());
    let done = list(&["--json"]);
    assert_eq!(done.status.code(), Some(65));
    let listed: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&"ready".into(), &"failed".into()));
    assert!(listed[1]["error"].as_str().is_some_and(|error| error.contains("prevalence is 7")), "{listed}");
    let none = impactd(&["fraud", "models", "--models", "/nowhere"]);
    assert_eq!(none.status.code(), Some(65));
}

#[test]
fn without_a_runtime_scoring_says_how_to_get_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (events, _) = events(folder.path());
    let (out, model) =
        (folder.path().join("o.csv").display().to_string(), golden("served/tiny/1").display().to_string());
    let done =
        impactd(&["fraud", "score", &events, "--model", &model, "--out", &out, "--onnxruntime", "/nowhere"]);
    assert_eq!(done.status.code(), Some(65));
    assert!(stderr(&done).contains("make onnxruntime"), "{}", stderr(&done));
}
