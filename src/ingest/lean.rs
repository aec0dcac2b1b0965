//! QuantConnect Lean tick zips: `YYYYMMDD_symbol_{Trade,Quote}_Tick.csv` inside, New York milliseconds.
//!
//! trade: `ms,price*10000,size,exchange,condition hex,suspicious`;
//! quote: `ms,bid*10000,bid size,ask*10000,ask size,exchange,condition hex,suspicious`, each row one side, the
//! other side `0,0`. A bid row and an ask row of the same millisecond are ONE change of the best bid and offer;
//! any other row changes its side only. The running bid and ask run over the whole file.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use chrono::NaiveDate;

use super::error::IngestError;
use super::fields::{self, Why};
use super::lean_book::{Book, SideRow};
use super::positional::{self, Lines, cells, fault};
use super::raw::{Batch, RawQuote, RawTrade};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use super::zipped::Zipped;
use super::{Input, Kind};
use crate::tape::{Nanos, Price, Scale, Sign, Size, Trade, local_midnight};

const MILLISECOND: i64 = 1_000_000;
const TRADE_COLUMNS: &[&str] = &["ms", "price", "size", "exchange"];
const QUOTE_COLUMNS: &[&str] = &["ms", "bid", "bid size", "ask", "ask size", "exchange"];

/// What the name of the entry inside says: date, symbol, kind.
///
/// # Errors
/// When the zip is damaged or holds no single tick file.
pub fn describe(path: &Path) -> Result<(NaiveDate, String, Kind), IngestError> {
    described(path, &Zipped::open(path, Arc::default())?.name)
}

fn described(path: &Path, name: &str) -> Result<(NaiveDate, String, Kind), IngestError> {
    parse_name(name).ok_or_else(|| {
        let what = format!("holds '{name}', not a Lean tick file YYYYMMDD_symbol_Trade_Tick.csv");
        IngestError::file(path, what)
    })
}

fn parse_name(name: &str) -> Option<(NaiveDate, String, Kind)> {
    let stem = name.rsplit('/').next()?.strip_suffix("_Tick.csv")?;
    let (rest, kind) = stem.rsplit_once('_')?;
    let (date, symbol) = rest.split_once('_')?;
    let kind = match kind {
        "Trade" => Kind::Trades,
        "Quote" => Kind::Quotes,
        _ => return None,
    };
    let date = fields::date(date.as_bytes()).ok()?;
    Some((date, symbol.to_ascii_uppercase(), kind))
}

/// Reads the zip's tick file.
///
/// # Errors
/// At the first bad row under [`OnBadRow::Fail`](super::OnBadRow), or when the zip cannot be unpacked.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    let mut zipped = Zipped::open(path, Arc::clone(&options.bytes_seen))?;
    let (date, symbol, kind) = described(path, &zipped.name)?;
    let mut lines = Lines::new(zipped.entry(path)?);
    let midnight = local_midnight(date).0;
    match kind {
        Kind::Trades => trades(path, &mut lines, midnight, symbol.as_bytes(), options, sender),
        _ => quotes(path, &mut lines, midnight, symbol.as_bytes(), options, sender),
    }
}

fn trades(
    path: &Path,
    lines: &mut Lines<impl Read>,
    midnight: i64,
    symbol: &[u8],
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let mut out = Emitter::<RawTrade>::new(path, options, sender);
    each_line(path, lines, |number, line| match parse_trade(line, midnight) {
        Ok(row) => out.row(number, symbol, row),
        Err((at, why)) => out.bad(number, fault(line, TRADE_COLUMNS, at, why)),
    })?;
    out.finish()
}

fn parse_trade(line: &[u8], midnight: i64) -> Result<RawTrade, (usize, Why)> {
    let [ms, price, size, venue] = cells(line)?;
    let at = |index| move |why| (index, why);
    Ok(RawTrade {
        trade: Trade {
            ts: time(ms, midnight)?,
            price: fields::digits(price).and_then(positional::price).map_err(at(1))?,
            size: Size(fields::size(size, Scale::WHOLE).map_err(at(2))?),
            known_side: Sign::Unknown,
            ..Trade::default()
        },
        venue: venue.first().copied().unwrap_or(0),
        ..RawTrade::default()
    })
}

fn quotes(
    path: &Path,
    lines: &mut Lines<impl Read>,
    midnight: i64,
    symbol: &[u8],
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let mut out = Emitter::<RawQuote>::new(path, options, sender);
    let mut book = Book::default();
    each_line(path, lines, |number, line| match parse_side(line, midnight) {
        Ok(side) => {
            let complete = book.push(number, side);
            complete.into_iter().flatten().try_for_each(|(line, row)| out.row(line, symbol, row))
        }
        Err((at, why)) => out.bad(number, fault(line, QUOTE_COLUMNS, at, why)),
    })?;
    if let Some((line, row)) = book.lone_bid {
        out.row(line, symbol, row)?;
    }
    out.finish()
}

fn parse_side(line: &[u8], midnight: i64) -> Result<SideRow, (usize, Why)> {
    let [ms, bid, bid_size, ask, ask_size, venue] = cells(line)?;
    let side = |price: &[u8], size: &[u8], index: usize| {
        let price = fields::digits(price).and_then(positional::price).map_err(|why| (index, why))?;
        let size = Size(fields::size(size, Scale::WHOLE).map_err(|why| (index + 1, why))?);
        Ok((price != Price(0) || size != Size(0)).then_some((price, size)))
    };
    Ok(SideRow {
        ts: time(ms, midnight)?,
        bid: side(bid, bid_size, 1)?,
        ask: side(ask, ask_size, 3)?,
        venue: venue.first().copied().unwrap_or(0),
    })
}

fn each_line(
    path: &Path,
    lines: &mut Lines<impl Read>,
    mut each: impl FnMut(u64, &[u8]) -> Result<(), IngestError>,
) -> Result<(), IngestError> {
    while let Some((number, line)) = lines.next_line().map_err(|e| IngestError::io(path, "unpacking", e))? {
        each(number, line)?;
    }
    Ok(())
}

fn time(ms: &[u8], midnight: i64) -> Result<Nanos, (usize, Why)> {
    const DAY: u64 = 86_400_000;
    match fields::digits(ms) {
        Ok(ms) if ms < DAY => Ok(Nanos(midnight + ms as i64 * MILLISECOND)),
        Ok(_) => Err((0, "is not a millisecond of the day")),
        Err(why) => Err((0, why)),
    }
}
