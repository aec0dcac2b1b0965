//! Parquet files under the canonical names or a `--map`, decoded a slice of rows at a time.
//!
//! `ts` is a timestamp of any unit (naive means UTC) or nanoseconds as an integer; prices are decimal dollars as
//! floats, taken back to the nine-decimal integer they stand for; sizes are whole, or floats of as many decimals as
//! the file or the caller says.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use polars::prelude::*;

use super::error::{Fault, IngestError, unbroken};
use super::fields::Why;
use super::raw::{Batch, QuoteKind, RawQuote, RawTrade};
use super::sequence::{Emitter, ReadOptions, ReadReport};
use super::{Input, Kind, Origin, cells, csv::ColumnMap, fields, pages, source};
use crate::limits::PARQUET_SLICE_ROWS;
use crate::tape::{Nanos, Price, Quote, Scale, Size, Trade};

const QUOTE_NEEDS: [&str; 6] = ["ts", "symbol", "bid", "bid_size", "ask", "ask_size"];
const TRADE_NEEDS: [&str; 4] = ["ts", "symbol", "price", "size"];

/// Which of the two a Parquet file is, by its columns.
///
/// # Errors
/// When it is damaged, or neither quotes nor trades, or both.
pub fn kind(path: &Path, map: &ColumnMap) -> Result<Kind, IngestError> {
    let schema = unbroken(path, "Parquet", || sound(path)?.schema().map_err(|e| damaged(path, &e)))?;
    let has = |needs: &[&str]| needs.iter().all(|name| schema.contains(map.own(name)));
    match (has(&QUOTE_NEEDS), has(&TRADE_NEEDS)) {
        (true, false) => Ok(Kind::Quotes),
        (false, true) => Ok(Kind::Trades),
        (both, _) => {
            let there: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).collect();
            let trouble = if both { "both" } else { "neither" };
            let what = format!(
                "has {trouble} of the column sets {QUOTE_NEEDS:?} and {TRADE_NEEDS:?}: it has {there:?}; \
                 name them with --map"
            );
            Err(IngestError::file(path, what))
        }
    }
}

/// A reader of a file whose footer and pages were looked at.
fn sound(path: &Path) -> Result<ParquetReader<File>, IngestError> {
    pages::check(source::open(path)?).map_err(|what| damaged(path, &what))?;
    Ok(ParquetReader::new(source::open(path)?))
}

/// How a Parquet file says that its rows came to be.
///
/// # Errors
/// When it is damaged.
pub fn origin(path: &Path) -> Result<Origin, IngestError> {
    unbroken(path, "Parquet", || {
        let mut reader = sound(path)?;
        let metadata = reader.get_metadata().map_err(|e| damaged(path, &e))?;
        let pairs = metadata.key_value_metadata().iter().flatten();
        Ok(Origin::of(pairs.filter_map(|pair| Some((pair.key.as_str(), pair.value.as_deref()?)))))
    })
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
    let (total, schema) = unbroken(path, "Parquet", || {
        let mut head = sound(path)?;
        Ok((head.num_rows().map_err(fail)?, head.schema().map_err(fail)?))
    })?;
    let map = &input.reading.map;
    let wanted: Vec<String> = super::csv::CANONICAL
        .iter()
        .map(|(name, _)| map.own(name).to_owned())
        .filter(|own| schema.contains(own))
        .collect();
    let decode = |offset: usize| {
        let length = PARQUET_SLICE_ROWS.min(total - offset);
        let mut frame = unbroken(path, "Parquet", || {
            ParquetReader::new(source::open(path)?)
                .with_columns(Some(wanted.clone()))
                .with_slice(Some((offset, length)))
                .finish()
                .map_err(fail)
        })?;
        frame.align_chunks();
        Ok((offset, frame))
    };
    // The next slice is decoded while one goes on.
    thread::scope(|scope| {
        let (decoded, frames) = sync_channel(1);
        scope.spawn(move || {
            for frame in (0..total).step_by(PARQUET_SLICE_ROWS).map(decode) {
                let is_last = frame.is_err();
                // Nobody takes it after a bad row.
                if decoded.send(frame).is_err() || is_last {
                    return;
                }
            }
        });
        for frame in frames {
            let (mut offset, mut frame) = frame?;
            // As row groups lie: in one piece they would be copied first.
            for frame in frame.split_chunks() {
                let (rows, quote_lot, scale) =
                    (frame.height(), input.reading.quote_lot(), input.reading.scale);
                each(&Slice { path, frame, map, quote_lot, scale }, offset as u64, &mut out)?;
                offset += rows;
            }
        }
        out.finish()
    })
}

/// Some rows of the file, and how its columns are called.
struct Slice<'a> {
    path: &'a Path,
    frame: DataFrame,
    map: &'a ColumnMap,
    quote_lot: i64,
    scale: Scale,
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

    /// Moments in nanoseconds; empty everywhere where there is no such column.
    fn moments(&self, name: &str) -> Result<Integers, IngestError> {
        let Ok(raw) = self.frame.column(self.map.own(name)) else {
            return Ok(Integers::Told(None));
        };
        let nanos = match raw.dtype() {
            DataType::Datetime(_, zone) => DataType::Datetime(TimeUnit::Nanoseconds, zone.clone()),
            _ => DataType::Int64,
        };
        let cast = self.column(name, &nanos)?.unwrap_or_default();
        integers(self.path, &cast.to_physical_repr())
    }

    fn floats(&self, name: &str) -> Result<Floats, IngestError> {
        let column = self.column(name, &DataType::Float64)?;
        let values = column.map(|c| c.f64().cloned()).transpose();
        values.map(Floats).map_err(|e| damaged(self.path, &e))
    }

    /// Whole numbers; a column of floats may hold them too, but nothing between them.
    fn whole(&self, name: &str) -> Result<Integers, IngestError> {
        let own = self.map.own(name);
        if self.frame.column(own).is_ok_and(|c| c.dtype().is_float()) {
            let values = self.floats(name)?;
            if let Some(found) = values.iter().flatten().find(|v| v.fract() != 0.0 || v.abs() > 9e15) {
                let what = format!("column {own}: {found} is not a whole number; scale it first");
                return Err(IngestError::file(self.path, what));
            }
            return Ok(Integers::Made(values.iter().map(|v| v.map(|v| v as i64)).collect()));
        }
        match self.column(name, &DataType::Int64)? {
            Some(column) => integers(self.path, &column),
            None => Ok(Integers::Told(None)),
        }
    }

    /// Sizes in units. Of fractional ones, a float stands for the decimal nearest to it.
    fn sizes(&self, name: &str) -> Result<Integers, IngestError> {
        let is_float = self.frame.column(self.map.own(name)).is_ok_and(|column| column.dtype().is_float());
        let units = self.scale.units();
        if self.scale.is_whole() || !is_float {
            let whole = self.whole(name)?;
            if self.scale.is_whole() {
                return Ok(whole);
            }
            let rows = 0..self.frame.height();
            let units = rows.map(|row| whole.at(row).map(|size| size.saturating_mul(units)));
            return Ok(Integers::Made(units.collect()));
        }
        let decimals = self.scale.decimals();
        let unit = |size: f64| {
            let scaled = size * units as f64;
            // What a float's own error may be, and no more.
            let is_near = (scaled - scaled.round()).abs() <= 1e-6 + 2.0 * f64::EPSILON * scaled.abs();
            if is_near && scaled.abs() < 9.2e18 {
                return Ok(scaled.round() as i64);
            }
            let own = self.map.own(name);
            let what = format!(
                "column {own}: {size} has more than {decimals} decimals; read it with --size-decimals"
            );
            Err(IngestError::file(self.path, what))
        };
        let units: Result<_, _> = self.floats(name)?.iter().map(|size| size.map(unit).transpose()).collect();
        units.map(Integers::Made)
    }

    fn texts(&self, name: &str) -> Result<Texts, IngestError> {
        let column = self.column(name, &DataType::String)?;
        let texts = column.map(|c| c.str().cloned()).transpose();
        texts.map(Texts).map_err(|e| damaged(self.path, &e))
    }

    fn own(&self, canonical: &str) -> String {
        self.map.own(canonical).to_owned()
    }
}

/// A text column, or none: empty everywhere.
struct Texts(Option<StringChunked>);

impl Texts {
    fn at(&self, row: usize) -> &str {
        self.0.as_ref().and_then(|texts| texts.downcast_as_array().get(row)).unwrap_or("")
    }

    fn letter(&self, row: usize) -> u8 {
        self.at(row).bytes().next().unwrap_or(0)
    }
}

/// A column of integers; as the file tells it where that needs no work.
enum Integers {
    Told(Option<Int64Chunked>),
    Made(Vec<Option<i64>>),
}

impl Integers {
    fn at(&self, row: usize) -> Option<i64> {
        match self {
            Self::Told(values) => values.as_ref().and_then(|values| values.downcast_as_array().get(row)),
            Self::Made(values) => values.get(row).copied().flatten(),
        }
    }
}

/// A column of floats, or none: empty everywhere.
struct Floats(Option<Float64Chunked>);

impl Floats {
    fn at(&self, row: usize) -> Option<f64> {
        self.0.as_ref().and_then(|values| values.downcast_as_array().get(row))
    }

    fn iter(&self) -> impl Iterator<Item = Option<f64>> + '_ {
        self.0.iter().flat_map(ChunkedArray::iter)
    }
}

fn integers(path: &Path, column: &Column) -> Result<Integers, IngestError> {
    let values = column.i64().map_err(|e| damaged(path, &e))?;
    Ok(Integers::Told(Some(values.clone())))
}

/// The column, raw text and reason of a cell that is refused.
type BadCell = (&'static str, String, Why);

fn quote_slice(slice: &Slice<'_>, offset: u64, out: &mut Emitter<'_, RawQuote>) -> Result<(), IngestError> {
    let (ts, symbols) = (slice.moments("ts")?, slice.texts("symbol")?);
    let (bids, asks) = (slice.floats("bid")?, slice.floats("ask")?);
    let (bid_sizes, ask_sizes) = (slice.sizes("bid_size")?, slice.sizes("ask_size")?);
    let (venues, sequences) = (slice.texts("venue")?, slice.whole("sequence")?);
    let (received, books) = (slice.moments("ts_received")?, slice.texts("book")?);
    let (conditions, cancels) = (slice.texts("conditions")?, slice.texts("cancel")?);
    let (sources, nationals) = (slice.texts("source")?, slice.texts("national")?);
    // An empty cell is a side that is absent.
    let price = |name, usd: Option<f64>| nano_price(Some(usd.unwrap_or(0.0))).map_err(|e| cell(name, usd, e));
    let lots = |name, count: Option<i64>| {
        let shares = count.unwrap_or(0).checked_mul(slice.quote_lot);
        fields::credible_size(shares, slice.scale).map_err(|e| cell(name, count, e))
    };
    for i in 0..slice.frame.height() {
        let row = || -> Result<RawQuote, BadCell> {
            Ok(RawQuote {
                quote: Quote {
                    ts: moment(ts.at(i))?,
                    bid: price("bid", bids.at(i))?,
                    ask: price("ask", asks.at(i))?,
                    bid_size: lots("bid_size", bid_sizes.at(i))?,
                    ask_size: lots("ask_size", ask_sizes.at(i))?,
                },
                received: received_at(received.at(i))?,
                kind: book(books.at(i))?,
                venue: venues.letter(i),
                condition: conditions.letter(i),
                cancel: cancels.letter(i),
                source: sources.letter(i),
                national: nationals.letter(i),
                sequence: sequences.at(i).unwrap_or(0).unsigned_abs(),
                ..RawQuote::default()
            })
        };
        hand_on(slice, offset + i as u64, symbols.at(i), row(), out)?;
    }
    Ok(())
}

fn trade_slice(slice: &Slice<'_>, offset: u64, out: &mut Emitter<'_, RawTrade>) -> Result<(), IngestError> {
    let (ts, symbols) = (slice.moments("ts")?, slice.texts("symbol")?);
    let (prices, sizes) = (slice.floats("price")?, slice.sizes("size")?);
    let (sides, venues) = (slice.texts("side")?, slice.texts("venue")?);
    let (conditions, corrections) = (slice.texts("conditions")?, slice.whole("correction")?);
    let (sequences, received) = (slice.whole("sequence")?, slice.moments("ts_received")?);
    for i in 0..slice.frame.height() {
        let row = || -> Result<RawTrade, BadCell> {
            let (side, conditions) = (sides.at(i), conditions.at(i));
            Ok(RawTrade {
                trade: Trade {
                    ts: moment(ts.at(i))?,
                    price: nano_price(prices.at(i)).map_err(|e| cell("price", prices.at(i), e))?,
                    size: size(sizes.at(i), slice.scale).map_err(|e| cell("size", sizes.at(i), e))?,
                    known_side: cells::side(side.as_bytes()).map_err(|e| cell("side", Some(side), e))?,
                    ..Trade::default()
                },
                received: received_at(received.at(i))?,
                venue: venues.letter(i),
                conditions: cells::letters(conditions.as_bytes()),
                correction: corrections.at(i).unwrap_or(0).clamp(0, 255) as u8,
                sequence: sequences.at(i).unwrap_or(0).unsigned_abs(),
                ..RawTrade::default()
            })
        };
        hand_on(slice, offset + i as u64, symbols.at(i), row(), out)?;
    }
    Ok(())
}

fn hand_on<R: super::RawRow>(
    slice: &Slice<'_>,
    index: u64,
    symbol: &str,
    row: Result<R, BadCell>,
    out: &mut Emitter<'_, R>,
) -> Result<(), IngestError> {
    let number = index + 1;
    match row {
        Ok(row) => out.row(number, symbol.as_bytes(), row),
        Err((name, value, why)) => {
            let column = slice.own(name);
            out.bad(number, Fault { column, value, why })
        }
    }
}

fn cell<T: std::fmt::Debug>(name: &'static str, value: Option<T>, why: Why) -> BadCell {
    let text = value.map_or_else(|| "null".to_owned(), |v| format!("{v:?}"));
    (name, text, why)
}

fn moment(ts: Option<i64>) -> Result<Nanos, BadCell> {
    let credible = ts.ok_or("is empty where a time is needed").and_then(fields::credible_moment);
    credible.map(Nanos).map_err(|e| cell("ts", ts, e))
}

/// When the capture received a row; zero where that is not told.
fn received_at(ts: Option<i64>) -> Result<Nanos, BadCell> {
    let credible = ts.map_or(Ok(0), fields::credible_moment);
    credible.map(Nanos).map_err(|e| cell("ts_received", ts, e))
}

fn book(text: &str) -> Result<QuoteKind, BadCell> {
    let told = cells::book(text.as_bytes()).map_err(|e| cell("book", Some(text), e))?;
    Ok(told.unwrap_or_default())
}

fn size(count: Option<i64>, scale: Scale) -> Result<Size, Why> {
    fields::credible_size(Some(count.ok_or("is empty where a number is needed")?), scale)
}

/// The nine-decimal price nearest to a float: exact for every decimal price below four million dollars, where
/// the float's own error stays under half a nano-dollar.
fn nano_price(usd: Option<f64>) -> Result<Price, Why> {
    match usd {
        Some(usd) if usd.abs() < 4e6 => fields::credible_price((usd * 1e9).round() as i64),
        Some(_) => Err("is not a price below 4,000,000"),
        None => Err("is empty where a number is needed"),
    }
}

fn damaged(path: &Path, error: &impl std::fmt::Display) -> IngestError {
    IngestError::file(path, format!("cannot be read as Parquet: {error}; fetch it again"))
}
