//! A simulated VAR whose parameters come back, and responses against closed forms.

use super::*;
use crate::estimators::dice::Dice;

fn world() -> Hasbrouck {
    Hasbrouck {
        a: [-0.1, 0.05, 0.0, 0.0, 0.02],
        b: [0.8, 0.3, 0.1, 0.0, -0.05, 0.0],
        c: [-0.15, -0.05, 0.0, 0.0, 0.0],
        d: [0.3, 0.1, 0.05, 0.0, 0.02],
        v1: 1.5 * 1.5,
        v2: 1.0,
        n: 0,
    }
}

fn simulate(law: &Hasbrouck, count: usize) -> Vec<Step> {
    let mut dice = Dice::new(21);
    let mut steps = vec![Step { x: 0.0, r: 0.0 }; LAGS];
    for t in LAGS..count {
        let sum = |by: &[f64], of: fn(&Step) -> f64| {
            by.iter().enumerate().map(|(i, b)| b * of(&steps[t - 1 - i])).sum::<f64>()
        };
        let x = sum(&law.c, |s| s.r) + sum(&law.d, |s| s.x) + law.v2.sqrt() * dice.normal();
        let r =
            sum(&law.a, |s| s.r) + law.b[0] * x + sum(&law.b[1..], |s| s.x) + law.v1.sqrt() * dice.normal();
        steps.push(Step { x, r });
    }
    steps
}

#[test]
fn a_simulated_world_comes_back() {
    let (law, count) = (world(), 200_000);
    let found = hasbrouck(&simulate(&law, count)).expect("a fit");
    assert_eq!(found.n, count - LAGS);
    // An error of r's equation is at most about sqrt(v1 / n) = 0.0034, of x's a third less; four of them.
    for (found, truth) in
        [(&found.a[..], &law.a[..]), (&found.b, &law.b), (&found.c, &law.c), (&found.d, &law.d)]
    {
        for (found, truth) in found.iter().zip(truth) {
            assert!((found - truth).abs() < 0.0136, "{found} for {truth}");
        }
    }
    assert!((found.v1 / law.v1 - 1.0).abs() < 0.013 && (found.v2 / law.v2 - 1.0).abs() < 0.013);
    assert!((found.impact(HORIZON) / law.impact(HORIZON) - 1.0).abs() < 0.03);
    let (share, truth) =
        (found.information_share().expect("a share"), law.information_share().expect("a share"));
    assert!((share - truth).abs() < 0.01, "{share} for {truth}");
}

#[test]
fn the_response_goes_to_the_long_run() {
    let law = world();
    let (theta, _) = law.long_run().expect("stable");
    assert!((law.impact(500) - theta).abs() < 1e-12);
    assert!((law.impact(0) - law.b[0]).abs() < 1e-15);
}

#[test]
fn without_feedback_the_share_is_a_quotient_of_variances() {
    let zero = [0.0; LAGS];
    let law =
        Hasbrouck { a: zero, b: [0.5, 0.0, 0.0, 0.0, 0.0, 0.0], c: zero, d: zero, v1: 0.75, v2: 1.0, n: 0 };
    assert_eq!(law.information_share(), Some(0.25));
    let explosive = Hasbrouck { d: [1.1, 0.0, 0.0, 0.0, 0.0], ..law };
    assert_eq!(explosive.information_share(), None);
}

#[test]
fn units_of_shares_change_nothing_but_units() {
    let steps = simulate(&world(), 3_000);
    let in_shares: Vec<Step> = steps.iter().map(|s| Step { x: 1e5 * s.x, r: s.r }).collect();
    let (one, other) = (hasbrouck(&steps).expect("a fit"), hasbrouck(&in_shares).expect("a fit"));
    assert!((one.impact(20) / other.impact(20) / 1e5 - 1.0).abs() < 1e-9);
    let shares = [&one, &other].map(|fit| fit.information_share().expect("a share"));
    assert!((shares[0] - shares[1]).abs() < 1e-12);
}

#[test]
fn revisions_follow_their_order_and_orders_without_a_quote_are_passed_over() {
    let order = |sign, mid_doubled| Order { sign, shares: 16, price_usd: 1.0, mid_doubled };
    let orders = [order(1.0, 2_000), order(-1.0, 0), order(-1.0, 2_002), order(1.0, 2_001)];
    let found = steps(&orders, Says::RootShares, 1.0);
    assert_eq!(found.iter().map(|s| s.x).collect::<Vec<_>>(), [4.0, -4.0]);
    assert!((found[0].r - 1e4 * (1.001_f64).ln()).abs() < 1e-9);
    assert_eq!(hasbrouck(&found), None);
    assert_eq!(hasbrouck(&vec![Step { x: 1.0, r: 0.0 }; 100]), None);
}
