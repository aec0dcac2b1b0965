//! Recorded orders as examples for those to come.

use super::marks::Tapes;
use crate::cost::{Execution, PastOrder};
use crate::limits::EXECUTIONS_COMPARED_MAX;
use crate::pretrade::Past;
use crate::store::{Archive, Executions, Place, StoreError};

/// What an order tells of others like it; `None` where nothing was filled or the mid on arrival is not known.
#[must_use]
pub fn past_order(execution: &Execution) -> Option<PastOrder> {
    Some(PastOrder {
        shares: execution.filled(),
        duration_nanos: execution.end.0 - execution.arrival.0,
        end: execution.end,
        cost_bps: execution.arrival_cost_bps()?,
    })
}

/// Puts in the recorded orders, the latest dates where there are too many; gives how many. Files that cannot be read
/// are handed to `skip`, one by one.
///
/// # Errors
/// When the folder itself cannot be listed.
pub fn put_recorded(
    past: &Past,
    executions: &Executions,
    tapes: &Tapes,
    archive: Option<&Archive>,
    mut skip: impl FnMut(&Place, &StoreError),
) -> Result<usize, StoreError> {
    let mut places = Vec::new();
    for date in executions.dates()?.into_iter().rev() {
        let left = EXECUTIONS_COMPARED_MAX - places.len();
        places.extend(executions.hashes(date)?.into_iter().take(left).map(|hash| Place { date, hash }));
        if places.len() >= EXECUTIONS_COMPARED_MAX {
            break;
        }
    }
    let mut count = 0;
    for place in places.iter().rev() {
        let read = || -> Result<_, StoreError> {
            let Some(record) = executions.read(place)? else { return Ok(None) };
            let mut execution = Execution::from(&record.order);
            if execution.arrival_mid.is_none() {
                execution = tapes.mark(archive, execution)?.execution;
            }
            Ok(past_order(&execution).map(|order| (execution.symbol, order)))
        };
        match read() {
            Ok(Some((symbol, order))) => {
                past.put(&symbol, order);
                count += 1;
            }
            Ok(None) => {}
            Err(error) => skip(place, &error),
        }
    }
    Ok(count)
}
