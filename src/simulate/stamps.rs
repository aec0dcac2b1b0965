//! Distinct, rising stamps for the ticks of a step.

use super::dice::Dice;

/// Tick i of n falls at random in the i-th of n equal parts of the step (equal to a slot). Independent
/// uniform stamps would need sorting and would collide; no result of the law depends on where in its step a
/// tick falls.
pub(super) struct Stamps {
    start: i64,
    stamp_ns: i64,
    slots: u64,
    ticks: u64,
    drawn: u64,
}

impl Stamps {
    /// Stamps from `start` on, `slots` of them `stamp_ns` apart, for so many ticks; none when they do not
    /// fit.
    pub(super) fn new(start: i64, stamp_ns: i64, slots: u64, ticks: u64) -> Option<Self> {
        (ticks <= slots).then_some(Self { start, stamp_ns, slots, ticks, drawn: 0 })
    }

    /// The next stamp, nanoseconds.
    pub(super) fn next(&mut self, dice: &mut Dice) -> i64 {
        let (width, rest) = (self.slots / self.ticks.max(1), self.slots % self.ticks.max(1));
        // The first `rest` parts are one slot wider.
        let edge = |i: u64| i * width + i.min(rest);
        let (first, end) = (edge(self.drawn), edge(self.drawn + 1));
        self.drawn += 1;
        let slot = first + dice.below(end - first);
        self.start + slot as i64 * self.stamp_ns
    }

    /// How many ticks still want a stamp.
    pub(super) fn left(&self) -> u64 {
        self.ticks - self.drawn
    }
}
