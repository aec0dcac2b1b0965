//! What a stored model says now: the one call behind a forecast that is asked for.
//!
//! In: a model's bytes, the day's bars so far, a moment, and for [`Purpose::Conditional`] a signed flow. Out: an
//! [`Answer`] about the bar that starts where the last whole bar ended. The same bytes, bars and question give the
//! same answer, bit for bit; in a walk forward the same model said the same.

use super::conformal::RESIDUALS_MIN;
use super::features::{Known, Purpose, WARM_UP_BARS, features};
use super::model::{Model, ModelError};
use crate::flow::BarRecord;
use crate::tape::{NYSE, Nanos, sha256};

/// A model ready to answer, and its name.
#[derive(Debug)]
pub struct Forecaster {
    model: Model,
    sha256: String,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Bars of the day, in order of time and of the model's width; those that end after `as_of` are not looked at.
    pub day: &'a [BarRecord],
    /// Now.
    pub as_of: Nanos,
    /// Shares bought less shares sold in the coming bar; needed by conditional models, of no effect on others.
    pub flow_shares: Option<f64>,
    /// What the interval should claim, in (0, 1).
    pub level: f64,
}

/// An interval around a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Claimed.
    pub level: f64,
    /// Lower end, basis points of the mid.
    pub low_bp: f64,
    /// Upper end.
    pub high_bp: f64,
    /// Lower end, cents.
    pub low_cents: f64,
    /// Upper end.
    pub high_cents: f64,
    /// Residuals behind it.
    pub n: usize,
}

/// What a model says.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The bar it is about.
    pub start: Nanos,
    /// Its end.
    pub end: Nanos,
    /// The mid at its start, dollars.
    pub mid_usd: f64,
    /// Expected change of the mid over the bar, basis points.
    pub expected_bp: f64,
    /// The same in cents.
    pub expected_cents: f64,
    /// Split-conformal interval; `None` where residuals do not support the level.
    pub interval: Option<Interval>,
    /// Quantiles (probability, basis points) at 5, 25, 50, 75 and 95 %, from the intervals of 50 and 90 %.
    pub quantiles: Vec<(f64, f64)>,
    /// Features outside the range the model was taught on; the interval is wider then.
    pub outside_training_range: Vec<&'static str>,
    /// What went in, in the order of [`features`]: name, unit, value.
    pub inputs: Vec<(&'static str, &'static str, f64)>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoAnswer {
    /// The day is too young.
    #[error("fewer than {WARM_UP_BARS} bars of the day have a price change by then")]
    WarmingUp,
    /// The last bar is not recent.
    #[error("the last bar ended {age_seconds} s before, more than a bar of {bar_seconds} s")]
    Stale {
        /// Seconds since its end.
        age_seconds: f64,
        /// Width of a bar.
        bar_seconds: f64,
    },
    /// The model knows what came after.
    #[error("the model was calibrated on later bars than the moment asked about; take an earlier model")]
    FromLater,
    /// The coming bar is not in the session.
    #[error("no bar of the regular session starts where the last bar ended")]
    Closed,
    /// Bars of another width.
    #[error("the model is for bars of {model} s, these have {bars} s")]
    OtherWidth {
        /// The model's.
        model: f64,
        /// The bars'.
        bars: f64,
    },
    /// A conditional model without a flow.
    #[error("flow_shares is missing: a conditional forecast needs the signed flow")]
    NoFlow,
    /// Not a number.
    #[error("{0} is not a finite number")]
    NotFinite(&'static str),
    /// A level outside (0, 1).
    #[error("level lies outside 0 to 1")]
    Level,
    /// The model refuses the features.
    #[error("the model does not take these features; train again")]
    Refused,
}

impl Forecaster {
    /// Takes a model from its stored bytes.
    ///
    /// # Errors
    /// [`ModelError`] when the bytes are no model, or one of other features.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        Ok(Self { model: Model::read(bytes)?, sha256: sha256(bytes) })
    }

    /// The model: its kind, dates, record and ranges.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// SHA-256 of the model's bytes.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Answers.
    ///
    /// # Errors
    /// [`NoAnswer`] when the question or the bars do not allow one.
    pub fn answer(&self, question: &Question<'_>) -> Result<Answer, NoAnswer> {
        let model = &self.model;
        let flow = match (model.purpose, question.flow_shares) {
            (Purpose::Conditional, None) => return Err(NoAnswer::NoFlow),
            (Purpose::Conditional, Some(flow)) if !flow.is_finite() => {
                return Err(NoAnswer::NotFinite("flow_shares"));
            }
            (_, flow) => flow.unwrap_or(0.0),
        };
        if question.level.is_nan() || question.level <= 0.0 || question.level >= 1.0 {
            return Err(NoAnswer::Level);
        }
        if question.as_of.0 < model.calibrated_to_ns {
            return Err(NoAnswer::FromLater);
        }
        let start = self.start(question)?;
        let known = Known::at(start, question.day).ok_or(NoAnswer::WarmingUp)?;
        let x = known.features(model.purpose, flow);
        let said = model.forecast([x.as_slice()]).map_err(|_| NoAnswer::Refused)?;
        let expected_bp = said.first().copied().filter(|f| f.is_finite()).ok_or(NoAnswer::Refused)?;
        let (outside_training_range, excess) = model.outside(&x);
        let half = |level: f64| model.half_width_bp(level, known.volatility_bp(), excess);
        let cents = |bp: f64| bp * known.mid_usd / 100.0;
        let interval = half(question.level).map(|half| Interval {
            level: question.level,
            low_bp: expected_bp - half,
            high_bp: expected_bp + half,
            low_cents: cents(expected_bp - half),
            high_cents: cents(expected_bp + half),
            n: model.calibration.n(),
        });
        let sides =
            [(0.05, 0.9, -1.0), (0.25, 0.5, -1.0), (0.5, 0.0, 0.0), (0.75, 0.5, 1.0), (0.95, 0.9, 1.0)];
        let quantile = |(p, level, side): (f64, f64, f64)| {
            Some((p, if side == 0.0 { expected_bp } else { expected_bp + side * half(level)? }))
        };
        let inputs = features(model.purpose).iter().zip(&x).map(|(f, value)| (f.name, f.unit, *value));
        Ok(Answer {
            start,
            end: Nanos(start.0 + model.bar_nanoseconds),
            mid_usd: known.mid_usd,
            expected_bp,
            expected_cents: cents(expected_bp),
            interval,
            quantiles: if model.calibration.n() < RESIDUALS_MIN {
                Vec::new()
            } else {
                sides.into_iter().filter_map(quantile).collect()
            },
            outside_training_range,
            inputs: inputs.collect(),
        })
    }

    /// Where the last whole bar ended.
    fn start(&self, question: &Question<'_>) -> Result<Nanos, NoAnswer> {
        let ended = question.day.partition_point(|bar| bar.end <= question.as_of);
        let last = question.day[..ended].last().ok_or(NoAnswer::WarmingUp)?;
        let width = self.model.bar_nanoseconds;
        let seconds = |nanos: i64| nanos as f64 / 1e9;
        if last.end.0 - last.start.0 != width {
            let (model, bars) = (seconds(width), seconds(last.end.0 - last.start.0));
            return Err(NoAnswer::OtherWidth { model, bars });
        }
        let age = question.as_of.0.saturating_sub(last.end.0);
        if age >= width {
            return Err(NoAnswer::Stale { age_seconds: seconds(age), bar_seconds: seconds(width) });
        }
        let session = NYSE.session(NYSE.date_of(last.start));
        if session.contains(last.end) { Ok(last.end) } else { Err(NoAnswer::Closed) }
    }
}
