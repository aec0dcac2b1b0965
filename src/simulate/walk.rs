//! One symbol's day, step by step: flow, moves and quotes set into time.

use chrono::NaiveDate;

use super::book::Book;
use super::dice::Dice;
use super::episodes::{self, Injector};
use super::error::SimulateError;
use super::flow::{Order, OrderFlow};
use super::law::{HALF_HOUR, Law};
use super::price::{Moves, PriceNoise};
use super::recorder::Recorder;
use super::session;
use super::stamps::Stamps;
use super::tape::Tick;
use super::truth::SymbolTruth;
use crate::tape::{NANOS_PER_SECOND, Nanos, Quote, Session, Sign, Symbol, Trade};

/// Ticks before the open, and again after the close.
const OUTSIDE_TICKS: i64 = 15;
/// How far apart they are at least.
const OUTSIDE_STRIDE: i64 = 40 * NANOS_PER_SECOND;
/// The first quote comes this long after the open, if the grid of stamps is that fine.
const OPENING_DELAY: i64 = 3_000_000;

/// The random walk of a day, and all that it remembers.
pub(super) struct Walk {
    law: Law,
    session: Session,
    steps: u64,
    /// 0 before the open, 1 to `steps` in the session, one more after the close.
    stage: u64,
    flow: OrderFlow,
    noise: PriceNoise,
    book: Book,
    dice: Dice,
    orders: Vec<Order>,
    recorder: Recorder,
    everyday: Option<Injector>,
    drawn: Vec<Tick>,
    /// What the last step was drawn to be.
    pub(super) moves: Moves,
}

impl Walk {
    /// # Errors
    /// When the law has an impossible parameter or the day no session.
    pub(super) fn new(law: &Law, seed: u64, symbol: &Symbol, date: NaiveDate) -> Result<Self, SimulateError> {
        law.check()?;
        let session = session(date);
        if session.length() == 0 {
            return Err(SimulateError::NoSession(date));
        }
        let dice = |purpose| Dice::new(seed, symbol, date, purpose);
        Ok(Self {
            flow: OrderFlow::new(dice("flow"), dice("misprints")),
            noise: PriceNoise::new(dice("price")),
            book: Book::open(law, law.depth_lots(0, session.length() / HALF_HOUR)),
            dice: dice("book"),
            steps: law.steps(&session),
            recorder: Recorder::new(symbol, session, law.venue_only_share, dice("files")),
            everyday: law
                .everyday
                .then(|| Injector::everyday(seed, symbol, session, episodes::scale_of(law))),
            drawn: Vec::new(),
            law: law.clone(),
            session,
            stage: 0,
            orders: Vec::new(),
            moves: Moves::default(),
        })
    }

    /// Draws the next step's ticks into `ticks`; false at the end of the day.
    ///
    /// # Errors
    /// When the step is too crowded for its stamps, or the price has left the tape's.
    pub(super) fn next(&mut self, ticks: &mut Vec<Tick>) -> Result<bool, SimulateError> {
        let Some(mut everyday) = self.everyday.take() else { return self.draw(ticks) };
        ticks.clear();
        let mut drawn = std::mem::take(&mut self.drawn);
        let goes_on = self.draw(&mut drawn);
        everyday.pass(&drawn, ticks);
        (self.everyday, self.drawn) = (Some(everyday), drawn);
        goes_on
    }

    fn draw(&mut self, ticks: &mut Vec<Tick>) -> Result<bool, SimulateError> {
        ticks.clear();
        let stage = self.stage;
        self.stage += 1;
        if stage == 0 {
            let first = self.session.open.0 - self.law.stamp_ns - (OUTSIDE_TICKS - 1) * self.outside_stride();
            self.outside(first, -3, ticks);
        } else if stage <= self.steps {
            self.step(stage - 1, ticks)?;
        } else if stage == self.steps + 1 {
            // The first of these stands exactly on the close, which is outside.
            self.outside(self.session.close.0, 3, ticks);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// What was drawn so far.
    pub(super) fn truth(self) -> SymbolTruth {
        self.recorder.truth
    }

    fn step(&mut self, step: u64, ticks: &mut Vec<Tick>) -> Result<(), SimulateError> {
        let flow = self.flow.step(&self.law, &mut self.orders);
        let start = self.session.open.0 + step as i64 * self.law.step_ns;
        let half_hours = self.session.length() / HALF_HOUR;
        let depth_lots = self.law.depth_lots((start - self.session.open.0) / HALF_HOUR, half_hours);
        self.moves = self.noise.step(&self.law, flow, Law::day_shape(step, self.steps));
        let quotes = self.book.plan(&self.moves, depth_lots, self.law.flickers_per_step);
        self.recorder.truth.add_step(flow, self.moves.ticks, depth_lots);
        let mut slots = self.law.stamps_per_step();
        let mut first = start;
        if step == 0 {
            let opening = (OPENING_DELAY / self.law.stamp_ns).min(slots as i64 - 1);
            self.recorder.quote(self.book.quote(Nanos(start + opening * self.law.stamp_ns)), ticks);
            first = start + (opening + 1) * self.law.stamp_ns;
            slots -= opening as u64 + 1;
        }
        let count = quotes.saturating_add(self.orders.len() as u64);
        let stamps = Stamps::new(first, self.law.stamp_ns, slots, count).ok_or(SimulateError::Crowded {
            step,
            ticks: count,
            stamps: slots,
        })?;
        self.set_in_time(stamps, ticks).ok_or(SimulateError::PriceLeft { step })
    }

    /// Interleaves the step's quotes and trades, every order of the two being equally likely unless the law sets the
    /// trades first.
    fn set_in_time(&mut self, mut stamps: Stamps, ticks: &mut Vec<Tick>) -> Option<()> {
        let mut done = 0;
        while stamps.left() > 0 {
            let orders_left = (self.orders.len() - done) as u64;
            let drawn = self.dice.below(stamps.left()) < orders_left;
            let is_trade = if self.law.orders_first { orders_left > 0 } else { drawn };
            let ts = Nanos(stamps.next(&mut self.dice));
            if is_trade {
                let trade = print(&self.orders[done], &self.book.quote(ts));
                self.recorder.trade(trade, ticks);
                done += 1;
            } else {
                self.book.next(&mut self.dice)?;
                self.recorder.quote(self.book.quote(ts), ticks);
            }
        }
        Some(())
    }

    /// Quotes and trades outside the session, at prices off by `shift` ticks so that letting them in shows.
    fn outside(&mut self, first: i64, shift: i64, ticks: &mut Vec<Tick>) {
        for i in 0..OUTSIDE_TICKS {
            let ts = Nanos(first + i * self.outside_stride());
            let bid_lots = 1 + i % 3;
            if bid_lots < 3 {
                self.recorder.quote(self.book.shifted(ts, shift, bid_lots, 3 - bid_lots), ticks);
                continue;
            }
            let in_force = self.book.shifted(ts, shift, 2, 1);
            let trade = Trade {
                ts,
                price: in_force.ask,
                size: in_force.ask_size,
                known_side: Sign::Buy,
                ..Trade::default()
            };
            self.recorder.trade(trade, ticks);
        }
    }

    fn outside_stride(&self) -> i64 {
        (OUTSIDE_STRIDE / self.law.stamp_ns).max(1) * self.law.stamp_ns
    }
}

/// The order as it prints at the quotes in force.
fn print(order: &Order, quote: &Quote) -> Trade {
    let shown = if order.is_misprinted { -order.sign.value() } else { order.sign.value() };
    Trade {
        ts: quote.ts,
        price: if shown > 0 { quote.ask } else { quote.bid },
        size: order.size,
        known_side: Sign::of(shown),
        ..Trade::default()
    }
}
