//! The tiny models of the tests (`tests/golden/models`, made by `tests/python/fixtures/make_models.py`), copied where
//! a test may change them, and the runtime that runs them.

use std::fs;
use std::path::{Path, PathBuf};

use impactd::scoring::{Data, Model, Options, Tensor};
use serde_json::Value;

/// ONNX Runtime's library; `None`, with a word on stderr, where it is absent and not required.
pub fn onnxruntime() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("IMPACTD_ONNXRUNTIME").map(PathBuf::from);
    let fetched = root.join("target/onnxruntime/libonnxruntime.so");
    let wheel = root.join(".venv/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.31.1");
    let found = named.into_iter().chain([fetched, wheel]).find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var("IMPACTD_REQUIRE_ONNXRUNTIME").is_ok_and(|v| v == "1");
        assert!(!required, "ONNX Runtime is absent, and IMPACTD_REQUIRE_ONNXRUNTIME=1");
        eprintln!("skipped: ONNX Runtime is absent; make onnxruntime fetches it");
    }
    found
}

/// Options with that library.
pub fn options() -> Option<Options> {
    Some(Options { onnxruntime: Some(onnxruntime()?), ..Options::default() })
}

/// Where the models lie.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/models").join(name)
}

/// A served model of the tests; `None` without a runtime.
pub fn model(name: &str) -> Option<Model> {
    Some(Model::load(&golden(&format!("served/{name}")), &options()?).expect("a sound model"))
}

/// Copies a folder's files.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("created");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// Changes a manifest.
pub fn edit(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    change(&mut manifest);
    fs::write(&path, serde_json::to_vec(&manifest).expect("JSON")).expect("written");
}

/// A tensor of single precision.
pub fn floats(name: &str, shape: &[usize], values: &[f32]) -> Tensor {
    Tensor { name: name.into(), shape: shape.to_vec(), data: Data::F32(values.to_vec()) }
}
