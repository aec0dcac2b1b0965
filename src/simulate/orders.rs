//! A symbol's ticks as messages about orders, every level of the book known.
//!
//! Every message is one event of one order. A state that differs from the one before on both sides, or by several
//! orders, takes several messages of its stamp. Sides move so that the book between is never crossed, and each
//! side's steps add up to the one move, in order-flow imbalance too. As the law's queues do not feel trades, a trade
//! is a pair of messages: an order of its size joins the best queue and is executed at once; the state comes back.
//!
//! Behind the best level lie others, in the stream from their first order on. They come and go by chance at the stamps
//! of states, and the best level is never theirs to move: a level that becomes the best has the state's size by then.

use chrono::NaiveDate;

use super::dice::Dice;
use super::rungs::{Act, Message, Rungs};
use super::tape::{Print, State, Tick};
use crate::tape::{Nanos, Price, Sign, Size, Symbol};

/// Levels that a side has at least, the best one among them, and at most.
const LEVELS: std::ops::RangeInclusive<usize> = 6..=12;
/// How far apart deeper levels are, in nano-dollars: a cent.
const STEP_NANOS: i64 = 10_000_000;
/// How often something happens behind the best level at the stamp of a state.
const DEEP_CHANCE: f64 = 0.2;
/// How often an order is replaced where another would be added, or deleted.
const REPLACE_CHANCE: f64 = 0.25;

/// The order stream of one symbol's day.
pub(super) struct Orders {
    dice: Dice,
    book: Rungs,
    last_id: i64,
    out: Vec<Message>,
}

impl Orders {
    /// Of an empty book.
    pub(super) fn new(seed: u64, symbol: &Symbol, date: NaiveDate) -> Self {
        let dice = Dice::new(seed, symbol, date, "orders");
        Self { dice, book: Rungs::default(), last_id: 0, out: Vec::new() }
    }

    /// The messages that tell of a tick.
    pub(super) fn tell(&mut self, tick: &Tick) -> Vec<Message> {
        match tick {
            Tick::Quote(state) => self.state(state),
            Tick::Trade(print) => self.print(print),
        }
        std::mem::take(&mut self.out)
    }

    fn state(&mut self, state: &State) {
        let quote = &state.quote;
        let bid = (Sign::Buy, quote.bid, quote.bid_size);
        let ask = (Sign::Sell, quote.ask, quote.ask_size);
        let ask_goes_first = quote.bid >= self.book.best(Sign::Sell);
        for (side, price, size) in if ask_goes_first { [ask, bid] } else { [bid, ask] } {
            self.requote(side, quote.ts, price, size);
        }
        for side in [Sign::Buy, Sign::Sell] {
            self.stir(side, quote.ts);
        }
    }

    fn print(&mut self, print: &Print) {
        let (ts, price, size) = (print.trade.ts, print.trade.price, print.trade.size);
        let Some(side) = resting(print.trade.known_side) else {
            return self.write(Message { act: Act::Cross, ts, id: -1, size, price, side: Sign::Sell });
        };
        let message = |act, id| Message { act, ts, id, size, price, side };
        let id = self.new_id();
        if self.book.best(side) != price {
            return self.write(message(Act::Hidden, id));
        }
        self.write(message(Act::Add, id));
        self.write(message(Act::Execute, id));
    }

    /// Moves one side to its new best price and size.
    fn requote(&mut self, side: Sign, ts: Nanos, price: Price, size: Size) {
        let best = self.book.best(side);
        if price.0 == 0 {
            return (0..self.book.side(side).len()).rev().for_each(|at| self.empty(side, ts, at));
        }
        if best.0 == 0 || is_better(side, price, best) {
            return self.improve(side, ts, price, size);
        }
        self.resize(side, ts, price, size.0);
        if best == price {
            return;
        }
        // Levels between go unseen; then the best one empties, order by order, and the new one shows.
        let between = self.book.side(side).iter().take_while(|rung| rung.price != price).count();
        for at in (1..between).rev() {
            self.empty(side, ts, at);
        }
        self.leave(side, ts);
    }

    /// A first order at a better price: a new one, or one from behind.
    fn improve(&mut self, side: Sign, ts: Nanos, price: Price, size: Size) {
        let new = self.new_id();
        match self.deep_order(side) {
            Some((at, id, shares)) if self.dice.chance(REPLACE_CHANCE) => {
                let act = Act::Replace(new, price, size);
                self.write(Message { act, ts, id, size: Size(shares), price: at, side });
            }
            _ => self.write(Message { act: Act::Add, ts, id: new, size, price, side }),
        }
    }

    /// Brings a level to so many shares, the youngest orders going first.
    fn resize(&mut self, side: Sign, ts: Nanos, price: Price, wanted: i64) {
        let rung = self.book.at(side, price).cloned();
        let more = wanted - rung.as_ref().map_or(0, super::rungs::Rung::shares);
        if more > 0 {
            let id = self.new_id();
            return self.write(Message { act: Act::Add, ts, id, size: Size(more), price, side });
        }
        let mut excess = -more;
        for (id, shares) in rung.iter().flat_map(|rung| rung.orders.iter().rev()) {
            let gone = excess.min(*shares);
            if gone == 0 {
                return;
            }
            excess -= gone;
            let act = if gone == *shares { Act::Delete } else { Act::Cancel };
            self.write(Message { act, ts, id: *id, size: Size(gone), price, side });
        }
    }

    /// The best level goes; its oldest order, the last, may move behind instead.
    fn leave(&mut self, side: Sign, ts: Nanos) {
        let Some(rung) = self.book.side(side).first().cloned() else { return };
        let (is_moved, new) = (self.dice.chance(REPLACE_CHANCE), self.new_id());
        let behind = self.book.side(side).last().map(|rung| further(side, rung.price, 1));
        for (left, (id, shares)) in (0..rung.orders.len()).rev().zip(rung.orders.iter().rev()) {
            let act = match behind {
                Some(behind) if left == 0 && is_moved && behind.0 > 0 => {
                    Act::Replace(new, behind, Size(*shares))
                }
                _ => Act::Delete,
            };
            self.write(Message { act, ts, id: *id, size: Size(*shares), price: rung.price, side });
        }
    }

    /// What happens behind the best level: levels are added and cut, and by chance an order changes.
    fn stir(&mut self, side: Sign, ts: Nanos) {
        while self.book.side(side).len() > *LEVELS.end() {
            self.empty(side, ts, *LEVELS.end());
        }
        while (1..*LEVELS.start()).contains(&self.book.side(side).len()) {
            let steps = self.dice.between(1, 2);
            let last = self.book.side(side).last().map_or(Price(0), |rung| rung.price);
            let (price, size) = (further(side, last, steps), Size(100 * self.dice.between(1, 9)));
            if price.0 <= 0 {
                return;
            }
            let id = self.new_id();
            self.write(Message { act: Act::Add, ts, id, size, price, side });
        }
        if !self.dice.chance(DEEP_CHANCE) {
            return;
        }
        let Some((price, id, shares)) = self.deep_order(side) else { return };
        let (part, new) = (self.dice.between(1, shares), self.new_id());
        let kind = self.dice.below(4);
        let message = |act, id, size| Message { act, ts, id, size: Size(size), price, side };
        let last = self.book.side(side).last().map_or(price, |rung| rung.price);
        self.write(match kind {
            0 if part < shares => message(Act::Cancel, id, part),
            1 => message(Act::Add, new, 100),
            2 => message(Act::Replace(new, further(side, last, 0), Size(shares + part)), id, shares),
            _ => message(Act::Delete, id, shares),
        });
    }

    /// Some order behind the best level: its price, id and shares.
    fn deep_order(&mut self, side: Sign) -> Option<(Price, i64, i64)> {
        let deep = self.book.side(side).get(1..).filter(|deep| !deep.is_empty())?;
        let rung = &deep[self.dice.below(deep.len() as u64) as usize];
        let (id, shares) = rung.orders[self.dice.below(rung.orders.len() as u64) as usize];
        Some((rung.price, id, shares))
    }

    /// Deletes the orders of a level, the youngest first.
    fn empty(&mut self, side: Sign, ts: Nanos, at: usize) {
        let Some(rung) = self.book.side(side).get(at).cloned() else { return };
        for (id, shares) in rung.orders.iter().rev() {
            let (size, price) = (Size(*shares), rung.price);
            self.write(Message { act: Act::Delete, ts, id: *id, size, price, side });
        }
    }

    fn new_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    fn write(&mut self, message: Message) {
        self.book.apply(&message);
        self.out.push(message);
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

fn is_better(side: Sign, price: Price, than: Price) -> bool {
    if side == Sign::Buy { price > than } else { price < than }
}

/// A price so many steps away from the other side.
fn further(side: Sign, price: Price, steps: i64) -> Price {
    Price(price.0 - side.value() * steps * STEP_NANOS)
}
