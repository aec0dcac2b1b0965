//! A symbol's half hours at a glance: how large its slopes usually are, and how often they are more than noise.

use std::collections::{BTreeMap, BTreeSet};

use super::{PanelError, Selection, quantile, series};
use crate::impact::Z_95;
use crate::store::Archive;

/// The slopes of one model's term over a symbol's half hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The symbol.
    pub symbol: String,
    /// The model.
    pub model: String,
    /// The term.
    pub term: String,
    /// Unit of the slopes.
    pub unit: String,
    /// Days that hold windows.
    pub days: usize,
    /// Windows with a fit.
    pub windows: usize,
    /// First quartile, median and third quartile of the slopes.
    pub quartiles: [f64; 3],
    /// Share of windows whose slope is more than 1.96 Newey-West errors from zero.
    pub share_significant: f64,
    /// Share of windows whose slope is so and above zero.
    pub share_significant_positive: f64,
    /// Mean r2.
    pub r2_mean: Option<f64>,
    /// Median r2 on the next window.
    pub r2_oos_median: Option<f64>,
}

/// Model, term and unit.
type Name = (String, String, String);

/// Every symbol's summaries, by symbol, model, term and unit.
///
/// # Errors
/// When results cannot be read, or it was called off.
pub fn summaries(archive: &Archive, selection: &Selection) -> Result<Vec<Summary>, PanelError> {
    let mut all = Vec::new();
    for symbol in selection.symbols(archive) {
        let mut of: BTreeMap<Name, Vec<(&str, series::FitCell)>> = BTreeMap::new();
        for date in selection.dates(archive) {
            selection.go_on()?;
            for cell in series::fits(archive, date, symbol, selection.width)? {
                let name = (cell.model.clone(), cell.term.clone(), cell.unit.clone());
                of.entry(name).or_default().push((date, cell));
            }
        }
        let slopes = of.into_iter().filter(|((_, term, _), _)| term != "intercept");
        all.extend(slopes.filter_map(|(name, cells)| summary(symbol, name, &cells)));
    }
    Ok(all)
}

fn summary(symbol: &str, (model, term, unit): Name, cells: &[(&str, series::FitCell)]) -> Option<Summary> {
    let windows = cells.len() as f64;
    let sorted = |values: &mut dyn Iterator<Item = f64>| {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let slopes = sorted(&mut cells.iter().map(|(_, cell)| cell.coefficient));
    let quartiles = [0.25, 0.5, 0.75].map(|share| quantile(&slopes, share));
    let [Some(first), Some(median), Some(third)] = quartiles else { return None };
    let is_significant = |cell: &series::FitCell| cell.t_hac.is_some_and(|t| t.abs() > Z_95);
    let share = |holds: &dyn Fn(&series::FitCell) -> bool| {
        cells.iter().filter(|(_, cell)| holds(cell)).count() as f64 / windows
    };
    let r2: Vec<f64> = cells.iter().filter_map(|(_, cell)| cell.r2).collect();
    Some(Summary {
        symbol: symbol.to_owned(),
        model,
        term,
        unit,
        days: cells.iter().map(|(date, _)| date).collect::<BTreeSet<_>>().len(),
        windows: cells.len(),
        quartiles: [first, median, third],
        share_significant: share(&is_significant),
        share_significant_positive: share(&|cell| is_significant(cell) && cell.coefficient > 0.0),
        r2_mean: (!r2.is_empty()).then(|| r2.iter().sum::<f64>() / r2.len() as f64),
        r2_oos_median: quantile(&sorted(&mut cells.iter().filter_map(|(_, cell)| cell.r2_oos)), 0.5),
    })
}
