//! Episodes that resemble manipulation, injected into a tape message by message: labels that are known to be true.
//!
//! In: a simulated tape's ticks, or a recorded day's kept quotes and trades. Out: the same with the messages of
//! episodes merged in, and `episodes.json`. Strengths are drawn evenly in their logarithm, over two decades unless told
//! otherwise, so that some episodes cannot be found; times are random, at least five minutes apart and ten after the
//! open. The same seed, symbol and date give the same episodes. After Poutre, Chetelat and Morales (Journal of
//! Financial Data Science 10, 2024), who inject patterns into order books; what a pattern is, see `script.rs`.

mod disguise;
mod everyday;
mod inject;
mod labels;
mod onto;
mod plan;
mod record;
mod script;

#[cfg(test)]
mod tests;

pub use disguise::Disguise;
pub(super) use inject::Injector;
pub use labels::{LabelError, Labels, reaching_into};
pub use onto::onto;
pub use record::{Episode, EpisodeDay, EpisodeFile, FILE_NAME};
pub use script::Scale;

use super::Law;
use super::error::SimulateError;
use super::law::LOT;
use crate::fraud::watching::Pattern;

/// Nothing is injected this long after the open.
pub const WARM_UP_SECONDS: i64 = 600;
/// Least time between two episodes.
pub const GAP_SECONDS: i64 = 300;
/// Strengths unless others are asked for.
pub const STRENGTH: (f64, f64) = (0.1, 10.0);

/// What to inject.
#[derive(Clone, Debug, PartialEq)]
pub struct Injection {
    /// The same seed gives the same episodes.
    pub seed: u64,
    /// Episodes of a symbol-day.
    pub per_day: usize,
    /// The patterns that take turns.
    pub patterns: Vec<Pattern>,
    /// Lowest and highest strength.
    pub strength: (f64, f64),
    /// How it is hidden.
    pub disguise: Disguise,
}

impl Injection {
    /// # Errors
    /// When there is no pattern, or the strengths are no range.
    pub(super) fn check(&self) -> Result<(), SimulateError> {
        let (low, high) = self.strength;
        if !(low > 0.0 && low <= high && high <= 1_000.0) {
            let wanted = "LOW:HIGH with 0 < LOW <= HIGH <= 1000";
            return Err(SimulateError::parameter("strength", &format!("{low}:{high}"), wanted));
        }
        if !(1.0..=10.0).contains(&self.disguise.stretch) || !(1..=10).contains(&self.disguise.split) {
            return Err(SimulateError::parameter("stretch and split", &"out of range", "each 1 to 10"));
        }
        if self.patterns.is_empty() {
            return Err(SimulateError::parameter("patterns", &"empty", "at least one"));
        }
        Ok(())
    }

    pub(super) fn file(&self, days: Vec<(EpisodeDay, Vec<Episode>)>) -> EpisodeFile {
        let (days, episodes): (Vec<_>, Vec<_>) = days.into_iter().unzip();
        EpisodeFile {
            format: 1,
            seed: self.seed,
            patterns: self.patterns.clone(),
            strength: self.strength,
            warm_up_seconds: WARM_UP_SECONDS,
            gap_seconds: GAP_SECONDS,
            days,
            episodes: episodes.into_iter().flatten().collect(),
        }
    }
}

/// A law's own measure of episodes.
pub(super) fn scale_of(law: &Law) -> Scale {
    let trade = law.lots_per_trade * LOT as f64;
    Scale {
        lambda_usd_per_share: law.lambda_usd_per_share,
        shares_per_minute: trade * law.trades_per_step as f64 * 60e9 / law.step_ns as f64,
        trade_shares: (trade.round() as i64).max(1),
        tick_nanos: law.tick.0,
    }
}
