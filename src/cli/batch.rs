//! `impactd batch`: tapes to result tables.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::{Failure, exit, report};
use crate::batch::{self, BatchError, Outcome, Request};
use crate::clean::Profile;
use crate::flow::Widths;
use crate::ingest::{ColumnMap, Format, OnBadRow};
use crate::limits::{MEMORY_DEFAULT_BYTES, MEMORY_MIN_BYTES};
use crate::sign::{Match, Rule};
use crate::tape::{SessionHours, parse_duration};

/// Read trade and quote files, write bars, fits, liquidity and a manifest.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Trade and quote files; their formats are told by their content
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Format of all inputs, where it cannot be told
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Column names of csv and parquet files: ts=TIME,bid=BB,..
    #[arg(long, value_name = "K=COL,..", value_parser = ColumnMap::parse, default_value = "")]
    map: ColumnMap,
    /// Shares in one unit of a quoted size [default: 100 for nyse-taq and wrds-taq, else 1]
    #[arg(long, value_name = "SHARES", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    quote_lot: Option<i64>,
    /// Bar widths
    #[arg(long, value_name = "WIDTH,..", value_parser = Widths::parse, default_value = batch::DEFAULT_WIDTHS)]
    bar: Widths,
    /// Only these symbols
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<String>,
    /// First date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MIN, hide_default_value = true)]
    from: NaiveDate,
    /// Last date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MAX, hide_default_value = true)]
    to: NaiveDate,
    /// Session hours, New York time; half days end early by the calendar
    #[arg(long, value_name = "HH:MM-HH:MM", value_parser = SessionHours::parse, default_value = "09:30-16:00")]
    session: SessionHours,
    /// Cleaning rules [default: holden-jacobsen for nyse-taq and wrds-taq, else none]
    #[arg(long, value_enum)]
    clean: Option<Profile>,
    /// Only this venue's quotes and trades
    #[arg(long, value_name = "LETTER")]
    venue: Option<char>,
    /// Leave out trades under any of these sale-condition letters
    #[arg(long, value_name = "LETTERS", default_value = "")]
    exclude_conditions: String,
    /// Which rule signs the trades [default: known for lobster, whose messages tell the aggressor, else lee-ready]
    #[arg(long, value_enum)]
    sign: Option<Rule>,
    /// Which quote is in force at equal stamps
    #[arg(long = "match", value_enum, default_value_t = Match::Before)]
    matching: Match,
    /// How long a quote takes to be in force
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "0s")]
    quote_lag: i64,
    /// Seed the book with the last quote before the open
    #[arg(long)]
    carry_open: bool,
    /// Stop at a row that cannot be read, or leave it out and count it
    #[arg(long, value_enum, default_value_t = OnBadRow::Fail)]
    on_bad_row: OnBadRow,
    /// Also write every signed trade
    #[arg(long)]
    signed_trades: bool,
    /// Also write summary/SYMBOL_YYYYMMDD.json
    #[arg(long)]
    summary: bool,
    /// Worker threads [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Memory for rows that must be sorted before they spill to disk: 512M, 4G
    #[arg(long, value_name = "SIZE", value_parser = memory_size)]
    memory: Option<usize>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the manifest to stdout
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let request = arguments.request();
    if arguments.dry_run {
        let plan = batch::plan(&request)?;
        report::plan(&plan, arguments.json);
        return Ok(());
    }
    // A worker's panic must not take the process down: who waits for its result tells that there is none.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(request.jobs).panic_handler(|_| {});
    pool.build_global().map_err(|e| Failure::usage(e.to_string()))?;
    let outcome = batch::run(&request)?;
    let manifest = match &outcome {
        Outcome::UpToDate(manifest) => {
            eprintln!("{}: up to date, nothing to do", request.out.display());
            manifest
        }
        Outcome::Made(manifest, warnings) => {
            report::made(manifest);
            warnings.iter().for_each(|warning| eprintln!("note: {warning}"));
            manifest
        }
    };
    if arguments.json {
        println!("{:#}", json!(manifest));
    }
    Ok(())
}

impl Arguments {
    fn request(&self) -> Request {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Request {
            inputs: self.inputs.clone(),
            out: self.out.clone(),
            format: self.format,
            map: self.map.clone(),
            quote_lot: self.quote_lot,
            symbols: self.symbols.iter().cloned().collect::<BTreeSet<_>>(),
            dates: self.from..=self.to,
            widths: self.bar.clone(),
            hours: self.session,
            profile: self.clean,
            venue: self.venue,
            excluded_conditions: self.exclude_conditions.clone(),
            carry_open: self.carry_open,
            sign: self.sign,
            matching: self.matching,
            quote_lag: self.quote_lag,
            on_bad_row: self.on_bad_row,
            signed_trades: self.signed_trades,
            summary: self.summary,
            jobs: self.jobs.map_or(cores, usize::from),
            memory_bytes: self.memory.unwrap_or(MEMORY_DEFAULT_BYTES),
            progress: std::io::stderr().is_terminal(),
        }
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

impl From<BatchError> for Failure {
    fn from(error: BatchError) -> Self {
        let code = match &error {
            BatchError::Ingest(error) if error.may_pass() => exit::TRY_AGAIN,
            BatchError::Ingest(_) | BatchError::Nothing(_) => exit::BAD_DATA,
            BatchError::Store(_) => exit::TRY_AGAIN,
            _ => exit::USAGE,
        };
        let message = error.to_string();
        Self { message, code }
    }
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
