//! The default model: the tape's model and the square-root prior, part by part, weighted by inverse variance.
//!
//! w = (1/v_tape) / (1/v_tape + 1/v_prior), v = e² + tau², for a yardstick order of 1 % of a day's volume at 10 %
//! participation; e is each model's own error there, and tau² what their difference d holds beyond both errors,
//! max(0, (d² - e_tape² - e_prior²)/2) (DerSimonian and Laird, Controlled Clinical Trials 7, 1986): a tape measured
//! sharply measures the flow of all, not that of one order, and sharpness alone must not silence the prior. With thin
//! data e_tape is large and the prior has the say.
//!
//! The weights are then fixed: were they taken anew for each order, cost could fall as the order grows. The tape's
//! estimates enter before the floor of insignificance, since their variance says already how little they are worth.

use super::model::Components;
use super::priors::SquareRoot;
use super::tape_model::TapeModel;
use crate::cost::known::market::Market;
use crate::cost::working::schedule::{Schedule, Slice};
use crate::tape::Nanos;

/// What the tape's model counts, from 0 to 1; the prior counts the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// In the temporary part.
    pub temporary: f64,
    /// In the permanent part.
    pub permanent: f64,
}

/// Tape and square root together; the square root alone without a tape's model.
#[derive(Clone, Debug, PartialEq)]
pub struct Blend {
    tape: Option<TapeModel>,
    weights: Weights,
}

impl Blend {
    /// The blend of a tape's model, if there is one, with the square-root law.
    #[must_use]
    pub fn new(tape: Option<TapeModel>) -> Self {
        let weights = tape.as_ref().map_or(Weights { temporary: 0.0, permanent: 0.0 }, weights);
        Self { tape, weights }
    }

    /// What the tape's model counts in each part.
    #[must_use]
    pub fn weights(&self) -> Weights {
        self.weights
    }

    pub(in crate::cost) fn impact(&self, market: &Market, schedule: &Schedule) -> Components {
        let prior = SquareRoot.impact(market, schedule);
        let Some(tape) = &self.tape else { return prior };
        let tape = tape.impact_unfloored(market, schedule);
        let mix = |weight: f64, tape: f64, prior: f64| weight * tape + (1.0 - weight) * prior;
        Components {
            spread_bps: 0.0,
            temporary_bps: mix(self.weights.temporary, tape.temporary_bps, prior.temporary_bps),
            permanent_bps: mix(self.weights.permanent, tape.permanent_bps, prior.permanent_bps),
        }
    }

    /// Errors of the two as independent, and never less than the spread of the two about their weighted mean: where
    /// they differ by more than their errors allow, one of them is wrong.
    pub(in crate::cost) fn errors(&self, market: &Market, schedule: &Schedule) -> Components {
        let prior_errors = SquareRoot.errors(market, schedule);
        let Some(tape) = &self.tape else { return prior_errors };
        let (prior, tape_errors) = (SquareRoot.impact(market, schedule), tape.errors(market, schedule));
        let tape = tape.impact_unfloored(market, schedule);
        let mix = |w: f64, (tape, tape_error): (f64, f64), (prior, prior_error): (f64, f64)| {
            let own = (w * tape_error).hypot((1.0 - w) * prior_error);
            own.max((w * (1.0 - w)).sqrt() * (tape - prior).abs())
        };
        Components {
            spread_bps: 0.0,
            temporary_bps: mix(
                self.weights.temporary,
                (tape.temporary_bps, tape_errors.temporary_bps),
                (prior.temporary_bps, prior_errors.temporary_bps),
            ),
            permanent_bps: mix(
                self.weights.permanent,
                (tape.permanent_bps, tape_errors.permanent_bps),
                (prior.permanent_bps, prior_errors.permanent_bps),
            ),
        }
    }
}

/// By the errors for the yardstick order. Both models scale with volatility, so that its value drops out.
fn weights(tape: &TapeModel) -> Weights {
    let market = Market {
        mid_usd: 100.0,
        spread_usd: 0.0,
        volatility_daily_bps: 100.0,
        adv_shares: 1e6,
        depth_shares: None,
        shares_outstanding: None,
    };
    let (shares, market_shares) = (10_000, 100_000.0);
    let slice = Slice { start: Nanos(0), end: Nanos(1), shares, market_shares, variance_days: 0.0 };
    let yardstick = Schedule { slices: vec![slice], unfilled_shares: 0 };
    let (prior, prior_errors) =
        (SquareRoot.impact(&market, &yardstick), SquareRoot.errors(&market, &yardstick));
    let (tape, tape_errors) = (tape.impact_unfloored(&market, &yardstick), tape.errors(&market, &yardstick));
    Weights {
        temporary: weight(
            tape.temporary_bps - prior.temporary_bps,
            tape_errors.temporary_bps,
            prior_errors.temporary_bps,
        ),
        permanent: weight(
            tape.permanent_bps - prior.permanent_bps,
            tape_errors.permanent_bps,
            prior_errors.permanent_bps,
        ),
    }
}

/// The tape's weight, from the difference of the two and their errors.
fn weight(difference: f64, tape_error: f64, prior_error: f64) -> f64 {
    let (tape, prior) = (tape_error * tape_error, prior_error * prior_error);
    let between = ((difference * difference - tape - prior) / 2.0).max(0.0);
    (prior + between) / (tape + prior + 2.0 * between)
}
