//! Who sends a batch, and under which name.

use crate::limits::{LIVE_BATCH_ID_MAX_CHARS, LIVE_SOURCE_MAX_CHARS};

/// The source that the daemon itself speaks as, when a session's end passes by its clock.
pub const CLOCK: &str = "clock";

/// Who sends a batch, and under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    source: String,
    batch_id: Option<String>,
}

impl Origin {
    /// Checks the names.
    ///
    /// # Errors
    /// A sentence that says what is wrong with which.
    pub fn new(source: &str, batch_id: Option<&str>) -> Result<Self, String> {
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        if !(1..=LIVE_SOURCE_MAX_CHARS).contains(&source.len()) || !source.bytes().all(word) {
            return Err(format!(
                "a source is named by 1 to {LIVE_SOURCE_MAX_CHARS} letters, digits, '-', '_', '.' or ':'"
            ));
        }
        if source == CLOCK {
            return Err(format!("the source '{CLOCK}' is the daemon itself; choose another name"));
        }
        let fits = |id: &str| {
            (1..=LIVE_BATCH_ID_MAX_CHARS).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
        };
        if batch_id.is_some_and(|id| !fits(id)) {
            return Err(format!(
                "a batch is named by 1 to {LIVE_BATCH_ID_MAX_CHARS} visible ASCII characters without blanks"
            ));
        }
        Ok(Self { source: source.to_owned(), batch_id: batch_id.map(str::to_owned) })
    }

    /// Who sends it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The sender's name of the batch.
    #[must_use]
    pub fn batch_id(&self) -> Option<&str> {
        self.batch_id.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_words_and_the_clock_s_is_taken() {
        assert!(Origin::new("nyse-taq:1", Some("2013-10-07/17")).is_ok());
        for bad in ["", "a b", "clock", "é", &"x".repeat(LIVE_SOURCE_MAX_CHARS + 1)] {
            assert!(Origin::new(bad, None).is_err(), "{bad}");
        }
        for bad in ["", "a b", "é", &"x".repeat(LIVE_BATCH_ID_MAX_CHARS + 1)] {
            assert!(Origin::new("feed", Some(bad)).is_err(), "{bad}");
        }
    }
}
