//! A byte stream cut into chunks of whole lines, so that they can be read side by side.

use std::io::{self, Read};

use crate::limits::{LINE_MAX_BYTES, READ_CHUNK_BYTES};

/// Cuts a stream behind the last line feed that fits.
pub struct Chunks<R> {
    source: R,
    /// The unfinished line behind the last chunk.
    rest: Vec<u8>,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    /// Chunks of `source`.
    pub fn new(source: R) -> Self {
        Self { source, rest: Vec::new(), ended: false }
    }

    /// What is left of the stream.
    pub fn into_inner(self) -> R {
        self.source
    }

    /// The next whole lines; the last chunk may lack its line feed; `None` at the end.
    ///
    /// # Errors
    /// When the stream fails, or a line is longer than any tape's.
    pub fn next_chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut chunk = Vec::with_capacity(READ_CHUNK_BYTES);
        chunk.append(&mut self.rest);
        if !self.ended {
            let room = READ_CHUNK_BYTES - chunk.len();
            let got = (&mut self.source).take(room as u64).read_to_end(&mut chunk)?;
            self.ended = got < room;
        }
        if !self.ended {
            let end = memchr::memrchr(b'\n', &chunk).map_or(0, |at| at + 1);
            self.rest = chunk.split_off(end);
            if self.rest.len() <= LINE_MAX_BYTES {
                return Ok(Some(chunk));
            }
            return Err(io::Error::other(format!(
                "a line is longer than {LINE_MAX_BYTES} bytes; this is no tape"
            )));
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hands out its bytes in pieces of a given length.
    struct Dribble<'a>(&'a [u8], usize);
    impl Read for Dribble<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(out.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    /// The lines of a chunk, without their line feeds and carriage returns.
    fn lines(chunk: &[u8]) -> impl Iterator<Item = &[u8]> {
        let mut rest = chunk;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = &rest[(end + 1).min(rest.len())..];
            Some(line.strip_suffix(b"\r").unwrap_or(line))
        })
    }

    fn all_lines(text: &[u8], piece: usize) -> Vec<Vec<u8>> {
        let mut chunks = Chunks::new(Dribble(text, piece));
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next_chunk().expect("readable") {
            all.extend(lines(&chunk).map(<[u8]>::to_vec));
        }
        all
    }

    #[test]
    fn carriage_returns_and_a_missing_last_line_feed_do_not_matter() {
        assert_eq!(all_lines(b"one\r\ntwo\n\nfour", 3), [&b"one"[..], b"two", b"", b"four"]);
        assert!(all_lines(b"", 1).is_empty());
    }

    #[test]
    fn an_endless_line_is_refused() {
        let error = Chunks::new(io::repeat(b'x')).next_chunk().expect_err("too long");
        assert!(error.to_string().contains("longer than"));
    }

    proptest! {
        /// Any way of handing out the bytes gives the same lines, across chunk borders too.
        #[test]
        fn any_chunking_gives_the_same_lines(
            lengths in prop::collection::vec(0_usize..3_000, 0..300),
            piece in 1_usize..100_000,
        ) {
            let expected: Vec<Vec<u8>> = lengths.iter().map(|n| vec![b'a' + (n % 26) as u8; *n]).collect();
            let text = expected.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect::<Vec<u8>>();
            prop_assert_eq!(all_lines(&text, piece), expected);
        }
    }
}
