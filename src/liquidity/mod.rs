//! What trading costs: spreads met by trades, split into what the maker kept and what the price moved; what the book
//! offered meanwhile.
//!
//! In: the quotes and signed trades of one session in time order. Out: [`Measure`]s. What is an integer is summed
//! exactly; a measure that needs a quotient or a logarithm begins its statistics there. Formulas, units and sources
//! stand in `docs/measures.md`.

mod measure;
mod quoted;
mod realized;
mod returns;
mod spot;
mod sums;
mod venues;

pub use measure::{Horizon, Horizons, Measure, Weighting};
pub use quoted::{Quoted, quoted_spread};
pub use realized::Realized;
pub use returns::Returns;
pub use spot::Spot;
pub use sums::{Exact, Wide};
pub use venues::{Venue, Venues};

use crate::sign::SignedTrade;
use crate::tape::{Nanos, Quote, Scale, Session};

/// All measures of a session on their way.
#[derive(Clone, Debug)]
pub struct Liquidity {
    session: Session,
    quoted: Quoted,
    spot: Spot,
    returns: Returns,
    realized: Vec<Realized>,
}

impl Liquidity {
    /// Nothing seen yet; sizes are in the units of `scale`.
    #[must_use]
    pub fn new(session: Session, horizons: &Horizons, scale: Scale) -> Self {
        Self {
            session,
            quoted: Quoted::new(scale),
            spot: Spot::new(scale),
            returns: Returns::default(),
            realized: horizons.iter().map(|horizon| Realized::new(horizon, session.close)).collect(),
        }
    }

    /// The state in force at the open.
    pub fn seed(&mut self, quote: &Quote) {
        self.quoted.seed(*quote, self.session.open);
        self.realized.iter_mut().for_each(|at| at.quote(quote));
    }

    /// A state begins.
    #[inline]
    pub fn quote(&mut self, quote: &Quote) {
        self.quoted.quote(quote);
        self.realized.iter_mut().for_each(|at| at.quote(quote));
    }

    /// Takes in a trade.
    #[inline]
    pub fn trade(&mut self, signed: &SignedTrade) {
        self.spot.trade(signed);
        self.returns.trade(signed);
        self.realized.iter_mut().for_each(|at| at.trade(signed));
    }

    /// No state before `now`, which lies within the session, will come.
    pub fn advance(&mut self, now: Nanos) {
        self.realized.iter_mut().for_each(|at| at.advance(now));
    }

    /// Trades with a usable quote in force.
    #[must_use]
    pub fn trades_with_quote(&self) -> u64 {
        self.spot.trades()
    }

    /// Closes the session.
    #[must_use]
    pub fn finish(self) -> Vec<Measure> {
        let mut all = self.quoted.finish(self.session.close);
        all.extend(self.spot.measures());
        all.extend(self.returns.measures());
        all.extend(self.realized.into_iter().flat_map(Realized::finish));
        all
    }
}

#[cfg(test)]
mod tests;
