//! ONNX Runtime's library: found, loaded once, held for the life of the process.

use std::path::{Path, PathBuf};

use super::error::ScoringError;

/// The loaded library.
#[derive(Debug)]
pub struct Runtime {
    path: PathBuf,
    version: String,
}

impl Runtime {
    /// Loads the library, or gives the one loaded before.
    ///
    /// # Errors
    /// When none is found or it cannot be used: where was looked and how to get it.
    pub fn load(_named: Option<&Path>) -> Result<&'static Self, ScoringError> {
        Err(ScoringError::new("not built yet"))
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
}
