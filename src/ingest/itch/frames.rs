//! Messages out of a byte stream: each stands behind its length, two bytes with the high one first.

use std::io::Read;
use std::path::Path;

use crate::ingest::IngestError;
use crate::limits::READ_CHUNK_BYTES;

/// Bytes of a length.
const PREFIX: usize = 2;

/// The messages of a stream, numbered from 1. A length of zero ends them.
pub struct Frames<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    number: u64,
    is_over: bool,
}

impl<R: Read> Frames<R> {
    /// Messages of `source`.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; READ_CHUNK_BYTES], at: 0, end: 0, number: 0, is_over: false }
    }

    /// The next message; `None` at the end.
    ///
    /// # Errors
    /// When the stream fails or ends within a message.
    pub fn next(&mut self, path: &Path) -> Result<Option<(u64, &[u8])>, IngestError> {
        if self.is_over || !self.fill(PREFIX, path)? {
            return Ok(None);
        }
        let length = usize::from(u16::from_be_bytes([self.buffer[self.at], self.buffer[self.at + 1]]));
        if length == 0 {
            self.is_over = true;
            return Ok(None);
        }
        self.fill(PREFIX + length, path)?;
        let from = self.at + PREFIX;
        self.at = from + length;
        self.number += 1;
        Ok(Some((self.number, &self.buffer[from..self.at])))
    }

    /// What is left of the stream.
    pub fn into_inner(self) -> R {
        self.source
    }

    /// Has so many bytes at hand; false at a clean end.
    fn fill(&mut self, wanted: usize, path: &Path) -> Result<bool, IngestError> {
        if self.end - self.at >= wanted {
            return Ok(true);
        }
        self.buffer.copy_within(self.at..self.end, 0);
        (self.at, self.end) = (0, self.end - self.at);
        while self.end < wanted {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) if self.end == 0 => return Ok(false),
                Ok(0) => return Err(self.cut(path)),
                Ok(got) => self.end += got,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(IngestError::io(path, "reading", error)),
            }
        }
        Ok(true)
    }

    fn cut(&self, path: &Path) -> IngestError {
        let what = format!(
            "ends {} bytes into message {}, which is longer; fetch it again",
            self.end,
            self.number + 1
        );
        IngestError::file(path, what)
    }
}

// A message of any length fits into the buffer.
const _: () = assert!(READ_CHUNK_BYTES >= PREFIX + u16::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, IngestError> {
        // One byte at a time, as a pipe may give them.
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let one = out.len().min(1);
                self.0.read(&mut out[..one])
            }
        }
        let (mut frames, mut found) = (Frames::new(Drip(bytes)), Vec::new());
        while let Some((number, message)) = frames.next(Path::new("tape"))? {
            found.push((number, message.to_vec()));
        }
        Ok(found)
    }

    #[test]
    fn messages_come_one_by_one_and_a_cut_one_is_told() {
        let whole = [0, 1, 7, 0, 2, 8, 9];
        assert_eq!(all(&whole).expect("whole"), [(1, vec![7]), (2, vec![8, 9])]);
        assert_eq!(all(&[0, 1, 7, 0, 0, 5, 5]).expect("ended"), [(1, vec![7])]);
        assert!(all(&[]).expect("empty").is_empty());
        for (cut, words) in [(6, "ends 3 bytes into message 2"), (4, "ends 1 bytes into message 2")] {
            let said = all(&whole[..cut]).expect_err("cut").to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
