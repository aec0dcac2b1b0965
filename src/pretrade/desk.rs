//! The desk: caches of what is known of symbols, and the answers it gave.

use std::sync::Arc;

use super::answer::Estimate;
use super::days::{self, BAR_NANOS, Days};
use super::kept::Kept;
use super::limits_shelf::LimitsState;
use super::past::Past;
use super::prepared::Prepared;
use super::today::Today;
use super::write;
use crate::cost::{Earlier, Fault, Order, only_tighter};
use crate::limits::{PRETRADE_ANSWERS_KEPT, PRETRADE_REFERENCES_KEPT, PRETRADE_SYMBOLS_KEPT};
use crate::store::{Archive, StoreError};
use crate::tape::{NYSE, Nanos};

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No results for this symbol.
    UnknownSymbol,
    /// The order asks for what cannot be given.
    Faults(Vec<Fault>),
}

/// A symbol and a state of the results.
type DaysKey = (String, String);
/// The same and a minute.
type PreparedKey = (String, String, i64);

/// Prices orders. Share it: its caches are its own business.
#[derive(Debug)]
pub struct Desk {
    days: Kept<DaysKey, Arc<Days>>,
    prepared: Kept<PreparedKey, Arc<Prepared>>,
    answers: Kept<String, Arc<Estimate>>,
    past: Past,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            days: Kept::new(PRETRADE_SYMBOLS_KEPT),
            prepared: Kept::new(PRETRADE_REFERENCES_KEPT),
            answers: Kept::new(PRETRADE_ANSWERS_KEPT),
            past: Past::default(),
        }
    }
}

impl Desk {
    /// What is known of an order's symbol, when it is at hand already: touches no disk.
    #[must_use]
    pub fn at_hand(&self, archive: &Archive, order: &Order) -> Option<Arc<Prepared>> {
        self.prepared.get(&key(archive, order))
    }

    /// What is known of an order's symbol at its minute. Blocks on the disk, unless it is at hand.
    ///
    /// # Errors
    /// When a table cannot be read; a symbol without results is a refusal.
    pub fn prepare(
        &self,
        archive: &Archive,
        order: &Order,
    ) -> Result<Result<Arc<Prepared>, Refused>, StoreError> {
        if let Some(prepared) = self.at_hand(archive, order) {
            return Ok(Ok(prepared));
        }
        if archive.dates_of(&order.symbol).next().is_none() {
            return Ok(Err(Refused::UnknownSymbol));
        }
        let (symbol, state, minute) = key(archive, order);
        let days_key = (symbol.clone(), state.clone());
        let days = match self.days.get(&days_key) {
            Some(days) => days,
            None => Arc::new(days::load(archive, &symbol, order.as_of)?),
        };
        self.days.put(days_key, days.clone());
        let prepared =
            Arc::new(Prepared::new(days, Some(state.clone()).filter(|s| !s.is_empty()), Nanos(minute)));
        self.prepared.put((symbol, state, minute), prepared.clone());
        Ok(Ok(prepared))
    }

    /// The same with the session under way, where its day is the order's: its closed bars stand behind the archive's
    /// days, and its quote in force is the price on arrival.
    ///
    /// # Errors
    /// As [`Desk::prepare`]; a symbol of the session needs no results.
    pub fn prepare_with(
        &self,
        archive: &Archive,
        order: &Order,
        today: Option<Today>,
    ) -> Result<Result<Arc<Prepared>, Refused>, StoreError> {
        let date = NYSE.date_of(order.as_of).to_string();
        let archived = archive.dates_of(&order.symbol).any(|archived| archived == date);
        let Some(today) = today.filter(|today| !archived && today.session.date.to_string() == date) else {
            return self.prepare(archive, order);
        };
        let (symbol, archived, minute) = key(archive, order);
        let bars = (symbol, today.bars_state(&archived), minute);
        let prepared = match self.prepared.get(&bars) {
            Some(prepared) => prepared,
            None => {
                let mut days = days::load(archive, &order.symbol, order.as_of)?;
                days.days.push(today.day());
                days.width = days.width.or(Some(today.width));
                let state = Some(archived).filter(|state| !state.is_empty());
                let prepared = Arc::new(Prepared::new(Arc::new(days), state, Nanos(minute)));
                self.prepared.put(bars, prepared.clone());
                prepared
            }
        };
        Ok(Ok(Arc::new(prepared.with_today(today, order.as_of))))
    }

    /// The answer to an order, held under its id from now on.
    ///
    /// # Errors
    /// When the order asks for what cannot be given.
    pub fn estimate(
        &self,
        limits: &LimitsState,
        order: &Order,
        earlier: &Earlier,
        prepared: &Prepared,
    ) -> Result<Arc<Estimate>, Refused> {
        only_tighter(order, &limits.limits).map_err(Refused::Faults)?;
        let made = write::Writing { order, earlier, prepared, limits, past: &self.past }.estimate();
        let made = Arc::new(made.map_err(Refused::Faults)?);
        self.answers.put(made.estimate_id.clone(), made.clone());
        Ok(made)
    }

    /// Orders that were worked, for estimates to be compared with.
    #[must_use]
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// An answer that was given before, while it is still held.
    #[must_use]
    pub fn recall(&self, estimate_id: &str) -> Option<Arc<Estimate>> {
        self.answers.get(&estimate_id.to_owned())
    }
}

fn key(archive: &Archive, order: &Order) -> PreparedKey {
    let state = archive.state_up_to(&NYSE.date_of(order.as_of).to_string()).unwrap_or_default().to_owned();
    (order.symbol.clone(), state, order.as_of.0 - order.as_of.0.rem_euclid(BAR_NANOS))
}
