//! Optimal liquidation of Almgren and Chriss, "Optimal execution of portfolio transactions", Journal of Risk 3 (2001).
//!
//! X shares in N periods of tau days; holdings x_0 = X, ..., x_N = 0, n_k = x_{k-1} - x_k. Linear permanent impact
//! gamma (USD per share, per share), temporary eta (USD per share, per share a day) and fixed cost epsilon (USD per
//! share), volatility sigma (USD per share and root day):
//! E = gamma X²/2 + epsilon X + (eta~/tau) sum n_k², eta~ = eta - gamma tau/2; Var = sigma² tau sum x_k².
//! min E + lambda Var gives x_j = X sinh(kappa (T - t_j)) / sinh(kappa T), 2 (cosh(kappa tau) - 1)/tau² = kappa~²,
//! kappa~² = lambda sigma²/eta~. lambda -> 0: even in time; lambda -> infinity: all in the first period.

use super::risk::normal_quantile;

/// Below this kappa T the closed forms lose digits to cancellation, and the sums are taken instead.
const KAPPA_T_MIN: f64 = 0.1;
/// Above this kappa tau all is done in the first period to the last digit.
const KAPPA_TAU_MAX: f64 = 300.0;

/// What is to be sold or bought, and what trading it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Liquidation {
    /// X, shares.
    pub shares: f64,
    /// N.
    pub periods: usize,
    /// tau, days.
    pub period_days: f64,
    /// sigma, USD per share and root day.
    pub volatility_usd: f64,
    /// gamma, USD per share, per share traded.
    pub permanent_usd: f64,
    /// eta, USD per share, per share a day.
    pub temporary_usd: f64,
    /// epsilon, USD per share: half the spread and fees.
    pub fixed_usd: f64,
}

/// One point of the efficient frontier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tradeoff {
    /// Risk aversion lambda, per USD.
    pub risk_aversion: f64,
    /// E, USD.
    pub cost_usd: f64,
    /// Var, USD².
    pub variance_usd2: f64,
}

impl Liquidation {
    /// eta~ = eta - gamma tau/2; the problem has an optimum where it is positive.
    #[must_use]
    pub fn eta_tilde(&self) -> f64 {
        self.temporary_usd - self.permanent_usd * self.period_days / 2.0
    }

    /// The discrete kappa, per day; infinite without temporary cost.
    #[must_use]
    pub fn kappa(&self, risk_aversion: f64) -> f64 {
        let urgency = risk_aversion * self.volatility_usd.powi(2) / self.eta_tilde().max(0.0);
        kappa(if risk_aversion > 0.0 { urgency } else { 0.0 }, self.period_days)
    }

    /// 1/kappa, days: the time in which holdings fall by a factor e.
    #[must_use]
    pub fn half_life_days(&self, risk_aversion: f64) -> f64 {
        1.0 / self.kappa(risk_aversion)
    }

    /// Holdings x_0 ... x_N, shares.
    #[must_use]
    pub fn trajectory(&self, risk_aversion: f64) -> Vec<f64> {
        let held = decline(self.periods, self.kappa(risk_aversion) * self.period_days);
        held.into_iter().map(|part| part * self.shares).collect()
    }

    /// E of any holdings, USD, summed directly.
    #[must_use]
    pub fn cost_usd(&self, holdings: &[f64]) -> f64 {
        let trades = holdings.windows(2).map(|pair| pair[0] - pair[1]);
        let (absolute, squares) = trades.fold((0.0, 0.0), |(a, s), n| (a + n.abs(), s + n * n));
        self.permanent_usd * self.shares * self.shares / 2.0
            + self.fixed_usd * absolute
            + self.eta_tilde() / self.period_days * squares
    }

    /// Var of any holdings, USD², summed directly.
    #[must_use]
    pub fn variance_usd2(&self, holdings: &[f64]) -> f64 {
        let squares: f64 = holdings[1..].iter().map(|x| x * x).sum();
        self.volatility_usd.powi(2) * self.period_days * squares
    }

    /// E and Var of the optimal trajectory, in closed form (the paper's equation 20) unless kappa T is too small or
    /// too large for it.
    #[must_use]
    pub fn optimum(&self, risk_aversion: f64) -> Tradeoff {
        let (tau, n) = (self.period_days, self.periods as f64);
        let (total, x2) = (n * tau, self.shares * self.shares);
        let k = self.kappa(risk_aversion);
        if self.periods < 2 || k * total < KAPPA_T_MIN || k * tau > KAPPA_TAU_MAX {
            let held = self.trajectory(risk_aversion);
            let (cost_usd, variance_usd2) = (self.cost_usd(&held), self.variance_usd2(&held));
            return Tradeoff { risk_aversion, cost_usd, variance_usd2 };
        }
        let (squares, held) = closed_forms(k, tau, total);
        let fixed = self.permanent_usd * x2 / 2.0 + self.fixed_usd * self.shares;
        Tradeoff {
            risk_aversion,
            cost_usd: fixed + self.eta_tilde() / tau * x2 * squares,
            variance_usd2: self.volatility_usd.powi(2) * x2 * held,
        }
    }

    /// The efficient frontier at some risk aversions, in their order.
    #[must_use]
    pub fn frontier(&self, risk_aversions: &[f64]) -> Vec<Tradeoff> {
        risk_aversions.iter().map(|lambda| self.optimum(*lambda)).collect()
    }
}

impl Tradeoff {
    /// L-VaR: the cost that is not exceeded with a probability, E + z sqrt(Var), USD.
    #[must_use]
    pub fn value_at_risk_usd(&self, probability: f64) -> f64 {
        self.cost_usd + normal_quantile(probability) * self.variance_usd2.sqrt()
    }
}

/// Parts of the quantity still held at some `moments`, days from the start and the last of them the end: 1 at 0 and
/// 0 at the end, for kappa~² = `urgency`, per day², in periods of tau days. The last period may be shorter.
#[must_use]
pub(in crate::cost) fn holdings(moments: &[f64], tau: f64, urgency: f64) -> Vec<f64> {
    let (k, total) = (kappa(urgency, tau), moments.last().copied().unwrap_or(0.0));
    moments.iter().map(|moment| held(*moment, total, k)).collect()
}

/// kappa of 2 (cosh(kappa tau) - 1) = kappa~² tau², that is 2 asinh(kappa~ tau / 2) / tau.
fn kappa(urgency: f64, tau: f64) -> f64 {
    2.0 * (urgency.sqrt() * tau / 2.0).asinh() / tau
}

/// sinh(k (n - j)) / sinh(k n) for j = 0..=n.
fn decline(periods: usize, k: f64) -> Vec<f64> {
    (0..=periods).map(|j| held(j as f64, periods as f64, k)).collect()
}

/// sinh(k (T - t)) / sinh(k T), in exponentials of negative numbers so that nothing overflows.
fn held(passed: f64, total: f64, k: f64) -> f64 {
    if passed <= 0.0 || passed >= total {
        f64::from(u8::from(passed <= 0.0))
    } else if k * total < 1e-9 {
        1.0 - passed / total
    } else {
        (-k * passed).exp() * (-2.0 * k * (total - passed)).exp_m1() / (-2.0 * k * total).exp_m1()
    }
}

/// (sum n_k² / X², tau sum x_k² / X²) of the optimal trajectory.
fn closed_forms(k: f64, tau: f64, total: f64) -> (f64, f64) {
    // sinh and cosh over e^(kT), with kT and k tau positive.
    let sinh = |x: f64| -(-2.0 * x).exp_m1() / 2.0;
    let scaled = |x: f64| (x - k * total).exp();
    let square = sinh(k * total) * sinh(k * total);
    let twice = scaled(0.0) * scaled(0.0);
    // sinh(2kT) = 2 sinh cosh; all terms over e^(2kT).
    let sinh_2kt = -(-4.0 * k * total).exp_m1() / 2.0;
    let cost = (k * tau / 2.0).tanh() * (tau * sinh_2kt + 2.0 * total * (k * tau).sinh() * twice)
        / (2.0 * tau * square);
    let rest = k * (total - tau);
    let cosh_rest = scaled(rest) * (1.0 + (-2.0 * rest).exp()) / 2.0;
    let held = (tau * sinh(k * total) * cosh_rest - total * (k * tau).sinh() * twice)
        / (2.0 * square * (k * tau).sinh());
    (cost, held)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's numerical example.
    const EXAMPLE: Liquidation = Liquidation {
        shares: 1e6,
        periods: 5,
        period_days: 1.0,
        volatility_usd: 0.95,
        permanent_usd: 2.5e-7,
        temporary_usd: 2.5e-6,
        fixed_usd: 0.0625,
    };

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
    }

    #[test]
    fn the_papers_example_has_its_kappa() {
        assert!((EXAMPLE.kappa(1e-6) - 0.61).abs() < 0.005);
        // Half a day short of 1.7 days, and the definition of kappa itself.
        close(EXAMPLE.half_life_days(1e-6), 1.647, 1e-3);
        let (k, urgency) = (EXAMPLE.kappa(1e-6), 1e-6 * 0.9025 / 2.375e-6);
        close(2.0 * (k.cosh() - 1.0), urgency, 1e-12);
        // sinh by hand, third holding of six.
        let held = EXAMPLE.trajectory(1e-6);
        close(held[2], 1e6 * (k * 3.0).sinh() / (k * 5.0).sinh(), 1e-12);
    }

    #[test]
    fn closed_forms_are_the_sums() {
        for periods in [1_u16, 2, 5, 50, 400] {
            let problem =
                Liquidation { periods: periods.into(), period_days: 5.0 / f64::from(periods), ..EXAMPLE };
            for lambda in [0.0, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-3] {
                let (held, optimum) = (problem.trajectory(lambda), problem.optimum(lambda));
                close(optimum.cost_usd, problem.cost_usd(&held), 1e-12);
                close(optimum.variance_usd2, problem.variance_usd2(&held), 1e-12);
            }
        }
    }

    #[test]
    fn no_aversion_is_even_and_endless_aversion_is_at_once() {
        let even = EXAMPLE.trajectory(0.0);
        even.iter().zip([1e6, 8e5, 6e5, 4e5, 2e5, 0.0]).for_each(|(x, e)| assert!((x - e).abs() < 1e-6));
        let nearly = EXAMPLE.trajectory(1e-18);
        even.iter().zip(&nearly).for_each(|(x, e)| assert!((x - e).abs() < 1e-3));
        for lambda in [1e12, f64::INFINITY] {
            let held = EXAMPLE.trajectory(lambda);
            assert!(held[0] == 1e6 && held[1..].iter().all(|x| *x < 1e-6), "{held:?}");
        }
    }

    #[test]
    fn along_the_frontier_cost_rises_and_risk_falls() {
        let lambdas: Vec<f64> = (0..60).map(|i| 1e-9 * 1.3_f64.powi(i)).collect();
        let frontier = EXAMPLE.frontier(&lambdas);
        for pair in frontier.windows(2) {
            assert!(pair[1].cost_usd > pair[0].cost_usd && pair[1].variance_usd2 < pair[0].variance_usd2);
        }
        let point = frontier[20];
        close(
            point.value_at_risk_usd(0.95),
            point.cost_usd + 1.644_853_627 * point.variance_usd2.sqrt(),
            1e-8,
        );
    }

    #[test]
    fn no_other_trajectory_does_better() {
        let lambda = 1e-6;
        let objective = |held: &[f64]| EXAMPLE.cost_usd(held) + lambda * EXAMPLE.variance_usd2(held);
        let best = EXAMPLE.trajectory(lambda);
        for (index, step) in [(1, 1e3), (1, -1e3), (2, 1e3), (3, -1e3), (4, 500.0)] {
            let mut other = best.clone();
            other[index] += step;
            assert!(objective(&other) > objective(&best));
        }
    }
}
