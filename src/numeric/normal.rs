//! The standard normal distribution's share below a point, to 1e-15, far out to 1e-12 of itself.
//!
//! erf by its series within 2.5 of 0, erfc by its continued fraction beyond (Abramowitz and Stegun 7.1.6, 7.1.14).

/// P(Z < x).
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x / std::f64::consts::SQRT_2)
}

/// 1 - erf(x), with its relative precision kept far out.
fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.5 {
        return 1.0 - erf_series(x);
    }
    // Lentz would do; from the far end, 60 steps suffice for x >= 2.5.
    let tail = (1..=60).rev().fold(x, |below, k| x + f64::from(k) / 2.0 / below);
    (-x * x).exp() / (tail * std::f64::consts::PI.sqrt())
}

fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..100 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_tables() {
        for (x, share) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (1.959_963_984_540_054, 0.975),
            (-3.0, 1.349_898_031_630_094_6e-3),
            (-5.0, 2.866_515_718_791_939e-7),
            (3.6, 0.999_840_891_409_842_5),
        ] {
            assert!((normal_cdf(x) - share).abs() <= (1e-12 * share).max(2e-16), "{x}: {}", normal_cdf(x));
        }
        let p = normal_cdf(crate::cost::normal_quantile(0.037));
        assert!((p - 0.037).abs() < 1e-9);
    }
}
