//! Files that appear whole or not at all: written under another name, renamed when finished.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use super::error::SimulateError;

const BUFFER_BYTES: usize = 1 << 18;

/// A file under its working name, removed unless it is kept.
pub(super) struct PartFile {
    working: PathBuf,
    path: PathBuf,
    is_kept: bool,
}

impl PartFile {
    /// Creates the file, and its folder where there is none.
    pub(super) fn create(dir: &Path, name: &str) -> Result<(Self, BufWriter<File>), SimulateError> {
        let part = Self { working: dir.join(format!(".{name}.part")), path: dir.join(name), is_kept: false };
        fs::create_dir_all(dir).map_err(|e| SimulateError::io(dir, e))?;
        let file = File::create(&part.working).map_err(|e| part.error(e))?;
        Ok((part, BufWriter::with_capacity(BUFFER_BYTES, file)))
    }

    /// Gives the file its name; all of it must be written by now.
    pub(super) fn keep(mut self) -> Result<PathBuf, SimulateError> {
        fs::rename(&self.working, &self.path).map_err(|e| self.error(e))?;
        self.is_kept = true;
        Ok(self.path.clone())
    }

    /// What went wrong, with the file's name.
    pub(super) fn error(&self, source: impl Into<std::io::Error>) -> SimulateError {
        SimulateError::io(&self.path, source)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nobody is left to tell; a stray working file is named as one.
            let _ = fs::remove_file(&self.working);
        }
    }
}

enum Packing {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

/// A text file, plain or gzip.
pub(super) struct TextFile {
    part: PartFile,
    packing: Packing,
}

impl TextFile {
    /// Creates the file.
    pub(super) fn create(dir: &Path, name: &str, is_gzip: bool) -> Result<Self, SimulateError> {
        let (part, file) = PartFile::create(dir, name)?;
        let packing = if is_gzip {
            // No name and no time in the header: the same rows give the same bytes.
            Packing::Gzip(Box::new(GzBuilder::new().mtime(0).write(file, Compression::new(6))))
        } else {
            Packing::Plain(file)
        };
        Ok(Self { part, packing })
    }

    /// Writes bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), SimulateError> {
        let written = match &mut self.packing {
            Packing::Plain(file) => file.write_all(bytes),
            Packing::Gzip(file) => file.write_all(bytes),
        };
        written.map_err(|e| self.part.error(e))
    }

    /// Ends the file and gives it its name.
    pub(super) fn finish(self) -> Result<PathBuf, SimulateError> {
        let Self { part, packing } = self;
        let flushed = match packing {
            Packing::Plain(mut file) => file.flush(),
            Packing::Gzip(file) => file.finish().and_then(|mut file| file.flush()),
        };
        flushed.map_err(|e| part.error(e))?;
        part.keep()
    }
}
