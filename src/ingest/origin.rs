//! How the rows of a Parquet file came to be, as the file itself says.

use clap::ValueEnum;

use super::Format;
use crate::tape::{Market, Scale};

/// The keys of a Parquet file's metadata.
const FORMAT: &str = "impactd.format";
const SIZE_DECIMALS: &str = "impactd.size_decimals";
const CALENDAR: &str = "impactd.calendar";

/// Where rows come from. What is as it always was is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The format that they were made from, where it is one.
    pub format: Option<Format>,
    /// What a unit of their sizes is.
    pub scale: Scale,
    /// The calendar by whose dates they lie in folders.
    pub market: Market,
}

impl Origin {
    /// As keys and values.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        let format = self.format.map(|format| (FORMAT.to_owned(), format.name()));
        let decimals = self.scale.decimals();
        let scale = (decimals > 0).then(|| (SIZE_DECIMALS.to_owned(), decimals.to_string()));
        let market = self.market;
        let market = (market != Market::default()).then(|| (CALENDAR.to_owned(), market.name().to_owned()));
        format.into_iter().chain(scale).chain(market).collect()
    }

    /// From keys and values, of which others are passed over.
    #[must_use]
    pub fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut origin = Self::default();
        for (key, value) in pairs {
            match key {
                FORMAT => origin.format = Format::from_str(value, false).ok(),
                SIZE_DECIMALS => origin.scale = Scale::new(value.parse().unwrap_or(0)),
                CALENDAR => origin.market = Market::from_str(value, false).unwrap_or_default(),
                _ => {}
            }
        }
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood_and_the_usual_is_not_said() {
        assert!(Origin::default().pairs().is_empty());
        let told = Origin { format: Some(Format::NyseTaq), scale: Scale::new(8), market: Market::Continuous };
        let pairs = told.pairs();
        let read = Origin::of(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        assert_eq!((read, pairs.len()), (told, 3));
    }
}
