//! A model's track record, as it is answered. Null is unknown, never 0.

use serde::Serialize;
use utoipa::ToSchema;

use super::calibration::{Choice, Counts, TrackRecord};
use crate::cost::{Held, RefittedY, Score, SizeBucket, SquareRoot};
use crate::pretrade::Stamp;

/// Forecast against realised, for one model.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CalibrationAnswer {
    /// Which model.
    #[schema(example = "blend")]
    pub model: String,
    /// Only orders of this symbol; null: of all.
    #[schema(required)]
    pub symbol: Option<String>,
    /// How many orders were looked at, and why some are left out.
    pub orders: OrdersAnswer,
    /// Over all scored orders; null without any.
    #[schema(required)]
    pub overall: Option<ScoreAnswer>,
    /// By quantity as a part of average daily volume.
    pub by_size: Vec<BucketAnswer>,
    /// Y of the square-root law I = Y sigma sqrt(Q/V), refitted on all orders with a forecast, beside the prior.
    pub square_root_y: YsAnswer,
}

/// Orders by what became of them in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrdersAnswer {
    /// Recorded, of the symbol and dates asked for.
    pub recorded: usize,
    /// Scored.
    pub scored: usize,
    /// Of those, with a forecast made again from its request as of the arrival.
    pub recomputed: usize,
    /// Left out: no forecast.
    pub without_estimate: usize,
    /// Left out: forecast with numbers of the caller's own (`overrides`, `alpha_bps`): they say nothing of the model.
    pub with_caller_inputs: usize,
    /// Left out: forecast more than a day before the arrival.
    pub forecast_too_early: usize,
    /// Left out: forecast by another model.
    pub of_other_models: usize,
    /// Left out: less than nine tenths filled.
    pub partly_filled: usize,
    /// Left out: the mid on arrival is not known.
    pub without_arrival_mid: usize,
    /// Left out, and not among `recorded`: their files are damaged, so that neither symbol nor forecast is known; the
    /// log names each once.
    pub damaged: usize,
    /// Left out: older than the orders a report looks at.
    pub not_looked_at: usize,
}

/// A range of sizes and how the forecasts in it did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct BucketAnswer {
    /// Its name.
    #[schema(example = "1_to_5pct_adv")]
    pub size: &'static str,
    /// First size inside, percent of average daily volume.
    pub from_pct_adv: f64,
    /// First size above; null: no end.
    #[schema(required)]
    pub to_pct_adv: Option<f64>,
    /// Null without orders.
    #[schema(required)]
    pub score: Option<ScoreAnswer>,
}

/// How forecasts did. Costs are mean fill prices against arrival mids: half spread, impact, drift and chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct ScoreAnswer {
    /// Orders.
    pub n: usize,
    /// First arrival, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub from: Stamp,
    /// Last arrival, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub to: Stamp,
    /// Mean forecast.
    pub forecast_bps: f64,
    /// Mean realised cost.
    pub realised_bps: f64,
    /// Mean of realised minus forecast: the bias.
    pub error_bps: f64,
    /// Standard error of that mean; null for one order.
    #[schema(required)]
    pub error_se_bps: Option<f64>,
    /// Mean of z = (realised - forecast) / sqrt(timing risk² + model error²): 0 when forecasts are right.
    #[schema(required)]
    pub z_mean: Option<f64>,
    /// One s.d. of that mean when forecasts and risks are right: 1 / sqrt(n).
    pub z_mean_se: f64,
    /// Variance of z: 1 when risks are right; above, they are stated too small.
    #[schema(required)]
    pub z_variance: Option<f64>,
    /// One s.d. of that variance when risks are right: sqrt(2 / (n - 1)).
    #[schema(required)]
    pub z_variance_se: Option<f64>,
    /// How the stated intervals held.
    #[schema(required)]
    pub coverage: Option<HeldAnswer>,
    /// Slope of realised on forecast, 1 when forecasts scale right; null below ten orders.
    #[schema(required)]
    pub slope: Option<f64>,
    /// Its standard error (White).
    #[schema(required)]
    pub slope_se: Option<f64>,
}

/// Claimed and realised coverage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct HeldAnswer {
    /// Mean level claimed.
    pub claimed: f64,
    /// Share of orders that ended inside.
    pub realised: f64,
    /// One s.d. of that share when the claim is true.
    pub se: f64,
    /// Orders.
    pub n: usize,
}

/// Y of the square-root law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct YsAnswer {
    /// Of the literature, as the model uses it.
    pub prior: YAnswer,
    /// Of these orders; null below ten.
    #[schema(required)]
    pub refitted: Option<YAnswer>,
}

/// A value of Y.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct YAnswer {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Orders behind it; null of the prior.
    #[schema(required)]
    pub n: Option<usize>,
    /// Variance of what is left, in units of the stated timing risk: 1 when that is right; null of the prior.
    #[schema(required)]
    pub residual_variance: Option<f64>,
}

impl CalibrationAnswer {
    /// Writes out a track record.
    #[must_use]
    pub fn new(choice: &Choice, record: &TrackRecord) -> Self {
        let bucket = |(bucket, score): &(SizeBucket, Option<Score>)| BucketAnswer {
            size: bucket.name,
            from_pct_adv: 100.0 * bucket.from,
            to_pct_adv: bucket.to.is_finite().then_some(100.0 * bucket.to),
            score: score.as_ref().map(ScoreAnswer::from),
        };
        let prior =
            YAnswer { value: SquareRoot::Y, se: SquareRoot::Y_ERROR, n: None, residual_variance: None };
        Self {
            model: choice.model.clone(),
            symbol: choice.symbol.clone(),
            orders: record.counts.into(),
            overall: record.overall.as_ref().map(ScoreAnswer::from),
            by_size: record.by_size.iter().map(bucket).collect(),
            square_root_y: YsAnswer { prior, refitted: record.refitted_y.map(YAnswer::from) },
        }
    }
}

impl From<Counts> for OrdersAnswer {
    fn from(counts: Counts) -> Self {
        let Counts {
            recorded,
            scored,
            recomputed,
            without_estimate,
            with_caller_inputs,
            forecast_too_early,
            of_other_models,
            partly_filled,
            without_arrival_mid,
            damaged,
            not_looked_at,
        } = counts;
        Self {
            recorded,
            scored,
            recomputed,
            without_estimate,
            with_caller_inputs,
            forecast_too_early,
            of_other_models,
            partly_filled,
            without_arrival_mid,
            damaged,
            not_looked_at,
        }
    }
}

impl From<&Score> for ScoreAnswer {
    fn from(score: &Score) -> Self {
        let n = score.n as f64;
        Self {
            n: score.n,
            from: Stamp(score.from),
            to: Stamp(score.to),
            forecast_bps: score.forecast_bps,
            realised_bps: score.realised_bps,
            error_bps: score.error_bps.value,
            error_se_bps: score.error_bps.error,
            z_mean: score.z_mean,
            z_mean_se: n.sqrt().recip(),
            z_variance: score.z_variance,
            z_variance_se: (score.n > 1).then(|| (2.0 / (n - 1.0)).sqrt()),
            coverage: score.coverage.map(HeldAnswer::from),
            slope: score.slope.map(|slope| slope.coefficient),
            slope_se: score.slope.map(|slope| slope.errors.white),
        }
    }
}

impl From<Held> for HeldAnswer {
    fn from(Held { claimed, realised, error, n }: Held) -> Self {
        Self { claimed, realised, se: error, n }
    }
}

impl From<RefittedY> for YAnswer {
    fn from(RefittedY { y, error, residual_variance, n }: RefittedY) -> Self {
        Self { value: y, se: error, n: Some(n), residual_variance: Some(residual_variance) }
    }
}
