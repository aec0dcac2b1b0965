//! Captured Binance streams, plain or gzip: a line is `<local receive ns> <combined-stream JSON>`.
//!
//! In: `@bookTicker`, `@trade` or `@aggTrade` of any symbols. Out: quotes and trades, the aggressor known. Order books
//! (`@depth`, snapshots) and replies to subscriptions hold neither, and are passed over; what is none of these is a bad
//! row.
//!
//! Quotes and trades are put on one clock. Where best quotes carry the exchange's own time (futures), rows are put in its
//! order, which they leave by a few milliseconds on their way, and keep the local stamp as `received`. Where they do not
//! (spot), the local stamp is their time. It is the better of the two only where there is no other: of a capture of
//! BTCUSDT futures the quote strictly before a trade tells its side in 99.8 of 100 by the exchange's clock, and in 86.5 by
//! the local one.

mod message;
mod order;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use self::message::{Message, Said};
use self::order::InOrder;
use super::error::{Fault, IngestError};
use super::raw::{Batch, RawQuote, RawTrade};
use super::sequence::{ReadOptions, ReadReport};
use super::{Clock, Input, source};
use crate::limits::{CAPTURE_LINE_MAX_BYTES, CAPTURE_LOOKED_AT_LINES};
use crate::tape::{Nanos, Quote, Scale, Trade};

/// Decimals of every size that Binance tells.
pub const SCALE: u8 = 8;

/// Whether a file's first line is one of a capture.
#[must_use]
pub fn is_announced(line: &[u8]) -> bool {
    let stamp = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (16..=19).contains(&stamp) && line[stamp..].starts_with(b" {")
}

/// The clock of a capture: the exchange's where its first best quote carries that, else the local one.
///
/// # Errors
/// When the file cannot be read.
pub fn clock(path: &Path) -> Result<Clock, IngestError> {
    let (stream, _) = source::open_text(path, Arc::default())?;
    let mut lines = Lines::new(path, stream);
    for _ in 0..CAPTURE_LOOKED_AT_LINES {
        let Some((_, line)) = lines.next()? else { break };
        if let Ok(Message { said: Said::Best(best), .. }) = message::read(line, Scale::new(SCALE)) {
            return Ok(if best.exchange.is_some() { Clock::Exchange } else { Clock::Received });
        }
    }
    Ok(Clock::Received)
}

/// Reads a capture line by line.
///
/// # Errors
/// When the stream fails; at the first bad row under [`OnBadRow::Fail`](super::OnBadRow).
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut lines = Lines::new(path, stream);
    let clock = input.reading.clock.unwrap_or(Clock::Received);
    let mut out = InOrder::new(clock, path, options, sender);
    let mut trades = TradeStreams::default();
    while let Some((number, line)) = lines.next()? {
        let row = message::read(line, input.reading.scale).and_then(|message| trades.once(message));
        match row {
            Ok(message) => hand_on(message, clock, number, &mut out)?,
            Err(fault) => out.bad(number, fault)?,
        }
    }
    let mut report = out.finish()?;
    let rest = lines.source.into_inner();
    report.sha256 = Some(hash.finish(rest).map_err(|e| IngestError::io(path, "reading", e))?);
    Ok(report)
}

fn hand_on(
    Message { received, symbol, said }: Message<'_>,
    clock: Clock,
    line: u64,
    out: &mut InOrder<'_>,
) -> Result<(), IngestError> {
    let by_clock = |exchange: Option<Nanos>| match clock {
        Clock::Received => Ok(received),
        Clock::Exchange => exchange.ok_or_else(|| Fault {
            column: "T".into(),
            value: String::new(),
            why: "is missing: this stream does not tell the exchange's time; read it with --clock received",
        }),
    };
    match said {
        Said::Best(best) => match by_clock(best.exchange) {
            Ok(ts) => {
                let quote = Quote { ts, ..best.quote };
                let row = RawQuote { quote, received, sequence: best.update, ..RawQuote::default() };
                out.quote(line, symbol.as_bytes(), row)
            }
            Err(fault) => out.bad(line, fault),
        },
        Said::Trade(told) => match by_clock(Some(told.exchange)) {
            Ok(ts) => {
                let trade = Trade { ts, ..told.trade };
                let conditions = [told.condition, b' ', b' ', b' '];
                let row = RawTrade { trade, received, sequence: told.id, conditions, ..RawTrade::default() };
                out.trade(line, symbol.as_bytes(), row)
            }
            Err(fault) => out.bad(line, fault),
        },
        Said::Nothing => Ok(()),
    }
}

/// Which of the two streams of trades a capture has: both tell the same trades.
#[derive(Default)]
struct TradeStreams {
    aggregated: Option<bool>,
}

impl TradeStreams {
    fn once<'a>(&mut self, message: Message<'a>) -> Result<Message<'a>, Fault> {
        let Said::Trade(told) = &message.said else { return Ok(message) };
        if *self.aggregated.get_or_insert(told.is_aggregated) == told.is_aggregated {
            return Ok(message);
        }
        Err(Fault {
            column: "stream".into(),
            value: if told.is_aggregated { "aggTrade" } else { "trade" }.into(),
            why: "tells the same trades as the file's other stream of trades: leave one of the two out",
        })
    }
}

/// The lines of a capture: longer than a table's, since snapshots of a whole book are among them.
struct Lines<'a> {
    path: &'a Path,
    source: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
    number: u64,
}

impl<'a> Lines<'a> {
    fn new(path: &'a Path, stream: Box<dyn Read>) -> Self {
        Self { path, source: BufReader::new(stream), line: Vec::new(), number: 0 }
    }

    /// The next line that is not empty, and its number.
    fn next(&mut self) -> Result<Option<(u64, &[u8])>, IngestError> {
        loop {
            self.line.clear();
            let mut bounded = (&mut self.source).take(CAPTURE_LINE_MAX_BYTES as u64);
            let got = bounded.read_until(b'\n', &mut self.line);
            let got = got.map_err(|e| IngestError::io(self.path, "reading", e))?;
            if got == 0 {
                return Ok(None);
            }
            self.number += 1;
            if got == CAPTURE_LINE_MAX_BYTES && !self.line.ends_with(b"\n") {
                let what = format!(
                    "line {}: is longer than {CAPTURE_LINE_MAX_BYTES} bytes; this is no capture",
                    self.number
                );
                return Err(IngestError::file(self.path, what));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.line.trim_ascii())));
            }
        }
    }
}
