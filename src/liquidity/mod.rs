//! What trading costs: spreads met by trades, split into what the maker kept and what the price moved.
//!
//! In: the quotes and signed trades of one session in time order. Out: [`Measure`]s. Sums are exact integers;
//! trades without a usable quote in force are left out.

mod effective;
mod realized;

pub use effective::Effective;
pub use realized::{Horizon, Realized};

use crate::flow::Bar;

/// A number with all that is needed to read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What is measured, with its weighting and horizon.
    pub name: String,
    /// The value; `None` when nothing could be measured.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: &'static str,
    /// Observations behind it.
    pub n: u64,
}

/// Time-weighted quoted spread of a session, dollars: usable states by how long they lasted. `whole` is the
/// session as one bar; n counts its states.
#[must_use]
pub fn quoted_spread(whole: &Bar) -> Measure {
    Measure {
        name: "quoted_spread_time_weighted".into(),
        value: whole.spread_tw_usd(),
        unit: "usd",
        n: whole.quotes.unsigned_abs(),
    }
}

/// The mean of an exact sum of half-nano-dollars, dollars.
fn mean_usd(sum_doubled_nanos: i128, count: i128) -> Option<f64> {
    (count != 0).then(|| sum_doubled_nanos as f64 / count as f64 / 1e9)
}
