//! LOBSTER pairs: `SYMBOL_YYYY-MM-DD_0_86400000_message_N.csv` and `.._orderbook_N.csv`, with N levels in the latter.
//!
//! The orderbook's row k is the book after message k. Messages tell of every level, whatever N is, so that the book
//! can be built from them; LOBSTER's own leave out what lies beyond level N. It has no message for a replaced order:
//! that is a deletion and a submission.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::orders::Orders;
use super::row::{Cell, Rows, hundredths_of_a_cent};
use super::rungs::{Act, Message, Rungs};
use super::sink::Sink;
use super::tape::{Print, State, Tick};
use crate::tape::{Nanos, Sign, Symbol, local_midnight};

const DAY_NANOS: i64 = 86_400 * crate::tape::NANOS_PER_SECOND;
/// What stands for the price of a level without orders; negative for the bid.
const NO_PRICE: i64 = 9_999_999_999;

/// Writes one symbol's pair at a time.
pub(super) struct Lobster {
    date: NaiveDate,
    seed: u64,
    levels: u16,
    dir: PathBuf,
    open: Option<Pair>,
    finished: Vec<PathBuf>,
}

impl Lobster {
    pub(super) fn new((date, seed, levels): (NaiveDate, u64, u16), dir: &Path) -> Self {
        Self { date, seed, levels, dir: dir.to_owned(), open: None, finished: Vec::new() }
    }

    fn close(&mut self) -> Result<(), SimulateError> {
        if let Some(pair) = self.open.take() {
            self.finished.push(pair.messages.finish(None)?);
            self.finished.push(pair.books.finish(None)?);
        }
        Ok(())
    }

    fn tick(&mut self, tick: &Tick) -> Result<(), SimulateError> {
        let Some(pair) = &mut self.open else { return Ok(()) };
        pair.orders.tell(tick).iter().try_for_each(|message| pair.write(message))
    }
}

impl Sink for Lobster {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.close()?;
        let file = |kind| {
            let name = format!("{symbol}_{}_0_86400000_{kind}_{}.csv", self.date, self.levels);
            Rows::create(&self.dir, &name, false, b',', "")
        };
        self.open = Some(Pair {
            midnight: local_midnight(self.date),
            messages: file("message")?,
            books: file("orderbook")?,
            orders: Orders::new(self.seed, symbol, self.date),
            shown: Rungs::default(),
            levels: usize::from(self.levels),
        });
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        self.tick(&Tick::Quote(*state))
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        self.tick(&Tick::Trade(*print))
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        self.close()?;
        Ok(self.finished)
    }
}

/// One symbol's two files and the book they tell of.
struct Pair {
    midnight: Nanos,
    messages: Rows,
    books: Rows,
    orders: Orders,
    shown: Rungs,
    levels: usize,
}

impl Pair {
    fn write(&mut self, message: &Message) -> Result<(), SimulateError> {
        let kind = match message.act {
            Act::Add => 1,
            Act::Cancel => 2,
            Act::Delete => 3,
            Act::Execute => 4,
            Act::Hidden => 5,
            Act::Cross => 6,
            Act::Replace(id, price, size) => {
                self.write(&Message { act: Act::Delete, ..*message })?;
                return self.write(&Message { act: Act::Add, id, price, size, ..*message });
            }
        };
        self.shown.apply(message);
        self.row(kind, message)
    }

    /// A message, and the book after it.
    fn row(&mut self, kind: i64, message: &Message) -> Result<(), SimulateError> {
        let past = message.ts.0 - self.midnight.0;
        if !(0..DAY_NANOS).contains(&past) {
            let found = format!("{past} ns past midnight");
            return Err(SimulateError::parameter("stamp", &found, "within the day for the lobster format"));
        }
        self.messages.row(&[
            Cell::Seconds(past),
            Cell::Int(kind),
            Cell::Int(message.id),
            Cell::Int(message.size.0),
            hundredths_of_a_cent(message.price),
            Cell::Int(message.side.value()),
        ])?;
        let mut cells = Vec::with_capacity(4 * self.levels);
        for level in 0..self.levels {
            cells.extend(self.cells(Sign::Sell, level));
            cells.extend(self.cells(Sign::Buy, level));
        }
        self.books.row(&cells)
    }

    /// Price and size of a level as the orderbook file has them.
    fn cells(&self, side: Sign, level: usize) -> [Cell<'static>; 2] {
        match self.shown.side(side).get(level) {
            Some(rung) => [hundredths_of_a_cent(rung.price), Cell::Int(rung.shares())],
            None => [Cell::Int(-side.value() * NO_PRICE), Cell::Int(0)],
        }
    }
}
