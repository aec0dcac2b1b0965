//! A day's trades to estimates of liquidity that rest on a model: spreads without quotes, what trades tell about the
//! price, how informed they are, and how much of the price's variance is noise.
//!
//! In: [`Trades`] of one session in columns, and the session's [`FineBars`](crate::flow::FineBars). Out:
//! [`Measure`](crate::liquidity::Measure)s. One estimator a file, with its formula and source. Estimators that need
//! many days work on what the `liquidity` table keeps of each.

mod abdi_ranaldo;
mod amihud;
mod bulk;
mod corwin_schultz;
mod day;
mod day_orders;
mod days;
#[cfg(test)]
mod dice;
mod edge;
mod estimate;
mod glosten_harris;
mod gmm;
mod hasbrouck;
mod huang_stoll;
mod kyle_root;
mod madhavan;
mod mean;
mod moments;
mod noise;
mod ohlc;
mod pin;
mod pin_likelihood;
mod realized_variance;
mod roll;
mod trades;
mod variance_ratio;
mod vpin;

pub use abdi_ranaldo::{abdi_ranaldo, abdi_ranaldo_pairs};
pub use amihud::{Period, amihud};
pub use bulk::bulk;
pub use corwin_schultz::corwin_schultz;
pub use day::{Day, Measures};
pub use days::{DayTotals, measures_of_days};
pub use edge::edge;
pub use estimate::Estimate;
pub use glosten_harris::{GlostenHarris, glosten_harris};
pub use hasbrouck::{HORIZON, Hasbrouck, LAGS, Says, Step, hasbrouck, steps};
pub use huang_stoll::{ThreeWays, TwoWays, three_ways, two_ways};
pub use kyle_root::kyle_root;
pub use madhavan::{Madhavan, madhavan};
pub use mean::Mean;
pub use noise::{Noise, noise};
pub use ohlc::{Ohlc, ohlc_bars, ohlc_day};
pub use pin::{DAYS_MIN, Pin, PinParameters, pin};
pub use realized_variance::{RealizedVariance, realized_variance};
pub use roll::{covariance_of_neighbours, roll};
pub use trades::{Order, Print, Trades};
pub use variance_ratio::{VarianceRatio, variance_ratio};
pub use vpin::{BUCKETS, Traded, vpin};

/// sign(x) sqrt(|x|): the root that keeps what noise made negative.
#[must_use]
pub fn signed_root(square: f64) -> f64 {
    square.signum() * square.abs().sqrt()
}
