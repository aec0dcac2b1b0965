//! Fits by day and by half hour, each half hour scored on the next.

use std::collections::BTreeMap;

use super::{FitError, Model, PriceUnits, Regression, fit};
use crate::flow::Bar;
use crate::tape::{NANOS_PER_SECOND, Nanos, Session};

/// A stretch of the session that is fitted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The whole session.
    Day,
    /// Thirty minutes, counted from the open; a bar belongs to the one it begins in.
    HalfHour,
}

impl Window {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::HalfHour => "30m",
        }
    }
}

/// One model fitted on one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Kind of window.
    pub window: Window,
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond outside again.
    pub end: Nanos,
    /// The model.
    pub model: Model,
    /// The fitted line.
    pub regression: Regression,
    /// What its cents are in other units.
    pub price_units: PriceUnits,
    /// Share of the next window's variance that these coefficients explain; none for the day and the last window.
    pub r2_oos: Option<f64>,
}

/// Windows that gave no fit, by reason.
pub type Skipped = BTreeMap<&'static str, u64>;

const HALF_HOUR: i64 = 1_800 * NANOS_PER_SECOND;

/// Fits every model on the day and on each half hour of a session's bars of one width.
///
/// A window's first bar keeps its price change from the bar before it. A half hour is scored on the next one
/// whenever that has observations.
#[must_use]
pub fn fit_windows(session: Session, bars: &[Bar]) -> (Vec<Fit>, Skipped) {
    let (mut fits, mut skipped) = (Vec::new(), Skipped::new());
    let half_hours = half_hours(session, bars);
    for model in Model::ALL {
        let mut keep = |fitted: Result<Fit, FitError>| match fitted {
            Ok(fit) => fits.push(fit),
            Err(error) => *skipped.entry(reason(error)).or_default() += 1,
        };
        keep(fit_day(session, bars, model));
        for (index, (start, bars)) in half_hours.iter().enumerate() {
            let next = half_hours.get(index + 1).map(|(_, bars)| *bars);
            keep(fit_half_hour(session, *start, bars, next, model));
        }
    }
    (fits, skipped)
}

/// Fits every model on the whole session alone.
#[must_use]
pub fn fit_days(session: Session, bars: &[Bar]) -> (Vec<Fit>, Skipped) {
    let (mut fits, mut skipped) = (Vec::new(), Skipped::new());
    for model in Model::ALL {
        match fit_day(session, bars, model) {
            Ok(fit) => fits.push(fit),
            Err(error) => *skipped.entry(reason(error)).or_default() += 1,
        }
    }
    (fits, skipped)
}

/// Fits a model on the whole session.
///
/// # Errors
/// [`FitError`] when the bars do not bear a fit.
pub fn fit_day(session: Session, bars: &[Bar], model: Model) -> Result<Fit, FitError> {
    let regression = fit(&model.design(bars))?;
    Ok(Fit {
        window: Window::Day,
        start: session.open,
        end: session.close,
        model,
        r2_oos: None,
        regression,
        price_units: PriceUnits::of(bars),
    })
}

/// Fits a model on the bars of the half hour that begins at `start`, and scores it on those of the next, once those
/// are known.
///
/// # Errors
/// [`FitError`] when the bars do not bear a fit.
pub fn fit_half_hour(
    session: Session,
    start: Nanos,
    bars: &[Bar],
    next: Option<&[Bar]>,
    model: Model,
) -> Result<Fit, FitError> {
    let regression = fit(&model.design(bars))?;
    Ok(Fit {
        window: Window::HalfHour,
        start,
        end: end_of(session, start),
        model,
        r2_oos: next.and_then(|next| regression.r2_on(&model.design(next))),
        regression,
        price_units: PriceUnits::of(bars),
    })
}

/// The session cut into half hours, with the bars that begin in each.
#[must_use]
pub fn half_hours(session: Session, bars: &[Bar]) -> Vec<(Nanos, &[Bar])> {
    cut(session, bars, |bar| bar.start)
}

/// The same of anything that begins at some time, in that order.
pub(super) fn cut<T>(session: Session, bars: &[T], start_of: impl Fn(&T) -> Nanos) -> Vec<(Nanos, &[T])> {
    let starts = (session.open.0..session.close.0).step_by(HALF_HOUR as usize);
    let cut = |start: i64| {
        let from = bars.partition_point(|b| start_of(b).0 < start);
        let to = bars.partition_point(|b| start_of(b).0 < start + HALF_HOUR);
        (Nanos(start), &bars[from..to])
    };
    starts.map(cut).collect()
}

/// The end of the half hour that begins at `start`.
pub(super) fn end_of(session: Session, start: Nanos) -> Nanos {
    Nanos((start.0 + HALF_HOUR).min(session.close.0))
}

pub(super) fn reason(error: FitError) -> &'static str {
    match error {
        FitError::TooFew => "fewer_than_10_observations",
        FitError::Singular => "flow_does_not_vary",
    }
}
