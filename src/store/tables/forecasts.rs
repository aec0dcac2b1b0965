//! `forecasts`: what was expected of a bar before it began, and what came.

use polars::prelude::*;

use super::columns::{repeat, seconds, stamps};
use crate::forecast::{Forecast, Purpose, Row};
use crate::tape::Symbol;

/// One row of `forecasts`.
#[derive(Clone, Copy, Debug)]
pub struct ForecastRow<'a> {
    /// The forecast.
    pub forecast: &'a Forecast,
    /// What it was made from.
    pub row: &'a Row,
    /// Kind of the model.
    pub model: &'static str,
    /// SHA-256 of the model.
    pub model_sha256: &'a str,
}

/// Forecasts of one purpose on bars of one width as rows of `forecasts`; `flow_shares` is the flow that was given
/// to conditional forecasts, `level` what the interval claims.
///
/// # Errors
/// When polars refuses the columns.
pub fn forecasts(
    symbol: &Symbol,
    width: i64,
    purpose: Purpose,
    level: f64,
    rows: &[ForecastRow<'_>],
) -> PolarsResult<DataFrame> {
    let real = |name: &str, of: &dyn Fn(&ForecastRow<'_>) -> Option<f64>| {
        let values: Vec<Option<f64>> = rows.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let text = |name: &str, of: &dyn Fn(&ForecastRow<'_>) -> String| {
        let values: Vec<String> = rows.iter().map(of).collect();
        Column::new(name.into(), values)
    };
    let flow =
        |r: &ForecastRow<'_>| (purpose == Purpose::Conditional).then(|| r.row.x.first().copied()).flatten();
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            seconds("bar_seconds", width, rows.len()),
            stamps("ts_start", rows.iter().map(|r| r.row.start)),
            stamps("ts_end", rows.iter().map(|r| r.row.end)),
            repeat("purpose", purpose.name(), rows.len()),
            text("model", &|r| r.model.to_owned()),
            text("model_sha256", &|r| r.model_sha256.to_owned()),
            real("mid_usd", &|r| Some(r.row.mid_usd)),
            real("flow_shares", &flow),
            real("y_bp", &|r| Some(r.forecast.y_bp)),
            real("forecast_bp", &|r| Some(r.forecast.forecast_bp)),
            real("low_bp", &|r| r.forecast.interval_bp.map(|(low, _)| low)),
            real("high_bp", &|r| r.forecast.interval_bp.map(|(_, high)| high)),
            real("level", &|_| Some(level)),
            text("outside_training_range", &|r| r.forecast.outside.join(",")),
        ],
    )
}
