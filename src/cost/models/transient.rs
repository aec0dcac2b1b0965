//! The temporary part of impact, fitted on what the permanent part leaves of the price changes.
//!
//! While flow runs at participation p, the mid stands eta sigma sign(p)|p|^beta away from where it stays, and goes
//! back once the flow stops: y_t - gamma x_t = c + eta (f(p_t) - f(p_{t-1})) + e, f(p) = sign(p)|p|^beta, y over
//! sigma. For each beta of a grid from 0.3 to 1 eta is least squares; the beta that leaves least is taken. Errors:
//! jackknife over days, or over tenths of the tape when there are fewer than ten days.

use super::calibrate::Observation;
use super::tape_model::jackknife_error;

/// Betas tried: from, to and how many between.
const BETA_FROM: f64 = 0.3;
const BETA_TO: f64 = 1.0;
const BETA_STEPS: u32 = 35;
/// Fewest blocks of the jackknife.
const BLOCKS_MIN: usize = 10;

/// The fitted temporary part.
#[derive(Clone, Debug)]
pub(in crate::cost) struct Transient {
    pub eta: f64,
    pub eta_error: f64,
    pub beta: f64,
    pub beta_error: Option<f64>,
    /// (eta, beta) without each block in turn.
    pub left_out: Vec<(f64, f64)>,
    pub r2: Option<f64>,
}

/// Sums over a block of observations, from which a line with an intercept follows.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, x: f64, y: f64) {
        self.n += 1.0;
        self.x += x;
        self.y += y;
        self.xx += x * x;
        self.xy += x * y;
    }

    fn plus(self, other: Self, sign: f64) -> Self {
        Self {
            n: self.n + sign * other.n,
            x: self.x + sign * other.x,
            y: self.y + sign * other.y,
            xx: self.xx + sign * other.xx,
            xy: self.xy + sign * other.xy,
        }
    }

    /// Slope, and the sum of squares it explains.
    fn line(self) -> (f64, f64) {
        let (xx, xy) = (self.xx - self.x * self.x / self.n, self.xy - self.x * self.y / self.n);
        if xx > 0.0 { (xy / xx, xy * xy / xx) } else { (0.0, 0.0) }
    }
}

/// Fits eta and beta, given gamma: the estimate, 0 where that is below zero.
pub(in crate::cost) fn fit(observed: &[Observation], gamma: f64) -> Transient {
    let remainder: Vec<f64> = observed.iter().map(|o| o.change - gamma * o.flows[0]).collect();
    let block = blocks(observed);
    let count = block.iter().max().map_or(0, |last| last + 1);
    let betas: Vec<f64> = (0..=BETA_STEPS).map(beta_at).collect();
    let sums: Vec<Vec<Sums>> = betas
        .iter()
        .map(|beta| {
            let mut sums = vec![Sums::default(); count];
            for ((o, y), block) in observed.iter().zip(&remainder).zip(&block) {
                sums[*block].add(shape(o.participation[0], *beta) - shape(o.participation[1], *beta), *y);
            }
            sums
        })
        .collect();
    let without = |left_out: Option<usize>| {
        let lines = sums.iter().zip(&betas).map(|(sums, beta)| {
            let total = sums.iter().fold(Sums::default(), |total, block| total.plus(*block, 1.0));
            let (eta, explained) = left_out.map_or(total, |i| total.plus(sums[i], -1.0)).line();
            (eta, *beta, explained)
        });
        // A slope below zero is no impact: such a beta wins only when all are so.
        lines
            .max_by(|a, b| (a.0 > 0.0).cmp(&(b.0 > 0.0)).then(a.2.total_cmp(&b.2)))
            .unwrap_or((0.0, 1.0, 0.0))
    };
    let (eta, beta, explained) = without(None);
    let left_out: Vec<(f64, f64)> = (0..count).map(|i| without(Some(i))).map(|(e, b, _)| (e, b)).collect();
    let mean = remainder.iter().sum::<f64>() / remainder.len() as f64;
    let total: f64 = remainder.iter().map(|y| (y - mean) * (y - mean)).sum();
    let error = |of: fn(&(f64, f64)) -> f64| jackknife_error(&left_out.iter().map(of).collect::<Vec<f64>>());
    Transient {
        eta,
        eta_error: error(|(eta, _)| *eta),
        beta,
        beta_error: (beta > BETA_FROM && beta < BETA_TO).then(|| error(|(_, beta)| *beta)),
        r2: (total > 0.0).then(|| explained / total),
        left_out,
    }
}

fn beta_at(step: u32) -> f64 {
    let part = f64::from(step) / f64::from(BETA_STEPS);
    BETA_FROM * (1.0 - part) + BETA_TO * part
}

fn shape(participation: f64, beta: f64) -> f64 {
    participation.signum() * participation.abs().powf(beta)
}

/// Which block each observation is in: its day, or its tenth of the tape.
fn blocks(observed: &[Observation]) -> Vec<usize> {
    let mut days: Vec<usize> = observed.iter().map(|o| o.day).collect();
    days.dedup();
    if days.len() >= BLOCKS_MIN {
        return observed.iter().map(|o| days.partition_point(|day| *day < o.day)).collect();
    }
    (0..observed.len()).map(|i| i * BLOCKS_MIN / observed.len()).collect()
}
