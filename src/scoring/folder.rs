//! A model folder read from disk: manifest, graph and golden rows, bounded, hashed and inspected. Nothing of it has
//! reached the runtime yet.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::ScoringError;
use super::golden::{self, GoldenRows};
use super::inspect;
use super::manifest::{FileRef, Manifest};
use crate::limits::{SCORING_GOLDEN_MAX_BYTES, SCORING_GRAPH_MAX_BYTES, SCORING_MANIFEST_MAX_BYTES};
use crate::tape::sha256;

/// A folder's content, sound as far as it can be told without running it.
#[derive(Debug)]
pub struct Folder {
    /// Inputs and outputs stand in the graph's order.
    pub manifest: Manifest,
    /// The graph.
    pub graph: Vec<u8>,
    /// What it must answer.
    pub golden: GoldenRows,
}

/// Reads a folder.
///
/// # Errors
/// At the first fault, with the file it is in.
pub fn read(folder: &Path) -> Result<Folder, ScoringError> {
    let mut manifest = manifest(folder)?;
    let at = |name: &str| folder.join(name).display().to_string();
    let graph = named(folder, &manifest.model, SCORING_GRAPH_MAX_BYTES)?;
    let found = inspect::inspect(&graph).map_err(|e| e.at(at(&manifest.model.file)))?;
    let said = |e: ScoringError| e.at(at("manifest.json"));
    manifest.inputs = inspect::agree(&manifest.inputs, &found.inputs, "input").map_err(said)?;
    manifest.outputs = inspect::agree(&manifest.outputs, &found.outputs, "output").map_err(said)?;
    let reference = FileRef { file: manifest.golden.file.clone(), sha256: manifest.golden.sha256.clone() };
    let bytes = named(folder, &reference, SCORING_GOLDEN_MAX_BYTES)?;
    let golden = golden::parse(&bytes, &manifest).map_err(|e| e.at(at(&reference.file)))?;
    Ok(Folder { manifest, graph, golden })
}

/// Reads a folder's manifest alone.
///
/// # Errors
/// When it is absent or not sound.
pub fn manifest(folder: &Path) -> Result<Manifest, ScoringError> {
    let bytes = bounded(&inside(folder, "manifest.json")?, SCORING_MANIFEST_MAX_BYTES)?;
    Manifest::parse(&bytes).map_err(|e| e.at(folder.join("manifest.json").display()))
}

fn named(folder: &Path, wanted: &FileRef, bytes_max: u64) -> Result<Vec<u8>, ScoringError> {
    let path = inside(folder, &wanted.file)?;
    let bytes = bounded(&path, bytes_max)?;
    let found = sha256(&bytes);
    if found == wanted.sha256 {
        return Ok(bytes);
    }
    let what = format!(
        "has sha256 {found}, the manifest says {}: it was changed, or not copied whole",
        wanted.sha256
    );
    Err(ScoringError::new(what).at(path.display()))
}

/// The path of a file of the folder; one that a link leads out of it is refused.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, ScoringError> {
    let path = folder.join(name);
    let refused = |e: std::io::Error| ScoringError::new(e.to_string()).at(path.display());
    let (real, home) = (path.canonicalize().map_err(refused)?, folder.canonicalize().map_err(refused)?);
    if real.parent() != Some(home.as_path()) || !real.is_file() {
        return Err(ScoringError::new("is no file of this folder").at(path.display()));
    }
    Ok(path)
}

fn bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, ScoringError> {
    let refused = |e: std::io::Error| ScoringError::new(e.to_string()).at(path.display());
    let length = fs::metadata(path).map_err(refused)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(bytes_max)).unwrap_or_default());
    File::open(path).map_err(refused)?.take(bytes_max + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > bytes_max {
        return Err(ScoringError::new(format!("is longer than {bytes_max} bytes")).at(path.display()));
    }
    Ok(bytes)
}
