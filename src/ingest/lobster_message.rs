//! One row of a LOBSTER message file: what it tells of a trade, and what of the book.

use chrono::NaiveDate;

use super::fields::{self, Why};
use super::positional;
use super::raw::{AUCTION, HIDDEN};
use crate::book::{Order, OrderBook, Reason, Side};
use crate::tape::{Nanos, Price, Scale, Sign, Size, Trade};

/// The first day on which the direction of a hidden execution says nothing.
const HIDDEN_SIDE_UNTOLD_FROM: Option<NaiveDate> = NaiveDate::from_ymd_opt(2014, 7, 14);

/// A message without its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// 1 submission, 2 partial cancellation, 3 deletion, 4 execution of a visible and 5 of a hidden order, 6 cross,
    /// 7 halt.
    event: u8,
    /// None where the number is made up, as in crosses.
    order: Option<u64>,
    size: Size,
    price: Price,
    /// Side of the resting order.
    resting: Sign,
    /// Of a halt, the letter of the trading state that it tells; else 0.
    state: u8,
}

impl Message {
    /// Reads a line; a fault names its cell.
    pub fn parse(line: &[u8]) -> Result<Self, (usize, Why)> {
        let [_, event, order, size, price, direction] = positional::cells(line)?;
        if line.iter().filter(|b| **b == b',').count() >= 6 {
            return Err((6, "is more than the six cells of a message"));
        }
        let at = |index| move |why| (index, why);
        let event = match event {
            [event @ b'1'..=b'7'] => event - b'0',
            _ => return Err((1, "is not an event type 1 to 7")),
        };
        // Crosses have made-up orders with negative numbers.
        let number = fields::digits(order.strip_prefix(b"-").unwrap_or(order)).map_err(at(2))?;
        let order = (!order.starts_with(b"-")).then_some(number);
        let size = fields::digits(size)
            .and_then(|n| fields::credible_size(i64::try_from(n).ok(), Scale::WHOLE))
            .map_err(at(3))?;
        let resting = match direction {
            b"1" => Sign::Buy,
            b"-1" => Sign::Sell,
            b"0" if event == 6 => Sign::Unknown,
            _ => return Err((5, "is not a direction: 1 for a buy order, -1 for a sell order")),
        };
        if event == 7 {
            let state = match price {
                b"-1" => b'H',
                b"0" => b'Q',
                b"1" => b'T',
                _ => return Err((4, "is not -1 (halt), 0 (quoting) or 1 (trading again)")),
            };
            return Ok(Self { event, order, size, price: Price(0), resting, state });
        }
        let price = fields::digits(price).and_then(positional::price).map_err(at(4))?;
        Ok(Self { event, order, size, price, resting, state: 0 })
    }

    /// The letter of the trading state that a halt or its end tells, as exchanges' own feeds have it; else 0.
    pub fn state(&self) -> u8 {
        self.state
    }

    /// The same, of a line that nobody else reads: lines of other types, and bad ones, tell nothing.
    pub fn state_of(line: &[u8]) -> u8 {
        let is_halt = memchr::memchr(b',', line).is_some_and(|end| line[end + 1..].starts_with(b"7,"));
        if is_halt { Self::parse(line).map_or(0, |message| message.state) } else { 0 }
    }

    /// What takes the place of sale conditions: an execution of a hidden order, a cross.
    pub fn conditions(&self) -> [u8; 4] {
        match self.event {
            5 => [HIDDEN, 0, 0, 0],
            6 => [AUCTION, 0, 0, 0],
            _ => [0; 4],
        }
    }

    /// The trade, if it tells of one.
    pub fn trade(&self, ts: Nanos, date: NaiveDate) -> Option<Trade> {
        let is_told = self.event == 4 || (self.event == 5 && Some(date) < HIDDEN_SIDE_UNTOLD_FROM);
        let known_side = if is_told { Sign::of(-self.resting.value()) } else { Sign::Unknown };
        matches!(self.event, 4..=6).then_some(Trade {
            ts,
            price: self.price,
            size: self.size,
            known_side,
            ..Trade::default()
        })
    }

    /// Changes the book; false where it speaks of an order that the book does not hold as it says.
    pub fn apply(&self, book: &mut OrderBook) -> bool {
        if !matches!(self.event, 1..=4) {
            return true;
        }
        let Some(id) = self.order else { return false };
        let side = if self.resting == Sign::Buy { Side::Bid } else { Side::Ask };
        let is_as_told = |order: Order| order.side == side && order.price == self.price;
        let changed: Result<bool, Reason> = match self.event {
            1 => book.add(Order { id, side, price: self.price, size: self.size }).map(|()| true),
            3 => book.delete(id).map(|order| is_as_told(order) && order.size == self.size),
            _ => book.reduce(id, self.size).map(is_as_told),
        };
        changed.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(book: &mut OrderBook, line: &str) -> bool {
        Message::parse(line.as_bytes()).expect("a message").apply(book)
    }

    #[test]
    fn only_types_one_to_four_touch_the_book() {
        let mut book = OrderBook::new();
        assert!(apply(&mut book, "34200.5,1,1,100,100000,1"));
        let before = book.best();
        for line in ["34201,5,0,30,100000,1", "34201,6,-1,500,100000,-1", "34201,7,0,0,-1,-1"] {
            assert!(apply(&mut book, line));
            assert_eq!(book.best(), before, "{line}");
        }
        for line in ["34202,4,1,60,100000,1", "34202,2,1,30,100000,1", "34202,3,1,10,100000,1"] {
            assert!(apply(&mut book, line), "{line}");
        }
        assert!(book.is_empty());
    }

    #[test]
    fn an_order_that_the_book_does_not_hold_as_told_is_noticed() {
        for line in [
            "34201,4,2,50,100000,1",
            "34201,3,1,50,100000,1",
            "34201,4,1,50,100100,1",
            "34201,2,1,50,100000,-1",
            "34201,2,1,101,100000,1",
            "34201,1,1,50,100000,1",
            "34201,3,-1,100,100000,1",
        ] {
            let mut book = OrderBook::new();
            assert!(apply(&mut book, "34200.5,1,1,100,100000,1") && !apply(&mut book, line), "{line}");
        }
    }
}
