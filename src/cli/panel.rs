//! `impactd panel`: days and symbols side by side.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;

use super::{Failure, exit, print};
use crate::http::{self, Format};
use crate::panel::{Panel, PanelError, Selection};
use crate::store::Archive;
use crate::tape::parse_duration;

/// Lay days and symbols of a batch's results side by side.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which rows
    #[arg(value_enum)]
    rows: Panel,
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
    let selection = Selection {
        symbols: arguments.symbols.iter().cloned().collect(),
        dates: arguments.from..=arguments.to,
        width: arguments.bar.unwrap_or(arguments.rows.default_width()),
        called_off: Arc::default(),
    };
    let unfit = |message: String| Failure { message, code: exit::BAD_DATA };
    let frame = arguments.rows.frame(&archive, &selection).map_err(|error| match error {
        PanelError::Store(error) => error.into(),
        PanelError::CalledOff => unfit(error.to_string()),
    })?;
    if frame.height() == 0 {
        let needs = arguments.rows.needs();
        return Err(unfit(format!("no rows: {} needs {needs}", arguments.data.display())));
    }
    let format = if arguments.json { Format::Json } else { Format::Csv };
    print(&http::encode(frame, format, None).map_err(|e| unfit(e.to_string()))?)
}
