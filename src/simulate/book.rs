//! The best bid and offer: how a step's moves become quote states of known imbalance.
//!
//! A step is a number of blocks in random order, see [`super::blocks`]; between blocks both queues hold D
//! shares.

use std::collections::VecDeque;

use super::blocks::{self, Change};
use super::dice::Dice;
use super::law::{GRID_NANOS, LOT, Law, PRICE_END};
use super::price::Moves;
use crate::tape::{Nanos, Price, Quote, Size};

/// Blocks of a step not yet begun.
#[derive(Default)]
struct Todo {
    has_new_depth: bool,
    depletions: u64,
    is_up: bool,
    wobble: Option<(i64, i64)>,
    flickers: u64,
}

/// The running state and what the step still wants of it. Prices are in units of 1e-4 USD.
pub(super) struct Book {
    bid: i64,
    spread: i64,
    tick: i64,
    depth: i64,
    now: Change,
    todo: Todo,
    begun: VecDeque<Change>,
}

impl Book {
    /// The book at the open: both queues hold `depth_lots`.
    pub(super) fn open(law: &Law, depth_lots: i64) -> Self {
        let tick = law.tick.0 / GRID_NANOS;
        Self {
            bid: law.start_price.0 / GRID_NANOS,
            spread: tick * law.spread_ticks,
            tick,
            depth: depth_lots,
            now: Change::still(depth_lots, depth_lots),
            todo: Todo::default(),
            begun: VecDeque::new(),
        }
    }

    /// Plans a step; gives the number of quotes it takes.
    pub(super) fn plan(&mut self, moves: &Moves, depth_lots: i64, flickers: u64) -> u64 {
        self.todo = Todo {
            has_new_depth: depth_lots != self.depth,
            depletions: moves.ticks.unsigned_abs(),
            is_up: moves.ticks > 0,
            wobble: moves.wobble,
            flickers,
        };
        self.depth = depth_lots;
        let pairs = flickers.saturating_add(u64::from(moves.wobble.is_some()));
        let moved = self.todo.depletions.saturating_mul(3).saturating_add(pairs.saturating_mul(2));
        moved.saturating_add(u64::from(self.todo.has_new_depth))
    }

    /// The next state of the plan; none when its prices leave the tape's.
    pub(super) fn next(&mut self, dice: &mut Dice) -> Option<()> {
        if self.begun.is_empty() {
            self.begin(dice);
        }
        if let Some(change) = self.begun.pop_front() {
            self.bid = self.bid.checked_add(change.up)?;
            self.now = change;
        }
        let end = PRICE_END / GRID_NANOS - self.spread - 4 * self.tick;
        (0 < self.bid && self.bid < end).then_some(())
    }

    /// Begins a block, each waiting one with the same chance; a new depth comes before all others.
    fn begin(&mut self, dice: &mut Dice) {
        if std::mem::take(&mut self.todo.has_new_depth) {
            self.begun.push_back(Change::still(self.depth, self.depth));
            return;
        }
        let wobbles = u64::from(self.todo.wobble.is_some());
        let chosen = dice.below(self.todo.depletions + wobbles + self.todo.flickers);
        if chosen < self.todo.depletions {
            self.todo.depletions -= 1;
            blocks::depletion(self.depth, self.tick, self.todo.is_up, dice, &mut self.begun);
        } else if chosen < self.todo.depletions + wobbles {
            let (up, down) = self.todo.wobble.take().unwrap_or_default();
            blocks::wobble(self.depth, up, down, dice, &mut self.begun);
        } else {
            self.todo.flickers -= 1;
            blocks::flicker(self.depth, dice, &mut self.begun);
        }
    }

    /// The state in force, as a quote from `ts` on.
    pub(super) fn quote(&self, ts: Nanos) -> Quote {
        self.shifted(ts, 0, self.now.bid_lots, self.now.ask_lots)
    }

    /// A state so many ticks off, for the hours outside the session.
    pub(super) fn shifted(&self, ts: Nanos, ticks: i64, bid_lots: i64, ask_lots: i64) -> Quote {
        let bid = self.bid + ticks * self.tick;
        Quote {
            ts,
            bid: Price(bid * GRID_NANOS),
            ask: Price((bid + self.spread) * GRID_NANOS),
            bid_size: Size(bid_lots * LOT),
            ask_size: Size(ask_lots * LOT),
        }
    }
}
