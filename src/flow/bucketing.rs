//! How trading is cut into buckets: `volume:10000`, `trades:100`, `dollars:1e6`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::{BUCKET_SIZE_MAX, BUCKETINGS_MAX};

/// What fills a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum BucketKind {
    /// Traded volume, shares.
    #[default]
    Volume,
    /// Trades.
    Trades,
    /// Traded value, dollars.
    Dollars,
}

impl BucketKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Volume, Self::Trades, Self::Dollars];

    /// Its name on the command line and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Trades => "trades",
            Self::Dollars => "dollars",
        }
    }
}

/// One way of cutting: a kind, and how much of it fills a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucketing {
    /// What fills a bucket.
    pub kind: BucketKind,
    /// How much: shares, trades or dollars.
    pub size: i64,
}

/// Text that names no buckets.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BucketingError {
    /// A part of it.
    #[error(
        "'{0}' names no buckets: write volume:SHARES, trades:NUMBER or dollars:DOLLARS with a whole number from 1 to \
         {BUCKET_SIZE_MAX}, such as volume:10000 or dollars:1e6"
    )]
    Unknown(String),
    /// Too many.
    #[error("{0} kinds of buckets are asked for; {BUCKETINGS_MAX} can be made at a time")]
    TooMany(usize),
}

impl Bucketing {
    /// Reads `volume:10000`.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn parse(text: &str) -> Result<Self, BucketingError> {
        let bad = || BucketingError::Unknown(text.to_owned());
        let (name, size) = text.split_once(':').ok_or_else(bad)?;
        let kind = BucketKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(bad)?;
        // A power of ten is shorter to write; all whole numbers up to the bound are exact.
        let size: f64 = size.parse().map_err(|_| bad())?;
        let is_fit = size.fract() == 0.0 && (1.0..=BUCKET_SIZE_MAX as f64).contains(&size);
        if is_fit { Ok(Self { kind, size: size as i64 }) } else { Err(bad()) }
    }
}

impl fmt::Display for Bucketing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.size)
    }
}

impl Serialize for Bucketing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bucketing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// All that is asked for, ascending, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucketings(Vec<Bucketing>);

impl Bucketings {
    /// Reads `volume:10000,trades:100`.
    ///
    /// # Errors
    /// When a part names no buckets, or there are too many.
    pub fn parse(text: &str) -> Result<Self, BucketingError> {
        let parts = text.split(',').map(str::trim);
        let mut all: Vec<Bucketing> = parts.map(Bucketing::parse).collect::<Result<_, _>>()?;
        all.sort_unstable();
        all.dedup();
        if all.len() > BUCKETINGS_MAX { Err(BucketingError::TooMany(all.len())) } else { Ok(Self(all)) }
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Bucketing> {
        self.0.iter().copied()
    }

    /// Whether none is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_read_sorted_and_written_again() {
        let all = Bucketings::parse("dollars:1e6, volume:10000,trades:100,trades:100").expect("buckets");
        let text: Vec<String> = all.iter().map(|of| of.to_string()).collect();
        assert_eq!(text, ["volume:10000", "trades:100", "dollars:1000000"]);
        let json = serde_json::to_string(&all).expect("JSON");
        assert_eq!(serde_json::from_str::<Bucketings>(&json).expect("read"), all);
    }

    #[test]
    fn what_names_no_buckets_is_refused() {
        for bad in [
            "",
            "volume",
            "volume:",
            "volume:0",
            "volume:-5",
            "trades:1.5",
            "dollars:1e30",
            "ticks:10",
            "volume:nan",
        ] {
            assert!(Bucketings::parse(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (1..=17).map(|n| format!("trades:{n}")).collect();
        assert_eq!(Bucketings::parse(&many.join(",")), Err(BucketingError::TooMany(17)));
    }
}
