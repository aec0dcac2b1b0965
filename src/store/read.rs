//! Results read back: one symbol's rows of one date, found through the catalogue.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::catalogue::Catalogue;
use super::dir::StoreError;
use super::manifest::Manifest;
use super::part::part_path;
use super::tables::{self, LevelRow, Table};
use crate::flow::BarRecord;
use crate::tape::{Calendar, Market, NYSE, Scale};

/// A results folder, opened. The catalogues are held; the tables are read when asked for.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
    catalogues: BTreeMap<String, Catalogue>,
    bar_widths: Vec<i64>,
    states: BTreeMap<String, String>,
    calendar: Calendar,
    scale: Scale,
}

impl Archive {
    /// Opens a folder written by `impactd batch`.
    ///
    /// # Errors
    /// When it has no manifest, or that or a catalogue is damaged.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let manifest = Manifest::load(root)?.ok_or_else(|| {
            let what = "holds no manifest.json; make results first: impactd batch INPUT... --out DIR";
            StoreError::damaged(root, what)
        })?;
        let load = |date: &str| Ok((date.to_owned(), Catalogue::load(root, date)?));
        let catalogues: Result<_, StoreError> = manifest.dates().into_iter().map(load).collect();
        Ok(Self {
            root: root.to_owned(),
            catalogues: catalogues?,
            bar_widths: manifest.bar_widths(),
            states: manifest.states(),
            calendar: manifest.calendar(),
            scale: manifest.scale(),
        })
    }

    /// A folder in which there are no results yet.
    #[must_use]
    pub fn bare(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            catalogues: BTreeMap::new(),
            bar_widths: Vec::new(),
            states: BTreeMap::new(),
            calendar: NYSE,
            scale: Scale::WHOLE,
        }
    }

    /// Widths of the bars there are, nanoseconds.
    #[must_use]
    pub fn bar_widths(&self) -> &[i64] {
        &self.bar_widths
    }

    /// The trading days that the results hold, and the hours of each.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        self.calendar
    }

    /// What a unit of the results' sizes is.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Whether orders for shares can be held against these results: forecasts, costs and executions know New York's
    /// sessions.
    ///
    /// # Errors
    /// When they are of another calendar.
    pub fn check_is_of_new_york(&self) -> Result<(), StoreError> {
        match self.calendar.market() {
            Market::Nyse => Ok(()),
            other => Err(StoreError::Unfit {
                what: format!(
                    "forecasts, costs and executions are of shares in New York's sessions; these results were cut by \
                     the calendar {}",
                    other.name()
                ),
            }),
        }
    }

    /// A name of the results up to and with a date; it differs when one of them does.
    #[must_use]
    pub fn state_up_to(&self, date: &str) -> Option<&str> {
        let until = (std::ops::Bound::Unbounded, std::ops::Bound::Included(date));
        self.states.range::<str, _>(until).next_back().map(|(_, state)| state.as_str())
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Dates and their symbols.
    #[must_use]
    pub fn catalogues(&self) -> &BTreeMap<String, Catalogue> {
        &self.catalogues
    }

    /// The dates that hold a symbol, ascending.
    pub fn dates_of<'a>(&'a self, symbol: &'a str) -> impl Iterator<Item = &'a str> {
        let holding = self.catalogues.iter().filter(move |(_, c)| c.find(symbol).is_some());
        holding.map(|(date, _)| date.as_str())
    }

    /// How many rows a symbol has in a table on a date.
    #[must_use]
    pub fn row_count(&self, table: Table, date: &str, symbol: &str) -> usize {
        let entry = self.catalogues.get(date).and_then(|c| c.find(symbol));
        entry.and_then(|e| e.rows.get(&table)).map_or(0, |range| range.rows)
    }

    /// A symbol's rows of a table on a date; `None` when there are none.
    ///
    /// # Errors
    /// When the part is missing or damaged.
    pub fn rows(&self, table: Table, date: &str, symbol: &str) -> Result<Option<DataFrame>, StoreError> {
        self.some_rows(table, date, symbol, 0..usize::MAX)
    }

    /// A symbol's bars of one width (nanoseconds) on a date, in order of time; none when there are none.
    ///
    /// # Errors
    /// When the part is missing or damaged, or its sizes are no whole shares.
    pub fn bars(&self, date: &str, symbol: &str, width: i64) -> Result<Vec<BarRecord>, StoreError> {
        if !self.scale.is_whole() {
            let decimals = self.scale.decimals();
            return Err(StoreError::Unfit {
                what: format!(
                    "this is computed from whole shares, and sizes of these results have {decimals} decimals"
                ),
            });
        }
        let Some(rows) = self.rows(Table::Bars, date, symbol)? else {
            return Ok(Vec::new());
        };
        let damaged = |e| StoreError::damaged(&self.root, format!("bars of {symbol} on {date}: {e}"));
        tables::read_bars(&rows, width).map_err(damaged)
    }

    /// A symbol's flows at each level of the book in bars of one width on a date; none when there are none.
    ///
    /// # Errors
    /// When the part is missing or damaged.
    pub fn levels(&self, date: &str, symbol: &str, width: i64) -> Result<Vec<LevelRow>, StoreError> {
        let Some(rows) = self.rows(Table::BarsLevels, date, symbol)? else {
            return Ok(Vec::new());
        };
        let damaged = |e| StoreError::damaged(&self.root, format!("levels of {symbol} on {date}: {e}"));
        tables::read_levels(&rows, width).map_err(damaged)
    }

    /// Some of a symbol's rows, counted from its first; `None` when there are none.
    ///
    /// # Errors
    /// When the part is missing or damaged.
    pub fn some_rows(
        &self,
        table: Table,
        date: &str,
        symbol: &str,
        some: Range<usize>,
    ) -> Result<Option<DataFrame>, StoreError> {
        let entry = self.catalogues.get(date).and_then(|c| c.find(symbol));
        let Some((entry, range)) = entry.and_then(|e| Some((e, e.rows.get(&table)?))) else {
            return Ok(None);
        };
        let (start, end) = (some.start.min(range.rows), some.end.min(range.rows));
        if start >= end {
            return Ok(None);
        }
        let path = part_path(&self.root, table, date, entry.bucket);
        let file = File::open(&path).map_err(|e| StoreError::io(&path, "opening", e))?;
        let slice = (range.offset + start, end - start);
        let mut frame = ParquetReader::new(file).with_slice(Some(slice)).finish();
        if matches!(table, Table::Fits | Table::BucketFits) {
            frame = frame.and_then(tables::with_price_units);
        }
        frame.map(Some).map_err(|e| StoreError::damaged(&path, format!("cannot be read ({e})")))
    }
}
