//! Whose rows lie where in a date's tables, so that one symbol is read without the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::dir::{StoreError, write_atomically};
use super::tables::Table;

/// Some rows of a table's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowRange {
    /// First row.
    pub offset: usize,
    /// How many.
    pub rows: usize,
}

/// One symbol of a date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolEntry {
    /// Its name.
    pub symbol: String,
    /// Its part of every table.
    pub bucket: u64,
    /// Its rows there.
    pub rows: BTreeMap<Table, RowRange>,
    /// Quotes kept by `clean`.
    pub quotes: u64,
    /// Trades kept by `clean`.
    pub trades: u64,
}

/// A date's symbols, ascending.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// The symbols.
    pub symbols: Vec<SymbolEntry>,
}

impl Catalogue {
    /// Where a date's catalogue lies under a results folder.
    #[must_use]
    pub fn path(root: &Path, date: &str) -> PathBuf {
        root.join("catalogue").join(format!("date={date}.json"))
    }

    /// Reads a date's catalogue.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn load(root: &Path, date: &str) -> Result<Self, StoreError> {
        let path = Self::path(root, date);
        let bytes = std::fs::read(&path).map_err(|e| StoreError::io(&path, "reading", e))?;
        serde_json::from_slice(&bytes).map_err(|e| StoreError::damaged(&path, e.to_string()))
    }

    /// Writes a date's catalogue.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn save(&self, root: &Path, date: &str) -> Result<(), StoreError> {
        let path = Self::path(root, date);
        let bytes = serde_json::to_vec(self).map_err(|e| StoreError::damaged(&path, e.to_string()))?;
        write_atomically(&path, &bytes)
    }

    /// A symbol's entry.
    #[must_use]
    pub fn find(&self, symbol: &str) -> Option<&SymbolEntry> {
        let found = self.symbols.binary_search_by(|s| s.symbol.as_str().cmp(symbol));
        found.ok().map(|index| &self.symbols[index])
    }
}
