//! A folder of models that changes under the daemon: what passed answers, what did not is told.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use impactd::scoring::{NotServed, Options, Shelf};
use serde_json::json;

use crate::models::{copy, edit, golden, options};

fn put(shelf: &Path, name: &str, version: u64) -> std::path::PathBuf {
    let folder = shelf.join(name).join(version.to_string());
    copy(&golden(&format!("served/{name}/{version}")), &folder);
    folder
}

#[test]
fn onnx_the_highest_version_that_passed_answers() {
    let (Some(options), root) = (options(), tempfile::tempdir().expect("a folder")) else { return };
    put(root.path(), "tiny", 1);
    put(root.path(), "mixed", 1);
    let shelf = Shelf::open(root.path(), options);
    assert_eq!(shelf.get("tiny", None).expect("served").manifest().version, 1);
    // A new version is half copied: the old one answers, the fault is told.
    let two = put(root.path(), "tiny", 2);
    let graph = fs::read(two.join("model.onnx")).expect("read");
    fs::write(two.join("model.onnx"), &graph[..100]).expect("written");
    shelf.refresh();
    assert_eq!(shelf.get("tiny", None).expect("served").manifest().version, 1);
    let error = shelf.get("tiny", Some(2)).expect_err("not whole");
    assert!(
        matches!(&error, NotServed::NotReady { error, .. } if error.contains("not copied whole")),
        "{error}"
    );
    // The rest of it comes.
    fs::write(two.join("model.onnx"), &graph).expect("written");
    shelf.refresh();
    assert_eq!(shelf.get("tiny", None).expect("served").manifest().version, 2);
    let listed: Vec<(String, u64, bool, bool)> = shelf
        .list()
        .into_iter()
        .map(|status| (status.name, status.version, status.default, status.error.is_some()))
        .collect();
    let expected = [("mixed", 1, true, false), ("tiny", 1, false, false), ("tiny", 2, true, false)]
        .map(|(n, v, d, e)| (n.to_owned(), v, d, e));
    assert_eq!(listed, expected);
}

#[test]
fn onnx_a_change_that_fails_leaves_the_old_state_answering() {
    let (Some(options), root) = (options(), tempfile::tempdir().expect("a folder")) else { return };
    let folder = put(root.path(), "tiny", 1);
    let shelf = Shelf::open(root.path(), options);
    let before = shelf.get("tiny", None).expect("served");
    edit(&folder, |manifest| manifest["threshold"]["value"] = json!("high"));
    shelf.refresh();
    let after = shelf.get("tiny", None).expect("served");
    assert!(Arc::ptr_eq(&before, &after));
    let status = shelf.list().remove(0);
    assert!(
        status.error.as_deref().is_some_and(|e| e.contains("invalid type: string \"high\"")),
        "{status:?}"
    );
    // Sound again, and changed: the new state answers, the old one still does for who holds it.
    copy(&golden("served/tiny/1"), &folder);
    edit(&folder, |manifest| manifest["description"] = json!("Another."));
    shelf.refresh();
    let fresh = shelf.get("tiny", None).expect("served");
    assert_eq!(fresh.manifest().description, "Another.");
    assert!(shelf.list()[0].error.is_none());
    assert!(before.score_blocking(&[0.0; 3], 1).is_ok());
    assert!(!Arc::ptr_eq(&before, &fresh));
}

#[test]
fn onnx_a_folder_that_is_gone_is_unloaded_at_the_second_look() {
    let (Some(options), root) = (options(), tempfile::tempdir().expect("a folder")) else { return };
    put(root.path(), "tiny", 1);
    let shelf = Shelf::open(root.path(), options);
    fs::rename(root.path().join("tiny"), root.path().join(".away")).expect("moved");
    shelf.refresh();
    assert!(shelf.get("tiny", None).is_ok());
    shelf.refresh();
    assert!(matches!(shelf.get("tiny", None), Err(NotServed::UnknownModel { .. })));
    fs::rename(root.path().join(".away"), root.path().join("tiny")).expect("moved");
    shelf.refresh();
    assert!(shelf.get("tiny", None).is_ok());
    fs::remove_dir_all(root.path().join("tiny")).expect("removed");
    shelf.reload();
    assert!(shelf.list().is_empty());
}

#[test]
fn a_folder_whose_name_is_not_its_model_s_is_refused_and_names_are_told() {
    let root = tempfile::tempdir().expect("a folder");
    copy(&golden("served/tiny/1"), &root.path().join("huge/7"));
    let options = Options { onnxruntime: Some("/nowhere".into()), ..Options::default() };
    let shelf = Shelf::open(root.path(), options);
    let status = shelf.list().remove(0);
    assert!(status.error.expect("refused").contains("the manifest says tiny version 1"));
    let error = shelf.get("tiny", None).expect_err("unknown").to_string();
    assert_eq!(error, "there is no model \"tiny\"; there are huge");
    let error = shelf.get("huge", Some(1)).expect_err("unknown").to_string();
    assert_eq!(error, "model \"huge\" has no version 1; it has 7");
    assert!(Shelf::open(&root.path().join("none"), Options::default()).list().is_empty());
}

#[test]
fn without_the_runtime_models_are_listed_with_how_to_get_it() {
    let root = tempfile::tempdir().expect("a folder");
    put(root.path(), "tiny", 1);
    let shelf =
        Shelf::open(root.path(), Options { onnxruntime: Some("/nowhere".into()), ..Options::default() });
    let error = shelf.get("tiny", None).expect_err("no runtime").to_string();
    // Where tests share a process, another one may have loaded a runtime already.
    let told = ["make onnxruntime", "one process can hold one"];
    assert!(told.iter().any(|words| error.contains(words)), "{error}");
    assert!(shelf.runtime().is_err());
}
