//! How trading is cut into buckets: `volume:10000`, `volume:0.5`, `trades:100`, `dollars:1e6`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::{BUCKET_SIZE_MAX, BUCKETINGS_MAX};
use crate::tape::Scale;

const BILLION: i128 = 1_000_000_000;

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
    /// How much, exactly: billionths of a share, a trade or a dollar.
    billionths: i128,
}

/// Text that names no buckets.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BucketingError {
    /// A part of it.
    #[error(
        "'{0}' names no buckets: write volume:SHARES, trades:NUMBER or dollars:DOLLARS with a whole number from 1 to \
         {BUCKET_SIZE_MAX}, such as volume:10000 or dollars:1e6; a volume may have up to nine decimals, as volume:0.5"
    )]
    Unknown(String),
    /// Finer than what the tape counts in.
    #[error(
        "buckets of {0} are finer than the sizes of these inputs, which have {1} decimals; take a multiple of \
         their unit, or say --size-decimals of csv and parquet files"
    )]
    TooFine(Bucketing, u8),
    /// Too many.
    #[error("{0} kinds of buckets are asked for; {BUCKETINGS_MAX} can be made at a time")]
    TooMany(usize),
}

impl Bucketing {
    /// Buckets of so many whole shares, trades or dollars.
    #[must_use]
    pub fn whole(kind: BucketKind, size: i64) -> Self {
        Self { kind, billionths: BILLION * i128::from(size) }
    }

    /// What a bucket holds, in what trading is counted in: units of `scale`, trades, or nano-dollars times units in a
    /// share. A volume that is no whole number of units is rounded down; [`Bucketings::check`] refuses it.
    #[must_use]
    pub fn capacity(self, scale: Scale) -> i128 {
        let units = i128::from(scale.units());
        match self.kind {
            BucketKind::Volume => self.billionths * units / BILLION,
            BucketKind::Trades => self.billionths / BILLION,
            BucketKind::Dollars => self.billionths * units,
        }
    }

    /// The size in shares, trades or dollars, for output only.
    #[must_use]
    pub fn size(self) -> f64 {
        let (whole, part) = (self.billionths / BILLION, self.billionths % BILLION);
        if part == 0 { whole as f64 } else { self.billionths as f64 / BILLION as f64 }
    }

    /// Whether a volume is a whole number of the scale's units.
    fn fits(self, scale: Scale) -> bool {
        self.kind != BucketKind::Volume || self.billionths * i128::from(scale.units()) % BILLION == 0
    }

    /// Reads `volume:10000`.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn parse(text: &str) -> Result<Self, BucketingError> {
        let bad = || BucketingError::Unknown(text.to_owned());
        let (name, size) = text.split_once(':').ok_or_else(bad)?;
        let kind = BucketKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(bad)?;
        let billionths = billionths(size).ok_or_else(bad)?;
        let is_fit = (1..=BILLION * i128::from(BUCKET_SIZE_MAX)).contains(&billionths);
        let is_whole = billionths % BILLION == 0;
        if is_fit && (is_whole || kind == BucketKind::Volume) {
            Ok(Self { kind, billionths })
        } else {
            Err(bad())
        }
    }
}

/// A number as written, exactly; none where it has more than nine decimals.
fn billionths(text: &str) -> Option<i128> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.').filter(|(whole, part)| is_digits(whole) && is_digits(part)) {
        Some((whole, part)) => {
            let part = part.trim_end_matches('0');
            let padded = format!("{part:0<9}");
            let part = Some(padded).filter(|padded| padded.len() == 9)?.parse::<i128>().ok()?;
            Some(BILLION * i128::from(whole.parse::<i64>().ok()?) + part)
        }
        None => {
            // A power of ten is shorter to write; all whole numbers up to the bound are exact.
            let size: f64 = text.parse().ok()?;
            let is_whole = size.fract() == 0.0 && size.abs() <= BUCKET_SIZE_MAX as f64;
            is_whole.then(|| BILLION * size as i128)
        }
    }
}

impl fmt::Display for Bucketing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.billionths / BILLION, self.billionths % BILLION);
        write!(f, "{}:{whole}", self.kind.name())?;
        let digits = format!("{part:09}");
        if part == 0 { Ok(()) } else { write!(f, ".{}", digits.trim_end_matches('0')) }
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

    /// Refuses volumes that sizes of this scale cannot make up.
    ///
    /// # Errors
    /// Naming the first.
    pub fn check(&self, scale: Scale) -> Result<(), BucketingError> {
        match self.iter().find(|of| !of.fits(scale)) {
            Some(of) => Err(BucketingError::TooFine(of, scale.decimals())),
            None => Ok(()),
        }
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
        let text =
            "dollars:1e6, volume:10000,volume:0.50,volume:1000000000000.000000001,trades:100,trades:100";
        assert!(Bucketings::parse(text).is_err(), "a billionth above the bound");
        let text = text.replace("1000000000000.", "999999999999.");
        let all = Bucketings::parse(&text).expect("buckets");
        let text: Vec<String> = all.iter().map(|of| of.to_string()).collect();
        let volumes = ["volume:0.5", "volume:10000", "volume:999999999999.000000001"];
        assert_eq!(text, [&volumes[..], &["trades:100", "dollars:1000000"]].concat());
        let json = serde_json::to_string(&all).expect("JSON");
        assert_eq!(serde_json::from_str::<Bucketings>(&json).expect("read"), all);
    }

    #[test]
    fn a_volume_is_a_whole_number_of_the_tapes_units() {
        let half = Bucketings::parse("volume:0.5,dollars:3").expect("buckets");
        assert_eq!(
            half.iter().map(|of| of.capacity(Scale::new(8))).collect::<Vec<_>>(),
            [50_000_000, 300_000_000_000_000_000]
        );
        assert_eq!(half.iter().next().map(Bucketing::size), Some(0.5));
        assert_eq!(half.check(Scale::new(1)), Ok(()));
        let refused = half.check(Scale::WHOLE).expect_err("too fine").to_string();
        assert!(refused.contains("volume:0.5 are finer") && refused.contains("have 0 decimals"), "{refused}");
    }

    #[test]
    fn what_names_no_buckets_is_refused() {
        for bad in [
            "",
            "volume",
            "volume:",
            "volume:0",
            "volume:-5",
            "volume:0.0000000001",
            "volume:.5",
            "volume:0.0",
            "trades:1.5",
            "dollars:0.5",
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
