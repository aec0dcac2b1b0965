//! Why a score is high: what each feature adds to it. In: a model, a row, the features' usual values. Out: features
//! with the drop of the score's log-odds, ln(p/(1-p)), when the feature alone is set to its usual value, largest first.
//! One-at-a-time ablation: parts of features that act together are counted with each, so they need not sum up.
//!
//! Single precision cannot tell the odds of a score next to 1 apart: such a row is first drawn halfway to usual, again
//! and again, until its score leaves room. What is told is then what each feature adds to the score of the drawn row.

use super::error::InferError;
use super::model::Model;

/// Closest to 0 and 1 that a score's odds are told apart: about single precision's step below 1.
const EDGE: f64 = 1e-7;

/// Highest score whose changes single precision tells apart well: log-odds of 7.
const TOLD_APART: f32 = 0.999;
/// Halvings after which a row of clipped features is as good as usual.
const HALVINGS_MAX: usize = 6;

/// Contributions of a row's features, largest first; equal ones in the features' order.
///
/// # Errors
/// When the model cannot score, or usual values are not one a feature.
pub fn contributions(model: &Model, row: &[f32], usual: &[f32]) -> Result<Vec<(usize, f64)>, InferError> {
    if usual.len() != row.len() {
        let what = format!("{} usual values for {} features", usual.len(), row.len());
        return Err(InferError::WrongShape { name: "usual".into(), what });
    }
    let row = told_apart(model, row, usual)?;
    let mut rows = row.clone();
    for (feature, value) in usual.iter().enumerate() {
        let from = rows.len();
        rows.extend_from_slice(&row);
        rows[from + feature] = *value;
    }
    let scores = model.score_blocking(&rows, row.len() + 1)?.scores;
    Ok(ranked(&scores))
}

/// The row, or the first of its halvings towards usual whose score leaves room.
fn told_apart(model: &Model, row: &[f32], usual: &[f32]) -> Result<Vec<f32>, InferError> {
    let mut drawn = row.to_vec();
    for _ in 0..HALVINGS_MAX {
        if model.score_blocking(&drawn, 1)?.scores.iter().all(|score| *score <= TOLD_APART) {
            break;
        }
        for (value, usual) in drawn.iter_mut().zip(usual) {
            *value = usual + (*value - usual) / 2.0;
        }
    }
    Ok(drawn)
}

/// From the score of the row and the scores with each feature set to its usual value.
fn ranked(scores: &[f32]) -> Vec<(usize, f64)> {
    let Some((whole, ablated)) = scores.split_first() else { return Vec::new() };
    let mut drops: Vec<(usize, f64)> =
        ablated.iter().map(|score| log_odds(*whole) - log_odds(*score)).enumerate().collect();
    drops.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    drops
}

fn log_odds(score: f32) -> f64 {
    let p = f64::from(score).clamp(EDGE, 1.0 - EDGE);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_drop_of_log_odds_comes_first() {
        let ranked = ranked(&[0.9, 0.9, 0.5, 0.99]);
        let features: Vec<usize> = ranked.iter().map(|(feature, _)| *feature).collect();
        assert_eq!(features, [1, 0, 2]);
        assert!((ranked[0].1 - 9.0_f64.ln()).abs() < 1e-6, "{ranked:?}");
        assert!(ranked[1].1 == 0.0 && ranked[2].1 < 0.0);
        // Scores of exactly 0 and 1 have finite odds here.
        assert!(log_odds(1.0).is_finite() && log_odds(0.0).is_finite());
    }
}
