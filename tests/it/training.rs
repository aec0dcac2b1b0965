//! `impactd train` from outside: what it stores, that it is the same again, and what it says of bad input.

use std::fs;
use std::path::Path;

use impactd::forecast::Purpose;
use impactd::store::{Manifest, ModelIndex};
use impactd::tape::{Nanos, Symbol};
use polars::prelude::*;
use serde_json::Value;

use crate::support::{contents, impactd, real_data, stderr};

const MINUTE: i64 = 60_000_000_000;

fn run(arguments: &[&str]) -> String {
    let done = impactd(arguments);
    assert!(done.status.success(), "{}", stderr(&done));
    String::from_utf8(done.stdout).expect("text")
}

/// A results folder of two simulated days.
fn results(folder: &Path, seed: u64) -> String {
    let mut inputs = Vec::new();
    for date in ["2018-01-02", "2018-01-03"] {
        let tape = folder.join(format!("tape-{seed}")).join(date).display().to_string();
        let seed = seed.to_string();
        run(&["simulate", "--out", &tape, "--seed", &seed, "--date", date, "--format", "nyse-taq"]);
        let files = fs::read_dir(Path::new(&tape).join("nyse-taq")).expect("files").flatten();
        inputs.extend(files.map(|file| file.path().display().to_string()));
    }
    let out = folder.join("out").display().to_string();
    let mut arguments = vec!["batch", "--out", &out, "--bar", "60s"];
    arguments.extend(inputs.iter().map(String::as_str));
    run(&arguments);
    out
}

#[test]
fn a_training_leaves_models_by_cutoff_and_every_forecast() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = results(folder.path(), 1);
    let report: Value = serde_json::from_str(&run(&["train", "--data", &out, "--json"])).expect("JSON");
    let trained = contents(Path::new(&out));
    run(&["train", "--data", &out, "--jobs", "1"]);
    assert_eq!(contents(Path::new(&out)), trained);

    let root = Path::new(&out);
    let index = ModelIndex::load(root, &Symbol::new("SIM"), MINUTE).expect("an index").expect("models");
    assert_eq!(index.models.len(), 16, "seven blocks and the present, twice");
    let manifest = Manifest::load(root).expect("a manifest").expect("a manifest");
    for entry in &index.models {
        let forecaster = index.read(root, entry).expect("a model");
        assert_eq!((forecaster.sha256(), forecaster.model().kind), (entry.sha256.as_str(), entry.kind));
        assert!(!entry.is_stale(&manifest));
        let as_of = Nanos(entry.calibrated_to_ns);
        assert_eq!(index.at(entry.purpose, as_of), Some(entry));
        assert!(index.at(entry.purpose, Nanos(as_of.0 - 1)).is_none_or(|m| m.calibrated_to_ns < as_of.0));
    }
    let champions: Vec<_> = index.models.iter().filter(|m| m.champion).map(|m| m.purpose).collect();
    assert_eq!(champions, [Purpose::Conditional, Purpose::Ahead]);

    let mut rows = 0;
    for date in ["2018-01-02", "2018-01-03"] {
        let path = root.join(format!("forecasts/date={date}/SIM-60s-ahead.parquet"));
        let frame = ParquetReader::new(fs::File::open(path).expect("a file")).finish().expect("rows");
        rows += frame.height();
        assert_eq!(frame.column("flow_shares").expect("a column").null_count(), frame.height());
        let forecast = frame.column("forecast_bp").expect("a column");
        assert_eq!(forecast.null_count(), 0);
    }
    let ahead = &report["data"][1];
    assert_eq!(ahead["purpose"], "ahead");
    assert_eq!(ahead["scores"][0]["n"], rows);
    assert_eq!(ahead["models"].as_array().map(Vec::len), Some(8));
}

#[test]
fn models_of_data_made_anew_are_stale() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = results(folder.path(), 1);
    run(&["train", "--data", &out, "--purpose", "ahead"]);
    results(folder.path(), 2);
    let root = Path::new(&out);
    let index = ModelIndex::load(root, &Symbol::new("SIM"), MINUTE).expect("an index").expect("models");
    let manifest = Manifest::load(root).expect("a manifest").expect("a manifest");
    assert!(index.models.iter().all(|entry| entry.is_stale(&manifest)));
    // A damaged model is refused by name.
    let entry = &index.models[0];
    let path = root.join("models/SIM/60s").join(&entry.file);
    let text = fs::read_to_string(&path).expect("a model");
    fs::write(&path, text.replace("\"seed\":0", "\"seed\":1")).expect("written");
    let said = index.read(root, entry).expect_err("a refusal").to_string();
    assert!(said.contains("is not the model that index.json names"), "{said}");
}

#[test]
fn what_cannot_be_trained_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = results(folder.path(), 1);
    let empty = folder.path().display().to_string();
    let refused: [(&[&str], &str, i32); 4] = [
        (&["train", "--data", &empty], "holds no manifest.json", 65),
        (&["train", "--data", &out, "--bar", "7s"], "SIM: no bars of 7 s", 65),
        (&["train", "--data", &out, "--symbols", "NOPE"], "NOPE: no bars of 60 s", 65),
        (&["train", "--data", &out, "--level", "90"], "lies outside 0.5 to 0.99", 2),
    ];
    for (arguments, words, code) in refused {
        let done = impactd(arguments);
        assert_eq!(done.status.code(), Some(code), "{}", stderr(&done));
        assert!(stderr(&done).contains(words), "{}", stderr(&done));
    }
}

#[test]
fn real_data_coverage_on_five_days_of_ibm() {
    let Some(folder) = real_data("equity-nbbo") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let root = out.path().display().to_string();
    let zips = fs::read_dir(folder.join("ibm")).expect("tapes").flatten();
    let zips: Vec<String> = zips.map(|zip| zip.path().display().to_string()).collect();
    let mut arguments = vec!["batch", "--out", &root, "--bar", "60s"];
    arguments.extend(zips.iter().map(String::as_str));
    run(&arguments);
    let report: Value = serde_json::from_str(&run(&["train", "--data", &root, "--json"])).expect("JSON");
    for trained in report["data"].as_array().expect("reports") {
        let (purpose, coverage) = (&trained["purpose"], &trained["coverage"]);
        let realised = coverage["realised"].as_f64().expect("a share");
        println!("IBM {purpose}: claimed {}, held {realised:.4} of {}", coverage["level"], coverage["n"]);
        assert!(coverage["n"].as_u64().is_some_and(|n| n > 1_000));
        assert!((0.80..=0.98).contains(&realised), "{trained}");
    }
}
