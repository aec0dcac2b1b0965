//! How the results came to be: inputs, parameters, and every tick accounted for. Byte-stable.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dir::{StoreError, write_atomically};
use crate::sign::Layers;
use crate::tape::{Calendar, Market, Scale, sha256};

/// An input and what was read from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InputRecord {
    /// File name without its folder.
    pub name: String,
    /// Of its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Its format.
    pub format: String,
    /// What its rows are.
    pub kind: String,
    /// Rows handed to `clean`.
    pub rows: u64,
    /// Rows of symbols nobody asked for.
    pub rows_unselected: u64,
    /// Rows that could not be read and were skipped.
    pub rows_rejected: u64,
    /// The first of them.
    pub rejects: Vec<RejectRecord>,
    /// What else the reader met, by its name, where the format has such things.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counted: BTreeMap<String, u64>,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RejectRecord {
    /// Line (text) or row (Parquet), from 1.
    pub line: u64,
    /// Column.
    pub column: String,
    /// Raw text.
    pub value: String,
    /// What is wrong.
    pub why: String,
}

/// Ticks of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickCounts {
    /// That reached `clean`.
    pub seen: u64,
    /// That passed.
    pub kept: u64,
    /// That did not, by reason.
    pub dropped: BTreeMap<String, u64>,
}

/// How a signing rule did against the side that the feed knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignScore {
    /// Trades whose side the feed knows.
    pub trades: u64,
    /// Of them, trades of which the rule named a side.
    pub classified: u64,
    /// Of those, trades of which it named the known side.
    pub right: u64,
}

/// The prints of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PrintCount {
    /// How many.
    pub prints: u64,
    /// Their shares.
    pub shares: f64,
    /// What they came to, dollars.
    pub dollars: f64,
}

impl PrintCount {
    /// Adds others.
    pub fn add(&mut self, more: &Self) {
        self.prints += more.prints;
        self.shares += more.shares;
        self.dollars += more.dollars;
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What one unit of work made: the results of its dates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// The dates it made, ascending.
    pub dates: Vec<String>,
    /// What it read, by name.
    pub inputs: Vec<InputRecord>,
    /// Symbol-days made.
    pub symbol_days: u64,
    /// Quotes accounted for.
    pub quotes: TickCounts,
    /// Trades accounted for.
    pub trades: TickCounts,
    /// Regression windows without a fit, by reason.
    pub windows_without_fit: BTreeMap<String, u64>,
    /// Every signing rule's score, where the feed knows sides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sign_accuracy: BTreeMap<String, SignScore>,
    /// Prints that are not ordinary trading, by kind; a print is in each of its kinds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prints: BTreeMap<String, PrintCount>,
    /// Trading halts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub halts: u64,
}

/// The manifest of a results folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this program.
    pub version: String,
    /// What the results depend on beside the inputs.
    pub parameters: BTreeMap<String, Value>,
    /// What was made, by first date.
    pub units: Vec<UnitRecord>,
}

impl Manifest {
    /// Where it lies in a results folder.
    #[must_use]
    pub fn path(root: &Path) -> PathBuf {
        root.join("manifest.json")
    }

    /// Reads a folder's manifest; `None` when it has none.
    ///
    /// # Errors
    /// When it is there but damaged.
    pub fn load(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = Self::path(root);
        let bytes = match std::fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|e| StoreError::io(&path, "reading", e))?,
        };
        let parsed = serde_json::from_slice(&bytes);
        parsed.map(Some).map_err(|e| {
            let what = format!("is damaged ({e}); delete the folder and run the batch again");
            StoreError::damaged(&path, what)
        })
    }

    /// Writes it into a results folder.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn save(&self, root: &Path) -> Result<(), StoreError> {
        let path = Self::path(root);
        let mut bytes =
            serde_json::to_vec_pretty(self).map_err(|e| StoreError::damaged(&path, e.to_string()))?;
        bytes.push(b'\n');
        write_atomically(&path, &bytes)
    }

    /// Takes out the units that share a date with `dates`.
    pub fn retire(&mut self, dates: &[String]) {
        self.units.retain(|unit| !unit.dates.iter().any(|date| dates.contains(date)));
    }

    /// Widths of the bars there are, nanoseconds.
    #[must_use]
    pub fn bar_widths(&self) -> Vec<i64> {
        let widths = self.parameters.get("bar_nanoseconds").and_then(|w| w.as_array());
        widths.into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    /// Which rules signed the trades.
    #[must_use]
    pub fn sign(&self) -> Option<Layers> {
        let written = self.parameters.get("sign").and_then(Value::as_str);
        written.and_then(|text| Layers::parse(text).ok())
    }

    /// The trading days that results were cut into, and the hours of each that were asked for.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        let market = self.parameters.get("calendar").and_then(|name| Market::deserialize(name).ok());
        let whole = Calendar::of(market.unwrap_or_default());
        let written = self.parameters.get("session").and_then(Value::as_str);
        written.and_then(|text| whole.narrowed(text).ok()).unwrap_or(whole)
    }

    /// What a unit of the results' sizes is.
    #[must_use]
    pub fn scale(&self) -> Scale {
        let decimals = self.parameters.get("size_decimals").and_then(Value::as_u64);
        Scale::new(decimals.and_then(|decimals| u8::try_from(decimals).ok()).unwrap_or(0))
    }

    /// By date: a name of all results up to and with it, which differs when one of them was made of other inputs or
    /// in another way, and stays when later dates are added.
    #[must_use]
    pub fn states(&self) -> BTreeMap<String, String> {
        let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
        let mut so_far = sha256(text(&(&self.version, &self.parameters)).as_bytes());
        let mut days: Vec<(&String, &UnitRecord)> =
            self.units.iter().flat_map(|unit| unit.dates.iter().map(move |date| (date, unit))).collect();
        days.sort_by_key(|(date, _)| *date);
        let mut states = BTreeMap::new();
        for (date, unit) in days {
            so_far = sha256(format!("{so_far}{date}{}", text(unit)).as_bytes());
            states.insert(date.clone(), so_far.clone());
        }
        states
    }

    /// Every date there are results for, ascending.
    #[must_use]
    pub fn dates(&self) -> Vec<&str> {
        let all = self.units.iter().flat_map(|u| &u.dates);
        let mut dates: Vec<&str> = all.map(String::as_str).collect();
        dates.sort_unstable();
        dates
    }
}
