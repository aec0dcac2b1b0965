//! A symbol's day as the cost models see it: its session and its 60 s bars.

use chrono::NaiveDate;

use crate::flow::BarRecord;
use crate::tape::{Nanos, Session};

/// One day of a symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// The exchange-local date.
    pub date: NaiveDate,
    /// Its session.
    pub session: Session,
    /// Its bars, 60 seconds wide, ascending and without gaps; empty minutes are bars too.
    pub bars: Vec<BarRecord>,
}

impl Day {
    /// The bars that had ended by a moment: all that may be known then.
    #[must_use]
    pub fn known(&self, as_of: Nanos) -> &[BarRecord] {
        &self.bars[..self.bars.partition_point(|bar| bar.end <= as_of)]
    }

    /// Whether the whole session had ended by a moment.
    #[must_use]
    pub fn is_whole(&self, as_of: Nanos) -> bool {
        self.session.length() > 0 && self.session.close <= as_of && !self.bars.is_empty()
    }
}
