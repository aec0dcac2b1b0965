//! The model of an answer: which, on what it was calibrated, and its coefficients with their errors.

use super::answer_inputs::{CoefficientAnswer, DecayAnswer, ModelAnswer};
use super::models::ModelName;
use super::prepared::Prepared;
use super::stamp::Stamp;
use crate::cost::{CostModel, Propagator};
use crate::tape::sha256;

/// Version of the models' formulas and of what they are fed with.
const VERSION: &str = "1";

/// Tells of a model.
#[must_use]
pub fn model_answer(model: &CostModel, name: ModelName, prepared: &Prepared) -> ModelAnswer {
    let calibration = &prepared.calibration;
    let tape = matches!(name, ModelName::Blend | ModelName::Tape);
    let found = calibration.coefficients.as_ref().ok().filter(|_| tape);
    let moment = |moment: Option<crate::tape::Nanos>| moment.filter(|_| found.is_some()).map(Stamp);
    ModelAnswer {
        id: name.name(),
        version: VERSION,
        sha256: sha256(format!("{VERSION} {model:?}")),
        calibrated_from: moment(calibration.from),
        calibrated_to: moment(calibration.to),
        calibrated_at: moment(Some(calibration.as_of)),
        features_version: VERSION,
        n_observations: if found.is_some() { calibration.n } else { 0 },
        r2: found.and_then(|c| c.r2).filter(|r2| r2.is_finite()),
        r2_oos: None,
        thin: calibration.coefficients.as_ref().err().filter(|_| tape).map(ToString::to_string),
        decay: prepared.propagator.as_ref().filter(|_| found.is_some()).and_then(decay),
        coefficients: coefficients(model, prepared, tape),
    }
}

/// Bars are minutes.
fn decay(propagator: &Propagator) -> Option<DecayAnswer> {
    Some(DecayAnswer {
        gone_after_1_minute: propagator.gone_after(1)?,
        gone_after_2_minutes: propagator.gone_after(2)?,
        gone_after_5_minutes: propagator.gone_after(5)?,
    })
}

fn coefficients(model: &CostModel, prepared: &Prepared, tape: bool) -> Vec<CoefficientAnswer> {
    let mut all = Vec::new();
    let mut add = |name, value: f64, se: Option<f64>, unit| {
        if value.is_finite() {
            all.push(CoefficientAnswer { name, value, se: se.filter(|se| se.is_finite()), unit });
        }
    };
    if let Some(found) = prepared.calibration.coefficients.as_ref().ok().filter(|_| tape) {
        let (permanent, temporary) = (found.permanent, found.temporary);
        add("permanent", permanent.estimate, Some(permanent.error), "volatilities_per_daily_volume");
        add("temporary", temporary.estimate, Some(temporary.error), "volatilities_at_full_participation");
        add("temporary_exponent", found.exponent, found.exponent_error, "none");
    }
    if let CostModel::Blend(blend) = model {
        add("weight_of_tape_temporary", blend.weights().temporary, None, "none");
        add("weight_of_tape_permanent", blend.weights().permanent, None, "none");
    }
    all
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::days::{BAR_NANOS, Days};
    use super::*;
    use crate::cost::fixture::{Law, days, market};

    fn told(name: ModelName, minutes: i64) -> ModelAnswer {
        let law = Law { gamma: 30.0, eta: 0.06, beta: 0.5, noise_bps: 30.0, sigma_bps: 100.0 };
        let days = days(5, 3, law);
        let minute = crate::tape::Nanos(days[0].session.open.0 + minutes * BAR_NANOS);
        let held = Days { days, width: Some(BAR_NANOS), ..Days::default() };
        let prepared = Prepared::new(Arc::new(held), None, minute);
        model_answer(&prepared.model(name, &market()).expect("a model"), name, &prepared)
    }

    #[test]
    fn a_tape_tells_how_fast_its_impact_fades() {
        let days_later = 5 * 1_440;
        let decay = told(ModelName::Blend, days_later).decay.expect("it fades");
        // The law's temporary part is gone with the next bar.
        assert!(decay.gone_after_1_minute > 0.7 && decay.gone_after_5_minutes <= 1.0, "{decay:?}");
        assert_eq!(told(ModelName::Tape, days_later).decay, Some(decay));
        assert_eq!(told(ModelName::SquareRoot, days_later).decay, None, "it knows no tape");
        assert_eq!(told(ModelName::Blend, 60).decay, None, "an hour is too thin");
    }
}
