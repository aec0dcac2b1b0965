//! A drawn tape, held whole.

use chrono::NaiveDate;

use super::error::SimulateError;
use super::law::Law;
use super::walk::Walk;
use crate::tape::{Quote, Symbol, Trade};

/// A state of the best bid and offer, numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) quote: Quote,
    /// 1, 2, 3, ... in the symbol's day.
    pub(super) sequence: u64,
    /// Stands only in the venues' quote file of the TAQ formats.
    pub(super) is_venue_only: bool,
}

/// A trade, numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) trade: Trade,
    /// 1, 2, 3, ... in the symbol's day.
    pub(super) sequence: u64,
}

impl Print {
    /// Exchange letter: the big ones in turn.
    pub(super) fn venue(&self) -> &'static str {
        ["N", "P", "Q", "Z"][self.sequence as usize % 4]
    }

    /// Sale conditions: every fourth trade is an intermarket sweep, the others are plain.
    pub(super) fn conditions(&self) -> &'static str {
        if self.sequence % 4 == 3 { "@F  " } else { "@   " }
    }
}

/// What happens next on a symbol's tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tick {
    Quote(State),
    Trade(Print),
}

/// One symbol's day in time order; no two ticks share a stamp, no two states in a row are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    /// Whose it is.
    pub symbol: Symbol,
    /// The New York date.
    pub date: NaiveDate,
    /// Every state of the best bid and offer, those outside the session too.
    pub quotes: Vec<Quote>,
    /// For each quote: it stands only in the venues' quote file of the TAQ formats, flagged as the national
    /// best.
    pub venue_only: Vec<bool>,
    /// Every trade, with the side that its print shows.
    pub trades: Vec<Trade>,
}

impl Tape {
    /// The ticks in time order, as they were drawn.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let numbered = (1..).zip(self.quotes.iter().zip(&self.venue_only));
        let states = numbered.map(|(sequence, (quote, venue_only))| State {
            quote: *quote,
            sequence,
            is_venue_only: *venue_only,
        });
        let prints = (1..).zip(&self.trades).map(|(sequence, trade)| Print { trade: *trade, sequence });
        let mut ticks: Vec<Tick> = states.map(Tick::Quote).chain(prints.map(Tick::Trade)).collect();
        ticks.sort_by_key(|tick| match tick {
            Tick::Quote(state) => state.quote.ts,
            Tick::Trade(print) => print.trade.ts,
        });
        ticks
    }

    fn push(&mut self, tick: &Tick) {
        match tick {
            Tick::Quote(state) => {
                self.quotes.push(state.quote);
                self.venue_only.push(state.is_venue_only);
            }
            Tick::Trade(print) => self.trades.push(print.trade),
        }
    }
}

/// Draws one symbol's day into memory. [`super::run`] draws the same ticks straight into files.
///
/// # Errors
/// When the law cannot be followed or the day has no session.
pub fn simulate(law: &Law, seed: u64, symbol: &Symbol, date: NaiveDate) -> Result<Tape, SimulateError> {
    let mut walk = Walk::new(law, seed, symbol, date)?;
    let mut tape =
        Tape { symbol: symbol.clone(), date, quotes: Vec::new(), venue_only: Vec::new(), trades: Vec::new() };
    let mut ticks = Vec::new();
    while walk.next(&mut ticks)? {
        ticks.iter().for_each(|tick| tape.push(tick));
    }
    Ok(tape)
}
