//! Captured Binance streams, plain or gzip: a line is `<local receive ns> <combined-stream JSON>`.
//!
//! In: `@bookTicker`, `@trade` or `@aggTrade`, and books (`@depth` with its snapshots, or `@depth5`, `@depth10`,
//! `@depth20`) of any symbols. Out: quotes and trades, the aggressor known; where levels are wanted, those of the
//! books. Where a capture has no `@bookTicker`, its books tell the best quotes. Replies to subscriptions are passed
//! over; what is none of these is a bad row.
//!
//! Quotes and trades are put on one clock. Where best quotes carry the exchange's own time (futures), rows are put in
//! its order, which they leave by a few milliseconds on their way, and keep the local stamp as `received`. Where they
//! do not (spot), the local stamp is their time. It is the better of the two only where there is no other: of a
//! capture of BTCUSDT futures the quote strictly before a trade tells its side in 99.8 of 100 by the exchange's
//! clock, and in 86.5 by the local one.

mod book;
mod books;
mod depth;
mod head;
mod lines;
mod message;
mod order;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

pub use self::head::head;

use self::books::Books;
use self::depth::Unread;
use self::lines::Lines;
use self::message::{Message, Said};
use self::order::{InOrder, Row};
use super::depth::RawDepth;
use super::error::{Fault, IngestError};
use super::raw::{Batch, RawQuote, RawTrade};
use super::sequence::{ReadOptions, ReadReport};
use super::{Clock, Input, source};
use crate::tape::{Nanos, Quote, Scale, Trade};

/// Decimals of every size that Binance tells.
pub const SCALE: u8 = 8;

/// Whether a file's first line is one of a capture.
#[must_use]
pub fn is_announced(line: &[u8]) -> bool {
    let stamp = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (16..=19).contains(&stamp) && line[stamp..].starts_with(b" {")
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
    let has_best = head(path)?.has_best;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut lines = Lines::new(path, stream);
    let clock = input.reading.clock.unwrap_or(Clock::Received);
    let mut reader = Reader {
        clock,
        scale: input.reading.scale,
        has_best,
        trades: TradeStreams::default(),
        // Books tell nothing that is wanted beside best quotes alone.
        books: (!has_best || options.levels > 1).then(|| Books::new(options.levels)),
        out: InOrder::new(clock, path, options, sender),
    };
    while let Some((number, line)) = lines.next()? {
        if let Err(fault) = reader.line(number, line)? {
            reader.out.bad(number, fault)?;
        }
        if let Some(books) = &reader.books {
            books.check_bounds(path)?;
        }
    }
    let mut report = reader.out.finish()?;
    report.counted = reader.books.map_or_else(Default::default, |books| books.counted());
    report.sha256 = Some(hash.finish(lines.into_inner()).map_err(|e| IngestError::io(path, "reading", e))?);
    Ok(report)
}

/// What a capture is read with.
struct Reader<'a> {
    clock: Clock,
    scale: Scale,
    has_best: bool,
    trades: TradeStreams,
    books: Option<Books>,
    out: InOrder<'a>,
}

impl Reader<'_> {
    /// Hands on what a line says, or its fault.
    fn line(&mut self, number: u64, line: &[u8]) -> Result<Result<(), Fault>, IngestError> {
        let row = message::read(line, self.scale).and_then(|message| match self.trades.once(message)? {
            Message { received, said: Said::Book(unread), .. } => self.book(received, unread),
            Message { received, symbol, said } => {
                Ok(self.tick(received, said)?.map(|row| (Cow::Borrowed(symbol), row)))
            }
        });
        match row {
            Ok(Some((symbol, row))) => self.out.row(number, symbol.as_bytes(), row).map(Ok),
            Ok(None) => Ok(Ok(())),
            Err(fault) => Ok(Err(fault)),
        }
    }

    fn tick(&self, received: Nanos, said: Said<'_>) -> Result<Option<Row>, Fault> {
        Ok(match said {
            Said::Best(best) => {
                let quote = Quote { ts: self.by_clock(received, best.exchange)?, ..best.quote };
                Some(Row::Quote(RawQuote { quote, received, sequence: best.update, ..RawQuote::default() }))
            }
            Said::Trade(told) => {
                let trade = Trade { ts: self.by_clock(received, Some(told.exchange))?, ..told.trade };
                let conditions = [told.condition, b' ', b' ', b' '];
                let row = RawTrade { trade, received, sequence: told.id, conditions, ..RawTrade::default() };
                Some(Row::Trade(row))
            }
            Said::Book(_) | Said::Nothing => None,
        })
    }

    /// The state that a message leaves of a book, where it is news.
    fn book(
        &mut self,
        received: Nanos,
        unread: Unread<'_>,
    ) -> Result<Option<(Cow<'static, str>, Row)>, Fault> {
        let Some(books) = &mut self.books else { return Ok(None) };
        let Some(told) = books.take(depth::read(unread, self.scale)?)? else { return Ok(None) };
        let quote = told.best.quote(self.by_clock(received, told.exchange)?);
        let quote = RawQuote { quote, received, sequence: told.update, ..RawQuote::default() };
        let is_behind = self.has_best || !told.is_top;
        Ok(Some((
            told.symbol.into(),
            Row::Depth(Box::new(RawDepth { quote, deeper: told.deeper, is_behind })),
        )))
    }

    fn by_clock(&self, received: Nanos, exchange: Option<Nanos>) -> Result<Nanos, Fault> {
        match self.clock {
            Clock::Received => Ok(received),
            Clock::Exchange => exchange.ok_or_else(|| Fault {
                column: "T".into(),
                value: String::new(),
                why: "is missing: this stream does not tell the exchange's time; read it with --clock received",
            }),
        }
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
