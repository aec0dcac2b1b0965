//! Days and symbols side by side, out of a results folder: what a study reports after its single fits.
//!
//! In: an [`Archive`]. Out: rows. [`pooled`]: a slope common to many days; [`summaries`]: the
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
pub use frames::{commonality_frame, cross_frame, pair_frame, pooled_frame, summary_frame, venue_frame};
pub use pool::{PooledRow, pooled};
pub use series::Quantity;
pub use summary::{Summary, summaries};
pub use venues::{VenueRow, venues};

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::NaiveDate;

use crate::store::Archive;

/// Which symbols and dates, and bars of which width.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Only these; all when empty.
    pub symbols: BTreeSet<String>,
    /// Only these.
    pub dates: RangeInclusive<NaiveDate>,
    /// Width of the bars, nanoseconds.
    pub width: i64,
}

impl Selection {
    /// The dates of an archive that are asked for, ascending.
    fn dates<'a>(&'a self, archive: &'a Archive) -> impl Iterator<Item = &'a str> {
        let wanted = |date: &&str| date.parse().is_ok_and(|date: NaiveDate| self.dates.contains(&date));
        archive.catalogues().keys().map(String::as_str).filter(wanted)
    }

    /// The symbols that those dates hold and that are asked for, ascending.
    fn symbols<'a>(&'a self, archive: &'a Archive) -> BTreeSet<&'a str> {
        let listed = self.dates(archive).filter_map(|date| archive.catalogues().get(date));
        let all = listed.flat_map(|catalogue| catalogue.symbols.iter().map(|entry| entry.symbol.as_str()));
        all.filter(|symbol| self.symbols.is_empty() || self.symbols.contains(*symbol)).collect()
    }
}

/// The value at a share of sorted values, between neighbours by the straight line (numpy's `linear`); none of none.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}
