//! A moment as answers write it: RFC 3339 in UTC with nanoseconds.

use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};

use crate::tape::Nanos;

/// A moment of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub Nanos);

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&DateTime::from_timestamp_nanos(self.0.0).to_rfc3339_opts(SecondsFormat::Nanos, true))
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}
