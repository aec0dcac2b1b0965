//! Columns that several tables have.

use polars::prelude::*;

use crate::flow::Bucketing;
use crate::tape::{NANOS_PER_SECOND, Nanos, Scale};

pub(super) fn repeat(name: &str, text: &str, rows: usize) -> Column {
    Column::new(name.into(), vec![text; rows])
}

pub(super) fn seconds(name: &str, nanos: i64, rows: usize) -> Column {
    Column::new(name.into(), vec![nanos as f64 / NANOS_PER_SECOND as f64; rows])
}

/// Which buckets, on the clock of trading.
pub(super) fn bucket(of: Bucketing, rows: usize) -> Vec<Column> {
    vec![repeat("bucket", of.kind.name(), rows), Column::new("bucket_size".into(), vec![of.size(); rows])]
}

/// Naive UTC nanoseconds: pandas, Polars and DuckDB all keep these whole.
pub(super) fn stamps(name: &str, moments: impl Iterator<Item = Nanos>) -> Column {
    let values: Vec<i64> = moments.map(|m| m.0).collect();
    Int64Chunked::from_vec(name.into(), values).into_datetime(TimeUnit::Nanoseconds, None).into_column()
}

/// Sizes where there are any, as [`sizes`].
pub(super) fn some_sizes(name: &str, scale: Scale, units: impl Iterator<Item = Option<i64>>) -> Column {
    if scale.is_whole() {
        Column::new(name.into(), units.collect::<Vec<_>>())
    } else {
        let shares = |units: i64| scale.shares(i128::from(units));
        Column::new(name.into(), units.map(|units| units.map(shares)).collect::<Vec<_>>())
    }
}

/// Sizes: whole ones as integers, fractional ones as the float nearest to each, divided once.
pub(super) fn sizes(name: &str, scale: Scale, units: impl Iterator<Item = i128>) -> Column {
    if scale.is_whole() {
        Column::new(name.into(), units.map(|units| units as i64).collect::<Vec<_>>())
    } else {
        Column::new(name.into(), units.map(|units| scale.shares(units)).collect::<Vec<_>>())
    }
}
