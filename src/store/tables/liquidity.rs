//! `liquidity`: a symbol-day's measures, one a row.

use polars::prelude::*;

use super::columns::repeat;
use crate::liquidity::{Horizon, Measure, Weighting};
use crate::tape::Symbol;

/// Measures as rows of `liquidity`.
///
/// # Errors
/// When polars refuses the columns.
pub fn liquidity(symbol: &Symbol, measures: &[Measure]) -> PolarsResult<DataFrame> {
    let names: Vec<&str> = measures.iter().map(|m| m.name.as_str()).collect();
    let values: Vec<Option<f64>> = measures.iter().map(|m| m.value).collect();
    let units: Vec<&str> = measures.iter().map(|m| m.unit).collect();
    let counts: Vec<i64> = measures.iter().map(|m| m.n as i64).collect();
    let weightings: Vec<Option<&str>> = measures.iter().map(|m| m.weighting.map(Weighting::name)).collect();
    let horizons: Vec<Option<f64>> = measures.iter().map(|m| m.horizon.map(Horizon::seconds)).collect();
    DataFrame::new(
        measures.len(),
        vec![
            repeat("symbol", symbol.as_str(), measures.len()),
            Column::new("measure".into(), names),
            Column::new("value".into(), values),
            Column::new("unit".into(), units),
            Column::new("n".into(), counts),
            Column::new("weighting".into(), weightings),
            Column::new("horizon_seconds".into(), horizons),
        ],
    )
}

/// Measures that have a value, by name, from rows of one symbol and date.
///
/// # Errors
/// When the rows are not those of `liquidity`.
pub fn read_liquidity(rows: &DataFrame) -> PolarsResult<Vec<(&str, f64)>> {
    let (names, values) = (rows.column("measure")?.str()?, rows.column("value")?.f64()?);
    Ok(names.iter().zip(values.iter()).filter_map(|(name, value)| name.zip(value)).collect())
}
