//! `impactd convert`: tapes of any format to canonical ticks.

use std::io::IsTerminal;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::reading::Tapes;
use super::{Failure, batch};
use crate::batch::Request;

/// Read trade and quote files, write their rows as Parquet: quotes and trades by date, sorted by symbol and time
///
/// A batch over the Parquet files gives what it gives over the files that they were made from.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    tapes: Tapes,
    /// Folder for the ticks
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// First date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MIN, hide_default_value = true)]
    from: NaiveDate,
    /// Last date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MAX, hide_default_value = true)]
    to: NaiveDate,
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
    let mut request: Request = arguments.tapes.request(&arguments.out)?;
    request.ticks = true;
    request.dates = arguments.from..=arguments.to;
    request.progress = std::io::stderr().is_terminal();
    batch::carry_out(&request, arguments.dry_run, arguments.json)
}
