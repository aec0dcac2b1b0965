//! The cost model of the user's own tape: linear permanent and concave temporary impact, as [`calibrate`] found them.
//!
//! permanent = gamma sigma (Q/V) / 2; temporary = eta sigma p^beta, p participation, over the schedule's shares.
//!
//! [`calibrate`]: super::calibrate()

use super::calibrate::TapeCoefficients;
use super::model::Components;
use crate::cost::known::market::Market;
use crate::cost::working::schedule::Schedule;

/// Coefficients of one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct TapeModel {
    /// What they are and how sure.
    pub coefficients: TapeCoefficients,
}

impl TapeModel {
    /// A linear permanent impact costs half of what it moves, whatever the schedule.
    pub(in crate::cost) fn impact(&self, market: &Market, schedule: &Schedule) -> Components {
        let (permanent, temporary) = (self.coefficients.permanent.value, self.coefficients.temporary.value);
        self.with(permanent, temporary, market, schedule)
    }

    /// The same before an insignificant coefficient is set to zero; a negative one stays at zero.
    pub(in crate::cost) fn impact_unfloored(&self, market: &Market, schedule: &Schedule) -> Components {
        let estimate = |c: crate::cost::Coefficient| c.estimate.max(0.0);
        let (permanent, temporary) =
            (estimate(self.coefficients.permanent), estimate(self.coefficients.temporary));
        self.with(permanent, temporary, market, schedule)
    }

    fn with(&self, gamma: f64, eta: f64, market: &Market, schedule: &Schedule) -> Components {
        let sigma = market.volatility_daily_bps;
        let beta = self.coefficients.exponent;
        Components {
            spread_bps: 0.0,
            temporary_bps: eta * sigma * schedule.mean_over_shares(|p| p.powf(beta)),
            permanent_bps: gamma * sigma * market.of_adv(schedule.quantity()) / 2.0,
        }
    }

    /// Permanent: Newey-West error of gamma. Temporary: jackknife of the prediction itself over blocks of the tape,
    /// so that the errors of eta and beta, which lean on each other, come in together.
    pub(in crate::cost) fn errors(&self, market: &Market, schedule: &Schedule) -> Components {
        let sigma = market.volatility_daily_bps;
        let left_out = &self.coefficients.left_out;
        let predict = |(eta, beta): &(f64, f64)| eta * sigma * schedule.mean_over_shares(|p| p.powf(*beta));
        let predictions: Vec<f64> = left_out.iter().map(predict).collect();
        Components {
            spread_bps: 0.0,
            temporary_bps: jackknife_error(&predictions),
            permanent_bps: self.coefficients.permanent.error * sigma * market.of_adv(schedule.quantity())
                / 2.0,
        }
    }
}

/// sqrt((k - 1)/k sum (e_i - mean)²) over the k estimates that each leave one block out.
pub(in crate::cost) fn jackknife_error(left_out: &[f64]) -> f64 {
    let k = left_out.len() as f64;
    if left_out.len() < 2 {
        return 0.0;
    }
    let mean = left_out.iter().sum::<f64>() / k;
    ((k - 1.0) / k * left_out.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>()).sqrt()
}
