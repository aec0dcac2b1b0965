//! What the tape tells of a symbol up to a moment: days of bars, reference numbers, the volume curve, the time at hand.

pub(super) mod curve;
pub(super) mod day;
pub(super) mod horizon;
pub(super) mod market;
