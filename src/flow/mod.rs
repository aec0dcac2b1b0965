//! Quotes + signed trades to bars on the clock: order-flow imbalance, trade imbalance, depth, spread, mids.
//!
//! In: the quotes and signed trades of one session in time order. Out: [`Bar`]s of any widths, from one pass over
//! the finest common width. Everything inside a bar is an exact integer, so a coarse bar is the sum of its fine
//! ones whatever the order of addition. Beside the bars, on clocks of their own: [`Bucket`]s of trading, and
//! [`MarketOrder`]s, regrouped from fills.

mod bar;
mod bucketing;
mod buckets;
mod builder;
mod fill;
mod levels;
mod market_orders;
mod ofi;
mod record;
mod roll;
mod widths;

pub use bar::Bar;
pub use bucketing::{BucketKind, Bucketing, BucketingError, Bucketings};
pub use buckets::{Bucket, BucketBuilder, Buckets};
pub use builder::{BarBuilder, FineBars};
pub use fill::Fill;
pub use levels::{LevelFlow, LevelsBuilder, scaled_flows};
pub use market_orders::{MarketOrder, MarketOrders, market_orders};
pub use ofi::order_flow;
pub use record::BarRecord;
pub use roll::Roll;
pub use widths::{WidthError, Widths};
