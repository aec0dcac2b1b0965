//! The files that a batch made or found made: names, rows, hashes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::batch::{BatchError, Watch, file_sha256};
use crate::store::ledger::JobFile;
use crate::store::{Catalogue, Manifest, StoreError, Table, part_path};

/// The files of some dates in a results folder, by name.
///
/// # Errors
/// When one cannot be read, or the job is called off meanwhile.
pub fn files(out: &Path, dates: &[String], watch: &Watch) -> Result<Vec<JobFile>, BatchError> {
    let mut rows: BTreeMap<PathBuf, Option<u64>> = BTreeMap::new();
    rows.insert(Manifest::path(out), None);
    for date in dates {
        rows.insert(Catalogue::path(out, date), None);
        let catalogue = Catalogue::load(out, date)?;
        for entry in &catalogue.symbols {
            for (table, range) in &entry.rows {
                let part = part_path(out, *table, date, entry.bucket);
                *rows.entry(part).or_default().get_or_insert(0) += range.rows as u64;
            }
        }
        // Parts without rows are files too, and summaries are listed in no catalogue.
        let folders = Table::ALL.map(|table| out.join(table.name()).join(format!("date={date}")));
        for path in folders.iter().flat_map(|folder| listed(folder, ".parquet")) {
            rows.entry(path).or_insert(Some(0));
        }
        for path in listed(&out.join("summary"), &format!("_{}.json", date.replace('-', ""))) {
            rows.insert(path, None);
        }
    }
    let mut files = Vec::with_capacity(rows.len());
    for (path, rows) in rows {
        files.push(file(out, &path, rows, watch)?);
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// The files of a folder whose names end so; none where the folder is not there.
fn listed(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let wanted =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ending));
    entries.map(|entry| entry.path()).filter(wanted).collect()
}

fn file(out: &Path, path: &Path, rows: Option<u64>, watch: &Watch) -> Result<JobFile, BatchError> {
    let bytes = fs::metadata(path).map_err(|e| StoreError::io(path, "asking for its size", e))?.len();
    let inside = path.strip_prefix(out).unwrap_or(path).to_string_lossy().into_owned();
    Ok(JobFile {
        // One word, so that it fits a path of a URL as it is.
        name: inside.replace('/', "."),
        path: inside,
        bytes,
        rows,
        sha256: file_sha256(path, watch)?,
    })
}
