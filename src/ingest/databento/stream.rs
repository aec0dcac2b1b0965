//! A Databento file as a stream of records: unpacked, cut, and nothing in it believed yet.
//!
//! In: a file that begins with `DBN` (versions 1 to 3), the same within Zstandard, or the older DBZ. Out: its
//! metadata and its records one by one. The crate's state machine is driven here and not by its own reader, which
//! takes a file that ends inside a record, or inside its compressed data, for one that ends well.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use dbn::decode::DynReader;
use dbn::decode::dbn::fsm::{DbnFsm, ProcessResult};
use dbn::{Compression, Metadata, Record, RecordRef, VersionUpgradePolicy};

use super::legacy;
use crate::ingest::error::IngestError;
use crate::ingest::source;
use crate::limits::{DBN_METADATA_MAX_BYTES, READ_CHUNK_BYTES};

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Magic, version and the length of the metadata.
const PRELUDE_BYTES: usize = 8;
const NEWEST: u8 = 3;
/// Every record's length is a multiple of this, so that its numbers lie where processors want them.
const RECORD_STEP_BYTES: usize = 8;

type Packed = BufReader<Box<dyn Read>>;

/// Whether a file's first bytes are those of DBN, or of what it is packed in.
pub fn is_announced(magic: &[u8]) -> bool {
    magic.starts_with(b"DBN") || magic.starts_with(&ZSTD_MAGIC) || is_skippable(magic)
}

/// A frame of Zstandard that holds no data: DBZ keeps its metadata in one.
fn is_skippable(magic: &[u8]) -> bool {
    matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The records of an open file.
pub struct Records {
    path: PathBuf,
    stream: Box<dyn Read>,
    hash: source::PassedHash,
    fsm: DbnFsm,
    /// Records read.
    number: u64,
}

/// Opens a file and reads its metadata.
///
/// # Errors
/// When it is no DBN, of a version that is not read, damaged, or cannot be read.
pub fn open(path: &Path, seen: Arc<AtomicU64>) -> Result<(Metadata, Records), IngestError> {
    let (file, hash) = source::open_watched(path, seen)?;
    let mut packed = BufReader::with_capacity(READ_CHUNK_BYTES, file);
    let mut legacy = None;
    loop {
        let magic = packed.fill_buf().map_err(|e| IngestError::io(path, "reading its first bytes", e))?;
        if !is_skippable(magic) {
            break;
        }
        let frame = skippable_frame(path, &mut packed)?;
        if legacy::is_metadata(&frame) {
            legacy = Some(legacy::metadata(path, &frame)?);
        }
    }
    let fail = |error| damaged(path, "its head", &error);
    let stream = unpacked(path, packed)?;
    let machine = DbnFsm::builder().upgrade_policy(VersionUpgradePolicy::AsIs);
    let records = |stream, fsm| Records { path: path.to_owned(), stream, hash, fsm, number: 0 };
    if let Some(metadata) = legacy {
        // The records are those of version 1.
        let machine = machine.input_dbn_version(Some(1)).map_err(fail)?.skip_metadata(true);
        return Ok((metadata, records(stream, machine.build().map_err(fail)?)));
    }
    let mut records = records(stream, machine.build().map_err(fail)?);
    let metadata = records.metadata()?;
    Ok((metadata, records))
}

fn skippable_frame(path: &Path, packed: &mut Packed) -> Result<Vec<u8>, IngestError> {
    let mut frame = vec![0; PRELUDE_BYTES];
    let io = |e| IngestError::io(path, "reading its metadata", e);
    packed.read_exact(&mut frame).map_err(io)?;
    let length = u32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]) as usize;
    bounded(path, length)?;
    frame.resize(PRELUDE_BYTES + length, 0);
    packed.read_exact(&mut frame[PRELUDE_BYTES..]).map_err(io)?;
    Ok(frame)
}

fn bounded(path: &Path, length: usize) -> Result<(), IngestError> {
    if length <= DBN_METADATA_MAX_BYTES {
        return Ok(());
    }
    let what = format!(
        "announces {length} bytes of metadata where {DBN_METADATA_MAX_BYTES} are the most that is read; fetch it \
         again, or cut it into files of fewer symbols"
    );
    Err(IngestError::file(path, what))
}

fn unpacked(path: &Path, mut packed: Packed) -> Result<Box<dyn Read>, IngestError> {
    let magic = packed.fill_buf().map_err(|e| IngestError::io(path, "reading its first bytes", e))?;
    let compression = if magic.starts_with(&ZSTD_MAGIC) { Compression::Zstd } else { Compression::None };
    let stream = DynReader::with_buffer(packed, compression).map_err(|e| damaged(path, "its head", &e))?;
    Ok(Box::new(stream))
}

impl Records {
    fn metadata(&mut self) -> Result<Metadata, IngestError> {
        let mut prelude = [0; PRELUDE_BYTES];
        let got =
            source::read_up_to(&mut self.stream, &mut prelude).map_err(|e| unreadable(&self.path, e))?;
        let [b'D', b'B', b'N', version, length @ ..] = prelude else {
            let what = "is not DBN: neither it nor what it packs begins with the letters DBN; name the right \
                        --format";
            return Err(IngestError::file(&self.path, what));
        };
        if got < PRELUDE_BYTES {
            return Err(IngestError::file(&self.path, "ends inside its metadata; fetch it again"));
        }
        if !(1..=NEWEST).contains(&version) {
            let what = format!(
                "is of DBN version {version}; versions 1 to {NEWEST} are read: have it written as one"
            );
            return Err(IngestError::file(&self.path, what));
        }
        bounded(&self.path, u32::from_le_bytes(length) as usize)?;
        self.fsm.write_all(&prelude);
        loop {
            match self.fsm.process() {
                ProcessResult::Metadata(metadata) => return Ok(metadata),
                ProcessResult::Err(error) => return Err(damaged(&self.path, "its metadata", &error)),
                ProcessResult::Record(()) | ProcessResult::ReadMore(_) => {}
            }
            if !self.refill()? {
                return Err(IngestError::file(&self.path, "ends inside its metadata; fetch it again"));
            }
        }
    }

    /// The next record; none at the file's end.
    ///
    /// # Errors
    /// When the file ends inside a record, is damaged, or cannot be read.
    pub fn next(&mut self) -> Result<Option<RecordRef<'_>>, IngestError> {
        loop {
            match self.fsm.process() {
                ProcessResult::Record(()) => break,
                ProcessResult::Err(error) => {
                    return Err(damaged(&self.path, &format!("record {}", self.number + 1), &error));
                }
                ProcessResult::Metadata(_) | ProcessResult::ReadMore(_) => {}
            }
            if !self.refill()? {
                return self.end().map(|()| None);
            }
        }
        self.number += 1;
        // What comes behind a length that no record has would lie where the crate may not look.
        let length = self.fsm.last_record().map_or(0, |record| record.record_size());
        if !length.is_multiple_of(RECORD_STEP_BYTES) {
            let what = format!(
                "record {} says that it has {length} bytes, where records have multiples of {RECORD_STEP_BYTES}; \
                 fetch it again",
                self.number
            );
            return Err(IngestError::file(&self.path, what));
        }
        Ok(self.fsm.last_record())
    }

    fn end(&self) -> Result<(), IngestError> {
        if self.fsm.data().is_empty() {
            return Ok(());
        }
        let what = format!("ends inside record {}; fetch it again", self.number + 1);
        Err(IngestError::file(&self.path, what))
    }

    /// Reads on; false at the end.
    fn refill(&mut self) -> Result<bool, IngestError> {
        loop {
            match self.stream.read(self.fsm.space()) {
                Ok(got) => {
                    self.fsm.fill(got);
                    return Ok(got > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(&self.path, error)),
            }
        }
    }

    /// The hash of the file, once all of it was read.
    ///
    /// # Errors
    /// When the rest of the stream fails.
    pub fn finish(self) -> Result<String, IngestError> {
        let Self { path, stream, hash, .. } = self;
        hash.finish(stream).map_err(|e| unreadable(&path, e))
    }
}

/// What the system refused, or what Zstandard found wrong, which comes without an error number.
fn unreadable(path: &Path, error: io::Error) -> IngestError {
    if error.kind() == io::ErrorKind::Other && error.raw_os_error().is_none() {
        return IngestError::file(path, format!("its compressed data are damaged: {error}; fetch it again"));
    }
    IngestError::io(path, "reading", error)
}

fn damaged(path: &Path, at: &str, error: &dbn::Error) -> IngestError {
    IngestError::file(path, format!("{at} cannot be read as DBN: {error}; fetch it again"))
}
