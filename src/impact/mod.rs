//! Bars to fits: how far the price moves with the flow, and how sure one can be.
//!
//! In: the [`Bar`](crate::flow::Bar)s of one width of a session. Out: [`Fit`]s by day and by half hour, and the
//! depth law; for forecasts, bare [`Line`]s. Explaining (`r2`) and forecasting (`r2_oos`) are never mixed up.

mod cross;
mod depth_law;
mod elastic_net;
mod inference;
mod levels;
mod models;
mod ols;
mod online;
mod pooled;
mod price_units;
mod principal;
mod standard;
mod windows;

pub use cross::{CrossFit, Explained, fit_cross};
pub use depth_law::{DEPTH_LAW, depth_law};
pub use elastic_net::{elastic_nets, penalty_max};
pub(crate) use inference::invert;
pub use inference::{Z_95, newey_west_lags};
pub use levels::{LevelBar, LevelFit, LevelModel, fit_levels};
pub use models::{Model, Observed};
pub use ols::{Design, FitError, OBSERVATIONS_MIN, Regression, Term, fit, line};
pub use online::{Memory, Observation, Online, OnlineFit};
pub use pooled::{Pooled, PooledTerm, fit_pooled};
pub use price_units::PriceUnits;
pub use principal::{Principal, principal};
pub use standard::Line;
pub use windows::{Fit, Skipped, Window, fit_day, fit_days, fit_half_hour, fit_windows, half_hours};
