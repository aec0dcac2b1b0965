//! What is known of a tape's bins: which episode, if any, reaches into each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Episode, EpisodeFile};
use crate::tape::{Nanos, Symbol, sha256};

/// Episodes by symbol and date. Whatever they do not cover is labelled 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    by_day: BTreeMap<(String, String), Vec<Episode>>,
    /// SHA-256 of each file they came from.
    pub sha256: Vec<String>,
}

/// Why labels cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct LabelError {
    path: PathBuf,
    what: String,
}

impl Labels {
    /// Reads `episodes.json` files.
    ///
    /// # Errors
    /// When one is missing or damaged, or two tell of the same symbol-day.
    pub fn read(paths: &[PathBuf]) -> Result<Self, LabelError> {
        let mut labels = Self::default();
        for path in paths {
            labels.add(path).map_err(|what| LabelError { path: path.clone(), what })?;
        }
        Ok(labels)
    }

    fn add(&mut self, path: &Path) -> Result<(), String> {
        let bytes = std::fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
        let file: EpisodeFile = serde_json::from_slice(&bytes)
            .map_err(|e| format!("is no episodes.json of `impactd simulate --episodes`: {e}"))?;
        if file.format != 1 {
            return Err(format!("has format {}; this program reads format 1", file.format));
        }
        self.sha256.push(sha256(&bytes));
        for day in file.days {
            let name = (day.symbol, day.date);
            if let Some((symbol, date)) = self.by_day.contains_key(&name).then(|| name.clone()) {
                return Err(format!("tells of {symbol} on {date}, as another file does; name one of them"));
            }
            self.by_day.insert(name, Vec::new());
        }
        for episode in file.episodes {
            let name = (episode.symbol.clone(), episode.date.clone());
            let day = self.by_day.get_mut(&name).ok_or("has an episode on a day that it does not list")?;
            day.push(episode);
        }
        Ok(())
    }

    /// Whether anything is known.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.sha256.is_empty()
    }

    /// A symbol's episodes of a date, in order of time; none is known when the day was not injected into.
    #[must_use]
    pub fn of(&self, symbol: &Symbol, date: chrono::NaiveDate) -> &[Episode] {
        let name = (symbol.to_string(), date.to_string());
        self.by_day.get(&name).map_or(&[], Vec::as_slice)
    }
}

/// The first episode that reaches into `start <= t < end`.
#[must_use]
pub fn reaching_into(episodes: &[Episode], start: Nanos, end: Nanos) -> Option<&Episode> {
    episodes.iter().find(|episode| episode.start_ns < end.0 && episode.end_ns >= start.0)
}
