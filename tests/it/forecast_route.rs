//! `POST /v1/impact/{symbol}/forecast` from outside: it says what the walk forward said, or says why not.

use std::fs::File;
use std::path::Path;

use axum::Router;
use impactd::flow::Widths;
use impactd::live::Kind;
use polars::prelude::*;
use serde_json::{Value, json};

use crate::desk::{DATES, post, results, results_with, router};
use crate::http::Answer;
use crate::live_support as live;
use crate::support::{impactd, stderr};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// Two simulated days, trained for both purposes.
fn trained(folder: &Path) -> Router {
    results(folder, &DATES[..2], "60s");
    let out = folder.join("out").display().to_string();
    let done = impactd(&["train", "--data", &out, "--symbols", "AA"]);
    assert!(done.status.success(), "{}", stderr(&done));
    router(folder)
}

async fn ask(router: &Router, symbol: &str, body: &Value) -> Answer {
    post(router, &format!("/v1/impact/{symbol}/forecast"), &JSON, body.to_string()).await
}

/// The rows of a purpose on the last date.
fn walked(folder: &Path, purpose: &str) -> DataFrame {
    let day = folder.join("out/forecasts").join(format!("date={}", DATES[1]));
    let files = std::fs::read_dir(day).expect("forecasts").flatten().map(|file| file.path());
    let frames = files.map(|file| {
        let frame = ParquetReader::new(File::open(file).expect("a file")).finish().expect("a table");
        let mask = frame.column("purpose").expect("there").str().expect("text").equal(purpose);
        frame.filter(&mask).expect("rows")
    });
    frames.reduce(|a, b| a.vstack(&b).expect("alike")).expect("rows")
}

#[tokio::test]
async fn it_says_what_the_walk_forward_said_bit_for_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = trained(folder.path());
    for purpose in ["conditional", "ahead"] {
        let rows = walked(folder.path(), purpose);
        let real = |name: &str| rows.column(name).expect("there").f64().expect("numbers").clone();
        let starts = rows.column("ts_start").expect("there").datetime().expect("stamps").physical().clone();
        let names = rows.column("model_sha256").expect("there").str().expect("text").clone();
        assert!(rows.height() > 100);
        for row in (0..rows.height()).step_by(37) {
            let mut question = json!({"as_of": starts.get(row).expect("a stamp")});
            if purpose == "conditional" {
                question["flow_shares"] = json!(real("flow_shares").get(row).expect("a flow"));
            }
            let answer = ask(&router, "AA", &question).await;
            let said = answer.json();
            assert_eq!(answer.status, 200, "{question}: {said}");
            assert_eq!(said["purpose"], purpose);
            assert_eq!(said["model"]["sha256"].as_str(), names.get(row));
            assert_eq!(said["expected_bp"].as_f64(), real("forecast_bp").get(row));
            assert_eq!(said["interval"]["low_bp"].as_f64(), real("low_bp").get(row));
            assert_eq!(said["interval"]["high_bp"].as_f64(), real("high_bp").get(row));
            let cents =
                said["expected_bp"].as_f64().expect("bp") * said["mid_usd"].as_f64().expect("usd") / 100.0;
            assert!((said["expected_cents"].as_f64().expect("cents") - cents).abs() < 1e-12);
            assert_eq!(ask(&router, "AA", &question).await.body, answer.body);
        }
    }
}

/// What is told at a bar's close is what would be answered at its end.
#[test]
fn what_is_expected_live_is_what_the_route_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let _ = trained(folder.path());
    let (out, day) = (folder.path().join("out"), folder.path().join(DATES[2]));
    let date = DATES[2].parse().expect("a date");
    let symbols = [impactd::tape::Symbol::new("AA")];
    let csv = [impactd::simulate::Format::Csv];
    let written = impactd::simulate::run(&Default::default(), 7, &symbols, date, &csv, &day).expect("a tape");
    let files =
        written.files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "csv"));
    let mut request = crate::support::request(files.collect(), &out);
    request.widths = Widths::parse("60s").expect("widths");
    let feed = live::feed(&request);
    let daemon = live::open(&out, 2_000_000_000, &request);
    feed.events.chunks(3_000).for_each(|events| live::send(&daemon, feed.batch("tape", events)));
    live::send(&daemon, feed.batch("tape", &feed.ends()));
    live::settle(&daemon);
    let told = live::told(&live::messages(&daemon), Kind::Forecast, "AA");
    live::land(&daemon);
    daemon.stop();
    assert!(told.len() > 300, "{} forecasts", told.len());
    let router = router(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for row in told.iter().step_by(29) {
        let answer =
            runtime.block_on(ask(&router, "AA", &json!({"as_of": row["ts_start"], "purpose": "ahead"})));
        let said = answer.json();
        assert_eq!(answer.status, 200, "{row}: {said}");
        let answered = [
            &said["expected_bp"],
            &said["interval"]["low_bp"],
            &said["interval"]["high_bp"],
            &said["mid_usd"],
            &said["model"]["sha256"],
        ];
        let names = ["forecast_bp", "low_bp", "high_bp", "mid_usd", "model_sha256"];
        assert_eq!(names.map(|name| &row[name]), answered, "{row} {said}");
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_is_told_why_by_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = trained(folder.path());
    let good = json!({"flow_shares": 500, "as_of": "2018-01-03T19:00:00Z"});
    assert_eq!(ask(&router, "AA", &good).await.status, 200);
    for (symbol, changes, status, code, pointer) in [
        ("ZZ", json!({}), 404, "unknown_symbol", "path/symbol"),
        ("BB", json!({}), 422, "no_forecast", "/horizon_seconds"),
        ("AA", json!({"horizon_seconds": 10}), 422, "no_forecast", "/horizon_seconds"),
        ("AA", json!({"horizon_seconds": 0}), 422, "invalid_order", "/horizon_seconds"),
        ("AA", json!({"flow_shares": "many"}), 422, "invalid_order", "/flow_shares"),
        ("AA", json!({"flow_shares": 1e12}), 422, "invalid_order", "/flow_shares"),
        ("AA", json!({"flow_shares": null, "purpose": "conditional"}), 422, "invalid_order", "/flow_shares"),
        ("AA", json!({"purpose": "ahead"}), 422, "invalid_order", "/flow_shares"),
        ("AA", json!({"purpose": "guess"}), 422, "invalid_order", "/purpose"),
        ("AA", json!({"confidence": 0.3}), 422, "invalid_order", "/confidence"),
        ("AA", json!({"flow": 5}), 422, "invalid_order", "/flow"),
        ("AA", json!({"as_of": "noon"}), 422, "invalid_order", "/as_of"),
        // Before any model, in the night, on a day without bars, after the close.
        ("AA", json!({"as_of": "2018-01-02T14:31:00Z"}), 422, "no_forecast", "/as_of"),
        ("AA", json!({"as_of": "2018-01-04T03:00:00Z"}), 422, "no_forecast", "/as_of"),
        ("AA", json!({"as_of": "2018-01-08T16:00:00Z"}), 422, "no_forecast", "/as_of"),
        ("AA", json!({"as_of": "2018-01-03T21:00:00Z"}), 422, "no_forecast", "/as_of"),
    ] {
        let mut question = good.clone();
        for (name, value) in changes.as_object().expect("fields") {
            question[name] = value.clone();
        }
        let answer = ask(&router, symbol, &question).await;
        let problem = answer.json();
        let found =
            (answer.status.as_u16(), problem["code"].as_str(), problem["errors"][0]["pointer"].as_str());
        assert_eq!(found, (status, Some(code), Some(pointer)), "{symbol} {changes}: {problem}");
    }
}

#[tokio::test]
async fn a_model_of_data_that_was_made_anew_is_not_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = trained(folder.path());
    let question = json!({"flow_shares": 500, "as_of": "2018-01-03T19:00:00Z"});
    assert_eq!(ask(&router, "AA", &question).await.status, 200);
    results_with(folder.path(), &DATES[..1], 8, |request| {
        request.widths = Widths::parse("60s").expect("widths");
    });
    let answer = ask(&router, "AA", &question).await;
    assert_eq!(answer.status, 422);
    assert!(answer.json()["detail"].as_str().expect("a sentence").contains("impactd train again"));
}

#[tokio::test]
async fn a_damaged_model_is_told_once_and_not_as_something_that_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = trained(folder.path());
    let models = folder.path().join("out/models/AA/60s");
    for file in std::fs::read_dir(&models).expect("models").flatten().map(|file| file.path()) {
        let whole = std::fs::read(&file).expect("bytes");
        std::fs::write(&file, &whole[..whole.len() / 2]).expect("cut");
    }
    let answer = ask(&router, "AA", &json!({"flow_shares": 500, "as_of": "2018-01-03T19:00:00Z"})).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (500, Some("damaged_results")));
    assert!(answer.headers.get("retry-after").is_none());
}
