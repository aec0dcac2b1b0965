//! A byte stream cut into lines, each at most [`LINE_MAX_BYTES`] long, without copying them.

use std::io::{self, Read};

use crate::limits::{LINE_MAX_BYTES, READ_CHUNK_BYTES};

/// Reads lines from a byte stream and knows their numbers.
pub struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    number: u64,
    ended: bool,
}

impl<R: Read> Lines<R> {
    /// Starts at line 1.
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; READ_CHUNK_BYTES], start: 0, end: 0, number: 0, ended: false }
    }

    /// The number of the line last returned, counted from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line without its line feed (and carriage return); `None` at the end.
    ///
    /// # Errors
    /// When the stream fails, or a line is longer than any tape's.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        let mut searched = self.start;
        let stop = loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..self.end]) {
                break searched + at;
            }
            if self.ended {
                break self.end;
            }
            searched = self.end - self.start;
            self.refill()?;
        };
        if self.ended && stop == self.end && self.start == self.end {
            return Ok(None);
        }
        let line = &self.buffer[self.start..stop];
        self.start = (stop + 1).min(self.end);
        self.number += 1;
        Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
    }

    /// Moves the unfinished line to the front and reads behind it.
    fn refill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end >= LINE_MAX_BYTES {
            let what = format!("line {} is longer than {LINE_MAX_BYTES} bytes", self.number + 1);
            return Err(io::Error::other(what));
        }
        let got = loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += got;
        self.ended = got == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn lines(text: &[u8], piece: usize) -> Vec<String> {
        let mut lines = Lines::new(Dribble(text, piece));
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().expect("readable") {
            all.push(String::from_utf8_lossy(line).into_owned());
        }
        all
    }

    #[test]
    fn any_chunking_gives_the_same_lines() {
        let text = b"one\r\ntwo\n\nfour";
        for piece in 1..text.len() + 1 {
            assert_eq!(lines(text, piece), ["one", "two", "", "four"], "{piece}");
        }
        assert_eq!(lines(b"", 1).len(), 0);
        assert_eq!(lines(b"a\n", 1), ["a"]);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut lines = Lines::new(io::repeat(b'x'));
        let error = lines.next_line().expect_err("too long");
        assert!(error.to_string().contains("line 1 is longer"));
    }
}
