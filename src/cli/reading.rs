//! How a command that reads tapes is told to read them.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;

use super::Failure;
use crate::batch::Request;
use crate::clean::{Kinds, Nbbo, Profile};
use crate::ingest::{Clock, ColumnMap, Format, OnBadRow};
use crate::limits::MEMORY_MIN_BYTES;
use crate::sign::{Layers, Match};
use crate::tape::{Calendar, Market, Scale, parse_duration};

/// Tapes.
#[derive(Debug, Args)]
pub struct Tapes {
    /// Trade and quote files; their formats are told by their content
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Format of all inputs, where it cannot be told
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Column names of csv and parquet files: ts=TIME,bid=BB,..
    #[arg(long, value_name = "K=COL,..", value_parser = ColumnMap::parse, default_value = "")]
    map: ColumnMap,
    /// Shares in one unit of a quoted size [default: 100 for nyse-taq and wrds-taq, else 1]
    #[arg(long, value_name = "SHARES", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    quote_lot: Option<i64>,
    /// Decimals of the sizes in csv and parquet files [default: what the file says, else 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(Scale::DECIMALS_MAX)))]
    size_decimals: Option<u8>,
    /// By which clock captures are read [default: exchange where best quotes tell its time, else received]
    #[arg(long, value_enum)]
    clock: Option<Clock>,
    /// Whose trading days: New York's, those of equity-index futures in Chicago, or days of UTC without a close
    #[arg(long, value_enum, default_value_t)]
    calendar: Market,
    /// Only these symbols
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<String>,
    /// Stop at a row that cannot be read, or leave it out and count it
    #[arg(long, value_enum, default_value_t = OnBadRow::Fail)]
    on_bad_row: OnBadRow,
    /// Memory for rows that must be sorted before they spill to disk: 512M, 4G
    #[arg(long, value_name = "SIZE", value_parser = memory_size)]
    memory: Option<usize>,
}

/// Tapes, and by which rules they are read.
#[derive(Debug, Args)]
pub struct Reading {
    #[command(flatten)]
    tapes: Tapes,
    /// First date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MIN, hide_default_value = true)]
    from: NaiveDate,
    /// Last date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MAX, hide_default_value = true)]
    to: NaiveDate,
    /// Only these hours of each session, by the clock of the calendar; half days end early [default: all of it]
    #[arg(long, value_name = "HH:MM-HH:MM")]
    session: Option<String>,
    /// Cleaning rules [default: holden-jacobsen for nyse-taq and wrds-taq, else none]
    #[arg(long, value_enum)]
    clean: Option<Profile>,
    /// Only this venue's quotes and trades
    #[arg(long, value_name = "LETTER")]
    venue: Option<char>,
    /// Whose quotes are the national best bid and offer: what the tape says is, or all venues', sizes summed
    #[arg(long, value_enum, default_value_t = Nbbo::Tape)]
    nbbo: Nbbo,
    /// Leave out trades under any of these sale-condition letters
    #[arg(long, value_name = "LETTERS", default_value = "")]
    exclude_conditions: String,
    /// Leave out these kinds of prints; halted takes the quotes of a halt too [default: none, and all are counted]
    ///
    /// opening_auction, closing_auction, reopening_auction, auction, late, odd_lot, off_exchange, extended_hours,
    /// special_price, hidden, corrected, halted.
    #[arg(long, value_name = "KIND,..", value_parser = Kinds::parse, default_value = "", hide_default_value = true)]
    exclude: Kinds,
    /// Which rule signs the trades [default: known where the tape tells the aggressor, else lee-ready]
    ///
    /// tick, quote, lee-ready, emo, clnv, trade-size, depth or known; rev-tick, rev-lee-ready, rev-emo and rev-clnv
    /// look ahead to the next price. Several are layers, of which the first that can tell counts: quote,depth,tick.
    #[arg(long, value_name = "RULE,..", value_parser = Layers::parse)]
    sign: Option<Layers>,
    /// Which quote is in force at equal stamps
    #[arg(long = "match", value_enum, default_value_t = Match::Before)]
    matching: Match,
    /// How long a quote takes to be in force
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "0s")]
    quote_lag: i64,
    /// Seed the book with the last quote before the open
    #[arg(long)]
    carry_open: bool,
    /// Worker threads [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

impl Tapes {
    /// Whether only some symbols are wanted.
    #[must_use]
    pub fn selects(&self) -> bool {
        !self.symbols.is_empty()
    }

    /// A request for results in `out`, everything else at its default.
    ///
    /// # Errors
    /// Never for the built-in widths.
    pub fn request(&self, out: &Path) -> Result<Request, Failure> {
        let new = Request::new(self.inputs.clone(), out.to_owned());
        let mut request = new.map_err(|e| Failure::usage(e.to_string()))?;
        request.format = self.format;
        request.map = self.map.clone();
        request.quote_lot = self.quote_lot;
        request.size_decimals = self.size_decimals;
        request.clock = self.clock;
        request.calendar = Calendar::of(self.calendar);
        request.symbols = self.symbols.iter().cloned().collect::<BTreeSet<_>>();
        request.on_bad_row = self.on_bad_row;
        request.memory_bytes = self.memory.unwrap_or(request.memory_bytes);
        Ok(request)
    }
}

impl Reading {
    /// A request for results in `out`, everything else at its default.
    ///
    /// # Errors
    /// Never for the built-in widths.
    pub fn request(&self, out: &Path) -> Result<Request, Failure> {
        let mut request = self.tapes.request(out)?;
        request.dates = self.from..=self.to;
        if let Some(text) = &self.session {
            request.calendar =
                request.calendar.narrowed(text).map_err(|e| Failure::usage(format!("--session: {e}")))?;
        }
        request.profile = self.clean;
        request.venue = self.venue;
        request.nbbo = self.nbbo;
        request.excluded_conditions = self.exclude_conditions.clone();
        request.excluded = self.exclude;
        request.carry_open = self.carry_open;
        request.sign = self.sign;
        request.matching = self.matching;
        request.quote_lag = self.quote_lag;
        request.jobs = self.jobs.map_or(request.jobs, usize::from);
        request.progress = std::io::stderr().is_terminal();
        Ok(request)
    }
}

fn memory_size(text: &str) -> Result<usize, String> {
    let bad = || format!("'{text}' is not a size such as 512M or 4G");
    let units = [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30)];
    let upper = text.to_ascii_uppercase();
    let unit = units.iter().find_map(|(unit, scale)| Some((upper.strip_suffix(unit)?, *scale)));
    let (digits, scale) = unit.unwrap_or((&upper, 1));
    let count: usize = digits.parse().map_err(|_| bad())?;
    let bytes = count.checked_mul(scale).ok_or_else(bad)?;
    if bytes < MEMORY_MIN_BYTES {
        return Err(format!("'{text}' is less than the {}M that sorting needs", MEMORY_MIN_BYTES >> 20));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_sizes_are_read() {
        assert_eq!(memory_size("512M"), Ok(512 << 20));
        assert_eq!(memory_size("2G"), Ok(2 << 30));
        for bad in ["", "G", "1M", "12Q", "-1G"] {
            assert!(memory_size(bad).is_err(), "{bad}");
        }
    }
}
