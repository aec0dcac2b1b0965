//! The probability of informed trading, from days of buy and sell counts.
//!
//! ```text
//! L(B, S) = (1 - a) Po(B; eb) Po(S; es) + a d Po(B; eb) Po(S; es + mu) + a (1 - d) Po(B; eb + mu) Po(S; es)
//! PIN = a mu / (a mu + eb + es)
//! ```
//!
//! a the chance of news on a day, d that news is bad, mu the informed trades of a day with news, eb and es the others'
//! buys and sells. Easley, Kiefer, O'Hara and Paperman, "Liquidity, information, and infrequently traded stocks",
//! Journal of Finance 51 (1996); two rates of the uninformed: Easley, Hvidkjaer and O'Hara, "Is information risk a
//! determinant of asset returns?", Journal of Finance 57 (2002).
//!
//! The likelihood is maximised by EM (Dempster, Laird and Rubin 1977): which kind of day it was, and which of its
//! trades were informed, are what is not seen, and given those every parameter is a mean. Steps stay inside the bounds,
//! never lower the likelihood and need no gradient, which a general optimiser would; SQUAREM (Varadhan and Roland,
//! Scandinavian Journal of Statistics 35, 2008) makes them long. It starts from the grid of Yan and Zhang (Journal of
//! Banking and Finance 36, 2012), since the likelihood has several tops. Errors come from the numerical Hessian.

use super::Estimate;
use super::gmm::{Square, error, inverse};
use super::pin_likelihood::{Day, em_step, log_likelihood};

/// Fewest days that make an estimate.
pub const DAYS_MIN: usize = 10;
/// Rounds that every start is given, and that the best are given in the end.
const ROUNDS_FIRST: usize = 30;
const ROUNDS_LAST: usize = 5_000;
/// Starts that are followed to the end.
const STARTS_KEPT: usize = 5;
/// The change of log likelihood in a round below which nothing more is found, relative.
const TOLERANCE: f64 = 1e-14;

/// The five parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PinParameters {
    /// The chance of news on a day.
    pub a: f64,
    /// The chance that news is bad.
    pub d: f64,
    /// Informed trades on a day with news.
    pub mu: f64,
    /// Uninformed buys a day.
    pub eb: f64,
    /// Uninformed sells a day.
    pub es: f64,
}

impl PinParameters {
    /// The probability that a trade is informed.
    #[must_use]
    pub fn pin(&self) -> f64 {
        let informed = self.a * self.mu;
        informed / (informed + self.eb + self.es)
    }

    pub(super) fn array(&self) -> [f64; 5] {
        [self.a, self.d, self.mu, self.eb, self.es]
    }

    pub(super) fn from_array([a, d, mu, eb, es]: [f64; 5]) -> Self {
        Self { a, d, mu, eb, es }
    }

    pub(super) fn is_inside(&self) -> bool {
        let is_chance = |p: f64| (0.0..=1.0).contains(&p);
        is_chance(self.a) && is_chance(self.d) && self.mu >= 0.0 && self.eb > 0.0 && self.es > 0.0
    }
}

/// The likeliest parameters, and how sure they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pin {
    /// The parameters.
    pub parameters: PinParameters,
    /// Errors of a, d, mu, eb and es; `None` where the likelihood is no peak there, as at a bound.
    pub errors: Option<[f64; 5]>,
    /// The probability of informed trading, its error by the delta method.
    pub pin: f64,
    /// See there.
    pub pin_error: Option<f64>,
    /// The log likelihood there, without the factorials.
    pub log_likelihood: f64,
    /// Days.
    pub days: usize,
}

impl Pin {
    /// A parameter with its error, in the order a, d, mu, eb, es.
    #[must_use]
    pub fn estimate(&self, index: usize) -> Option<Estimate> {
        Some(Estimate { value: *self.parameters.array().get(index)?, error: *self.errors?.get(index)? })
    }
}

/// Estimates from (buys, sells) of each day; `None` below ten days, or without any buy or any sell.
#[must_use]
pub fn pin(counts: &[(u64, u64)]) -> Option<Pin> {
    let days: Vec<Day> = counts.iter().map(|(buys, sells)| Day::of(*buys, *sells)).collect();
    let mean = |of: fn(&Day) -> f64| days.iter().map(of).sum::<f64>() / days.len() as f64;
    if days.len() < DAYS_MIN {
        return None;
    }
    let (buys, sells) = (mean(|day| day.buys), mean(|day| day.sells));
    if buys == 0.0 || sells == 0.0 {
        return None;
    }
    let mut climbed: Vec<(f64, PinParameters)> =
        starts(buys, sells).into_iter().map(|start| climb(&days, start, ROUNDS_FIRST)).collect();
    climbed.sort_by(|one, other| other.0.total_cmp(&one.0));
    climbed.truncate(STARTS_KEPT);
    let ends = climbed.into_iter().map(|(_, start)| climb(&days, start, ROUNDS_LAST));
    let (log_likelihood, parameters) = ends.max_by(|one, other| one.0.total_cmp(&other.0))?;
    let covariance = covariance(&days, &parameters);
    Some(Pin {
        parameters,
        errors: covariance.map(|v| std::array::from_fn(|i| v[i][i].sqrt())),
        pin: parameters.pin(),
        pin_error: covariance.map(|v| error(&v, &pin_gradient(&parameters))),
        log_likelihood,
        days: days.len(),
    })
}

/// Yan and Zhang's grid: a, d and eb's share of all buys each from five values; mu and es so that mean buys and sells
/// are met, where they can be.
fn starts(buys: f64, sells: f64) -> Vec<PinParameters> {
    let grid = [0.1, 0.3, 0.5, 0.7, 0.9];
    let mut found = Vec::with_capacity(125);
    for a in grid {
        for d in grid {
            for share in grid {
                let eb = share * buys;
                let mu = (buys - eb) / (a * (1.0 - d));
                let es = sells - a * d * mu;
                if es > 0.0 {
                    found.push(PinParameters { a, d, mu, eb, es });
                }
            }
        }
    }
    found
}

/// Rounds of SQUAREM: two EM steps tell how far a third may reach; what lowers the likelihood or leaves the bounds
/// gives way to the plain steps.
fn climb(days: &[Day], start: PinParameters, rounds: usize) -> (f64, PinParameters) {
    let (mut at, mut height) = (start, log_likelihood(days, &start));
    for _ in 0..rounds {
        let one = em_step(days, &at);
        let two = em_step(days, &one);
        let (x0, x1, x2) = (at.array(), one.array(), two.array());
        let r: [f64; 5] = std::array::from_fn(|i| x1[i] - x0[i]);
        let v: [f64; 5] = std::array::from_fn(|i| x2[i] - x1[i] - r[i]);
        let norm =
            |of: &[f64; 5]| of.iter().zip(&x0).map(|(c, x)| (c / x.abs().max(1e-9)).powi(2)).sum::<f64>();
        let step = -(norm(&r) / norm(&v).max(f64::MIN_POSITIVE)).sqrt().max(1.0);
        let reached: [f64; 5] = std::array::from_fn(|i| x0[i] - 2.0 * step * r[i] + step * step * v[i]);
        let far = PinParameters::from_array(reached);
        let height_two = log_likelihood(days, &two);
        let far = Some(far).filter(PinParameters::is_inside).map(|far| em_step(days, &far));
        let best =
            far.map(|far| (log_likelihood(days, &far), far)).filter(|(height, _)| *height >= height_two);
        let (height_next, next) = best.unwrap_or((height_two, two));
        let gained = height_next - height;
        (at, height) = (next, height_next);
        if gained.abs() <= TOLERANCE * height.abs() {
            break;
        }
    }
    (height, at)
}

/// The inverse of minus the Hessian, by central differences; `None` at a bound or where it is not positive.
fn covariance(days: &[Day], at: &PinParameters) -> Option<Square<5>> {
    let x = at.array();
    let step: [f64; 5] = std::array::from_fn(|i| 1e-4 * x[i].max(1e-3));
    let value = |shifts: &[(usize, f64)]| {
        let mut moved = x;
        shifts.iter().for_each(|(i, by)| moved[*i] += by * step[*i]);
        let moved = PinParameters::from_array(moved);
        moved.is_inside().then(|| log_likelihood(days, &moved))
    };
    let mut information = [[0.0; 5]; 5];
    for i in 0..5 {
        for j in 0..=i {
            let corner = |by_i: f64, by_j: f64| value(&[(i, by_i), (j, by_j)]);
            let across = corner(1.0, 1.0)? - corner(1.0, -1.0)? - corner(-1.0, 1.0)? + corner(-1.0, -1.0)?;
            information[i][j] = -across / (4.0 * step[i] * step[j]);
            information[j][i] = information[i][j];
        }
    }
    inverse(&information).filter(|v| (0..5).all(|i| v[i][i] > 0.0))
}

fn pin_gradient(at: &PinParameters) -> [f64; 5] {
    let all = at.a * at.mu + at.eb + at.es;
    let uninformed = (at.eb + at.es) / (all * all);
    let by_uninformed = -at.a * at.mu / (all * all);
    [at.mu * uninformed, 0.0, at.a * uninformed, by_uninformed, by_uninformed]
}

#[cfg(test)]
mod tests;
