//! A symbol-day's results as result tables: names, types and units of every column.

use polars::prelude::*;

use crate::flow::Bar;
use crate::impact::{DEPTH_LAW, Fit, Regression, Window};
use crate::liquidity::Measure;
use crate::sign::{Rule, SignedTrade};
use crate::tape::{NANOS_PER_SECOND, Nanos, Session, Sign, Symbol};

/// A result table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Bars.
    Bars,
    /// Regressions, a row a term.
    Fits,
    /// Liquidity measures.
    Liquidity,
    /// Every signed trade.
    SignedTrades,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bars, Self::Fits, Self::Liquidity, Self::SignedTrades];

    /// Its folder's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Fits => "fits",
            Self::Liquidity => "liquidity",
            Self::SignedTrades => "signed_trades",
        }
    }
}

/// One symbol-day's rows of every table.
#[derive(Clone, Debug)]
pub struct SymbolTables {
    /// Rows by table; `signed_trades` only when asked for.
    pub frames: Vec<(Table, DataFrame)>,
}

/// Bars of one width as rows of `bars`.
///
/// # Errors
/// When polars refuses the columns.
pub fn bars(symbol: &Symbol, width: i64, bars: &[Bar]) -> PolarsResult<DataFrame> {
    let whole = |name: &str, of: fn(&Bar) -> i64| {
        let values: Vec<i64> = bars.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: fn(&Bar) -> Option<f64>| {
        let values: Vec<Option<f64>> = bars.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    DataFrame::new(
        bars.len(),
        vec![
            repeat("symbol", symbol.as_str(), bars.len()),
            seconds("bar_seconds", width, bars.len()),
            stamps("ts_start", bars.iter().map(|b| b.start)),
            stamps("ts_end", bars.iter().map(|b| b.end)),
            whole("ofi_shares", |b| b.ofi),
            whole("trade_imbalance_shares", Bar::trade_imbalance),
            whole("buy_shares", |b| b.buy),
            whole("sell_shares", |b| b.sell),
            whole("unsigned_shares", |b| b.unsigned),
            real("trade_imbalance_kusd", |b| Some(b.signed_value_kusd())),
            whole("quote_count", |b| b.quotes),
            whole("trade_count", |b| b.trades),
            real("mid_open_usd", |b| b.mid_open_doubled.map(halved_usd)),
            real("mid_close_usd", |b| b.mid_close_doubled.map(halved_usd)),
            real("mid_change_cents", Bar::mid_change_cents),
            real("mid_change_bp", Bar::mid_change_bp),
            real("depth_mean_shares", Bar::depth_mean_shares),
            real("spread_tw_usd", Bar::spread_tw_usd),
        ],
    )
}

fn halved_usd(doubled_nanos: i64) -> f64 {
    doubled_nanos as f64 / 2e9
}

/// One row of `fits`.
struct FitRow<'a> {
    window: &'static str,
    start: Nanos,
    end: Nanos,
    model: &'static str,
    term: &'static str,
    unit: &'static str,
    regression: &'a Regression,
    index: usize,
    r2_oos: Option<f64>,
}

/// Fits of one bar width, and its depth law, as rows of `fits`.
///
/// # Errors
/// When polars refuses the columns.
pub fn fits(
    symbol: &Symbol,
    width: i64,
    session: Session,
    fits: &[Fit],
    depth_law: Option<&Regression>,
) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for fit in fits {
        let (intercept_unit, slope_unit) = fit.model.units();
        for (index, term) in fit.model.terms().iter().enumerate() {
            rows.push(FitRow {
                window: fit.window.name(),
                start: fit.start,
                end: fit.end,
                model: fit.model.name(),
                term,
                unit: if index == 0 { intercept_unit } else { slope_unit },
                regression: &fit.regression,
                index,
                r2_oos: fit.r2_oos,
            });
        }
    }
    let law = [("intercept", "log_cents_per_share"), ("log_depth", "log_cents_per_share_per_log_share")];
    for (index, (term, unit)) in law.into_iter().enumerate() {
        rows.extend(depth_law.map(|regression| FitRow {
            window: Window::Day.name(),
            start: session.open,
            end: session.close,
            model: DEPTH_LAW,
            term,
            unit,
            regression,
            index,
            r2_oos: None,
        }));
    }
    fit_frame(symbol, width, &rows)
}

/// The columns of `fits` without rows.
///
/// # Errors
/// When polars refuses the columns.
pub fn no_fits(symbol: &Symbol) -> PolarsResult<DataFrame> {
    fit_frame(symbol, 0, &[])
}

fn fit_frame(symbol: &Symbol, width: i64, rows: &[FitRow<'_>]) -> PolarsResult<DataFrame> {
    let text = |name: &str, of: fn(&FitRow<'_>) -> &'static str| {
        let values: Vec<&str> = rows.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: fn(&FitRow<'_>) -> Option<f64>| {
        let values: Vec<Option<f64>> = rows.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let whole = |name: &str, of: fn(&FitRow<'_>) -> usize| {
        let values: Vec<i64> = rows.iter().map(|r| of(r) as i64).collect();
        Column::new(name.into(), values)
    };
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            seconds("bar_seconds", width, rows.len()),
            text("window", |r| r.window),
            stamps("window_start", rows.iter().map(|r| r.start)),
            stamps("window_end", rows.iter().map(|r| r.end)),
            text("model", |r| r.model),
            text("term", |r| r.term),
            real("coefficient", |r| Some(r.term().coefficient)),
            text("unit", |r| r.unit),
            real("se_ols", |r| Some(r.term().errors.ols)),
            real("se_white", |r| Some(r.term().errors.white)),
            real("se_hac", |r| Some(r.term().errors.hac)),
            real("t_hac", |r| r.term().t_hac()),
            real("ci95_low", |r| Some(r.term().interval_95().0)),
            real("ci95_high", |r| Some(r.term().interval_95().1)),
            whole("n", |r| r.regression.n),
            whole("hac_lags", |r| r.regression.hac_lags),
            real("r2", |r| r.regression.r2),
            real("r2_oos", |r| r.r2_oos),
        ],
    )
}

impl FitRow<'_> {
    fn term(&self) -> crate::impact::Term {
        self.regression.terms[self.index]
    }
}

/// Measures as rows of `liquidity`.
///
/// # Errors
/// When polars refuses the columns.
pub fn liquidity(symbol: &Symbol, measures: &[Measure]) -> PolarsResult<DataFrame> {
    let names: Vec<&str> = measures.iter().map(|m| m.name.as_str()).collect();
    let values: Vec<Option<f64>> = measures.iter().map(|m| m.value).collect();
    let units: Vec<&str> = measures.iter().map(|m| m.unit).collect();
    let counts: Vec<i64> = measures.iter().map(|m| m.n as i64).collect();
    DataFrame::new(
        measures.len(),
        vec![
            repeat("symbol", symbol.as_str(), measures.len()),
            Column::new("measure".into(), names),
            Column::new("value".into(), values),
            Column::new("unit".into(), units),
            Column::new("n".into(), counts),
        ],
    )
}

/// Signed trades as rows of `signed_trades`; `sign` is the one that counted.
///
/// # Errors
/// When polars refuses the columns.
pub fn signed_trades(symbol: &Symbol, rule: Rule, trades: &[SignedTrade]) -> PolarsResult<DataFrame> {
    let by = |name: &str, rule: Rule| {
        let values: Vec<i64> = trades.iter().map(|t| t.signs.by(rule).value()).collect();
        Column::new(name.into(), values)
    };
    let real = |name: &str, of: fn(&SignedTrade) -> Option<f64>| {
        let values: Vec<Option<f64>> = trades.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let sizes: Vec<i64> = trades.iter().map(|t| t.trade.size.0).collect();
    let known = |t: &SignedTrade| (t.signs.known != Sign::Unknown).then_some(t.signs.known.value());
    let known: Vec<Option<i64>> = trades.iter().map(known).collect();
    DataFrame::new(
        trades.len(),
        vec![
            repeat("symbol", symbol.as_str(), trades.len()),
            stamps("ts", trades.iter().map(|t| t.trade.ts)),
            real("price_usd", |t| Some(t.trade.price.usd())),
            Column::new("size_shares".into(), sizes),
            by("sign", rule),
            by("sign_tick", Rule::Tick),
            by("sign_quote", Rule::Quote),
            by("sign_lee_ready", Rule::LeeReady),
            by("sign_emo", Rule::Emo),
            by("sign_clnv", Rule::Clnv),
            Column::new("side_known".into(), known),
            real("bid_usd", |t| t.quote.map(|q| q.bid.usd())),
            real("ask_usd", |t| t.quote.map(|q| q.ask.usd())),
        ],
    )
}

fn repeat(name: &str, text: &str, rows: usize) -> Column {
    Column::new(name.into(), vec![text; rows])
}

fn seconds(name: &str, nanos: i64, rows: usize) -> Column {
    Column::new(name.into(), vec![nanos as f64 / NANOS_PER_SECOND as f64; rows])
}

/// Naive UTC nanoseconds: pandas, Polars and DuckDB all keep these whole.
fn stamps(name: &str, moments: impl Iterator<Item = Nanos>) -> Column {
    let values: Vec<i64> = moments.map(|m| m.0).collect();
    Int64Chunked::from_vec(name.into(), values).into_datetime(TimeUnit::Nanoseconds, None).into_column()
}

/// Frames of one table, one under the other.
///
/// # Errors
/// When their columns differ.
pub fn stack(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let mut all = frames.next().unwrap_or_default();
    for frame in frames {
        all.vstack_mut_owned(frame)?;
    }
    Ok(all)
}
