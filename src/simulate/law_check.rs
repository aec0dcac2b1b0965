//! What the law's parameters must satisfy.

use super::error::SimulateError;
use super::law::{GRID_NANOS, HALF_HOUR, LOT, Law, PRICE_END};
use crate::tape::NANOS_PER_SECOND;

/// Trades or flickers of a step at most, so that counting them cannot overflow.
const EVENTS_MAX: u64 = 100_000_000;

/// A parameter's name, its value and what it must be.
type Wrong = (&'static str, String, &'static str);

impl Law {
    /// # Errors
    /// The first parameter that the law cannot have.
    pub(super) fn check(&self) -> Result<(), SimulateError> {
        let shape = || self.concave.and_then(|concave| concave.wrong());
        let wrong = self.wrong_whole().or_else(|| self.wrong_real()).or_else(shape);
        wrong.map_or(Ok(()), |(name, value, wanted)| Err(SimulateError::parameter(name, &value, wanted)))
    }

    fn wrong_whole(&self) -> Option<Wrong> {
        let spread = self.tick.0.checked_mul(self.spread_ticks).unwrap_or(0);
        let (tick, start) = (self.tick.0, self.start_price.0);
        let least_depth = if self.flat_depth { 2 * LOT } else { 4 * LOT };
        let divides = |part: i64, whole: i64| part > 0 && whole % part == 0;
        [
            (
                tick > 0 && tick % GRID_NANOS == 0,
                "tick",
                self.tick.to_string(),
                "a positive multiple of 0.0001 USD",
            ),
            (
                spread > 0 && spread <= 5 * NANOS_PER_SECOND && spread % (2 * GRID_NANOS) == 0,
                "spread_ticks",
                self.spread_ticks.to_string(),
                "positive, at most 5 USD wide, and half of it a multiple of 0.0001 USD",
            ),
            (
                start % GRID_NANOS == 0 && start > 4 * tick && start < PRICE_END,
                "start_price",
                self.start_price.to_string(),
                "a multiple of 0.0001 USD, more than four ticks and less than 1000000 USD",
            ),
            (
                self.trades_per_step <= EVENTS_MAX && self.flickers_per_step <= EVENTS_MAX,
                "trades or flickers per step",
                self.trades_per_step.max(self.flickers_per_step).to_string(),
                "at most 100000000",
            ),
            (
                divides(self.step_ns, HALF_HOUR),
                "step",
                format!("{} ns", self.step_ns),
                "a divisor of half an hour",
            ),
            (
                divides(self.stamp_ns, self.step_ns),
                "stamp",
                format!("{} ns", self.stamp_ns),
                "a divisor of the step",
            ),
            (
                self.depth_shares >= least_depth
                    && self.depth_shares % LOT == 0
                    && self.depth_shares <= 1_000_000_000,
                "depth_shares",
                self.depth_shares.to_string(),
                "whole lots of 100, at least 400 (200 when flat), at most 1000000000",
            ),
        ]
        .into_iter()
        .find(|rule| !rule.0)
        .map(|rule| (rule.1, rule.2, rule.3))
    }

    fn wrong_real(&self) -> Option<Wrong> {
        let (any, amount) = (f64::NEG_INFINITY..f64::INFINITY, 0.0..f64::INFINITY);
        let (chance, correlation) = (0.0..1.0 + f64::EPSILON, 0.0..1.0);
        [
            ("lambda", self.lambda_usd_per_share, any, "a finite number"),
            ("lots_per_trade", self.lots_per_trade, 1.0..1e6, "at least 1 and below 1000000"),
            (
                "flow_autocorrelation",
                self.flow_autocorrelation,
                correlation.clone(),
                "at least 0 and below 1",
            ),
            ("noise_usd", self.noise_usd, amount.clone(), "finite and not negative"),
            ("noise_usd_per_share", self.noise_usd_per_share, amount.clone(), "finite and not negative"),
            ("noise_autocorrelation", self.noise_autocorrelation, correlation, "at least 0 and below 1"),
            ("quote_noise_usd", self.quote_noise_usd, amount, "finite and not negative"),
            ("mis_sign", self.mis_sign, chance.clone(), "between 0 and 1"),
            ("venue_only_share", self.venue_only_share, chance, "between 0 and 1"),
        ]
        .into_iter()
        .find(|rule| !(rule.1.is_finite() && rule.2.contains(&rule.1)))
        .map(|rule| (rule.0, rule.1.to_string(), rule.3))
    }
}
