//! Comma-separated files with a header, under the default names or a `--map`.

use std::collections::BTreeMap;

use super::columns::{Column, Names};

/// Between cells.
pub const DELIMITER: char = ',';

/// The canonical names, in text and in Parquet.
pub const CANONICAL: &Names = &[
    ("ts", Column::Moment),
    ("symbol", Column::Symbol),
    ("bid", Column::Bid),
    ("bid_size", Column::BidSize),
    ("ask", Column::Ask),
    ("ask_size", Column::AskSize),
    ("price", Column::Price),
    ("size", Column::Size),
    ("side", Column::Side),
    ("venue", Column::Venue),
    ("conditions", Column::Condition),
    ("correction", Column::Correction),
    ("sequence", Column::Sequence),
    ("ts_received", Column::Received),
    ("cancel", Column::Cancel),
    ("source", Column::Source),
    ("national", Column::National),
    ("book", Column::Book),
];

/// Canonical name to the file's own name.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ColumnMap(BTreeMap<String, String>);

impl ColumnMap {
    /// Reads `ts=DT,symbol=SYMBOL`.
    ///
    /// # Errors
    /// A sentence naming the pair that is no pair, or the canonical names when one is unknown.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut map = BTreeMap::new();
        for pair in text.split(',').filter(|p| !p.is_empty()) {
            let (canonical, own) =
                pair.split_once('=').ok_or_else(|| format!("'{pair}' is not a pair such as ts=TIME"))?;
            if !CANONICAL.iter().any(|(name, _)| *name == canonical) {
                let known: Vec<&str> = CANONICAL.iter().map(|n| n.0).collect();
                return Err(format!("'{canonical}' is not one of {}", known.join(", ")));
            }
            map.insert(canonical.to_owned(), own.to_owned());
        }
        Ok(Self(map))
    }

    /// What the file calls a canonical name.
    #[must_use]
    pub fn own<'a>(&'a self, canonical: &'a str) -> &'a str {
        self.0.get(canonical).map_or(canonical, String::as_str)
    }

    /// The file's names (folded) and what they hold.
    pub fn names(&self) -> Vec<(String, Column)> {
        let own = |name| super::columns::folded(self.own(name));
        CANONICAL.iter().map(|(n, c)| (own(n), *c)).collect()
    }
}
