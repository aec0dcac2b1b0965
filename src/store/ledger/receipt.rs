//! What a sender is told once its batch is durable.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The receipt of a batch. The same batch sent again gets the same receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The batch's place in the journal, ascending.
    #[schema(example = 42)]
    pub position: u64,
    /// Who sent it.
    #[schema(example = "nyse-taq")]
    pub source: String,
    /// The sender's name of it.
    pub batch_id: Option<String>,
    /// Events that are new, and durable now.
    #[schema(example = 1000)]
    pub accepted: u64,
    /// Events whose (source, session date, sequence) was there already; the first one counts.
    #[schema(example = 0)]
    pub duplicates: u64,
    /// SHA-256 of the body as sent, unpacked, hexadecimal.
    pub sha256: String,
    /// When it became durable, UTC with nanoseconds (RFC 3339).
    #[schema(example = "2013-10-07T13:30:00.000000000Z")]
    pub durable_at: String,
}

impl Receipt {
    /// What its facts add up to.
    pub(super) fn checksum(&self) -> [u8; 32] {
        // A struct of numbers and texts: always JSON.
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is durable.
    Durable(Receipt),
    /// It was durable before: this is the receipt it got then.
    Again(Receipt),
}

/// Why a batch was not taken. Nothing of it is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The same id was given to other bytes.
    #[error("batch '{0}' was sent before with other bytes; give this one an id of its own")]
    Conflict(String),
    /// The session has landed and left the journal; what comes for it now would stand alone.
    #[error("the session of {0} has landed and left the journal; its tables change only by impactd batch")]
    Gone(chrono::NaiveDate),
    /// It cannot be kept as it is.
    #[error("{0}")]
    Unfit(String),
    /// The disk, or the journal's own bound, is full.
    #[error("the journal cannot grow: {0}; free some space and send the batch again")]
    Full(String),
    /// Batches come faster than they become durable.
    #[error("too many batches are waiting to become durable; send it again later")]
    Busy,
    /// The daemon stops.
    #[error("the daemon is stopping; send it again to its successor")]
    Stopping,
    /// The journal cannot be written; the daemon is about to exit.
    #[error("the journal failed: {0}")]
    Failed(String),
}
