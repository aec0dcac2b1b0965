//! Bytes of any known format to raw ticks; one format a file; nothing is interpreted or believed.
//!
//! In: a path. Out: [`Batch`]es of [`RawQuote`]s, [`RawTrade`]s, or both as [`RawTick`]s, in file order
//! through a bounded channel.
//! Invariant: within a file, a symbol's time never runs backwards.

mod binance;
mod binance_vision;
mod cells;
mod chunks;
mod columns;
mod coverage;
mod csv;
mod databento;
mod delimited;
mod depth;
mod dialects;
mod error;
mod event;
mod fields;
mod gather;
mod itch;
mod lean;
mod lean_book;
mod lobster;
mod lobster_book;
mod lobster_message;
mod lobster_name;
mod nyse_taq;
mod origin;
mod pages;
mod parquet;
mod positional;
mod quick;
mod raw;
mod record;
mod sequence;
mod sniff;
mod source;
mod text;
mod ticks;
mod wrds_taq;
mod zipped;

use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

use chrono::NaiveDate;
use clap::ValueEnum;

pub use cells::{book as parse_book, side as parse_side};
pub use coverage::Coverage;
pub use csv::ColumnMap;
pub use databento::READ as DBN_SCHEMAS_READ;
pub use depth::{Deeper, DepthTick, RawDepth, Rung};
pub use error::{Fault, IngestError, Reject};
pub use event::{Event, Events};
pub use fields::{
    date as parse_date, digits as parse_digits, moment as parse_moment, price as parse_price,
    size as parse_size,
};
pub use lobster::tells_all as messages_tell_all;
pub use origin::Origin;
pub use pages::check as check_parquet;
pub use positional::price as parse_price_units;
pub use raw::{AUCTION, Batch, EXCHANGE, HIDDEN, QuoteKind, RawQuote, RawRow, RawTick, RawTrade, Rows};
pub use record::Record;
pub use sequence::{OnBadRow, ReadOptions, ReadReport};
pub use sniff::inspect;

use crate::tape::{Market, Scale};

/// A tape's file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// QuantConnect Lean tick zips.
    Lean,
    /// NYSE Daily TAQ, `|`-separated, plain or gzip.
    NyseTaq,
    /// Daily TAQ as WRDS exports it, CSV.
    WrdsTaq,
    /// LOBSTER's pairs of message and orderbook files, plain or gzip.
    Lobster,
    /// Nasdaq TotalView-ITCH 5.0, a day's file, plain or gzip.
    Itch,
    /// Databento's DBN, plain or Zstandard.
    Dbn,
    /// Captured Binance streams, a local stamp and a message a line, plain or gzip.
    Binance,
    /// The files that Binance publishes at data.binance.vision: trades, aggTrades and bookTicker, zip, gzip or plain.
    BinanceVision,
    /// CSV with the default columns or a `--map`.
    Csv,
    /// Parquet with the default columns or a `--map`.
    Parquet,
}

impl Format {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Trades.
    Trades,
    /// Best bids and offers across venues.
    Quotes,
    /// NYSE's national best bid and offer file, incomplete without [`Kind::VenueQuotes`].
    Nbbo,
    /// Every venue's own best bid and offer.
    VenueQuotes,
    /// Trades and best bids and offers in one file, such as one of orders.
    Ticks,
    /// Neither: its records are passed over and counted.
    NoTicks,
}

/// By which clock the rows of a capture are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// The exchange's own time, in its order.
    Exchange,
    /// The time at which they were received.
    Received,
}

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its format.
    pub format: Format,
    /// The format whose rules hold for its rows: another one than its own where it was made from that.
    pub origin: Format,
    /// Its date, where only its path tells it.
    pub date: Option<NaiveDate>,
    /// Its own column names (`csv`, `parquet`).
    pub map: ColumnMap,
    /// Shares in one unit of a quoted size; the format's own when `None`.
    pub quote_lot: Option<i64>,
    /// What a unit of its sizes is.
    pub scale: Scale,
    /// By which clock its rows are read; none where it has but one.
    pub clock: Option<Clock>,
    /// The calendar by whose dates it lies in a folder, where it does.
    pub market: Market,
}

impl Reading {
    /// Shares in one unit of a quoted size: 100 in both TAQ formats (round lots), else 1.
    #[must_use]
    pub fn quote_lot(&self) -> i64 {
        let own = match self.format {
            Format::NyseTaq | Format::WrdsTaq => 100,
            _ => 1,
        };
        self.quote_lot.unwrap_or(own)
    }
}

/// A file that was looked into: what it is and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length, packed as it is.
    pub bytes: u64,
    /// What its rows are.
    pub kind: Kind,
    /// The one symbol it holds, where its name tells.
    pub symbol: Option<String>,
    /// The file that its rows take their times from, where they carry none.
    pub stamps_from: Option<PathBuf>,
    /// Whether it tells of levels behind the best quotes.
    pub has_levels: bool,
    /// Which trades it tells, where its head or its name says so.
    pub trades: Option<Coverage>,
    /// How to read it.
    pub reading: Reading,
}

impl Input {
    /// The same, whose sizes have so many decimals.
    ///
    /// # Errors
    /// When its format says itself how many they are.
    pub fn with_size_decimals(mut self, decimals: u8) -> Result<Self, IngestError> {
        if !matches!(self.reading.format, Format::Csv | Format::Parquet) {
            let format = self.reading.format.name();
            let what = format!("is of the format {format}, whose sizes are known; leave out --size-decimals");
            return Err(IngestError::file(&self.path, what));
        }
        self.reading.scale = Scale::new(decimals);
        Ok(self)
    }
}

impl Input {
    /// The same, read by this clock.
    ///
    /// # Errors
    /// When its format has but one.
    pub fn with_clock(mut self, clock: Clock) -> Result<Self, IngestError> {
        if self.reading.format != Format::Binance {
            let format = self.reading.format.name();
            let what = format!("is of the format {format}, which is read by one clock; leave out --clock");
            return Err(IngestError::file(&self.path, what));
        }
        self.reading.clock = Some(clock);
        Ok(self)
    }
}

/// Reads a whole file into the channel, in file order.
///
/// # Errors
/// One clear [`IngestError`]; [`IngestError::CalledOff`] when the receiving end is gone.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    match input.reading.format {
        Format::Binance => binance::read(input, options, sender),
        Format::BinanceVision => binance_vision::read(input, options, sender),
        Format::Lean => lean::read(input, options, sender),
        Format::Lobster => lobster::read(input, options, sender),
        Format::Itch => itch::read(input, options, sender),
        Format::Dbn => databento::read(input, options, sender),
        Format::Parquet => parquet::read(input, options, sender),
        Format::NyseTaq | Format::WrdsTaq | Format::Csv => text::read(input, options, sender),
    }
}
