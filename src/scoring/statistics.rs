//! What a model did: counts, and histograms of waiting, of running and of batch sizes. Kept in atomics; read as one
//! `Statistics`. Seconds throughout.

/// Upper bounds of the histograms of seconds; the last bucket has none.
pub const SECONDS_BOUNDS: [f64; 12] = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0];
/// Upper bounds of the histogram of rows in a batch.
pub const ROWS_BOUNDS: [f64; 12] =
    [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0];

/// A histogram: how many were at most each bound, not cumulated; the last count is of what lies above all bounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Counts by bucket: one more than bounds.
    pub counts: Vec<u64>,
    /// Sum of what was observed.
    pub sum: f64,
}

impl Histogram {
    /// How many were observed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// What a model did since it was loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Requests that were taken, with whatever end.
    pub requests: u64,
    /// Requests answered.
    pub answered: u64,
    /// Requests refused because the queue was full.
    pub refused: u64,
    /// Requests not answered in time, or given up by their caller.
    pub timed_out: u64,
    /// Requests that the runtime failed.
    pub failed: u64,
    /// Rows that were run for answers.
    pub rows: u64,
    /// Runs of the graph.
    pub batches: u64,
    /// Requests that wait now.
    pub waiting: u64,
    /// Seconds a request waited (`SECONDS_BOUNDS`).
    pub queue_seconds: Histogram,
    /// Seconds a run took (`SECONDS_BOUNDS`).
    pub run_seconds: Histogram,
    /// Rows of a run (`ROWS_BOUNDS`).
    pub batch_rows: Histogram,
}
