//! The path of the mid: returns over several horizons, volatility inside the bin, run-up and reversal.

use std::collections::VecDeque;

use super::feature::{Feature, Raw};

/// Bins of the longest horizon: ten minutes.
const PATH_BINS: usize = 60;
const MINUTE_BINS: usize = 6;
const FIVE_MINUTES_BINS: usize = 30;

/// Mids at the ends of bins and seconds, doubled.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Ends of the bins before, the latest last; not more than the longest horizon needs.
    bins: VecDeque<i64>,
    second: Option<i64>,
    squares: f64,
}

impl Path {
    /// A second ends at a mid.
    pub fn close_second(&mut self, mid_doubled: Option<i64>) {
        if let (Some(before), Some(now)) = (self.second, mid_doubled) {
            self.squares += basis_points(before, now).powi(2);
        }
        self.second = mid_doubled;
    }

    /// The bin ends at a mid: its raw values; gives the doubled mid's change.
    pub fn close_bin(&mut self, mid_doubled: Option<i64>, raw: &mut Raw) -> Option<i64> {
        let squares = std::mem::take(&mut self.squares);
        let now = mid_doubled?;
        let mut set = |feature: Feature, value: f64| raw[feature as usize] = value;
        let back = |bins: usize| self.bins.len().checked_sub(bins).and_then(|at| self.bins.get(at).copied());
        let over = |bins: usize| back(bins).map_or(f64::NAN, |then| basis_points(then, now));
        set(Feature::Volatility, squares.sqrt());
        set(Feature::Return, over(1));
        set(Feature::Return60, over(MINUTE_BINS));
        set(Feature::Return300, over(FIVE_MINUTES_BINS));
        set(Feature::Reversal600, self.reversal(now));
        let change = back(1).map(|then| now - then);
        if self.bins.len() == PATH_BINS {
            self.bins.pop_front();
        }
        self.bins.push_back(now);
        change
    }

    fn reversal(&self, now: i64) -> f64 {
        let Some(&start) = self.bins.front() else { return f64::NAN };
        let farthest = self.bins.iter().copied().max_by_key(|mid| (mid - start).abs()).unwrap_or(start);
        let (there, back) = (basis_points(start, farthest), basis_points(farthest, now));
        if there * back < 0.0 { there.abs().min(back.abs()) } else { 0.0 }
    }
}

/// Change of a positive mid.
fn basis_points(before: i64, now: i64) -> f64 {
    1e4 * (now - before) as f64 / before as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraud::watching::FEATURE_COUNT;

    #[test]
    fn a_run_up_that_comes_back_is_a_reversal() {
        let mut path = Path::default();
        let mut told = Vec::new();
        for mid in [10_000, 10_050, 10_100, 10_100, 10_020] {
            let mut raw = [f64::NAN; FEATURE_COUNT];
            path.close_second(Some(mid));
            path.close_bin(Some(mid), &mut raw);
            told.push((raw[Feature::Return as usize], raw[Feature::Reversal600 as usize]));
        }
        assert!(told[0].0.is_nan() && told[0].1.is_nan());
        assert_eq!(told[2].1, 0.0);
        let back = 1e4 * 80.0 / 10_100.0;
        assert!((told[4].1 - back).abs() < 1e-9 && (told[4].0 + back).abs() < 1e-9, "{told:?}");
    }
}
