//! `fits`: a regression's terms, one a row.

use polars::prelude::*;

use super::columns::{bucket, repeat, seconds, stamps};
use crate::flow::Bucketing;
use crate::impact::{DEPTH_LAW, Fit, LevelFit, PriceUnits, Regression, Term, Window};
use crate::tape::{Nanos, Session, Symbol};

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
    /// What its cents are in other units; none where it is not in cents.
    price_units: Option<PriceUnits>,
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
    let mut rows = model_rows(fits);
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
            price_units: None,
        }));
    }
    fit_frame(symbol, vec![seconds("bar_seconds", width, rows.len())], &rows)
}

/// Fits over buckets, as rows of `bucket_fits`.
///
/// # Errors
/// When polars refuses the columns.
pub fn bucket_fits(symbol: &Symbol, of: Bucketing, fits: &[Fit]) -> PolarsResult<DataFrame> {
    let rows = model_rows(fits);
    fit_frame(symbol, bucket(of, rows.len()), &rows)
}

/// Fits on many levels of the book, as rows of `fits`.
///
/// # Errors
/// When polars refuses the columns.
pub fn level_fits(symbol: &Symbol, width: i64, fits: &[LevelFit]) -> PolarsResult<DataFrame> {
    let mut rows = Vec::new();
    for fit in fits {
        let terms = fit.model.terms().iter().take(fit.regression.terms.len());
        rows.extend(terms.enumerate().map(|(index, term)| FitRow {
            window: fit.window.name(),
            start: fit.start,
            end: fit.end,
            model: fit.model.name(),
            term,
            unit: if index == 0 { "cents" } else { "cents_per_mean_depth" },
            regression: &fit.regression,
            index,
            r2_oos: fit.r2_oos,
            price_units: Some(fit.price_units),
        }));
    }
    fit_frame(symbol, vec![seconds("bar_seconds", width, rows.len())], &rows)
}

fn model_rows(fits: &[Fit]) -> Vec<FitRow<'_>> {
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
                price_units: fit.model.is_in_cents().then_some(fit.price_units),
            });
        }
    }
    rows
}

/// The columns of `fits` without rows.
///
/// # Errors
/// When polars refuses the columns.
pub fn no_fits(symbol: &Symbol) -> PolarsResult<DataFrame> {
    fit_frame(symbol, vec![seconds("bar_seconds", 0, 0)], &[])
}

/// Rows as they lie on disk: where results were made before ticks and basis points were told, these are null.
///
/// # Errors
/// When polars refuses the columns.
pub fn with_price_units(mut rows: DataFrame) -> PolarsResult<DataFrame> {
    for name in ["coefficient_ticks", "coefficient_bp"] {
        if rows.get_column_index(name).is_none() {
            let untold = Column::full_null(name.into(), rows.height(), &DataType::Float64);
            rows.with_column(untold)?;
        }
    }
    Ok(rows)
}

fn fit_frame(symbol: &Symbol, clock: Vec<Column>, rows: &[FitRow<'_>]) -> PolarsResult<DataFrame> {
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
    let mut columns = vec![repeat("symbol", symbol.as_str(), rows.len())];
    columns.extend(clock);
    columns.extend([
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
        real("coefficient_ticks", |r| r.price_units.map(|units| units.ticks(r.term().coefficient))),
        real("coefficient_bp", |r| r.price_units.and_then(|units| units.bp(r.term().coefficient))),
    ]);
    DataFrame::new(rows.len(), columns)
}

impl FitRow<'_> {
    fn term(&self) -> Term {
        self.regression.terms[self.index]
    }
}
