//! Kyle's single auction (Econometrica 53, 1985): simulated, regressed, recovered.
//!
//! v ~ N(p0, sigma_v²), noise traders u ~ N(0, sigma_u²), the insider x = beta (v - p0), beta = sigma_u/sigma_v, the
//! market maker p = p0 + lambda (x + u), lambda = sigma_v/(2 sigma_u). The insider earns sigma_u sigma_v / 2, and half
//! the variance of v is left.

use impactd::impact::{Design, fit};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

const SIGMA_V: f64 = 2.0;
const SIGMA_U: f64 = 5_000.0;

#[test]
fn lambda_profit_and_posterior_variance_are_recovered() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1985);
    let mut uniform = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut normal = || (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
    let lambda = SIGMA_V / (2.0 * SIGMA_U);
    let (mut design, mut profit) = (Design { y: vec![], x: vec![vec![]] }, 0.0);
    let auctions = 40_000;
    for _ in 0..auctions {
        let (v, u) = (SIGMA_V * normal(), SIGMA_U * normal());
        let x = SIGMA_U / SIGMA_V * v;
        design.y.push(v);
        design.x[0].push(x + u);
        profit += x * (v - lambda * (x + u)) / f64::from(auctions);
    }
    let line = fit(&design).expect("flow varies");
    let slope = line.terms[1];
    assert!((slope.coefficient - lambda).abs() < 3.0 * slope.errors.hac, "{slope:?}");
    assert!(slope.errors.hac < 0.01 * lambda);
    let expected = SIGMA_U * SIGMA_V / 2.0;
    assert!((profit / expected - 1.0).abs() < 0.03, "{profit} {expected}");
    // R² is the part of the variance of v that the price tells.
    assert!((line.r2.expect("v varies") - 0.5).abs() < 0.01);
}
