//! Files and folders, with the path in every error and nothing half-written in sight.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A result could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused.
    #[error("{}: {doing}: {source}{}", path.display(), hint(source))]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The refusal.
        source: io::Error,
    },
    /// Somebody else is writing into the folder.
    #[error(
        "{}: another batch or training is writing into this folder; wait for it, or use another folder",
        path.display()
    )]
    Locked {
        /// Which folder.
        path: PathBuf,
    },
    /// A file does not hold what it should.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What was found and what to do.
        what: String,
    },
    /// The results are sound, and not of the kind that is asked for.
    #[error("{what}")]
    Unfit {
        /// What they are and what is needed.
        what: String,
    },
}

impl StoreError {
    /// A refusal of the operating system.
    pub fn io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Io { path, doing, source }
    }

    /// A file that does not hold what it should.
    pub fn damaged(path: &Path, what: impl Into<String>) -> Self {
        let (path, what) = (path.to_owned(), what.into());
        Self::Damaged { path, what }
    }
}

fn is_full(source: &io::Error) -> bool {
    matches!(
        source.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

fn hint(source: &io::Error) -> &'static str {
    if is_full(source) { "; free some space and run again, nothing half-written was left" } else { "" }
}

/// Creates a folder and its parents.
///
/// # Errors
/// When the operating system refuses.
pub fn create_dir(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(|e| StoreError::io(path, "creating the folder", e))
}

/// Removes a folder with all in it; one that is not there is fine.
///
/// # Errors
/// When the operating system refuses.
pub fn remove_dir(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path, "removing the folder", e)),
        _ => Ok(()),
    }
}

/// Moves a file or folder into place and makes the move durable.
///
/// # Errors
/// When the operating system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|e| StoreError::io(to, "moving it into place", e))?;
    match to.parent() {
        // A bare file name lies in the working folder.
        Some(parent) if parent.as_os_str().is_empty() => sync(Path::new(".")),
        Some(parent) => sync(parent),
        None => Ok(()),
    }
}

/// Writes a file under a temporary name, syncs it and renames it: readers see the old or the new one.
///
/// # Errors
/// When the operating system refuses; the temporary file is removed again.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    // The whole name, hidden: no file of the user's is called so, and two that differ in their ending do not share it.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let landed =
        written.map_err(|e| StoreError::io(path, "writing", e)).and_then(|()| rename(&temporary, path));
    if landed.is_err() {
        // The first failure is the one worth telling.
        let _ = fs::remove_file(&temporary);
    }
    landed
}

/// Takes a results folder for writing, until the file is dropped.
///
/// # Errors
/// When another process has it, or the operating system refuses.
pub fn lock(root: &Path) -> Result<File, StoreError> {
    let path = root.join(".lock");
    let file = File::create(&path).map_err(|e| StoreError::io(&path, "creating", e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: root.to_owned() }),
        Err(TryLockError::Error(error)) => Err(StoreError::io(&path, "locking", error)),
    }
}

/// Makes a file's or folder's content durable.
///
/// # Errors
/// When the operating system refuses.
pub fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|e| StoreError::io(path, "syncing", e))
}
