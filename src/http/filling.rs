//! A page being filled, slice by slice.

use chrono::NaiveDate;
use polars::prelude::*;

use super::cursor::Cursor;
use super::filter::Condition;
use super::rows::{Day, Selection};
use super::shelf::Snapshot;
use crate::clean::{Halts, Kinds, Prints};
use crate::flow::{Bucketing, Buckets};
use crate::limits::{HTTP_DAYS_MAX, HTTP_ROWS_SCANNED_MAX, HTTP_SLICE_ROWS};
use crate::sign::{Accuracy, Layers};
use crate::store::tables::Said;
use crate::store::{StoreError, Table, tables};
use crate::tape::{Scale, Symbol};

/// The rows of a page in the making.
#[derive(Debug)]
pub struct Making {
    frames: Vec<DataFrame>,
    /// Rows until the page is full.
    wanted: usize,
}

impl Making {
    /// A page for so many rows.
    #[must_use]
    pub fn new(wanted: usize) -> Self {
        Self { frames: Vec::new(), wanted }
    }

    /// Reads on, day by day (of all symbols' tables, symbol by symbol within a day), until the page is full and one
    /// more row is found, or the request has read enough; then says where the next page begins.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub fn fill(
        &mut self,
        snapshot: &Snapshot,
        selection: &Selection,
        days: &[Day<'_>],
        mut behind: usize,
    ) -> Result<Option<Cursor>, StoreError> {
        let (archive, table) = (&snapshot.archive, selection.table);
        let mut scanned = 0;
        for (opened, day) in days.iter().enumerate() {
            let total = day.row_count(archive, table);
            while behind < total {
                if scanned >= HTTP_ROWS_SCANNED_MAX || opened >= HTTP_DAYS_MAX {
                    return Ok(Some(day.cursor(snapshot, selection, behind)));
                }
                let until = total.min(behind + HTTP_SLICE_ROWS);
                if let Some(frame) = day.some_rows(archive, table, behind..until)? {
                    let left = self.take(&frame, selection, day.date).map_err(|e| damaged(selection, &e))?;
                    if let Some(left) = left {
                        return Ok(Some(day.cursor(snapshot, selection, behind + left)));
                    }
                }
                scanned += until - behind;
                behind = until;
            }
            behind = 0;
        }
        Ok(None)
    }

    /// Takes in the rows that hold; when they are too many, says which is the first that is left.
    fn take(
        &mut self,
        frame: &DataFrame,
        selection: &Selection,
        date: NaiveDate,
    ) -> PolarsResult<Option<usize>> {
        let mask = Condition::mask(&selection.conditions, frame)?;
        let holding = mask.iter().enumerate().filter(|(_, holds)| *holds == Some(true));
        let left = holding.map(|(row, _)| row).nth(self.wanted);
        let mut kept = frame.filter(&mask)?.head(Some(self.wanted));
        if lacks_date(selection.table) {
            kept.insert_column(1, dates(date, kept.height()))?;
        }
        self.wanted -= kept.height();
        self.frames.push(kept);
        Ok(left)
    }

    /// The rows, under each other; without any, the columns that sizes of this scale have.
    ///
    /// # Errors
    /// When polars refuses.
    pub fn finish(mut self, selection: &Selection, scale: Scale) -> PolarsResult<DataFrame> {
        if self.frames.is_empty() {
            self.frames.push(empty(selection.table, &selection.symbol, scale)?);
        }
        tables::stack(self.frames)
    }
}

/// Whether a table's rows are of their file's date, and do not say so.
fn lacks_date(table: Table) -> bool {
    matches!(table, Table::Liquidity | Table::SignAccuracy | Table::Prints | Table::Venues)
}

/// A table's columns as they are answered, without rows.
///
/// # Errors
/// When polars refuses.
pub fn empty(table: Table, symbol: &str, scale: Scale) -> PolarsResult<DataFrame> {
    let symbol = Symbol::new(symbol);
    let frame = match table {
        Table::Bars => tables::bars(&symbol, 1, scale, &[]),
        Table::Fits => tables::no_fits(&symbol),
        Table::Liquidity => tables::liquidity(&symbol, &[]),
        Table::Features => tables::features(&symbol, &[], None),
        Table::FraudScores => tables::fraud_scores(&symbol, &[], &Said::default()),
        Table::FraudAlerts => tables::fraud_alerts(&symbol, &[], &Said::default()),
        Table::Buckets => tables::buckets(&symbol, scale, &Buckets::default()),
        Table::BucketFits => tables::bucket_fits(&symbol, Bucketing::default(), &[]),
        Table::BarsLevels => tables::bars_levels(&symbol, 1, scale, (&[], &[])),
        Table::OfiWeights => tables::ofi_weights(&symbol, 1, &[]),
        Table::SignedTrades => tables::signed_trades(&symbol, scale, &[]),
        Table::SignAccuracy => tables::sign_accuracy(&symbol, &Layers::default(), &Accuracy::default()),
        Table::Prints => {
            tables::prints(&symbol, scale, (&Prints::default(), &Halts::default()), Kinds::default())
        }
        Table::Venues => tables::venues(&symbol, scale, &[]),
        Table::Quotes => tables::quotes(&symbol, scale, &[]),
        Table::Trades => tables::trades(&symbol, scale, &[]),
    };
    let mut frame = frame?.clear();
    if lacks_date(table) {
        frame.insert_column(1, dates(NaiveDate::default(), 0))?;
    }
    Ok(frame)
}

fn dates(day: NaiveDate, rows: usize) -> Column {
    let days = (day - NaiveDate::default()).num_days() as i32;
    Int32Chunked::from_vec("date".into(), vec![days; rows]).into_date().into_column()
}

fn damaged(selection: &Selection, error: &PolarsError) -> StoreError {
    StoreError::damaged(std::path::Path::new(selection.table.name()), format!("cannot be filtered ({error})"))
}
