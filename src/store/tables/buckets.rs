//! `buckets`: what a stretch of trading held, on the clocks of volume, trades and value.

use polars::prelude::*;

use super::bars::held;
use super::columns::{bucket, repeat};
use crate::flow::Buckets;
use crate::tape::{Scale, Symbol};

/// Buckets of one kind as rows of `buckets`.
///
/// # Errors
/// When polars refuses the columns.
pub fn buckets(symbol: &Symbol, scale: Scale, buckets: &Buckets) -> PolarsResult<DataFrame> {
    let all = &buckets.all;
    let mut columns = vec![repeat("symbol", symbol.as_str(), all.len())];
    columns.extend(bucket(buckets.of, all.len()));
    columns.push(Column::new("is_full".into(), all.iter().map(|b| b.is_full).collect::<Vec<bool>>()));
    columns.extend(held(scale, &all.iter().map(|b| b.bar).collect::<Vec<_>>()));
    let usd: Vec<f64> = all.iter().map(|b| scale.shares(b.value) / 1e9).collect();
    columns.push(Column::new("value_usd".into(), usd));
    DataFrame::new(all.len(), columns)
}
