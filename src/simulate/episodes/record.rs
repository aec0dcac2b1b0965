//! `episodes.json`: what was injected, where, and how strongly.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::error::SimulateError;
use super::super::file::TextFile;
use super::Scale;
use crate::fraud::watching::Pattern;

/// Name of the file.
pub const FILE_NAME: &str = "episodes.json";

/// All that was injected in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeFile {
    /// Layout of the file: 1.
    pub format: u32,
    /// What the draws came from.
    pub seed: u64,
    /// The patterns drawn from.
    pub patterns: Vec<Pattern>,
    /// Lowest and highest strength; drawn evenly in its logarithm.
    pub strength: (f64, f64),
    /// Nothing is injected this long after the open.
    pub warm_up_seconds: i64,
    /// Least time between two episodes.
    pub gap_seconds: i64,
    /// The symbol-days.
    pub days: Vec<EpisodeDay>,
    /// The episodes, by date, symbol and time.
    pub episodes: Vec<Episode>,
}

/// A symbol-day that was injected into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpisodeDay {
    /// Whose.
    pub symbol: String,
    /// The New York date, `YYYY-MM-DD`.
    pub date: String,
    /// Bins of its session.
    pub bins: i64,
    /// Those that an episode reaches into.
    pub bins_in_episodes: i64,
    /// What strengths were measured by.
    pub scale: Scale,
}

/// An episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// `SYMBOL-DATE-NUMBER`.
    pub id: String,
    /// Whose tape.
    pub symbol: String,
    /// The New York date, `YYYY-MM-DD`.
    pub date: String,
    /// What it is.
    pub pattern: Pattern,
    /// How strong.
    pub strength: f64,
    /// Its first message.
    pub start_ns: i64,
    /// Its last message, or the end of what it did to others.
    pub end_ns: i64,
    /// The side it favours, `buy` or `sell`.
    pub side: String,
    /// Quotes that were added.
    pub injected_quotes: u64,
    /// Trades that were added.
    pub injected_trades: u64,
    /// Quotes of the original tape that show other prices or sizes.
    pub changed_quotes: u64,
    /// Trades of the original tape that show another price.
    pub changed_trades: u64,
    /// What was drawn, by name.
    pub parameters: BTreeMap<String, f64>,
}

impl EpisodeFile {
    /// Writes it into a folder.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn write(&self, dir: &Path) -> Result<PathBuf, SimulateError> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|e| SimulateError::io(dir, e))?;
        json.push(b'\n');
        let mut file = TextFile::create(dir, FILE_NAME, false)?;
        file.write(&json)?;
        file.finish()
    }
}
