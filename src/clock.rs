//! The time of day, read here and nowhere else. What is told the time as an argument can be tested, and gives the same
//! answer twice: stages never come here.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::tape::Nanos;

/// The time. A clock set before 1970 reads 1970, one beyond 2262 the last moment there is.
#[must_use]
pub fn now() -> Nanos {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
