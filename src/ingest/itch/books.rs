//! The books of a day's stocks, and what a message makes of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::fault;
use super::message::{Head, Message};
use crate::book::{Order, OrderBook, Reason};
use crate::ingest::depth::{Deeper, RawDepth, deeper};
use crate::ingest::{AUCTION, EXCHANGE, Fault, HIDDEN, RawQuote, RawTrade};
use crate::limits::FILE_ORDERS_MAX;
use crate::tape::{Nanos, Quote, Sign, Size, Trade, local_midnight};

/// Said of a file whose books would fill the memory.
pub const TOO_MANY_ORDERS: &str =
    "has more orders in its books at a time than any exchange's day; read fewer symbols with --symbols";

/// What a message tells of a stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its number, where anything is told.
    pub symbol: Option<u16>,
    quote: Option<Quote>,
    depth: Option<Box<RawDepth>>,
    /// Letter of a trading state that is told with the quote.
    state: u8,
    trade: Option<(Trade, [u8; 4])>,
}

impl Told {
    /// A new state of the best bid and offer.
    pub fn quote(&self, sequence: u64) -> Option<RawQuote> {
        self.quote.map(|quote| self.row(quote, sequence))
    }

    /// The same where levels are wanted: a new state of any of them.
    pub fn depth(&self, sequence: u64) -> Option<RawDepth> {
        let row = self.depth.as_deref()?;
        Some(RawDepth { quote: self.row(row.quote.quote, sequence), ..*row })
    }

    fn row(&self, quote: Quote, sequence: u64) -> RawQuote {
        let source = if self.state == 0 { 0 } else { EXCHANGE };
        RawQuote { quote, sequence, condition: self.state, source, ..RawQuote::default() }
    }

    /// A trade.
    pub fn trade(&self, sequence: u64) -> Option<RawTrade> {
        self.trade.map(|(trade, conditions)| RawTrade { trade, sequence, conditions, ..RawTrade::default() })
    }
}

struct Stock {
    name: Box<[u8]>,
    is_wanted: bool,
    book: OrderBook,
    /// The last state told, its time left out.
    told: Quote,
    /// The levels behind it, where they are wanted.
    told_deeper: Option<Box<Deeper>>,
    is_halted: bool,
}

/// Things that are counted beside ticks.
#[derive(Default)]
struct Counts {
    broken_trades: u64,
    non_printable_executions: u64,
    crosses_without_shares: u64,
    messages_of_unknown_types: u64,
    messages_of_other_stocks: u64,
}

/// The books of a file.
pub struct Books<'a> {
    midnight: i64,
    wanted: &'a BTreeSet<String>,
    /// Levels that are wanted.
    levels: usize,
    /// By a stock's number.
    stocks: Vec<Option<Stock>>,
    resting: usize,
    counts: Counts,
}

impl<'a> Books<'a> {
    /// Empty books of the stocks that are wanted; of all when none is named.
    pub fn new(date: NaiveDate, wanted: &'a BTreeSet<String>, levels: usize) -> Self {
        let midnight = local_midnight(date).0;
        Self { midnight, wanted, levels, stocks: Vec::new(), resting: 0, counts: Counts::default() }
    }

    /// The name of a stock.
    pub fn name(&self, number: u16) -> &[u8] {
        self.stocks.get(usize::from(number)).and_then(Option::as_ref).map_or(&[], |stock| &*stock.name)
    }

    /// Whether there are more orders than are held.
    pub fn is_full(&self) -> bool {
        self.resting > FILE_ORDERS_MAX
    }

    /// A message of a type that is not known.
    pub fn pass_over(&mut self) -> Told {
        self.counts.messages_of_unknown_types += 1;
        Told::default()
    }

    /// What a message makes of its stock's book.
    ///
    /// # Errors
    /// When it names a stock or an order that is not there, or the like.
    pub fn apply(&mut self, head: Head, message: &Message<'_>) -> Result<Told, Fault> {
        match message {
            Message::Other => return Ok(Told::default()),
            Message::Directory { stock } => return self.enter(head.locate, stock),
            Message::Broken => {
                self.counts.broken_trades += 1;
                return Ok(Told::default());
            }
            Message::Cross { size: Size(0), .. } => {
                self.counts.crosses_without_shares += 1;
                return Ok(Told::default());
            }
            _ => {}
        }
        if let Message::State { letter } = *message {
            return Ok(self.turn(head, letter));
        }
        let Some(Some(stock)) = self.stocks.get_mut(usize::from(head.locate)) else {
            return Err(fault(
                "stock locate",
                &head.locate,
                "is no stock that the stock directory has named",
            ));
        };
        if !stock.is_wanted {
            self.counts.messages_of_other_stocks += 1;
            return Ok(Told::default());
        }
        let ts = Nanos(self.midnight + head.nanos);
        let before = stock.book.len();
        let made = stock.change(ts, message);
        self.resting = self.resting + stock.book.len() - before;
        let trade = made?;
        if matches!(message, Message::Execute { is_printable: false, .. }) {
            self.counts.non_printable_executions += 1;
        }
        let quote = stock.book.best().quote(Nanos(0));
        let is_news = std::mem::replace(&mut stock.told, quote) != quote;
        let quote = Quote { ts, ..quote };
        let told = Told { symbol: Some(head.locate), trade, ..Told::default() };
        if self.levels < 2 {
            return Ok(Told { quote: is_news.then_some(quote), ..told });
        }
        Ok(Told { depth: stock.depth(self.levels, quote, is_news), ..told })
    }

    /// A stock's trading state: told with the book as it stands, where it is a halt or ends one.
    fn turn(&mut self, head: Head, letter: u8) -> Told {
        let stock = self.stocks.get_mut(usize::from(head.locate)).and_then(Option::as_mut);
        let Some(stock) = stock.filter(|stock| stock.is_wanted) else { return Told::default() };
        let is_halt = letter != b'T';
        if !std::mem::replace(&mut stock.is_halted, is_halt) && !is_halt {
            return Told::default();
        }
        let quote = stock.book.best().quote(Nanos(self.midnight + head.nanos));
        let told = Told { symbol: Some(head.locate), state: letter, ..Told::default() };
        if self.levels < 2 {
            return Told { quote: Some(quote), ..told };
        }
        Told { depth: stock.depth(self.levels, quote, true), ..told }
    }

    /// What was counted, by name; nothing where there was none.
    pub fn counted(&self) -> BTreeMap<String, u64> {
        let counts = &self.counts;
        let named = [
            ("broken_trades", counts.broken_trades),
            ("non_printable_executions", counts.non_printable_executions),
            ("crosses_without_shares", counts.crosses_without_shares),
            ("messages_of_unknown_types", counts.messages_of_unknown_types),
            ("messages_of_other_stocks", counts.messages_of_other_stocks),
        ];
        named.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n)).collect()
    }

    fn enter(&mut self, number: u16, name: &[u8]) -> Result<Told, Fault> {
        let at = usize::from(number);
        if self.stocks.len() <= at {
            self.stocks.resize_with(at + 1, || None);
        }
        let slot = &mut self.stocks[at];
        if slot.as_ref().is_some_and(|stock| *stock.name != *name) {
            return Err(fault("stock locate", &number, "is the number of another stock already"));
        }
        let text = String::from_utf8_lossy(name);
        let is_wanted = self.wanted.is_empty() || self.wanted.contains(&*text);
        slot.get_or_insert_with(|| Stock {
            name: name.into(),
            is_wanted,
            book: OrderBook::new(),
            told: Quote::default(),
            told_deeper: None,
            is_halted: false,
        });
        Ok(Told::default())
    }
}

impl Stock {
    /// The state with so many levels, where it or one of them is news.
    fn depth(&mut self, levels: usize, quote: Quote, is_news: bool) -> Option<Box<RawDepth>> {
        let now = deeper(levels, |side, n| self.book.levels(side, n));
        let told = self.told_deeper.get_or_insert_default();
        if std::mem::replace(&mut **told, now) == now && !is_news {
            return None;
        }
        let quote = RawQuote { quote, ..RawQuote::default() };
        Some(Box::new(RawDepth { quote, deeper: now, is_behind: !is_news }))
    }

    /// Changes the book; gives the trade that the message tells of.
    fn change(&mut self, ts: Nanos, message: &Message<'_>) -> Result<Option<(Trade, [u8; 4])>, Fault> {
        let print = |price, size, known_side| Trade { ts, price, size, known_side, ..Trade::default() };
        let book = &mut self.book;
        let of = |order: u64| move |reason: Reason| fault("order reference number", &order, words(reason));
        match *message {
            Message::Add { order, side, size, stock, price } => {
                if *self.name != *stock {
                    let found = String::from_utf8_lossy(stock).into_owned();
                    return Err(fault("stock", &found, "is not the stock of this stock locate"));
                }
                book.add(Order { id: order, side, price, size }).map_err(of(order))?;
                Ok(None)
            }
            Message::Execute { order, size, price, is_printable } => {
                let resting = book.execute(order, size).map_err(of(order))?;
                let trade = print(price.unwrap_or(resting.price), size, resting.side.aggressor());
                Ok(is_printable.then_some((trade, [0; 4])))
            }
            Message::Cancel { order, size } => {
                book.reduce(order, size).map_err(of(order))?;
                Ok(None)
            }
            Message::Delete { order } => {
                book.delete(order).map_err(of(order))?;
                Ok(None)
            }
            Message::Replace { old, new, size, price } => {
                book.replace(old, new, price, size).map_err(of(old))?;
                Ok(None)
            }
            Message::Hidden { size, price } => {
                Ok(Some((print(price, size, Sign::Unknown), [HIDDEN, 0, 0, 0])))
            }
            Message::Cross { size, price, kind } => {
                Ok(Some((print(price, size, Sign::Unknown), condition(kind))))
            }
            Message::Directory { .. } | Message::State { .. } | Message::Broken | Message::Other => Ok(None),
        }
    }
}

/// The sale condition, as the tapes spell it, of a cross.
fn condition(kind: u8) -> [u8; 4] {
    match kind {
        b'O' => *b"@O  ",
        b'C' => *b"@6  ",
        b'H' => *b"@5  ",
        _ => [b'@', AUCTION, b' ', b' '],
    }
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownOrder => "is no order in this stock's book: the file lacks messages before this one",
        Reason::DuplicateOrder => "is an order in this stock's book already",
        Reason::TooMuch => "has fewer shares left than are taken from it",
        Reason::NoSize | Reason::UnknownLevel => "has no such size",
        Reason::Full => "does not fit into this stock's book, which is full",
    }
}
