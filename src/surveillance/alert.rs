//! Scores and alerts, before they are rows.

use crate::fraud::watching::{Pattern, ScoredBin};
use crate::tape::Nanos;

/// A bin's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRow {
    /// The bin and its score.
    pub bin: ScoredBin,
    /// How unlike the training rows the bin is, where the model tells.
    pub unusual: Option<f32>,
    /// Whether the score is at least the threshold.
    pub is_alert: bool,
}

/// What raised a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// Which feature.
    pub feature: &'static str,
    /// By how much the score's log-odds drop when the feature alone is set to its usual value, as
    /// [`crate::scoring::contributions`] tells.
    pub log_odds: f64,
    /// Its value.
    pub value: f32,
}

/// A stretch of tape that somebody should look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Beginning of the first alarm's bin.
    pub start: Nanos,
    /// End of the last alarm's bin.
    pub end: Nanos,
    /// Beginning of the bin with the highest score.
    pub peak: Nanos,
    /// Bins that alarmed.
    pub alarms: u32,
    /// The highest score.
    pub score: f64,
    /// How unlike the training rows that bin is, where the model tells.
    pub unusual: Option<f32>,
    /// What it resembles, where its reasons show a pattern.
    pub pattern: Option<Pattern>,
    /// What raised the highest score, largest first.
    pub reasons: Vec<Reason>,
    /// From where to look at the tape.
    pub replay_from: Nanos,
    /// Until where.
    pub replay_to: Nanos,
}

impl Alert {
    /// What it resembles, in words.
    #[must_use]
    pub fn typology(&self) -> &'static str {
        typology(self.pattern)
    }
}

/// What a pattern is called in an alert.
#[must_use]
pub fn typology(pattern: Option<Pattern>) -> &'static str {
    match pattern {
        Some(Pattern::QuoteStuffing) => "resembles quote_stuffing",
        Some(Pattern::Layering) => "resembles layering",
        Some(Pattern::PumpAndDump) => "resembles pump_and_dump",
        Some(Pattern::WashTrades) => "resembles wash_trades",
        Some(Pattern::MarkingTheClose) => "resembles marking_the_close",
        None => "resembles no named pattern",
    }
}

/// What became of a symbol-day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// Every bin's score.
    pub scores: Vec<ScoreRow>,
    /// The alerts, in order of time.
    pub alerts: Vec<Alert>,
}
