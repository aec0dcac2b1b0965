//! What the name of a file of data.binance.vision tells: `SYMBOL-KIND-YYYY-MM-DD.csv` of a day,
//! `SYMBOL-KIND-YYYY-MM.csv` of a month. Symbol and kind stand only there. Where the file is a zip, the name of the
//! file within counts, so that a zip may be called anything.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{Days, Months, NaiveDate, NaiveTime};

use super::table::Table;
use crate::ingest::coverage::Coverage;
use crate::ingest::error::IngestError;
use crate::ingest::zipped::Zipped;
use crate::ingest::{fields, source};

/// A file's name, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The symbol, as the name spells it.
    pub symbol: String,
    /// What its rows are.
    pub table: Table,
    /// Its first date of UTC.
    from: NaiveDate,
    /// The date behind its last one.
    to: NaiveDate,
}

impl Name {
    /// Which trades the file tells: `trades` and `aggTrades` of a symbol tell the same ones.
    #[must_use]
    pub fn trades(&self) -> Option<Coverage> {
        let midnight = |date: NaiveDate| {
            let nanos = date.and_time(NaiveTime::MIN).and_utc().timestamp_nanos_opt();
            nanos.and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or(u64::MAX)
        };
        let symbols = BTreeSet::from([self.symbol.clone()]);
        let told = || Coverage::new("data.binance.vision", symbols, midnight(self.from), midnight(self.to));
        (self.table != Table::BookTicker).then(told)
    }
}

/// The parts of a name of this shape: symbol, kind, first date and the date behind the last.
fn parts(name: &str) -> Option<(&str, &str, NaiveDate, NaiveDate)> {
    let stem = name.rsplit('/').next()?;
    let stem = stem.strip_suffix(".gz").unwrap_or(stem).strip_suffix(".csv")?;
    let cut = |length: usize| {
        let (before, date) = stem.split_at_checked(stem.len().checked_sub(length)?)?;
        Some((before.strip_suffix('-')?, date))
    };
    let day = || {
        let (before, date) = cut("YYYY-MM-DD".len())?;
        let from = fields::date(date.as_bytes()).ok()?;
        Some((before, from, from.checked_add_days(Days::new(1))?))
    };
    let month = || {
        let (before, month) = cut("YYYY-MM".len())?;
        let from = fields::date(format!("{month}-01").as_bytes()).ok()?;
        Some((before, from, from.checked_add_months(Months::new(1))?))
    };
    let (before, from, to) = day().or_else(month)?;
    let (symbol, kind) = before.rsplit_once('-')?;
    (!symbol.is_empty()).then_some((symbol, kind, from, to))
}

/// Whether a name has this shape, of whatever kind.
pub fn is_alike(name: &str) -> bool {
    parts(name).is_some()
}

/// Reads a name that stands for the file at a path.
///
/// # Errors
/// When it is of another shape, or of a kind that is not read here.
pub fn read(path: &Path, name: &str) -> Result<Name, IngestError> {
    let Some((symbol, kind, from, to)) = parts(name) else {
        let what = format!(
            "'{name}' is not named SYMBOL-trades-YYYY-MM-DD.csv, or -aggTrades- or -bookTicker- for the kind and \
             YYYY-MM for the date; symbol and kind stand only in the name, so give it back the one Binance gave it"
        );
        return Err(IngestError::file(path, what));
    };
    let Some(table) = Table::of(kind) else {
        let what = format!(
            "'{name}' holds '{kind}', which is not read; of Binance's files trades, aggTrades and bookTicker are read, \
             so fetch one of those"
        );
        return Err(IngestError::file(path, what));
    };
    Ok(Name { symbol: symbol.to_owned(), table, from, to })
}

/// The name that counts, as the files at a path are named.
///
/// # Errors
/// When the file cannot be opened, or is a damaged zip.
pub fn of(path: &Path) -> Result<String, IngestError> {
    if is_zip(path)? {
        return Ok(Zipped::open(path, Arc::default())?.name);
    }
    Ok(path.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

/// Whether a file is a zip, by its first bytes.
///
/// # Errors
/// When it cannot be opened or read.
pub fn is_zip(path: &Path) -> Result<bool, IngestError> {
    let mut magic = [0; 4];
    let got = source::read_up_to(&mut source::open(path)?, &mut magic);
    let got = got.map_err(|e| IngestError::io(path, "reading its first bytes", e))?;
    Ok(&magic[..got] == b"PK\x03\x04")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<Name, String> {
        read(Path::new(text), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_tells_symbol_kind_and_dates() {
        for (text, symbol, table, from, to) in [
            ("BTCUSDT-trades-2024-02-29.csv", "BTCUSDT", Table::Trades, "2024-02-29", "2024-03-01"),
            (
                "BTCUSD_PERP-aggTrades-2023-12.csv.gz",
                "BTCUSD_PERP",
                Table::AggTrades,
                "2023-12-01",
                "2024-01-01",
            ),
            ("in/A-B-bookTicker-2024-01-31.csv", "A-B", Table::BookTicker, "2024-01-31", "2024-02-01"),
        ] {
            let name = name(text).expect(text);
            assert_eq!((name.symbol.as_str(), name.table), (symbol, table), "{text}");
            assert_eq!((name.from.to_string(), name.to.to_string()), (from.into(), to.into()), "{text}");
        }
    }

    #[test]
    fn other_names_are_refused_with_what_to_do() {
        for bad in [
            "BTCUSDT-2024-01-01.csv",
            "-trades-2024-01-01.csv",
            "BTCUSDT-trades-2024-13.csv",
            "BTCUSDT-trades-2024-02-30.csv",
            "BTCUSDT-trades-2024-01-01.txt",
            "BTCUSDT-trades.csv",
            "trades.csv",
            "é-01.csv",
        ] {
            let said = name(bad).expect_err(bad);
            assert!(said.contains(bad) && said.contains("SYMBOL-trades-YYYY-MM-DD.csv"), "{said}");
            assert!(!is_alike(bad), "{bad}");
        }
        let said = name("BTCUSDT-1m-2024-01.csv").expect_err("klines");
        assert!(
            said.contains("holds '1m'") && said.contains("trades, aggTrades and bookTicker are read"),
            "{said}"
        );
        assert!(is_alike("BTCUSDT-1m-2024-01.csv"));
    }

    #[test]
    fn trades_told_twice_are_known_by_the_names() {
        let told = |text: &str| name(text).expect(text).trades();
        let day = told("BTCUSDT-trades-2024-01-31.csv").expect("trades");
        let all = BTreeSet::new();
        for (other, is_shared) in [
            ("BTCUSDT-aggTrades-2024-01-31.csv", true),
            ("BTCUSDT-trades-2024-01.csv", true),
            ("BTCUSDT-trades-2024-02.csv", false),
            ("BTCUSDT-trades-2024-01-30.csv", false),
            ("ETHUSDT-aggTrades-2024-01-31.csv", false),
        ] {
            let other = told(other).expect("trades");
            assert_eq!(day.shared(&other, &all).is_some(), is_shared, "{other:?}");
        }
        assert_eq!(told("BTCUSDT-bookTicker-2024-01-31.csv"), None);
    }
}
