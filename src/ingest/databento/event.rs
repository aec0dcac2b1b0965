//! A record of any schema that has ticks, in one shape: what happened, and the top of the book that the record shows.
//!
//! Prices are integers of 1e-9 already; an undefined one is a side that is absent. Times are `ts_event`, the matching
//! engine's, and `ts_recv`, the capture's; where the flag `F_BAD_TS_RECV` says that the latter is wrong it is not
//! told. A record of `bbo` or `cbbo` closes an interval, and its `ts_event` is that of the interval's last trade: the
//! state it shows holds at `ts_recv`, the interval's end.

use dbn::{
    Action, BboMsg, BidAskPair, CbboMsg, Cmbp1Msg, ConsolidatedBidAskPair, FlagSet, HasRType, MboMsg,
    Mbp1Msg, Mbp10Msg, RecordHeader, RecordRef, Schema, Side, TradeMsg, UNDEF_PRICE, UNDEF_TIMESTAMP,
};

use crate::book::{Best, Level};
use crate::ingest::depth::{Deeper, Rung};
use crate::ingest::error::Fault;
use crate::ingest::fields::{self, Why};
use crate::tape::{Nanos, Price, Sign, Size};

/// A record.
#[derive(Clone, Debug)]
pub struct Event {
    /// Databento's number of the instrument.
    pub instrument: u32,
    /// Its number of the venue within a data set; 0 where the record's book is that of all venues.
    pub publisher: u16,
    /// By which time symbols are mapped: `ts_recv`, wrong or not.
    pub index_ts: u64,
    /// When it happened.
    pub ts: Nanos,
    /// When it was captured; zero where that is not told.
    pub received: Nanos,
    /// The venue's number of the message.
    pub sequence: u64,
    /// What happened.
    pub action: Action,
    /// The aggressor of a trade, the side of an order.
    pub side: Side,
    /// Its price as it stands, perhaps undefined.
    pub price: i64,
    /// Its size.
    pub size: Size,
    /// Where events end, and what is known to be wrong.
    pub flags: FlagSet,
    /// The venue's number of the order.
    pub order: u64,
    /// The first level of the book that the record shows.
    pub top: Option<Best>,
    /// The levels behind it that the record shows, where they are wanted.
    pub deeper: Option<Box<Deeper>>,
}

/// What most records have in common.
macro_rules! event {
    ($record:expr, sequence: $sequence:expr, order: $order:expr, top: $top:expr) => {{
        let record = $record;
        Event {
            action: letter("action", record.action)?,
            side: letter("side", record.side)?,
            price: record.price,
            size: Size(i64::from(record.size)),
            order: $order,
            ..at(&record.hd, record.hd.ts_event, record.ts_recv, u64::from($sequence), record.flags, $top)?
        }
    }};
}

/// The state at the end of an interval.
macro_rules! interval {
    ($record:expr, sequence: $sequence:expr, top: $top:expr) => {{
        let record = $record;
        at(&record.hd, record.ts_recv, record.ts_recv, u64::from($sequence), record.flags, $top)?
    }};
}

/// Reads a record of a file of this schema, with so many of the levels that it shows.
///
/// # Errors
/// The field that is wrong.
pub fn read(record: RecordRef<'_>, schema: Schema, levels: usize) -> Result<Event, Fault> {
    Ok(match schema {
        Schema::Trades => {
            let record: &TradeMsg = of(record)?;
            event!(record, sequence: record.sequence, order: 0, top: None)
        }
        Schema::Mbo => {
            let record: &MboMsg = of(record)?;
            event!(record, sequence: record.sequence, order: record.order_id, top: None)
        }
        Schema::Tbbo | Schema::Mbp1 => {
            let record: &Mbp1Msg = of(record)?;
            event!(record, sequence: record.sequence, order: 0, top: Some(top(&record.levels[0])?))
        }
        Schema::Mbp10 => {
            let record: &Mbp10Msg = of(record)?;
            let event =
                event!(record, sequence: record.sequence, order: 0, top: Some(top(&record.levels[0])?));
            let deeper = if levels > 1 { Some(behind(record, levels)?) } else { None };
            Event { deeper, ..event }
        }
        Schema::Cmbp1 | Schema::Tcbbo => {
            let record: &Cmbp1Msg = of(record)?;
            let event =
                event!(record, sequence: 0_u32, order: 0, top: Some(consolidated_top(&record.levels[0])?));
            Event { publisher: 0, ..event }
        }
        Schema::Cbbo1S | Schema::Cbbo1M => {
            let record: &CbboMsg = of(record)?;
            let event = interval!(record, sequence: 0_u32, top: Some(consolidated_top(&record.levels[0])?));
            Event { publisher: 0, ..event }
        }
        _ => {
            let record: &BboMsg = of(record)?;
            interval!(record, sequence: record.sequence, top: Some(top(&record.levels[0])?))
        }
    })
}

impl Event {
    /// The aggressor of a trade.
    pub fn aggressor(&self) -> Sign {
        match self.side {
            Side::Ask => Sign::Sell,
            Side::Bid => Sign::Buy,
            Side::None => Sign::Unknown,
        }
    }

    /// When the snapshot was taken that this record belongs to.
    pub fn taken(&self) -> Nanos {
        i64::try_from(self.index_ts).map_or(self.ts, Nanos)
    }

    /// The price of a trade.
    ///
    /// # Errors
    /// When it is undefined, or beyond belief.
    pub fn traded_at(&self) -> Result<Price, Fault> {
        if self.price == UNDEF_PRICE {
            return Err(fault("price", &self.price, "is undefined where a trade needs one"));
        }
        fields::credible_price(self.price).map_err(|why| fault("price", &self.price, why))
    }
}

fn of<'a, T: HasRType<Header = RecordHeader>>(record: RecordRef<'a>) -> Result<&'a T, Fault> {
    let rtype = record.header().rtype;
    if !record.has::<T>() {
        return Err(fault("rtype", &rtype, "is not the record type of the file's schema"));
    }
    record.try_get::<T>().map_err(|_| fault("length", &rtype, "is the type of a record that is longer"))
}

/// Moment, venue and top of a record; no action.
fn at(
    header: &RecordHeader,
    ts: u64,
    ts_recv: u64,
    sequence: u64,
    flags: FlagSet,
    top: Option<Best>,
) -> Result<Event, Fault> {
    let received = if flags.is_bad_ts_recv() || ts_recv == UNDEF_TIMESTAMP {
        Nanos(0)
    } else {
        moment("ts_recv", ts_recv)?
    };
    Ok(Event {
        instrument: header.instrument_id,
        publisher: header.publisher_id,
        index_ts: if ts_recv == UNDEF_TIMESTAMP { ts } else { ts_recv },
        ts: moment("ts_event", ts)?,
        received,
        sequence,
        action: Action::None,
        side: Side::None,
        price: UNDEF_PRICE,
        size: Size(0),
        flags,
        order: 0,
        top,
        deeper: None,
    })
}

/// The second and further of a record's levels.
fn behind(record: &Mbp10Msg, levels: usize) -> Result<Box<Deeper>, Fault> {
    let mut rungs = Box::<Deeper>::default();
    for (rung, pair) in rungs.iter_mut().zip(record.levels.iter().take(levels).skip(1)) {
        let Best { bid, ask } = top(pair)?;
        *rung = Rung { bid: bid.price, ask: ask.price, bid_size: bid.size, ask_size: ask.size };
    }
    Ok(rungs)
}

fn moment(column: &str, ts: u64) -> Result<Nanos, Fault> {
    let credible =
        i64::try_from(ts).map_err(|_| "is undefined or beyond belief").and_then(fields::credible_moment);
    credible.map(Nanos).map_err(|why| fault(column, &ts, why))
}

fn letter<T: TryFrom<u8>>(column: &str, letter: std::ffi::c_char) -> Result<T, Fault> {
    let byte = letter.to_ne_bytes()[0];
    T::try_from(byte).map_err(|_| fault(column, &char::from(byte).escape_default(), "is none of its letters"))
}

fn top(pair: &BidAskPair) -> Result<Best, Fault> {
    let bid = level("bid_px", pair.bid_px, pair.bid_sz, pair.bid_ct)?;
    Ok(Best { bid, ask: level("ask_px", pair.ask_px, pair.ask_sz, pair.ask_ct)? })
}

/// The best of all venues; which one stands there instead of how many orders.
fn consolidated_top(pair: &ConsolidatedBidAskPair) -> Result<Best, Fault> {
    let bid = level("bid_px", pair.bid_px, pair.bid_sz, 0)?;
    Ok(Best { bid, ask: level("ask_px", pair.ask_px, pair.ask_sz, 0)? })
}

/// A level; nothing where its price is undefined.
pub fn level(column: &str, price: i64, size: u32, orders: u32) -> Result<Level, Fault> {
    if price == UNDEF_PRICE {
        return Ok(Level::default());
    }
    let believed = fields::credible_price(price).map_err(|why| fault(column, &price, why))?;
    Ok(Level { price: believed, size: Size(i64::from(size)), orders })
}

fn fault(column: &str, value: &impl ToString, why: Why) -> Fault {
    Fault { column: column.into(), value: value.to_string(), why }
}
