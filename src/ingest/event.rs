//! What a feed says: quotes, trades, and that a session is over.

use chrono::NaiveDate;

use super::{RawQuote, RawRow, RawTrade};
use crate::tape::{Nanos, Symbol};

/// One thing that a feed says. `sequence` of the rows is the feed's own number of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A quote; its symbol is an index into [`Events::symbols`].
    Quote(RawQuote),
    /// A trade; likewise.
    Trade(RawTrade),
    /// No more ticks of this session are to come.
    End {
        /// The session's date in New York.
        date: NaiveDate,
        /// The feed's number of this event.
        sequence: u64,
    },
}

impl Event {
    /// The feed's number of it.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        match self {
            Self::Quote(row) => row.sequence,
            Self::Trade(row) => row.sequence,
            Self::End { sequence, .. } => *sequence,
        }
    }

    /// When it happened; none for a session's end.
    #[must_use]
    pub fn ts(&self) -> Option<Nanos> {
        match self {
            Self::Quote(row) => Some(row.ts()),
            Self::Trade(row) => Some(row.ts()),
            Self::End { .. } => None,
        }
    }
}

/// A batch of events as a feed sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    /// Who says it: the name under which sequence numbers are unique within a session's date.
    pub source: String,
    /// The sender's name of this batch: the same batch sent again is answered with the same receipt.
    pub batch_id: Option<String>,
    /// Whether events carry sequence numbers; all or none do, and a batch without them has an id.
    pub sequenced: bool,
    /// The symbols named by the rows' indices.
    pub symbols: Vec<Symbol>,
    /// In the order sent.
    pub events: Vec<Event>,
    /// Of the bytes as they were sent (unpacked), by which a batch sent again is known.
    pub sha256: [u8; 32],
}
