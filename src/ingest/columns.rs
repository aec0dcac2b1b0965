//! Header names to columns: a text tape is bound by name, never by position.

use std::path::Path;

use super::error::IngestError;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Nothing this program reads.
    Skip,
    /// Nanoseconds since 1970 UTC, or RFC 3339.
    Moment,
    /// When the capture received it, as [`Self::Moment`]; empty where that is not told.
    Received,
    /// A New York date.
    Date,
    /// Time of day, `HHMMSSnnnnnnnnn`.
    CompactTime,
    /// Time of day, `H:MM:SS.nnnnnnnnn`.
    ColonTime,
    /// Symbol, or its root.
    Symbol,
    /// Symbol suffix, joined to the root by a blank.
    Suffix,
    /// Best bid, dollars.
    Bid,
    /// Size at the bid.
    BidSize,
    /// Best offer, dollars.
    Ask,
    /// Size at the offer.
    AskSize,
    /// Trade price, dollars.
    Price,
    /// Trade size, shares.
    Size,
    /// The aggressor, where the feed names it.
    Side,
    /// Exchange letter.
    Venue,
    /// Sale conditions of a trade, condition of a quote.
    Condition,
    /// Trade correction code.
    Correction,
    /// Quote cancel or correction letter.
    Cancel,
    /// Sequence number.
    Sequence,
    /// Source of the row, `C` or `N`.
    Source,
    /// National best-bid-and-offer indicator.
    National,
    /// Which book a quote speaks of, `national` or `venue`.
    Book,
}

/// The names a format gives to its columns.
pub type Names = [(&'static str, Column)];

/// A name as formats agree on it: lower case, blanks as underscores.
pub fn folded(name: &str) -> String {
    let bare = name.trim_start_matches('\u{feff}').trim().trim_matches('"');
    bare.to_ascii_lowercase().replace(' ', "_")
}

/// The header's cells, folded.
pub fn header_names(header: &[u8], delimiter: char) -> Vec<String> {
    let text = String::from_utf8_lossy(header);
    text.split(delimiter).map(folded).collect()
}

/// Binds a header: one [`Column`] a cell, cut after the last that is read.
///
/// # Errors
/// When a required column is missing or one stands twice, naming both what is missing and what is there.
pub fn bind(
    path: &Path,
    header: &[String],
    delimiter: char,
    names: &[(String, Column)],
    required: &[Column],
) -> Result<Vec<Column>, IngestError> {
    let of = |cell: &String| names.iter().find(|(name, _)| name == cell).map(|n| n.1);
    let mut bound: Vec<Column> = header.iter().map(|c| of(c).unwrap_or(Column::Skip)).collect();
    for wanted in required {
        let found = bound.iter().filter(|c| *c == wanted).count();
        if found != 1 {
            let expected: Vec<&str> = names.iter().filter(|n| n.1 == *wanted).map(|n| n.0.as_str()).collect();
            return Err(IngestError::file(path, complaint(header, delimiter, &expected, found)));
        }
    }
    let used = bound.iter().rposition(|c| *c != Column::Skip);
    bound.truncate(used.map_or(0, |last| last + 1));
    Ok(bound)
}

fn complaint(header: &[String], delimiter: char, expected: &[&str], found: usize) -> String {
    let name = expected.join("' or '");
    let there = header.join(&delimiter.to_string());
    if found > 1 {
        return format!("line 1: column '{name}' stands {found} times; keep one of them");
    }
    let other = [',', '|', ';', '\t']
        .into_iter()
        .find(|d| *d != delimiter && header.len() == 1 && there.contains(*d));
    match other {
        Some(other) => format!(
            "line 1: cells are parted by {other:?} where this format needs {delimiter:?}; \
             name the right --format or rewrite the file with {delimiter:?}"
        ),
        None => format!(
            "line 1: no column '{name}'; the header has '{there}'; name it with --map or choose --format"
        ),
    }
}

/// A static table of names as [`bind`] takes it.
pub fn owned(names: &Names) -> Vec<(String, Column)> {
    names.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect()
}
