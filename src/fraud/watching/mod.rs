//! What the tape shows of manipulation: one row of features for every symbol and bin of ten seconds.
//!
//! In: the kept quotes and signed trades of one symbol's session, in time order. Out: a [`FeatureRow`] as each bin
//! ends, but for the first five minutes, in which nothing is known to be usual. A row rests on ticks before its
//! end alone: whatever happens later leaves it as it is, bit for bit.
//!
//! A tape has no accounts and no orders: what is found here resembles a pattern, and is proof of nothing.

mod alarms;
mod feature;
mod path;
mod pattern;
mod prints;
mod resemblance;
mod response;
mod sizes;
mod states;
mod usual;
mod watch;

#[cfg(test)]
mod tests;

pub use alarms::{Alarms, COOLDOWN_SECONDS, ScoredBin, Stretch};
pub use feature::{FEATURE_COUNT, FEATURES, FEATURES_VERSION, FORMULAS, Feature, SCALES, Scale, UNITS};
pub use pattern::Pattern;
pub use resemblance::resembles;
pub use usual::{CLIP, START_UP_BINS, USUAL_BINS};
pub use watch::{BIN_SECONDS, FeatureRow, Watch};
