//! Limit order books, from what a feed tells of orders or of price levels.
//!
//! In: orders added, reduced, executed, replaced and deleted ([`OrderBook`]), or the size that now rests at a price
//! ([`LevelBook`]). Out: the best bid and offer, and the levels behind them. What cannot be applied changes nothing
//! beyond what its [`Reason`] says and is counted: feeds begin late, lose messages and cross.

mod faults;
mod ladder;
mod level_book;
mod order_book;

#[cfg(test)]
mod tests;

pub use faults::{Faults, Reason};
pub use ladder::{Best, Level, Side};
pub use level_book::LevelBook;
pub use order_book::{Order, OrderBook};
