//! Rows of CSV: a header, then a row a line. Cells in double quotes may hold commas and doubled quotes, no line ends.
//! Columns that are no features are kept as the text they are.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use polars::prelude::*;

use super::rows::{Block, Wanted, bad_row, places};
use super::{Failure, bad_data};
use crate::limits::{FRAUD_BLOCK_ROWS, LINE_MAX_BYTES, READ_CHUNK_BYTES};

/// A file of text being read.
pub struct CsvRows {
    wanted: Wanted,
    source: BufReader<File>,
    columns: Vec<String>,
    features: Vec<usize>,
    others: Vec<usize>,
    line: u64,
    bytes: u64,
    text: Vec<u8>,
}

impl CsvRows {
    pub fn open(wanted: Wanted) -> Result<Self, Failure> {
        let file =
            File::open(&wanted.path).map_err(|e| bad_data(format!("{}: {e}", wanted.path.display())))?;
        let source = BufReader::with_capacity(READ_CHUNK_BYTES, file);
        let (columns, features, others) = (Vec::new(), Vec::new(), Vec::new());
        let mut rows =
            Self { wanted, source, columns, features, others, line: 0, bytes: 0, text: Vec::new() };
        if !rows.read_line()? {
            return Err(bad_data(format!("{}: is empty", rows.wanted.path.display())));
        }
        let text = std::str::from_utf8(&rows.text).map_err(|_| rows.fault("is not UTF-8"))?;
        let names: Vec<String> =
            cells(text.trim_start_matches('\u{feff}')).iter().map(|name| name.trim().to_owned()).collect();
        (rows.features, rows.others) = places(&rows.wanted, &names)?;
        rows.columns = names;
        Ok(rows)
    }

    fn fault(&self, what: &str) -> Failure {
        bad_data(format!("{} line {}: {what}", self.wanted.path.display(), self.line))
    }

    /// Reads a line into `text`, without its end; false at the end of the file.
    fn read_line(&mut self) -> Result<bool, Failure> {
        self.text.clear();
        let most = LINE_MAX_BYTES as u64 + 1;
        let got = (&mut self.source).take(most).read_until(b'\n', &mut self.text);
        let got = got.map_err(|e| bad_data(format!("{}: {e}", self.wanted.path.display())))?;
        self.line += 1;
        self.bytes += got as u64;
        if self.text.len() > LINE_MAX_BYTES {
            return Err(self.fault(&format!("is longer than {LINE_MAX_BYTES} bytes; this is no table")));
        }
        while matches!(self.text.last(), Some(b'\n' | b'\r')) {
            self.text.pop();
        }
        Ok(got > 0)
    }

    pub fn next(&mut self) -> Result<Option<Block>, Failure> {
        let mut block = Block::default();
        let mut others: Vec<Vec<String>> = vec![Vec::new(); self.others.len()];
        let mut ended = false;
        while block.rows < FRAUD_BLOCK_ROWS {
            if !self.read_line()? {
                ended = true;
                break;
            }
            if self.text.is_empty() {
                continue;
            }
            match self.row(&mut block.features, &mut others) {
                Ok(()) => block.rows += 1,
                Err(what) => {
                    block.skipped += 1;
                    bad_row(&self.wanted, &format!("line {}", self.line), &what)?;
                }
            }
        }
        if ended && block.rows == 0 && block.skipped == 0 {
            return Ok(None);
        }
        let columns = self
            .others
            .iter()
            .zip(others)
            .map(|(at, cells)| Column::new(self.columns[*at].as_str().into(), cells));
        block.others =
            DataFrame::new(block.rows, columns.collect()).map_err(|e| self.fault(&e.to_string()))?;
        block.bytes_read = self.bytes;
        Ok(Some(block))
    }

    /// Takes the row in `text`, or nothing of it.
    fn row(&self, features: &mut Vec<f32>, others: &mut [Vec<String>]) -> Result<(), String> {
        let text = std::str::from_utf8(&self.text).map_err(|_| "is not UTF-8".to_owned())?;
        let cells = cells(text);
        if cells.len() != self.columns.len() {
            return Err(format!("has {} cells where the header has {}", cells.len(), self.columns.len()));
        }
        let before = features.len();
        for at in &self.features {
            let cell = cells[*at].trim();
            match cell.parse::<f32>().ok().filter(|value| value.is_finite()) {
                Some(value) => features.push(value),
                None => {
                    features.truncate(before);
                    return Err(format!("column {}: {cell:?} is no finite number", self.columns[*at]));
                }
            }
        }
        for (column, at) in others.iter_mut().zip(&self.others) {
            column.push(cells[*at].to_string());
        }
        Ok(())
    }
}

/// Cells of a line.
fn cells(line: &str) -> Vec<std::borrow::Cow<'_, str>> {
    use std::borrow::Cow;
    if !line.contains('"') {
        return line.split(',').map(Cow::Borrowed).collect();
    }
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(Cow::Owned(std::mem::take(&mut cell))),
            other => cell.push(other),
        }
    }
    cells.push(Cow::Owned(cell));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_doubled_quotes() {
        assert_eq!(cells("a,,b"), ["a", "", "b"]);
        assert_eq!(cells("\"a,b\",\"say \"\"no\"\"\",c"), ["a,b", "say \"no\"", "c"]);
    }
}
