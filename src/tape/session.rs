//! The trading session of a day: a half-open stretch of time.

use chrono::NaiveDate;

use super::Nanos;

/// One day's session, `open <= t < close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The trading date, by the calendar it is of.
    pub date: NaiveDate,
    /// First nanosecond inside.
    pub open: Nanos,
    /// First nanosecond outside again; equal to `open` on a day without a session.
    pub close: Nanos,
}

impl Session {
    /// Whether a moment lies inside.
    #[must_use]
    pub fn contains(&self, ts: Nanos) -> bool {
        self.open <= ts && ts < self.close
    }

    /// Length in nanoseconds.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.close.0 - self.open.0
    }
}
