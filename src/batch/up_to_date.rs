//! Whether a folder holds the asked results already: the same inputs by hash, under the same parameters.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::plan::hex;
use super::{BatchError, Plan, unit};
use crate::ingest::{IngestError, Input};
use crate::limits::READ_CHUNK_BYTES;
use crate::store::{InputRecord, Manifest};

/// Whether the manifest speaks of every input of the plan, byte for byte.
///
/// # Errors
/// When an input cannot be read.
pub fn is_up_to_date(before: &Manifest, plan: &Plan) -> Result<bool, BatchError> {
    let known: Vec<&InputRecord> = before.units.iter().flat_map(|u| &u.inputs).collect();
    let inputs = || plan.units.iter().flat_map(|u| &u.inputs);
    let could_be = |input: &Input| {
        known.iter().any(|k| k.name == unit::file_name(&input.path) && k.bytes == input.bytes)
    };
    if !inputs().all(could_be) {
        return Ok(false);
    }
    for input in inputs() {
        let hash = sha256(&input.path)?;
        if !known.iter().any(|k| k.sha256 == hash) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What to tell when a folder holds results under other parameters.
pub fn different_parameters(out: &Path, before: &Manifest, now: &BTreeMap<String, Value>) -> String {
    let mut changed: Vec<&str> = now
        .iter()
        .filter(|(name, value)| before.parameters.get(*name) != Some(value))
        .map(|(name, _)| name.as_str())
        .collect();
    if changed.is_empty() {
        changed.push("version");
    }
    format!(
        "{}: holds results made with other parameters ({}); choose another --out, or delete it",
        out.display(),
        changed.join(", ")
    )
}

/// SHA-256 of a file in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> Result<String, IngestError> {
    let fail = |e| IngestError::io(path, "hashing", e);
    let mut file = File::open(path).map_err(fail)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; READ_CHUNK_BYTES]);
    loop {
        let got = file.read(&mut buffer).map_err(fail)?;
        if got == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..got]);
    }
}
