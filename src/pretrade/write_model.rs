//! The model of an answer: which, on what it was calibrated, and its coefficients with their errors.

use super::answer_inputs::{CoefficientAnswer, ModelAnswer};
use super::models::ModelName;
use super::prepared::Prepared;
use super::stamp::Stamp;
use crate::cost::CostModel;
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
        coefficients: coefficients(model, prepared, tape),
    }
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
