//! Days and symbols side by side, out of a results folder: what a study reports after its single fits.
//!
//! In: an [`Archive`]. Out: a [`Panel`]'s rows. [`pooled`]: a slope common to many days; [`summaries`]: the
//! half hours' slopes of a symbol at a glance; [`pairs`] and [`commonality`]: whether liquidity dries up together;
//! [`cross_impact`]: whether a price moves with the flow of other symbols; [`venues`]: where symbols trade.

mod common;
mod cross;
mod frames;
mod pool;
mod series;
mod summary;
mod venues;

pub use common::{Common, Pair, commonality, pairs};
pub use cross::{CrossRow, Flow, cross_impact};
pub use pool::{PooledRow, pooled};
pub use series::Quantity;
pub use summary::{Summary, summaries};
pub use venues::{VenueRow, venues};

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;

use crate::store::{Archive, StoreError};
use crate::tape::NANOS_PER_SECOND;

/// What is laid side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Panel {
    /// A slope common to all days: an intercept for each day, errors clustered by day
    Pooled,
    /// Half hours at a glance: median slope, share significant, r2 in and out of sample
    Symbols,
    /// Correlations of liquidity and of slopes between symbols, half hour by half hour
    Pairs,
    /// How far each symbol's liquidity moves with the others'
    Commonality,
    /// How far prices move with the flow of other symbols: own impact beside cross-impact, half hour by half hour
    CrossImpact,
    /// Where each symbol trades: volume and effective spread by venue, over the days
    Venues,
}

impl Panel {
    /// Its name in commands and routes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pooled => "pooled",
            Self::Symbols => "symbols",
            Self::Pairs => "pairs",
            Self::Commonality => "commonality",
            Self::CrossImpact => "cross-impact",
            Self::Venues => "venues",
        }
    }

    /// The least that makes a row of it.
    #[must_use]
    pub fn needs(self) -> &'static str {
        match self {
            Self::Pooled => "two days and bars of this width",
            Self::Symbols => "half hours with fits of bars of this width",
            Self::Pairs => "two symbols with four half hours in common",
            Self::Commonality => "three symbols with ten half hours in common",
            Self::CrossImpact => "two symbols with ten bars of this width in common in a half hour",
            Self::Venues => "trades whose tape tells their venue",
        }
    }

    /// Width of the bars where nobody says another, nanoseconds.
    #[must_use]
    pub fn default_width(self) -> i64 {
        let seconds = if self == Self::CrossImpact { 60 } else { 10 };
        seconds * NANOS_PER_SECOND
    }
}

/// Why a panel was not made.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The results cannot be read, or do not fit.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Who asked is gone.
    #[error("the panel was called off")]
    CalledOff,
}

/// Which symbols and dates, and bars of which width.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Only these; all when empty.
    pub symbols: BTreeSet<String>,
    /// Only these.
    pub dates: RangeInclusive<NaiveDate>,
    /// Width of the bars, nanoseconds.
    pub width: i64,
    /// Set by who asked when the answer is wanted no more: the work ends at the next symbol's day or window.
    pub called_off: Arc<AtomicBool>,
}

impl Selection {
    /// How many symbols are laid side by side on each of the dates.
    #[must_use]
    pub fn symbols_a_day(&self, archive: &Archive) -> Vec<usize> {
        let listed = self.dates(archive).filter_map(|date| archive.catalogues().get(date));
        listed.map(|day| day.symbols.iter().filter(|entry| self.has(&entry.symbol)).count()).collect()
    }

    /// The dates of an archive that are asked for, ascending.
    fn dates<'a>(&'a self, archive: &'a Archive) -> impl Iterator<Item = &'a str> {
        let wanted = |date: &&str| date.parse().is_ok_and(|date: NaiveDate| self.dates.contains(&date));
        archive.catalogues().keys().map(String::as_str).filter(wanted)
    }

    /// The symbols that those dates hold and that are asked for, ascending.
    fn symbols<'a>(&'a self, archive: &'a Archive) -> BTreeSet<&'a str> {
        let listed = self.dates(archive).filter_map(|date| archive.catalogues().get(date));
        let all = listed.flat_map(|catalogue| catalogue.symbols.iter().map(|entry| entry.symbol.as_str()));
        all.filter(|symbol| self.has(symbol)).collect()
    }

    fn has(&self, symbol: &str) -> bool {
        self.symbols.is_empty() || self.symbols.contains(symbol)
    }

    /// Whether the answer is wanted still.
    fn go_on(&self) -> Result<(), PanelError> {
        if self.called_off.load(Ordering::Relaxed) { Err(PanelError::CalledOff) } else { Ok(()) }
    }
}

/// The value at a share of sorted values, between neighbours by the straight line (numpy's `linear`); none of none.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn commands_and_routes_have_one_name_for_a_panel() {
        for panel in Panel::value_variants() {
            let value = panel.to_possible_value().expect("a value");
            assert_eq!(value.get_name(), panel.name());
        }
    }

    #[test]
    fn a_panel_that_is_called_off_ends() {
        let called_off = Arc::new(AtomicBool::new(false));
        let dates = NaiveDate::MIN..=NaiveDate::MAX;
        let selection =
            Selection { symbols: BTreeSet::new(), dates, width: 1, called_off: called_off.clone() };
        assert!(selection.go_on().is_ok());
        called_off.store(true, Ordering::Relaxed);
        assert!(matches!(selection.go_on(), Err(PanelError::CalledOff)));
    }
}
