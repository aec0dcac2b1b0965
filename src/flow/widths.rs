//! Bar widths: asked in one list, built from their greatest common divisor.

use crate::limits::BARS_PER_DAY_MAX;
use crate::tape::{NANOS_PER_SECOND, parse_duration};

/// Widths that cannot be built.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WidthError {
    /// No width, or one that is not positive.
    #[error("a bar needs a positive width")]
    NotPositive,
    /// The common divisor is too fine.
    #[error(
        "widths with a common divisor of {divisor} ns make more than {BARS_PER_DAY_MAX} bars a day; \
         choose widths with a coarser one"
    )]
    TooFine {
        /// The common divisor in nanoseconds.
        divisor: i64,
    },
    /// A width is no duration.
    #[error("{0}")]
    NoDuration(String),
}

/// Bar widths in nanoseconds, ascending, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widths {
    all: Vec<i64>,
    divisor: i64,
}

impl Widths {
    /// Checks widths given in nanoseconds.
    ///
    /// # Errors
    /// [`WidthError`] when there is none, one is not positive, or they make too many bars.
    pub fn new(mut widths: Vec<i64>) -> Result<Self, WidthError> {
        const DAY: i64 = 24 * 3_600 * NANOS_PER_SECOND;
        widths.sort_unstable();
        widths.dedup();
        if widths.first().is_none_or(|w| *w <= 0) {
            return Err(WidthError::NotPositive);
        }
        let divisor = widths.iter().fold(0, |a, b| greatest_common_divisor(a, *b));
        if DAY / divisor > BARS_PER_DAY_MAX {
            return Err(WidthError::TooFine { divisor });
        }
        Ok(Self { all: widths, divisor })
    }

    /// Reads `1s,10s,5m`.
    ///
    /// # Errors
    /// As [`Widths::new`], and when a part is no duration.
    pub fn parse(text: &str) -> Result<Self, WidthError> {
        let parts = text.split(',').map(str::trim);
        let widths: Result<Vec<i64>, _> = parts.map(parse_duration).collect();
        Self::new(widths.map_err(|e| WidthError::NoDuration(e.to_string()))?)
    }

    /// The widths.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        self.all.iter().copied()
    }

    /// The width all others are multiples of.
    #[must_use]
    pub fn divisor(&self) -> i64 {
        self.divisor
    }
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_share_their_divisor() {
        let widths = Widths::parse("10s, 4s,1m,4s").expect("good widths");
        assert_eq!(widths.divisor(), 2 * NANOS_PER_SECOND);
        assert_eq!(widths.iter().count(), 3);
    }

    #[test]
    fn impossible_widths_are_refused() {
        for bad in ["", "0s", "1us", "7ms,10s", "ten"] {
            assert!(Widths::parse(bad).is_err(), "{bad}");
        }
    }
}
