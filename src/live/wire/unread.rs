//! Why a body was not read, said so that its sender can mend it.

/// The first thing in a body that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unread {
    /// Something in a line or row.
    #[error("{unit} {number}, {column}: {what}")]
    Row {
        /// `line` of text, `row` of a table.
        unit: &'static str,
        /// Which, counted from 1.
        number: u64,
        /// The field, or `column N` of the line's text where it cannot be read at all.
        column: String,
        /// What was found and what would be right.
        what: String,
    },
    /// The body as a whole.
    #[error("{0}")]
    Body(String),
    /// More than one batch may hold.
    #[error("{0}")]
    TooMuch(String),
}

impl Unread {
    /// A fault of a field in a line or row.
    pub(super) fn row(
        unit: &'static str,
        number: u64,
        column: impl Into<String>,
        what: impl Into<String>,
    ) -> Self {
        Self::Row { unit, number, column: column.into(), what: what.into() }
    }
}

/// A value as a message quotes it: short, and without what a terminal would obey.
pub(super) fn quoted(value: &[u8]) -> String {
    const MOST: usize = 48;
    let text = String::from_utf8_lossy(&value[..value.len().min(4 * MOST)]).into_owned();
    let shown: String =
        text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if shown.len() < value.len() && text.chars().count() > MOST {
        format!("'{shown}…'")
    } else {
        format!("'{shown}'")
    }
}
