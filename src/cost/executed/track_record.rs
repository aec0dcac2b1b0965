//! Forecast against realised: how a cost model did on the orders that were sent, by size.
//!
//! In: an [`Outcome`] an order, forecast and realised cost in basis points of the arrival mid, both without fees and
//! without the delay before arrival: half spread, impact and drift against s (mean fill price - A) / A.
//! Out: a [`Score`] by size bucket and over all:
//!
//! ```text
//! error    = realised - forecast               its mean tells the bias, with the standard error s / sqrt(n)
//! z        = error / sqrt(timing risk^2 + model error^2)     mean 0 and variance 1 when both risks are stated right
//! coverage = share of orders inside their interval    beside the level that was claimed
//! slope    of realised on forecast             1 when the model ranks and scales orders right
//! ```
//!
//! z is the cost error of Kissell's I-Star (Kissell and Malamut, "Understanding the profit and loss distribution of
//! trading algorithms", Institutional Investor, 2005), there over the timing risk alone.

use crate::impact::{Design, Term, fit};
use crate::tape::Nanos;

/// An order's forecast and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// When the order reached the market.
    pub arrival: Nanos,
    /// Quantity over a day's volume.
    pub of_adv: f64,
    /// Expected arrival cost.
    pub forecast_bps: f64,
    /// Realised arrival cost.
    pub realised_bps: f64,
    /// One s.d. of the market's own move while trading.
    pub timing_risk_bps: f64,
    /// One s.d. of the model's own error.
    pub model_error_bps: f64,
    /// The interval that was stated for the cost.
    pub interval: Option<Interval>,
}

/// A stated interval of cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Claimed probability of ending inside.
    pub level: f64,
    /// Lower end.
    pub low_bps: f64,
    /// Upper end.
    pub high_bps: f64,
}

impl Outcome {
    fn error(&self) -> f64 {
        self.realised_bps - self.forecast_bps
    }

    /// `None` when no risk was stated at all.
    fn z(&self) -> Option<f64> {
        let risk = self.timing_risk_bps.hypot(self.model_error_bps);
        (risk > 0.0).then(|| self.error() / risk)
    }
}

/// A range of order sizes, as a part of a day's volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizeBucket {
    /// Its name.
    pub name: &'static str,
    /// First size inside.
    pub from: f64,
    /// First size above.
    pub to: f64,
}

/// The buckets: tiny orders, then to a percent, to the sizes priors are fitted on, and beyond.
pub const SIZE_BUCKETS: [SizeBucket; 5] = [
    SizeBucket { name: "below_0.1pct_adv", from: 0.0, to: 0.001 },
    SizeBucket { name: "0.1_to_1pct_adv", from: 0.001, to: 0.01 },
    SizeBucket { name: "1_to_5pct_adv", from: 0.01, to: 0.05 },
    SizeBucket { name: "5_to_10pct_adv", from: 0.05, to: 0.1 },
    SizeBucket { name: "above_10pct_adv", from: 0.1, to: f64::INFINITY },
];

/// A mean with its standard error s / sqrt(n); the error is `None` for fewer than two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error.
    pub error: Option<f64>,
}

/// How stated intervals held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Mean level claimed.
    pub claimed: f64,
    /// Share that ended inside, bounds included.
    pub realised: f64,
    /// One s.d. of that share if the claim were true: sqrt(sum p (1 - p)) / n.
    pub error: f64,
    /// Orders with an interval.
    pub n: usize,
}

/// How the forecasts of some orders did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Orders.
    pub n: usize,
    /// First arrival.
    pub from: Nanos,
    /// Last arrival.
    pub to: Nanos,
    /// Mean forecast, basis points.
    pub forecast_bps: f64,
    /// Mean realised cost, basis points.
    pub realised_bps: f64,
    /// Mean of realised minus forecast, basis points.
    pub error_bps: Mean,
    /// Mean of z; its error is 1 / sqrt(n) if the risks are stated right.
    pub z_mean: Option<f64>,
    /// Variance of z about its mean, with n - 1.
    pub z_variance: Option<f64>,
    /// Intervals; `None` when no order had one.
    pub coverage: Option<Held>,
    /// Realised on forecast, with an intercept; from ten orders on.
    pub slope: Option<Term>,
}

/// Scores some orders; `None` when there are none.
#[must_use]
pub fn score(outcomes: &[Outcome]) -> Option<Score> {
    let arrivals = || outcomes.iter().map(|o| o.arrival);
    let of = |value: fn(&Outcome) -> f64| outcomes.iter().map(value).collect::<Vec<_>>();
    let (forecast, realised) = (of(|o| o.forecast_bps), of(|o| o.realised_bps));
    let z: Vec<f64> = outcomes.iter().filter_map(Outcome::z).collect();
    let design = Design { y: realised.clone(), x: vec![forecast.clone()] };
    Some(Score {
        n: outcomes.len(),
        from: arrivals().min()?,
        to: arrivals().max()?,
        forecast_bps: mean(&forecast)?,
        realised_bps: mean(&realised)?,
        error_bps: with_error(&of(Outcome::error))?,
        z_mean: mean(&z),
        z_variance: variance(&z),
        coverage: held(outcomes),
        slope: fit(&design).ok().map(|line| line.terms[1]),
    })
}

/// Scores by size, in the order of [`SIZE_BUCKETS`]; buckets without orders have no score.
#[must_use]
pub fn score_by_size(outcomes: &[Outcome]) -> Vec<(SizeBucket, Option<Score>)> {
    let inside = |bucket: &SizeBucket| -> Vec<Outcome> {
        outcomes.iter().filter(|o| bucket.from <= o.of_adv && o.of_adv < bucket.to).copied().collect()
    };
    SIZE_BUCKETS.into_iter().map(|bucket| (bucket, score(&inside(&bucket)))).collect()
}

fn held(outcomes: &[Outcome]) -> Option<Held> {
    let stated = || outcomes.iter().filter_map(|o| o.interval.map(|interval| (o.realised_bps, interval)));
    let n = stated().count();
    let inside = stated().filter(|(cost, i)| (i.low_bps..=i.high_bps).contains(cost)).count();
    (n > 0).then(|| Held {
        claimed: stated().map(|(_, i)| i.level).sum::<f64>() / n as f64,
        realised: inside as f64 / n as f64,
        error: stated().map(|(_, i)| i.level * (1.0 - i.level)).sum::<f64>().sqrt() / n as f64,
        n,
    })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    Some(values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() - 1) as f64)
}

fn with_error(values: &[f64]) -> Option<Mean> {
    let error = variance(values).map(|variance| (variance / values.len() as f64).sqrt());
    Some(Mean { value: mean(values)?, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(of_adv: f64, forecast_bps: f64, realised_bps: f64) -> Outcome {
        Outcome {
            arrival: Nanos((of_adv * 1e6) as i64),
            of_adv,
            forecast_bps,
            realised_bps,
            timing_risk_bps: 3.0,
            model_error_bps: 4.0,
            interval: Some(Interval {
                level: 0.9,
                low_bps: forecast_bps - 8.0,
                high_bps: forecast_bps + 8.0,
            }),
        }
    }

    #[test]
    fn scores_by_hand() {
        let outcomes = [outcome(0.01, 10.0, 15.0), outcome(0.02, 20.0, 15.0), outcome(0.03, 30.0, 40.0)];
        let score = score(&outcomes).expect("three orders");
        assert_eq!((score.n, score.from, score.to), (3, Nanos(10_000), Nanos(30_000)));
        assert_eq!(score.forecast_bps, 20.0);
        assert!((score.realised_bps - 70.0 / 3.0).abs() < 1e-12);
        // Errors 5, -5 and 10: mean 10/3, variance 175/3; z are a fifth of them.
        assert!((score.error_bps.value - 10.0 / 3.0).abs() < 1e-12);
        assert!((score.error_bps.error.expect("known") - (175.0_f64 / 9.0).sqrt()).abs() < 1e-12);
        assert!((score.z_mean.expect("known") - 2.0 / 3.0).abs() < 1e-12);
        assert!((score.z_variance.expect("known") - 7.0 / 3.0).abs() < 1e-12);
        let held = score.coverage.expect("intervals");
        assert_eq!((held.claimed, held.n), (0.9, 3));
        assert!((held.realised - 2.0 / 3.0).abs() < 1e-12);
        assert!((held.error - (0.09_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!(score.slope.is_none(), "three orders make no line");
    }

    #[test]
    fn every_order_falls_into_one_bucket() {
        let sizes = [0.0, 0.0009, 0.001, 0.0099, 0.01, 0.05, 0.1, 7.0];
        let outcomes = sizes.map(|size| outcome(size, 1.0, 1.0));
        let counts = score_by_size(&outcomes).into_iter().map(|(_, s)| s.map_or(0, |s| s.n));
        assert_eq!(counts.collect::<Vec<_>>(), [2, 2, 1, 1, 2]);
    }

    #[test]
    fn little_is_said_of_little() {
        assert!(score(&[]).is_none());
        let one = score(&[Outcome {
            timing_risk_bps: 0.0,
            model_error_bps: 0.0,
            interval: None,
            ..outcome(0.1, 1.0, 2.0)
        }]);
        let one = one.expect("one order");
        assert_eq!((one.error_bps.error, one.z_mean, one.z_variance), (None, None, None));
        assert!(one.coverage.is_none());
    }

    #[test]
    fn the_slope_is_that_of_realised_on_forecast() {
        let outcomes: Vec<Outcome> =
            (0..20).map(|i| outcome(0.01, f64::from(i), 3.0 + 1.5 * f64::from(i))).collect();
        let slope = score(&outcomes).and_then(|s| s.slope).expect("twenty orders");
        assert!((slope.coefficient - 1.5).abs() < 1e-12);
    }
}
