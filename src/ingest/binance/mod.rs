//! Captured Binance streams, plain or gzip: a line is `<local receive ns> <combined-stream JSON>`.
//!
//! In: `@bookTicker`, `@trade` or `@aggTrade`, and books (`@depth` with its snapshots, or `@depth5`, `@depth10`,
//! `@depth20`) of any symbols. Out: quotes and trades, the aggressor known; where levels are wanted, those of the
//! books. Where a capture has no `@bookTicker`, its books tell the best quotes. Replies to subscriptions are passed
//! over; what is none of these is a bad row.
//!
//! Quotes and trades are put on one clock. Where best quotes carry the exchange's own time (futures), or books do that
//! tell them in their place, rows are put in its order, which they leave by a few milliseconds on their way, and keep
//! the local stamp as `received`. Where they do not (spot), the local stamp is their time. It is the better of the two
//! only where there is no other: of a capture of BTCUSDT futures the quote strictly before a trade tells its side in
//! 99.8 of 100 by the exchange's clock, and in 86.5 by the local one.

mod book;
mod books;
mod depth;
mod head;
mod lines;
mod message;
mod order;

use std::borrow::Cow;
use std::collections::BTreeSet;
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
    let head = head(path)?;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut lines = Lines::new(path, stream);
    let clock = input.reading.clock.unwrap_or(Clock::Received);
    let mut reader = Reader {
        clock,
        scale: input.reading.scale,
        trades: TradeStreams::default(),
        // Books tell nothing that is wanted beside best quotes alone.
        books: (options.levels > 1 || !head.booked.is_subset(&head.quoted))
            .then(|| Books::new(options.levels)),
        quoted: head.quoted,
        out: InOrder::new(clock, path, options, sender),
    };
    while let Some((number, line)) = lines.next()? {
        if let Err(fault) = reader.line(number, line)? {
            reader.out.bad(number, fault)?;
        }
        if let Some(books) = &reader.books {
            books.check(path)?;
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
    /// Symbols that tell best quotes by themselves.
    quoted: BTreeSet<String>,
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
                if matches!(said, Said::Best(_)) {
                    self.note_quoted(symbol)?;
                }
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
        let is_behind = !told.is_top || self.quoted.contains(&told.symbol);
        Ok(Some((
            told.symbol.into(),
            Row::Depth(Box::new(RawDepth { quote, deeper: told.deeper, is_behind })),
        )))
    }

    /// Takes note of a symbol that tells best quotes; a fault where its book has told them before.
    fn note_quoted(&mut self, symbol: &str) -> Result<(), Fault> {
        let Some(books) = &self.books else { return Ok(()) };
        if self.quoted.contains(symbol) {
            return Ok(());
        }
        if books.tell(symbol) {
            return Err(Fault {
                column: "stream".into(),
                value: symbol.into(),
                why: "has its first @bookTicker far behind its books, which have told its best quotes by then: cut the \
                      file where it begins, or leave it out",
            });
        }
        self.quoted.insert(symbol.to_owned());
        Ok(())
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
