//! Recorded orders whose files are damaged: left out of lists and reports, logged once, and told by `/health/ready`
//! until they are put back or deleted.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::limits::EXECUTIONS_DAMAGED_MAX;
use crate::store::{Executions, Place, StoreError};

/// Those that were come across.
#[derive(Debug, Default)]
pub struct DamagedOrders(Mutex<BTreeSet<Place>>);

impl DamagedOrders {
    /// Keeps the place of a damaged file; the log names it the first time.
    pub fn note(&self, place: &Place, error: &StoreError) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < EXECUTIONS_DAMAGED_MAX && seen.insert(place.clone()) {
            tracing::warn!(cause = %error, "a recorded order is left out");
        }
    }

    /// How many of them are still damaged. Blocks on the disk.
    pub fn count(&self, executions: &Executions) -> usize {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|place| executions.read(place).is_err());
        seen.len()
    }
}
