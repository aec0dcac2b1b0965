//! Whether a folder holds the asked results already: the same inputs by hash, under the same parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{BatchError, Plan, Watch};
use crate::ingest::IngestError;
use crate::limits::READ_CHUNK_BYTES;
use crate::store::{Catalogue, Manifest, UnitRecord, part_path};
use crate::tape::hex;

/// Whether the folder holds what the plan would make: every unit of exactly these files, by hash, with all its
/// tables in place.
///
/// # Errors
/// When an input cannot be read.
pub fn is_up_to_date(before: &Manifest, plan: &Plan, out: &Path, watch: &Watch) -> Result<bool, BatchError> {
    for unit in &plan.units {
        let Some(made) = unit.made(before).filter(|made| tables_are_there(made, out)) else {
            return Ok(false);
        };
        for input in &unit.inputs {
            let hash = sha256(&input.path, watch)?;
            if !made.inputs.iter().any(|known| known.sha256 == hash) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn tables_are_there(made: &UnitRecord, out: &Path) -> bool {
    made.dates.iter().all(|date| {
        Catalogue::load(out, date).is_ok_and(|catalogue| {
            let parts = catalogue
                .symbols
                .iter()
                .flat_map(|entry| entry.rows.keys().map(|table| part_path(out, *table, date, entry.bucket)));
            parts.collect::<BTreeSet<_>>().iter().all(|part| part.is_file())
        })
    })
}

/// Landing replaces whole dates, and retires every unit that shares one. What to tell when symbols or dates would
/// go that the new results do not have; `staged` is where a date's new catalogue lies.
pub fn what_would_be_lost(before: &Manifest, out: &Path, staged: &BTreeMap<String, &Path>) -> Option<String> {
    let shared = |unit: &&UnitRecord| unit.dates.iter().any(|date| staged.contains_key(date));
    for date in before.units.iter().filter(shared).flat_map(|unit| &unit.dates) {
        let lost = match staged.get(date) {
            None => Some(date.clone()),
            Some(folder) => {
                let old = Catalogue::load(out, date).unwrap_or_default();
                let new = Catalogue::load(folder, date).unwrap_or_default();
                let gone = old.symbols.into_iter().find(|entry| new.find(&entry.symbol).is_none());
                gone.map(|entry| format!("{} of {date}", entry.symbol))
            }
        };
        if let Some(lost) = lost {
            let what = "these files would replace earlier results, and lose";
            return Some(format!("{what} {lost}; give the earlier files too, or choose another --out"));
        }
    }
    None
}

/// What to tell when a folder holds results under other parameters.
pub fn different_parameters(out: &Path, before: &Manifest, now: &BTreeMap<String, Value>) -> String {
    let names: BTreeSet<&String> = before.parameters.keys().chain(now.keys()).collect();
    let differs = |name: &&String| before.parameters.get(*name) != now.get(*name);
    let mut changed: Vec<&str> = names.into_iter().filter(differs).map(String::as_str).collect();
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
/// When it cannot be read, or the batch is called off meanwhile.
pub fn sha256(path: &Path, watch: &Watch) -> Result<String, BatchError> {
    let fail = |e| IngestError::io(path, "hashing", e);
    let mut file = File::open(path).map_err(fail)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; READ_CHUNK_BYTES]);
    loop {
        let got = file.read(&mut buffer).map_err(fail)?;
        if got == 0 {
            return Ok(hex(&hash.finalize()));
        }
        if watch.is_called_off() {
            return Err(BatchError::CalledOff);
        }
        hash.update(&buffer[..got]);
    }
}
