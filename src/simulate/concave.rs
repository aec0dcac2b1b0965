//! Impact that is a line for small flow and bends beyond: the master curve of Patzelt and Bouchaud ("Universal scaling
//! and nonlinearity of aggregate price impact in financial markets", Physical Review E 97, 2018).
//!
//! ```text
//! I(x) = lambda x / (1 + |x / V0|^alpha)^(beta / alpha)     slope lambda at 0, |x|^(1 - beta) far beyond V0
//! ```
//!
//! alpha is whole and beta a whole number of quarters of it, so that powers are products and square roots, which every
//! machine rounds alike.

use serde::Serialize;

/// V0, alpha and beta.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Concave {
    /// V0: flow of a step at which impact has clearly left the line, shares.
    pub scale_shares: f64,
    /// How sharply it leaves: 1 at once, 2 and more late.
    pub alpha: u32,
    /// beta: 1 saturates, below 1 goes on as |x|^(1 - beta).
    pub beta: f64,
}

impl Concave {
    /// What this leaves of the line at a flow: 1 at zero, less beyond.
    pub(super) fn share_of_line(&self, flow_shares: f64) -> f64 {
        let x = flow_shares.abs() / self.scale_shares;
        let power = |base: f64, times: u32| (0..times).fold(1.0, |product, _| product * base);
        let root = (1.0 + power(x, self.alpha)).sqrt().sqrt();
        1.0 / power(root, self.quarters().unwrap_or(0))
    }

    /// 4 beta / alpha, when that is a whole number.
    fn quarters(&self) -> Option<u32> {
        let quarters = 4.0 * self.beta / f64::from(self.alpha);
        (quarters.fract() == 0.0 && (0.0..=1e3).contains(&quarters)).then_some(quarters as u32)
    }

    /// What is wrong with it: which parameter, its value, what it must be.
    pub(super) fn wrong(&self) -> Option<(&'static str, String, &'static str)> {
        let scale = self.scale_shares;
        if !(scale.is_finite() && scale > 0.0) {
            return Some(("impact_scale", scale.to_string(), "finite and positive"));
        }
        if !(1..=8).contains(&self.alpha) {
            return Some(("impact_alpha", self.alpha.to_string(), "between 1 and 8"));
        }
        if self.quarters().is_none() {
            let wanted = "not negative, and a whole number of quarters of impact_alpha";
            return Some(("impact_beta", self.beta.to_string(), wanted));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_the_papers() {
        for (alpha, beta) in [(1, 0.5), (2, 1.0), (2, 0.5), (4, 3.0)] {
            let shape = Concave { scale_shares: 500.0, alpha, beta };
            assert_eq!(shape.wrong(), None);
            assert_eq!(shape.share_of_line(0.0), 1.0);
            for flow in [-3_000.0_f64, 20.0, 500.0, 1e6] {
                let power = f64::from(alpha);
                let paper = (1.0 + (flow.abs() / 500.0).powf(power)).powf(-beta / power);
                assert!((shape.share_of_line(flow) / paper - 1.0).abs() < 1e-12, "{shape:?} at {flow}");
            }
        }
    }

    #[test]
    fn other_exponents_are_refused() {
        let named =
            |scale_shares, alpha, beta| Concave { scale_shares, alpha, beta }.wrong().map(|(name, ..)| name);
        assert_eq!(named(0.0, 2, 1.0), Some("impact_scale"));
        assert_eq!(named(1.0, 9, 1.0), Some("impact_alpha"));
        assert_eq!(named(1.0, 2, 0.3), Some("impact_beta"));
        assert_eq!(named(1.0, 2, f64::NAN), Some("impact_beta"));
    }
}
