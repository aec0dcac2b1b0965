//! The episode layer: bins whose scores reach the threshold, merged into stretches that a person looks at once.
//!
//! In: scored bins in order of time. Out: [`Stretch`]es. An alarm joins the stretch under way when it begins at most
//! [`COOLDOWN_SECONDS`] after the last alarm's end; else it begins another. A stretch is told once it can grow no more.

use crate::tape::{NANOS_PER_SECOND, Nanos};

/// An alarm this long after the last one belongs to the same stretch.
pub const COOLDOWN_SECONDS: i64 = 60;

/// A bin's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredBin {
    /// First nanosecond inside.
    pub start: Nanos,
    /// First nanosecond after.
    pub end: Nanos,
    /// The score.
    pub score: f64,
}

/// Alarms that belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Beginning of the first alarm's bin.
    pub start: Nanos,
    /// End of the last alarm's bin.
    pub end: Nanos,
    /// Beginning of the bin with the highest score, the first of them.
    pub peak: Nanos,
    /// That score.
    pub score: f64,
    /// How many alarms.
    pub alarms: u32,
}

/// Merges one symbol's alarms.
#[derive(Clone, Copy, Debug)]
pub struct Alarms {
    threshold: f64,
    open: Option<Stretch>,
}

impl Alarms {
    /// Scores of at least `threshold` are alarms.
    #[must_use]
    pub fn new(threshold: f64) -> Self {
        Self { threshold, open: None }
    }

    /// The next bin; gives the stretch that it shows to be over.
    pub fn bin(&mut self, bin: &ScoredBin) -> Option<Stretch> {
        let over = self.open.take_if(|open| bin.start.0 > open.end.0 + COOLDOWN_SECONDS * NANOS_PER_SECOND);
        if bin.score >= self.threshold {
            let new =
                Stretch { start: bin.start, end: bin.end, peak: bin.start, score: bin.score, alarms: 0 };
            let open = self.open.get_or_insert(new);
            open.end = bin.end;
            open.alarms += 1;
            if bin.score > open.score {
                (open.peak, open.score) = (bin.start, bin.score);
            }
        }
        over
    }

    /// The session is over: the stretch under way.
    #[must_use]
    pub fn finish(self) -> Option<Stretch> {
        self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bins(scores: &[f64]) -> Vec<ScoredBin> {
        let at = |k: usize| Nanos(k as i64 * 10 * NANOS_PER_SECOND);
        scores
            .iter()
            .enumerate()
            .map(|(k, s)| ScoredBin { start: at(k), end: at(k + 1), score: *s })
            .collect()
    }

    fn stretches(scores: &[f64]) -> Vec<Stretch> {
        let mut alarms = Alarms::new(0.5);
        let mut found: Vec<Stretch> = bins(scores).iter().filter_map(|bin| alarms.bin(bin)).collect();
        found.extend(alarms.finish());
        found
    }

    #[test]
    fn alarms_within_the_cooldown_are_one_stretch() {
        let mut scores = vec![0.0; 40];
        for (at, score) in [(3, 0.6), (4, 0.9), (11, 0.5), (19, 0.7)] {
            scores[at] = score;
        }
        let found = stretches(&scores);
        let told: Vec<(i64, i64, i64, u32)> = found
            .iter()
            .map(|s| {
                (s.start.0 / 10_000_000_000, s.end.0 / 10_000_000_000, s.peak.0 / 10_000_000_000, s.alarms)
            })
            .collect();
        // From the end of bin 4 to the start of 11 are 60 s, from that of 11 to that of 19 are 70.
        assert_eq!(told, [(3, 12, 4, 3), (19, 20, 19, 1)]);
        assert_eq!((found[0].score, found[1].score), (0.9, 0.7));
    }

    proptest! {
        /// Every alarm is in exactly one stretch, and stretches are farther apart than the cooldown.
        #[test]
        fn stretches_part_the_alarms(scores in prop::collection::vec(0.0_f64..0.6, 0..200)) {
            let found = stretches(&scores);
            let alarms = scores.iter().filter(|s| **s >= 0.5).count();
            prop_assert_eq!(found.iter().map(|s| s.alarms as usize).sum::<usize>(), alarms);
            for pair in found.windows(2) {
                prop_assert!(pair[1].start.0 - pair[0].end.0 > COOLDOWN_SECONDS * NANOS_PER_SECOND);
            }
            for bin in bins(&scores).iter().filter(|bin| bin.score >= 0.5) {
                prop_assert!(found.iter().any(|s| s.start <= bin.start && bin.end <= s.end && s.score >= bin.score));
            }
        }
    }
}
