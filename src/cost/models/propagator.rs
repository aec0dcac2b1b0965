//! The propagator: how the impact of one step's flow fades with the steps after it.
//!
//! p_t = sum_{t'<t} G(t - t') s_t' + noise, s the sign of a step's flow (Bouchaud, Gefen, Potters and Wyart,
//! Quantitative Finance 4, 2004; "Trades, Quotes and Prices", chapter 13). Signs follow one another, so that the
//! response R(l) = E[(p_{t+l} - p_t) s_t] mixes G with the signs' autocorrelation C:
//! R(l) = G(l) + sum_{0<n<l} G(l-n) C(n) + sum_{n>0} [G(l+n) - G(n)] C(n), a linear system for G(1..N).
//! G beyond N is taken as G(N), C beyond its last lag as 0.

use crate::cost::known::day::Day;
use crate::impact::invert;
use crate::tape::Nanos;

/// Bars that the propagator of a tape reaches over; it is measured on runs of more than twice as many.
const TAPE_LAGS: usize = 15;

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

    /// The propagator in bar time of a tape: a step is a bar, its sign that of its signed volume, prices are mids in
    /// basis points. It tells how much of an order's temporary part is gone after a pause, in bars. A bar without a
    /// mid ends a run: bars on both sides of a gap are no neighbours. `None` when no run is long enough.
    #[must_use]
    pub fn of_tape(days: &[Day], as_of: Nanos) -> Option<Self> {
        let (mut response, mut correlation, mut steps) = (vec![0.0; TAPE_LAGS], vec![0.0; TAPE_LAGS], 0.0);
        let runs = days.iter().flat_map(|day| day.known(as_of).split(|bar| bar.mid_open_usd.is_none()));
        for run in runs.filter(|run| run.len() > 2 * TAPE_LAGS) {
            let priced = run.iter().filter_map(|bar| Some((bar.mid_open_usd?, bar)));
            let (prices, signs): (Vec<f64>, Vec<f64>) = priced
                .map(|(mid, bar)| (1e4 * mid.ln(), bar.trade_imbalance_shares().signum() as f64))
                .unzip();
            let (run_response, run_correlation) = correlate(&signs, &prices, TAPE_LAGS);
            let weight = signs.len() as f64;
            let add =
                |sum: &mut [f64], of: &[f64]| sum.iter_mut().zip(of).for_each(|(s, v)| *s += weight * v);
            add(&mut response, &run_response);
            add(&mut correlation, &run_correlation);
            steps += weight;
        }
        let mean = |sum: Vec<f64>| sum.into_iter().map(|v| v / steps).collect::<Vec<f64>>();
        (steps > 0.0).then(|| Self::solve(&mean(response), &mean(correlation)))?
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::fixture::{Chance, Law, days};

    const N: usize = 30;

    /// Fades as a power of the lag, and stays from N on.
    fn kernel(lag: usize) -> f64 {
        2.0 * (lag.min(N) as f64).powf(-0.4)
    }

    /// Signs that repeat the one before with probability (1 + rho)/2 have C(n) = rho^n.
    const RHO: f64 = 0.6;

    #[test]
    fn a_known_propagator_is_solved_for_exactly() {
        let correlation: Vec<f64> = (1..=N as i32).map(|n| RHO.powi(n)).collect();
        let c = |n: usize| correlation.get(n - 1).copied().unwrap_or(0.0);
        let response = |l: usize| {
            let within: f64 = (1..l).map(|n| kernel(l - n) * c(n)).sum();
            let before: f64 = (1..=N).map(|n| (kernel(l + n) - kernel(n)) * c(n)).sum();
            kernel(l) + within + before
        };
        let responses: Vec<f64> = (1..=N).map(response).collect();
        let found = Propagator::solve(&responses, &correlation).expect("one answer");
        found.kernel.iter().enumerate().for_each(|(i, g)| assert!((g - kernel(i + 1)).abs() < 1e-10));
    }

    #[test]
    fn a_simulated_propagator_is_recovered() {
        let (steps, mut chance) = (200_000, Chance::new(7));
        let (mut signs, mut sign) = (Vec::with_capacity(steps), 1.0);
        for _ in 0..steps {
            sign *= if chance.uniform() < (1.0 + RHO) / 2.0 { 1.0 } else { -1.0 };
            signs.push(sign);
        }
        // The permanent part adds up for ever; only the fading part needs the sum over lags.
        let (stays, mut prices, mut total) = (kernel(N), Vec::with_capacity(steps), 0.0);
        for t in 0..steps {
            let fading: f64 = (1..N.min(t + 1)).map(|lag| (kernel(lag) - stays) * signs[t - lag]).sum();
            prices.push(stays * total + fading);
            total += signs[t];
        }
        let (response, correlation) = correlate(&signs, &prices, N);
        assert!((correlation[0] - RHO).abs() < 0.01 && (correlation[3] - RHO.powi(4)).abs() < 0.015);
        let found = Propagator::solve(&response, &correlation).expect("one answer");
        for (index, g) in found.kernel.iter().enumerate() {
            assert!((g - kernel(index + 1)).abs() < 0.06, "G({}) {g}", index + 1);
        }
        let gone = found.gone_after(4).expect("it fades");
        let expected = (kernel(1) - kernel(5)) / (kernel(1) - kernel(N));
        assert!((gone - expected).abs() < 0.04, "{gone} {expected}");
    }

    #[test]
    fn a_tape_of_temporary_impact_fades_at_once() {
        let law = Law { gamma: 30.0, eta: 0.06, beta: 0.5, noise_bps: 30.0, sigma_bps: 100.0 };
        let days = days(20, 3, law);
        let tape = Propagator::of_tape(&days, days[19].session.close).expect("days");
        assert!(tape.kernel[0] > 2.0 * tape.kernel[3] && tape.kernel[3] > 0.0, "{tape:?}");
        assert!(tape.gone_after(1).expect("it fades") > 0.8, "{tape:?}");
        assert_eq!(Propagator::of_tape(&days, Nanos(0)), None);
    }

    #[test]
    fn bars_on_both_sides_of_a_gap_are_no_neighbours() {
        let law = Law { gamma: 30.0, eta: 0.06, beta: 0.5, noise_bps: 30.0, sigma_bps: 100.0 };
        let mut gapped = days(1, 3, law);
        let end = gapped[0].session.close;
        let (mut first, mut last) = (gapped.clone(), gapped.clone());
        first[0].bars.truncate(200);
        last[0].bars.drain(..=200);
        let apart: Vec<Day> = first.into_iter().chain(last).collect();
        gapped[0].bars[200].mid_open_usd = None;
        let found = Propagator::of_tape(&gapped, end).expect("two runs");
        assert_eq!(Some(&found), Propagator::of_tape(&apart, end).as_ref());
        for bar in gapped[0].bars.iter_mut().step_by(2 * TAPE_LAGS) {
            bar.mid_open_usd = None;
        }
        assert_eq!(Propagator::of_tape(&gapped, end), None, "no run is long enough");
    }

    #[test]
    fn without_fading_or_without_flow_nothing_is_said() {
        let flat = Propagator { kernel: vec![1.0; 4] };
        assert_eq!(flat.gone_after(2), None);
        assert_eq!(Propagator { kernel: vec![] }.gone_after(0), None);
    }
}
