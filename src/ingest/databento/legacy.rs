//! The metadata of DBZ, which DBN replaced in 2023: they lie in a frame of their own, before the records.

use std::io::{self, Read};
use std::path::Path;

use dbn::decode::{DbnMetadata, DynReader};
use dbn::{Compression, Metadata, VersionUpgradePolicy};

use crate::ingest::error::{IngestError, unbroken};
use crate::limits::DBN_METADATA_MAX_BYTES;

/// Where the letters DBZ stand in the frame.
const LETTERS: usize = 8;
/// Where its packed part begins: symbols and their mappings.
const PACKED: usize = LETTERS + 96;

/// Whether a frame holds the metadata of a DBZ file.
pub fn is_metadata(frame: &[u8]) -> bool {
    frame.get(LETTERS..).is_some_and(|content| content.starts_with(b"DBZ"))
}

/// Reads them.
///
/// # Errors
/// When they are damaged, or larger than is believed.
pub fn metadata(path: &Path, frame: &[u8]) -> Result<Metadata, IngestError> {
    let damaged =
        |why: String| IngestError::file(path, format!("its DBZ metadata are damaged: {why}; fetch it again"));
    let packed = frame.get(PACKED..).ok_or_else(|| damaged("they are too short".into()))?;
    let most = DBN_METADATA_MAX_BYTES as u64;
    // The crate unpacks them whole: first, how much that is.
    let unpacked = DynReader::with_buffer(packed, Compression::Zstd).map_err(|e| damaged(e.to_string()))?;
    let length =
        io::copy(&mut unpacked.take(most + 1), &mut io::sink()).map_err(|e| damaged(e.to_string()))?;
    if length > most {
        return Err(damaged(format!("they unpack to more than {most} bytes")));
    }
    unbroken(path, "DBZ", || read(frame).map_err(|e| damaged(e.to_string())))
}

#[expect(deprecated, reason = "the crate reads the older format, and says so of it")]
fn read(frame: &[u8]) -> dbn::Result<Metadata> {
    let decoder = dbn::decode::dbz::Decoder::with_upgrade_policy(frame, VersionUpgradePolicy::AsIs)?;
    Ok(decoder.metadata().clone())
}
