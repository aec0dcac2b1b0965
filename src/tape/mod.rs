//! The shared words: what every stage of the river speaks in.
//!
//! Prices, sizes and times are exact integers; a float appears only where statistics begin.

mod calendar;
mod cme;
mod identity;
mod nyse;
mod session;
mod symbol;
mod tick;
mod units;

pub use calendar::{Calendar, Days, Market, NYSE, local_midnight};
pub use identity::{hex, sha256};
pub use session::Session;
pub use symbol::Symbol;
pub use tick::{Quote, Sign, Trade};
pub use units::{NANOS_PER_SECOND, Nanos, Price, Scale, Size, UnitError, parse_duration};
