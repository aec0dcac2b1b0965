//! Which of two thresholds of one sample is better, with ties told apart from rounding.
//!
//! Where all counts are whole numbers (no weights, or whole ones), F1 and G-mean are compared as fractions of integers,
//! which is exact. Otherwise two values closer than 1e-12 of the larger count as equal, since weights that are not
//! whole numbers are themselves rounded.

use std::cmp::Ordering;

use super::counts::Counts;

/// Relative distance below which two values are one.
const SAME: f64 = 1e-12;
/// Whole numbers beyond this are not exact in doubles.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The two values, higher is greater; nearly equal ones are equal.
#[must_use]
pub fn nearly(one: f64, other: f64) -> Ordering {
    if (one - other).abs() <= SAME * one.abs().max(other.abs()) {
        Ordering::Equal
    } else {
        one.total_cmp(&other)
    }
}

fn whole(counts: &Counts) -> bool {
    [counts.tp, counts.fp, counts.fn_, counts.tn].iter().all(|count| count.fract() == 0.0)
        && counts.total() < EXACT
}

/// Compares `a / b` with `c / d`; all are whole, the bottoms above zero.
fn fractions([a, b]: [f64; 2], [c, d]: [f64; 2]) -> Ordering {
    let product = |one: f64, other: f64| one as u128 * other as u128;
    product(a, d).cmp(&product(c, b))
}

/// Compares F1 = 2 TP / (2 TP + FN + FP); an undefined one is lowest.
#[must_use]
pub fn by_f1(one: &Counts, other: &Counts) -> Ordering {
    let parts = |counts: &Counts| [counts.tp, counts.tp + counts.tp + counts.fn_ + counts.fp];
    let (one_parts, other_parts) = (parts(one), parts(other));
    match (one_parts[1] > 0.0, other_parts[1] > 0.0) {
        (true, true) if whole(one) && whole(other) => fractions(one_parts, other_parts),
        (true, true) => nearly(one_parts[0] / one_parts[1], other_parts[0] / other_parts[1]),
        (defined, other_defined) => defined.cmp(&other_defined),
    }
}

/// Compares G-mean by its square, TP TN / (P N); an undefined one is lowest.
#[must_use]
pub fn by_g_mean(one: &Counts, other: &Counts) -> Ordering {
    let same_classes = one.positives() == other.positives() && one.negatives() == other.negatives();
    let defined = |counts: &Counts| counts.positives() > 0.0 && counts.negatives() > 0.0;
    match (defined(one), defined(other)) {
        (true, true) if same_classes && whole(one) && whole(other) => {
            (one.tp as u128 * one.tn as u128).cmp(&(other.tp as u128 * other.tn as u128))
        }
        (true, true) => {
            let square = |c: &Counts| (c.tp / c.positives()) * (c.tn / c.negatives());
            nearly(square(one), square(other))
        }
        (one, other) => one.cmp(&other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2/3 = 4/6 exactly, which doubles may or may not say; and a difference of one part in 1e15 is seen.
    #[test]
    fn whole_counts_are_compared_exactly() {
        let counts = |tp: f64, fp: f64, fn_: f64| Counts { tp, fp, fn_, tn: 7.0 };
        assert_eq!(by_f1(&counts(1.0, 1.0, 0.0), &counts(2.0, 0.0, 2.0)), Ordering::Equal);
        let (large, larger) = (counts(1e15, 1.0, 1.0), counts(1e15, 1.0, 0.0));
        assert_eq!(by_f1(&large, &larger), Ordering::Less);
        assert_eq!(by_f1(&counts(0.0, 0.0, 0.0), &counts(0.0, 1.0, 0.0)), Ordering::Less);
    }

    /// Thirty times 0.1 is not 3 in doubles, and is taken for it.
    #[test]
    fn rounded_weights_tie_within_a_stated_distance() {
        let tenth: f64 = std::iter::repeat_n(0.1, 30).sum();
        let one = Counts { tp: tenth, fp: 0.5, fn_: 0.25, tn: 9.0 };
        let other = Counts { tp: 3.0, fp: 0.5, fn_: 0.25, tn: 9.0 };
        assert_ne!(tenth, 3.0);
        assert_eq!((by_f1(&one, &other), by_g_mean(&one, &other)), (Ordering::Equal, Ordering::Equal));
    }
}
