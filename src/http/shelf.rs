//! The results folder being served. A batch may replace results at any moment: a change of `manifest.json` brings
//! the fresh results into view, and an answer is only given when nothing moved while it was read.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::fingerprint::Fingerprint;
use super::problem::Problem;
use crate::store::{Archive, Manifest, StoreError, UnitRecord};

/// What tells one state of the folder from another: a batch saves its manifest before it moves tables and after.
type Stamp = Option<(SystemTime, u64)>;

/// The results at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// The opened folder.
    pub archive: Archive,
    /// Widths of the bars there are, nanoseconds ascending.
    pub bar_widths: Vec<i64>,
    /// Differs when the results differ.
    pub version: u64,
    /// By date; differs when what its results were made of differs.
    pub day_versions: BTreeMap<String, u64>,
    stamp: Stamp,
}

/// A results folder and what was last seen in it.
#[derive(Debug)]
pub struct Shelf {
    root: PathBuf,
    /// Whether a folder without results is one that has none yet, since a live side will make some.
    may_be_bare: bool,
    seen: Mutex<Option<Arc<Snapshot>>>,
}

impl Shelf {
    /// Serves a folder; it may be empty as yet.
    #[must_use]
    pub fn new(root: PathBuf, may_be_bare: bool) -> Self {
        Self { root, may_be_bare, seen: Mutex::new(None) }
    }

    /// Reads something; when the folder changed meanwhile, once more. Blocks on the disk.
    ///
    /// # Errors
    /// When there are no results, or they are being replaced; a refusal by `read` itself is given on.
    pub fn read<T>(&self, read: impl Fn(&Snapshot) -> Result<Reading<T>, StoreError>) -> Result<T, Problem> {
        let mut failed = Problem::internal("no attempt");
        for _ in 0..2 {
            let snapshot = match self.snapshot() {
                Ok(snapshot) => snapshot,
                Err(error) => {
                    failed = Problem::not_ready(&error);
                    continue;
                }
            };
            let reading = read(&snapshot);
            // Tables that moved while they were read may have given rows of another symbol.
            let has_moved = self.stamp() != snapshot.stamp || self.batch_is_running();
            failed = match reading {
                Ok(reading) if self.stamp() == snapshot.stamp => return reading,
                Ok(_) => Problem::not_ready(&self.moved()),
                Err(error) if has_moved => Problem::not_ready(&error),
                Err(error) => Problem::damaged(&error),
            };
        }
        Err(failed)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether no batch has ever made results here.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.stamp().is_none()
    }

    /// The results as last seen, when the folder has not changed since: one question to the file system.
    #[must_use]
    pub fn unchanged(&self) -> Option<Arc<Snapshot>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.current(seen.as_ref())
    }

    fn current(&self, seen: Option<&Arc<Snapshot>>) -> Option<Arc<Snapshot>> {
        seen.filter(|snapshot| self.stamp() == snapshot.stamp).cloned()
    }

    /// The results as they are.
    ///
    /// # Errors
    /// When there are none, or they are damaged or being replaced.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = self.current(seen.as_ref()) {
            return Ok(snapshot);
        }
        let fresh = Arc::new(self.load()?);
        let lacks = |before: &Arc<Snapshot>| {
            let mut dates = before.archive.catalogues().keys();
            dates.any(|date| !fresh.archive.catalogues().contains_key(date))
        };
        // While a batch moves tables its manifest leaves their dates out: that is no reason to deny them.
        if seen.as_ref().is_some_and(lacks) && self.batch_is_running() {
            return Err(self.moved());
        }
        tracing::info!(dates = fresh.archive.catalogues().len(), "results loaded");
        *seen = Some(fresh.clone());
        Ok(fresh)
    }

    fn batch_is_running(&self) -> bool {
        let lock = File::open(self.root.join(".lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn load(&self) -> Result<Snapshot, StoreError> {
        let stamp = self.stamp();
        if stamp.is_none() && self.may_be_bare {
            return Ok(Snapshot {
                archive: Archive::bare(&self.root),
                bar_widths: Vec::new(),
                version: 0,
                day_versions: BTreeMap::new(),
                stamp,
            });
        }
        let archive = Archive::open(&self.root)?;
        let manifest = Manifest::load(&self.root)?.ok_or_else(|| self.moved())?;
        if self.stamp() != stamp {
            return Err(self.moved());
        }
        let made = |f: Fingerprint, unit: &UnitRecord| f.with(format!("{unit:?}").as_bytes());
        let first = Fingerprint::default().with(format!("{:?}", manifest.parameters).as_bytes());
        let by_day = manifest.units.iter().flat_map(|u| u.dates.iter().map(move |date| (date, u)));
        Ok(Snapshot {
            archive,
            bar_widths: manifest.bar_widths(),
            version: manifest.units.iter().fold(first, made).value(),
            day_versions: by_day.map(|(date, unit)| (date.clone(), made(first, unit).value())).collect(),
            stamp,
        })
    }

    fn stamp(&self) -> Stamp {
        let about = std::fs::metadata(Manifest::path(&self.root)).ok()?;
        Some((about.modified().ok()?, about.len()))
    }

    fn moved(&self) -> StoreError {
        StoreError::damaged(&self.root, "was changed while it was read")
    }
}

/// What reading gave: the thing, or a refusal that has nothing to do with the disk.
pub type Reading<T> = Result<T, Problem>;
