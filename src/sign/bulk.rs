//! Bulk volume classification: the share of a bar's volume that buyers began, from the bar's price change alone.
//!
//! Easley, López de Prado and O'Hara, "Flow toxicity and liquidity in a high-frequency world", Review of Financial
//! Studies 25 (2012), with the normal distribution; "Discerning information from trade data", Journal of Financial
//! Economics 120 (2016), with Student's t at a quarter degree of freedom. No quotes are needed, and no trade is signed:
//! a bar's volume is split.

use crate::numeric::{normal_cdf, student_cdf};

/// How price changes are taken to be distributed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Changes {
    /// Normally.
    #[default]
    Normal,
    /// By Student's t with these degrees of freedom, positive.
    Student(f64),
}

impl Changes {
    /// The share of buys, 0 to 1, of a bar whose close moved by `change` where changes have the standard deviation
    /// `deviation`, in one unit. Half where prices never move: then nothing tells.
    #[must_use]
    pub fn buy_share(self, change: f64, deviation: f64) -> f64 {
        if change == 0.0 || !(change.is_finite() && deviation.is_finite() && deviation > 0.0) {
            return 0.5;
        }
        match self {
            Self::Normal => normal_cdf(change / deviation),
            Self::Student(freedom) => student_cdf(change / deviation, freedom),
        }
    }
}

/// Standard deviation of price changes, with n - 1; `None` of fewer than two.
#[must_use]
pub fn deviation(changes: &[f64]) -> Option<f64> {
    use crate::numeric::Sum;
    let n = changes.len() as f64;
    let mean = Sum::of(changes.iter().copied()) / n;
    let squares = Sum::of(changes.iter().map(|change| (change - mean) * (change - mean)));
    (changes.len() > 1).then(|| (squares / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bar_that_rose_one_deviation_was_bought_by_five_sixths() {
        let by = |changes: Changes, change| changes.buy_share(change, 0.02);
        assert!((by(Changes::Normal, 0.02) - 0.841_344_746_068_543).abs() < 1e-15);
        assert!((by(Changes::Student(1.0), 0.02) - 0.75).abs() < 1e-15);
        assert_eq!(by(Changes::Student(0.25), 0.0), 0.5);
        assert_eq!(
            Changes::Normal.buy_share(0.3, 0.0),
            0.5,
            "no price ever moved but here: nothing to scale by"
        );
        assert_eq!(deviation(&[1.0, 2.0, 4.0]), Some((14.0_f64 / 6.0).sqrt()));
        assert_eq!(deviation(&[1.0]), None);
    }

    proptest! {
        /// Always a share, rising with the change, and what a fall sells a rise buys.
        #[test]
        fn shares_are_shares_and_rise_with_the_change(
            change in -50.0_f64..50.0, more in 0.0_f64..5.0, deviation in 1e-3_f64..20.0, freedom in 0.05_f64..40.0,
        ) {
            for changes in [Changes::Normal, Changes::Student(freedom)] {
                let share = changes.buy_share(change, deviation);
                prop_assert!((0.0..=1.0).contains(&share));
                prop_assert!(changes.buy_share(change + more, deviation) >= share - 1e-15);
                prop_assert!((share + changes.buy_share(-change, deviation) - 1.0).abs() < 1e-12);
            }
        }
    }
}
