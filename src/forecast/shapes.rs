//! Shapes of impact: curves through the origin with few parameters, y in basis points of signed flow q in shares.
//!
//! ```text
//! power law            y = a sgn(q) |q / s|^delta,  s the root mean square of q      (delta = 1/2: square root)
//! Patzelt, Bouchaud    y = h x / (1 + |x|^alpha)^(beta / alpha),  x = q / w          (PRE 97, 012304, 2018)
//! ```
//!
//! The second is linear for small flow and bends at the width w; beta = 1 lets it saturate, beta > 1 return.
//! Fitted by least squares, heights in closed form given the rest (variable projection), the rest by search.

use serde::{Deserialize, Serialize};

use super::search::{least_of_one, least_of_three};
use crate::impact::FitError;

/// Flows, responses and weights, equally many.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    /// Signed flow, shares.
    pub flow: &'a [f64],
    /// Response, basis points.
    pub y: &'a [f64],
    /// Weights of the squared errors.
    pub weights: &'a [f64],
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerLaw {
    /// a.
    pub height_bp: f64,
    /// s.
    pub scale_shares: f64,
    /// delta.
    pub exponent: f64,
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatzeltBouchaud {
    /// h.
    pub height_bp: f64,
    /// w.
    pub width_shares: f64,
    /// How sharply it bends.
    pub alpha: f64,
    /// How far: the power of flow is 1 - beta beyond the bend.
    pub beta: f64,
}

impl PowerLaw {
    /// Fits height and exponent (0.05 to 1.5), or the height alone of a given exponent.
    ///
    /// # Errors
    /// [`FitError::TooFew`] without points, [`FitError::Singular`] when there is no flow.
    pub fn fit(points: Points<'_>, exponent: Option<f64>) -> Result<Self, FitError> {
        let scale_shares = scale(points.flow)?;
        let power = |exponent: f64| points.profile(|q| signed_power(q / scale_shares, exponent));
        let exponent = exponent.unwrap_or_else(|| least_of_one(0.05, 1.5, 29, |delta| power(delta).1));
        Ok(Self { height_bp: power(exponent).0, scale_shares, exponent })
    }

    /// The response to a flow, basis points.
    #[must_use]
    pub fn at(&self, flow_shares: f64) -> f64 {
        self.height_bp * signed_power(flow_shares / self.scale_shares, self.exponent)
    }
}

impl PatzeltBouchaud {
    /// Fits all four: the best of a coarse grid starts a simplex search over ln w, ln alpha and beta, kept to w
    /// within e^±4 of the root mean square of q, alpha in 0.3 to 6 and beta in 0 to 2.
    ///
    /// # Errors
    /// [`FitError::TooFew`] without points, [`FitError::Singular`] when there is no flow.
    pub fn fit(points: Points<'_>) -> Result<Self, FitError> {
        let scale = scale(points.flow)?;
        let shape = |[width, alpha, beta]: [f64; 3]| {
            let (width, alpha) = (scale * width.exp(), alpha.exp());
            points.profile(|q| bent(q / width, alpha, beta))
        };
        let loss = |p: [f64; 3]| {
            let is_inside =
                p[0].abs() <= 4.0 && (0.3..=6.0).contains(&p[1].exp()) && (0.0..=2.0).contains(&p[2]);
            if is_inside { shape(p).1 } else { f64::INFINITY }
        };
        let mut best = (f64::INFINITY, [0.0; 3]);
        for width in [0.25_f64, 0.5, 1.0, 2.0, 4.0] {
            for alpha in [0.7_f64, 1.2, 2.5] {
                for beta in [0.2, 0.5, 0.8, 1.1, 1.5] {
                    let start = [width.ln(), alpha.ln(), beta];
                    let candidate = (loss(start), start);
                    if candidate.0 < best.0 {
                        best = candidate;
                    }
                }
            }
        }
        let found = least_of_three(best.1, 0.25, 150, loss);
        let [width, alpha, beta] = found;
        Ok(Self { height_bp: shape(found).0, width_shares: scale * width.exp(), alpha: alpha.exp(), beta })
    }

    /// The response to a flow, basis points.
    #[must_use]
    pub fn at(&self, flow_shares: f64) -> f64 {
        self.height_bp * bent(flow_shares / self.width_shares, self.alpha, self.beta)
    }
}

impl Points<'_> {
    /// The height that fits a shape best, and the weighted sum of squares it leaves.
    fn profile(&self, shape: impl Fn(f64) -> f64) -> (f64, f64) {
        let (mut across, mut square, mut total) = (0.0, 0.0, 0.0);
        for ((q, y), w) in self.flow.iter().zip(self.y).zip(self.weights) {
            let f = shape(*q);
            across += w * f * y;
            square += w * f * f;
            total += w * y * y;
        }
        let height = if square > 0.0 { across / square } else { 0.0 };
        (height, total - height * across)
    }
}

fn scale(flow: &[f64]) -> Result<f64, FitError> {
    if flow.is_empty() {
        return Err(FitError::TooFew);
    }
    let square = flow.iter().map(|q| q * q).sum::<f64>() / flow.len() as f64;
    if square > 0.0 { Ok(square.sqrt()) } else { Err(FitError::Singular) }
}

fn signed_power(x: f64, exponent: f64) -> f64 {
    // No flow, no impact: also where the exponent is so small that 0^delta rounds to one.
    if x == 0.0 { 0.0 } else { x.signum() * x.abs().powf(exponent) }
}

fn bent(x: f64, alpha: f64, beta: f64) -> f64 {
    x / (1.0 + x.abs().powf(alpha)).powf(beta / alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows() -> Vec<f64> {
        (-200..=200).map(|i| f64::from(i) * f64::from(i).abs() / 4.0).collect()
    }

    fn fitted<T>(truth: impl Fn(f64) -> f64, fit: impl Fn(Points<'_>) -> T) -> T {
        let flow = flows();
        let y: Vec<f64> = flow.iter().map(|q| truth(*q)).collect();
        fit(Points { flow: &flow, y: &y, weights: &vec![1.0; y.len()] })
    }

    #[test]
    fn a_power_law_is_recovered() {
        let truth = PowerLaw { height_bp: 2.5, scale_shares: 1_000.0, exponent: 0.37 };
        let found = fitted(|q| truth.at(q), |p| PowerLaw::fit(p, None)).expect("a fit");
        assert!((found.exponent - 0.37).abs() < 1e-6, "{found:?}");
        assert!((found.at(1_000.0) - 2.5).abs() < 1e-5, "{found:?}");
        let root =
            fitted(|q| 3.0 * q.signum() * q.abs().sqrt(), |p| PowerLaw::fit(p, Some(0.5))).expect("a fit");
        assert!((root.at(49.0) - 21.0).abs() < 1e-9, "{root:?}");
    }

    #[test]
    fn patzelt_and_bouchauds_curve_is_recovered() {
        for (alpha, beta) in [(1.2, 1.3), (2.0, 1.0), (1.0, 0.5)] {
            let truth = PatzeltBouchaud { height_bp: 4.0, width_shares: 2_500.0, alpha, beta };
            let found = fitted(|q| truth.at(q), PatzeltBouchaud::fit).expect("a fit");
            let largest = flows().iter().map(|q| truth.at(*q).abs()).fold(0.0, f64::max);
            let off = flows().iter().map(|q| (truth.at(*q) - found.at(*q)).abs()).fold(0.0, f64::max);
            assert!(off < 2e-3 * largest, "{truth:?} {found:?} {off}");
        }
    }

    #[test]
    fn without_flow_there_is_no_shape() {
        let none = Points { flow: &[0.0; 20], y: &[1.0; 20], weights: &[1.0; 20] };
        assert_eq!(PowerLaw::fit(none, None), Err(FitError::Singular));
        assert_eq!(PatzeltBouchaud::fit(none), Err(FitError::Singular));
    }
}
