//! What an order will cost before it is sent: expected cost by parts, its error and risk, and how to work it.
//!
//! In: 60 s [`BarRecord`](crate::flow::BarRecord)s of earlier days and of today, an order's quantity and window.
//! Out: the [`Reference`] numbers of the symbol, a [`Schedule`], its [`Components`] under a [`CostModel`], timing
//! risk, paper scores for intervals, frontier and cost curve.
//!
//! Costs are positive when they hurt, basis points of the arrival mid. A cost in basis points tends to the half
//! spread as the quantity tends to zero, in dollars to zero. Pure functions: nothing after `as_of` is used.
//!
//! And whether it may be sent: an [`Order`], [`Limits`] and [`Facts`] in, [`Check`]s and a [`Verdict`] out.
//!
//! And what it did cost: an [`Execution`] in, its [`Shortfall`] by parts out; many [`Outcome`]s in, a [`Score`] out.

mod almgren_chriss;
mod benchmarks;
mod blend;
mod calibrate;
mod checks;
mod checks_level;
mod comparables;
mod curve;
mod day;
mod execution;
#[cfg(test)]
mod fixture;
mod horizon;
mod limits;
mod limits_file;
mod limits_rules;
mod market;
mod model;
mod optimal;
mod order;
mod order_draft;
mod paper;
mod priors;
mod propagator;
mod refit;
mod risk;
mod schedule;
mod shortfall;
mod tape_model;
mod track_record;
mod transient;
mod verdict;

pub use almgren_chriss::{Liquidation, Tradeoff};
pub use benchmarks::{Benchmarks, mid_before, slippage_bps};
pub use blend::{Blend, Weights};
pub use calibrate::{Calibration, Coefficient, Floored, Lag, TapeCoefficients, Thin, calibrate};
pub use checks::{Authority, Check, Earlier, Facts, Severity, Status, judge};
pub use checks_level::only_tighter;
pub use comparables::{PastOrder, Quartiles, comparables};
pub use curve::{CURVE_BUCKETS, VolumeCurve};
pub use day::Day;
pub use execution::{Execution, Fill};
pub use horizon::Horizon;
pub use limits::{InForce, Limit, Limits, Restriction, Scope};
pub use limits_file::{LimitsFault, parse as parse_limits};
pub use limits_rules::{Direction, RULES, Rule, limited_codes, rule};
pub use market::{Known, Market, Reference, Source, reference};
pub use model::{Components, CostModel};
pub use optimal::{CurvePoint, Objective, Optimum, best_horizon, cost_curve};
pub use order::{
    Account, Amount, Curve, Order, OrderType, Overrides, Pace, Piece, RecentOrder, Side, Strategy, URGENCIES,
};
pub use order_draft::{CONFIDENCE_DEFAULT, Draft, Fault};
pub use paper::{Coverage, Method, Multiplier, PaperScore, PaperScores, paper_scores};
pub use priors::{Almgren2005, SquareRoot};
pub use propagator::{Propagator, correlate};
pub use refit::{RefittedY, Witness, refit_y};
pub use risk::{WHOLE_DAY_NANOS, normal_quantile, timing_risk_bps};
pub use schedule::{Schedule, ScheduleError, Slice, custom, pov, shortfall, twap, vwap};
pub use shortfall::{Parts, Shortfall, implementation_shortfall};
pub use tape_model::TapeModel;
pub use track_record::{
    Held, Interval, Mean, Outcome, SIZE_BUCKETS, Score, SizeBucket, score, score_by_size,
};
pub use verdict::{Verdict, verdict};
