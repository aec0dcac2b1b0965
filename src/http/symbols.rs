//! `GET /v1/symbols`: what is known, from when to when.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use polars::prelude::*;
use utoipa::IntoParams;

use super::App;
use super::answer;
use super::cursor::Cursor;
use super::fingerprint::Fingerprint;
use super::parameters::{Asked, Given, Parameters};
use super::problem::Problem;
use super::responses::TableOf;
use super::rows::Page;
use super::schema::SymbolRow;
use super::shelf::{Reading, Snapshot};
use crate::store::{StoreError, SymbolEntry};
use crate::tape::Symbol;

/// This list has no parameters of its own.
#[derive(Clone, Copy, Debug, IntoParams)]
pub struct NoParameters {}

impl Parameters for NoParameters {
    fn read(_: &Given) -> Result<Self, Problem> {
        Ok(Self {})
    }
}

/// A symbol's days together.
#[derive(Default)]
struct Total<'a> {
    first: &'a str,
    last: &'a str,
    days: i64,
    quotes: i64,
    trades: i64,
}

/// What is known, from when to when
///
/// Symbols in ascending order of their bytes, those of a session under way among them.
#[utoipa::path(get, path = "/v1/symbols", tag = "results", operation_id = "list_symbols",
    params(super::page::PageQuery), responses(TableOf<SymbolRow>))]
pub async fn list(State(app): State<App>, asked: Asked<NoParameters>) -> Result<Response, Problem> {
    answer::table_with(app, asked, "symbols".to_owned(), |app| Ok(UnderWay::beside(app)), page).await
}

/// Symbols with ticks in the session under way.
struct UnderWay {
    date: String,
    symbols: Vec<Symbol>,
    state: u64,
}

impl UnderWay {
    fn beside(app: &App) -> (Option<Self>, u64) {
        let found = app.live.as_ref().and_then(|live| {
            let date = live.dates().last()?.to_string();
            let symbols = live.symbols();
            let named = Fingerprint::default().with(date.as_bytes());
            let state = symbols.iter().fold(named, |f, symbol| f.with(symbol.as_str().as_bytes())).value();
            Some(Self { date, symbols, state })
        });
        let state = found.as_ref().map_or(0, |found| found.state);
        (found, state)
    }
}

fn page(
    snapshot: &Snapshot,
    asked: &Asked<NoParameters>,
    live: Option<&UnderWay>,
) -> Result<Reading<Page>, StoreError> {
    let totals = totals(snapshot, live);
    let fingerprint = asked.fingerprint().with(&snapshot.version.to_le_bytes());
    let fingerprint = live.map_or(fingerprint, |live| fingerprint.with(&live.state.to_le_bytes())).value();
    let at = |offset: usize| Cursor { day: 0, offset: offset as u32, fingerprint };
    let behind = asked.page.cursor.map_or(0, |cursor| cursor.offset as usize);
    if asked.page.cursor.is_some_and(|cursor| cursor != at(behind)) || behind > totals.len() {
        return Ok(Err(Cursor::stale()));
    }
    let until = totals.len().min(behind + asked.page.limit);
    let shown: Vec<_> = totals.iter().skip(behind).take(until - behind).collect();
    let next = (until < totals.len()).then(|| at(until));
    Ok(frame(&shown).map(|frame| Page { frame, next, damaged: None }).map_err(Problem::internal))
}

fn totals<'a>(snapshot: &'a Snapshot, live: Option<&'a UnderWay>) -> BTreeMap<&'a str, Total<'a>> {
    let mut totals: BTreeMap<&str, Total<'_>> = BTreeMap::new();
    for (date, catalogue) in snapshot.archive.catalogues() {
        for SymbolEntry { symbol, quotes, trades, .. } in &catalogue.symbols {
            let total = totals.entry(symbol).or_insert_with(|| Total { first: date, ..Total::default() });
            total.last = date;
            total.days += 1;
            total.quotes += *quotes as i64;
            total.trades += *trades as i64;
        }
    }
    if let Some(live) = live {
        for symbol in &live.symbols {
            let first = || Total { first: &live.date, ..Total::default() };
            let total = totals.entry(symbol.as_str()).or_insert_with(first);
            // Its tables may have landed since.
            if total.last < live.date.as_str() {
                total.last = &live.date;
                total.days += 1;
            }
        }
    }
    totals
}

fn frame(rows: &[(&&str, &Total<'_>)]) -> PolarsResult<DataFrame> {
    let text = |name: &str, of: fn(&Total<'_>) -> String| {
        let values: Vec<String> = rows.iter().map(|(_, total)| of(total)).collect();
        Column::new(name.into(), values)
    };
    let whole = |name: &str, of: fn(&Total<'_>) -> i64| {
        let values: Vec<i64> = rows.iter().map(|(_, total)| of(total)).collect();
        Column::new(name.into(), values)
    };
    let symbols: Vec<&str> = rows.iter().map(|(symbol, _)| **symbol).collect();
    DataFrame::new(
        rows.len(),
        vec![
            Column::new("symbol".into(), symbols),
            text("first_date", |t| t.first.to_owned()),
            text("last_date", |t| t.last.to_owned()),
            whole("days", |t| t.days),
            whole("quotes", |t| t.quotes),
            whole("trades", |t| t.trades),
        ],
    )
}
