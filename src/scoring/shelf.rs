//! A folder of models, `NAME/VERSION/`, kept in step with the disk: a new or changed version answers only after it
//! passed; until then, and if it fails, the old one does. A folder that is gone at two looks in a row is unloaded.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use super::error::{NotServed, ScoringError};
use super::manifest_check::plain_name;
use super::model::{Model, Options};
use super::runtime::Runtime;
use super::stamp::{Stamp, stamp};
use crate::limits::{SCORING_LOOK_SECONDS, SCORING_MODELS_MAX};

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

type Key = (String, u64);

/// What became of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Name of the model.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// What became of it.
    pub kind: ChangeKind,
    /// The provider that runs it, or why it could not be taken.
    pub detail: String,
}

/// What can become of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It answers.
    Loaded,
    /// Its folder's present state could not be taken.
    Refused,
    /// It answers no more.
    Unloaded,
}

/// Who wants to know.
pub type Told = Arc<dyn Fn(&Change) + Send + Sync>;

#[derive(Debug)]
struct Entry {
    stamp: Stamp,
    model: Option<Arc<Model>>,
    error: Option<String>,
    /// Not there at the last look.
    gone: bool,
}

/// A folder of models.
pub struct Shelf {
    folder: PathBuf,
    options: Options,
    entries: RwLock<BTreeMap<Key, Entry>>,
    /// Held while looking at the disk; those who ask for models do not wait for it.
    looking: Mutex<()>,
    told: OnceLock<Told>,
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("folder", &self.folder)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

impl Shelf {
    /// Opens a folder and loads what is in it. A model that fails is listed with its error; a folder that is not
    /// there is an empty shelf.
    #[must_use]
    pub fn open(folder: &Path, options: Options) -> Self {
        let folder = folder.to_owned();
        let (entries, looking, told) = (RwLock::default(), Mutex::default(), OnceLock::new());
        let shelf = Self { folder, options, entries, looking, told };
        shelf.reload();
        shelf
    }

    /// Which folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Has somebody told of what is there now, and of every change from now on. Only the first who asks is told.
    pub fn told(&self, told: Told) {
        let _alone = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        if self.told.set(told).is_err() {
            return;
        }
        for Status { name, version, model, error, .. } in self.list() {
            if let Some(model) = model {
                self.tell((&name, version), ChangeKind::Loaded, model.provider().name);
            }
            if let Some(error) = error {
                self.tell((&name, version), ChangeKind::Refused, &error);
            }
        }
    }

    fn tell(&self, (name, version): (&str, u64), kind: ChangeKind, detail: &str) {
        if let Some(told) = self.told.get() {
            told(&Change { name: name.to_owned(), version, kind, detail: detail.to_owned() });
        }
    }

    /// The runtime, or why there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub fn runtime(&self) -> Result<&'static Runtime, ScoringError> {
        Runtime::load(self.options.onnxruntime.as_deref())
    }

    /// The model of a name; no version: the highest that passed.
    ///
    /// # Errors
    /// When there is none, or none that passed.
    pub fn get(&self, name: &str, version: Option<u64>) -> Result<Arc<Model>, NotServed> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let of_name = || entries.iter().filter(|((found, _), _)| found == name);
        let name_owned = || name.to_owned();
        if of_name().next().is_none() {
            let mut known: Vec<String> = entries.keys().map(|(name, _)| name.clone()).collect();
            known.dedup();
            return Err(NotServed::UnknownModel { name: name_owned(), known });
        }
        let not_ready = |(version, entry): (u64, &Entry)| NotServed::NotReady {
            name: name_owned(),
            version: Some(version),
            error: entry.error.clone().unwrap_or_else(|| "it is being loaded".to_owned()),
        };
        if let Some(version) = version {
            let known = || of_name().map(|((_, version), _)| version.to_string()).collect();
            let entry = entries.get(&(name_owned(), version)).ok_or_else(|| NotServed::UnknownVersion {
                name: name_owned(),
                version,
                known: known(),
            })?;
            return entry.model.clone().ok_or_else(|| not_ready((version, entry)));
        }
        let highest = of_name().rev().find_map(|(_, entry)| entry.model.clone());
        highest.ok_or_else(|| {
            let last = of_name().next_back().map(|((_, version), entry)| not_ready((*version, entry)));
            last.unwrap_or_else(|| NotServed::UnknownModel { name: name_owned(), known: Vec::new() })
        })
    }

    /// All versions, by name and version.
    #[must_use]
    pub fn list(&self) -> Vec<Status> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let mut highest: BTreeMap<&str, u64> = BTreeMap::new();
        for ((name, version), _) in entries.iter().filter(|(_, entry)| entry.model.is_some()) {
            highest.insert(name, *version);
        }
        entries
            .iter()
            .map(|((name, version), entry)| Status {
                name: name.clone(),
                version: *version,
                model: entry.model.clone(),
                default: highest.get(name.as_str()) == Some(version),
                error: entry.error.clone(),
            })
            .collect()
    }

    /// Looks at the disk now: loads what is new or changed, tries again what failed, unloads what is gone.
    pub fn reload(&self) {
        self.look(true);
    }

    /// Looks at the disk: loads what is new or changed, unloads what was gone at the look before, too.
    pub fn refresh(&self) {
        self.look(false);
    }

    fn look(&self, at_once: bool) {
        let _alone = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.found();
        self.unload(&found, at_once);
        for (place, (key, path)) in found.into_iter().enumerate() {
            let now = stamp(&path);
            if self.is_known(&key, &now, at_once) {
                continue;
            }
            let loaded = if place < SCORING_MODELS_MAX {
                self.load(&key, &path)
            } else {
                Err(ScoringError::new(format!(
                    "{SCORING_MODELS_MAX} versions are loaded at most; remove some"
                )))
            };
            self.put(key, now, loaded);
        }
    }

    /// Versions on the disk, by name and version.
    fn found(&self) -> BTreeMap<Key, PathBuf> {
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if plain_name(&name) {
                found.extend(
                    versions(&entry.path())
                        .into_iter()
                        .map(|(version, path)| ((name.clone(), version), path)),
                );
            }
        }
        found
    }

    fn unload(&self, found: &BTreeMap<Key, PathBuf>, at_once: bool) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|key, entry| {
            let stays = found.contains_key(key) || !(at_once || entry.gone);
            entry.gone = !found.contains_key(key);
            if !stays {
                tracing::info!(name = key.0, version = key.1, "model unloaded");
                self.tell((&key.0, key.1), ChangeKind::Unloaded, "");
            }
            stays
        });
    }

    fn is_known(&self, key: &Key, now: &Stamp, retry: bool) -> bool {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).is_some_and(|entry| entry.stamp == *now && !(retry && entry.error.is_some()))
    }

    fn load(&self, (name, version): &Key, path: &Path) -> Result<Model, ScoringError> {
        let said = super::folder::manifest(path)?;
        if said.name != *name || said.version != *version {
            let what = format!("the manifest says {} version {}", said.name, said.version);
            return Err(ScoringError::new(what).at(path.display()));
        }
        super::load::load(path, &self.options)
    }

    fn put(&self, key: Key, stamp: Stamp, loaded: Result<Model, ScoringError>) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let old = entries.remove(&key).and_then(|entry| entry.model);
        let entry = match loaded {
            Ok(model) => {
                let provider = model.provider().name;
                tracing::info!(name = key.0, version = key.1, provider, "model loaded");
                self.tell((&key.0, key.1), ChangeKind::Loaded, provider);
                Entry { stamp, model: Some(Arc::new(model)), error: None, gone: false }
            }
            Err(error) => {
                let kept = old.is_some();
                tracing::error!(name = key.0, version = key.1, kept, %error, "model not loaded");
                self.tell((&key.0, key.1), ChangeKind::Refused, &error.to_string());
                Entry { stamp, model: old, error: Some(error.to_string()), gone: false }
            }
        };
        entries.insert(key, entry);
    }

    /// Looks at the disk every few seconds on a thread of its own, until the answer is dropped.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn watch(self: &Arc<Self>) -> Result<Watch, ScoringError> {
        let shelf = Arc::clone(self);
        let (stop, stopped) = sync_channel::<()>(1);
        let pause = Duration::from_secs(SCORING_LOOK_SECONDS);
        let work = move || {
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                shelf.refresh();
            }
        };
        let thread = std::thread::Builder::new().name("models".into()).spawn(work);
        let thread = thread.map_err(|e| ScoringError::new(format!("starting a thread: {e}")))?;
        Ok(Watch { stop, _thread: thread })
    }
}

/// A thread that keeps a shelf in step with the disk; dropping it ends the thread after the look it is in.
#[derive(Debug)]
#[must_use]
pub struct Watch {
    stop: SyncSender<()>,
    _thread: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.stop.try_send(());
    }
}

/// Versions in a model's folder: folders whose names are positive integers.
pub(super) fn versions(folder: &Path) -> BTreeMap<u64, PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let version = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let version =
            name.parse::<u64>().ok().filter(|version| *version > 0 && version.to_string() == name)?;
        entry.path().is_dir().then(|| (version, entry.path()))
    };
    entries.filter_map(version).collect()
}
