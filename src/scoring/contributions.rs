//! Why a score is high: what each feature adds to it. In: a model, a row, the features' usual values. Out: features
//! with the drop of the score's log-odds, ln(p/(1-p)), when the feature alone is set to its usual value, largest first.
//! One-at-a-time ablation: parts of features that act together are counted with each, so they need not sum up.

use super::error::InferError;
use super::model::Model;

/// Contributions of a row's features, largest first; equal ones in the features' order.
///
/// # Errors
/// When the model cannot score.
pub fn contributions(_model: &Model, _row: &[f32], _usual: &[f32]) -> Result<Vec<(usize, f64)>, InferError> {
    Err(InferError::NoScore)
}
