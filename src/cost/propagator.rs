//! The propagator: how the impact of one step's flow fades with the steps after it.
//!
//! p_t = sum_{t'<t} G(t - t') s_t' + noise, s the sign of a step's flow (Bouchaud, Gefen, Potters and Wyart,
//! Quantitative Finance 4, 2004; "Trades, Quotes and Prices", chapter 13). Signs follow one another, so that the
//! response R(l) = E[(p_{t+l} - p_t) s_t] mixes G with the signs' autocorrelation C:
//! R(l) = G(l) + sum_{0<n<l} G(l-n) C(n) + sum_{n>0} [G(l+n) - G(n)] C(n), a linear system for G(1..N).
//! G beyond N is taken as G(N), C beyond its last lag as 0.

use crate::impact::invert;

/// G(1), G(2), ... G(N), in units of price per step.
#[derive(Clone, Debug, PartialEq)]
pub struct Propagator {
    /// G(1) first.
    pub kernel: Vec<f64>,
}

impl Propagator {
    /// Solves for G from R(1..N) and C(1..); `None` when the system has no single answer.
    #[must_use]
    pub fn solve(response: &[f64], correlation: &[f64]) -> Option<Self> {
        let n = response.len();
        let correlation = |lag: usize| correlation.get(lag - 1).copied().unwrap_or(0.0);
        let mut system = vec![vec![0.0; n]; n];
        for (row, cells) in system.iter_mut().enumerate() {
            let lag = row + 1;
            cells[row] += 1.0;
            (1..lag).for_each(|step| cells[lag - step - 1] += correlation(step));
            // Beyond N the two terms of the last sum are the same G(N) and cancel.
            for step in 1..=n {
                cells[(lag + step).min(n) - 1] += correlation(step);
                cells[step - 1] -= correlation(step);
            }
        }
        let inverse = invert(system)?;
        let dot = |row: &Vec<f64>| row.iter().zip(response).map(|(a, b)| a * b).sum();
        Some(Self { kernel: inverse.iter().map(dot).collect() })
    }

    /// How much of the part that fades is gone after some steps, 0 to 1: (G(1) - G(1 + steps)) / (G(1) - G(N)).
    /// `None` when nothing fades.
    #[must_use]
    pub fn gone_after(&self, steps: usize) -> Option<f64> {
        let (first, last) = (self.kernel.first()?, self.kernel.last()?);
        let now = self.kernel[steps.min(self.kernel.len() - 1)];
        (first > last).then(|| ((first - now) / (first - last)).clamp(0.0, 1.0))
    }
}

/// R(1..=lags) and C(1..=lags) of a sequence: the signs of its steps and the price before each, one more at the end.
#[must_use]
pub fn correlate(signs: &[f64], prices: &[f64], lags: usize) -> (Vec<f64>, Vec<f64>) {
    let n = signs.len().min(prices.len());
    let mean = |lag: usize, of: &dyn Fn(usize) -> f64| {
        let count = n.saturating_sub(lag);
        (0..count).map(of).sum::<f64>() / count.max(1) as f64
    };
    let response = |lag: usize| mean(lag, &|t| (prices[t + lag] - prices[t]) * signs[t]);
    let correlation = |lag: usize| mean(lag, &|t| signs[t + lag] * signs[t]);
    ((1..=lags).map(response).collect(), (1..=lags).map(correlation).collect())
}
