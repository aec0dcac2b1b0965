//! Where a running batch stands, and the word that calls it off: workers add to the counters, anyone may read them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::ingest::ReadOptions;

/// A hand on a batch. Clones are hands on the same one; a fresh one watches nothing yet.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    rows: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    bytes_kept: AtomicU64,
    bytes_total: AtomicU64,
    units_done: AtomicU64,
    units_total: AtomicU64,
    called_off: Arc<AtomicBool>,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Units of work finished: dates, where file names tell them.
    pub units_done: u64,
    /// Units of work.
    pub units_total: u64,
    /// Rows read. Files whose rows must be sorted first are read twice, and count twice.
    pub rows: u64,
    /// Bytes read of the files as they lie, packed or not.
    pub bytes_read: u64,
    /// Of these, what a batch that was killed had read.
    pub bytes_kept: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
}

impl Watch {
    /// How far the batch is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let bytes_total = read(&self.0.bytes_total);
        Progress {
            units_done: read(&self.0.units_done),
            units_total: read(&self.0.units_total),
            rows: read(&self.0.rows),
            bytes_read: read(&self.0.bytes).min(bytes_total),
            bytes_kept: read(&self.0.bytes_kept),
            bytes_total,
        }
    }

    /// Stops the batch soon: what units finished stays staged for the next run, as after a failure. Once tables are
    /// being moved into place it is too late, and the batch ends as if nothing had been said.
    pub fn call_off(&self) {
        self.0.called_off.store(true, Ordering::Relaxed);
    }

    /// Whether the batch was called off.
    #[must_use]
    pub fn is_called_off(&self) -> bool {
        self.0.called_off.load(Ordering::Relaxed)
    }

    /// Has readers count here and listen here.
    pub(super) fn join(&self, options: ReadOptions) -> ReadOptions {
        ReadOptions {
            rows_seen: Arc::clone(&self.0.rows),
            bytes_seen: Arc::clone(&self.0.bytes),
            called_off: Arc::clone(&self.0.called_off),
            ..options
        }
    }

    /// What there is to do.
    pub(super) fn begin(&self, units: usize, bytes: u64) {
        self.0.units_total.store(units as u64, Ordering::Relaxed);
        self.0.bytes_total.store(bytes, Ordering::Relaxed);
    }

    /// A unit is done.
    pub(super) fn unit_done(&self) {
        self.0.units_done.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes that need not be read, since a batch that was killed has read them.
    pub(super) fn pass_over(&self, bytes: u64) {
        self.0.bytes_kept.fetch_add(bytes, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
