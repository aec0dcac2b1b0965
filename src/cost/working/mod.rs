//! How to work an order: schedules, timing risk, the optimal horizon, and paper orders that calibrate intervals.

pub(super) mod almgren_chriss;
pub(super) mod optimal;
pub(super) mod paper;
pub(super) mod risk;
pub(super) mod schedule;
