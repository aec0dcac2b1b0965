//! `impactd panel`: days and symbols side by side.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use polars::prelude::*;

use super::{Failure, exit, print};
use crate::http::{self, Format};
use crate::panel::{self, Selection};
use crate::store::{Archive, StoreError};
use crate::tape::{NANOS_PER_SECOND, parse_duration};

/// What is laid side by side.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Rows {
    /// A slope common to all days: an intercept for each day, errors clustered by day
    Pooled,
    /// Half hours at a glance: median slope, share significant, r2 in and out of sample
    Symbols,
    /// Correlations of liquidity and of slopes between symbols, half hour by half hour
    Pairs,
    /// How far each symbol's liquidity moves with the others'
    Commonality,
    /// How far prices move with the flow of other symbols: own impact beside cross-impact, half hour by half hour
    CrossImpact,
    /// Where each symbol trades: volume and effective spread by venue, over the days
    Venues,
}

/// Lay days and symbols of a batch's results side by side.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which rows
    #[arg(value_enum)]
    rows: Rows,
    /// A batch's results
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// Width of the bars [default: 10s; of cross-impact 60s]
    #[arg(long, value_name = "WIDTH", value_parser = parse_duration)]
    bar: Option<i64>,
    /// Only these symbols
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<String>,
    /// First date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MIN, hide_default_value = true)]
    from: NaiveDate,
    /// Last date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MAX, hide_default_value = true)]
    to: NaiveDate,
    /// Print rows as JSON; else as CSV
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let archive = Archive::open(&arguments.data)?;
    let frame = arguments.frame(&archive)?;
    if frame.height() == 0 {
        let needs = match arguments.rows {
            Rows::Pooled => "two days and bars of this width",
            Rows::Symbols => "half hours with fits of bars of this width",
            Rows::Pairs => "two symbols with four half hours in common",
            Rows::Commonality => "three symbols with ten half hours in common",
            Rows::Venues => "trades whose tape tells their venue",
            Rows::CrossImpact => "two symbols with ten bars of this width in common in a half hour",
        };
        let message = format!("no rows: {} needs {needs}", arguments.data.display());
        return Err(Failure { message, code: exit::BAD_DATA });
    }
    let format = if arguments.json { Format::Json } else { Format::Csv };
    print(&http::encode(frame, format, None).map_err(|e| unfit(&e))?)
}

impl Arguments {
    fn frame(&self, archive: &Archive) -> Result<DataFrame, Failure> {
        let symbols: BTreeSet<String> = self.symbols.iter().cloned().collect();
        let seconds = if matches!(self.rows, Rows::CrossImpact) { 60 } else { 10 };
        let bar = self.bar.unwrap_or(seconds * NANOS_PER_SECOND);
        let selection = Selection { symbols, dates: self.from..=self.to, width: bar };
        let frame: Result<_, StoreError> = match self.rows {
            Rows::Pooled => panel::pooled(archive, &selection).map(|rows| panel::pooled_frame(bar, &rows)),
            Rows::Symbols => {
                panel::summaries(archive, &selection).map(|rows| panel::summary_frame(bar, &rows))
            }
            Rows::Pairs => panel::pairs(archive, &selection).map(|rows| panel::pair_frame(bar, &rows)),
            Rows::Commonality => {
                panel::commonality(archive, &selection).map(|rows| panel::commonality_frame(bar, &rows))
            }
            Rows::CrossImpact => {
                panel::cross_impact(archive, &selection).map(|rows| panel::cross_frame(bar, &rows))
            }
            Rows::Venues => panel::venues(archive, &selection).map(|rows| panel::venue_frame(&rows)),
        };
        frame?.map_err(|e| unfit(&e))
    }
}

fn unfit(error: &PolarsError) -> Failure {
    Failure { message: error.to_string(), code: exit::BAD_DATA }
}
