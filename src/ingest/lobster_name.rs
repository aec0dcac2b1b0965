//! What the name of a LOBSTER file tells: `TICKER_YYYY-MM-DD_START_END_{message,orderbook}_LEVEL.csv`, and the
//! same packed, `.csv.gz`. Symbol and date stand only there; START and END are milliseconds after midnight.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::IngestError;
use super::{Kind, fields};

/// A file name, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The ticker.
    pub symbol: String,
    /// The New York date.
    pub date: NaiveDate,
    /// Trades of a message file, quotes of an orderbook file.
    pub kind: Kind,
    /// Price levels of the book.
    pub levels: u16,
}

/// Reads a file's name.
///
/// # Errors
/// When it is not named as LOBSTER names files.
pub fn describe(path: &Path) -> Result<Name, IngestError> {
    parse(&file_name(path)).ok_or_else(|| {
        let what = "is not named TICKER_YYYY-MM-DD_START_END_message_LEVEL.csv or .._orderbook_LEVEL.csv; \
                    symbol and date stand only in the name, so give it back the one LOBSTER gave it";
        IngestError::file(path, what)
    })
}

/// Whether a file is LOBSTER's by its name and by the first cell of its first line, which is a number: there is
/// no header.
pub fn is_announced(path: &Path, line: &[u8]) -> bool {
    let first = line.split(|b| *b == b',').next().unwrap_or_default();
    let is_number = first.iter().any(u8::is_ascii_digit)
        && first.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    is_number && parse(&file_name(path)).is_some()
}

impl Name {
    /// The message file next to an orderbook file, whose rows carry no times of their own; `None` for a message
    /// file.
    ///
    /// # Errors
    /// When it is not there.
    pub fn stamps_from(&self, path: &Path) -> Result<Option<PathBuf>, IngestError> {
        if self.kind == Kind::Trades {
            return Ok(None);
        }
        let own = file_name(path);
        let Some((before, after)) = own.rsplit_once("_orderbook_") else {
            return Ok(None);
        };
        let same = format!("{before}_message_{after}");
        let other = match same.strip_suffix(".gz") {
            Some(plain) => plain.to_owned(),
            None => format!("{same}.gz"),
        };
        let found = [&same, &other].map(|name| path.with_file_name(name)).into_iter().find(|p| p.is_file());
        found.map(Some).ok_or_else(|| {
            let what =
                format!("takes its times from its message file, and {same} is not next to it; put it there");
            IngestError::file(path, what)
        })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn parse(name: &str) -> Option<Name> {
    let stem = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".csv")?;
    let mut parts = stem.rsplitn(6, '_');
    let levels: u16 = parts.next()?.parse().ok()?;
    let kind = match parts.next()? {
        "message" => Kind::Trades,
        "orderbook" => Kind::Quotes,
        _ => return None,
    };
    for _ in ["end", "start"] {
        fields::digits(parts.next()?.as_bytes()).ok()?;
    }
    let date = fields::date(parts.next()?.as_bytes()).ok()?;
    let symbol = parts.next().filter(|symbol| !symbol.is_empty())?.to_owned();
    (levels > 0).then_some(Name { symbol, date, kind, levels })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_symbol_date_kind_and_levels() {
        let name = parse("BRK.A_2012-06-21_34200000_57600000_orderbook_10.csv").expect("a name");
        assert_eq!((name.symbol.as_str(), name.kind, name.levels), ("BRK.A", Kind::Quotes, 10));
        assert_eq!(name.date.to_string(), "2012-06-21");
        assert_eq!(parse("A_B_2012-06-21_0_1_message_1.csv.gz").map(|n| n.symbol), Some("A_B".into()));
        for bad in [
            "AMZN_2012-06-21_34200000_57600000_message_1.csv.bz2",
            "AMZN_2012-06-21_34200000_57600000_message_0.csv",
            "AMZN_2012-06-21_34200000_57600000_messages_1.csv",
            "AMZN_2012-06-31_34200000_57600000_message_1.csv",
            "AMZN_2012-06-21_x_57600000_message_1.csv",
            "_2012-06-21_34200000_57600000_message_1.csv",
            "2012-06-21_34200000_57600000_message_1.csv",
            "trades.csv",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_first_cell_must_be_a_number() {
        let path = Path::new("AMZN_2012-06-21_34200000_57600000_message_1.csv");
        assert!(is_announced(path, b"34200.017459617,5,0,1,2238200,-1"));
        assert!(is_announced(path, b"-9999999999,0,1,1"));
        assert!(!is_announced(path, b"ts,symbol,price,size") && !is_announced(path, b""));
        assert!(!is_announced(Path::new("AMZN.csv"), b"34200.017459617,5,0,1,2238200,-1"));
    }
}
