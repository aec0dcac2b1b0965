//! `impactd study`: market impact conditional on order flow, counted in market orders.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use super::{Failure, exit, print, study_table};
use crate::batch::{self, Gathered, Request};
use crate::clean::Profile;
use crate::flow::{MarketOrder, MarketOrders, market_orders};
use crate::ingest::{ColumnMap, Format};
use crate::sign::Layers;
use crate::store::write_atomically;
use crate::study::{self, Settings, Study};
use crate::tape::{Calendar, NYSE};

/// Most market orders that one window may hold.
const WINDOW_MAX: u16 = 10_000;

/// Measure how the mid answers market orders: R(1), R(v,1), Kyle's lambda on the linear region, line against tree.
///
/// A window of T market orders and the mid's change over it are taken together: this explains and does not forecast.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Trade and quote files of one symbol, any number of days; their formats are told by their content
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Which symbol, where the inputs hold several
    #[arg(long, value_name = "S")]
    symbol: Option<String>,
    /// Market orders in a window
    #[arg(long, value_name = "T,..", value_delimiter = ',', default_value = "5,10,20,50",
        value_parser = clap::value_parser!(u16).range(1..=i64::from(WINDOW_MAX)))]
    windows: Vec<u16>,
    /// Only market orders of these hours, New York time; the book is known from the open on
    #[arg(long, value_name = "HH:MM-HH:MM", value_parser = |text: &str| NYSE.narrowed(text),
        default_value = "10:30-15:00")]
    hours: Calendar,
    /// Which rule signs the trades, or rules in layers [default: known where the tape tells the aggressor, else
    /// lee-ready]
    #[arg(long, value_name = "RULE,..", value_parser = Layers::parse)]
    sign: Option<Layers>,
    /// Cleaning rules [default: holden-jacobsen for nyse-taq and wrds-taq, else none]
    #[arg(long, value_enum)]
    clean: Option<Profile>,
    /// Format of all inputs, where it cannot be told
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Column names of csv and parquet files: ts=TIME,bid=BB,..
    #[arg(long, value_name = "K=COL,..", value_parser = ColumnMap::parse, default_value = "")]
    map: ColumnMap,
    /// Seed of the shuffled folds
    #[arg(long, value_name = "N", default_value_t = Settings::default().seed)]
    seed: u64,
    /// Also the curves in each day's own units: change over R(1), flow over the day's volume
    #[arg(long)]
    rescale: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write the JSON to a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What the command tells.
#[derive(Debug, Serialize)]
pub struct Told {
    /// Whose tape.
    pub symbol: String,
    /// Which hours of each day.
    pub hours: String,
    /// Which rules signed.
    pub sign: Layers,
    /// Which rules cleaned.
    pub clean: Profile,
    /// Seed of the shuffled folds.
    pub seed: u64,
    /// What the numbers are for.
    pub purpose: &'static str,
    /// What became of the fills.
    pub fills: Fills,
    /// The results.
    pub study: Study,
    /// The numbers it is held beside.
    pub published: Published,
}

/// Every fill is kept or dropped for a reason.
#[derive(Debug, Default, Serialize)]
pub struct Fills {
    /// Fills that passed cleaning.
    pub seen: u64,
    /// Those in market orders.
    pub kept: u64,
    /// The others, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
}

/// What Bugaenko (2020) reports of TSLA in 2015, windows of ten: another stock, other years.
#[derive(Debug, Serialize)]
pub struct Published {
    /// Where it stands.
    pub source: &'static str,
    /// What was measured.
    pub tape: &'static str,
    /// T.
    pub orders_per_window: usize,
    /// Windows.
    pub windows: usize,
    /// Correlation of flow and change.
    pub correlation: f64,
    /// MSE of the line, in the study's "dollar cents", presumably cents^2.
    pub mse_ols: f64,
    /// MSE of the tree.
    pub mse_tree: f64,
    /// Kyle's lambda; the study does not name its unit.
    pub lambda: f64,
}

const PUBLISHED: Published = Published {
    source: "Bugaenko 2020, arXiv 2004.08290",
    tape: "TSLA 2015, LOBSTER, 10:30-15:00",
    orders_per_window: 10,
    windows: 47_473,
    correlation: 0.8538,
    mse_ols: 3.86,
    mse_tree: 2.5,
    lambda: 0.011,
};

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let told = arguments.study()?;
    let mut json = serde_json::to_vec_pretty(&told)
        .map_err(|e| Failure { message: e.to_string(), code: exit::BAD_DATA })?;
    json.push(b'\n');
    if let Some(path) = &arguments.out {
        write_atomically(path, &json)?;
    }
    if arguments.json { print(&json) } else { print(study_table::render(&told).as_bytes()) }
}

impl Arguments {
    fn study(&self) -> Result<Told, Failure> {
        let request = self.request()?;
        let gathered = batch::gather(&request, |_, _, session, day| {
            let hours = self.hours.session(session.date);
            market_orders(&day.signed, hours)
        })?;
        gathered.plan.warnings().iter().for_each(|warning| eprintln!("note: {warning}"));
        let symbol = self.symbol_of(&gathered)?;
        let (fills, days) = taken_apart(gathered.days);
        if days.iter().all(Vec::is_empty) {
            let message = format!(
                "{symbol}: no market orders in {}; of {} fills {}",
                self.hours,
                fills.seen,
                if fills.seen == 0 { "none is of the symbol asked for".to_owned() } else { reasons(&fills) }
            );
            return Err(Failure { message, code: exit::BAD_DATA });
        }
        let settings = Settings {
            windows: self.windows.iter().map(|w| usize::from(*w)).collect(),
            seed: self.seed,
            rescale: self.rescale,
            ..Settings::default()
        };
        Ok(Told {
            symbol,
            hours: self.hours.to_string(),
            sign: gathered.plan.sign,
            clean: gathered.plan.profile,
            seed: self.seed,
            purpose: "explain: flow and change of the same window",
            fills,
            study: study::run(&days, &settings),
            published: PUBLISHED,
        })
    }

    fn request(&self) -> Result<Request, Failure> {
        let unwritten = PathBuf::new();
        let mut request =
            Request::new(self.inputs.clone(), unwritten).map_err(|e| Failure::usage(e.to_string()))?;
        request.symbols = self.symbol.iter().cloned().collect();
        request.sign = self.sign;
        request.profile = self.clean;
        request.format = self.format;
        request.map = self.map.clone();
        request.signed_trades = true;
        Ok(request)
    }

    fn symbol_of(&self, gathered: &Gathered<MarketOrders>) -> Result<String, Failure> {
        let found: BTreeSet<&str> = gathered.days.iter().map(|(_, symbol, _)| symbol.as_str()).collect();
        let names: Vec<&str> = found.iter().copied().take(10).collect();
        match (names.as_slice(), &self.symbol) {
            ([one], _) => Ok((*one).to_owned()),
            ([], Some(asked)) => {
                let message = format!("{asked}: the inputs hold nothing of it; check its spelling");
                Err(Failure { message, code: exit::BAD_DATA })
            }
            ([], None) => Err(Failure { message: "the inputs hold no rows".into(), code: exit::BAD_DATA }),
            (several, _) => {
                let more = if found.len() > several.len() { ", .." } else { "" };
                let message = format!("the inputs hold {}{more}; name one with --symbol", several.join(", "));
                Err(Failure::usage(message))
            }
        }
    }
}

fn taken_apart(days: Vec<(NaiveDate, crate::tape::Symbol, MarketOrders)>) -> (Fills, Vec<Vec<MarketOrder>>) {
    let (mut fills, mut orders) = (Fills::default(), Vec::new());
    for (_, _, day) in days {
        fills.seen += day.fills_seen;
        fills.kept += day.fills_kept;
        let dropped = [
            ("outside_hours", day.outside_hours),
            ("unknown_sign", day.unknown_sign),
            ("no_quote", day.no_quote),
        ];
        for (reason, count) in dropped.into_iter().filter(|(_, count)| *count > 0) {
            *fills.dropped.entry(reason).or_default() += count;
        }
        orders.push(day.orders);
    }
    (fills, orders)
}

/// The fills that were left out, in words.
pub fn reasons(fills: &Fills) -> String {
    let words: Vec<String> =
        fills.dropped.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    words.join(", ")
}
