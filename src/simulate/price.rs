//! What the flow of a step does to the mid.

use super::dice::Dice;
use super::law::{GRID_NANOS, Law};

/// The moves of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    /// n_k: ticks by depletion of a queue.
    pub(super) ticks: i64,
    /// e_k: up by the first and down by the second, in units of 1e-4 USD, both positive; none without quote
    /// noise.
    pub(super) wobble: Option<(i64, i64)>,
}

/// The noise of the price, running through the whole day.
pub(super) struct PriceNoise {
    dice: Dice,
    z: f64,
}

impl PriceNoise {
    /// Noise in its stationary state.
    pub(super) fn new(mut dice: Dice) -> Self {
        Self { z: dice.normal(), dice }
    }

    /// Draws the moves of a step with signed flow `flow_shares`, at the day's shape `day`.
    pub(super) fn step(&mut self, law: &Law, flow_shares: i64, day: f64) -> Moves {
        let phi = law.noise_autocorrelation;
        self.z = phi * self.z + (1.0 - phi * phi).sqrt() * self.dice.normal();
        let flow = flow_shares as f64;
        let spread_of_noise = day * (law.noise_usd + law.noise_usd_per_share * flow.abs());
        let share_of_line = law.concave.map_or(1.0, |concave| concave.share_of_line(flow));
        let impact = law.lambda_usd_per_share * flow * share_of_line + spread_of_noise * self.z;
        Moves {
            ticks: self.dice.dither(impact / law.tick.usd()),
            wobble: self.wobble(day * law.quote_noise_usd),
        }
    }

    /// A net move of mean zero, split into a way up and a way down.
    fn wobble(&mut self, deviation_usd: f64) -> Option<(i64, i64)> {
        if deviation_usd <= 0.0 {
            return None;
        }
        let target = deviation_usd * self.dice.normal() * 1e9 / GRID_NANOS as f64;
        let net = self.dice.dither(target);
        let least = 1.max(1_i64.saturating_sub(net));
        let down = least.saturating_add(self.dice.between(0, 3));
        Some((down.saturating_add(net), down))
    }
}
