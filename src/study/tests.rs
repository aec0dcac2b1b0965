//! The whole study on market orders whose law is known, and what its tests share.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore as _, SeedableRng as _};

use super::*;
use crate::tape::{Nanos, Sign};

/// 2013-10-07 09:30 New York.
const OPEN: i64 = 1_381_152_600;

/// A market order so many seconds after the open, its mid in cents, 200 shares opposite, two cents of spread.
pub(super) fn order(second: i64, sign: i64, shares: i64, mid_cents: i64) -> MarketOrder {
    MarketOrder {
        ts: Nanos((OPEN + second) * 1_000_000_000),
        sign: Sign::of(sign),
        shares,
        fills: 1,
        mid_doubled: 2 * mid_cents * 10_000_000,
        opposite_shares: 200,
        spread: 20_000_000,
    }
}

/// lambda x / sqrt(1 + (x / scale)^2), a line without a scale.
pub(super) fn shaped(lambda: f64, scale: Option<f64>, x: i64) -> f64 {
    let x = x as f64;
    lambda * x / scale.map_or(1.0, |scale| (1.0 + (x / scale).powi(2)).sqrt())
}

/// Chance for tests.
pub(super) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Mean 0, variance 1 (Irwin-Hall).
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

const T: usize = 10;
const LAMBDA: f64 = 0.01;
const SCALE: f64 = 1500.0;

/// Days of market orders with persistent signs, in which every window of T moves the mid by the concave law.
fn concave_days(days: i64, windows: i64, seed: u64) -> Vec<Vec<MarketOrder>> {
    let mut dice = Dice::new(seed);
    let mut made = Vec::new();
    for day in 0..days {
        let (mut mid, mut sign, mut orders, mut at) = (100_000.0, 1, Vec::new(), day * 86_400);
        for _ in 0..windows {
            let first = orders.len();
            let mut flow = 0;
            for _ in 0..T {
                if dice.uniform() < 0.3 {
                    sign = if dice.uniform() < 0.5 { 1 } else { -1 };
                }
                let shares = 1 + (600.0 * dice.uniform() * dice.uniform()) as i64;
                flow += sign * shares;
                orders.push(order(at, sign, shares, 0));
                at += 1;
            }
            // Inside the window the mid walks in even steps; where it ends is the law's.
            let change = shaped(LAMBDA, Some(SCALE), flow) + 1.5 * dice.normal();
            for (k, order) in orders[first..].iter_mut().enumerate() {
                order.mid_doubled = 2 * ((mid + change * k as f64 / T as f64) * 1e7).round() as i64;
            }
            mid += change;
        }
        made.push(orders);
    }
    made
}

/// Flow and change of the windows of T orders.
fn pairs(days: &[Vec<MarketOrder>]) -> (Vec<i64>, Vec<f64>) {
    windows(days, T).iter().map(|w| (w.flow_shares, w.change_cents())).unzip()
}

/// The acceptance test that needs no tape of the study's own: concave impact, where the tree beats the line over the
/// full range in both kinds of folds, has no edge on the linear part, and lambda is recovered.
#[test]
fn on_concave_impact_the_tree_wins_but_not_on_the_linear_part_and_lambda_is_recovered() {
    let days = concave_days(5, 1000, 1);
    let settings = Settings { windows: vec![T], ..Settings::default() };
    let study = run(&days, &settings);
    let found = &study.aggregates[0];
    assert_eq!(found.windows, 5 * 999, "a day's last window has no order after it");
    let (full, linear) =
        (found.contest_full_range.as_ref(), found.contest_linear_region.as_ref().expect("a contest"));
    let full = full.expect("a contest");
    assert_eq!((full.shuffled.better, full.purged.better), (Better::Tree, Better::Tree), "{full:?}");
    assert!(linear.shuffled.better != Better::Tree && linear.purged.better != Better::Tree, "{linear:?}");
    // On a line the line is right and a tree of L leaves loses about L / n of the noise, which is within or little
    // beyond two errors: nothing beside what it gains from the bend.
    let lost = -linear.purged.mse_difference_cents2;
    assert!(lost < 0.1 * full.purged.mse_difference_cents2, "{linear:?}");
    assert!(lost < 0.06 * linear.purged.mse_ols_cents2, "{linear:?}");
    let region = found.linear_region.expect("a region");
    assert!(!region.is_full_range && (region.radius_shares as f64) < SCALE, "{region:?}");
    let lambda = region.lambda;
    assert!(
        lambda.ci95_low_cents_per_share <= LAMBDA && LAMBDA <= lambda.ci95_high_cents_per_share,
        "{lambda:?}"
    );
    // The line through everything is too flat, by far more than its error.
    let flat = found.full_range.expect("a line");
    assert!(flat.cents_per_share + 10.0 * flat.se_hac_cents_per_share < LAMBDA, "{flat:?}");
    assert!(found.agreement.r2_binned > found.agreement.r2_raw);
    assert!(study.response.r1_cents.expect("a response") > 0.0);
}

#[test]
fn the_same_days_and_seed_give_the_same_bytes() {
    let days = concave_days(2, 60, 4);
    let text = |settings: &Settings| serde_json::to_string(&run(&days, settings)).expect("JSON");
    let settings = Settings { rescale: true, ..Settings::default() };
    assert_eq!(text(&settings), text(&settings));
    assert!(text(&settings).contains("curve_r1_on_day_volumes"));
}

#[test]
fn nothing_at_all_is_a_study_of_nothing() {
    let study = run(&[Vec::new()], &Settings::default());
    assert!(study.days.is_empty() && study.response.r1_cents.is_none());
    assert!(study.aggregates.iter().all(|a| a.windows == 0 && a.linear_region.is_none()));
}

/// The interval claims 95 % and, after a region was searched for, holds lambda in a few per cent less.
#[test]
fn the_interval_of_lambda_holds_it_about_as_often_as_it_says() {
    let region = |seed| {
        let (flow, change) = pairs(&concave_days(5, 400, seed));
        linear_region(&flow, &change).expect("a region").lambda
    };
    let holds = |l: &Lambda| l.ci95_low_cents_per_share <= LAMBDA && LAMBDA <= l.ci95_high_cents_per_share;
    let held = (0..40).map(region).filter(holds).count();
    assert!(held >= 33, "{held} of 40");
}
