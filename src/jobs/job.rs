//! A job as it is told: what was asked, how far it is, what came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::asked::Target;
use crate::batch::{BatchError, Blame, Progress};
use crate::pretrade::Stamp;
use crate::store::ledger::{JobRecord, JobState};
use crate::tape::Nanos;

/// A job.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Job {
    /// Its name.
    #[schema(example = "5f0c8d1e9a7b4c3d2e1f0a9b8c7d6e5f")]
    pub id: String,
    /// How far it is.
    pub state: JobState,
    /// Where its results go.
    pub into: Target,
    /// What was asked, as it came.
    #[schema(value_type = Object)]
    pub asked: Value,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Stamp,
    /// When it was last begun.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Stamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Stamp>,
    /// How many times it was begun: more than once where the daemon was killed while it ran.
    pub attempts: u32,
    /// Whether it has been called off, and is about to stop.
    pub cancel_wanted: bool,
    /// How far it got.
    pub progress: JobProgress,
    /// What to know before believing its results.
    pub warnings: Vec<String>,
    /// Why it failed.
    pub error: Option<JobError>,
    /// Its place among all jobs, ascending.
    #[serde(skip)]
    pub number: i64,
}

/// How far a job is, and how fast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// Units of work finished: dates, where file names tell them.
    #[schema(example = 1)]
    pub units_done: u64,
    /// Units of work; 0 until the inputs were looked into.
    #[schema(example = 3)]
    pub units_total: u64,
    /// Rows read; files that must be sorted first are read, and counted, twice.
    #[schema(example = 1_250_000)]
    pub rows: u64,
    /// Bytes read of the inputs as they lie.
    #[schema(example = 31_000_000)]
    pub bytes_read: u64,
    /// Bytes of all inputs.
    #[schema(example = 93_000_000)]
    pub bytes_total: u64,
    /// How long it has run, this time.
    #[schema(example = 2.5)]
    pub seconds: f64,
    /// Rows a second; null until it has run for a moment.
    #[schema(example = 500_000.0)]
    pub rows_per_second: Option<f64>,
    /// Bytes a second.
    #[schema(example = 12_400_000.0)]
    pub bytes_per_second: Option<f64>,
    /// Seconds left at this speed; null while that is not known, or once it has ended.
    #[schema(example = 5.0)]
    pub eta_seconds: Option<f64>,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobError {
    /// What kind of failure.
    pub code: JobErrorCode,
    /// What `impactd batch` would say.
    #[schema(example = "day/quotes.csv line 3, column bid: 'x' is not a price; mend the row")]
    pub message: String,
}

/// Kinds of failures, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobErrorCode {
    /// What was asked does not fit the inputs, or results that are there.
    Request,
    /// An input cannot be read, or holds nothing of what was asked.
    Data,
    /// The system refused; asking again may help.
    System,
    /// The daemon ended during each of its attempts.
    GaveUp,
    /// A defect of this program.
    Defect,
}

impl JobError {
    /// Why a batch failed, as the command line says it.
    #[must_use]
    pub fn of(error: &BatchError) -> Self {
        let code = match error.blame() {
            Blame::Request => JobErrorCode::Request,
            Blame::Data => JobErrorCode::Data,
            Blame::System => JobErrorCode::System,
        };
        Self { code, message: error.to_string() }
    }
}

/// A quarter of a second: before that a speed says nothing.
const SPEED_KNOWN_SECONDS: f64 = 0.25;

impl JobProgress {
    /// A batch's progress after some seconds.
    #[must_use]
    pub fn after(progress: Progress, seconds: f64) -> Self {
        let known = seconds >= SPEED_KNOWN_SECONDS;
        let speed = |amount: u64| known.then(|| amount as f64 / seconds);
        // What an earlier attempt had read says nothing of this one's speed.
        let bytes_per_second = speed(progress.bytes_read.saturating_sub(progress.bytes_kept));
        let left = (progress.bytes_total - progress.bytes_read) as f64;
        Self {
            units_done: progress.units_done,
            units_total: progress.units_total,
            rows: progress.rows,
            bytes_read: progress.bytes_read,
            bytes_total: progress.bytes_total,
            seconds,
            rows_per_second: speed(progress.rows),
            bytes_per_second,
            eta_seconds: bytes_per_second.filter(|speed| *speed > 0.0).map(|speed| left / speed),
        }
    }
}

impl Job {
    /// A job on record; `now` is how far it is, where it runs.
    #[must_use]
    pub fn of(record: JobRecord, now: Option<JobProgress>) -> Self {
        let asked: Value = serde_json::from_str(&record.asked).unwrap_or_default();
        let into = asked.get("into").cloned().and_then(|into| serde_json::from_value(into).ok());
        let kept = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<JobProgress>(text).ok());
        let stamp = |nanos| Stamp(Nanos(nanos));
        Self {
            id: record.id,
            state: record.state,
            into: into.unwrap_or_default(),
            asked,
            created_at: stamp(record.created_at),
            started_at: record.started_at.map(stamp),
            ended_at: record.ended_at.map(stamp),
            attempts: record.attempts,
            cancel_wanted: record.cancel_wanted,
            progress: now.or_else(|| kept(record.progress.as_deref())).unwrap_or_default(),
            warnings: serde_json::from_str(&record.warnings).unwrap_or_default(),
            error: record.error.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            number: record.number,
        }
    }
}
