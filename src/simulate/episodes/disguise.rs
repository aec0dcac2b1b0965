//! How someone who fears to be found would do the same: slower, or in more and smaller parts.
//!
//! Stretched by f, everything takes f times as long. Split into n, each trade is n trades of an n-th of its shares,
//! spread over the time to the next act; and where a size is held up, it is held up n times in a row, by an n-th of
//! what it was raised by. Shares, price effect and volume stay.

use super::script::{Act, Script};
use crate::fraud::watching::Pattern;
use crate::tape::NANOS_PER_SECOND;

/// Slower, and in parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disguise {
    /// How many times as long; at least 1.
    pub stretch: f64,
    /// Parts of each trade and size; at least 1.
    pub split: i64,
}

impl Default for Disguise {
    fn default() -> Self {
        Self { stretch: 1.0, split: 1 }
    }
}

impl Disguise {
    /// The script as it is done.
    pub(super) fn of(&self, pattern: Pattern, script: Script) -> Script {
        if *self == Self::default() {
            return script;
        }
        let stretched = |at: i64| (at as f64 * self.stretch) as i64;
        let acts: Vec<(i64, Act)> = script.acts.iter().map(|(at, act)| (stretched(*at), *act)).collect();
        let mut acts = self.in_parts(&acts);
        if pattern == Pattern::Layering {
            acts = self.repeated(&acts);
        }
        acts.sort_by_key(|(at, _)| *at);
        let mut parameters = script.parameters;
        parameters.insert("stretch", self.stretch);
        parameters.insert("split", self.split as f64);
        Script { acts, side: script.side, parameters }
    }

    fn in_parts(&self, acts: &[(i64, Act)]) -> Vec<(i64, Act)> {
        let n = self.split.max(1);
        let mut made = Vec::new();
        for (index, (at, act)) in acts.iter().enumerate() {
            let next = acts.get(index + 1).map_or(NANOS_PER_SECOND / 10, |(next, _)| next - at);
            let part =
                |part: i64, shares: i64| (at + next * part / n, shares / n + i64::from(part < shares % n));
            match *act {
                Act::Weight { side, times } => {
                    made.push((*at, Act::Weight { side, times: 1.0 + (times - 1.0) / n as f64 }));
                }
                Act::Print { aggressor, shares } => {
                    let parts = (0..n).map(|k| part(k, shares)).filter(|(_, shares)| *shares > 0);
                    made.extend(parts.map(|(at, shares)| (at, Act::Print { aggressor, shares })));
                }
                Act::InsidePrint { aggressor, shares } => {
                    let parts = (0..n).map(|k| part(k, shares)).filter(|(_, shares)| *shares > 0);
                    made.extend(parts.map(|(at, shares)| (at, Act::InsidePrint { aggressor, shares })));
                }
                other => made.push((*at, other)),
            }
        }
        made
    }

    fn repeated(&self, acts: &[(i64, Act)]) -> Vec<(i64, Act)> {
        let length = acts.last().map_or(0, |(at, _)| *at) + 2 * NANOS_PER_SECOND;
        (0..self.split.max(1))
            .flat_map(|k| acts.iter().map(move |(at, act)| (at + k * length, *act)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Sign;

    #[test]
    fn shares_and_undoing_stay() {
        let print = |shares| Act::Print { aggressor: Sign::Buy, shares };
        let weight = |times| Act::Weight { side: Sign::Buy, times };
        let script = Script {
            acts: vec![(0, weight(5.0)), (1_000, print(301)), (2_000, weight(1.0))],
            ..Script::default()
        };
        let done = Disguise { stretch: 3.0, split: 2 }.of(Pattern::Layering, script.clone());
        let expected = [(0, weight(3.0)), (3_000, print(151)), (4_500, print(150)), (6_000, weight(1.0))];
        let again = 6_000 + 2 * NANOS_PER_SECOND;
        let repeated: Vec<_> = expected.iter().map(|(at, act)| (at + again, *act)).collect();
        assert_eq!(done.acts, [expected.as_slice(), repeated.as_slice()].concat());
        assert_eq!(Disguise::default().of(Pattern::Layering, script.clone()), script);
    }
}
