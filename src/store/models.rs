//! `DIR/models/<SYMBOL>/<bar>/`: models by cutoff, and `index.json` that lists them.
//!
//! A training writes a file a model, `<purpose>-<cutoff date>-<first twelve of its SHA-256>.json`, then the index,
//! then removes the files of its purpose that the index no longer names. A reader goes by the index, and finds the
//! whole old or the whole new one; a file that is gone by then means: read the index again.
//!
//! A model is asked about moments from its cutoff on: [`ModelIndex::at`] picks the latest that was calibrated by
//! then, so that an answer as of a past moment knows nothing later. Models of data that was made anew since are
//! told by [`ModelEntry::is_stale`].

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::dir::{StoreError, create_dir, write_atomically};
use super::manifest::Manifest;
use crate::forecast::{Forecaster, Kind, Model, Purpose, TrackRecord, Weighting};
use crate::limits::MODEL_MAX_BYTES;
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Symbol, sha256};

/// A stored model, as the index tells of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Its file, beside the index.
    pub file: String,
    /// SHA-256 of the file: the model's name.
    pub sha256: String,
    /// What it answers.
    pub purpose: Purpose,
    /// Its kind, the champion at its cutoff.
    pub kind: Kind,
    /// Whether it is the one to use from now on.
    pub champion: bool,
    /// How observations weighed.
    pub weighting: Weighting,
    /// What chance was seeded with.
    pub seed: u64,
    /// New York date of its first row.
    pub calibrated_from: String,
    /// New York date of its last row.
    pub calibrated_to: String,
    /// Start of the first row, nanoseconds since 1970 UTC.
    pub calibrated_from_ns: i64,
    /// The cutoff: end of the last row.
    pub calibrated_to_ns: i64,
    /// Rows there were.
    pub rows: usize,
    /// Rows that taught.
    pub rows_taught: usize,
    /// How the champions did on unseen rows before the cutoff, with the coverage of intervals until then.
    pub record: Option<TrackRecord>,
    /// Meaning of its features.
    pub features_version: u32,
    /// What [`Manifest::states`] said of its last date: the state of all results up to then.
    pub data_snapshot: String,
}

/// The models of a symbol's bars of one width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelIndex {
    /// The symbol.
    pub symbol: String,
    /// Width of the bars.
    pub bar_seconds: f64,
    /// The models, by purpose and cutoff.
    pub models: Vec<ModelEntry>,
}

/// A width in file names: `60s`, `0.5s`.
pub(super) fn bar_name(width: i64) -> String {
    format!("{}s", width as f64 / NANOS_PER_SECOND as f64)
}

fn folder(root: &Path, symbol: &Symbol, width: i64) -> PathBuf {
    root.join("models").join(symbol.file_stem()).join(bar_name(width))
}

impl ModelIndex {
    /// Reads the index; `None` when nothing was trained on such bars.
    ///
    /// # Errors
    /// When it is there but damaged.
    pub fn load(root: &Path, symbol: &Symbol, width: i64) -> Result<Option<Self>, StoreError> {
        let path = folder(root, symbol, width).join("index.json");
        let bytes = match std::fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|e| StoreError::io(&path, "reading", e))?,
        };
        let damaged = |e| StoreError::damaged(&path, format!("is damaged ({e}); run impactd train again"));
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// The latest model of a purpose that was calibrated by a moment.
    #[must_use]
    pub fn at(&self, purpose: Purpose, as_of: Nanos) -> Option<&ModelEntry> {
        let known = self.models.iter().filter(|m| m.purpose == purpose && m.calibrated_to_ns <= as_of.0);
        known.max_by_key(|m| m.calibrated_to_ns)
    }

    /// Reads a model, and checks that it is the one the index names.
    ///
    /// # Errors
    /// When it is missing, too large, damaged, or made for other features.
    pub fn read(&self, root: &Path, entry: &ModelEntry) -> Result<Forecaster, StoreError> {
        let width = (self.bar_seconds * NANOS_PER_SECOND as f64).round() as i64;
        let path = folder(root, &Symbol::new(&self.symbol), width).join(&entry.file);
        let length = std::fs::metadata(&path).map_err(|e| StoreError::io(&path, "reading", e))?.len();
        if length > MODEL_MAX_BYTES {
            return Err(StoreError::damaged(&path, format!("has {length} bytes, more than a model has")));
        }
        let bytes = std::fs::read(&path).map_err(|e| StoreError::io(&path, "reading", e))?;
        let model = Forecaster::read(&bytes).map_err(|e| StoreError::damaged(&path, e.to_string()))?;
        if model.sha256() != entry.sha256 {
            let what = "is not the model that index.json names; run impactd train again";
            return Err(StoreError::damaged(&path, what));
        }
        Ok(model)
    }
}

impl ModelEntry {
    /// Whether the data it learned from was made anew, from other inputs, since.
    #[must_use]
    pub fn is_stale(&self, manifest: &Manifest) -> bool {
        manifest.states().get(&self.calibrated_to) != Some(&self.data_snapshot)
    }

    fn new(model: &Model, sha256: String, manifest: &Manifest) -> Self {
        let date = |ns: i64| NYSE.date_of(Nanos(ns)).to_string();
        // The cutoff is a bar's end, which may be the first moment of nobody's day: the last row's date is meant.
        let (from, to) = (date(model.calibrated_from_ns), date(model.calibrated_to_ns - 1));
        Self {
            file: format!("{}-{to}-{}.json", model.purpose.name(), &sha256[..12]),
            sha256,
            purpose: model.purpose,
            kind: model.kind,
            champion: false,
            weighting: model.weighting,
            seed: model.seed,
            calibrated_from_ns: model.calibrated_from_ns,
            calibrated_to_ns: model.calibrated_to_ns,
            rows: model.rows,
            rows_taught: model.rows_taught,
            record: model.record,
            features_version: model.features_version,
            data_snapshot: manifest.states().remove(&to).unwrap_or_default(),
            calibrated_from: from,
            calibrated_to: to,
        }
    }
}

/// Stores the models of one purpose, by cutoff and the current champion last, in place of those stored before.
///
/// # Errors
/// When the operating system refuses, or an earlier index is damaged.
pub fn write_models(
    root: &Path,
    symbol: &Symbol,
    width: i64,
    manifest: &Manifest,
    models: &[Model],
) -> Result<Vec<ModelEntry>, StoreError> {
    let folder = folder(root, symbol, width);
    create_dir(&folder)?;
    let before = ModelIndex::load(root, symbol, width)?;
    let purpose = models.first().map(|model| model.purpose);
    let mut entries = Vec::new();
    for model in models {
        let bytes = model.bytes().map_err(|e| StoreError::damaged(&folder, e.to_string()))?;
        let entry = ModelEntry::new(model, sha256(&bytes), manifest);
        write_atomically(&folder.join(&entry.file), &bytes)?;
        entries.push(entry);
    }
    if let Some(last) = entries.last_mut() {
        last.champion = true;
    }
    let mut index = before.unwrap_or(ModelIndex {
        symbol: symbol.to_string(),
        bar_seconds: width as f64 / NANOS_PER_SECOND as f64,
        models: Vec::new(),
    });
    index.models.retain(|model| Some(model.purpose) != purpose);
    index.models.extend(entries.iter().cloned());
    index.models.sort_by_key(|model| (model.purpose, model.calibrated_to_ns));
    let path = folder.join("index.json");
    let mut bytes =
        serde_json::to_vec_pretty(&index).map_err(|e| StoreError::damaged(&path, e.to_string()))?;
    bytes.push(b'\n');
    write_atomically(&path, &bytes)?;
    sweep(&folder, &index)?;
    Ok(entries)
}

/// Removes models that the index does not name.
fn sweep(folder: &Path, index: &ModelIndex) -> Result<(), StoreError> {
    let entries = std::fs::read_dir(folder).map_err(|e| StoreError::io(folder, "listing", e))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name != "index.json" && !index.models.iter().any(|model| name == model.file.as_str()) {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(|e| StoreError::io(&path, "removing", e))?;
        }
    }
    Ok(())
}
