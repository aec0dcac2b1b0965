//! Files, plain or gzip, as byte streams that report their progress.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::error::IngestError;
use crate::limits::READ_CHUNK_BYTES;
use crate::tape::hex;

/// A file's bytes on their way: counted for the progress bar, and hashed, so that no second pass is needed.
struct Watched<R> {
    inner: R,
    seen: Arc<AtomicU64>,
    hash: Arc<Mutex<Sha256>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(out)?;
        self.seen.fetch_add(got as u64, Ordering::Relaxed);
        self.hash.lock().unwrap_or_else(PoisonError::into_inner).update(&out[..got]);
        Ok(got)
    }
}

/// The hash of the bytes that have passed.
pub struct PassedHash(Arc<Mutex<Sha256>>);

impl PassedHash {
    /// Lets the rest of the stream pass; gives the hash of the whole file in hexadecimal.
    ///
    /// # Errors
    /// When the stream fails.
    pub fn finish(self, mut rest: impl Read) -> io::Result<String> {
        io::copy(&mut rest, &mut io::sink())?;
        let hash = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(hex(&hash.finalize()))
    }
}

/// Opens a file, saying which one when that fails.
///
/// # Errors
/// When the operating system refuses.
pub fn open(path: &Path) -> Result<File, IngestError> {
    let file = File::open(path).map_err(|e| IngestError::io(path, "opening", e))?;
    let meta = file.metadata().map_err(|e| IngestError::io(path, "asking for its size", e))?;
    if meta.is_dir() {
        let what = "is a folder; name the files in it, as in FOLDER/*.gz";
        return Err(IngestError::file(path, what));
    }
    if meta.len() == 0 {
        return Err(IngestError::file(path, "is empty; fetch it again"));
    }
    Ok(file)
}

/// Opens a text tape, unpacking gzip when its first bytes say so; the hash is that of the file as it lies.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn open_text(path: &Path, seen: Arc<AtomicU64>) -> Result<(Box<dyn Read>, PassedHash), IngestError> {
    let mut file = open(path)?;
    let mut magic = [0; 2];
    let got =
        read_up_to(&mut file, &mut magic).map_err(|e| IngestError::io(path, "reading its first bytes", e))?;
    let gzip = magic[..got] == [0x1f, 0x8b];
    let whole = io::Cursor::new(magic).take(got as u64).chain(file);
    let (watched, hash) = watch(whole, seen);
    let stream: Box<dyn Read> = if gzip {
        let buffered = BufReader::with_capacity(READ_CHUNK_BYTES, watched);
        Box::new(MultiGzDecoder::new(buffered))
    } else {
        Box::new(watched)
    };
    Ok((stream, hash))
}

/// Opens a file whose packing its own format knows.
///
/// # Errors
/// When the file cannot be opened.
pub fn open_watched(path: &Path, seen: Arc<AtomicU64>) -> Result<(Box<dyn Read>, PassedHash), IngestError> {
    let (watched, hash) = watch(open(path)?, seen);
    Ok((Box::new(watched), hash))
}

fn watch<R: Read>(inner: R, seen: Arc<AtomicU64>) -> (Watched<R>, PassedHash) {
    let hash = Arc::new(Mutex::new(Sha256::new()));
    (Watched { inner, seen, hash: Arc::clone(&hash) }, PassedHash(hash))
}

/// Fills as much of the buffer as the stream has.
///
/// # Errors
/// When the stream fails.
pub fn read_up_to(source: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match source.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
