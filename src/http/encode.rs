//! Rows to bytes. Every format carries the same values: time stamps keep their nanoseconds, unknown stays unknown.

use polars::prelude::*;

use super::format::Format;
use super::json;

/// Writes rows.
///
/// # Errors
/// When polars refuses.
pub fn encode(frame: DataFrame, format: Format, next_cursor: Option<&str>) -> PolarsResult<Vec<u8>> {
    encode_page(frame, format, next_cursor, None)
}

/// Writes rows, in JSON with how many are left out as damaged, where that may be.
///
/// # Errors
/// When polars refuses.
pub fn encode_page(
    mut frame: DataFrame,
    format: Format,
    next_cursor: Option<&str>,
    damaged: Option<usize>,
) -> PolarsResult<Vec<u8>> {
    frame.rechunk_mut();
    let mut bytes = Vec::new();
    match format {
        Format::Json => json::document(&frame, next_cursor, damaged, &mut bytes)?,
        Format::Ndjson => json::lines(&frame, &mut bytes)?,
        Format::Csv => {
            let stamps = Some("%Y-%m-%dT%H:%M:%S%.9fZ".into());
            CsvWriter::new(&mut bytes).with_datetime_format(stamps).finish(&mut frame)?;
        }
        Format::Arrow => {
            // The oldest layout of strings, which every reader knows.
            let writer = IpcStreamWriter::new(&mut bytes).with_compat_level(CompatLevel::oldest());
            { writer }.finish(&mut frame)?;
        }
        Format::Parquet => {
            let writer = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Zstd(None));
            writer.finish(&mut frame)?;
        }
    }
    Ok(bytes)
}
