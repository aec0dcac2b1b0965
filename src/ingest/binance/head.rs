//! What the first lines of a capture say of all of it.

use std::path::Path;
use std::sync::Arc;

use super::SCALE;
use super::depth;
use super::lines::Lines;
use super::message::{self, Message, Said};
use crate::ingest::error::IngestError;
use crate::ingest::{Clock, source};
use crate::limits::CAPTURE_LOOKED_AT_LINES;
use crate::tape::Scale;

/// What a capture holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The exchange's clock where its first best quote carries that, or its first book where it has no best quotes;
    /// else the local one.
    pub clock: Clock,
    /// Whether it tells best quotes by themselves; else its books tell them.
    pub has_best: bool,
    /// Whether it tells of books.
    pub has_books: bool,
}

/// Looks at the first lines of a capture.
///
/// # Errors
/// When the file cannot be read.
pub fn head(path: &Path) -> Result<Head, IngestError> {
    let (stream, _) = source::open_text(path, Arc::default())?;
    let mut lines = Lines::new(path, stream);
    let (mut best, mut book) = (None, None);
    for _ in 0..CAPTURE_LOOKED_AT_LINES {
        let Some((_, line)) = lines.next()? else { break };
        match message::read(line, Scale::new(SCALE)).map(|Message { said, .. }| said) {
            Ok(Said::Best(told)) => best = best.or(Some(told.exchange.is_some())),
            Ok(Said::Book(unread)) if book.is_none() && !unread.stream.is_empty() => {
                book = depth::read(unread, Scale::new(SCALE)).ok().map(|depth| depth.exchange.is_some());
            }
            _ => {}
        }
        if best.is_some() && book.is_some() {
            break;
        }
    }
    let is_exchange = best.or(book).unwrap_or(false);
    let clock = if is_exchange { Clock::Exchange } else { Clock::Received };
    Ok(Head { clock, has_best: best.is_some(), has_books: book.is_some() })
}
