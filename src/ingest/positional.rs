//! Text without a header, read in one piece: lines one by one, cells bound by their place.
//!
//! In: a byte stream. Out: numbered lines, their cells, and faults that name a cell. For the files of one symbol
//! (`lean`, `lobster`, `binance-vision`); those of all symbols go through [`super::text`].

use std::io::{self, Read};

use super::chunks::Chunks;
use super::error::Fault;
use super::fields::{self, Why};
use crate::tape::Price;

/// The price unit of these formats, a hundredth of a cent, in nano-dollars.
const PRICE_UNIT_NANOS: i64 = 100_000;

/// The lines of a stream that are not empty, numbered from 1 (empty ones count).
pub struct Lines<R> {
    chunks: Chunks<R>,
    chunk: Vec<u8>,
    at: usize,
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Lines of `source`.
    pub fn new(source: R) -> Self {
        Self { chunks: Chunks::new(source), chunk: Vec::new(), at: 0, number: 0 }
    }

    /// The next line, without its line feed and carriage return; `None` at the end.
    ///
    /// # Errors
    /// When the stream fails, or a line is longer than any tape's.
    pub fn next_line(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        loop {
            if self.at >= self.chunk.len() {
                let Some(chunk) = self.chunks.next_chunk()? else { return Ok(None) };
                (self.chunk, self.at) = (chunk, 0);
                continue;
            }
            let from = self.at;
            let end = memchr::memchr(b'\n', &self.chunk[from..]).map_or(self.chunk.len(), |n| from + n);
            self.at = end + 1;
            self.number += 1;
            let length = self.chunk[from..end].strip_suffix(b"\r").map_or(end - from, <[u8]>::len);
            if length > 0 {
                return Ok(Some((self.number, &self.chunk[from..from + length])));
            }
        }
    }

    /// What is left of the stream.
    pub fn into_inner(self) -> R {
        self.chunks.into_inner()
    }
}

/// The first `N` cells of a line.
pub fn cells<const N: usize>(line: &[u8]) -> Result<[&[u8]; N], (usize, Why)> {
    let mut found: [&[u8]; N] = [&[]; N];
    let mut parts = line.split(|b| *b == b',');
    for (at, slot) in found.iter_mut().enumerate() {
        *slot = parts.next().ok_or((at, "is not there: the row has too few cells"))?;
    }
    Ok(found)
}

/// What is wrong with the cell at a place, with its raw text.
pub fn fault(line: &[u8], names: &[&str], at: usize, why: Why) -> Fault {
    let cell = line.split(|b| *b == b',').nth(at).unwrap_or_default();
    Fault {
        column: names.get(at).copied().unwrap_or_default().to_owned(),
        value: String::from_utf8_lossy(cell).chars().take(80).collect(),
        why,
    }
}

/// A price of so many hundredths of a cent.
pub fn price(units: u64) -> Result<Price, Why> {
    let nanos = i64::try_from(units).ok().and_then(|units| units.checked_mul(PRICE_UNIT_NANOS));
    fields::credible_price(nanos.unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_count_and_are_passed_over() {
        let mut lines = Lines::new(&b"one\r\n\n\r\ntwo\nthree"[..]);
        let mut found = Vec::new();
        while let Some((number, line)) = lines.next_line().expect("readable") {
            found.push((number, line.to_vec()));
        }
        assert_eq!(found, [(1, b"one".to_vec()), (4, b"two".to_vec()), (5, b"three".to_vec())]);
    }

    #[test]
    fn prices_are_hundredths_of_a_cent() {
        assert_eq!(price(2_238_200), Ok(Price(223_820_000_000)));
        assert!(price(u64::MAX).is_err() && price(100_000_000_001).is_err());
    }
}
