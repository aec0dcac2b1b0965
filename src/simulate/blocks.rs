//! Blocks of changes of the best bid and offer, each of known imbalance.
//!
//! Between blocks of changes both queues hold D shares. With e the imbalance of a change, as in
//! [`crate::flow`] (a higher bid counts its queue, a gone ask the queue it had):
//!
//! ```text
//! depletion up   ask eaten to y < D; both prices one tick up, bid queue p > D, ask D; bid queue back to D
//!                e = (D - y) + (p + y) - (p - D) = 2 D;  a depletion down is its mirror image, e = -2 D
//! wobble         both prices up by s1, down by s2, queues D: e = 2 D - 2 D = 0, the mid moves by s1 - s2
//! flicker        one or both queues leave D and come back: e sums to 0
//! new depth      both queues change alike: e = (D' - D) - (D' - D) = 0
//! ```

use std::collections::VecDeque;

use super::dice::Dice;

/// One change of state: how far both prices go, in grid units, and what the queues hold then, in lots.
#[derive(Clone, Copy)]
pub(super) struct Change {
    pub(super) up: i64,
    pub(super) bid_lots: i64,
    pub(super) ask_lots: i64,
}

impl Change {
    /// A change of sizes alone.
    pub(super) fn still(bid_lots: i64, ask_lots: i64) -> Self {
        Self { up: 0, bid_lots, ask_lots }
    }
}

/// A queue is eaten and both prices move `tick` away from it.
pub(super) fn depletion(depth: i64, tick: i64, is_up: bool, dice: &mut Dice, to: &mut VecDeque<Change>) {
    let (eaten, grown) = (dice.between(1, depth - 1), dice.between(depth + 1, 2 * depth - 1));
    if is_up {
        to.push_back(Change::still(depth, eaten));
        to.push_back(Change { up: tick, ..Change::still(grown, depth) });
    } else {
        to.push_back(Change::still(eaten, depth));
        to.push_back(Change { up: -tick, ..Change::still(depth, grown) });
    }
    to.push_back(Change::still(depth, depth));
}

/// Both prices go up by `up` and down by `down`, in either order.
pub(super) fn wobble(depth: i64, up: i64, down: i64, dice: &mut Dice, to: &mut VecDeque<Change>) {
    let (first, last) = if dice.coin() { (up, -down) } else { (-down, up) };
    for up in [first, last] {
        to.push_back(Change { up, ..Change::still(depth, depth) });
    }
}

/// One queue or both change size for a while.
pub(super) fn flicker(depth: i64, dice: &mut Dice, to: &mut VecDeque<Change>) {
    // Uniform on 1, ..., 2 D - 1 without D: the mean is D, so that flickers leave the mean depth where it is.
    let mut other = || {
        let lots = dice.between(1, 2 * depth - 2);
        lots + i64::from(lots >= depth)
    };
    let (bid_lots, ask_lots) = (other(), other());
    let (bid_lots, ask_lots) = match dice.below(3) {
        0 => (bid_lots, depth),
        1 => (depth, ask_lots),
        _ => (bid_lots, ask_lots),
    };
    to.push_back(Change::still(bid_lots, ask_lots));
    to.push_back(Change::still(depth, depth));
}
