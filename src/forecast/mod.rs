//! What the price will do, learned from bars: models, and an honest account of how well they do.
//!
//! In: designs made of what was known at a moment. Out: fitted models and their errors out of sample.

mod folds;
mod trees;

pub use folds::{Span, Split, purged, shuffled};
pub use trees::{Growth, Trees};
