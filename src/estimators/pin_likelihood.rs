//! PIN's likelihood of a day, and its EM step, so that no count is too large.
//!
//! The logs of the three kinds of day share B ln eb + S ln es - eb - es (and the factorials, which no parameter
//! moves); what is left of each is taken against the largest:
//!
//! ```text
//! none  ln(1 - a)       bad  ln(a d) + S ln(1 + mu/es) - mu       good  ln(a (1 - d)) + B ln(1 + mu/eb) - mu
//! ```
//!
//! Lin and Ke, "A computing bias in estimating the probability of informed trading", Journal of Financial Markets 14
//! (2011). The package documentation that is often copied swaps the separate lines of good days and of days without
//! news; the sum of the three is right in either case.

use super::pin::PinParameters;

/// The least rate of uninformed trades, so that mu over it stays a number.
const RATE_MIN: f64 = 1e-9;

/// A day's counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    pub buys: f64,
    pub sells: f64,
}

impl Day {
    pub fn of(buys: u64, sells: u64) -> Self {
        Self { buys: buys as f64, sells: sells as f64 }
    }

    /// Logs of the three kinds: none, bad, good, without what they share.
    fn kinds(&self, p: &PinParameters) -> [f64; 3] {
        [
            (1.0 - p.a).ln(),
            (p.a * p.d).ln() + self.sells * (p.mu / p.es).ln_1p() - p.mu,
            (p.a * (1.0 - p.d)).ln() + self.buys * (p.mu / p.eb).ln_1p() - p.mu,
        ]
    }

    fn shared(&self, p: &PinParameters) -> f64 {
        self.buys * p.eb.ln() + self.sells * p.es.ln() - p.eb - p.es
    }
}

/// The log likelihood of all days, without the factorials.
pub(super) fn log_likelihood(days: &[Day], p: &PinParameters) -> f64 {
    let of = |day: &Day| {
        let kinds = day.kinds(p);
        let largest = kinds.iter().fold(f64::NEG_INFINITY, |m, k| m.max(*k));
        day.shared(p) + largest + kinds.iter().map(|kind| (kind - largest).exp()).sum::<f64>().ln()
    };
    days.iter().map(of).sum()
}

/// One EM step: how likely each kind of day is and how many of its trades were informed, then the means of those.
pub(super) fn em_step(days: &[Day], p: &PinParameters) -> PinParameters {
    let (mut bad, mut good) = (0.0, 0.0);
    let (mut informed_buys, mut informed_sells) = (0.0, 0.0);
    let (mut buys, mut sells) = (0.0, 0.0);
    let (of_buys, of_sells) = (p.mu / (p.mu + p.eb), p.mu / (p.mu + p.es));
    for day in days {
        let kinds = day.kinds(p);
        let largest = kinds.iter().fold(f64::NEG_INFINITY, |m, k| m.max(*k));
        let weights = kinds.map(|kind| (kind - largest).exp());
        let all: f64 = weights.iter().sum();
        let (is_bad, is_good) = (weights[1] / all, weights[2] / all);
        bad += is_bad;
        good += is_good;
        informed_sells += is_bad * day.sells * of_sells;
        informed_buys += is_good * day.buys * of_buys;
        buys += day.buys;
        sells += day.sells;
    }
    let (n, news) = (days.len() as f64, bad + good);
    PinParameters {
        a: (news / n).min(1.0),
        d: if news > 0.0 { bad / news } else { p.d },
        mu: if news > 0.0 { (informed_buys + informed_sells) / news } else { 0.0 },
        eb: ((buys - informed_buys) / n).max(RATE_MIN),
        es: ((sells - informed_sells) / n).max(RATE_MIN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_of_three_poisson_products() {
        let p = PinParameters { a: 0.4, d: 0.3, mu: 12.0, eb: 20.0, es: 15.0 };
        let log_factorial = |n: u64| (1..=n).map(|k| (k as f64).ln()).sum::<f64>();
        let poisson = |n: u64, mean: f64| (n as f64 * mean.ln() - mean - log_factorial(n)).exp();
        let (b, s) = (31, 14);
        let direct = 0.6 * poisson(b, 20.0) * poisson(s, 15.0)
            + 0.4 * 0.3 * poisson(b, 20.0) * poisson(s, 27.0)
            + 0.4 * 0.7 * poisson(b, 32.0) * poisson(s, 15.0);
        let found = log_likelihood(&[Day::of(b, s)], &p) - log_factorial(b) - log_factorial(s);
        assert!((found - direct.ln()).abs() < 1e-12, "{found}");
    }

    #[test]
    fn a_step_never_lowers_the_likelihood_and_no_count_is_too_large() {
        let days =
            [Day::of(140_000, 90_000), Day::of(90_000, 91_000), Day::of(89_000, 150_000), Day::of(1, 0)];
        let mut p = PinParameters { a: 0.5, d: 0.5, mu: 30_000.0, eb: 90_000.0, es: 90_000.0 };
        let mut height = log_likelihood(&days, &p);
        for _ in 0..50 {
            p = em_step(&days, &p);
            let next = log_likelihood(&days, &p);
            assert!(next.is_finite() && next >= height - 1e-9 * height.abs(), "{next} after {height}");
            height = next;
        }
        assert!(p.is_inside());
    }
}
