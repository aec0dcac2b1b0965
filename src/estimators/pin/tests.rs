//! Simulated days whose parameters come back; large counts; counts that say nothing.

use super::*;
use crate::estimators::dice::Dice;

fn days(dice: &mut Dice, p: &PinParameters, count: usize) -> Vec<(u64, u64)> {
    let day = |_| {
        let (news, bad) = (dice.uniform() < p.a, dice.uniform() < p.d);
        let informed = |is: bool| if is { p.mu } else { 0.0 };
        (dice.poisson(p.eb + informed(news && !bad)), dice.poisson(p.es + informed(news && bad)))
    };
    (0..count).map(day).collect()
}

#[test]
fn simulated_days_come_back() {
    let laws = [
        PinParameters { a: 0.3, d: 0.4, mu: 60.0, eb: 50.0, es: 55.0 },
        PinParameters { a: 0.6, d: 0.7, mu: 500.0, eb: 900.0, es: 1_000.0 },
        PinParameters { a: 0.2, d: 0.5, mu: 8_000.0, eb: 100_000.0, es: 110_000.0 },
    ];
    for (seed, law) in laws.iter().enumerate() {
        let found = pin(&days(&mut Dice::new(seed as u64), law, 400)).expect("an estimate");
        for (index, truth) in law.array().into_iter().enumerate() {
            let estimate = found.estimate(index).expect("an error");
            assert!(estimate.distance(truth) < 4.0, "{index}: {estimate:?} for {truth}");
            assert!(estimate.error < 0.15 * truth.max(0.5), "{index}: {estimate:?} for {truth}");
        }
        let error = found.pin_error.expect("an error");
        assert!((found.pin - law.pin()).abs() < 4.0 * error && error < 0.02, "{found:?}");
    }
}

/// Nothing near the top is higher.
#[test]
fn the_end_is_a_top() {
    let law = PinParameters { a: 0.4, d: 0.3, mu: 40.0, eb: 60.0, es: 50.0 };
    let counts = days(&mut Dice::new(8), &law, 60);
    let found = pin(&counts).expect("an estimate");
    let days: Vec<Day> = counts.iter().map(|(b, s)| Day::of(*b, *s)).collect();
    for index in 0..5 {
        for factor in [0.999, 1.001] {
            let mut moved = found.parameters.array();
            moved[index] *= factor;
            let there = log_likelihood(&days, &PinParameters::from_array(moved));
            assert!(there < found.log_likelihood, "{index} {factor}");
        }
    }
}

#[test]
fn too_few_days_and_one_sided_ones_say_nothing() {
    assert_eq!(pin(&[(10, 12); 9]), None);
    assert_eq!(pin(&[(10, 0); 30]), None);
    assert_eq!(pin(&[]), None);
}

/// Days that all look alike have no news to find: the estimate exists, within bounds, if without errors.
#[test]
fn days_that_are_all_alike_stay_within_bounds() {
    let found = pin(&[(100, 100); 30]).expect("an estimate");
    assert!(found.parameters.is_inside() && (0.0..=1.0).contains(&found.pin), "{found:?}");
}
