//! Parquet files under the canonical names or a `--map`, decoded a slice of rows at a time.
//!
//! `ts` is a timestamp of any unit (naive means UTC) or nanoseconds as an integer; prices are decimal dollars as
//! floats, taken back to the nine-decimal integer they stand for; sizes are whole.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use polars::prelude::*;

use super::emit::{Emitter, ReadOptions, ReadReport};
use super::error::{Fault, IngestError};
use super::fields::Why;
use super::raw::{Batch, RawQuote, RawTrade};
use super::{Input, Kind, csv::ColumnMap, source};
use crate::limits::PARQUET_SLICE_ROWS;
use crate::tape::{Nanos, Price, Quote, Sign, Size, Trade};

const QUOTE_NEEDS: [&str; 6] = ["ts", "symbol", "bid", "bid_size", "ask", "ask_size"];
const TRADE_NEEDS: [&str; 4] = ["ts", "symbol", "price", "size"];

/// Which of the two a Parquet file is, by its columns.
///
/// # Errors
/// When it is damaged, or neither quotes nor trades, or both.
pub fn kind(path: &Path, map: &ColumnMap) -> Result<Kind, IngestError> {
    let file = source::open(path)?;
    let schema = ParquetReader::new(file).schema().map_err(|e| damaged(path, &e))?;
    let has = |needs: &[&str]| needs.iter().all(|name| schema.contains(map.own(name)));
    match (has(&QUOTE_NEEDS), has(&TRADE_NEEDS)) {
        (true, false) => Ok(Kind::Quotes),
        (false, true) => Ok(Kind::Trades),
        (both, _) => {
            let there: Vec<&str> = schema.iter_names().map(|n| n.as_str()).collect();
            let trouble = if both { "both" } else { "neither" };
            let what = format!(
                "has {trouble} of the column sets {QUOTE_NEEDS:?} and {TRADE_NEEDS:?}: it has {there:?}; name them with --map"
            );
            Err(IngestError::file(path, what))
        }
    }
}

/// Reads a Parquet file slice by slice.
///
/// # Errors
/// When it is damaged, a column has an unfit type, or at the first bad row under
/// [`OnBadRow::Fail`](super::OnBadRow).
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let report = match input.kind {
        Kind::Trades => slices(input, Emitter::<RawTrade>::new(&input.path, options, sender), trade_slice),
        _ => slices(input, Emitter::<RawQuote>::new(&input.path, options, sender), quote_slice),
    }?;
    options.bytes_seen.fetch_add(input.bytes, Ordering::Relaxed);
    Ok(report)
}

type SliceReader<R> = fn(&Slice<'_>, u64, &mut Emitter<'_, R>) -> Result<(), IngestError>;

fn slices<R: super::RawRow>(
    input: &Input,
    mut out: Emitter<'_, R>,
    each: SliceReader<R>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    let fail = |e: PolarsError| damaged(path, &e);
    let mut head = ParquetReader::new(source::open(path)?);
    let total = head.num_rows().map_err(fail)?;
    let schema = head.schema().map_err(fail)?;
    let map = &input.reading.map;
    let wanted: Vec<String> = super::csv::CANONICAL
        .iter()
        .map(|(name, _)| map.own(name).to_owned())
        .filter(|own| schema.contains(own))
        .collect();
    let mut offset = 0;
    while offset < total {
        let length = PARQUET_SLICE_ROWS.min(total - offset);
        let file: File = source::open(path)?;
        let frame = ParquetReader::new(file)
            .with_columns(Some(wanted.clone()))
            .with_slice(Some((offset, length)))
            .finish()
            .map_err(fail)?;
        let slice = Slice { path, frame, map };
        each(&slice, offset as u64, &mut out)?;
        offset += length;
    }
    out.finish()
}

/// Some rows of the file, and how its columns are called.
struct Slice<'a> {
    path: &'a Path,
    frame: DataFrame,
    map: &'a ColumnMap,
}

impl Slice<'_> {
    fn column(&self, canonical: &str, to: &DataType) -> Result<Option<Column>, IngestError> {
        let Ok(column) = self.frame.column(self.map.own(canonical)) else {
            return Ok(None);
        };
        let cast = column.strict_cast(to).map_err(|e| {
            let what = format!("column {}: is {}, unfit for {to}: {e}", column.name(), column.dtype());
            IngestError::file(self.path, what)
        })?;
        Ok(Some(cast))
    }

    fn moments(&self) -> Result<Vec<Option<i64>>, IngestError> {
        let raw = self.frame.column(self.map.own("ts")).map_err(|e| damaged(self.path, &e))?;
        let nanos = match raw.dtype() {
            DataType::Datetime(_, zone) => DataType::Datetime(TimeUnit::Nanoseconds, zone.clone()),
            _ => DataType::Int64,
        };
        let cast = self.column("ts", &nanos)?.map(|c| c.to_physical_repr());
        integers(self.path, cast)
    }

    fn floats(&self, name: &str) -> Result<Vec<Option<f64>>, IngestError> {
        let column = self.column(name, &DataType::Float64)?;
        let column = column.unwrap_or_default();
        let values = column.f64().map_err(|e| damaged(self.path, &e))?;
        Ok(values.iter().collect())
    }

    fn whole(&self, name: &str) -> Result<Vec<Option<i64>>, IngestError> {
        integers(self.path, self.column(name, &DataType::Int64)?)
    }

    fn texts(&self, name: &str) -> Result<Vec<Option<String>>, IngestError> {
        let Some(column) = self.column(name, &DataType::String)? else {
            return Ok(vec![None; self.frame.height()]);
        };
        let values = column.str().map_err(|e| damaged(self.path, &e))?;
        Ok(values.iter().map(|v| v.map(str::to_owned)).collect())
    }

    fn own(&self, canonical: &str) -> String {
        self.map.own(canonical).to_owned()
    }
}

fn integers(path: &Path, column: Option<Column>) -> Result<Vec<Option<i64>>, IngestError> {
    let column = column.unwrap_or_default();
    let values = column.i64().map_err(|e| damaged(path, &e))?;
    Ok(values.iter().collect())
}

fn quote_slice(slice: &Slice<'_>, offset: u64, out: &mut Emitter<'_, RawQuote>) -> Result<(), IngestError> {
    let (ts, symbols) = (slice.moments()?, slice.texts("symbol")?);
    let (bids, asks) = (slice.floats("bid")?, slice.floats("ask")?);
    let (bid_sizes, ask_sizes) = (slice.whole("bid_size")?, slice.whole("ask_size")?);
    let venues = slice.texts("venue")?;
    for i in 0..ts.len() {
        let lot = |count: Option<i64>| size(Some(count.unwrap_or(0)));
        let row = || -> Result<RawQuote, (&'static str, String, Why)> {
            Ok(RawQuote {
                quote: Quote {
                    ts: moment(ts[i])?,
                    bid: nano_price(Some(bids[i].unwrap_or(0.0))).map_err(|e| cell("bid", bids[i], e))?,
                    ask: nano_price(Some(asks[i].unwrap_or(0.0))).map_err(|e| cell("ask", asks[i], e))?,
                    bid_size: lot(bid_sizes[i]).map_err(|e| cell("bid_size", bid_sizes[i], e))?,
                    ask_size: lot(ask_sizes[i]).map_err(|e| cell("ask_size", ask_sizes[i], e))?,
                },
                venue: letter(venues[i].as_deref()),
                ..RawQuote::default()
            })
        };
        hand_on(slice, offset + i as u64, symbols[i].as_deref(), row(), out)?;
    }
    Ok(())
}

fn trade_slice(slice: &Slice<'_>, offset: u64, out: &mut Emitter<'_, RawTrade>) -> Result<(), IngestError> {
    let (ts, symbols) = (slice.moments()?, slice.texts("symbol")?);
    let (prices, sizes) = (slice.floats("price")?, slice.whole("size")?);
    let (sides, venues) = (slice.texts("side")?, slice.texts("venue")?);
    let conditions = slice.texts("conditions")?;
    for i in 0..ts.len() {
        let row = || -> Result<RawTrade, (&'static str, String, Why)> {
            let text = sides[i].as_deref().unwrap_or("");
            Ok(RawTrade {
                trade: Trade {
                    ts: moment(ts[i])?,
                    price: nano_price(prices[i]).map_err(|e| cell("price", prices[i], e))?,
                    size: size(sizes[i]).map_err(|e| cell("size", sizes[i], e))?,
                    known_side: side(text).map_err(|e| cell("side", Some(text), e))?,
                },
                venue: letter(venues[i].as_deref()),
                conditions: super::delimited::letters(conditions[i].as_deref().unwrap_or("").as_bytes()),
                ..RawTrade::default()
            })
        };
        hand_on(slice, offset + i as u64, symbols[i].as_deref(), row(), out)?;
    }
    Ok(())
}

fn hand_on<R: super::RawRow>(
    slice: &Slice<'_>,
    index: u64,
    symbol: Option<&str>,
    row: Result<R, (&'static str, String, Why)>,
    out: &mut Emitter<'_, R>,
) -> Result<(), IngestError> {
    let number = index + 1;
    match row {
        Ok(row) => out.row(number, symbol.unwrap_or("").as_bytes(), row),
        Err((name, value, why)) => {
            let column = slice.own(name);
            out.bad(number, Fault { column, value, why })
        }
    }
}

fn cell<T: std::fmt::Debug>(name: &'static str, value: Option<T>, why: Why) -> (&'static str, String, Why) {
    let text = value.map_or_else(|| "null".to_owned(), |v| format!("{v:?}"));
    (name, text, why)
}

fn moment(ts: Option<i64>) -> Result<Nanos, (&'static str, String, Why)> {
    ts.map(Nanos).ok_or_else(|| cell("ts", ts, "is no time"))
}

fn side(text: &str) -> Result<Sign, Why> {
    super::delimited::side(text.as_bytes())
}

fn letter(text: Option<&str>) -> u8 {
    text.and_then(|t| t.bytes().next()).unwrap_or(0)
}

fn size(count: Option<i64>) -> Result<Size, Why> {
    match count {
        Some(count) if count >= 0 => Ok(Size(count)),
        Some(_) => Err("is a negative size"),
        None => Err("is empty where a number is needed"),
    }
}

/// The nine-decimal price nearest to a float: exact for every decimal price below four million dollars, where
/// the float's own error stays under half a nano-dollar.
fn nano_price(usd: Option<f64>) -> Result<Price, Why> {
    match usd {
        Some(usd) if usd.abs() < 4e6 => Ok(Price((usd * 1e9).round() as i64)),
        Some(_) => Err("is not a price below 4,000,000"),
        None => Err("is empty where a number is needed"),
    }
}

fn damaged(path: &Path, error: &PolarsError) -> IngestError {
    IngestError::file(path, format!("cannot be read as Parquet: {error}; fetch it again"))
}
