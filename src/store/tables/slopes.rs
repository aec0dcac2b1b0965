//! Online slopes as they stood after a bar, a row a term. Not stored: what is told of a session under way.

use polars::prelude::*;

use super::columns::{repeat, stamps};
use crate::impact::{Model, OnlineFit};
use crate::tape::{NANOS_PER_SECOND, Nanos, Symbol};

/// A model's coefficients after a bar.
#[derive(Clone, Copy, Debug)]
pub struct SlopeStep<'a> {
    /// Of the bars, nanoseconds.
    pub width: i64,
    /// End of the bar.
    pub end: Nanos,
    /// The model.
    pub model: Model,
    /// The coefficients.
    pub fit: &'a OnlineFit,
}

/// Steps as rows, one a term.
///
/// # Errors
/// When polars refuses the columns.
pub fn slopes(symbol: &Symbol, steps: &[SlopeStep<'_>]) -> PolarsResult<DataFrame> {
    let by_row: Vec<(&SlopeStep<'_>, usize)> =
        steps.iter().flat_map(|step| (0..step.model.terms().len()).map(move |term| (step, term))).collect();
    let real = |name: &str, of: &dyn Fn(&SlopeStep<'_>, usize) -> f64| {
        Column::new(name.into(), by_row.iter().map(|(step, term)| of(step, *term)).collect::<Vec<_>>())
    };
    let text = |name: &str, of: &dyn Fn(&SlopeStep<'_>, usize) -> &'static str| {
        Column::new(name.into(), by_row.iter().map(|(step, term)| of(step, *term)).collect::<Vec<_>>())
    };
    let unit = |model: Model| move |term: usize| if term == 0 { model.units().0 } else { model.units().1 };
    DataFrame::new(
        by_row.len(),
        vec![
            repeat("symbol", symbol.as_str(), by_row.len()),
            real("bar_seconds", &|step, _| step.width as f64 / NANOS_PER_SECOND as f64),
            stamps("ts_end", by_row.iter().map(|(step, _)| step.end)),
            text("model", &|step, _| step.model.name()),
            text("term", &|step, term| step.model.terms()[term]),
            real("coefficient", &|step, term| step.fit.coefficients[term]),
            text("unit", &|step, term| unit(step.model)(term)),
            real("n", &|step, _| step.fit.n),
        ],
    )
}
