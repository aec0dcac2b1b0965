//! Where ticks go: one sink a format, all of them fed in one pass.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::error::SimulateError;
use super::tape::{Print, State, Tick};
use super::{to_csv, to_dbn, to_itch, to_lean, to_lobster, to_nyse_taq, to_parquet, to_wrds_taq};
use crate::tape::Symbol;

/// How a tape is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// QuantConnect Lean tick zips, a folder a symbol.
    Lean,
    /// NYSE Daily TAQ 3.x: trade, NBBO and venue quote files, gzip.
    NyseTaq,
    /// The same, not packed.
    NyseTaqPlain,
    /// Daily TAQ as WRDS exports it: three CSV files.
    WrdsTaq,
    /// LOBSTER message and orderbook files, a pair a symbol; messages tell of every level.
    Lobster,
    /// Nasdaq TotalView-ITCH 5.0, of the same orders; held in memory until sorted by time.
    Itch,
    /// Databento's DBN of the schema mbp-1, a file a symbol.
    Dbn,
    /// CSV with the default columns, symbol by symbol.
    Csv,
    /// CSV with the default columns, all symbols in one time order; held in memory until sorted.
    CsvMixed,
    /// Parquet with the default columns, symbol by symbol.
    Parquet,
}

impl Format {
    /// Its name on the command line, which is also its folder's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lean => "lean",
            Self::NyseTaq => "nyse-taq",
            Self::NyseTaqPlain => "nyse-taq-plain",
            Self::WrdsTaq => "wrds-taq",
            Self::Lobster => "lobster",
            Self::Itch => "itch",
            Self::Dbn => "dbn",
            Self::Csv => "csv",
            Self::CsvMixed => "csv-mixed",
            Self::Parquet => "parquet",
        }
    }
}

impl Format {
    /// Whether any nanosecond and any number of shares can stand in it.
    pub(super) fn holds_any_stamp(self) -> bool {
        matches!(self, Self::Dbn | Self::Csv | Self::CsvMixed | Self::Parquet)
    }
}

/// A writer of one format. Symbols come in NYSE's order, each with its ticks in time order.
pub(super) trait Sink {
    /// The ticks that follow are this symbol's.
    fn symbol(&mut self, symbol: &Symbol) -> Result<(), SimulateError>;
    /// Writes a state.
    fn quote(&mut self, state: &State) -> Result<(), SimulateError>;
    /// Writes a trade.
    fn trade(&mut self, print: &Print) -> Result<(), SimulateError>;
    /// Ends and names the files.
    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, SimulateError>;
}

/// Opens one sink writing into `dir`, of a day, drawing what it adds to the ticks from a seed, with so many levels.
pub(super) fn open(
    format: Format,
    (date, seed, levels): (NaiveDate, u64, u16),
    dir: &Path,
) -> Result<Box<dyn Sink>, SimulateError> {
    Ok(match format {
        Format::Lean => Box::new(to_lean::Lean::new(date, dir)),
        Format::NyseTaq => Box::new(to_nyse_taq::NyseTaq::create(date, dir, true)?),
        Format::NyseTaqPlain => Box::new(to_nyse_taq::NyseTaq::create(date, dir, false)?),
        Format::WrdsTaq => Box::new(to_wrds_taq::WrdsTaq::create(date, dir)?),
        Format::Lobster => Box::new(to_lobster::Lobster::new((date, seed, levels), dir)),
        Format::Itch => Box::new(to_itch::Itch::new(date, seed, dir)),
        Format::Dbn => Box::new(to_dbn::Dbn::new(date, dir)),
        Format::Csv => Box::new(to_csv::Csv::create(date, dir)?),
        Format::CsvMixed => Box::new(to_csv::CsvMixed::create(date, dir)?),
        Format::Parquet => Box::new(to_parquet::Parquet::create(date, dir)?),
    })
}

/// Hands ticks to every sink.
pub(super) fn pass(ticks: &[Tick], sinks: &mut [Box<dyn Sink>]) -> Result<(), SimulateError> {
    for sink in sinks {
        for tick in ticks {
            match tick {
                Tick::Quote(state) => sink.quote(state)?,
                Tick::Trade(print) => sink.trade(print)?,
            }
        }
    }
    Ok(())
}

/// Symbols sorted by bytes, as in NYSE's files.
///
/// # Errors
/// When there is none, one stands twice, or one cannot stand in every format.
pub(super) fn in_nyse_order(symbols: &[Symbol]) -> Result<Vec<Symbol>, SimulateError> {
    let mut sorted = symbols.to_vec();
    sorted.sort();
    let wrong = |name: &str| {
        let parts: Vec<&str> = name.split(' ').collect();
        let is_word =
            |p: &&str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        parts.len() > 2 || !parts.iter().all(is_word) || !name.starts_with(|c: char| c.is_ascii_uppercase())
    };
    if let Some(name) = sorted.iter().find(|s| wrong(s.as_str())) {
        let wanted = "capitals and digits, with at most one suffix behind a blank, such as IBM or BRK A";
        return Err(SimulateError::parameter("symbol", &name, wanted));
    }
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]);
    match twice {
        Some(pair) => Err(SimulateError::parameter("symbol", &pair[0], "named once")),
        None if sorted.is_empty() => Err(SimulateError::parameter("symbols", &"empty", "at least one")),
        None => Ok(sorted),
    }
}
