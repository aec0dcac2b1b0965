//! `impactd impact`: a symbol's fits at a glance.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use polars::prelude::*;

use super::live_slopes::{self, LiveArguments};
use super::{Failure, exit, print};
use crate::http::{self, Format};
use crate::store::{Archive, StoreError, Table, tables};
use crate::tape::{NANOS_PER_SECOND, Symbol, parse_duration};

/// Show how far a symbol's price moves with the flow, with standard errors.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The symbol as its tape spells it
    symbol: String,
    /// A batch's results
    #[arg(long, value_name = "DIR", default_value = "out")]
    data: PathBuf,
    /// Width of the bars
    #[arg(long, value_name = "WIDTH", value_parser = parse_duration, default_value = "10s")]
    bar: i64,
    /// Only this model
    #[arg(long, value_name = "MODEL", value_parser = clap::builder::PossibleValuesParser::new(http::models()))]
    model: Option<String>,
    /// Which windows
    #[arg(long, value_parser = ["day", "30m"], default_value = "day")]
    window: String,
    /// Only this date [default: all]
    #[arg(long, value_name = "DATE")]
    date: Option<NaiveDate>,
    #[command(flatten)]
    live: LiveArguments,
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
    if arguments.live.live {
        return arguments.print_live(&archive);
    }
    let fits = arguments.read(&archive)?;
    if arguments.json {
        return print_json(fits);
    }
    if fits.height() == 0 {
        return Err(bad_data("no fits match; the batch may have had other --bar widths".into()));
    }
    print(table(&fits).map_err(|e| bad_data(e.to_string()))?.as_bytes())
}

impl Arguments {
    /// Every session starts anew.
    fn print_live(&self, archive: &Archive) -> Result<(), Failure> {
        let model = self.live.model(self.model.as_deref())?;
        let (mut path, mut bar_count) = (Vec::new(), 0);
        for date in self.dates(archive)? {
            let bars = archive.bars(date, &self.symbol, self.bar)?;
            bar_count += bars.len();
            path.extend(self.live.path(&bars, model, self.bar)?);
        }
        if self.json {
            let frame = live_slopes::frame(&self.symbol, self.bar, model, &path);
            return print_json(frame.map_err(|e| bad_data(e.to_string()))?);
        }
        if path.is_empty() {
            let message = match bar_count {
                0 => "no bars match; the batch may have had other --bar widths".to_owned(),
                _ => format!(
                    "none of {bar_count} bars gave slopes: too few of them count at a time, or nothing moved"
                ),
            };
            return Err(bad_data(message));
        }
        print(live_slopes::table(model, &path).as_bytes())
    }

    /// The dates asked for that hold the symbol.
    fn dates<'a>(&'a self, archive: &'a Archive) -> Result<Vec<&'a str>, Failure> {
        let dates: Vec<&str> = archive.dates_of(&self.symbol).collect();
        if dates.is_empty() {
            let known = archive.catalogues().values().flat_map(|c| &c.symbols);
            let known: BTreeSet<&str> = known.map(|s| s.symbol.as_str()).collect();
            let some: Vec<&str> = known.iter().take(10).copied().collect();
            let (folder, more) = (self.data.display(), if known.len() > some.len() { ", .." } else { "" });
            let message = format!("{}: no results; {folder} holds {}{more}", self.symbol, some.join(", "));
            return Err(bad_data(message));
        }
        let wanted = self.date.map(|date| date.to_string());
        Ok(dates.into_iter().filter(|date| wanted.as_deref().is_none_or(|w| w == *date)).collect())
    }

    fn read(&self, archive: &Archive) -> Result<DataFrame, Failure> {
        let none = tables::no_fits(&Symbol::new(&self.symbol));
        let mut frames = vec![none.map_err(|e| bad_data(e.to_string()))?];
        for date in self.dates(archive)? {
            if let Some(frame) = archive.rows(Table::Fits, date, &self.symbol)? {
                frames.push(self.filter(&frame).map_err(|e| bad_data(e.to_string()))?);
            }
        }
        tables::stack(frames).map_err(|e| bad_data(e.to_string()))
    }

    fn filter(&self, fits: &DataFrame) -> PolarsResult<DataFrame> {
        let width = self.bar as f64 / NANOS_PER_SECOND as f64;
        let mut mask = fits.column("bar_seconds")?.f64()?.equal(width)
            & fits.column("window")?.str()?.equal(self.window.as_str());
        if let Some(model) = &self.model {
            mask = mask & fits.column("model")?.str()?.equal(model.as_str());
        }
        fits.filter(&mask)
    }
}

fn print_json(rows: DataFrame) -> Result<(), Failure> {
    print(&http::encode(rows, Format::Json, None).map_err(|e| bad_data(e.to_string()))?)
}

/// Columns for a person, a line a term.
fn table(fits: &DataFrame) -> PolarsResult<String> {
    let text = |name: &str| fits.column(name)?.str();
    let real = |name: &str| fits.column(name)?.f64();
    let (model, term, unit) = (text("model")?, text("term")?, text("unit")?);
    let (coefficient, error) = (real("coefficient")?, real("se_hac")?);
    let (low, high) = (real("ci95_low")?, real("ci95_high")?);
    let (r2, r2_oos) = (real("r2")?, real("r2_oos")?);
    let (start, n) = (fits.column("window_start")?.datetime()?.physical(), fits.column("n")?.i64()?);
    let mut out = format!(
        "{:<17} {:<10} {:<16} {:>12} {:>11} {:>12} {:>12} {:>6} {:>6} {:>7}  unit\n",
        "window (UTC)", "model", "term", "coefficient", "se", "ci95 low", "ci95 high", "n", "r2", "r2 oos"
    );
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4e}"));
    let share = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    for row in 0..fits.height() {
        let start = chrono::DateTime::from_timestamp_nanos(start.get(row).unwrap_or(0));
        out.push_str(&format!(
            "{:<17} {:<10} {:<16} {:>12} {:>11} {:>12} {:>12} {:>6} {:>6} {:>7}  {}\n",
            start.format("%Y-%m-%d %H:%M"),
            model.get(row).unwrap_or("-"),
            term.get(row).unwrap_or("-"),
            number(coefficient.get(row)),
            number(error.get(row)),
            number(low.get(row)),
            number(high.get(row)),
            n.get(row).unwrap_or(0),
            share(r2.get(row)),
            share(r2_oos.get(row)),
            unit.get(row).unwrap_or("-"),
        ));
    }
    Ok(out)
}

fn bad_data(message: String) -> Failure {
    Failure { message, code: exit::BAD_DATA }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Io { .. } | StoreError::Locked { .. } => exit::TRY_AGAIN,
            StoreError::Damaged { .. } | StoreError::Unfit { .. } => exit::BAD_DATA,
        };
        Self { message: error.to_string(), code }
    }
}
