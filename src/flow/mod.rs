//! Quotes + signed trades to bars on the clock: order-flow imbalance, trade imbalance, depth, spread, mids.
//!
//! In: the quotes and signed trades of one session in time order. Out: [`Bar`]s of any widths, from one pass over
//! the finest common width. Everything inside a bar is an exact integer, so a coarse bar is the sum of its fine
//! ones whatever the order of addition. Beside the bars, on a clock of their own: [`MarketOrder`]s, regrouped from
//! fills.

mod bar;
mod builder;
mod market_orders;
mod ofi;
mod record;
mod roll;
mod widths;

pub use bar::Bar;
pub use builder::{BarBuilder, FineBars};
pub use market_orders::{MarketOrder, MarketOrders, market_orders};
pub use ofi::order_flow;
pub use record::BarRecord;
pub use roll::Roll;
pub use widths::{WidthError, Widths};
