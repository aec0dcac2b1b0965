//! Which observations teach and which examine: shuffled folds as in the founding study, purged time-ordered folds
//! for everything that is to be believed.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore as _, SeedableRng as _};

use crate::tape::Nanos;

/// Indices of the observations that teach and of those that examine, both ascending, disjoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Teach.
    pub train: Vec<usize>,
    /// Examine.
    pub test: Vec<usize>,
}

/// When an observation's features and response were made: `start <= t < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First nanosecond.
    pub start: Nanos,
    /// First nanosecond after.
    pub end: Nanos,
}

/// k-fold cross-validation after a shuffle: every observation examines once. Neighbours in time stand on both
/// sides of a split, so what is learned of one leaks into the other unless observations are independent.
#[must_use]
pub fn shuffled(n: usize, folds: usize, seed: u64) -> Vec<Split> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
    // Fisher and Yates; the bias of the remainder is below n / 2^64.
    for last in (1..n).rev() {
        order.swap(last, (dice.next_u64() % (last as u64 + 1)) as usize);
    }
    let blocks = blocks(n, folds).into_iter();
    blocks.map(|block| split(|i| block.contains(&i), |_| true, &order)).collect()
}

/// Time-ordered folds: k blocks of consecutive observations; those examine, and of the others only those teach
/// whose span keeps at least `embargo` nanoseconds from the block (Lopez de Prado 2018, chapter 7).
///
/// `spans` ascend by start.
#[must_use]
pub fn purged(spans: &[Span], folds: usize, embargo: i64) -> Vec<Split> {
    let order: Vec<usize> = (0..spans.len()).collect();
    let purge = |block: std::ops::Range<usize>| {
        let start = spans[block.start].start.0.saturating_sub(embargo);
        let end = spans[block.clone()].iter().map(|s| s.end.0).max().unwrap_or(start).saturating_add(embargo);
        let is_clear = |i: usize| spans[i].end.0 <= start || spans[i].start.0 >= end;
        split(|i| block.contains(&i), is_clear, &order)
    };
    blocks(spans.len(), folds).into_iter().map(purge).collect()
}

/// 0..n cut into consecutive blocks whose lengths differ by one at most; fewer when n < folds.
fn blocks(n: usize, folds: usize) -> Vec<std::ops::Range<usize>> {
    let folds = folds.clamp(1, n.max(1));
    let cut = |i: usize| i * n / folds;
    (0..folds).map(|i| cut(i)..cut(i + 1)).filter(|block| !block.is_empty()).collect()
}

/// Position p of the order examines when `is_test(p)`, teaches when it does not and `may_train` its observation.
fn split(is_test: impl Fn(usize) -> bool, may_train: impl Fn(usize) -> bool, order: &[usize]) -> Split {
    let mut split = Split::default();
    for (position, index) in order.iter().copied().enumerate() {
        if is_test(position) {
            split.test.push(index);
        } else if may_train(index) {
            split.train.push(index);
        }
    }
    split.train.sort_unstable();
    split.test.sort_unstable();
    split
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_observation_examines_once_and_never_teaches_its_own_fold() {
        for splits in [shuffled(103, 10, 7), purged(&spans(103), 10, 0)] {
            let mut tested: Vec<usize> = splits.iter().flat_map(|s| s.test.clone()).collect();
            tested.sort_unstable();
            assert_eq!(tested, (0..103).collect::<Vec<_>>());
            assert!(splits.iter().all(|s| s.train.iter().all(|i| !s.test.contains(i))));
        }
    }

    #[test]
    fn a_shuffle_follows_its_seed_and_no_embargo_leaves_all() {
        assert_eq!(shuffled(50, 5, 1), shuffled(50, 5, 1));
        assert_ne!(shuffled(50, 5, 1), shuffled(50, 5, 2));
        assert!(shuffled(50, 5, 1).iter().all(|s| s.train.len() + s.test.len() == 50));
    }

    #[test]
    fn an_embargo_keeps_its_distance_on_both_sides() {
        let spans = spans(100);
        for split in purged(&spans, 5, 25) {
            let (first, last) = (split.test[0] as i64, split.test[split.test.len() - 1] as i64);
            let clear = |i: &usize| (*i as i64) < first - 2 || (*i as i64) > last + 2;
            assert!(split.train.iter().all(clear), "{split:?}");
        }
    }

    fn spans(n: i64) -> Vec<Span> {
        (0..n).map(|i| Span { start: Nanos(10 * i), end: Nanos(10 * i + 10) }).collect()
    }
}
