//! One line of a capture: the local stamp, the stream's name, and what the message says.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::depth::Unread;
use crate::ingest::error::Fault;
use crate::ingest::fields::{self, Why};
use crate::tape::{Nanos, Price, Quote, Scale, Sign, Size, Trade};

const NANOS_PER_MILLISECOND: i64 = 1_000_000;

/// What a line says.
pub struct Message<'a> {
    /// The local stamp.
    pub received: Nanos,
    /// Whose quote or trade; empty where it says neither.
    pub symbol: &'a str,
    /// What.
    pub said: Said<'a>,
}

/// What a message says, as far as it is read.
pub enum Said<'a> {
    /// The best bid and offer changed.
    Best(Best),
    /// A trade.
    Trade(Told),
    /// Of a book.
    Book(Unread<'a>),
    /// Of the subscription.
    Nothing,
}

/// A best bid and offer.
pub struct Best {
    /// The state, without its time.
    pub quote: Quote,
    /// When, by the exchange, where it says so.
    pub exchange: Option<Nanos>,
    /// The exchange's number of the change.
    pub update: u64,
}

/// A trade.
pub struct Told {
    /// The print, without its time.
    pub trade: Trade,
    /// When, by the exchange.
    pub exchange: Nanos,
    /// The exchange's number of it.
    pub id: u64,
    /// Whether several fills of one order are told as one.
    pub is_aggregated: bool,
    /// `I` for the insurance fund's, `A` for auto-deleveraging, `N` where the exchange does not say; blank for a market
    /// order's.
    pub condition: u8,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    stream: Option<&'a str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "lastUpdateId")]
    snapshot: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BookTicker<'a> {
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "u")]
    update: u64,
    #[serde(rename = "b")]
    bid: &'a str,
    #[serde(rename = "B")]
    bid_size: &'a str,
    #[serde(rename = "a")]
    ask: &'a str,
    #[serde(rename = "A")]
    ask_size: &'a str,
    #[serde(rename = "T")]
    milliseconds: Option<i64>,
}

#[derive(Deserialize)]
struct TradeMessage<'a> {
    #[serde(rename = "s")]
    symbol: &'a str,
    #[serde(rename = "t")]
    id: Option<u64>,
    #[serde(rename = "a")]
    aggregated_id: Option<u64>,
    #[serde(rename = "p")]
    price: &'a str,
    #[serde(rename = "q")]
    size: &'a str,
    #[serde(rename = "T")]
    milliseconds: i64,
    #[serde(rename = "m")]
    is_buyer_maker: bool,
    #[serde(rename = "X")]
    kind: Option<&'a str>,
}

/// Reads a line.
///
/// # Errors
/// Naming the field at fault.
pub fn read(line: &[u8], scale: Scale) -> Result<Message<'_>, Fault> {
    let stamp = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let received = fields::moment(&line[..stamp]).map_err(|why| fault("received", &line[..stamp], why))?;
    let no_message = |text: &[u8]| {
        fault(
            "message",
            text,
            "is no message of a combined stream, {\"stream\":..,\"data\":{..}}; is the line whole?",
        )
    };
    let body = std::str::from_utf8(&line[stamp..]).map_err(|_| no_message(&line[stamp..]))?;
    let envelope: Envelope<'_> = serde_json::from_str(body).map_err(|_| no_message(body.as_bytes()))?;
    let (symbol, said) = match (envelope.stream, envelope.data) {
        (Some(stream), Some(data)) => said(stream, data.get(), scale)?,
        // Books are asked for beside the streams, and subscriptions are answered in them.
        _ if envelope.snapshot.is_some() => ("", Said::Book(Unread { stream: "", data: body })),
        _ if envelope.result.or(envelope.id).is_some() => ("", Said::Nothing),
        _ => return Err(no_message(body.as_bytes())),
    };
    Ok(Message { received: Nanos(received), symbol, said })
}

/// Reads a stream's message; a stream is called `btcusdt@depth@100ms`, or `!bookTicker` where it is of all symbols.
fn said<'a>(stream: &'a str, data: &'a str, scale: Scale) -> Result<(&'a str, Said<'a>), Fault> {
    let kind = stream.split_once('@').map_or(stream.trim_start_matches('!'), |(_, kind)| kind);
    let unlike = |_| {
        fault("data", data.as_bytes(), "is no message of its stream: a field is missing or of another kind")
    };
    match kind.split('@').next().unwrap_or_default() {
        "bookTicker" => best(&serde_json::from_str(data).map_err(unlike)?, scale),
        "trade" => trade(&serde_json::from_str(data).map_err(unlike)?, false, scale),
        "aggTrade" => trade(&serde_json::from_str(data).map_err(unlike)?, true, scale),
        depth if depth.starts_with("depth") => Ok(("", Said::Book(Unread { stream, data }))),
        _ => Err(fault("stream", stream.as_bytes(), "is none of @bookTicker, @trade, @aggTrade and @depth")),
    }
}

fn best<'a>(told: &BookTicker<'a>, scale: Scale) -> Result<(&'a str, Said<'a>), Fault> {
    let quote = Quote {
        ts: Nanos(0),
        bid: Price(read_with(fields::price, "b", told.bid)?),
        ask: Price(read_with(fields::price, "a", told.ask)?),
        bid_size: Size(read_with(|text| fields::size(text, scale), "B", told.bid_size)?),
        ask_size: Size(read_with(|text| fields::size(text, scale), "A", told.ask_size)?),
    };
    let exchange = told.milliseconds.map(moment).transpose()?;
    Ok((told.symbol, Said::Best(Best { quote, exchange, update: told.update })))
}

fn trade<'a>(
    told: &TradeMessage<'a>,
    is_aggregated: bool,
    scale: Scale,
) -> Result<(&'a str, Said<'a>), Fault> {
    let trade = Trade {
        ts: Nanos(0),
        price: Price(read_with(fields::price, "p", told.price)?),
        size: Size(read_with(|text| fields::size(text, scale), "q", told.size)?),
        // The buyer's order was resting: a seller took it.
        known_side: if told.is_buyer_maker { Sign::Sell } else { Sign::Buy },
        ..Trade::default()
    };
    let condition = match told.kind {
        None | Some("MARKET") => b' ',
        Some("INSURANCE_FUND") => b'I',
        Some("ADL") => b'A',
        Some(_) => b'N',
    };
    let id = told.aggregated_id.or(told.id).unwrap_or(0);
    let exchange = moment(told.milliseconds)?;
    Ok((told.symbol, Said::Trade(Told { trade, exchange, id, is_aggregated, condition })))
}

pub(super) fn read_with<T>(
    read: impl Fn(&[u8]) -> Result<T, Why>,
    column: &str,
    text: &str,
) -> Result<T, Fault> {
    read(text.as_bytes()).map_err(|why| fault(column, text.as_bytes(), why))
}

pub(super) fn moment(milliseconds: i64) -> Result<Nanos, Fault> {
    let nanos = milliseconds.checked_mul(NANOS_PER_MILLISECOND).unwrap_or(i64::MAX);
    let wrong = |why| fault("T", milliseconds.to_string().as_bytes(), why);
    fields::credible_moment(nanos).map(Nanos).map_err(wrong)
}

pub(super) fn fault(column: &str, value: &[u8], why: Why) -> Fault {
    let value = String::from_utf8_lossy(value).chars().take(80).collect();
    Fault { column: column.into(), value, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COINS: Scale = Scale::new(8);

    fn said_by(line: &str) -> Result<(String, Said<'_>), Fault> {
        read(line.as_bytes(), COINS).map(|message| (message.symbol.to_owned(), message.said))
    }

    #[test]
    fn best_quotes_of_futures_and_spot_and_trades_are_exact() {
        let line = r#"1723161255088169167 {"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":7,"s":"BTCUSDT",
            "b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}}"#;
        let Ok((symbol, Said::Best(best))) = said_by(line) else { panic!("a best quote") };
        assert_eq!((symbol.as_str(), best.update), ("BTCUSDT", 7));
        assert_eq!(best.exchange, Some(Nanos(1_723_161_256_313_000_000)));
        assert_eq!((best.quote.bid, best.quote.bid_size), (Price(61_800_200_000_000), Size(250_700_000)));
        let line = r#"1723161254087891268 {"stream":"btcusdt@bookTicker","data":{"u":5,"s":"BTCUSDT",
            "b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}"#;
        let Ok((_, Said::Best(best))) = said_by(line) else { panic!("a best quote") };
        assert_eq!((best.exchange, best.quote.ask_size), (None, Size(154_698_000)));
        let line = r#"1723161254087896568 {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT",
            "t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}"#;
        let Ok((_, Said::Trade(told))) = said_by(line) else { panic!("a trade") };
        assert_eq!((told.trade.known_side, told.trade.size), (Sign::Sell, Size(2_000_000)));
        assert_eq!((told.id, told.condition), (3_735_683_259, b' '));
    }

    #[test]
    fn books_wait_to_be_read_replies_are_passed_over_and_everything_else_is_a_fault() {
        for book in [
            r#"1723161255319702566 {"lastUpdateId":1,"bids":[["1","2"]],"asks":[]}"#,
            r#"1723161255030314667 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate"}}"#,
            r#"1723161255030314667 {"stream":"btcusdt@depth20@100ms","data":{}}"#,
        ] {
            assert!(matches!(said_by(book), Ok((_, Said::Book(_)))), "{book}");
        }
        let reply = r#"1723161255319702566 {"result":null,"id":1}"#;
        assert!(matches!(said_by(reply), Ok((_, Said::Nothing))));
        for (bad, column) in [
            ("", "received"),
            ("17231612550303146670 {}", "received"),
            ("1723161255030314667", "message"),
            (r#"1723161255030314667 {"stream":"btcusdt@trade","data":{"e":"tra"#, "message"),
            (r#"1723161255030314667 {"stream":"btcusdt@kline_1m","data":{}}"#, "stream"),
            (r#"1723161255030314667 {"stream":"btcusdt@trade","data":{"s":"BTCUSDT"}}"#, "data"),
            (
                r#"1723161255030314667 {"stream":"b@trade","data":{"s":"B","p":"1.5","q":"-1","T":1,"m":true}}"#,
                "q",
            ),
            (
                r#"1723161255030314667 {"stream":"b@trade","data":{"s":"B","p":"1","q":"0.000000001","T":1,"m":true}}"#,
                "q",
            ),
        ] {
            assert_eq!(said_by(bad).err().map(|fault| fault.column), Some(column.to_owned()), "{bad}");
        }
    }
}
