//! Ticks as they go onto the tape: numbered, counted, and given to one file of the TAQ formats or the other.

use super::dice::Dice;
use super::tape::{Print, State, Tick};
use super::truth::SymbolTruth;
use crate::tape::{Quote, Session, Symbol, Trade};

/// What is on the tape so far.
pub(super) struct Recorder {
    session: Session,
    venue_only_share: f64,
    dice: Dice,
    last_national: Quote,
    /// Counts and sums.
    pub(super) truth: SymbolTruth,
}

impl Recorder {
    /// An empty tape.
    pub(super) fn new(symbol: &Symbol, session: Session, venue_only_share: f64, dice: Dice) -> Self {
        Self {
            session,
            venue_only_share,
            dice,
            last_national: Quote::default(),
            truth: SymbolTruth::none(symbol),
        }
    }

    /// Puts a state onto the tape.
    pub(super) fn quote(&mut self, quote: Quote, ticks: &mut Vec<Tick>) {
        // The NBBO file holds no row equal to its last one, so such a state can only stand in the other file.
        let repeats = Quote { ts: quote.ts, ..self.last_national } == quote;
        let is_venue_only = repeats || self.dice.chance(self.venue_only_share);
        if !is_venue_only {
            self.last_national = quote;
        }
        self.truth.add_quote(self.session.contains(quote.ts), is_venue_only);
        ticks.push(Tick::Quote(State { quote, sequence: self.truth.quotes, is_venue_only }));
    }

    /// Puts a trade onto the tape.
    pub(super) fn trade(&mut self, trade: Trade, ticks: &mut Vec<Tick>) {
        self.truth.add_trade(self.session.contains(trade.ts));
        ticks.push(Tick::Trade(Print { trade, sequence: self.truth.trades }));
    }
}
