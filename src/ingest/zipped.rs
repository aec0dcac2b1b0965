//! Zips that hold one file of a tape, as `lean` and `binance-vision` come.
//!
//! In: a path. Out: the archive, whose bytes are counted as they are read, and the name of the file within.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::error::IngestError;
use super::source;

/// A file whose bytes are counted, each once at most: a zip is not read from its beginning to its end.
pub struct Counted {
    file: File,
    left: u64,
    seen: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.file.read(out)?;
        let more = self.left.min(got as u64);
        self.left -= more;
        self.seen.fetch_add(more, Ordering::Relaxed);
        Ok(got)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A zip that holds one file.
pub struct Zipped {
    archive: ZipArchive<BufReader<Counted>>,
    /// The name of that file.
    pub name: String,
}

impl Zipped {
    /// Opens a zip.
    ///
    /// # Errors
    /// When it cannot be opened, is damaged, or does not hold one file.
    pub fn open(path: &Path, seen: Arc<AtomicU64>) -> Result<Self, IngestError> {
        let file = source::open(path)?;
        let left = file.metadata().map_err(|e| IngestError::io(path, "asking for its size", e))?.len();
        let archive = ZipArchive::new(BufReader::new(Counted { file, left, seen }));
        let archive = archive.map_err(|e| damaged(path, &e))?;
        let names: Result<Vec<_>, _> = archive.file_names().collect();
        let name = match names.map_err(|e| damaged(path, &e))?.as_slice() {
            [one] => one.to_string(),
            many => {
                let what = format!("holds {} files where a zip of a tape holds one", many.len());
                return Err(IngestError::file(path, what));
            }
        };
        Ok(Self { archive, name })
    }

    /// The file within, unpacked as it is read.
    ///
    /// # Errors
    /// When the zip is damaged.
    pub fn entry(&mut self, path: &Path) -> Result<ZipFile<'_, BufReader<Counted>>, IngestError> {
        self.archive.by_index(0).map_err(|e| damaged(path, &e))
    }
}

fn damaged(path: &Path, error: &zip::result::ZipError) -> IngestError {
    IngestError::file(path, format!("is a damaged zip ({error}); fetch it again"))
}
