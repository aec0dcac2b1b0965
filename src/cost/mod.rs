//! What an order will cost before it is sent: expected cost by parts, its error and risk, and how to work it.
//!
//! In: 60 s [`BarRecord`](crate::flow::BarRecord)s of earlier days and of today, an order's quantity and window.
//! Out: the [`Reference`] numbers of the symbol, a [`Schedule`], its [`Components`] under a [`CostModel`], timing
//! risk, paper scores for intervals, frontier and cost curve.
//!
//! Costs are positive when they hurt, basis points of the arrival mid. A cost in basis points tends to the half
//! spread as the quantity tends to zero, in dollars to zero. Pure functions: nothing after `as_of` is used.

mod almgren_chriss;
mod blend;
mod calibrate;
mod curve;
mod day;
mod horizon;
mod market;
mod model;
mod optimal;
mod paper;
mod priors;
mod propagator;
mod risk;
mod schedule;
mod tape_model;
mod transient;

pub use almgren_chriss::{Liquidation, Tradeoff};
pub use blend::{Blend, Weights};
pub use calibrate::{Calibration, Coefficient, Floored, Lag, TapeCoefficients, Thin, calibrate};
pub use curve::{CURVE_BUCKETS, VolumeCurve};
pub use day::Day;
pub use horizon::Horizon;
pub use market::{Known, Market, Reference, Source, reference};
pub use model::{Components, CostModel};
pub use optimal::{CurvePoint, Objective, Optimum, best_horizon, cost_curve};
pub use paper::{Coverage, Method, Multiplier, PaperScore, PaperScores, paper_scores};
pub use priors::{Almgren2005, SquareRoot};
pub use propagator::{Propagator, correlate};
pub use risk::{WHOLE_DAY_NANOS, normal_quantile, timing_risk_bps};
pub use schedule::{Schedule, ScheduleError, Slice, custom, pov, shortfall, twap, vwap};
pub use tape_model::TapeModel;
