//! `DIR/forecasts/date=YYYY-MM-DD/<SYMBOL>-<bar>-<purpose>.parquet`: a walk forward's forecasts. One file a symbol,
//! width, purpose and date, so that a training replaces its own and nobody else's.

use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::dir::{StoreError, create_dir, write_atomically};
use super::models::bar_name;
use super::tables::{ForecastRow, forecasts};
use crate::forecast::Purpose;
use crate::tape::{NYSE, Symbol};

/// Writes the forecasts of a walk, in order of time, and removes those of an earlier one on other dates.
///
/// # Errors
/// When the operating system refuses.
pub fn write_forecasts(
    root: &Path,
    symbol: &Symbol,
    width: i64,
    purpose: Purpose,
    level: f64,
    rows: &[ForecastRow<'_>],
) -> Result<(), StoreError> {
    let table = root.join("forecasts");
    let name = format!("{}-{}-{}.parquet", symbol.file_stem(), bar_name(width), purpose.name());
    let mut written: Vec<PathBuf> = Vec::new();
    for day in rows.chunk_by(|a, b| NYSE.date_of(a.row.start) == NYSE.date_of(b.row.start)) {
        let date = NYSE.date_of(day[0].row.start);
        let folder = table.join(format!("date={date}"));
        let path = folder.join(&name);
        let damaged = |e: PolarsError| StoreError::damaged(&path, e.to_string());
        let mut frame = forecasts(symbol, width, purpose, level, day).map_err(damaged)?;
        let mut bytes = Vec::new();
        let writer = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Zstd(None));
        writer.finish(&mut frame).map_err(damaged)?;
        create_dir(&folder)?;
        write_atomically(&path, &bytes)?;
        written.push(path);
    }
    for folder in std::fs::read_dir(&table).into_iter().flatten().flatten() {
        let path = folder.path().join(&name);
        if path.is_file() && !written.contains(&path) {
            std::fs::remove_file(&path).map_err(|e| StoreError::io(&path, "removing", e))?;
        }
    }
    Ok(())
}
