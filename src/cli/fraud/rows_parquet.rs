//! Rows of Parquet, decoded a slice at a time. Columns that are no features are kept as they are.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::*;

use super::rows::{Block, Wanted, bad_row, places};
use super::{Failure, bad_data};
use crate::ingest::check_parquet;
use crate::limits::FRAUD_BLOCK_ROWS;

/// A Parquet file being read.
pub struct ParquetRows {
    wanted: Wanted,
    bytes: u64,
    total: usize,
    offset: usize,
}

impl ParquetRows {
    pub fn open(wanted: Wanted) -> Result<Self, Failure> {
        let bytes = std::fs::metadata(&wanted.path).map_or(0, |about| about.len());
        let mut rows = Self { wanted, bytes, total: 0, offset: 0 };
        let (total, schema) = rows.unbroken(|file| {
            check_parquet(&file).map_err(|e| PolarsError::ComputeError(e.into()))?;
            let mut reader = ParquetReader::new(file);
            Ok((reader.num_rows()?, reader.schema()?))
        })?;
        rows.total = total;
        let names: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        let (features, _) = places(&rows.wanted, &names)?;
        for at in features {
            let numeric = schema.get_at_index(at).map(|(_, field)| field.dtype.is_numeric());
            let kind =
                schema.get_at_index(at).map(|(_, field)| format!("{:?}", field.dtype)).unwrap_or_default();
            if numeric != Some(true) {
                return Err(rows.fault(&format!("column {}: holds {kind}; numbers are wanted", names[at])));
            }
        }
        Ok(rows)
    }

    fn fault(&self, what: &str) -> Failure {
        bad_data(format!("{}: {what}", self.wanted.path.display()))
    }

    /// The decoder answers some damaged files with a panic of its own.
    fn unbroken<T>(&self, read: impl FnOnce(File) -> PolarsResult<T>) -> Result<T, Failure> {
        let open = || read(File::open(&self.wanted.path)?);
        catch_unwind(AssertUnwindSafe(open))
            .unwrap_or_else(|_| Err(PolarsError::ComputeError("is damaged Parquet".into())))
            .map_err(|e| self.fault(&e.to_string()))
    }

    pub fn next(&mut self) -> Result<Option<Block>, Failure> {
        if self.offset >= self.total {
            return Ok(None);
        }
        let (from, length) = (self.offset, FRAUD_BLOCK_ROWS.min(self.total - self.offset));
        let mut frame =
            self.unbroken(|file| ParquetReader::new(file).with_slice(Some((from, length))).finish())?;
        self.offset += length;
        frame.rechunk_mut();
        let told = |e: PolarsError| self.fault(&e.to_string());
        let (rows, width) = (frame.height(), self.wanted.features.len());
        let mut features = vec![0.0_f32; rows * width];
        let mut fine = vec![true; rows];
        let mut skipped = 0;
        for (at, name) in self.wanted.features.iter().enumerate() {
            let column =
                frame.column(name).and_then(|column| column.cast(&DataType::Float32)).map_err(told)?;
            for (row, value) in column.f32().map_err(told)?.iter().enumerate() {
                features[row * width + at] = value.unwrap_or(f32::NAN);
                let unfit = value.is_none_or(|value| !value.is_finite());
                if unfit && fine[row] {
                    fine[row] = false;
                    skipped += 1;
                    let what = format!("column {name}: {} is no finite number", said(value));
                    bad_row(&self.wanted, &format!("row {}", from + row + 1), &what)?;
                }
            }
        }
        let names = self.wanted.features.clone();
        let mut others = frame.drop_many(names);
        if skipped > 0 {
            let mask: BooleanChunked = fine.iter().copied().collect();
            others = others.filter(&mask).map_err(told)?;
            let kept = features.chunks(width).zip(&fine).filter(|(_, fine)| **fine);
            features = kept.flat_map(|(row, _)| row.iter().copied()).collect();
        }
        let rows = rows - skipped;
        let bytes_read = (self.bytes as f64 * self.offset as f64 / self.total as f64) as u64;
        Ok(Some(Block { features, rows, others, skipped, bytes_read }))
    }
}

fn said(value: Option<f32>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}
