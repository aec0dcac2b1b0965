//! What is usual: a trailing median and spread of each feature, of the same symbol and session, before the bin at hand.
//!
//! `z = (x - median) / max(1.4826 MAD, 1.2533 AAD, floor)`, clipped to +-[`CLIP`], with the median and the mean
//! absolute distance from the median, over the last [`USUAL_BINS`] bins that told the
//! feature. The bin at hand is not among them. With fewer than [`START_UP_BINS`] of them, or nothing told, z is 0: as
//! usual. The median withstands an episode that fills up to half the window; the mean distance keeps features that are
//! mostly one value, such as returns of a stock whose tick is wide, from being called unusual whenever they are another
//! (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993, do so where MAD is zero).
//!
//! The window is of the same session, and not of earlier days: a batch's dates stay independent (any order, any part
//! of them, a killed batch resumed), and a daemon started in the morning says what a batch says.

use std::collections::VecDeque;

use super::feature::{FEATURE_COUNT, Raw, SCALES, Scale};

/// Bins that tell what is usual: half an hour.
pub const USUAL_BINS: usize = 180;
/// Bins without which nothing can be called unusual: five minutes.
pub const START_UP_BINS: usize = 30;
/// Features lie between -`CLIP` and +`CLIP`.
pub const CLIP: f64 = 30.0;
/// Standard deviations of a normal law in its MAD.
const MAD_TO_DEVIATION: f64 = 1.4826;
/// Standard deviations of a normal law in its mean absolute distance: root of pi / 2.
const AAD_TO_DEVIATION: f64 = 1.253_314_137_315_500_3;

/// The trailing values of every feature.
#[derive(Clone, Debug)]
pub struct Usual {
    trailing: Vec<Trailing>,
}

impl Default for Usual {
    fn default() -> Self {
        Self { trailing: vec![Trailing::default(); FEATURE_COUNT] }
    }
}

impl Usual {
    /// States a bin's raw values against the bins before, and lets it join them.
    pub fn state(&mut self, raw: &Raw) -> [f32; FEATURE_COUNT] {
        let mut values = [0.0; FEATURE_COUNT];
        for (index, trailing) in self.trailing.iter_mut().enumerate() {
            let x = raw[index];
            if !x.is_finite() {
                continue;
            }
            let stated = match SCALES[index] {
                Scale::AsIs => x,
                Scale::Usual(floor) => trailing.state(x, floor),
            };
            values[index] = stated.clamp(-CLIP, CLIP) as f32;
            trailing.push(x);
        }
        values
    }
}

/// A window of values, in order of arrival and in order of size.
#[derive(Clone, Debug, Default)]
struct Trailing {
    arrived: VecDeque<f64>,
    sorted: Vec<f64>,
}

impl Trailing {
    fn state(&self, x: f64, floor: f64) -> f64 {
        if self.sorted.len() < START_UP_BINS {
            return 0.0;
        }
        let median = middle(&self.sorted);
        let distances: f64 = self.sorted.iter().map(|v| (v - median).abs()).sum();
        let by_mean = AAD_TO_DEVIATION * distances / self.sorted.len() as f64;
        (x - median) / (MAD_TO_DEVIATION * self.mad(median)).max(by_mean).max(floor)
    }

    /// The median distance from the median: distances to the left and right of it are each sorted, and are merged
    /// up to their middle.
    fn mad(&self, median: f64) -> f64 {
        let n = self.sorted.len();
        let mut right = self.sorted.partition_point(|v| *v < median);
        let mut left = right;
        let (mut last, mut before) = (0.0, 0.0);
        for _ in 0..=n / 2 {
            before = last;
            let to_left = left.checked_sub(1).map_or(f64::INFINITY, |i| median - self.sorted[i]);
            let to_right = self.sorted.get(right).map_or(f64::INFINITY, |v| v - median);
            if to_left <= to_right {
                left -= 1;
                last = to_left;
            } else {
                right += 1;
                last = to_right;
            }
        }
        if n % 2 == 1 { last } else { (before + last) / 2.0 }
    }

    fn push(&mut self, x: f64) {
        if self.arrived.len() == USUAL_BINS
            && let Some(leaving) = self.arrived.pop_front()
        {
            let at = self.sorted.partition_point(|v| v.total_cmp(&leaving).is_lt());
            self.sorted.remove(at);
        }
        self.arrived.push_back(x);
        let at = self.sorted.partition_point(|v| v.total_cmp(&x).is_lt());
        self.sorted.insert(at, x);
    }
}

/// The median of a sorted, non-empty list.
fn middle(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    if n % 2 == 1 { sorted[n / 2] } else { (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow_median(values: &[f64]) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        middle(&sorted)
    }

    proptest! {
        /// The kept window says what sorting the last values anew says.
        #[test]
        fn a_value_is_stated_against_the_window_before_it(
            values in prop::collection::vec((-40_i32..40).prop_map(|v| f64::from(v) / 8.0), 31..400),
        ) {
            let mut trailing = Trailing::default();
            for (at, x) in values.iter().enumerate() {
                let before = &values[at.saturating_sub(USUAL_BINS)..at];
                let expected = if before.len() < START_UP_BINS {
                    0.0
                } else {
                    let median = slow_median(before);
                    let away: Vec<f64> = before.iter().map(|v| (v - median).abs()).collect();
                    let mean = away.iter().sum::<f64>() / away.len() as f64;
                    (x - median) / (MAD_TO_DEVIATION * slow_median(&away)).max(AAD_TO_DEVIATION * mean).max(0.05)
                };
                let told = trailing.state(*x, 0.05);
                prop_assert!((told - expected).abs() <= 1e-12 * expected.abs(), "{} {}", told, expected);
                trailing.push(*x);
            }
        }
    }

    #[test]
    fn what_is_not_told_is_usual_and_all_is_clipped() {
        let mut usual = Usual::default();
        let mut raw = [1.0; FEATURE_COUNT];
        for _ in 0..40 {
            usual.state(&raw);
        }
        raw[0] = f64::NAN;
        raw[1] = 1e300;
        let values = usual.state(&raw);
        assert_eq!((values[0], values[1], values[2]), (0.0, CLIP as f32, 0.0));
    }
}
