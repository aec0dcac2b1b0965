//! What a capture says of books.
//!
//! In: a message of `@depth` (the levels that changed), one of `@depth5`, `@depth10` or `@depth20` (the first levels,
//! all of them each time), or the answer to a request for a snapshot (a book, of no named symbol). Out: a [`Depth`],
//! whose numbers say what it follows: those of futures name the message before (`pu`), those of spot follow one
//! another.

use serde::Deserialize;

use super::message::{fault, moment, read_with};
use crate::book::{Level, Side};
use crate::ingest::error::Fault;
use crate::ingest::fields;
use crate::tape::{Nanos, Price, Scale, Size};

/// A message that is not read yet.
#[derive(Clone, Copy)]
pub struct Unread<'a> {
    /// Of the stream; empty for a snapshot that was asked for.
    pub stream: &'a str,
    /// What it says.
    pub data: &'a str,
}

impl Unread<'_> {
    /// Whose book, as the stream's name has it; none of a snapshot.
    pub fn symbol(&self) -> Option<String> {
        self.stream.split_once('@').map(|(owner, _)| owner.to_uppercase())
    }
}

/// What a message says of a book.
#[derive(Clone, Debug)]
pub struct Depth {
    /// Whose; none for a snapshot.
    pub symbol: Option<String>,
    /// When, by the exchange, where it says so.
    pub exchange: Option<Nanos>,
    /// The exchange's number of the last change that is in it.
    pub last: u64,
    /// What it does to the book.
    pub does: Does,
    /// Sizes at prices; a size of zero is no level any more.
    pub levels: Vec<(Side, Level)>,
}

/// What a message does to a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Changes it from the `first` number on; `previous` is the last number of the message before, where that is told.
    Change { first: u64, previous: Option<u64> },
    /// Tells its first levels anew, so many of them.
    Renew { levels: usize },
    /// Tells it from its first level to one far behind.
    Begin,
}

impl Depth {
    /// Whether it goes on from a book that stood at `last`.
    pub fn follows(&self, last: u64) -> bool {
        match self.does {
            Does::Change { previous: Some(previous), .. } => previous == last,
            Does::Change { first, previous: None } => first <= last.saturating_add(1) && last < self.last,
            Does::Renew { .. } | Does::Begin => true,
        }
    }

    /// Whether it may be the first to be applied to a snapshot that stood at `last`: the number lies in it.
    pub fn links(&self, last: u64) -> bool {
        let is_around = |first| first <= last && last <= self.last;
        match self.does {
            Does::Change { first, previous: Some(_) } => self.follows(last) || is_around(first),
            _ => self.follows(last),
        }
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "s")]
    symbol: Option<&'a str>,
    #[serde(rename = "U")]
    first: Option<u64>,
    #[serde(rename = "u", alias = "lastUpdateId")]
    last: u64,
    #[serde(rename = "pu")]
    previous: Option<u64>,
    #[serde(rename = "T")]
    traded: Option<i64>,
    #[serde(rename = "E")]
    sent: Option<i64>,
    #[serde(borrow, rename = "b", alias = "bids")]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(borrow, rename = "a", alias = "asks")]
    asks: Vec<(&'a str, &'a str)>,
}

/// Reads a message.
///
/// # Errors
/// Naming the field at fault.
pub fn read(unread: Unread<'_>, scale: Scale) -> Result<Depth, Fault> {
    let data = unread.data;
    let message: Message<'_> = serde_json::from_str(data).map_err(|_| {
        fault("data", data.as_bytes(), "is no message of a book: a field is missing or of another kind")
    })?;
    let does = does(unread.stream, &message)?;
    let symbol = unread.symbol().map(|owner| message.symbol.map_or(owner, str::to_owned));
    let mut levels = Vec::with_capacity(message.bids.len() + message.asks.len());
    for (side, names, told) in
        [(Side::Bid, ["b price", "b size"], &message.bids), (Side::Ask, ["a price", "a size"], &message.asks)]
    {
        for (price, size) in told {
            let a_size = |text: &[u8]| fields::filled(text).and_then(|text| fields::size(text, scale));
            let price =
                Price(read_with(|text| fields::filled(text).and_then(fields::price), names[0], price)?);
            let size = Size(read_with(a_size, names[1], size)?);
            levels.push((side, Level { price, size, orders: 0 }));
        }
    }
    let exchange = message.traded.or(message.sent).map(moment).transpose()?;
    Ok(Depth { symbol, exchange, last: message.last, does, levels })
}

/// What a stream's message does: `btcusdt@depth`, `btcusdt@depth@100ms`, `btcusdt@depth20@100ms`.
fn does(stream: &str, message: &Message<'_>) -> Result<Does, Fault> {
    if stream.is_empty() {
        return Ok(Does::Begin);
    }
    let width = stream.split('@').nth(1).and_then(|kind| kind.strip_prefix("depth"));
    let unlike = |column, why| Err(fault(column, stream.as_bytes(), why));
    match (width, message.first) {
        (Some(""), Some(first)) if first <= message.last => {
            Ok(Does::Change { first, previous: message.previous })
        }
        (Some(""), _) => unlike("U", "has a change whose first number is missing or behind its last, u"),
        (Some(width), _) => match width.parse() {
            Ok(levels) if levels > 0 => Ok(Does::Renew { levels }),
            _ => unlike("stream", "is none of SYMBOL@depth and SYMBOL@depth5, @depth10 or @depth20"),
        },
        (None, _) => unlike("stream", "names no symbol: books come as SYMBOL@depth"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(stream: &str, data: &str) -> Result<Depth, Fault> {
        read(Unread { stream, data }, Scale::new(8))
    }

    #[test]
    fn each_kind_of_message_is_told_apart_with_its_exact_levels() {
        let futures = r#"{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":10,"u":12,"pu":9,
            "b":[["58710.20","0.014"]],"a":[["61800.30","0.000"]]}"#;
        let read = depth("btcusdt@depth@0ms", futures).expect("read");
        assert_eq!((read.symbol.as_deref(), read.last), (Some("BTCUSDT"), 12));
        assert_eq!(read.does, Does::Change { first: 10, previous: Some(9) });
        assert_eq!(read.exchange, Some(Nanos(1_723_161_256_298_000_000)));
        let level = |price, size| Level { price: Price(price), size: Size(size), orders: 0 };
        let levels =
            [(Side::Bid, level(58_710_200_000_000, 1_400_000)), (Side::Ask, level(61_800_300_000_000, 0))];
        assert_eq!(read.levels, levels);
        let first = r#"{"lastUpdateId":7,"bids":[["1","2"]],"asks":[]}"#;
        let read = depth("btcusdt@depth20@100ms", first).expect("read");
        assert_eq!(
            (read.symbol.as_deref(), read.does, read.exchange),
            (Some("BTCUSDT"), Does::Renew { levels: 20 }, None)
        );
        let read = depth("", first).expect("read");
        assert_eq!((read.symbol, read.does, read.last), (None, Does::Begin, 7));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let with = |rest: &str| format!(r#"{{"u":5,"s":"B","b":[["1","1"]],"a":[]{rest}}}"#);
        for (stream, data, column) in [
            ("b@depth", with(""), "U"),
            ("b@depth", with(r#","U":6"#), "U"),
            ("b@depth5", r#"{"u":5,"b":[["1"]],"a":[]}"#.to_owned(), "data"),
            ("b@depth5", r#"{"u":5,"b":[["x","1"]],"a":[]}"#.to_owned(), "b price"),
            ("b@depth5", r#"{"u":5,"b":[],"a":[["1","0.000000001"]]}"#.to_owned(), "a size"),
            ("b@depth5", with(r#","T":-1"#), "T"),
            ("b@depth5", r#"{"u":5,"b":[["","1"]],"a":[]}"#.to_owned(), "b price"),
            ("b@depth5", r#"{"u":5,"b":[["1",""]],"a":[]}"#.to_owned(), "b size"),
            ("b@depthx", with(""), "stream"),
            ("depth", with(""), "stream"),
            ("!depth", with(""), "stream"),
        ] {
            assert_eq!(
                depth(stream, &data).err().map(|fault| fault.column).as_deref(),
                Some(column),
                "{data}"
            );
        }
    }

    #[test]
    fn a_change_goes_on_from_the_number_before_it() {
        let change = |first, last, previous| Depth {
            symbol: None,
            exchange: None,
            last,
            does: Does::Change { first, previous },
            levels: Vec::new(),
        };
        let spot = change(10, 12, None);
        let follows: Vec<u64> = (0..20).filter(|last| spot.follows(*last)).collect();
        assert_eq!(follows, [9, 10, 11]);
        assert!((0..20).all(|last| spot.links(last) == spot.follows(last)));
        // Numbers of futures have gaps of their own.
        let futures = change(10, 12, Some(7));
        assert!((0..20).all(|last| futures.follows(last) == (last == 7)));
        let links: Vec<u64> = (0..20).filter(|last| futures.links(*last)).collect();
        assert_eq!(links, [7, 10, 11, 12]);
        assert!(!change(0, u64::MAX, None).follows(u64::MAX));
    }
}
