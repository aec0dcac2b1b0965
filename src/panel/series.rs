//! A symbol's liquidity, half hour by half hour, so that symbols can be laid side by side.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::{PanelError, Selection};
use crate::store::{Archive, StoreError, Table};
use crate::tape::NANOS_PER_SECOND;

/// What is compared across symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Mean spread of the half hour's bars over their mid, basis points.
    Spread,
    /// Mean depth of the half hour's bars, shares.
    Depth,
    /// Slope of the mid's change on order-flow imbalance, cents a share.
    OfiSlope,
    /// Kyle's lambda: slope of the mid's change on signed traded value, basis points a thousand dollars.
    Lambda,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Spread, Self::Depth, Self::OfiSlope, Self::Lambda];

    /// Its name in tables, with its unit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread_bp",
            Self::Depth => "depth_shares",
            Self::OfiSlope => "ofi_cents_per_share",
            Self::Lambda => "lambda_bp_per_kusd",
        }
    }
}

/// A quantity by half hour: nanoseconds of the window's start to its value.
pub type Series = BTreeMap<i64, f64>;

/// One term of a half hour's fit.
#[derive(Clone, Debug)]
pub struct FitCell {
    pub start: i64,
    pub model: String,
    pub term: String,
    pub unit: String,
    pub coefficient: f64,
    pub t_hac: Option<f64>,
    pub r2: Option<f64>,
    pub r2_oos: Option<f64>,
}

const HALF_HOUR: i64 = 1_800 * NANOS_PER_SECOND;

/// A symbol's series of a quantity over the dates asked for.
pub fn series(
    archive: &Archive,
    selection: &Selection,
    symbol: &str,
    quantity: Quantity,
) -> Result<Series, PanelError> {
    let mut all = Series::new();
    for date in selection.dates(archive) {
        selection.go_on()?;
        let model = match quantity {
            Quantity::OfiSlope => ("ofi", "ofi", "cents_per_share"),
            Quantity::Lambda => ("kyle", "trade_imbalance", "bp_per_kusd"),
            Quantity::Spread | Quantity::Depth => {
                all.extend(means(archive, selection, (date, symbol), quantity)?);
                continue;
            }
        };
        let cells = fits(archive, date, symbol, selection.width)?.into_iter();
        let own = cells.filter(|cell| (cell.model.as_str(), cell.term.as_str(), cell.unit.as_str()) == model);
        all.extend(own.map(|cell| (cell.start, cell.coefficient)));
    }
    Ok(all)
}

/// Means over the bars that begin in each half hour, counted from the first bar's start.
fn means(
    archive: &Archive,
    selection: &Selection,
    (date, symbol): (&str, &str),
    quantity: Quantity,
) -> Result<Series, StoreError> {
    let bars = archive.bars(date, symbol, selection.width)?;
    let Some(open) = bars.first().map(|bar| bar.start.0) else { return Ok(Series::new()) };
    let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for bar in &bars {
        let value = match quantity {
            Quantity::Depth => bar.depth_mean_shares,
            _ => bar.spread_tw_usd.zip(bar.mid_close_usd).map(|(spread, mid)| 1e4 * spread / mid),
        };
        let start = open + (bar.start.0 - open) / HALF_HOUR * HALF_HOUR;
        if let Some(value) = value {
            let (sum, count) = sums.entry(start).or_default();
            (*sum, *count) = (*sum + value, *count + 1.0);
        }
    }
    Ok(sums.into_iter().map(|(start, (sum, count))| (start, sum / count)).collect())
}

/// The terms of a date's half-hour fits of one width.
pub fn fits(archive: &Archive, date: &str, symbol: &str, width: i64) -> Result<Vec<FitCell>, StoreError> {
    let Some(rows) = archive.rows(Table::Fits, date, symbol)? else { return Ok(Vec::new()) };
    cells(&rows, width)
        .map_err(|e| StoreError::damaged(archive.root(), format!("fits of {symbol} on {date}: {e}")))
}

fn cells(rows: &DataFrame, width: i64) -> PolarsResult<Vec<FitCell>> {
    let seconds = width as f64 / NANOS_PER_SECOND as f64;
    let mask = rows.column("bar_seconds")?.f64()?.equal(seconds) & rows.column("window")?.str()?.equal("30m");
    let rows = rows.filter(&mask)?;
    let text = |name: &str| rows.column(name)?.str();
    let real = |name: &str| rows.column(name)?.f64();
    let start = rows.column("window_start")?.datetime()?.physical();
    let (model, term, unit) = (text("model")?, text("term")?, text("unit")?);
    let (coefficient, t_hac) = (real("coefficient")?, real("t_hac")?);
    let (r2, r2_oos) = (real("r2")?, real("r2_oos")?);
    let owned = |texts: &StringChunked, at: usize| texts.get(at).unwrap_or_default().to_owned();
    let cell = |at: usize| {
        Some(FitCell {
            start: start.get(at)?,
            model: owned(model, at),
            term: owned(term, at),
            unit: owned(unit, at),
            coefficient: coefficient.get(at)?,
            t_hac: t_hac.get(at),
            r2: r2.get(at),
            r2_oos: r2_oos.get(at),
        })
    };
    Ok((0..rows.height()).filter_map(cell).collect())
}
