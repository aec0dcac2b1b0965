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

mod executed;
#[cfg(test)]
pub(crate) mod fixture;
mod judging;
mod known;
mod models;
mod orders;
mod working;

pub use executed::benchmarks::{Benchmarks, mid_before, slippage_bps};
pub use executed::comparables::{PastOrder, Quartiles, comparables};
pub use executed::execution::{Execution, Fill};
pub use executed::refit::{RefittedY, Witness, refit_y};
pub use executed::shortfall::{Parts, Shortfall, implementation_shortfall};
pub use executed::track_record::{
    Held, Interval, Mean, Outcome, SIZE_BUCKETS, Score, SizeBucket, score, score_by_size,
};
pub use judging::checks::{Authority, Beside, Check, Earlier, Facts, Severity, Status, judge};
pub use judging::checks_level::only_tighter;
pub use judging::limits::{InForce, Limit, Limits, Restriction, Scope};
pub use judging::limits_file::{LimitsFault, parse as parse_limits};
pub use judging::limits_rules::{CORE_CODES, Direction, RULES, Rule, limited_codes, rule};
pub use judging::verdict::{Verdict, verdict};
pub use known::curve::{CURVE_BUCKETS, VolumeCurve};
pub use known::day::Day;
pub use known::horizon::Horizon;
pub use known::market::{Known, Market, Reference, Source, reference};
pub use models::blend::{Blend, Weights};
pub use models::calibrate::{Calibration, Coefficient, Floored, Lag, TapeCoefficients, Thin, calibrate};
pub use models::model::{Components, CostModel};
pub use models::priors::{Almgren2005, SquareRoot};
pub use models::propagator::{Propagator, correlate};
pub use models::tape_model::TapeModel;
pub use orders::order::{
    Account, Amount, Curve, Order, OrderType, Overrides, Pace, Piece, RecentOrder, Side, Strategy, URGENCIES,
};
pub use orders::order_draft::{CONFIDENCE_DEFAULT, Draft, Fault};
pub use working::almgren_chriss::{Liquidation, Tradeoff};
pub use working::optimal::{CurvePoint, Objective, Optimum, best_horizon, cost_curve};
pub use working::paper::{Coverage, Method, Multiplier, PaperScore, PaperScores, paper_scores};
pub use working::risk::{WHOLE_DAY_NANOS, normal_quantile, timing_risk_bps};
pub use working::schedule::{Schedule, ScheduleError, Slice, custom, pov, shortfall, twap, vwap};
