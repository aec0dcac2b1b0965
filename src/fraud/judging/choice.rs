//! Which of several models to take. In: each one's figures on the same validation rows. Out: the place of the one to take.
//!
//! Strictly: the highest F1, then G-mean, then recall (Kulatilleke & Samarakoon 2022). Exact ties of F1 hardly happen, so
//! that this is F1 alone in practice; hence the one-standard-error rule (Breiman et al. 1984, there for trees): among the
//! models whose F1 lies within one bootstrap standard error of the best one, the highest G-mean, then recall.

use std::cmp::Ordering;

use super::compare::nearly;

/// A model's figures at its threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// F1.
    pub f1: f64,
    /// The bootstrap standard error of F1.
    pub f1_standard_error: f64,
    /// G-mean.
    pub g_mean: f64,
    /// Recall.
    pub recall: f64,
}

/// The first of the best in an order.
fn first_best<'c>(
    candidates: impl Iterator<Item = (usize, &'c Candidate)>,
    order: impl Fn(&Candidate, &Candidate) -> Ordering,
) -> Option<usize> {
    let better = |best: (usize, &'c Candidate), next: (usize, &'c Candidate)| {
        if order(next.1, best.1) == Ordering::Greater { next } else { best }
    };
    candidates.reduce(better).map(|(place, _)| place)
}

fn by_g_then_recall(one: &Candidate, other: &Candidate) -> Ordering {
    nearly(one.g_mean, other.g_mean).then_with(|| nearly(one.recall, other.recall))
}

/// The highest F1, then G-mean, then recall, then the one named first. None of none.
#[must_use]
pub fn strict(candidates: &[Candidate]) -> Option<usize> {
    let order = |one: &Candidate, other: &Candidate| {
        nearly(one.f1, other.f1).then_with(|| by_g_then_recall(one, other))
    };
    first_best(candidates.iter().enumerate(), order)
}

/// Of those whose F1 is within one standard error of the best one's: the highest G-mean, then recall, then F1.
#[must_use]
pub fn one_standard_error(candidates: &[Candidate]) -> Option<usize> {
    let best = &candidates[strict(candidates)?];
    let least = best.f1 - best.f1_standard_error;
    let order = |one: &Candidate, other: &Candidate| {
        by_g_then_recall(one, other).then_with(|| nearly(one.f1, other.f1))
    };
    first_best(candidates.iter().enumerate().filter(|(_, candidate)| candidate.f1 >= least), order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, f1: f64, g_mean: f64, recall: f64) -> Candidate {
        Candidate { name: name.to_owned(), f1, f1_standard_error: 0.05, g_mean, recall }
    }

    #[test]
    fn within_a_standard_error_the_g_mean_decides() {
        let models = [
            candidate("a", 0.74, 0.90, 0.8),
            candidate("b", 0.80, 0.82, 0.7),
            candidate("c", 0.76, 0.85, 0.7),
            candidate("d", 0.76, 0.85, 0.8),
        ];
        assert_eq!(strict(&models), Some(1));
        assert_eq!(one_standard_error(&models), Some(3));
        assert_eq!(strict(&models[2..]), Some(1));
        assert_eq!((strict(&[]), one_standard_error(&[])), (None, None));
    }
}
