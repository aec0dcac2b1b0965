//! `features`: what the tape shows of each bin, and, where episodes were injected, which of them reaches into it.

use polars::prelude::*;

use super::columns::{repeat, stamps};
use crate::fraud::watching::{FEATURES, FeatureRow};
use crate::simulate::episodes::{Episode, reaching_into};
use crate::tape::Symbol;

/// Feature rows as rows of `features`; with the columns `label`, `episode`, `pattern` and `strength` where the
/// episodes are known.
///
/// # Errors
/// When polars refuses the columns.
pub fn features(
    symbol: &Symbol,
    rows: &[FeatureRow],
    episodes: Option<&[Episode]>,
) -> PolarsResult<DataFrame> {
    let mut columns = vec![
        repeat("symbol", symbol.as_str(), rows.len()),
        stamps("ts_start", rows.iter().map(|row| row.start)),
        stamps("ts_end", rows.iter().map(|row| row.end)),
    ];
    columns.extend(FEATURES.iter().enumerate().map(|(at, name)| {
        let values: Vec<f32> = rows.iter().map(|row| row.values[at]).collect();
        Column::new((*name).into(), values)
    }));
    if let Some(episodes) = episodes {
        let found: Vec<Option<&Episode>> =
            rows.iter().map(|row| reaching_into(episodes, row.start, row.end)).collect();
        let labels: Vec<i64> = found.iter().map(|e| i64::from(e.is_some())).collect();
        let ids: Vec<Option<&str>> = found.iter().map(|e| e.map(|e| e.id.as_str())).collect();
        let patterns: Vec<Option<&str>> = found.iter().map(|e| e.map(|e| e.pattern.name())).collect();
        let strengths: Vec<Option<f64>> = found.iter().map(|e| e.map(|e| e.strength)).collect();
        columns.extend([
            Column::new("label".into(), labels),
            Column::new("episode".into(), ids),
            Column::new("pattern".into(), patterns),
            Column::new("strength".into(), strengths),
        ]);
    }
    DataFrame::new(rows.len(), columns)
}
