//! The file that scoring writes, CSV or Parquet by its name, block by block; it appears whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::{Failure, bad_data, exit};
use crate::store;

/// The file under its working name, removed unless it is finished.
pub struct ScoredFile {
    path: PathBuf,
    working: PathBuf,
    form: Form,
    schema: Option<Schema>,
    finished: bool,
}

enum Form {
    Csv(BufWriter<File>),
    Parquet(Option<BufWriter<File>>, Option<Box<BatchedWriter<BufWriter<File>>>>),
}

impl ScoredFile {
    /// Creates the file.
    ///
    /// # Errors
    /// When its name is neither `.csv` nor `.parquet`, or the operating system refuses.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if !["csv", "parquet"].contains(&kind) {
            return Err(Failure::usage(format!("{}: name it .csv or .parquet", path.display())));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let working = path.with_file_name(format!(".{name}.part"));
        let file = File::create(&working).map_err(|e| refused(path, &e))?;
        let file = BufWriter::new(file);
        let form = if kind == "csv" { Form::Csv(file) } else { Form::Parquet(Some(file), None) };
        Ok(Self { path: path.to_owned(), working, form, schema: None, finished: false })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// When the operating system refuses, or the columns are not those of the first rows.
    pub fn append(&mut self, mut frame: DataFrame) -> Result<(), Failure> {
        if matches!(self.form, Form::Parquet(..)) {
            frame = typed(frame, self.schema.as_ref()).map_err(|e| bad_data(e.to_string()))?;
        }
        let first = self.schema.is_none();
        let schema = self.schema.get_or_insert_with(|| frame.schema().as_ref().clone());
        if *schema != **frame.schema() {
            let names =
                |schema: &Schema| schema.iter_names().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(bad_data(format!(
                "the inputs differ in their columns: {} and {}; score them apart",
                names(schema),
                names(frame.schema())
            )));
        }
        let written = match &mut self.form {
            Form::Csv(file) => CsvWriter::new(file).include_header(first).finish(&mut frame),
            Form::Parquet(file, writer) => {
                if let Some(file) = file.take() {
                    let fresh = ParquetWriter::new(file).batched(schema);
                    *writer = Some(Box::new(fresh.map_err(|e| refused(&self.path, &e))?));
                }
                writer.as_mut().map_or(Ok(()), |writer| writer.write_batch(&frame))
            }
        };
        written.map_err(|e| refused(&self.path, &e))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn finish(mut self) -> Result<(), Failure> {
        let ended = match &mut self.form {
            Form::Csv(file) => file.flush().map_err(|e| refused(&self.path, &e)),
            Form::Parquet(_, Some(writer)) => writer.finish().map(drop).map_err(|e| refused(&self.path, &e)),
            Form::Parquet(_, None) => Err(bad_data("the inputs hold no rows")),
        };
        ended?;
        let synced = File::open(&self.working).and_then(|file| file.sync_all());
        synced.map_err(|e| refused(&self.path, &e))?;
        store::rename(&self.working, &self.path)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for ScoredFile {
    fn drop(&mut self) {
        if !self.finished {
            // Nobody is left to tell; a stray working file is named as one.
            let _ = std::fs::remove_file(&self.working);
        }
    }
}

fn refused(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure { message: format!("{}: writing: {error}", path.display()), code: exit::TRY_AGAIN }
}

/// Columns of text get the type that all their first cells have: whole numbers, numbers, or text. Later rows must have
/// it too.
fn typed(frame: DataFrame, known: Option<&Schema>) -> PolarsResult<DataFrame> {
    let rows = frame.height();
    let columns =
        frame.columns().iter().map(|column| match known.and_then(|schema| schema.get(column.name())) {
            Some(kind) if kind == column.dtype() => Ok(column.clone()),
            Some(kind) => column.strict_cast(kind),
            None if column.dtype() == &DataType::String => {
                let kinds = [DataType::Int64, DataType::Float64];
                Ok(kinds
                    .iter()
                    .find_map(|kind| column.strict_cast(kind).ok())
                    .unwrap_or_else(|| column.clone()))
            }
            None => Ok(column.clone()),
        });
    DataFrame::new(rows, columns.collect::<PolarsResult<_>>()?)
}
