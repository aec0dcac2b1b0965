//! Impact coefficients of a symbol's own tape.
//!
//! **Permanent.** With y a bar's mid change over daily volatility and x its signed traded volume over daily volume,
//! y_t = a + sum_{j<=L} b_j x_{t-j} + e within days. The cumulative sums G(l) = b_0 + ... + b_l are the linear
//! propagator in bar time (Bouchaud et al., Quantitative Finance 4, 2004), and G(L) is what stays: gamma. It must be
//! linear (Huberman and Stanzl, Econometrica 72, 2004). The regression is run in the form
//! y_t = a + sum_{j<L} G(j) (x_{t-j} - x_{t-j-1}) + G(L) x_{t-L} + e, the same fit with the cumulative sums as its
//! coefficients, so that their Newey-West errors come out directly.
//!
//! **Temporary.** What then is left is fitted by [`transient`](super::transient): eta sigma |p|^beta.
//!
//! gamma and eta are pure numbers: volatilities per day's volume, and volatilities at the market's whole rate.

use super::transient;
use crate::cost::known::day::Day;
use crate::cost::known::market::reference;
use crate::flow::BarRecord;
use crate::impact::{Design, FitError, Z_95, fit};
use crate::tape::Nanos;

/// Bars after which what is left of a bar's impact is called permanent.
pub(in crate::cost) const LAGS: usize = 5;
/// Bars with a price change and all lags, without which nothing is fitted.
const BARS_MIN: usize = 100;

/// Why the tape gives no model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Thin {
    /// Too few bars.
    #[error("{found} bars with a price change and {LAGS} bars before them; {BARS_MIN} are needed")]
    FewBars {
        /// How many there are.
        found: usize,
    },
    /// No volatility or no volume yet.
    #[error("no volatility or no daily volume is known yet")]
    NoReference,
    /// Flow that never varies.
    #[error("signed flow does not vary")]
    NoFlow,
}

/// Why a coefficient is set to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floored {
    /// The estimate is below zero, which no impact is.
    Negative,
    /// The estimate is within 1.96 errors of zero.
    Insignificant,
}

/// An estimate, its error, and what is made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    /// What the model uses.
    pub value: f64,
    /// What was estimated.
    pub estimate: f64,
    /// Its standard error.
    pub error: f64,
    /// Why `value` is zero, if it was set so.
    pub floored: Option<Floored>,
}

impl Coefficient {
    /// Uses an estimate that is significantly above zero, and zero otherwise.
    #[must_use]
    pub fn new(estimate: f64, error: f64) -> Self {
        let floored = if estimate < 0.0 {
            Some(Floored::Negative)
        } else if estimate <= Z_95 * error {
            Some(Floored::Insignificant)
        } else {
            None
        };
        Self { value: if floored.is_some() { 0.0 } else { estimate }, estimate, error, floored }
    }
}

/// One point of the linear propagator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Bars after the flow.
    pub bars: usize,
    /// G, volatilities per day's volume.
    pub value: f64,
    /// Its Newey-West error.
    pub error: f64,
}

/// What the tape gave.
#[derive(Clone, Debug, PartialEq)]
pub struct TapeCoefficients {
    /// gamma: volatilities per day's volume.
    pub permanent: Coefficient,
    /// eta: volatilities at a participation of one.
    pub temporary: Coefficient,
    /// beta, from 0.3 to 1.
    pub exponent: f64,
    /// Jackknife error of beta; `None` at an edge of the search, where it is not known how far beta would go.
    pub exponent_error: Option<f64>,
    /// The linear propagator.
    pub propagator: Vec<Lag>,
    /// (eta, beta) without each block of the tape in turn.
    pub left_out: Vec<(f64, f64)>,
    /// Share of the price changes' variance that the lagged flows explain.
    pub r2: Option<f64>,
    /// Share of the remainder's variance that the temporary part explains.
    pub temporary_r2: Option<f64>,
}

/// A tape's coefficients, or why there are none, with what they rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The moment; nothing of a bar that ends later is used.
    pub as_of: Nanos,
    /// Bars in the regression.
    pub n: u64,
    /// Days they lie in.
    pub days: u64,
    /// Start of the first.
    pub from: Option<Nanos>,
    /// End of the last.
    pub to: Option<Nanos>,
    /// The coefficients.
    pub coefficients: Result<TapeCoefficients, Thin>,
}

/// Fits the tape's impact from 60 s bars, days ascending.
#[must_use]
pub fn calibrate(days: &[Day], as_of: Nanos) -> Calibration {
    let known = observations(days, as_of);
    let observations = known.as_deref().unwrap_or_default();
    let mut dates: Vec<usize> = observations.iter().map(|o| o.day).collect();
    dates.dedup();
    Calibration {
        as_of,
        n: observations.len() as u64,
        days: dates.len() as u64,
        from: observations.first().map(|o| o.start),
        to: observations.last().map(|o| o.end),
        coefficients: known.as_deref().map_or(Err(Thin::NoReference), coefficients),
    }
}

/// A bar with its price change and the flow of itself and the bars before it.
#[derive(Clone, Debug)]
pub(in crate::cost) struct Observation {
    pub day: usize,
    pub start: Nanos,
    pub end: Nanos,
    /// Mid change over daily volatility.
    pub change: f64,
    /// Signed volume over daily volume, of this bar first.
    pub flows: Vec<f64>,
    /// Signed volume over the bar's expected volume: of this bar, and of the one before.
    pub participation: [f64; 2],
}

/// `None` while no volatility or no daily volume is known.
fn observations(days: &[Day], as_of: Nanos) -> Option<Vec<Observation>> {
    let known = reference(days, as_of);
    let (volatility, adv) = (known.volatility_daily_bps?, known.adv_shares?);
    let mut all = Vec::new();
    for (index, day) in days.iter().enumerate() {
        let bars = day.known(as_of);
        let scale = adv.value * known.curve.day_scale(&day.session);
        let participation = |bar: &BarRecord| {
            let expected = scale * known.curve.share(&day.session, bar.start, bar.end);
            if expected > 0.0 { bar.trade_imbalance_shares() as f64 / expected } else { 0.0 }
        };
        for lagged in bars.windows(LAGS + 1) {
            let (bar, before) = (&lagged[LAGS], &lagged[LAGS - 1]);
            let Some(change) = bar.mid_change_bp else { continue };
            let flow = |bar: &BarRecord| bar.trade_imbalance_shares() as f64 / adv.value;
            all.push(Observation {
                day: index,
                start: bar.start,
                end: bar.end,
                change: change / volatility.value,
                flows: lagged.iter().rev().map(flow).collect(),
                participation: [participation(bar), participation(before)],
            });
        }
    }
    Some(all)
}

fn coefficients(observed: &[Observation]) -> Result<TapeCoefficients, Thin> {
    if observed.len() < BARS_MIN {
        return Err(Thin::FewBars { found: observed.len() });
    }
    let column = |lag: usize| {
        let next = |o: &Observation| if lag < LAGS { o.flows[lag + 1] } else { 0.0 };
        observed.iter().map(|o| o.flows[lag] - next(o)).collect()
    };
    let design = Design {
        y: observed.iter().map(|o| o.change).collect(),
        x: (0..=LAGS).map(column).collect::<Vec<Vec<f64>>>(),
    };
    let regression = fit(&design).map_err(|error| match error {
        FitError::TooFew => Thin::FewBars { found: observed.len() },
        FitError::Singular => Thin::NoFlow,
    })?;
    let propagator: Vec<Lag> = regression.terms[1..]
        .iter()
        .enumerate()
        .map(|(bars, term)| Lag { bars, value: term.coefficient, error: term.errors.hac })
        .collect();
    let last = propagator[LAGS];
    let permanent = Coefficient::new(last.value, last.error);
    // Of the estimate, significant or not: where the permanent part is floored, what it holds must not come back as
    // temporary, since the blend counts both estimates.
    let transient = transient::fit(observed, permanent.estimate.max(0.0));
    Ok(TapeCoefficients {
        permanent,
        temporary: Coefficient::new(transient.eta, transient.eta_error),
        exponent: transient.beta,
        exponent_error: transient.beta_error,
        propagator,
        left_out: transient.left_out,
        r2: regression.r2,
        temporary_r2: transient.r2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{Law, days};
    use crate::cost::known::market::volatility;
    use crate::cost::{Blend, TapeModel};

    const LAW: Law = Law { gamma: 20.0, eta: 0.06, beta: 0.6, noise_bps: 60.0, sigma_bps: 100.0 };

    fn known(days: &[Day]) -> TapeCoefficients {
        calibrate(days, days[days.len() - 1].session.close).coefficients.expect("enough bars")
    }

    #[test]
    fn a_known_law_is_recovered() {
        let days = days(20, 5, LAW);
        let found = known(&days);
        // Coefficients count in volatilities of the tape, the law in its own.
        let ratio = LAW.sigma_bps / volatility(&days, Nanos(i64::MAX)).expect("days").value;
        let (gamma, eta) = (LAW.gamma * ratio, LAW.eta * ratio);
        let (permanent, temporary) = (found.permanent, found.temporary);
        assert!((permanent.value - gamma).abs() < 3.0 * permanent.error, "{permanent:?} {gamma}");
        assert!(permanent.error < 0.15 * gamma, "{permanent:?}");
        assert!((temporary.value - eta).abs() < 3.0 * temporary.error, "{temporary:?} {eta}");
        assert!(temporary.error < 0.2 * eta, "{temporary:?}");
        let beta_error = found.exponent_error.expect("inside the search");
        assert!((found.exponent - LAW.beta).abs() < 3.0 * beta_error && beta_error < 0.2, "{found:?}");
        assert!(found.propagator[0].value > found.propagator[LAGS].value);
    }

    #[test]
    fn without_impact_nothing_is_found_and_that_is_said() {
        let found = known(&days(5, 6, Law { gamma: 0.0, eta: 0.0, noise_bps: 100.0, ..LAW }));
        assert!(found.permanent.floored.is_some() && found.permanent.value == 0.0);
        assert_eq!(Coefficient::new(-1.0, 0.1).floored, Some(Floored::Negative));
        assert_eq!(Coefficient::new(1.0, 0.6).floored, Some(Floored::Insignificant));
        assert_eq!(Coefficient::new(1.0, 0.4).floored, None);
    }

    #[test]
    fn flow_is_counted_once_where_the_permanent_part_is_insignificant() {
        let law = Law { eta: 0.0, gamma: 6.0, noise_bps: 100.0, ..LAW };
        // Not every tape of a weak law gives an estimate between zero and significance.
        let tape = (0..40).map(|seed| days(2, seed, law)).find(|days| {
            let permanent = known(days).permanent;
            permanent.floored == Some(Floored::Insignificant)
        });
        let days = tape.expect("one of forty");
        let end = days[1].session.close;
        let (found, observed) = (known(&days), observations(&days, end).expect("known"));
        let (once, twice) =
            (transient::fit(&observed, found.permanent.estimate), transient::fit(&observed, 0.0));
        assert_eq!((found.temporary.estimate, found.exponent), (once.eta, once.beta));
        assert_ne!(twice.eta, once.eta);
    }

    #[test]
    fn coefficients_do_not_depend_on_units() {
        let days = days(3, 7, LAW);
        let mut scaled = days.clone();
        for bar in scaled.iter_mut().flat_map(|day| &mut day.bars) {
            bar.buy_shares *= 16;
            bar.sell_shares *= 16;
            // Every price in a sixteenth of a dollar; changes in basis points stay.
            bar.mid_close_usd = bar.mid_close_usd.map(|mid| mid * 16.0);
        }
        let (one, other) = (known(&days), known(&scaled));
        assert!((one.permanent.estimate / other.permanent.estimate - 1.0).abs() < 1e-9);
        assert!((one.temporary.estimate / other.temporary.estimate - 1.0).abs() < 1e-9);
        assert_eq!(one.exponent, other.exponent);
    }

    #[test]
    fn a_thin_tape_says_so_and_leaves_the_prior() {
        let days = days(1, 8, LAW);
        let after = |minutes: i64| Nanos(days[0].session.open.0 + minutes * 60_000_000_000);
        assert_eq!(calibrate(&days, after(20)).coefficients, Err(Thin::NoReference));
        assert_eq!(calibrate(&days, after(60)).coefficients, Err(Thin::FewBars { found: 55 }));
        assert!(calibrate(&[], after(0)).n == 0);
        let weights = |count| {
            let tape =
                crate::cost::fixture::days(count, 9, Law { eta: 0.0, gamma: 2.0, noise_bps: 200.0, ..LAW });
            Blend::new(Some(TapeModel { coefficients: known(&tape) })).weights()
        };
        assert!(weights(1).permanent < weights(40).permanent && weights(1).permanent < 0.3);
        assert_eq!(Blend::new(None).weights().permanent, 0.0);
    }
}
