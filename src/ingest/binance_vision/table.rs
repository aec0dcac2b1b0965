//! The three kinds of files of data.binance.vision that are read, by their columns: which there are, whether a line is
//! the header, and a line to a row.
//!
//! trades: `id,price,qty,quote_qty,time,is_buyer_maker`; aggTrades: `agg_trade_id,price,quantity,first_trade_id,
//! last_trade_id,transact_time,is_buyer_maker`; bookTicker: `update_id,best_bid_price,best_bid_qty,best_ask_price,
//! best_ask_qty,transaction_time,event_time`. Spot's trades have `is_best_match` behind them, COIN-margined ones
//! `base_qty` for `quote_qty`. What is not told (amounts, first and last ids, `is_best_match`) is not looked at, but
//! must be there; `event_time` must be a time.

use std::path::Path;

use crate::ingest::Kind;
use crate::ingest::columns;
use crate::ingest::error::IngestError;
use crate::ingest::fields::{self, Why};
use crate::ingest::positional::cells;
use crate::ingest::raw::{RawQuote, RawTrade};
use crate::limits::CAPTURE_OVERTAKING_NANOS;
use crate::tape::{Nanos, Price, Quote, Scale, Sign, Size, Trade};

/// The first number that counts microseconds since 1970, not milliseconds: as those it would be the year 5138, as
/// these it is March of 1973.
const MICROSECONDS_FROM: u64 = 100_000_000_000_000;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Every fill.
    Trades,
    /// Fills of one order at one price as one.
    AggTrades,
    /// Every change of the best bid and offer.
    BookTicker,
}

/// A cell at fault, by its place, and why.
pub type At = (usize, Why);

impl Table {
    /// The kind that a file's name tells, spelt as Binance does.
    pub fn of(kind: &str) -> Option<Self> {
        match kind {
            "trades" => Some(Self::Trades),
            "aggTrades" => Some(Self::AggTrades),
            "bookTicker" => Some(Self::BookTicker),
            _ => None,
        }
    }

    /// What its rows are.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Trades | Self::AggTrades => Kind::Trades,
            Self::BookTicker => Kind::Quotes,
        }
    }

    /// The names of its columns; the last stands for a cell that should not be there.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Trades => &[
                "id",
                "price",
                "qty",
                "quote_qty",
                "time",
                "is_buyer_maker",
                "is_best_match",
                "beyond is_best_match",
            ],
            Self::AggTrades => &[
                "agg_trade_id",
                "price",
                "quantity",
                "first_trade_id",
                "last_trade_id",
                "transact_time",
                "is_buyer_maker",
                "is_best_match",
                "beyond is_best_match",
            ],
            Self::BookTicker => &[
                "update_id",
                "best_bid_price",
                "best_bid_qty",
                "best_ask_price",
                "best_ask_qty",
                "transaction_time",
                "event_time",
                "beyond event_time",
            ],
        }
    }

    /// How many cells a row has at most.
    const fn most(self) -> usize {
        self.columns().len() - 1
    }

    /// Whether a line can be the first of such a file: a row, or a header that begins as its does.
    pub fn begins_with(self, line: &[u8]) -> bool {
        !is_header(line) || bare(&first_cell(line)) == bare(self.columns()[0])
    }

    /// Checks a header; cells behind those that are read may be called anything.
    ///
    /// # Errors
    /// Naming the first column that is another.
    pub fn check_header(self, path: &Path, number: u64, line: &[u8]) -> Result<(), IngestError> {
        let there = columns::header_names(line, ',');
        let wanted = &self.columns()[..self.needed()];
        for (at, wanted) in wanted.iter().enumerate() {
            let found = there.get(at).map_or("", String::as_str);
            let is_other_name = *wanted == "quote_qty" && bare(found) == "baseqty";
            if bare(found) == bare(wanted) || is_other_name {
                continue;
            }
            let what = format!(
                "line {number}, column {wanted}: the header has '{found}' there; a file of its name has the columns \
                 {}: give it back the name Binance gave it, or, if it is another table, read it with --format csv and \
                 name its columns with --map",
                self.columns()[..self.needed()].join(",")
            );
            return Err(IngestError::file(path, what));
        }
        Ok(())
    }

    /// How many cells a row has at least.
    const fn needed(self) -> usize {
        match self {
            Self::Trades => 6,
            Self::AggTrades | Self::BookTicker => 7,
        }
    }

    /// Checks that a row has no cell too many.
    fn check_width(self, line: &[u8]) -> Result<(), At> {
        if memchr::memchr_iter(b',', line).count() < self.most() {
            return Ok(());
        }
        Err((self.most(), "is a cell too many: a file of its name has no such column"))
    }

    /// Reads a trade of either kind.
    pub fn trade(self, line: &[u8], scale: Scale, clock: &mut Clock) -> Result<RawTrade, At> {
        let (id, price, size, (at_time, time), maker) = if self == Self::AggTrades {
            let [id, price, size, _, _, time, maker] = cells(line)?;
            (id, price, size, (5, time), maker)
        } else {
            let [id, price, size, _, time, maker] = cells(line)?;
            (id, price, size, (4, time), maker)
        };
        self.check_width(line)?;
        let at = |index| move |why| (index, why);
        let sequence = fields::digits(id).map_err(at(0))?;
        let price = fields::filled(price).and_then(fields::price).map_err(at(1))?;
        let size = fields::filled(size).and_then(|text| fields::size(text, scale)).map_err(at(2))?;
        let known_side = aggressor(maker).map_err(at(at_time + 1))?;
        let ts = clock.read(time).map_err(at(at_time))?;
        let trade = Trade { ts, price: Price(price), size: Size(size), known_side, ..Trade::default() };
        Ok(RawTrade { trade, sequence, ..RawTrade::default() })
    }

    /// Reads a best bid and offer.
    pub fn quote(self, line: &[u8], scale: Scale, clock: &mut Clock) -> Result<RawQuote, At> {
        let [id, bid, bid_size, ask, ask_size, time, told] = cells(line)?;
        self.check_width(line)?;
        let at = |index| move |why| (index, why);
        let side = |(price, size): (&[u8], &[u8]), index| {
            let price = fields::filled(price).and_then(fields::price).map_err(at(index))?;
            let size =
                fields::filled(size).and_then(|text| fields::size(text, scale)).map_err(at(index + 1))?;
            Ok((Price(price), Size(size)))
        };
        let sequence = fields::digits(id).map_err(at(0))?;
        let ((bid, bid_size), (ask, ask_size)) = (side((bid, bid_size), 1)?, side((ask, ask_size), 3)?);
        // Without a look at it, a row of aggTrades would pass for one of these.
        moment(told).map_err(at(6))?;
        let ts = clock.read(time).map_err(at(5))?;
        Ok(RawQuote { quote: Quote { ts, bid, ask, bid_size, ask_size }, sequence, ..RawQuote::default() })
    }
}

/// Whether a line is a header: rows begin with a number.
pub fn is_header(line: &[u8]) -> bool {
    !line.first().is_some_and(u8::is_ascii_digit)
}

fn first_cell(line: &[u8]) -> String {
    columns::folded(&String::from_utf8_lossy(line.split(|byte| *byte == b',').next().unwrap_or_default()))
}

/// A folded name without its underscores: older files write `quoteQty`.
fn bare(name: &str) -> String {
    name.replace('_', "")
}

/// Who began a trade, from whether the buyer's order was resting.
fn aggressor(is_buyer_maker: &[u8]) -> Result<Sign, Why> {
    match is_buyer_maker {
        cell if cell.eq_ignore_ascii_case(b"true") => Ok(Sign::Sell),
        cell if cell.eq_ignore_ascii_case(b"false") => Ok(Sign::Buy),
        _ => Err("is neither true nor false; is the file of the kind that its name says?"),
    }
}

/// Milliseconds or microseconds since 1970 UTC, told apart by their magnitude.
fn moment(cell: &[u8]) -> Result<Nanos, Why> {
    let told = fields::digits(cell)?;
    let unit = if told < MICROSECONDS_FROM { 1_000_000 } else { 1_000 };
    let nanos = i64::try_from(told).ok().and_then(|told| told.checked_mul(unit));
    fields::credible_moment(nanos.unwrap_or(i64::MAX)).map(Nanos)
}

/// The times of a file, whose rows are in the order of their ids: that in which the exchange did them.
#[derive(Debug)]
pub struct Clock {
    latest: Nanos,
    /// Times that ran backwards and were held.
    pub held: u64,
}

impl Clock {
    /// A clock before all rows.
    pub const fn new() -> Self {
        Self { latest: Nanos(i64::MIN), held: 0 }
    }

    /// The time of the next row: one that runs backwards by no more than rows of a capture may is the latest before it.
    /// What runs back further is told as it is, for its row to be refused.
    fn read(&mut self, cell: &[u8]) -> Result<Nanos, Why> {
        let ts = moment(cell)?;
        if ts >= self.latest {
            self.latest = ts;
            return Ok(ts);
        }
        let is_near = self.latest.0 - ts.0 <= CAPTURE_OVERTAKING_NANOS;
        self.held += u64::from(is_near);
        Ok(if is_near { self.latest } else { ts })
    }
}
