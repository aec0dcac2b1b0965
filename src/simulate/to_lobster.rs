//! LOBSTER pairs of level 1: `SYMBOL_YYYY-MM-DD_0_86400000_message_1.csv` and `.._orderbook_1.csv`.
//!
//! Every message is one event of one order, and the orderbook's row of the same number is the book after it. So a
//! state that differs from the one before on both sides, or by several orders, takes several messages of its
//! stamp; the last one's row is the state. Sides move so that the book between is never crossed, and each side's
//! steps add up to the one move, in order-flow imbalance too. As the law's queues do not feel trades, a trade is a
//! pair of messages: an order of its size joins the best queue and is executed at once; its row is the state again.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::row::{Cell, Rows, hundredths_of_a_cent};
use super::sink::Sink;
use super::tape::{Print, State};
use crate::tape::{Nanos, Price, Sign, Size, Symbol, local_midnight};

const DAY_NANOS: i64 = 86_400 * crate::tape::NANOS_PER_SECOND;
/// What stands for the price of a side without orders; negative for the bid.
const NO_PRICE: i64 = 9_999_999_999;

/// Event types.
const SUBMISSION: i64 = 1;
const CANCELLATION: i64 = 2;
const DELETION: i64 = 3;
const VISIBLE_EXECUTION: i64 = 4;
const HIDDEN_EXECUTION: i64 = 5;
const CROSS: i64 = 6;

/// Writes one symbol's pair at a time.
pub(super) struct Lobster {
    date: NaiveDate,
    dir: PathBuf,
    open: Option<Pair>,
    finished: Vec<PathBuf>,
}

impl Lobster {
    pub(super) fn new(date: NaiveDate, dir: &Path) -> Self {
        Self { date, dir: dir.to_owned(), open: None, finished: Vec::new() }
    }

    fn close(&mut self) -> Result<(), SimulateError> {
        if let Some(pair) = self.open.take() {
            self.finished.push(pair.messages.finish(None)?);
            self.finished.push(pair.books.finish(None)?);
        }
        Ok(())
    }
}

impl Sink for Lobster {
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError> {
        self.close()?;
        let file = |kind| {
            let name = format!("{symbol}_{}_0_86400000_{kind}_1.csv", self.date);
            Rows::create(&self.dir, &name, false, b',', "")
        };
        self.open = Some(Pair {
            midnight: local_midnight(self.date),
            messages: file("message")?,
            books: file("orderbook")?,
            bid: Queue::empty(Sign::Buy),
            ask: Queue::empty(Sign::Sell),
            last_id: 0,
        });
        Ok(())
    }

    fn quote(&mut self, state: &State) -> Result<(), SimulateError> {
        let Some(pair) = &mut self.open else { return Ok(()) };
        let quote = &state.quote;
        let ask_goes_first = quote.bid >= pair.ask.price;
        for is_ask in [ask_goes_first, !ask_goes_first] {
            if is_ask {
                pair.requote(Sign::Sell, quote.ts, quote.ask, quote.ask_size)?;
            } else {
                pair.requote(Sign::Buy, quote.ts, quote.bid, quote.bid_size)?;
            }
        }
        Ok(())
    }

    fn trade(&mut self, print: &Print) -> Result<(), SimulateError> {
        let Some(pair) = &mut self.open else { return Ok(()) };
        let (ts, price, size) = (print.trade.ts, print.trade.price, print.trade.size);
        let Some(resting) = resting(print.trade.known_side) else {
            return pair.write(Event { kind: CROSS, ts, id: -1, size, price, side: Sign::Sell });
        };
        let id = pair.new_id();
        let event = |kind| Event { kind, ts, id, size, price, side: resting };
        if pair.queue(resting).price != price {
            return pair.write(event(HIDDEN_EXECUTION));
        }
        pair.queue(resting).orders.push((id, size.0));
        pair.write(event(SUBMISSION))?;
        pair.queue(resting).orders.pop();
        pair.write(event(VISIBLE_EXECUTION))
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError> {
        self.close()?;
        Ok(self.finished)
    }
}

/// The side whose order an aggressor hits.
fn resting(aggressor: Sign) -> Option<Sign> {
    match aggressor {
        Sign::Buy => Some(Sign::Sell),
        Sign::Sell => Some(Sign::Buy),
        Sign::Unknown => None,
    }
}

/// What a message tells.
#[derive(Clone, Copy)]
struct Event {
    kind: i64,
    ts: Nanos,
    id: i64,
    size: Size,
    price: Price,
    side: Sign,
}

/// The orders at the best price of a side: their ids and shares. A price of zero is no side.
struct Queue {
    side: Sign,
    price: Price,
    orders: Vec<(i64, i64)>,
}

impl Queue {
    fn empty(side: Sign) -> Self {
        Self { side, price: Price(0), orders: Vec::new() }
    }

    fn shares(&self) -> i64 {
        self.orders.iter().map(|(_, shares)| shares).sum()
    }

    fn improves(&self, price: Price) -> bool {
        let is_better = if self.side == Sign::Buy { price > self.price } else { price < self.price };
        price.0 > 0 && (self.price.0 == 0 || is_better)
    }

    /// Price and size as the orderbook file has them.
    fn cells(&self) -> [Cell<'static>; 2] {
        if self.price.0 == 0 {
            return [Cell::Int(if self.side == Sign::Buy { -NO_PRICE } else { NO_PRICE }), Cell::Int(0)];
        }
        [hundredths_of_a_cent(self.price), Cell::Int(self.shares())]
    }
}

/// One symbol's two files and the book they tell of.
struct Pair {
    midnight: Nanos,
    messages: Rows,
    books: Rows,
    bid: Queue,
    ask: Queue,
    last_id: i64,
}

impl Pair {
    fn queue(&mut self, side: Sign) -> &mut Queue {
        if side == Sign::Buy { &mut self.bid } else { &mut self.ask }
    }

    fn new_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// Moves one side to its new best price and size.
    fn requote(&mut self, side: Sign, ts: Nanos, price: Price, size: Size) -> Result<(), SimulateError> {
        if self.queue(side).improves(price) {
            let id = self.new_id();
            let queue = self.queue(side);
            (queue.price, queue.orders) = (price, vec![(id, size.0)]);
            return self.write(Event { kind: SUBMISSION, ts, id, size, price, side });
        }
        if self.queue(side).price == price {
            return self.resize(side, ts, size.0);
        }
        // The best level empties, order by order; behind the last one shows the next level, submitted unseen.
        let (left, id) = (self.queue(side).price, self.new_id());
        while let Some((order, shares)) = self.queue(side).orders.pop() {
            let queue = self.queue(side);
            if queue.orders.is_empty() {
                (queue.price, queue.orders) = (price, vec![(id, size.0)]);
                return self.write(Event {
                    kind: DELETION,
                    ts,
                    id: order,
                    size: Size(shares),
                    price: left,
                    side,
                });
            }
            self.write(Event { kind: DELETION, ts, id: order, size: Size(shares), price: left, side })?;
        }
        Ok(())
    }

    /// Brings the best level to so many shares, the youngest orders going first.
    fn resize(&mut self, side: Sign, ts: Nanos, wanted: i64) -> Result<(), SimulateError> {
        let (price, more) = (self.queue(side).price, wanted - self.queue(side).shares());
        if more > 0 {
            let id = self.new_id();
            self.queue(side).orders.push((id, more));
            return self.write(Event { kind: SUBMISSION, ts, id, size: Size(more), price, side });
        }
        let mut excess = -more;
        while excess > 0 {
            let Some((id, shares)) = self.queue(side).orders.pop() else { break };
            let gone = excess.min(shares);
            excess -= gone;
            let kind = if gone == shares { DELETION } else { CANCELLATION };
            if gone < shares {
                self.queue(side).orders.push((id, shares - gone));
            }
            self.write(Event { kind, ts, id, size: Size(gone), price, side })?;
        }
        Ok(())
    }

    /// A message, and the book after it.
    fn write(&mut self, event: Event) -> Result<(), SimulateError> {
        let past = event.ts.0 - self.midnight.0;
        if !(0..DAY_NANOS).contains(&past) {
            let found = format!("{past} ns past midnight");
            return Err(SimulateError::parameter("stamp", &found, "within the day for the lobster format"));
        }
        self.messages.row(&[
            Cell::Seconds(past),
            Cell::Int(event.kind),
            Cell::Int(event.id),
            Cell::Int(event.size.0),
            hundredths_of_a_cent(event.price),
            Cell::Int(event.side.value()),
        ])?;
        let ([ask, ask_size], [bid, bid_size]) = (self.ask.cells(), self.bid.cells());
        self.books.row(&[ask, ask_size, bid, bid_size])
    }
}
