//! One source's events of one session, counted: what is missing, late, out of order, or came twice.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::seen::{FeedStatus, Gaps};
use crate::ingest::Event;
use crate::limits::LIVE_GAPS_LISTED;
use crate::tape::Nanos;

/// The counts.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Feed {
    events: u64,
    /// Events that were there already.
    pub duplicates: u64,
    late: u64,
    out_of_order: u64,
    /// Stretches of numbers that were seen: the last by the first.
    seen: BTreeMap<u64, u64>,
    latest: Option<Nanos>,
    before: Option<Nanos>,
    /// When the last batch became durable.
    pub last_received: Option<Nanos>,
}

impl Feed {
    /// A new event, and whether it came too late for live numbers.
    pub fn event(&mut self, event: &Event, sequenced: bool, is_late: bool) {
        self.events += 1;
        if sequenced {
            self.number(event.sequence());
        }
        if let Some(ts) = event.ts() {
            self.late += u64::from(is_late);
            self.out_of_order += u64::from(!is_late && self.before.is_some_and(|before| ts < before));
            self.before = Some(ts);
            self.latest = self.latest.max(Some(ts));
        }
    }

    fn number(&mut self, number: u64) {
        let before = self.seen.range(..=number).next_back().map(|(first, last)| (*first, *last));
        let first = match before {
            Some((_, last)) if number <= last => return,
            Some((first, last)) if last + 1 == number => first,
            _ => number,
        };
        let behind = number.checked_add(1).and_then(|next| self.seen.remove(&next));
        self.seen.insert(first, behind.unwrap_or(number));
    }

    fn gaps(&self) -> Gaps {
        let behind = self.seen.keys().skip(1);
        let mut gaps = self.seen.values().zip(behind).map(|(last, next)| (last + 1, next - 1));
        let ranges: Vec<_> = gaps.by_ref().take(LIVE_GAPS_LISTED).collect();
        let missing = ranges.iter().copied().chain(gaps).map(|(first, last)| last - first + 1).sum();
        Gaps { missing, ranges }
    }

    /// Events too late, and events out of order.
    pub fn disorder(&self) -> (u64, u64) {
        (self.late, self.out_of_order)
    }

    /// All of it.
    pub fn status(&self, source: &str, date: NaiveDate) -> FeedStatus {
        FeedStatus {
            source: source.to_owned(),
            date,
            events: self.events,
            duplicates: self.duplicates,
            late: self.late,
            out_of_order: self.out_of_order,
            gaps: self.gaps(),
            last_sequence: self.seen.values().next_back().copied(),
            last_event_ts: self.latest,
            last_received: self.last_received,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gaps_are_the_numbers_between_that_are_missing(numbers in prop::collection::vec(0_u64..60, 0..60)) {
            let mut feed = Feed::default();
            let date = NaiveDate::default();
            numbers.iter().for_each(|n| feed.event(&Event::End { date, sequence: *n }, true, false));
            let (low, high) = (numbers.iter().min(), numbers.iter().max());
            let missing: Vec<u64> = low.zip(high).map_or_else(Vec::new, |(low, high)| {
                (*low..*high).filter(|n| !numbers.contains(n)).collect()
            });
            let status = feed.status("a", date);
            prop_assert_eq!(status.gaps.missing, missing.len() as u64);
            prop_assert_eq!(status.last_sequence, high.copied());
            let listed: Vec<u64> = status.gaps.ranges.iter().flat_map(|(a, b)| *a..=*b).collect();
            prop_assert_eq!(&listed[..], &missing[..listed.len()]);
        }
    }
}
