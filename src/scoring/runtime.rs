//! ONNX Runtime's library: found, loaded once, held for the life of the process.
//!
//! Looked for in this order: the file that is named (`--onnxruntime`), `IMPACTD_ONNXRUNTIME`, `ORT_DYLIB_PATH`,
//! `../onnxruntime/libonnxruntime.so` from the program's folder, `libonnxruntime.so` beside the program, and the
//! system loader's. A file that was named and cannot be used is an error; the search ends there.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

use super::error::ScoringError;

const LIBRARY: &str = "libonnxruntime.so";
/// The environment's words for it, first one first.
const VARIABLES: [&str; 2] = ["IMPACTD_ONNXRUNTIME", "ORT_DYLIB_PATH"];

static LOADED: OnceLock<Runtime> = OnceLock::new();
static LOADING: Mutex<()> = Mutex::new(());

/// The loaded library.
#[derive(Debug)]
pub struct Runtime {
    path: PathBuf,
    version: String,
    environment: Environment,
}

impl Runtime {
    /// Loads the library, or gives the one loaded before.
    ///
    /// # Errors
    /// When none is found or it cannot be used: where was looked and how to get it.
    pub fn load(named: Option<&Path>) -> Result<&'static Self, ScoringError> {
        // Held while loading: two threads must not make two environments.
        let _alone = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = LOADED.get() {
            return loaded.unless_another(named);
        }
        let path = found(named)?;
        let fresh = Self::open(&path)?;
        tracing::info!(path = %fresh.path.display(), version = %fresh.version, "ONNX Runtime loaded");
        Ok(LOADED.get_or_init(|| fresh))
    }

    fn open(path: &Path) -> Result<Self, ScoringError> {
        let refused = |e: &dyn std::fmt::Display| ScoringError::new(format!("ONNX Runtime: {e}"));
        let environment = ort::init_from(path)
            .map_err(|e| refused(&format!("{e}; {HOW_TO_GET_IT}")))?
            .with_name("impactd")
            .with_telemetry(false)
            .with_logger(Arc::new(log))
            .build()
            .map_err(|e| refused(&e))?;
        environment.set_log_level(LogLevel::Warning);
        Ok(Self { path: path.to_owned(), version: version(path), environment })
    }

    fn unless_another(&'static self, named: Option<&Path>) -> Result<&'static Self, ScoringError> {
        let same =
            |named: &Path| named == self.path || named.canonicalize().ok() == self.path.canonicalize().ok();
        match named {
            Some(other) if !same(other) => Err(ScoringError::new(format!(
                "{}: ONNX Runtime is loaded already from {}; one process can hold one",
                other.display(),
                self.path.display()
            ))),
            _ => Ok(self),
        }
    }

    /// Its version: `1.31.1`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn environment(&self) -> &Environment {
        &self.environment
    }
}

const HOW_TO_GET_IT: &str =
    "`make onnxruntime` fetches it, or name the file with --onnxruntime or IMPACTD_ONNXRUNTIME";

fn found(named: Option<&Path>) -> Result<PathBuf, ScoringError> {
    if let Some(path) = named {
        return there(path, "--onnxruntime");
    }
    for variable in VARIABLES {
        match std::env::var_os(variable) {
            Some(path) if !path.is_empty() => return there(Path::new(&path), variable),
            _ => {}
        }
    }
    let folder = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
    let beside =
        folder.iter().flat_map(|folder| [folder.join("../onnxruntime").join(LIBRARY), folder.join(LIBRARY)]);
    // The last one is left to the system's loader, which knows its own folders.
    Ok(beside.into_iter().find(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(LIBRARY)))
}

fn there(path: &Path, by: &str) -> Result<PathBuf, ScoringError> {
    if path.is_file() {
        return Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    }
    let what = format!("{by} names {}, which is no file; {HOW_TO_GET_IT}", path.display());
    Err(ScoringError::new(what))
}

/// The library tells its version only in its file's name; else what its build says of itself.
fn version(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match name.strip_prefix("libonnxruntime.so.") {
        Some(version) if version.contains('.') => version.to_owned(),
        _ => ort::info().trim_start_matches("ORT Build Info: ").to_owned(),
    }
}

/// Its complaints are told as errors by whoever asked; here they are only for who looks closer.
fn log(level: LogLevel, _category: &str, id: &str, _place: &str, message: &str) {
    match level {
        LogLevel::Error | LogLevel::Fatal => tracing::warn!(id, "ONNX Runtime: {message}"),
        _ => tracing::debug!(id, "ONNX Runtime: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_file_that_is_not_there_says_who_named_it_and_how_to_get_it() {
        let error = found(Some(Path::new("/nowhere/libonnxruntime.so"))).expect_err("not there").to_string();
        assert!(error.contains("--onnxruntime names /nowhere/libonnxruntime.so"), "{error}");
        assert!(error.contains("make onnxruntime"), "{error}");
    }
}
