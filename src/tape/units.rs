//! Money, volume and time as exact integers.

use std::fmt;

use chrono::{DateTime, SecondsFormat};

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A price in nano-dollars: one unit is 1e-9 USD, so `Price(10_020_000_000)` is $10.02.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i64);

/// A number of shares, or of a [`Scale`]'s units; never negative on a tape that passed `ingest`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub i64);

/// A moment: nanoseconds since 1970-01-01T00:00:00 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Nanos(pub i64);

/// What one unit of a size is: 10 to the minus so many decimals of a share, a contract or a coin. Whole shares have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scale {
    decimals: u8,
}

impl Scale {
    /// Decimals at most: with more, no useful number of coins would fit a size.
    pub const DECIMALS_MAX: u8 = 9;
    /// Sizes are whole.
    pub const WHOLE: Self = Self { decimals: 0 };

    /// Sizes of so many decimals, at most nine.
    #[must_use]
    pub const fn new(decimals: u8) -> Self {
        Self { decimals: if decimals < Self::DECIMALS_MAX { decimals } else { Self::DECIMALS_MAX } }
    }

    /// How many decimals sizes have.
    #[must_use]
    pub fn decimals(self) -> u8 {
        self.decimals
    }

    /// Whether sizes are whole.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.decimals == 0
    }

    /// Units in one share.
    #[must_use]
    pub fn units(self) -> i64 {
        10_i64.pow(u32::from(self.decimals))
    }

    /// A number of units in shares: divided once, so that it is the float nearest to the exact decimal.
    #[must_use]
    pub fn shares(self, units: i128) -> f64 {
        units as f64 / self.units() as f64
    }
}

impl Price {
    /// The price in dollars, for output only.
    #[must_use]
    pub fn usd(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl fmt::Display for Price {
    /// Exact decimal dollars without trailing zeros: `10.02`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) =
            (self.0.unsigned_abs() / 1_000_000_000, self.0.unsigned_abs() % 1_000_000_000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:09}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl fmt::Display for Nanos {
    /// RFC 3339 with nanoseconds, UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&DateTime::from_timestamp_nanos(self.0).to_rfc3339_opts(SecondsFormat::Nanos, true))
    }
}

/// A text that is not the quantity it should be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{text}' is not {wanted}")]
pub struct UnitError {
    text: String,
    wanted: &'static str,
}

/// Reads a duration such as `250ms`, `10s`, `5m` or `1h` into nanoseconds.
///
/// # Errors
/// When the text is not a positive whole number followed by `ns`, `us`, `ms`, `s`, `m` or `h`.
pub fn parse_duration(text: &str) -> Result<i64, UnitError> {
    let bad = || UnitError { text: text.to_owned(), wanted: "a duration such as 250ms, 10s, 5m or 1h" };
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
    let (digits, unit) = text.split_at(split);
    let scale = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOS_PER_SECOND,
        "m" => 60 * NANOS_PER_SECOND,
        "h" => 3_600 * NANOS_PER_SECOND,
        _ => return Err(bad()),
    };
    let count: i64 = digits.parse().map_err(|_| bad())?;
    count.checked_mul(scale).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_prints_as_exact_decimal_dollars() {
        assert_eq!(Price(10_020_000_000).to_string(), "10.02");
        assert_eq!(Price(-5).to_string(), "-0.000000005");
        assert_eq!(Price(7_000_000_000).to_string(), "7");
    }

    #[test]
    fn units_become_shares_by_one_division() {
        assert_eq!(Scale::WHOLE.shares(1_234), 1_234.0);
        assert_eq!(Scale::new(8).shares(600_000), 0.006);
        assert_eq!(Scale::new(9).units(), NANOS_PER_SECOND);
        assert_eq!(Scale::new(3).shares(-1), -0.001);
        assert_eq!(Scale::new(200).decimals(), Scale::DECIMALS_MAX);
    }

    #[test]
    fn a_duration_names_its_unit() {
        assert_eq!(parse_duration("10s"), Ok(10 * NANOS_PER_SECOND));
        assert_eq!(parse_duration("250ms"), Ok(250_000_000));
        for bad in ["10", "s", "1.5s", "-1s", "10 s", "99999999999999h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
