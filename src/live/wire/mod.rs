//! Bytes that a feed sends to events, and events to bytes.
//!
//! In: a body as NDJSON, CSV or an Arrow stream, and who sends it. Out: [`Events`], exact to the ninth decimal, or one
//! [`Unread`] that says which line or row, which field, what was found there and what to do. Nothing is guessed: a
//! field that no event has is refused, and so is an event from the future. Every way in (HTTP, NATS) reads through
//! here.

mod arrow;
mod csv;
mod encode;
mod fields;
mod frames;
mod gathering;
mod ndjson;
mod origin;
mod row;
mod unread;

use sha2::{Digest, Sha256};

use super::Events;
use crate::tape::{Calendar, Nanos};

pub use encode::Encoder;
pub use origin::{CLOCK, Origin};
pub use unread::Unread;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object a line.
    Ndjson,
    /// Comma-separated, with a header.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Csv, Self::Arrow];

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// The format of a media type; parameters behind a semicolon say nothing new.
    #[must_use]
    pub fn of_media_type(media: &str) -> Option<Self> {
        let bare = media.split(';').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|format| format.media_type().eq_ignore_ascii_case(bare))
    }
}

/// Reads a body of a calendar's sessions; `received` is the time it came in.
///
/// # Errors
/// At the first thing in it that cannot be meant.
pub fn read(
    format: Format,
    bytes: &[u8],
    origin: &Origin,
    (received, calendar): (Nanos, Calendar),
) -> Result<Events, Unread> {
    let mut gathering = gathering::Gathering::new(received, calendar);
    match format {
        Format::Ndjson => ndjson::read(bytes, &mut gathering)?,
        Format::Csv => csv::read(bytes, &mut gathering)?,
        Format::Arrow => arrow::read(bytes, &mut gathering)?,
    }
    gathering.finish(origin, Sha256::digest(bytes).into())
}

#[cfg(test)]
mod tests;
