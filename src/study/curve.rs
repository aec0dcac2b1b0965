//! The aggregate response R(dV, T), binned, and how much of it a line explains.
//!
//! Windows are sorted by flow (equal flows keep their order in time) and cut into bins of equal count; a bin holds
//! mean flow, mean change and its plain error. Correlation and R2 come twice and must not be mixed up: over the raw
//! windows, and over the bins' means, where the noise is averaged away and both are far higher. R2 is the squared
//! correlation, which is that of a fitted line with intercept in its own sample.

use serde::Serialize;

use super::moments::{correlation, mean, plain_error};

/// One bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Windows.
    pub n: usize,
    /// Mean flow: shares, or shares of the day's volume.
    pub flow: f64,
    /// Mean change: cents, or the day's R(1).
    pub change: f64,
    /// Its error, in the same unit.
    pub se: Option<f64>,
}

/// How well a line does; `None` where nothing varies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// Of the raw windows.
    pub correlation_raw: Option<f64>,
    /// Its square.
    pub r2_raw: Option<f64>,
    /// Of the bins' means.
    pub correlation_binned: Option<f64>,
    /// Its square.
    pub r2_binned: Option<f64>,
}

/// Bins of equal count, by ascending flow; fewer than asked for when there are fewer windows.
#[must_use]
pub fn curve(flow: &[f64], change: &[f64], bins: usize) -> Vec<Point> {
    let mut order: Vec<usize> = (0..flow.len()).collect();
    order.sort_by(|a, b| flow[*a].total_cmp(&flow[*b]));
    let bins = bins.min(flow.len());
    let point = |bin: usize| {
        let members = &order[bin * flow.len() / bins..(bin + 1) * flow.len() / bins];
        let of = |values: &[f64]| members.iter().map(|i| values[*i]).collect::<Vec<_>>();
        let changes = of(change);
        Some(Point {
            n: members.len(),
            flow: mean(&of(flow))?,
            change: mean(&changes)?,
            se: plain_error(&changes),
        })
    };
    (0..bins).filter_map(point).collect()
}

/// Correlations of the windows and of their bins.
#[must_use]
pub fn agreement(flow: &[f64], change: &[f64], points: &[Point]) -> Agreement {
    let of = |f: fn(&Point) -> f64| points.iter().map(f).collect::<Vec<_>>();
    let (raw, binned) = (correlation(flow, change), correlation(&of(|p| p.flow), &of(|p| p.change)));
    Agreement {
        correlation_raw: raw,
        r2_raw: raw.map(|r| r * r),
        correlation_binned: binned,
        r2_binned: binned.map(|r| r * r),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_equal_counts_and_average_the_noise_away() {
        let flow: Vec<f64> = (0..100).map(|i| f64::from((i * 37) % 100)).collect();
        let change: Vec<f64> =
            flow.iter().map(|x| 2.0 * x + if x % 2.0 == 0.0 { 60.0 } else { -60.0 }).collect();
        let points = curve(&flow, &change, 10);
        assert!(points.iter().all(|p| p.n == 10));
        assert_eq!((points[0].flow, points[9].flow), (4.5, 94.5));
        assert_eq!(points[3].change, 2.0 * points[3].flow);
        let found = agreement(&flow, &change, &points);
        assert!((found.r2_binned.expect("varies") - 1.0).abs() < 1e-12);
        assert!(found.r2_raw.expect("varies") < 0.6);
    }

    #[test]
    fn few_windows_make_few_bins() {
        assert!(curve(&[], &[], 20).is_empty());
        let points = curve(&[2.0, 1.0], &[20.0, 10.0], 20);
        assert_eq!(points.iter().map(|p| (p.flow, p.se)).collect::<Vec<_>>(), [(1.0, None), (2.0, None)]);
    }
}
