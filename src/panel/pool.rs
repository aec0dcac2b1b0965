//! A symbol's days fitted as one.

use super::{PanelError, Selection};
use crate::flow::BarRecord;
use crate::impact::{Design, FitError, Model, PooledTerm, PriceUnits, fit_pooled};
use crate::store::Archive;

/// A slope over many days.
#[derive(Clone, Debug, PartialEq)]
pub struct PooledRow {
    /// The symbol.
    pub symbol: String,
    /// The model.
    pub model: Model,
    /// Which of its slopes, by name.
    pub term: &'static str,
    /// The slope, its error and interval.
    pub slope: PooledTerm,
    /// The slope in basis points of the mean mid, in place of cents; none where it is in basis points already.
    pub bp: Option<f64>,
    /// The same in ticks.
    pub ticks: Option<f64>,
    /// Observations.
    pub n: usize,
    /// Days.
    pub days: usize,
    /// Share of the variance within days that the model explains.
    pub r2_within: Option<f64>,
}

/// Every symbol's slopes, by symbol and model; symbols whose days do not bear a fit are left out.
///
/// # Errors
/// When results cannot be read, or it was called off.
pub fn pooled(archive: &Archive, selection: &Selection) -> Result<Vec<PooledRow>, PanelError> {
    let mut rows = Vec::new();
    for symbol in selection.symbols(archive) {
        let dates = selection.dates(archive);
        let bars = |date| {
            selection.go_on()?;
            Ok::<_, PanelError>(archive.bars(date, symbol, selection.width)?)
        };
        let days = dates.map(bars);
        let days: Vec<Vec<BarRecord>> = days.collect::<Result<_, _>>()?;
        for model in Model::ALL {
            rows.extend(of(symbol, model, &days).unwrap_or_default());
        }
    }
    Ok(rows)
}

fn of(symbol: &str, model: Model, days: &[Vec<BarRecord>]) -> Result<Vec<PooledRow>, FitError> {
    let designs: Vec<Design> = days.iter().map(|bars| model.design(bars)).collect();
    let fit = fit_pooled(&designs)?;
    let price_units = model.is_in_cents().then(|| PriceUnits::of(days.iter().flatten()));
    let row = |(slope, term): (&PooledTerm, &&'static str)| PooledRow {
        symbol: symbol.to_owned(),
        model,
        term,
        slope: *slope,
        bp: price_units.and_then(|units| units.bp(slope.coefficient)),
        ticks: price_units.map(|units| units.ticks(slope.coefficient)),
        n: fit.n,
        days: fit.days,
        r2_within: fit.r2_within,
    };
    Ok(fit.terms.iter().zip(&model.terms()[1..]).map(row).collect())
}
