//! The shared words: what every stage of the river speaks in.
//!
//! Prices, sizes and times are exact integers; a float appears only where statistics begin.

mod calendar;
mod identity;
mod session;
mod symbol;
mod tick;
mod units;

pub use calendar::closing_time;
pub use identity::{hex, sha256};
pub use session::{Day, Session, SessionHours, day_bounds, local_date, local_midnight};
pub use symbol::Symbol;
pub use tick::{Quote, Sign, Trade};
pub use units::{NANOS_PER_SECOND, Nanos, Price, Size, UnitError, parse_duration};
