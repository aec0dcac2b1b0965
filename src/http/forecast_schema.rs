//! A forecast as `api.yaml` describes it: the question and the answer.

use serde::Serialize;
use utoipa::ToSchema;

use super::pretrade_schema::MomentText;
use crate::forecast::{Answer, Coverage, Forecaster, Purpose};
use crate::pretrade::Stamp;
use crate::store::ModelEntry;
use crate::tape::Nanos;

/// The fields of a question.
pub const FORECAST_FIELDS: [&str; 5] = ["purpose", "flow_shares", "horizon_seconds", "as_of", "confidence"];

/// What the price is asked to do. Unknown fields are refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastBody {
    /// `conditional`, what would the price do if `flow_shares` came; `ahead`, what will it do. When left out,
    /// `conditional` with a flow and `ahead` without.
    #[schema(inline)]
    purpose: Option<PurposeText>,
    /// Shares bought less shares sold by aggressors over the horizon. Needed by `conditional`, refused with `ahead`.
    #[schema(example = 5000, minimum = -1000000000, maximum = 1000000000)]
    flow_shares: Option<f64>,
    /// Width of the bars that models were trained on; 60 when left out.
    #[schema(example = 60, exclusive_minimum = 0.0)]
    horizon_seconds: Option<f64>,
    /// The moment of the forecast: nothing later is looked at, in data or in training. Now when left out.
    #[schema(value_type = Option<MomentText>, inline)]
    as_of: Option<()>,
    /// Level of the interval; 0.9 when left out.
    #[schema(minimum = 0.5, maximum = 0.99)]
    confidence: Option<f64>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PurposeText {
    /// What would the price do if this flow came? Explains.
    Conditional,
    /// What will the price do? Forecasts.
    Ahead,
}

impl From<Purpose> for PurposeText {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Conditional => Self::Conditional,
            Purpose::Ahead => Self::Ahead,
        }
    }
}

/// What the mid is expected to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastAnswer {
    /// The symbol.
    symbol: String,
    /// `conditional` explains a given flow; `ahead` forecasts.
    #[schema(inline)]
    purpose: PurposeText,
    /// Nothing later was looked at.
    #[schema(value_type = String, format = DateTime)]
    as_of: Stamp,
    /// Start of the bar that is spoken of, where the last whole bar ended.
    #[schema(value_type = String, format = DateTime)]
    start: Stamp,
    /// Its end.
    #[schema(value_type = String, format = DateTime)]
    end: Stamp,
    /// The flow; null under `ahead`.
    #[schema(required)]
    flow_shares: Option<f64>,
    /// The mid at the start, dollars.
    mid_usd: f64,
    /// Expected change of the mid over the bar, basis points.
    expected_bp: f64,
    /// The same in cents.
    expected_cents: f64,
    /// Null while too few residuals support the level.
    #[schema(required)]
    interval: Option<ForecastInterval>,
    /// Features outside the range that the model was taught on; the interval is wider for them.
    outside_training_range: Vec<String>,
    /// What went in, in the model's order.
    inputs: Vec<ForecastInput>,
    /// Who says so.
    model: ForecastModel,
}

/// Between what.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastInterval {
    /// Claimed.
    level: f64,
    /// Lower end, basis points.
    low_bp: f64,
    /// Upper end.
    high_bp: f64,
    /// Lower end, cents.
    low_cents: f64,
    /// Upper end.
    high_cents: f64,
    /// How it was made: split-conformal.
    #[schema(example = "conformal")]
    method: &'static str,
    /// Residuals behind it.
    n: usize,
    /// How often intervals of this level held before this model was made; null of a first model, and at another level
    /// than the walk forward was run at.
    #[schema(required)]
    coverage_backtest: Option<ForecastCoverage>,
}

/// Claimed and realised coverage over the walk forward.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastCoverage {
    /// The level.
    claimed: f64,
    /// How often it held.
    realised: f64,
    /// Intervals.
    n: usize,
    /// Start of the first one's bar.
    #[schema(value_type = String, format = DateTime)]
    from: Stamp,
    /// End of the last one's.
    #[schema(value_type = String, format = DateTime)]
    to: Stamp,
}

impl From<Coverage> for ForecastCoverage {
    fn from(coverage: Coverage) -> Self {
        let Coverage { level, realised, n, from_ns, to_ns } = coverage;
        Self { claimed: level, realised, n, from: Stamp(Nanos(from_ns)), to: Stamp(Nanos(to_ns)) }
    }
}

/// A feature.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastInput {
    /// Its name.
    name: &'static str,
    /// Its unit.
    unit: &'static str,
    /// Its value.
    value: f64,
}

/// The model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastModel {
    /// Its kind, the champion of the walk forward at its cutoff.
    #[schema(example = "power_law")]
    kind: &'static str,
    /// SHA-256 of its file.
    sha256: String,
    /// New York date of the first row that taught it.
    calibrated_from: String,
    /// New York date of the last.
    calibrated_to: String,
    /// Rows that taught.
    n_observations: usize,
    /// Meaning of its features.
    features_version: u32,
    /// Mean square error of the walk's champions on rows they had not seen, each chosen before; basis points squared.
    /// Null of a first model.
    #[schema(required)]
    mse_oos_bp2: Option<f64>,
    /// Share of their variance explained.
    #[schema(required)]
    r2_oos: Option<f64>,
    /// How many such rows.
    n_oos: usize,
}

impl ForecastAnswer {
    /// What a stored model said.
    pub fn new(
        symbol: String,
        as_of: Nanos,
        flow_shares: Option<f64>,
        forecaster: &Forecaster,
        entry: &ModelEntry,
        answer: Answer,
    ) -> Self {
        let (model, record) = (forecaster.model(), forecaster.model().record);
        let coverage = record.and_then(|record| record.coverage);
        Self {
            symbol,
            purpose: model.purpose.into(),
            as_of: Stamp(as_of),
            start: Stamp(answer.start),
            end: Stamp(answer.end),
            flow_shares: flow_shares.filter(|_| model.purpose == Purpose::Conditional),
            mid_usd: answer.mid_usd,
            expected_bp: answer.expected_bp,
            expected_cents: answer.expected_cents,
            interval: answer.interval.map(|i| ForecastInterval {
                level: i.level,
                low_bp: i.low_bp,
                high_bp: i.high_bp,
                low_cents: i.low_cents,
                high_cents: i.high_cents,
                method: "conformal",
                n: i.n,
                coverage_backtest: coverage.filter(|c| c.level == i.level).map(ForecastCoverage::from),
            }),
            outside_training_range: answer.outside_training_range.iter().map(|s| (*s).to_owned()).collect(),
            inputs: answer
                .inputs
                .into_iter()
                .map(|(name, unit, value)| ForecastInput { name, unit, value })
                .collect(),
            model: ForecastModel {
                kind: model.kind.name(),
                sha256: forecaster.sha256().to_owned(),
                calibrated_from: entry.calibrated_from.clone(),
                calibrated_to: entry.calibrated_to.clone(),
                n_observations: model.rows_taught,
                features_version: model.features_version,
                mse_oos_bp2: record.map(|r| r.mse_bp2),
                r2_oos: record.and_then(|r| r.r2_oos),
                n_oos: record.map_or(0, |r| r.n),
            },
        }
    }
}
