//! A number with all that is needed to read it: name, weighting, horizon, unit, and how many observations it rests on.

use crate::tape::{NANOS_PER_SECOND, parse_duration};

use crate::limits::HORIZONS_MAX;

/// How the observations of a mean count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// Each alike.
    Simple,
    /// By shares traded.
    Share,
    /// By dollars traded.
    Dollar,
    /// By how long a state lasted.
    Time,
}

impl Weighting {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Simple, Self::Share, Self::Dollar, Self::Time];

    /// As it is called in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Share => "share",
            Self::Dollar => "dollar",
            Self::Time => "time",
        }
    }

    /// As it ends a measure's name.
    fn suffix(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Share => "share_weighted",
            Self::Dollar => "dollar_weighted",
            Self::Time => "time_weighted",
        }
    }
}

/// How long after a trade the mid is read again, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Horizon(pub i64);

impl Horizon {
    /// In seconds, for output only.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }
}

/// Horizons, each once, the shortest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizons(Vec<Horizon>);

impl Default for Horizons {
    /// Five minutes.
    fn default() -> Self {
        Self(vec![Horizon(300 * NANOS_PER_SECOND)])
    }
}

impl Horizons {
    /// Puts horizons in order, nanoseconds.
    ///
    /// # Errors
    /// A sentence that says what was wrong, when there are none or too many, or one is not positive.
    pub fn new(mut nanos: Vec<i64>) -> Result<Self, String> {
        nanos.sort_unstable();
        nanos.dedup();
        match nanos.first() {
            None => Err("there is no horizon".into()),
            Some(..=0) => Err("a horizon needs a positive length".into()),
            Some(_) if nanos.len() > HORIZONS_MAX => {
                Err(format!("there are {} horizons, more than {HORIZONS_MAX}", nanos.len()))
            }
            Some(_) => Ok(Self(nanos.into_iter().map(Horizon).collect())),
        }
    }

    /// Reads durations that are parted by commas.
    ///
    /// # Errors
    /// A sentence that says what was wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let nanos: Result<Vec<i64>, _> = text.split(',').map(|one| parse_duration(one.trim())).collect();
        Self::new(nanos.map_err(|error| error.to_string())?)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Horizon> {
        self.0.iter().copied()
    }
}

/// A number with all that is needed to read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What is measured, with its horizon and weighting.
    pub name: String,
    /// How its observations are weighted, where it is a mean.
    pub weighting: Option<Weighting>,
    /// How far ahead it looks, where it does.
    pub horizon: Option<Horizon>,
    /// The value; `None` when nothing could be measured.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: &'static str,
    /// Observations behind it.
    pub n: u64,
}

impl Measure {
    /// A measure that is no mean.
    #[must_use]
    pub fn new(name: impl Into<String>, value: Option<f64>, unit: &'static str, n: u64) -> Self {
        Self { name: name.into(), weighting: None, horizon: None, value, unit, n }
    }

    /// A mean: `name`, `name_300s`, `name_share_weighted` or `name_300s_share_weighted`. The simple mean at a horizon bears
    /// no word for its weighting.
    #[must_use]
    pub fn mean(
        name: &str,
        (weighting, horizon): (Option<Weighting>, Option<Horizon>),
        value: Option<f64>,
        unit: &'static str,
        n: u64,
    ) -> Self {
        let mut full = name.to_owned();
        if let Some(horizon) = horizon {
            full += &format!("_{}s", horizon.seconds());
        }
        if let Some(weighting) = weighting.filter(|w| horizon.is_none() || *w != Weighting::Simple) {
            full += "_";
            full += weighting.suffix();
        }
        Self { name: full, weighting, horizon, value, unit, n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_horizon_and_weighting() {
        let name = |weighting, horizon| Measure::mean("x", (weighting, horizon), None, "usd", 0).name;
        let five = Some(Horizon(300 * NANOS_PER_SECOND));
        assert_eq!(name(Some(Weighting::Simple), None), "x_simple");
        assert_eq!(name(Some(Weighting::Simple), five), "x_300s");
        assert_eq!(name(Some(Weighting::Dollar), five), "x_300s_dollar_weighted");
        assert_eq!(
            name(Some(Weighting::Share), Some(Horizon(NANOS_PER_SECOND / 2))),
            "x_0.5s_share_weighted"
        );
        assert_eq!(name(None, None), "x");
    }

    #[test]
    fn horizons_are_ordered_and_checked() {
        let read: Vec<f64> =
            Horizons::parse("5m,1s, 30s,1s").expect("horizons").iter().map(Horizon::seconds).collect();
        assert_eq!(read, [1.0, 30.0, 300.0]);
        for bad in ["", "0s", "5", "1s,,2s", "1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s,14s,15s,16s,17s"] {
            assert!(Horizons::parse(bad).is_err(), "{bad}");
        }
    }
}
