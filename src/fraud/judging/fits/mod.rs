//! Scores turned into probabilities: fitted on tuning rows only, applied to others. In: labels and scores of a tuning
//! sample. Out: a monotone map of scores.

mod isotonic;
mod logistic;
mod prior;

pub use isotonic::Isotonic;
pub use logistic::{BetaCalibration, Platt};
pub use prior::unsampled;
