//! A session that is over becomes tables: its events are read from the journal once more, late ones among them, and
//! written by the batch's own code. Twice is harmless, and a daemon that dies on the way does it again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::day::DayRecord;
use crate::batch::{BatchError, Request, SessionTape};
use crate::store::ledger::{LedgerError, Reader};
use crate::store::{Manifest, StoreError, crash, create_dir, write_atomically};

/// Why a session's tables were not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LandingError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] LedgerError),
    /// The tables.
    #[error(transparent)]
    Tables(#[from] BatchError),
    /// The folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A panic.
    #[error("writing the tables broke off; this is a defect, report it with the daemon's log")]
    Defect,
}

/// Where what is written down of sessions lies.
fn folder(data: &Path) -> PathBuf {
    data.join("live").join("sessions")
}

fn path(data: &Path, date: NaiveDate) -> PathBuf {
    folder(data).join(format!("{date}.json"))
}

/// Writes the tables of a session from the journal up to `record`'s position, and the record.
///
/// # Errors
/// When something could not be read or written, or the folder's results of the date are not the journal's to replace.
pub fn land(
    request: &Request,
    reader: &Reader,
    date: NaiveDate,
    record: &DayRecord,
    is_called_off: &dyn Fn() -> bool,
) -> Result<(), LandingError> {
    crash::point("before_landing");
    let mut tape = SessionTape::begin(request, date)?;
    let mut spilled = Ok(());
    reader.events_of(date, |chunk| {
        if chunk.position > record.position || is_called_off() {
            return false;
        }
        spilled = tape.add(&chunk);
        spilled.is_ok()
    })?;
    spilled?;
    tape.land(is_called_off)?;
    let path = path(&request.out, date);
    path.parent().map_or(Ok(()), create_dir)?;
    let bytes = serde_json::to_vec(record).map_err(|e| StoreError::damaged(&path, e.to_string()))?;
    write_atomically(&path, &bytes)?;
    crash::point("after_landing");
    Ok(())
}

/// The sessions of the journal that have landed, with what was written down of each. What was written down of others
/// is removed: sessions that are gone, and those of a journal that was set aside.
///
/// # Errors
/// When the journal, the manifest or a record cannot be read.
pub fn landed(data: &Path, reader: &Reader) -> Result<BTreeMap<NaiveDate, DayRecord>, LandingError> {
    let manifest = Manifest::load(data)?;
    let units = manifest.iter().flat_map(|manifest| &manifest.units);
    // Those that a batch has since made anew from files among them.
    let made: Vec<&String> = units.flat_map(|unit| &unit.dates).collect();
    let dates = reader.dates()?;
    let mut landed = BTreeMap::new();
    for entry in std::fs::read_dir(folder(data)).into_iter().flatten().flatten() {
        let path = entry.path();
        let Some(date) = path.file_stem().and_then(|stem| stem.to_str()?.parse::<NaiveDate>().ok()) else {
            continue;
        };
        let bytes = std::fs::read(&path).map_err(|e| StoreError::io(&path, "reading", e))?;
        let record: DayRecord = serde_json::from_slice(&bytes)
            .map_err(|e| StoreError::damaged(&path, format!("is damaged ({e}); delete it")))?;
        let is_here = dates.contains(&date) && reader.last_of(date)? >= Some(record.position);
        if is_here && made.contains(&&date.to_string()) {
            landed.insert(date, record);
        } else {
            forget(data, date);
        }
    }
    Ok(landed)
}

/// Removes what was written down of a session that has left the journal.
pub fn forget(data: &Path, date: NaiveDate) {
    // Without its session it says nothing; one that is left behind costs nothing.
    let _ = std::fs::remove_file(path(data, date));
}
