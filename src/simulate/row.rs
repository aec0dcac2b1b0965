//! Rows of text, from exact integers to digits without a float between.

use std::path::{Path, PathBuf};

use super::error::SimulateError;
use super::file::TextFile;
use super::law::GRID_NANOS;
use crate::tape::{NANOS_PER_SECOND, Price};

/// What stands between two delimiters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// As it is.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// Decimal dollars, exact, without trailing zeros.
    Usd(Price),
    /// Nanoseconds past midnight as `HHMMSSnnnnnnnnn`.
    Compact(i64),
    /// Nanoseconds past midnight as `H:MM:SS.nnnnnnnnn`.
    Colon(i64),
    /// Nanoseconds past midnight as decimal seconds, without trailing zeros.
    Seconds(i64),
    /// Nothing.
    Blank,
}

/// A price in hundredths of a cent.
pub(super) fn hundredths_of_a_cent(price: Price) -> Cell<'static> {
    Cell::Int(price.0 / GRID_NANOS)
}

/// A text file of delimited rows.
pub(super) struct Rows {
    file: TextFile,
    delimiter: u8,
    line: Vec<u8>,
    /// Rows behind the header.
    pub(super) count: u64,
}

impl Rows {
    /// Creates the file with its header line; none when that is empty.
    pub(super) fn create(
        dir: &Path,
        name: &str,
        is_gzip: bool,
        delimiter: u8,
        header: &str,
    ) -> Result<Self, SimulateError> {
        let mut file = TextFile::create(dir, name, is_gzip)?;
        if !header.is_empty() {
            file.write(header.as_bytes())?;
            file.write(b"\n")?;
        }
        Ok(Self { file, delimiter, line: Vec::new(), count: 0 })
    }

    /// Writes a row.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), SimulateError> {
        self.line.clear();
        push_cells(&mut self.line, self.delimiter, cells);
        self.count += 1;
        self.file.write(&self.line)
    }

    /// Writes a closing line, if the format has one, and finishes the file.
    pub(super) fn finish(mut self, trailer: Option<&str>) -> Result<PathBuf, SimulateError> {
        if let Some(line) = trailer {
            self.file.write(line.as_bytes())?;
        }
        self.file.finish()
    }
}

/// A line of cells.
pub(super) fn push_cells(line: &mut Vec<u8>, delimiter: u8, cells: &[Cell<'_>]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(delimiter);
        }
        match *cell {
            Cell::Text(text) => line.extend_from_slice(text.as_bytes()),
            Cell::Int(number) => push_int(line, number),
            Cell::Usd(price) => push_decimal(line, price.0),
            Cell::Seconds(nanos) => push_decimal(line, nanos),
            Cell::Compact(nanos) => push_clock(line, nanos, None),
            Cell::Colon(nanos) => push_clock(line, nanos, Some(b':')),
            Cell::Blank => {}
        }
    }
    line.push(b'\n');
}

fn push_int(line: &mut Vec<u8>, number: i64) {
    if number < 0 {
        line.push(b'-');
    }
    let (mut magnitude, mut digits, mut from) = (number.unsigned_abs(), [0; 20], 20);
    loop {
        from -= 1;
        digits[from] = b'0' + (magnitude % 10) as u8;
        magnitude /= 10;
        if magnitude == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[from..]);
}

/// The last `width` digits.
fn push_padded(line: &mut Vec<u8>, mut number: u64, width: usize) {
    let from = line.len();
    line.resize(from + width, b'0');
    for slot in line[from..].iter_mut().rev() {
        *slot = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Billionths as an exact decimal, as `Price` displays itself, without its allocation.
fn push_decimal(line: &mut Vec<u8>, billionths: i64) {
    const ONE: u64 = NANOS_PER_SECOND as u64;
    if billionths < 0 {
        line.push(b'-');
    }
    let magnitude = billionths.unsigned_abs();
    push_int(line, (magnitude / ONE) as i64);
    if !magnitude.is_multiple_of(ONE) {
        line.push(b'.');
        push_padded(line, magnitude % ONE, 9);
        while line.last() == Some(&b'0') {
            line.pop();
        }
    }
}

fn push_clock(line: &mut Vec<u8>, nanos: i64, colon: Option<u8>) {
    let second = (nanos / NANOS_PER_SECOND) as u64;
    match colon {
        Some(_) => push_int(line, (second / 3_600) as i64),
        None => push_padded(line, second / 3_600, 2),
    }
    line.extend(colon);
    push_padded(line, second / 60 % 60, 2);
    line.extend(colon);
    push_padded(line, second % 60, 2);
    line.extend(colon.map(|_| b'.'));
    push_padded(line, (nanos % NANOS_PER_SECOND) as u64, 9);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell<'_>]) -> String {
        let mut line = Vec::new();
        push_cells(&mut line, b'|', cells);
        String::from_utf8(line).expect("ASCII")
    }

    #[test]
    fn cells_are_exact_digits() {
        let at = (9 * 3_600 + 30 * 60 + 1) * NANOS_PER_SECOND + 20_000_000;
        let row = line(&[Cell::Int(-120), Cell::Blank, Cell::Compact(at), Cell::Colon(at), Cell::Text("N")]);
        assert_eq!(row, "-120||093001020000000|9:30:01.020000000|N\n");
        assert_eq!(line(&[Cell::Int(0), Cell::Int(i64::MAX)]), "0|9223372036854775807\n");
        assert_eq!(line(&[Cell::Seconds(at), Cell::Seconds(5)]), "34201.02|0.000000005\n");
    }

    #[test]
    fn prices_read_as_they_display() {
        for nanos in [0, 1, 100_000, 10_020_000_000, 7_000_000_000, -5, -1_500_000_000, i64::MAX] {
            assert_eq!(line(&[Cell::Usd(Price(nanos))]), format!("{}\n", Price(nanos)));
        }
    }
}
