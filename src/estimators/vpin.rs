//! VPIN: the imbalance of buys and sells over buckets of equal volume.
//!
//! ```text
//! VPIN = sum over the last n buckets of |V_buy - V_sell| / (n V)
//! ```
//!
//! A trade that fills a bucket is split at its edge, exactly, so that every bucket holds V and VPIN lies within 0 and
//! 1; code that is much copied lets buckets overflow and gives values up to 5. Volume without a side counts half to
//! each. Easley, Lopez de Prado and O'Hara, "Flow toxicity and liquidity in a high-frequency world", Review of
//! Financial Studies 25 (2012), with V a fiftieth of a day's volume and n = 50.
//!
//! A caveat: VPIN moves with the intensity of trading and with how sides are told. Andersen and Bondarenko (Journal of
//! Financial Markets 17, 2014, and Review of Finance 19, 2015) find that bulk classification tells fewer sides rightly
//! than the tick rule, and that VPIN foretells nothing once volume and volatility are known.

use std::collections::VecDeque;

use crate::flow::Fill;

/// Buckets of a day, and buckets in the window.
pub const BUCKETS: usize = 50;

/// Volume, and how much of it was bought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traded {
    /// Volume, in units of the feed.
    pub volume: i128,
    /// The part that was bought, from 0 to 1; one half where no side is known.
    pub bought: f64,
}

/// VPIN at the end of every bucket from the `window`-th on; the last bucket is left out unless it is full. Empty where
/// `bucket` or `window` is not positive.
#[must_use]
pub fn vpin(trades: impl IntoIterator<Item = Traded>, bucket: i128, window: usize) -> Vec<f64> {
    let mut found = Vec::new();
    if bucket <= 0 || window == 0 {
        return found;
    }
    let mut imbalances: VecDeque<f64> = VecDeque::with_capacity(window);
    let (mut fill, mut flow) = (Fill::new(bucket), 0.0_f64);
    for trade in trades {
        let signed = 2.0 * trade.bought.clamp(0.0, 1.0) - 1.0;
        let mut left = trade.volume;
        while left > 0 {
            let (part, is_full) = fill.pour(left);
            flow += signed * part as f64;
            left -= part;
            if !is_full {
                continue;
            }
            if imbalances.len() == window {
                imbalances.pop_front();
            }
            // Rounding of fractions bought could reach past a whole bucket by its last digit.
            imbalances.push_back((flow.abs() / bucket as f64).min(1.0));
            flow = 0.0;
            if imbalances.len() == window {
                found.push((imbalances.iter().sum::<f64>() / window as f64).min(1.0));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn traded(volume: i128, side: i64) -> Traded {
        Traded { volume, bought: (side + 1) as f64 / 2.0 }
    }

    #[test]
    fn a_trade_is_split_at_the_edge_of_its_bucket() {
        // Buckets of 10: [+6 +4], [+10], [+3 -7], [-8 and two without a side].
        let trades = [traded(6, 1), traded(17, 1), traded(15, -1), traded(2, 0), traded(9, 1)];
        let found = vpin(trades, 10, 2);
        assert_eq!(found, [1.0, (1.0 + 0.4) / 2.0, (0.4 + 0.8) / 2.0]);
        assert!(
            vpin(trades, 0, 2).is_empty() && vpin(trades, 10, 0).is_empty() && vpin([], 10, 2).is_empty()
        );
    }

    proptest! {
        #[test]
        fn it_lies_within_0_and_1_and_every_full_bucket_counts(
            rows in prop::collection::vec((0_i128..5_000, 0.0_f64..=1.0), 0..200),
            bucket in 1_i128..3_000,
            window in 1_usize..60,
        ) {
            let trades = rows.iter().map(|(volume, bought)| Traded { volume: *volume, bought: *bought });
            let found = vpin(trades, bucket, window);
            let buckets = rows.iter().map(|(volume, _)| volume).sum::<i128>() / bucket;
            prop_assert_eq!(found.len(), (buckets as usize + 1).saturating_sub(window));
            prop_assert!(found.iter().all(|v| (0.0..=1.0).contains(v)));
        }
    }
}
