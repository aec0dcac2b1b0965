//! The signed trades of a step.

use super::dice::Dice;
use super::law::{LOT, Law};
use crate::tape::{Sign, Size};

/// A trade before it has a price and a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// Its aggressor.
    pub(super) sign: Sign,
    /// Its size.
    pub(super) size: Size,
    /// Whether it prints as the other side's.
    pub(super) is_misprinted: bool,
}

/// The chain of trade signs, running through the whole day.
pub(super) struct OrderFlow {
    dice: Dice,
    misprints: Dice,
    last_is_buy: bool,
}

impl OrderFlow {
    /// A chain in its stationary state.
    pub(super) fn new(mut dice: Dice, misprints: Dice) -> Self {
        Self { last_is_buy: dice.coin(), dice, misprints }
    }

    /// Draws a step's trades into `orders`; gives TI, the signed flow in shares.
    pub(super) fn step(&mut self, law: &Law, orders: &mut Vec<Order>) -> i64 {
        orders.clear();
        let drawn = self.dice.below(2 * law.trades_per_step + 1);
        let count = if law.orders_first { law.trades_per_step } else { drawn };
        let mut flow = 0;
        for _ in 0..count {
            if !self.dice.chance(law.flow_autocorrelation) {
                self.last_is_buy = self.dice.coin();
            }
            let sign = if self.last_is_buy { Sign::Buy } else { Sign::Sell };
            let size = Size(LOT * self.dice.geometric(law.lots_per_trade));
            flow += sign.value() * size.0;
            orders.push(Order { sign, size, is_misprinted: self.misprints.chance(law.mis_sign) });
        }
        flow
    }
}
