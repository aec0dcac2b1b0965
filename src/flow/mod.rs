//! Quotes + signed trades to bars on the clock: order-flow imbalance, trade imbalance, depth, spread, mids.
//!
//! In: the quotes and signed trades of one session in time order. Out: [`Bar`]s of any widths, from one pass over
//! the finest common width. Everything inside a bar is an exact integer, so a coarse bar is the sum of its fine
//! ones whatever the order of addition.

mod bar;
mod builder;
mod ofi;
mod record;
mod widths;

pub use bar::Bar;
pub use builder::{BarBuilder, FineBars};
pub use ofi::order_flow;
pub use record::BarRecord;
pub use widths::{WidthError, Widths};
