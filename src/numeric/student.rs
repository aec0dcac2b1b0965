//! Student's t distribution's share below a point, for any positive degrees of freedom, also below 1.
//!
//! By the incomplete beta function and its continued fraction (Abramowitz and Stegun 26.5.27 and 26.5.8), with
//! Lentz's steps.

/// P(T < t) with `freedom` degrees of freedom, which must be positive.
#[must_use]
pub fn student_cdf(t: f64, freedom: f64) -> f64 {
    let squared = t * t;
    if squared.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    // Both shares are told apart, so that neither loses its digits to 1 - x.
    let (outside, inside) = (freedom / (freedom + squared), squared / (freedom + squared));
    let tail = 0.5 * incomplete_beta(outside, inside, freedom / 2.0, 0.5);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// I_x(a, b), with `rest` = 1 - x.
fn incomplete_beta(x: f64, rest: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if rest <= 0.0 {
        return 1.0;
    }
    let scale = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * rest.ln();
    if x < (a + 1.0) / (a + b + 2.0) {
        scale.exp() * fraction(x, a, b) / a
    } else {
        1.0 - scale.exp() * fraction(rest, b, a) / b
    }
}

/// The continued fraction, which converges fast for x < (a + 1) / (a + b + 2).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const SMALLEST: f64 = 1e-300;
    const STEPS_MAX: u32 = 10_000;
    let kept = |value: f64| if value.abs() < SMALLEST { SMALLEST } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut value = below;
    for step in 1..=STEPS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            below = 1.0 / kept(1.0 + term * below);
            above = kept(1.0 + term / above);
            change = above * below;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::normal_cdf;

    #[test]
    fn one_and_two_degrees_have_their_closed_forms() {
        for step in -400..=400 {
            let t = f64::from(step) / 20.0;
            let cauchy = 0.5 + t.atan() / std::f64::consts::PI;
            assert!((student_cdf(t, 1.0) - cauchy).abs() < 2e-14, "{t}: {}", student_cdf(t, 1.0));
            let of_two = 0.5 + t / (2.0 * (2.0 + t * t).sqrt());
            assert!((student_cdf(t, 2.0) - of_two).abs() < 2e-14, "{t}: {}", student_cdf(t, 2.0));
            assert!((student_cdf(t, 1e6) - normal_cdf(t)).abs() < 1e-6, "{t}: {}", student_cdf(t, 1e6));
        }
    }

    /// scipy.stats.t.cdf at the quarter degree that bulk volume classification has become known for.
    #[test]
    fn a_quarter_degree_is_that_of_scipy() {
        for (t, share) in SCIPY {
            assert!((student_cdf(t, 0.25) - share).abs() < 1e-13, "{t}: {}", student_cdf(t, 0.25));
        }
        assert_eq!(student_cdf(f64::INFINITY, 0.25), 1.0);
        assert_eq!(student_cdf(0.0, 0.25), 0.5);
    }

    const SCIPY: [(f64, f64); 7] = [
        (-30.0, 0.15439131817172216),
        (-1.5, 0.32409787092663916),
        (-0.1, 0.47869045317324294),
        (0.02, 0.5042956054856913),
        (0.7, 0.6165831632565151),
        (3.0, 0.7259671989406911),
        (1000000.0, 0.9885735436343996),
    ];
}
