//! What can be wrong with an input, said so that its owner can mend it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A cell that does not hold what its column promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The column, as the file spells it.
    pub column: String,
    /// The raw text found there.
    pub value: String,
    /// What is wrong with it and what would be right.
    pub why: &'static str,
}

/// A row that was refused under `--on-bad-row skip`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Line (text) or row (Parquet), counted from 1.
    pub line: u64,
    /// Column name.
    pub column: String,
    /// Raw text.
    pub value: String,
    /// What is wrong.
    pub why: &'static str,
}

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The operating system, or the compressed stream, refused.
    #[error("{}: {doing}: {source}{}", path.display(), hint(source))]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The refusal.
        source: io::Error,
    },
    /// A cell is wrong.
    #[error(
        "{} line {line}, column {}: '{}' {}; mend the row, or leave such rows out and have them counted \
         with --on-bad-row skip",
        path.display(), fault.column, fault.value, fault.why
    )]
    Field {
        /// Which file.
        path: PathBuf,
        /// Line, counted from 1.
        line: u64,
        /// What is wrong there.
        fault: Fault,
    },
    /// The file as a whole is not what it should be.
    #[error("{}: {what}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What was found and what to do.
        what: String,
    },
    /// The river stopped listening because something else failed first.
    #[error("reading was called off")]
    CalledOff,
}

impl IngestError {
    /// A refusal of the operating system.
    pub fn io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Io { path, doing, source }
    }

    /// Whether the same file may be readable another time: the system refused, not the data.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        use io::ErrorKind::{InvalidData, InvalidInput, NotFound, PermissionDenied, UnexpectedEof};
        let lasting =
            [InvalidData, InvalidInput, NotFound, PermissionDenied, UnexpectedEof, io::ErrorKind::Other];
        matches!(self, Self::Io { source, .. } if !lasting.contains(&source.kind()))
    }

    /// A fault of the whole file.
    pub fn file(path: &Path, what: impl Into<String>) -> Self {
        let (path, what) = (path.to_owned(), what.into());
        Self::File { path, what }
    }
}

/// Runs a library's decoder that answers some damaged files with a panic, and makes that an error like others.
///
/// # Errors
/// The decoder's own; that it broke off.
pub fn unbroken<T>(
    path: &Path,
    format: &str,
    decode: impl FnOnce() -> Result<T, IngestError>,
) -> Result<T, IngestError> {
    let broke_off =
        |_| IngestError::file(path, format!("is damaged {format}: its decoder broke off; fetch it again"));
    catch_unwind(AssertUnwindSafe(decode)).map_err(broke_off)?
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::UnexpectedEof => "; the file ends inside its compressed data: fetch it again",
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            "; the compressed data are damaged: fetch the file again"
        }
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::PermissionDenied => "; give yourself read permission",
        _ => "",
    }
}
