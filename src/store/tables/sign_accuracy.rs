//! `sign_accuracy`: how often each signing rule names the side that the feed itself knows, a row a rule and place.

use polars::prelude::*;

use super::columns::repeat;
use crate::sign::{Accuracy, Layers, Place, Score};
use crate::tape::Symbol;

/// Scores as rows of `sign_accuracy`: every rule, then several layers where they count, by where trades stood.
///
/// # Errors
/// When polars refuses the columns.
pub fn sign_accuracy(symbol: &Symbol, layers: &Layers, accuracy: &Accuracy) -> PolarsResult<DataFrame> {
    let mut rows: Vec<(String, Place, Score)> = Vec::new();
    for (rule, scores) in accuracy.rules() {
        rows.extend(
            Place::ALL.into_iter().zip(scores).map(|(place, score)| (rule.name().into(), place, *score)),
        );
    }
    if layers.rules().len() > 1 {
        rows.extend(Place::ALL.map(|place| (layers.to_string(), place, accuracy.counted(place))));
    }
    let whole = |name: &str, of: fn(&Score) -> u64| {
        Column::new(name.into(), rows.iter().map(|(.., score)| of(score) as i64).collect::<Vec<_>>())
    };
    let real = |name: &str, of: fn(&Score) -> Option<f64>| {
        Column::new(name.into(), rows.iter().map(|(.., score)| of(score)).collect::<Vec<_>>())
    };
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            Column::new("rule".into(), rows.iter().map(|(rule, ..)| rule.as_str()).collect::<Vec<_>>()),
            Column::new("place".into(), rows.iter().map(|(_, place, _)| place.name()).collect::<Vec<_>>()),
            whole("n", |score| score.trades),
            whole("classified", |score| score.classified),
            whole("right", |score| score.right),
            real("share_classified", Score::share_classified),
            real("share_right", Score::share_right),
        ],
    )
}
