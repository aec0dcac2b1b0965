//! Weights for rare large moves, and errors told by size of move.
//!
//! Label-density smoothing (Yang, Zha, Chen, Wang and Katabi, ICML 2021): responses are counted in bins, the counts
//! clipped and their roots smoothed over neighbouring bins, and a response weighs the inverse:
//!
//! ```text
//! bin b      width rms(y) / 5, 100 of them over ±10 rms(y), what lies beyond goes to the outermost
//! v_b        = sqrt(clip(n_b, 5, 1000))
//! k_j        = exp(-j² / (2 · 2²)),  j = -2 .. 2                 (kernel size 5, sigma 2)
//! weight     = 1 / sum_j k_j v_(b+j),  v = 0 beyond the outermost bins;  rescaled to a mean of 1
//! ```
//!
//! The authors' code clips counts for plain inverse weights only, and this one for inverse roots too, so that one
//! lonely move cannot outweigh hundreds. The paper's bins are whole years of age; these follow the sample's own
//! scale. Its code builds the kernel by reflecting a Gaussian at the window's ends; this is the plain one.

use serde::{Deserialize, Serialize};

const BINS: usize = 100;
const BINS_PER_RMS: f64 = 5.0;
const COUNT_CLIP: (f64, f64) = (5.0, 1_000.0);
const KERNEL_HALF: i64 = 2;
const KERNEL_SIGMA: f64 = 2.0;

/// How observations weigh when a model is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// All the same.
    #[default]
    None,
    /// Label-density smoothing: rare moves weigh more.
    Lds,
}

impl Weighting {
    /// The weights of responses; their mean is 1.
    #[must_use]
    pub fn weights(self, y: &[f64]) -> Vec<f64> {
        match self {
            Self::None => vec![1.0; y.len()],
            Self::Lds => density_weights(y),
        }
    }
}

fn density_weights(y: &[f64]) -> Vec<f64> {
    let rms = (y.iter().map(|y| y * y).sum::<f64>() / y.len() as f64).sqrt();
    if rms.is_nan() || rms == 0.0 {
        return vec![1.0; y.len()];
    }
    let bin = |y: &f64| ((y / rms * BINS_PER_RMS).floor() + BINS as f64 / 2.0).clamp(0.0, BINS as f64 - 1.0);
    let bins: Vec<usize> = y.iter().map(|y| bin(y) as usize).collect();
    let mut counts = [0.0_f64; BINS];
    bins.iter().for_each(|b| counts[*b] += 1.0);
    let roots = counts.map(|n| n.clamp(COUNT_CLIP.0, COUNT_CLIP.1).sqrt());
    let smoothed = |b: usize| {
        let near = (-KERNEL_HALF..=KERNEL_HALF)
            .filter_map(|j| Some((j, roots.get(b.checked_add_signed(j as isize)?)?)));
        near.map(|(j, root)| (-((j * j) as f64) / (2.0 * KERNEL_SIGMA * KERNEL_SIGMA)).exp() * root)
            .sum::<f64>()
    };
    let raw: Vec<f64> = bins.iter().map(|b| 1.0 / smoothed(*b)).collect();
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    raw.iter().map(|w| w / mean).collect()
}

/// Errors on moves of one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// `many`: up to the 80th percentile of |y|; `medium`: up to the 95th; `few`: beyond.
    pub shots: &'static str,
    /// Moves are larger than this (`many`: from 0), basis points.
    pub above_bp: f64,
    /// And at most this.
    pub to_bp: f64,
    /// How many.
    pub n: usize,
    /// Mean absolute error, basis points; `None` without moves.
    pub mae_bp: Option<f64>,
    /// Root mean square error, basis points.
    pub rmse_bp: Option<f64>,
}

/// Errors by size of move, of pairs (response, forecast).
#[must_use]
pub fn by_size(pairs: &[(f64, f64)]) -> [Band; 3] {
    let mut sizes: Vec<f64> = pairs.iter().map(|(y, _)| y.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let quantile = |p: f64| sizes.get(((p * sizes.len() as f64).ceil() as usize).saturating_sub(1)).copied();
    let [medium, few, end] = [0.80, 0.95, 1.0].map(|p| quantile(p).unwrap_or(0.0));
    let band = |shots, above_bp: f64, to_bp: f64| {
        let is_inside = |y: f64| y.abs() <= to_bp && (y.abs() > above_bp || shots == "many");
        let errors: Vec<f64> = pairs.iter().filter(|(y, _)| is_inside(*y)).map(|(y, f)| y - f).collect();
        let mean = |of: fn(&f64) -> f64| {
            (!errors.is_empty()).then(|| errors.iter().map(of).sum::<f64>() / errors.len() as f64)
        };
        let (mae_bp, rmse_bp) = (mean(|e| e.abs()), mean(|e| e * e).map(f64::sqrt));
        Band { shots, above_bp, to_bp, n: errors.len(), mae_bp, rmse_bp }
    };
    [band("many", 0.0, medium), band("medium", medium, few), band("few", few, end)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_weights_have_no_say() {
        assert_eq!(Weighting::None.weights(&[1.0, 9.0]), [1.0, 1.0]);
        assert_eq!(Weighting::Lds.weights(&[0.0; 4]), [1.0; 4]);
        assert!(Weighting::Lds.weights(&[]).is_empty());
    }

    /// numpy 2: bins by `floor(y / rms * 5) + 50`, `bincount`, `sqrt(clip(n, 5, 1000))`,
    /// `convolve(v, exp(-arange(-2, 3)**2 / 8), "same")`, inverses over their mean.
    #[test]
    fn numpy_finds_the_same_weights() {
        let y: Vec<f64> =
            (1..=600).map(|i| if i % 20 == 0 { 9.0 } else { 1.0 } * f64::from(i).sin()).collect();
        let weights = Weighting::Lds.weights(&y);
        let oracle = [
            (0, 0.8995886151122325),
            (1, 0.8995886151122325),
            (9, 0.820897628665402),
            (19, 3.0485814428957028),
            (39, 3.0485814428957028),
            (299, 3.0485814428957028),
        ];
        for (at, weight) in oracle {
            assert!((weights[at] - weight).abs() < 1e-12, "{at}: {}", weights[at]);
        }
        assert!((weights.iter().sum::<f64>() - 600.0).abs() < 1e-9);
    }

    #[test]
    fn errors_are_told_by_size() {
        let pairs: Vec<(f64, f64)> = (1..=100).map(|i| (f64::from(i), f64::from(i) - 2.0)).collect();
        let [many, medium, few] = by_size(&pairs);
        assert_eq!((many.n, medium.n, few.n), (80, 15, 5));
        assert_eq!((medium.above_bp, medium.to_bp, few.to_bp), (80.0, 95.0, 100.0));
        assert_eq!((few.mae_bp, few.rmse_bp), (Some(2.0), Some(2.0)));
        assert_eq!(by_size(&[])[0].mae_bp, None);
    }
}
