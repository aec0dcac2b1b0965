//! What the price will do, learned from bars: models, and an honest account of how well they do.
//!
//! In: the [`BarRecord`](crate::flow::BarRecord)s of a symbol. Out: [`Model`]s with their identity and their errors
//! out of sample, forecasts with intervals whose realised coverage stands beside the claimed one, and the
//! [`Answer`]s of stored models.

mod answer;
mod blocks;
mod conformal;
mod density;
mod features;
mod folds;
mod kind;
mod model;
mod search;
mod shapes;
mod trees;
mod walk_forward;

pub use answer::{Answer, Forecaster, Interval, NoAnswer, Question};
pub use conformal::{Calibration, Coverage, RESIDUALS_MIN, Range};
pub use density::{Band, Weighting};
pub use features::{FEATURES_VERSION, Feature, Purpose, Row, Sample, WARM_UP_BARS, features};
pub use folds::{Span, Split, purged, shuffled};
pub use kind::Kind;
pub use model::{Model, ModelError, TrackRecord};
pub use shapes::{PatzeltBouchaud, Points, PowerLaw};
pub use trees::{Growth, Trees};
pub use walk_forward::{Forecast, Options, ROWS_MIN, Score, Walk, WalkError, walk_forward};
