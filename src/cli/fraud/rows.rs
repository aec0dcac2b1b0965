//! Rows of a file that is scored, a block at a time. In: CSV or Parquet. Out: the features of the rows that can be
//! scored, row-major, and their other columns as they were.

use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::rows_csv::CsvRows;
use super::rows_parquet::ParquetRows;
use super::{Failure, bad_data};
use crate::ingest::OnBadRow;

/// Columns that scoring itself writes.
pub const WRITTEN: [&str; 4] = ["score", "alert", "unusual", "reasons"];

/// Some rows.
#[derive(Debug, Default)]
pub struct Block {
    /// Row-major.
    pub features: Vec<f32>,
    /// Rows.
    pub rows: usize,
    /// The other columns.
    pub others: DataFrame,
    /// Rows that were left out.
    pub skipped: usize,
    /// Share of the file that was read so far, of all its bytes.
    pub bytes_read: u64,
}

/// What is wanted of a file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The file.
    pub path: PathBuf,
    /// The features' columns, in the model's order.
    pub features: Vec<String>,
    /// What to do with a row that cannot be scored.
    pub on_bad_row: OnBadRow,
}

/// A file being read.
pub enum Rows {
    /// Text.
    Csv(CsvRows),
    /// Parquet.
    Parquet(ParquetRows),
}

impl Rows {
    /// Opens a file; its first bytes tell what it is.
    ///
    /// # Errors
    /// When it cannot be read or lacks a column.
    pub fn open(wanted: Wanted) -> Result<Self, Failure> {
        let head = head(&wanted.path)?;
        if head == *b"PAR1" {
            ParquetRows::open(wanted).map(Self::Parquet)
        } else {
            CsvRows::open(wanted).map(Self::Csv)
        }
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// At the first row that cannot be scored, unless such rows are skipped.
    pub fn next(&mut self) -> Result<Option<Block>, Failure> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Parquet(rows) => rows.next(),
        }
    }
}

fn head(path: &Path) -> Result<[u8; 4], Failure> {
    use std::io::Read;
    let mut head = [0; 4];
    let told = |e: std::io::Error| bad_data(format!("{}: {e}", path.display()));
    let mut file = std::fs::File::open(path).map_err(told)?;
    if file.metadata().map_err(told)?.is_dir() {
        return Err(bad_data(format!("{}: is a folder; name the files in it", path.display())));
    }
    match file.read_exact(&mut head) {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(bad_data(format!("{}: is empty", path.display())))
        }
        Err(e) => Err(told(e)),
        Ok(()) => Ok(head),
    }
}

/// Where the features stand among a file's columns, and which columns are others.
///
/// # Errors
/// When one is missing, stands twice, or is one that scoring writes.
pub fn places(wanted: &Wanted, columns: &[String]) -> Result<(Vec<usize>, Vec<usize>), Failure> {
    let fault = |what: String| bad_data(format!("{}: {what}", wanted.path.display()));
    let missing: Vec<&str> =
        wanted.features.iter().filter(|name| !columns.contains(name)).map(String::as_str).collect();
    if !missing.is_empty() {
        let found = columns.join(", ");
        return Err(fault(format!(
            "lacks the columns {} of the model's features; it has {found}",
            missing.join(", ")
        )));
    }
    if let Some(twice) = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name)) {
        return Err(fault(format!("has the column {:?} twice", twice.1)));
    }
    let others: Vec<usize> =
        (0..columns.len()).filter(|at| !wanted.features.contains(&columns[*at])).collect();
    if let Some(at) = others.iter().find(|at| WRITTEN.contains(&columns[**at].as_str())) {
        return Err(fault(format!(
            "has a column {:?}, which scoring writes itself; rename it",
            columns[*at]
        )));
    }
    let place = |name| columns.iter().position(|column| column == name).unwrap_or_default();
    Ok((wanted.features.iter().map(place).collect(), others))
}

/// A row that cannot be scored: stops, or is counted.
///
/// # Errors
/// Unless such rows are skipped.
pub fn bad_row(wanted: &Wanted, place: &str, what: &str) -> Result<(), Failure> {
    match wanted.on_bad_row {
        OnBadRow::Skip => Ok(()),
        OnBadRow::Fail => Err(bad_data(format!(
            "{} {place}: {what}; mend it, or leave such rows out with --on-bad-row skip",
            wanted.path.display()
        ))),
    }
}
