//! The answer to "what will it cost, how sure are you, and may I?".
//!
//! Costs are positive when they hurt, basis points of the arrival mid. Null is unknown, never 0. Nothing in it reads a
//! clock: the same request, model, data and `as_of` give the same bytes; the request's id and its latency are
//! in the headers `X-Request-Id` and `Server-Timing`.

use serde::Serialize;
use utoipa::ToSchema;

use super::answer_checks::{CheckAnswer, LimitsAnswer};
use super::answer_inputs::{InputsUsed, ModelAnswer, Resolved};
use super::answer_paths::{Bin, CurveAnswer, FrontierAnswer, OptimalAnswer};
use super::stamp::Stamp;

/// May it be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictAnswer {
    /// Yes.
    Allow,
    /// Yes, but somebody should look.
    Warn,
    /// Something needed is not known: treat it as a block.
    Indeterminate,
    /// No.
    Block,
}

/// An estimate of one order.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Estimate {
    /// Names this answer: made of the request, `as_of`, data, model and limits.
    #[schema(example = "est_0f3a5c0e7d1b4a6f8e2d9c4b7a1f0e3d")]
    pub estimate_id: String,
    /// The caller's own name for the order.
    #[schema(required)]
    pub client_ref: Option<String>,
    /// May it be sent. A refused order is an answer too: the HTTP status is 200.
    pub verdict: VerdictAnswer,
    /// Why, in one sentence.
    #[schema(example = "all 13 checks pass or are not set")]
    pub why: String,
    /// Expected cost, in five units; null where it could not be estimated.
    #[schema(required)]
    pub expected_cost: Option<ExpectedCost>,
    /// Where the cost will lie.
    #[schema(required)]
    pub interval: Option<Interval>,
    /// Parts of the expected cost; they add up to it.
    #[schema(required)]
    pub components: Option<ComponentsAnswer>,
    /// Standard deviation of what chance alone adds while the order waits, basis points. Risk, not cost.
    #[schema(required)]
    pub timing_risk_bps: Option<f64>,
    /// Every number that was used, with its source and age.
    pub inputs_used: InputsUsed,
    /// What was made of the request.
    pub resolved: Resolved,
    /// When to trade how much; the quantities add up to `resolved.fillable_quantity`.
    pub schedule: Vec<Bin>,
    /// The horizon with the least cost + risk aversion x risk², among those that keep to `max_participation`; null
    /// where the rest of the session has none.
    #[schema(required)]
    pub optimal: Option<OptimalAnswer>,
    /// Cost against risk over horizons up to the session's end.
    pub frontier: Vec<FrontierAnswer>,
    /// Cost against participation rate.
    pub cost_curve: Vec<CurveAnswer>,
    /// Every check, also those that passed.
    pub checks: Vec<CheckAnswer>,
    /// How far to trust it.
    pub confidence: Confidence,
    /// Realised arrival cost of recorded orders like this one: same symbol, filled shares and duration within a factor
    /// of two, done by `as_of`; null where there are none.
    #[schema(required)]
    pub comparables: Option<Comparables>,
    /// The model that was used.
    #[schema(required)]
    pub model: Option<ModelAnswer>,
    /// By how much the expected cost moves when an input moves, the largest first.
    pub explain: Vec<Contribution>,
    /// The limits file.
    pub limits: LimitsAnswer,
    /// About this answer.
    pub meta: Meta,
}

/// The same cost in five units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExpectedCost {
    /// Basis points of the arrival price.
    pub bps: f64,
    /// Of `usd` and `usd_per_share`.
    #[schema(example = "USD")]
    pub currency: &'static str,
    /// The whole order.
    pub usd: f64,
    /// One share.
    pub usd_per_share: f64,
    /// Ticks: a cent, or a hundredth of one below a dollar.
    pub ticks: f64,
    /// Percent of the quoted spread.
    #[schema(required)]
    pub pct_of_spread: Option<f64>,
}

/// Where the cost will lie, with timing risk and the model's own error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Interval {
    /// How likely.
    #[schema(example = 0.9)]
    pub level: f64,
    /// Lower end.
    pub low_bps: f64,
    /// Upper end.
    pub high_bps: f64,
    /// `conformal`: quantiles of paper orders on the tape. `normal`: fewer than 30 of them, or too few for the level.
    #[schema(example = "conformal")]
    pub method: &'static str,
    /// Quantiles of the cost.
    pub quantiles: Quantiles,
    /// Standard deviation of the model's own error, basis points; part of the interval.
    pub model_error_bps: f64,
    /// How often such intervals held on the tape before `as_of`.
    pub coverage_backtest: CoverageAnswer,
}

/// Quantiles of the cost, basis points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Quantiles {
    /// 5 %.
    pub p05: f64,
    /// 25 %.
    pub p25: f64,
    /// Median.
    pub p50: f64,
    /// 75 %.
    pub p75: f64,
    /// 95 %.
    pub p95: f64,
}

/// Claimed and realised coverage on paper orders, each judged by earlier ones alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoverageAnswer {
    /// The level.
    pub claimed: f64,
    /// How often it held; null below 30 judged orders, of which a share says nothing.
    #[schema(required)]
    pub realised: Option<f64>,
    /// Orders judged.
    pub n: u64,
    /// How long each took, seconds.
    pub horizon_seconds: i64,
    /// When the first began, UTC.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub from: Option<Stamp>,
    /// When the last ended, UTC.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub to: Option<Stamp>,
}

/// Parts of the expected cost, basis points; they add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ComponentsAnswer {
    /// Half the quoted spread.
    pub spread_bps: f64,
    /// What trading moves and what comes back.
    pub temporary_impact_bps: f64,
    /// What trading moves and what stays.
    pub permanent_impact_bps: f64,
    /// The caller's own drift, over the time the shares wait.
    pub timing_drift_bps: f64,
    /// Fees; null, since no schedule of fees is known. Not part of the sum.
    #[schema(required)]
    pub fees_bps: Option<f64>,
}

impl ComponentsAnswer {
    /// The expected cost.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.spread_bps + self.temporary_impact_bps + self.permanent_impact_bps + self.timing_drift_bps
    }
}

/// How far to trust an estimate.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Confidence {
    /// `high`, `medium` or `low`.
    #[schema(example = "high")]
    pub level: &'static str,
    /// Why not more. These words do not change; further ones may appear.
    #[schema(example = json!(["few_days"]))]
    pub reasons: Vec<&'static str>,
}

/// Realised cost of similar past orders.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Comparables {
    /// How many.
    pub n: u64,
    /// Lower quartile, basis points.
    pub p25_bps: f64,
    /// Median, basis points.
    pub p50_bps: f64,
    /// Upper quartile, basis points.
    pub p75_bps: f64,
}

/// What an input contributes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Contribution {
    /// Which.
    #[schema(example = "volatility_daily")]
    pub input: &'static str,
    /// How it was moved.
    #[schema(example = "+10 %")]
    pub change: &'static str,
    /// What that does to the expected cost, basis points.
    pub effect_bps: f64,
}

/// About an answer.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Meta {
    /// The moment of the estimate: nothing later was looked at. UTC.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Stamp,
    /// Until the next bar ends: ask again then. UTC.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Stamp,
    /// Names the results up to `as_of`; null where there are none.
    #[schema(required)]
    pub data_snapshot_id: Option<String>,
    /// Version of this program.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Advisory: not the firm's market-access control.
    pub notice: &'static str,
}
