//! What can be seen of the tape without waiting: which sessions there are, and which symbols are followed. Made anew
//! when it changes, and read while the engine works on a batch.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::day::Day;
use super::engine::Engine;
use super::message::SessionState;
use crate::tape::Symbol;

/// The tape at a glance.
#[derive(Debug, Default)]
pub struct Glance {
    /// The sessions in the journal, ascending.
    pub sessions: Vec<(NaiveDate, SessionState)>,
    /// Symbols with ticks in a session under way.
    pub symbols: BTreeSet<Symbol>,
    /// How many symbols all sessions follow, one in two sessions twice: it changes when `symbols` may.
    held: usize,
}

impl Glance {
    /// As the engine stands.
    pub fn of(engine: &Engine) -> Self {
        let lanes = engine.days().values().flat_map(Day::lanes);
        Self {
            sessions: engine.days().iter().map(|(date, day)| (*date, day.state())).collect(),
            symbols: lanes.map(|lane| lane.symbol().clone()).collect(),
            held: engine.symbols_held(),
        }
    }

    /// Whether the engine still stands so.
    pub fn is_of(&self, engine: &Engine) -> bool {
        let days = engine.days().iter().map(|(date, day)| (*date, day.state()));
        self.held == engine.symbols_held() && days.eq(self.sessions.iter().copied())
    }
}
