//! Models loaded and asked: what is refused before the runtime sees it, what is answered, what a fault may harm.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use impactd::scoring::{CPU, Data, InferError, Model, Options, Tensor, Wanted, contributions};
use proptest::prelude::*;
use serde_json::json;

use crate::models::{copy, edit, floats, golden, model, options};

/// Loads a copy of a model after a change of its folder; gives the error.
fn refused(name: &str, change: impl FnOnce(&std::path::Path)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&golden(&format!("served/{name}")), folder.path());
    change(folder.path());
    // A library that is not there: what is refused, is refused before it is looked for.
    let options = Options { onnxruntime: Some("/nowhere".into()), ..Options::default() };
    Model::load(folder.path(), &options).expect_err("refused").to_string()
}

#[test]
fn a_manifest_s_fault_is_told_by_its_field() {
    let cases: Vec<(serde_json::Value, &str)> = vec![
        (json!({"colour": 1}), "unknown field `colour`"),
        (json!({"format": 2}), "format is 2"),
        (json!({"name": "../tiny"}), "name is"),
        (json!({"version": 0}), "version is 0"),
        (json!({"model": {"file": "model.onnx"}}), "missing field `sha256`"),
        (json!({"model": {"file": "../model.onnx", "sha256": "0".repeat(64)}}), "model.file"),
        (json!({"model": {"file": "/etc/passwd", "sha256": "0".repeat(64)}}), "model.file"),
        (
            json!({"model": {"file": "model.onnx", "sha256": "0".repeat(64)}}),
            "it was changed, or not copied whole",
        ),
        (json!({"inputs": []}), "inputs has 0 entries"),
        (json!({"threshold": null}), "threshold is missing"),
        (json!({"features": {"version": "1", "names": ["a", "b"]}}), "inputs: a score model has one"),
        (json!({"features": {"version": "1", "names": ["a", "a", "b"]}}), "\"a\" stands there twice"),
        (json!({"score_output": "label"}), "score_output is \"label\""),
        (json!({"prevalence": 2}), "prevalence is 2"),
        (json!({"execution": {"provider": "tpu"}}), "unknown variant `tpu`"),
        (json!({"kind": "tensor"}), "has no features"),
    ];
    for (change, expected) in cases {
        let error = refused("tiny/1", |folder| {
            edit(folder, |manifest| {
                for (field, value) in change.as_object().expect("an object") {
                    manifest[field] = value.clone();
                }
            });
        });
        assert!(error.contains(expected), "{change}: {error}");
        assert!(error.contains("manifest.json") || error.contains("model.onnx"), "{error}");
    }
    let gone = refused("tiny/1", |folder| {
        edit(folder, |manifest| drop(manifest.as_object_mut().expect("an object").remove("golden")));
    });
    assert!(gone.contains("missing field `golden`"), "{gone}");
}

#[test]
fn what_the_graph_says_otherwise_is_refused() {
    let wrong = |path: &str, value: serde_json::Value| {
        refused("tiny/1", |folder| {
            edit(folder, |manifest| *manifest.pointer_mut(path).expect("there") = value)
        })
    };
    let error = wrong("/outputs/1/name", json!("odd"));
    assert!(error.contains("output \"odd\" is not in the graph; it has probability, unusual"), "{error}");
    let error = wrong("/outputs/1/datatype", json!("FP64"));
    assert!(error.contains("the manifest says FP64 [-1], the graph FP32 [-1]"), "{error}");
    let error = wrong("/golden/rows", json!(5));
    assert!(error.contains("has 12 rows, the manifest says 5"), "{error}");
}

#[test]
fn graphs_that_reach_out_do_not_reach_the_runtime() {
    let cases = [
        ("custom-op", "operator \"Steal\" of the custom set \"evil.ops\""),
        ("custom-op-in-branch", "operator \"Steal\" of the custom set \"evil.ops\""),
        ("custom-op-in-function", "operator \"Steal\" of the custom set \"evil.ops\""),
        ("external-data", "external data"),
        ("external-data-in-constant", "external data"),
        ("reaches-out", "\"EPContext\" reaches outside"),
        ("sequence-output", "zipmap=False"),
        ("strings", "has elements STRING"),
    ];
    for (name, expected) in cases {
        let error = refused("tiny/1", |folder| {
            let graph = fs::read(golden(&format!("refused/{name}.onnx"))).expect("a graph");
            fs::write(folder.join("model.onnx"), &graph).expect("written");
            edit(folder, |manifest| manifest["model"]["sha256"] = json!(impactd::tape::sha256(&graph)));
        });
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn a_link_out_of_the_folder_is_refused() {
    let error = refused("tiny/1", |folder| {
        fs::remove_file(folder.join("model.onnx")).expect("removed");
        std::os::unix::fs::symlink(golden("served/tiny/1/model.onnx"), folder.join("model.onnx"))
            .expect("linked");
    });
    assert!(error.contains("is no file of this folder"), "{error}");
}

proptest! {
    /// Bytes changed, cut and doubled: an error or a model, never a panic.
    #[test]
    fn broken_graphs_and_manifests_never_panic(
        at in 0..695_usize, byte: u8, cut in 0..695_usize, whole: bool, field in 0..1400_usize,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&golden("served/tiny/1"), folder.path());
        let mut graph = fs::read(folder.path().join("model.onnx")).expect("a graph");
        graph[at] = byte;
        if !whole {
            graph.truncate(cut);
        }
        fs::write(folder.path().join("model.onnx"), &graph).expect("written");
        edit(folder.path(), |manifest| manifest["model"]["sha256"] = json!(impactd::tape::sha256(&graph)));
        let options = Options { onnxruntime: Some("/nowhere".into()), ..Options::default() };
        prop_assert!(Model::load(folder.path(), &options).is_err());
        let mut manifest = fs::read(folder.path().join("manifest.json")).expect("a manifest");
        let place = field % manifest.len();
        manifest[place] = byte;
        fs::write(folder.path().join("manifest.json"), &manifest).expect("written");
        prop_assert!(Model::load(folder.path(), &options).is_err());
    }
}

#[test]
fn onnx_a_score_model_answers_as_its_golden_rows_say_and_names_its_provider() {
    let Some(model) = model("tiny/1") else { return };
    assert!(model.golden_difference() <= 1e-6, "{}", model.golden_difference());
    assert_eq!(model.runtime().version(), "1.31.1");
    let provider = model.provider();
    assert_eq!(provider.name, CPU);
    assert!(provider.reason.as_deref().is_some_and(|why| why.contains("no CUDA provider")), "{provider:?}");
    let scores = model.score_blocking(&[1.0, -2.0, 0.5, 3.0, 0.0, -1.0], 2).expect("scores");
    assert_eq!(scores.scores.len(), 2);
    let unusual = scores.unusual.expect("the model has it");
    assert!(unusual[0].abs() < 1e-6 && unusual[1] > 0.5, "{unusual:?}");
    let threshold = model.manifest().threshold.as_ref().expect("a threshold").value;
    for (score, alert) in scores.scores.iter().zip(&scores.alerts) {
        assert_eq!(f64::from(*score) >= threshold, *alert);
    }
    let statistics = model.statistics();
    assert_eq!((statistics.requests, statistics.answered, statistics.rows, statistics.batches), (1, 1, 2, 1));
    assert_eq!((statistics.run_seconds.count(), statistics.queue_seconds.count()), (1, 1));
}

#[test]
fn onnx_reasons_are_the_drops_of_log_odds() {
    let Some(model) = model("tiny/1") else { return };
    let usual = model.manifest().features.as_ref().and_then(|f| f.usual.clone()).expect("usual values");
    let row = [5.0, -2.0, 9.0];
    let reasons = contributions(&model, &row, &usual).expect("reasons");
    assert_eq!(reasons.len(), 3);
    let own = reasons.iter().find(|(feature, _)| *feature == 1).expect("of b");
    assert!(own.1 == 0.0, "b has its usual value: {reasons:?}");
    let odds = |row: &[f32]| {
        let p = f64::from(model.score_blocking(row, 1).expect("a score").scores[0]);
        (p / (1.0 - p)).ln()
    };
    let of_a = reasons.iter().find(|(feature, _)| *feature == 0).expect("of a").1;
    assert!((of_a - (odds(&row) - odds(&[1.0, -2.0, 9.0]))).abs() < 1e-4);
    assert!(reasons.windows(2).all(|pair| pair[0].1 >= pair[1].1));
}

#[test]
fn onnx_cuda_without_a_device_is_refused_with_the_reason() {
    let Some(options) = options() else { return };
    let options = Options { provider: Wanted::Cuda, ..options };
    let error = Model::load(&golden("served/tiny/1"), &options).expect_err("no device").to_string();
    assert!(error.contains("CUDA was asked for and cannot run the whole graph"), "{error}");
}

#[test]
fn onnx_wrong_golden_rows_keep_a_model_out() {
    let Some(options) = options() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    copy(&golden("served/tiny/1"), folder.path());
    // The other version's answers.
    fs::copy(golden("served/tiny/2/golden.csv"), folder.path().join("golden.csv")).expect("copied");
    let hash = impactd::tape::sha256(fs::read(folder.path().join("golden.csv")).expect("read"));
    edit(folder.path(), |manifest| manifest["golden"]["sha256"] = json!(hash));
    let error = Model::load(folder.path(), &options).expect_err("refused").to_string();
    assert!(error.contains("golden rows: output \"probability\": element 0 is"), "{error}");
}

#[test]
fn onnx_every_unfit_request_gets_its_error_and_the_model_goes_on() {
    let Some(model) = model("tiny/1") else { return };
    let rows = |name: &str, shape: &[usize], values: &[f32]| vec![floats(name, shape, values)];
    let ask = |inputs| model.infer_blocking(inputs, &[]).expect_err("unfit");
    let kind = |error: &InferError| {
        format!("{error:?}").split([' ', '{', '(']).next().unwrap_or_default().to_owned()
    };
    let fine = [0.0; 3];
    let cases = [
        (ask(rows("featured", &[1, 3], &fine)), "UnknownInput"),
        (ask(vec![]), "Missing"),
        (ask([rows("features", &[1, 3], &fine), rows("features", &[1, 3], &fine)].concat()), "Duplicate"),
        (
            ask(vec![Tensor { name: "features".into(), shape: vec![1, 3], data: Data::F64(vec![0.0; 3]) }]),
            "WrongDatatype",
        ),
        (ask(rows("features", &[3, 1], &fine)), "WrongShape"),
        (ask(rows("features", &[3], &fine)), "WrongShape"),
        (ask(rows("features", &[2, 3], &fine)), "WrongShape"),
        (ask(rows("features", &[usize::MAX, 3], &fine)), "WrongShape"),
        (ask(rows("features", &[0, 3], &[])), "Empty"),
        (ask(rows("features", &[1, 3], &[0.0, f32::NAN, 0.0])), "NotFinite"),
        (ask(rows("features", &[1, 3], &[0.0, 0.0, f32::NEG_INFINITY])), "NotFinite"),
        (ask(rows("features", &[300_000, 3], &vec![0.0; 900_000])), "TooManyRows"),
        (
            model.infer_blocking(rows("features", &[1, 3], &fine), &["odd".into()]).expect_err("unfit"),
            "UnknownOutput",
        ),
        (
            model
                .infer_blocking(rows("features", &[1, 3], &fine), &["unusual".into(), "unusual".into()])
                .expect_err("unfit"),
            "Duplicate",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(kind(&error), expected, "{error}");
    }
    let far = ask(rows("features", &[200, 3], &[vec![0.0; 599], vec![f32::NAN]].concat()));
    assert_eq!(far, InferError::NotFinite { name: "features".into(), index: 599 });
    let chosen =
        model.infer_blocking(rows("features", &[1, 3], &fine), &["unusual".into()]).expect("an answer");
    assert_eq!((chosen.len(), chosen[0].name.as_str()), (1, "unusual"));
}

#[test]
fn onnx_many_types_come_and_go_whole() {
    let Some(model) = model("mixed/1") else { return };
    assert!(model.batches());
    let inputs = vec![
        Tensor { name: "flag".into(), shape: vec![1, 2], data: Data::Bool(vec![true, false]) },
        Tensor { name: "amount".into(), shape: vec![1, 2], data: Data::F64(vec![0.25, -1e300]) },
        Tensor { name: "count".into(), shape: vec![1, 2], data: Data::I64(vec![7, i64::MAX]) },
    ];
    let answer = model.infer_blocking(inputs.clone(), &[]).expect("an answer");
    assert_eq!(answer[0].data, Data::F64(vec![8.25, -1e300]));
    assert_eq!(answer[1].data, Data::I64(vec![7, i64::MAX]));
    let mut uneven = inputs;
    uneven[0] = Tensor { name: "flag".into(), shape: vec![2, 2], data: Data::Bool(vec![true; 4]) };
    let error = model.infer_blocking(uneven, &[]).expect_err("uneven").to_string();
    assert!(error.contains("rows"), "{error}");
    assert!(matches!(model.score_blocking(&[1.0], 1), Err(InferError::NoScore)));
}

#[test]
fn onnx_models_whose_rows_depend_on_each_other_are_not_joined() {
    let (Some(beside), Some(fixed)) = (model("beside/1"), model("fixed/1")) else { return };
    assert!(!beside.batches() && !fixed.batches());
    let answer = beside.infer_blocking(vec![floats("x", &[2, 1], &[1.0, 3.0])], &[]).expect("an answer");
    assert_eq!(answer[0].data, Data::F32(vec![-1.0, 1.0]));
    let answer =
        fixed.infer_blocking(vec![floats("x", &[2, 2], &[1.0, 2.0, 3.0, 4.0])], &[]).expect("an answer");
    assert_eq!(answer[0].data, Data::F32(vec![-1.0, -2.0, -3.0, -4.0]));
}

#[test]
fn onnx_a_large_request_is_cut_and_its_rows_come_back_in_order() {
    let Some(model) = model("picky/1") else { return };
    let at: Vec<i64> = (0..100_000).map(|row| row % 4).collect();
    let expected: Vec<f32> = at.iter().map(|at| 10.0 + *at as f32).collect();
    let tensor = Tensor { name: "at".into(), shape: vec![at.len()], data: Data::I64(at) };
    let answer = model.infer_blocking(vec![tensor], &[]).expect("an answer");
    assert_eq!((answer[0].shape.as_slice(), &answer[0].data), ([100_000].as_slice(), &Data::F32(expected)));
    assert!(model.statistics().batches > 10, "{:?}", model.statistics());
}

fn row_of(at: i64) -> Vec<Tensor> {
    vec![Tensor { name: "at".into(), shape: vec![1], data: Data::I64(vec![at]) }]
}

/// Requests that wait together run together; one that the runtime fails does not spoil the others.
#[test]
fn onnx_a_bad_request_does_not_spoil_those_beside_it() {
    let Some(options) = options() else { return };
    let options = Options { threads: 1, join_delay: Duration::from_millis(200), ..options };
    let model = Arc::new(Model::load(&golden("served/picky/1"), &options).expect("a sound model"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let answers: Vec<_> = runtime.block_on(async {
        let ask = |at: i64| {
            let model = Arc::clone(&model);
            tokio::spawn(async move { model.infer(row_of(at), &[]).await })
        };
        let asked: Vec<_> = [1, 99, 2, 3].map(ask).into_iter().collect();
        let mut answers = Vec::new();
        for one in asked {
            answers.push(one.await.expect("no panic"));
        }
        answers
    });
    assert!(matches!(&answers[1], Err(InferError::Runtime { .. })), "{answers:?}");
    for (answer, expected) in [(0, 11.0), (2, 12.0), (3, 13.0)] {
        let tensors = answers[answer].as_ref().expect("unspoiled");
        assert_eq!(tensors[0].data, Data::F32(vec![expected]), "{answers:?}");
    }
    let statistics = model.statistics();
    assert_eq!((statistics.requests, statistics.answered, statistics.failed), (4, 3, 1));
}

#[test]
fn onnx_requests_that_wait_are_joined_and_those_given_up_are_not_run() {
    let Some(options) = options() else { return };
    let options = Options { threads: 1, join_delay: Duration::from_millis(150), ..options };
    let model = Arc::new(Model::load(&golden("served/picky/1"), &options).expect("a sound model"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (first, second) = tokio::join!(async { model.infer(row_of(0), &[]).await }, async {
            model.infer(row_of(2), &[]).await
        });
        assert!(first.is_ok() && second.is_ok());
    });
    let joined = model.statistics();
    assert_eq!((joined.answered, joined.rows, joined.batches), (2, 2, 1), "{joined:?}");
    runtime.block_on(async {
        // The thread waits for more rows; this caller leaves before.
        let short = tokio::time::timeout(Duration::from_millis(20), model.infer(row_of(1), &[])).await;
        assert!(short.is_err());
    });
    let left = model.statistics();
    assert_eq!((left.requests, left.timed_out), (3, 1), "{left:?}");
}

#[test]
fn onnx_a_full_queue_is_busy_and_a_late_answer_is_timed_out() {
    let Some(options) = options() else { return };
    let options = Options {
        threads: 1,
        join_delay: Duration::from_secs(2),
        deadline: Duration::from_millis(600),
        ..options
    };
    let model = Arc::new(Model::load(&golden("served/beside/1"), &options).expect("a sound model"));
    let busy = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        // Requests of a million rows' work each cannot all be taken at once.
        let rows = 200_000;
        let tasks: Vec<_> = (0..400)
            .map(|_| {
                let (model, busy) = (Arc::clone(&model), Arc::clone(&busy));
                tokio::task::spawn(async move {
                    let inputs = vec![floats("x", &[rows, 1], &vec![1.0; rows])];
                    if let Err(InferError::Busy { .. }) = model.infer(inputs, &[]).await {
                        busy.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                })
            })
            .collect();
        // No task runs until this one waits; the queue's 256 places are taken faster than one thread empties them.
        for task in tasks {
            task.await.expect("no panic");
        }
    });
    let statistics = model.statistics();
    assert_eq!(statistics.requests, 400, "{statistics:?}");
    assert_eq!(statistics.refused, busy.load(std::sync::atomic::Ordering::Relaxed) as u64);
    let ended = statistics.answered + statistics.refused + statistics.timed_out + statistics.failed;
    assert_eq!(ended, 400, "{statistics:?}");
}
