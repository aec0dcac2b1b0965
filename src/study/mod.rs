//! The founding study: market impact conditional on order flow, on the clock of market orders (Bugaenko 2020, arXiv
//! 2004.08290, after Bouchaud, Bonart, Donier and Gould, Trades, Quotes and Prices, 2018, chapter 11).
//!
//! In: days of [`MarketOrder`]s. Out: a [`Study`]: the lag-1 response, the aggregate response over T orders, Kyle's
//! lambda on its linear region, and the line against a tree out of fold. All of it explains a window's change by the
//! same window's flow and forecasts nothing; slopes of different T are different quantities and never mixed. The same
//! days, settings and seed give the same numbers.

mod aggregate;
mod contest;
mod curve;
mod linear_region;
mod moments;
mod response;
#[cfg(test)]
mod tests;

pub use aggregate::{Window, rescaled, windows};
pub use contest::{Better, Bout, Chosen, Contest, contest};
pub use curve::{Agreement, Point, agreement, curve};
pub use linear_region::{Lambda, LinearRegion, WINDOWS_MIN, linear_region, slope};
pub use response::{Day, Response, VolumeBin, day, response};

use serde::Serialize;

use crate::flow::MarketOrder;
use crate::impact::Design;

/// What the study is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// T: market orders in a window, each of these in turn.
    pub windows: Vec<usize>,
    /// Bins of the response curve.
    pub bins: usize,
    /// Seed of the shuffled folds.
    pub seed: u64,
    /// Whether the curves are also wanted in each day's own units.
    pub rescale: bool,
}

impl Default for Settings {
    /// 5, 10, 20 and 50 market orders, 20 bins.
    fn default() -> Self {
        Self { windows: vec![5, 10, 20, 50], bins: 20, seed: 1, rescale: false }
    }
}

/// All results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Study {
    /// Each day with market orders.
    pub days: Vec<Day>,
    /// The lag-1 response.
    pub response: Response,
    /// The aggregate response, by T.
    pub aggregates: Vec<Aggregate>,
}

/// The aggregate response over T market orders. Fits and contests are `None` below [`WINDOWS_MIN`] windows, or where
/// the flow never varies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Aggregate {
    /// T.
    pub orders_per_window: usize,
    /// Windows.
    pub windows: usize,
    /// Standard deviation of dV.
    pub flow_sd_shares: Option<f64>,
    /// Standard deviation of the change.
    pub change_sd_cents: Option<f64>,
    /// How well a line does, in the sample.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// The response curve.
    pub curve_cents_on_shares: Vec<Point>,
    /// A line through all windows.
    pub full_range: Option<Lambda>,
    /// The linear region and Kyle's lambda.
    pub linear_region: Option<LinearRegion>,
    /// Line against tree on all windows.
    pub contest_full_range: Option<Contest>,
    /// Line against tree inside the linear region.
    pub contest_linear_region: Option<Contest>,
    /// The same curve in each day's own units, when asked for.
    pub rescaled: Option<Rescaled>,
}

/// The response curve in units of each day's R(1) on shares of each day's volume.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rescaled {
    /// Windows of days that have such units.
    pub windows: usize,
    /// How well a line does.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// The curve.
    pub curve_r1_on_day_volumes: Vec<Point>,
}

/// Runs the study over days in time order.
#[must_use]
pub fn run(days: &[Vec<MarketOrder>], settings: &Settings) -> Study {
    Study {
        days: days.iter().filter_map(|orders| day(orders)).collect(),
        response: response(days),
        aggregates: settings.windows.iter().map(|length| aggregated(days, *length, settings)).collect(),
    }
}

fn aggregated(days: &[Vec<MarketOrder>], length: usize, settings: &Settings) -> Aggregate {
    let windows = windows(days, length);
    let flow: Vec<i64> = windows.iter().map(|w| w.flow_shares).collect();
    let change: Vec<f64> = windows.iter().map(Window::change_cents).collect();
    let x: Vec<f64> = flow.iter().map(|flow| *flow as f64).collect();
    let points = curve(&x, &change, settings.bins);
    let region = linear_region(&flow, &change).ok();
    let inside = |radius: i64| competed(&flow, &change, radius, settings.seed);
    Aggregate {
        orders_per_window: length,
        windows: windows.len(),
        flow_sd_shares: moments::deviation(&x),
        change_sd_cents: moments::deviation(&change),
        agreement: agreement(&x, &change, &points),
        curve_cents_on_shares: points,
        full_range: slope(&Design { y: change.clone(), x: vec![x] }).ok(),
        contest_full_range: inside(i64::MAX),
        contest_linear_region: region.and_then(|region| inside(region.radius_shares)),
        linear_region: region,
        rescaled: settings.rescale.then(|| rescaled_curve(days, &windows, settings.bins)),
    }
}

/// The contest among windows of |dV| up to a radius.
fn competed(flow: &[i64], change: &[f64], radius: i64, seed: u64) -> Option<Contest> {
    let places: Vec<usize> = (0..flow.len()).filter(|i| flow[*i].abs() <= radius).collect();
    if places.len() < WINDOWS_MIN {
        return None;
    }
    contest(&linear_region::design(flow, change, |flow| flow.abs() <= radius), &places, seed).ok()
}

fn rescaled_curve(days: &[Vec<MarketOrder>], windows: &[Window], bins: usize) -> Rescaled {
    let (flow, change) = rescaled(days, windows);
    let points = curve(&flow, &change, bins);
    Rescaled {
        windows: flow.len(),
        agreement: agreement(&flow, &change, &points),
        curve_r1_on_day_volumes: points,
    }
}
