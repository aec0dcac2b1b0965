//! A page of a symbol's rows, read day by day and slice by slice, and no further than the page needs.

use std::ops::{Range, RangeInclusive};

use chrono::{Datelike, NaiveDate};
use polars::prelude::DataFrame;

use super::cursor::Cursor;
use super::filling::Making;
use super::filter::Condition;
use super::fingerprint::Fingerprint;
use super::live_rows::LiveRows;
use super::page::PageQuery;
use super::parameters::{Asked, unknown_symbol};
use super::problem::{Code, Problem};
use super::shelf::{Reading, Snapshot};
use crate::store::{Archive, StoreError, Table};

/// Which rows.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Of which table.
    pub table: Table,
    /// Of which symbol; of all, in a list of all symbols, when empty.
    pub symbol: String,
    /// Of which days.
    pub days: RangeInclusive<NaiveDate>,
    /// All of these hold.
    pub conditions: Vec<Condition>,
    /// Of the query, for its cursors.
    pub fingerprint: Fingerprint,
}

/// Some rows, and where to go on.
#[derive(Debug)]
pub struct Page {
    /// The rows.
    pub frame: DataFrame,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
    /// Rows that are left out since their files are damaged; `None` of tables that are refused then.
    pub damaged: Option<usize>,
}

/// Reads a page.
///
/// # Errors
/// When a part cannot be read; a symbol or cursor that is not known is a refusal.
pub fn page(
    snapshot: &Snapshot,
    selection: &Selection,
    query: PageQuery,
) -> Result<Reading<Page>, StoreError> {
    page_with(snapshot, selection, query, None)
}

/// Refuses a table that only some batches make where a symbol has no row of it; `made_by` says which batches do.
///
/// # Errors
/// The refusal.
pub fn made(snapshot: &Snapshot, selection: &Selection, made_by: &str) -> Result<(), Problem> {
    let (archive, symbol, table) = (&snapshot.archive, selection.symbol.as_str(), selection.table);
    let mut dates = archive.dates_of(symbol).peekable();
    if dates.peek().is_some() && dates.all(|date| archive.row_count(table, date, symbol) == 0) {
        let detail = format!("there are no rows of {} for '{symbol}': {made_by}", table.name());
        return Err(Problem::new(Code::NoTable, detail));
    }
    Ok(())
}

/// The same with a session under way, where the archive has no rows of that date.
///
/// # Errors
/// As [`page`].
pub fn page_with(
    snapshot: &Snapshot,
    selection: &Selection,
    query: PageQuery,
    live: Option<&LiveRows>,
) -> Result<Reading<Page>, StoreError> {
    let archive = &snapshot.archive;
    let symbol = selection.symbol.as_str();
    let live = live.filter(|live| !archive.dates_of(symbol).any(|date| date == live.date));
    if live.is_none() && archive.dates_of(symbol).next().is_none() {
        return Ok(Err(unknown_symbol(symbol)));
    }
    let mut days: Vec<Day<'_>> =
        archive.dates_of(symbol).filter_map(|name| Day::new(name, symbol, 0)).collect();
    if let Some(live) = live {
        let parts = live.parts.iter().enumerate();
        days.extend(parts.filter_map(|(index, part)| {
            let day = Day::new(&live.date, symbol, index * LIVE_PART_ROWS)?;
            Some(Day { live: Some((part, live.version)), ..day })
        }));
    }
    days.sort_by_key(|day| (day.number, day.before));
    fill(snapshot, selection, query, days)
}

/// Reads a page of all symbols' rows: by date, then by symbol.
///
/// # Errors
/// As [`page`].
pub fn page_of_all(
    snapshot: &Snapshot,
    selection: &Selection,
    query: PageQuery,
) -> Result<Reading<Page>, StoreError> {
    let mut days = Vec::new();
    for (name, catalogue) in snapshot.archive.catalogues() {
        let mut before = 0;
        for entry in &catalogue.symbols {
            let rows = snapshot.archive.row_count(selection.table, name, &entry.symbol);
            days.extend(Day::new(name, &entry.symbol, before).filter(|_| rows > 0));
            before += rows;
        }
    }
    fill(snapshot, selection, query, days)
}

/// A page of rows that are at hand, in the state that a number names.
///
/// # Errors
/// A refusal of a cursor that belongs to another query, or another state.
pub fn page_of_frame<Q>(frame: &DataFrame, asked: &Asked<Q>, state: u64) -> Result<Page, Problem> {
    let fingerprint = asked.fingerprint().with(&state.to_le_bytes()).value();
    let at = |offset: usize| Cursor { day: 0, offset: offset as u32, fingerprint };
    let behind = asked.page.cursor.map_or(0, |cursor| cursor.offset as usize);
    if asked.page.cursor.is_some_and(|cursor| cursor != at(behind)) || behind > frame.height() {
        return Err(Cursor::stale());
    }
    let until = frame.height().min(behind + asked.page.limit);
    let next = (until < frame.height()).then(|| at(until));
    Ok(Page { frame: frame.slice(behind as i64, until - behind), next, damaged: None })
}

fn fill(
    snapshot: &Snapshot,
    selection: &Selection,
    query: PageQuery,
    mut days: Vec<Day<'_>>,
) -> Result<Reading<Page>, StoreError> {
    days.retain(|day| selection.days.contains(&day.date));
    let mut behind = 0;
    if let Some(cursor) = query.cursor {
        let offset = cursor.offset as usize;
        let reached = |day: &Day<'_>| (day.number, day.before) <= (cursor.day, offset);
        let first = days.iter().rposition(reached).filter(|at| days[*at].number == cursor.day);
        let Some(first) = first else { return Ok(Err(Cursor::stale())) };
        days.drain(..first);
        behind = offset - days[0].before;
        if days[0].cursor(snapshot, selection, behind) != cursor {
            return Ok(Err(Cursor::stale()));
        }
    }
    let mut making = Making::new(query.limit);
    let next = making.fill(snapshot, selection, &days, behind)?;
    Ok(making
        .finish(selection, snapshot.archive.scale())
        .map(|frame| Page { frame, next, damaged: None })
        .map_err(Problem::internal))
}

/// A symbol's day that holds rows.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// As folders are named.
    pub name: &'a str,
    /// Whose rows.
    pub symbol: &'a str,
    /// Rows of the day that come before them in a list of all symbols.
    before: usize,
    /// The date.
    pub date: NaiveDate,
    /// Days since 0001-01-01.
    number: u32,
    /// Its rows and their version, where they are not the archive's.
    live: Option<(&'a DataFrame, u64)>,
}

/// Rows that a part of a session under way may have: places of the next part begin behind them.
const LIVE_PART_ROWS: usize = 1 << 22;

impl<'a> Day<'a> {
    fn new(name: &'a str, symbol: &'a str, before: usize) -> Option<Self> {
        let date: NaiveDate = name.parse().ok()?;
        let number = u32::try_from(date.num_days_from_ce()).ok()?;
        Some(Self { name, symbol, before, date, number, live: None })
    }

    /// How many rows of a table it holds.
    #[must_use]
    pub fn row_count(&self, archive: &Archive, table: Table) -> usize {
        self.live
            .map_or_else(|| archive.row_count(table, self.name, self.symbol), |(frame, _)| frame.height())
    }

    /// Some of its rows of a table; none when there are none.
    ///
    /// # Errors
    /// When the part is missing or damaged.
    pub fn some_rows(
        &self,
        archive: &Archive,
        table: Table,
        some: Range<usize>,
    ) -> Result<Option<DataFrame>, StoreError> {
        match self.live {
            Some((frame, _)) => Ok(Some(frame.slice(some.start as i64, some.len()))),
            None => archive.some_rows(table, self.name, self.symbol, some),
        }
    }

    /// The place after some of its rows.
    #[must_use]
    pub fn cursor(&self, snapshot: &Snapshot, selection: &Selection, behind: usize) -> Cursor {
        let archived = || snapshot.day_versions.get(self.name).copied().unwrap_or(0);
        let version = self.live.map_or_else(archived, |(_, version)| version);
        let print = selection.fingerprint.with(self.name.as_bytes()).with(&version.to_le_bytes());
        let offset = u32::try_from(self.before + behind).unwrap_or(u32::MAX);
        Cursor { day: self.number, offset, fingerprint: print.value() }
    }
}
