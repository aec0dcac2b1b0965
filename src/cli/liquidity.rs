//! `impactd liquidity`: what a symbol's days say together, from the results of a batch.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::{Failure, exit, print};
use crate::estimators::{DayTotals, measures_of_days};
use crate::http::{self, Format};
use crate::liquidity::Measure;
use crate::store::{Archive, Table, tables};
use crate::tape::Symbol;

/// Estimate spreads from daily prices, Amihud's ratio and PIN over a symbol's days.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The symbol as its tape spells it
    symbol: String,
    /// A batch's results
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// First date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MIN, hide_default_value = true)]
    from: NaiveDate,
    /// Last date
    #[arg(long, value_name = "DATE", default_value_t = NaiveDate::MAX, hide_default_value = true)]
    to: NaiveDate,
    /// Print rows as the daemon does
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let archive = Archive::open(&arguments.data)?;
    let days = arguments.days(&archive)?;
    if days.is_empty() {
        let message = format!(
            "{}: {} holds no day of it that estimates can be made of; they need results of \
             impactd batch --measures all, and days with trades",
            arguments.symbol,
            arguments.data.display()
        );
        return Err(bad_data(message));
    }
    let measures = measures_of_days(&days);
    if arguments.json {
        let frame = tables::liquidity(&Symbol::new(&arguments.symbol), &measures);
        let rows = frame.map_err(|e| bad_data(e.to_string()))?;
        return print(&http::encode(rows, Format::Json, None).map_err(|e| bad_data(e.to_string()))?);
    }
    print(table(&measures).as_bytes())
}

impl Arguments {
    /// The days that hold what estimates need, by date.
    fn days(&self, archive: &Archive) -> Result<Vec<DayTotals>, Failure> {
        let mut days = Vec::new();
        for date in archive.dates_of(&self.symbol) {
            let inside = date.parse::<NaiveDate>().is_ok_and(|date| self.from <= date && date <= self.to);
            if !inside {
                continue;
            }
            let Some(rows) = archive.rows(Table::Liquidity, date, &self.symbol)? else { continue };
            let values = tables::read_liquidity(&rows).map_err(|e| bad_data(e.to_string()))?;
            let values: BTreeMap<&str, f64> = values.into_iter().collect();
            days.extend(DayTotals::of(|name| values.get(name).copied()));
        }
        Ok(days)
    }
}

/// Columns for a person, a line a measure.
fn table(measures: &[Measure]) -> String {
    let mut out = format!("{:<36} {:>13} {:>6}  unit\n", "measure", "value", "days");
    for measure in measures {
        let value = measure.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.5e}"));
        out.push_str(&format!("{:<36} {value:>13} {:>6}  {}\n", measure.name, measure.n, measure.unit));
    }
    out
}

fn bad_data(message: String) -> Failure {
    Failure { message, code: exit::BAD_DATA }
}
