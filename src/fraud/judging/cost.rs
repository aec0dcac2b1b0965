//! What a threshold costs, in money or any unit of the costs given. In: a sample, its steps, the costs of an outcome.
//! Out: expected cost per row, savings, and the threshold of the least cost.
//!
//! Cost = c_FP FP + c_FN FN + c_TP TP, over all rows; by amount, a missed positive costs c_FN times its amount.
//! Savings = 1 - cost / min(cost of flagging none, cost of flagging all) (Bahnsen et al. 2013). Calibrated scores
//! are best cut at (c_FP) / (c_FP + c_FN - c_TP) (Elkan 2001), with c_TP 0 the well-known c_FP / (c_FP + c_FN).

use super::measured::{Measured, Undefined, ratio};
use super::sample::Sample;
use super::steps::Steps;
use super::threshold::Threshold;
use crate::numeric::Sum;

/// What an outcome costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A negative that is flagged.
    pub fp: f64,
    /// A positive that is missed: for each, or for each unit of its amount.
    pub fn_: f64,
    /// A positive that is flagged: looking at it.
    pub tp: f64,
    /// Whether a miss costs by the row's amount.
    pub by_amount: bool,
}

impl Costs {
    /// The threshold for calibrated scores.
    ///
    /// # Errors
    /// When misses cost by amount, so that no single threshold is best, or a miss costs no more than a hit.
    pub fn elkan(&self) -> Measured {
        if self.by_amount {
            return Err(Undefined("misses cost by amount, so the best threshold is another for every row"));
        }
        let dearer = self.fn_ - self.tp;
        if dearer < 0.0 {
            return Err(Undefined("a miss costs less than a hit, so nothing should be flagged"));
        }
        ratio(self.fp, self.fp + dearer, Undefined("neither a false alarm nor a miss costs anything"))
    }

    /// What missing a row costs, if it is a positive.
    fn miss(&self, sample: &Sample, row: usize) -> f64 {
        self.fn_ * if self.by_amount { sample.amounts().map_or(1.0, |amounts| amounts[row]) } else { 1.0 }
    }

    /// What each step costs in all, and before them what flagging nothing does.
    fn by_step(&self, sample: &Sample, steps: &Steps) -> (f64, Vec<f64>) {
        let missed = |row: &usize| sample.weight(*row) * self.miss(sample, *row);
        let positives = (0..sample.len()).filter(|row| sample.labels()[*row]);
        let none = Sum::of(positives.map(|row| missed(&row)));
        let (mut caught, mut start) = (Sum::default(), 0);
        let costs = (0..steps.len()).map(|step| {
            for row in sample.order()[start..steps.rows[step]].iter().map(|row| *row as usize) {
                caught.add(if sample.labels()[row] { missed(&row) } else { 0.0 });
            }
            start = steps.rows[step];
            (none - caught.value()).max(0.0) + self.fp * steps.fp[step] + self.tp * steps.tp[step]
        });
        (none, costs.collect())
    }
}

/// The cost per row under a threshold.
#[must_use]
pub fn cost_at(sample: &Sample, threshold: f64, costs: &Costs) -> f64 {
    let (mut total, mut rows) = (Sum::default(), Sum::default());
    for (row, (label, score)) in sample.labels().iter().zip(sample.scores()).enumerate() {
        let cost = match (*label, *score >= threshold) {
            (true, true) => costs.tp,
            (true, false) => costs.miss(sample, row),
            (false, true) => costs.fp,
            (false, false) => 0.0,
        };
        total.add(sample.weight(row) * cost);
        rows.add(sample.weight(row));
    }
    total.value() / rows.value()
}

/// 1 - cost / the cheaper of flagging none and flagging all.
///
/// # Errors
/// When that costs nothing.
pub fn savings(sample: &Sample, threshold: f64, costs: &Costs) -> Measured {
    let naive = cost_at(sample, f64::INFINITY, costs).min(cost_at(sample, f64::NEG_INFINITY, costs));
    let none_infinite = sample.scores().iter().all(|score| *score < f64::INFINITY);
    if !none_infinite {
        return Err(Undefined("an infinite score cannot be left unflagged"));
    }
    Ok(1.0
        - ratio(cost_at(sample, threshold, costs), naive, Undefined("flagging none or all costs nothing"))?)
}

/// The threshold of the least cost; of those that tie, the higher one. None where flagging nothing costs least.
#[must_use]
pub fn best_cost(sample: &Sample, steps: &Steps, costs: &Costs) -> Option<Threshold> {
    let (none, by_step) = costs.by_step(sample, steps);
    let mut best: (Option<usize>, f64) = (None, none);
    for (step, cost) in by_step.into_iter().enumerate() {
        // Rounding of sums of that size is no saving.
        if cost < best.1 - 1e-12 * none.max(cost) {
            best = (Some(step), cost);
        }
    }
    best.0.map(|step| Threshold::on(steps, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        let sample = Sample::new(vec![true, false, true, false], vec![0.9, 0.8, 0.7, 0.1]).expect("rows");
        sample.with_amounts(vec![10.0, 5.0, 300.0, 7.0]).expect("amounts")
    }

    #[test]
    fn the_cheapest_threshold_is_found() {
        let (sample, steps) = (sample(), Steps::of(&sample()));
        let at = |fp: f64, fn_: f64, by_amount: bool| {
            best_cost(&sample, &steps, &Costs { fp, fn_, tp: 0.0, by_amount }).map(|at| at.score)
        };
        assert_eq!((at(1.0, 10.0, false), at(10.0, 1.0, false)), (Some(0.7), Some(0.9)));
        assert_eq!((at(20.0, 1.0, true), at(500.0, 1.0, true)), (Some(0.7), Some(0.9)));
        let dear = Costs { fp: 5.0, fn_: 1.0, tp: 2.0, by_amount: false };
        assert_eq!(best_cost(&sample, &steps, &dear), None);
        let costs = Costs { fp: 1.0, fn_: 10.0, tp: 0.0, by_amount: false };
        assert_eq!((cost_at(&sample, 0.7, &costs), savings(&sample, 0.7, &costs)), (0.25, Ok(0.5)));
        assert_eq!(costs.elkan(), Ok(1.0 / 11.0));
        assert!(Costs { by_amount: true, ..costs }.elkan().is_err());
    }
}
