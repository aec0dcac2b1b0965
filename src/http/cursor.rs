//! Where the next page begins: opaque to clients, and refused for any query but the one it was given for.

use super::problem::{Code, Problem};

/// A place among a query's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Which day: days since 0001-01-01; 0 in lists that have no days.
    pub day: u32,
    /// How many of the day's rows are behind, filtered ones included.
    pub offset: u32,
    /// Of the query and of the day's results.
    pub fingerprint: u64,
}

/// Hexadecimal digits of a cursor.
const DIGITS: usize = 32;

impl Cursor {
    /// Reads what [`Cursor::text`] wrote.
    ///
    /// # Errors
    /// When it is no cursor of ours.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || "not a cursor of this daemon; take it from next_cursor, unchanged".to_owned();
        if text.len() != DIGITS || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(bad());
        }
        let (day, rest) = text.split_at(8);
        let (offset, fingerprint) = rest.split_at(8);
        let short = |hex| u32::from_str_radix(hex, 16).map_err(|_| bad());
        let fingerprint = u64::from_str_radix(fingerprint, 16).map_err(|_| bad())?;
        Ok(Self { day: short(day)?, offset: short(offset)?, fingerprint })
    }

    /// As it is handed out.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:08x}{:08x}{:016x}", self.day, self.offset, self.fingerprint)
    }

    /// The refusal of a cursor that does not belong here.
    #[must_use]
    pub fn stale() -> Problem {
        let detail = "the cursor belongs to another query, or the results have changed since; \
                      ask again without a cursor";
        Problem::new(Code::StaleCursor, detail).at("query/cursor".into(), detail, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor { day: 735_148, offset: 70_000, fingerprint: u64::MAX - 5 };
        assert_eq!(Cursor::parse(&cursor.text()), Ok(cursor));
    }

    #[test]
    fn anything_else_is_refused() {
        let long = "0".repeat(DIGITS + 1);
        let signed = format!("+{}", "0".repeat(DIGITS - 1));
        for bad in ["", "0", "é", &long, &signed, &"Z".repeat(DIGITS), &"é".repeat(DIGITS / 2)] {
            assert!(Cursor::parse(bad).is_err(), "{bad}");
        }
    }
}
