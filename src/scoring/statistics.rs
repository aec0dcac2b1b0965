//! What a model did: counts, and histograms of waiting, of running and of batch sizes. Kept in atomics; read as one
//! `Statistics`. Seconds throughout.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::error::InferError;

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

/// Where a model counts.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    requests: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
    timed_out: AtomicU64,
    failed: AtomicU64,
    rows: AtomicU64,
    batches: AtomicU64,
    queue_seconds: Buckets,
    run_seconds: Buckets,
    batch_rows: Buckets,
}

/// Counts by bucket; the sum in millionths.
#[derive(Debug, Default)]
struct Buckets {
    counts: [AtomicU64; 13],
    sum_millionths: AtomicU64,
}

impl Buckets {
    fn observe(&self, value: f64, bounds: &[f64; 12]) {
        let bucket = bounds.iter().position(|bound| value <= *bound).unwrap_or(bounds.len());
        self.counts[bucket].fetch_add(1, Relaxed);
        self.sum_millionths.fetch_add((value * 1e6) as u64, Relaxed);
    }

    fn read(&self) -> Histogram {
        let counts = self.counts.iter().map(|count| count.load(Relaxed)).collect();
        Histogram { counts, sum: self.sum_millionths.load(Relaxed) as f64 / 1e6 }
    }
}

impl Recorder {
    /// A request was refused before it waited.
    pub fn refuse(&self) {
        self.requests.fetch_add(1, Relaxed);
        self.refused.fetch_add(1, Relaxed);
    }

    /// A request was taken.
    pub fn take(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    /// A request came to its end.
    pub fn end<T>(&self, result: &Result<T, InferError>) {
        let count = match result {
            Ok(_) => &self.answered,
            Err(InferError::TimedOut { .. }) => &self.timed_out,
            Err(_) => &self.failed,
        };
        count.fetch_add(1, Relaxed);
    }

    /// A piece's wait is over.
    pub fn waited(&self, wait: Duration) {
        self.queue_seconds.observe(wait.as_secs_f64(), &SECONDS_BOUNDS);
    }

    /// The graph ran.
    pub fn ran(&self, rows: usize, time: Duration) {
        self.batches.fetch_add(1, Relaxed);
        self.rows.fetch_add(rows as u64, Relaxed);
        self.run_seconds.observe(time.as_secs_f64(), &SECONDS_BOUNDS);
        self.batch_rows.observe(rows as f64, &ROWS_BOUNDS);
    }

    /// All of it.
    pub fn read(&self, waiting: usize) -> Statistics {
        Statistics {
            requests: self.requests.load(Relaxed),
            answered: self.answered.load(Relaxed),
            refused: self.refused.load(Relaxed),
            timed_out: self.timed_out.load(Relaxed),
            failed: self.failed.load(Relaxed),
            rows: self.rows.load(Relaxed),
            batches: self.batches.load(Relaxed),
            waiting: waiting as u64,
            queue_seconds: self.queue_seconds.read(),
            run_seconds: self.run_seconds.read(),
            batch_rows: self.batch_rows.read(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_falls_into_the_bucket_of_its_bound() {
        let recorder = Recorder::default();
        recorder.ran(1, Duration::from_micros(10));
        recorder.ran(1_000_000, Duration::from_secs(9));
        let read = recorder.read(0);
        assert_eq!((read.batches, read.rows), (2, 1_000_001));
        assert_eq!((read.batch_rows.counts[0], read.batch_rows.counts[12]), (1, 1));
        assert_eq!((read.run_seconds.counts[0], read.run_seconds.counts[12]), (1, 1));
        assert_eq!(read.run_seconds.count(), 2);
        assert!((read.run_seconds.sum - 9.000_01).abs() < 1e-9);
    }
}
