//! The lines of a capture.
//!
//! In: a byte stream. Out: lines that are not empty, with their numbers.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::ingest::error::IngestError;
use crate::limits::CAPTURE_LINE_MAX_BYTES;

/// The lines of a capture: longer than a table's, since snapshots of a whole book are among them.
pub struct Lines<'a> {
    path: &'a Path,
    source: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
    number: u64,
}

impl<'a> Lines<'a> {
    /// Lines of `stream`, which lies at `path`.
    pub fn new(path: &'a Path, stream: Box<dyn Read>) -> Self {
        Self { path, source: BufReader::new(stream), line: Vec::new(), number: 0 }
    }

    /// The next line that is not empty, and its number.
    ///
    /// # Errors
    /// When the stream fails, or a line is longer than any capture's.
    pub fn next(&mut self) -> Result<Option<(u64, &[u8])>, IngestError> {
        loop {
            self.line.clear();
            let mut bounded = (&mut self.source).take(CAPTURE_LINE_MAX_BYTES as u64);
            let got = bounded.read_until(b'\n', &mut self.line);
            let got = got.map_err(|e| IngestError::io(self.path, "reading", e))?;
            if got == 0 {
                return Ok(None);
            }
            self.number += 1;
            if got == CAPTURE_LINE_MAX_BYTES && !self.line.ends_with(b"\n") {
                let what = format!(
                    "line {}: is longer than {CAPTURE_LINE_MAX_BYTES} bytes; this is no capture",
                    self.number
                );
                return Err(IngestError::file(self.path, what));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.line.trim_ascii())));
            }
        }
    }

    /// What is left of the stream.
    pub fn into_inner(self) -> BufReader<Box<dyn Read>> {
        self.source
    }
}
