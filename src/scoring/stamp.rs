//! What tells one state of a model's folder from another, without reading its files. The time a file was modified can
//! be set by anybody who copies it; its inode and the time of its last change of any kind cannot.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Name, length, inode, time of the last change: of each file, by name.
pub type Stamp = Vec<(String, u64, u64, i64, i64)>;

/// Files of a folder that count at most; a model's has four.
const FILES_MAX: usize = 64;

/// The state of a folder; empty when it cannot be read.
pub fn stamp(folder: &Path) -> Stamp {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(FILES_MAX);
    let mut stamp: Stamp = entries
        .filter_map(|entry| {
            let about = std::fs::metadata(entry.path()).ok()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Some((name, about.len(), about.ino(), about.ctime(), about.ctime_nsec()))
        })
        .collect();
    stamp.sort();
    stamp
}
