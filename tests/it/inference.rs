//! The Open Inference Protocol from outside: every refusal, exact numbers, many at once, models that come and go.
//! The tests that need ONNX Runtime are skipped without it, as `models` says.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use impactd::http::{Models, Served};
use impactd::scoring::{Options, Shelf};
use serde_json::{Value, json};

use crate::desk::post;
use crate::http::{Answer, get};
use crate::models::{copy, edit, golden, options};

/// The daemon with the models of a folder and no results.
pub fn serving(models: &Path, options: Options) -> (tempfile::TempDir, Router) {
    let folder = tempfile::tempdir().expect("a folder");
    let models = Models::of(Shelf::open(models, options));
    let router =
        impactd::http::router(Served { models, ..Served::new(folder.path().to_owned()) }).expect("a router");
    (folder, router)
}

/// With the tests' models; `None` without a runtime.
pub fn served() -> Option<(tempfile::TempDir, Router)> {
    Some(serving(&golden("served"), options()?))
}

pub async fn infer(router: &Router, model: &str, body: &Value) -> Answer {
    post(router, &format!("/v2/models/{model}/infer"), &[], body.to_string()).await
}

/// A sound question.
pub fn question() -> Value {
    let input = json!({"name": "features", "shape": [1, 3], "datatype": "FP32", "data": [0.5, -1.0, 2.0]});
    json!({"id": "q-1", "inputs": [input]})
}

/// The question with a field of its input changed.
fn input(field: &str, value: Value) -> Value {
    let mut question = question();
    question["inputs"][0][field] = value;
    question
}

fn with(field: &str, value: Value) -> Value {
    let mut question = question();
    question[field] = value;
    question
}

#[tokio::test]
async fn every_failure_has_its_status_and_words_and_the_daemon_stays_up() {
    let Some((_folder, router)) = served() else { return };
    let first = infer(&router, "tiny", &question()).await.json();
    let twice = json!([question()["inputs"][0], question()["inputs"][0]]);
    let many = json!([300_000, 3]);
    let zeros = vec![0; 900_000];
    let rows = json!([{"name": "features", "shape": many, "datatype": "FP32", "data": zeros}]);
    let named = |name: &str| json!([{"name": name}]);
    let classes = json!([{"name": "probability", "parameters": {"classification": 3}}]);
    for (path, body, status, words) in [
        ("none/infer", question(), 404, "there is no model \"none\""),
        ("tiny/versions/9/infer", question(), 404, "model \"tiny\" has no version 9; it has 1, 2"),
        ("tiny/versions/-1/infer", question(), 404, "'-1' is no version of 'tiny'"),
        ("tiny/versions/99999999999999999999/infer", question(), 404, "is no version of 'tiny'"),
        ("%FF/infer", question(), 404, "is no text"),
        ("tiny/guess", question(), 404, "there is no such route"),
        ("tiny/infer", input("name", json!("odd")), 400, "no input \"odd\"; it has features"),
        ("tiny/infer", with("outputs", named("odd")), 400, "no output \"odd\"; it has probability, unusual"),
        ("tiny/infer", with("outputs", classes), 400, "classification is not offered"),
        ("tiny/infer", with("inputs", twice), 400, "\"features\" is given twice"),
        ("tiny/infer", with("inputs", json!([])), 400, "\"features\" is missing"),
        ("tiny/infer", with("inputs", rows), 413, "at most 262144 rows"),
        ("tiny/infer", input("datatype", json!("FP64")), 400, "has datatype FP64; the model wants FP32"),
        ("tiny/infer", input("datatype", json!("FP16")), 400, "'FP16' is not taken"),
        ("tiny/infer", input("shape", json!([1, 4])), 400, "has 4 elements, but data has 3"),
        ("tiny/infer", input("shape", json!([3, 1])), 400, "input \"features\""),
        ("tiny/infer", input("shape", json!([-1, 3])), 400, "shape[0] is -1"),
        ("tiny/infer", input("shape", json!([i64::MAX, 2])), 400, "has 18446744073709551614 elements"),
        ("tiny/infer", input("shape", json!([i64::MAX, 3])), 400, "more elements than can be counted"),
        ("tiny/infer", input("data", json!([1, "NaN", 2])), 400, "data[1]: string \"NaN\" is no number"),
        ("tiny/infer", input("data", json!([1, null, 2])), 400, "data[1]: null is no number"),
        ("tiny/infer", input("data", json!([1, 1e39, 2])), 400, "data[1] is larger than FP32 can hold"),
        ("tiny/infer", input("data", json!([[1], [2, 3]])), 400, "nested unevenly"),
        ("tiny/infer", json!({"id": "q-1"}), 400, "missing field `inputs`"),
        ("tiny/infer", json!([]), 400, "cannot be read"),
    ] {
        let answer = post(&router, &format!("/v2/models/{path}"), &[], body.to_string()).await;
        let said = answer.json();
        let error = said["error"].as_str().unwrap_or_default();
        assert_eq!(answer.status.as_u16(), status, "{path}: {error}");
        assert!(error.contains(words), "{path}: {error}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        if body.is_object() && !path.ends_with("guess") && !path.starts_with('%') {
            assert_eq!(said["id"], "q-1", "{path}: {error}");
        }
        let again = infer(&router, "tiny", &question()).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, first.clone()), "after {path}");
    }
    let empty = json!({"inputs": [{"name": "features", "shape": [0, 3], "datatype": "FP32", "data": []}]});
    let empty = infer(&router, "tiny", &empty).await;
    assert_eq!(
        (empty.status.as_u16(), &empty.json()["error"]),
        (400, &json!("input \"features\" has no elements"))
    );
}

#[tokio::test]
async fn numbers_are_exact_in_json_and_in_bytes() {
    let Some((_folder, router)) = served() else { return };
    let beyond = 9_007_199_254_740_993_i64;
    let counts = [beyond, -beyond, i64::MAX, i64::MIN];
    let asked = json!({"inputs": [
        {"name": "count", "shape": [2, 2], "datatype": "INT64",
            "data": [[counts[0], counts[1]], [counts[2], counts[3]]]},
        {"name": "amount", "shape": [2, 2], "datatype": "FP64", "data": [0.1, 0.2, 0.3, 1e-300]},
        {"name": "flag", "shape": [2, 2], "datatype": "BOOL", "data": [true, false, true, true]},
    ]});
    let answer = infer(&router, "mixed", &asked).await.json();
    assert_eq!(answer["outputs"][1]["data"], json!(counts), "{answer}");
    assert_eq!(answer["model_version"], "1");
    assert_eq!(answer["parameters"]["execution_provider"], "CPUExecutionProvider");

    let tensors = ["count", "amount", "flag"].map(|name| {
        let (datatype, size) = match name {
            "count" => ("INT64", 32),
            "amount" => ("FP64", 32),
            _ => ("BOOL", 4),
        };
        json!({"name": name, "shape": [2, 2], "datatype": datatype, "parameters": {"binary_data_size": size}})
    });
    let head = json!({"id": "b", "parameters": {"binary_data_output": true}, "inputs": tensors}).to_string();
    let mut body = head.clone().into_bytes();
    body.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
    body.extend([0.1, 0.2, 0.3, 1e-300].iter().flat_map(|amount: &f64| amount.to_le_bytes()));
    body.extend([1, 0, 1, 1]);
    let length = head.len().to_string();
    let headers = [("inference-header-content-length", length.as_str())];
    let bytes = post(&router, "/v2/models/mixed/versions/1/infer", &headers, body).await;
    assert_eq!(bytes.status, StatusCode::OK);
    let json_bytes: usize = bytes.header("inference-header-content-length").parse().expect("a length");
    let (head, rest) = bytes.body.split_at(json_bytes);
    let head: Value = serde_json::from_slice(head).expect("JSON");
    assert_eq!((head["id"].as_str(), rest.len()), (Some("b"), 64));
    assert_eq!(head["outputs"][0]["parameters"]["binary_data_size"], 32);
    let totals: Vec<f64> =
        answer["outputs"][0]["data"].as_array().expect("a list").iter().filter_map(Value::as_f64).collect();
    let expected: Vec<u8> = totals.iter().flat_map(|total| total.to_le_bytes()).collect();
    assert_eq!(&rest[..32], expected);
    assert_eq!(&rest[32..], counts.iter().flat_map(|count| count.to_le_bytes()).collect::<Vec<u8>>());
}

#[tokio::test]
async fn a_nan_in_bytes_is_refused_by_its_index() {
    let Some((_folder, router)) = served() else { return };
    let head = json!({"id": "n", "inputs": [{"name": "features", "shape": [1, 3], "datatype": "FP32",
        "parameters": {"binary_data_size": 12}}]})
    .to_string();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut body = head.clone().into_bytes();
        body.extend([0.0, bad, 1.0].iter().flat_map(|value| value.to_le_bytes()));
        let length = head.len().to_string();
        let headers = [("inference-header-content-length", length.as_str())];
        let refused = post(&router, "/v2/models/tiny/infer", &headers, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(
            refused.json(),
            json!({"error": "input \"features\" is not finite at element 1", "id": "n"})
        );
    }
}

#[tokio::test]
async fn many_at_once_are_each_answered_or_turned_away() {
    let Some((_folder, router)) = served() else { return };
    let (body, router) = (question(), &router);
    let alone = infer(router, "tiny", &body).await.json();
    let asked = (0..400).map(|_| infer(router, "tiny", &body));
    let answers = at_once(&mut asked.map(Box::pin).collect::<Vec<_>>()).await;
    assert!(answers.iter().any(|answer| answer.status == StatusCode::OK));
    for answer in answers {
        match answer.status {
            StatusCode::OK => assert_eq!(answer.json()["model_version"], alone["model_version"]),
            status => assert_eq!((status.as_u16(), answer.header("retry-after")), (503, "1")),
        }
        assert_eq!(answer.json()["id"], "q-1");
    }
    assert_eq!(infer(router, "tiny", &body).await.json(), alone);
}

/// All at once, on this thread.
async fn at_once<F: Future<Output = Answer> + Unpin>(asked: &mut [F]) -> Vec<Answer> {
    let mut answers: Vec<Option<Answer>> = asked.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (future, answer) in asked.iter_mut().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            match std::pin::Pin::new(future).poll(context) {
                std::task::Poll::Ready(done) => *answer = Some(done),
                std::task::Poll::Pending => waiting = true,
            }
        }
        if waiting { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    answers.into_iter().flatten().collect()
}

#[tokio::test]
async fn without_onnx_runtime_scores_are_off_and_the_rest_answers() {
    let absent = Options { onnxruntime: Some("/nowhere/libonnxruntime.so".into()), ..Options::default() };
    let (_folder, router) = serving(&golden("served"), absent);
    for answer in [
        infer(&router, "tiny", &question()).await,
        get(&router, "/v2/models/tiny/ready").await,
        get(&router, "/v2/health/ready").await,
    ] {
        let error = answer.json()["error"].to_string();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{error}");
        assert!(error.contains("make onnxruntime") || error.contains("loaded already"), "{error}");
    }
    assert_eq!(get(&router, "/v2/health/live").await.status, StatusCode::OK);
    assert_eq!(get(&router, "/version").await.status, StatusCode::OK);
    let models = get(&router, "/v1/fraud/models").await.json();
    assert_eq!(
        (&models["onnxruntime"]["loaded"], &models["data"][0]["state"]),
        (&json!(false), &json!("failed"))
    );
    let health = get(&router, "/health/ready").await.json();
    let check = health["checks"].as_array().expect("checks").iter().find(|check| check["name"] == "models");
    assert_eq!(check.expect("there")["passed"], false);
}

#[tokio::test]
async fn no_models_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = impactd::http::router(Served::new(folder.path().to_owned())).expect("a router");
    let refused = infer(&router, "tiny", &question()).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json()["error"], "no models are served; start impactd serve with --models DIR");
    assert_eq!(get(&router, "/v1/fraud/models").await.json()["data"], json!([]));
    assert!(get(&router, "/metrics").await.body.ends_with(b"# EOF\n"));
    let wrong = crate::http::ask(&router, "DELETE", "/v2/models/tiny", &[]).await;
    assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "GET,HEAD"));
    assert!(wrong.json()["error"].is_string());
}

#[tokio::test]
async fn models_come_and_change_by_the_disk() {
    let Some(options) = options() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let version = |number: &str| folder.path().join("tiny").join(number);
    copy(&golden("served/tiny/1"), &version("1"));
    let (_results, router) = serving(folder.path(), options);
    let load = || post(&router, "/v2/repository/models/tiny/load", &[], "{}");
    assert_eq!(infer(&router, "tiny", &question()).await.json()["model_version"], "1");

    copy(&golden("served/tiny/2"), &version("2"));
    assert_eq!(load().await.status, StatusCode::OK);
    assert_eq!(infer(&router, "tiny", &question()).await.json()["model_version"], "2");
    let first = post(&router, "/v2/models/tiny/versions/1/infer", &[], question().to_string()).await;
    assert_eq!(first.json()["model_version"], "1");

    let good = infer(&router, "tiny", &question()).await.json();
    edit(&version("2"), |manifest| manifest["prevalence"] = json!(7));
    let refused = load().await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.json()["error"].as_str().expect("words").contains("prevalence is 7"));
    assert_eq!(infer(&router, "tiny", &question()).await.json(), good, "the state before answers");
    let told = get(&router, "/v1/fraud/models/tiny").await.json();
    assert_eq!((&told["data"][1]["state"], &told["data"][1]["default"]), (&json!("ready"), &json!(true)));
    assert!(told["data"][1]["last_error"].as_str().expect("words").contains("prevalence"));

    let config = json!({"parameters": {"config": "{}"}}).to_string();
    let refused = post(&router, "/v2/repository/models/tiny/load", &[], config).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let refused = post(&router, "/v2/repository/models/tiny/unload", &[], Body::empty()).await;
    assert!(refused.json()["error"].as_str().expect("words").contains("take its folder away"));

    std::fs::remove_dir_all(version("2")).expect("removed");
    assert_eq!(load().await.status, StatusCode::OK);
    assert_eq!(infer(&router, "tiny", &question()).await.json()["model_version"], "1");
    let text = String::from_utf8(get(&router, "/metrics").await.body).expect("text");
    assert!(!text.contains("version=\"2\""), "what is gone is not told of");
}

#[tokio::test]
async fn what_was_asked_is_counted() {
    let Some((_folder, router)) = served() else { return };
    for _ in 0..3 {
        infer(&router, "tiny", &question()).await;
    }
    infer(&router, "tiny", &with("inputs", json!([]))).await;
    infer(&router, "none", &question()).await;
    let told = get(&router, "/v2/models/tiny/versions/2/stats").await.json();
    let stats = &told["model_stats"][0];
    assert_eq!(
        (&stats["inference_count"], &stats["inference_stats"]["success"]["count"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(stats["inference_stats"]["fail"]["count"], 1);
    assert!(stats["last_inference"].as_u64().expect("a time") > 1_600_000_000_000);
    let text = String::from_utf8(get(&router, "/metrics").await.body).expect("text");
    let labels = "{model=\"tiny\",version=\"2\",provider=\"CPUExecutionProvider\"}";
    for line in [
        format!("impactd_inference_answered_total{labels} 3"),
        format!("impactd_inference_rows_total{labels} 3"),
        format!("impactd_inference_seconds_count{labels} 3"),
        format!("impactd_model_ready{labels} 1"),
        format!("impactd_model_waiting{labels} 0"),
        "impactd_inference_unserved_total{kind=\"unknown_model\"} 1".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}
