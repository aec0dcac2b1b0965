//! What the first lines of a capture say of all of it.

use std::collections::BTreeSet;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The exchange's clock where its first best quote carries that, or its first book where it has no best quotes;
    /// else the local one.
    pub clock: Clock,
    /// Symbols that tell best quotes by themselves; of others, books tell them.
    pub quoted: BTreeSet<String>,
    /// Symbols that tell of books.
    pub booked: BTreeSet<String>,
}

/// Looks at the first lines of a capture.
///
/// # Errors
/// When the file cannot be read.
pub fn head(path: &Path) -> Result<Head, IngestError> {
    let (stream, _) = source::open_text(path, Arc::default())?;
    let mut lines = Lines::new(path, stream);
    let (mut quoted, mut booked) = (BTreeSet::new(), BTreeSet::new());
    let (mut best, mut book) = (None, None);
    for _ in 0..CAPTURE_LOOKED_AT_LINES {
        let Some((_, line)) = lines.next()? else { break };
        match message::read(line, Scale::new(SCALE)) {
            Ok(Message { said: Said::Best(told), symbol, .. }) => {
                best = best.or(Some(told.exchange.is_some()));
                if !quoted.contains(symbol) {
                    quoted.insert(symbol.to_owned());
                }
            }
            Ok(Message { said: Said::Book(unread), .. }) => {
                let Some(symbol) = unread.symbol() else { continue };
                let told =
                    || depth::read(unread, Scale::new(SCALE)).ok().map(|depth| depth.exchange.is_some());
                book = book.or_else(told);
                booked.insert(symbol);
            }
            _ => {}
        }
    }
    let is_exchange = best.or(book).unwrap_or(false);
    let clock = if is_exchange { Clock::Exchange } else { Clock::Received };
    Ok(Head { clock, quoted, booked })
}
