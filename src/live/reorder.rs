//! Ticks of one symbol that wait until no earlier one can come. In: ticks as they arrive. Out: the same in the order of
//! time, at equal stamps quotes before trades, then by source, then by its number, then as they arrived.

use std::sync::Arc;

use crate::ingest::{Event, RawQuote, RawTrade};
use crate::tape::Nanos;

/// A quote or a trade.
#[derive(Clone, Copy, Debug)]
pub enum Tick {
    /// A quote.
    Quote(RawQuote),
    /// A trade.
    Trade(RawTrade),
}

/// The place of a tick among a symbol's ticks, but for the order of arrival.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    ts: Nanos,
    is_trade: bool,
    source: Arc<str>,
    number: u64,
}

/// The number of an event among those of its source: ones without come behind those that have one.
#[must_use]
pub fn number_of(event: &Event, sequenced: bool) -> u64 {
    if sequenced { event.sequence() } else { u64::MAX }
}

/// The ticks that wait.
#[derive(Debug)]
pub struct Reorder {
    waiting: Vec<(Place, Tick)>,
    is_sorted: bool,
}

impl Default for Reorder {
    fn default() -> Self {
        Self { waiting: Vec::new(), is_sorted: true }
    }
}

impl Reorder {
    /// A tick arrives; its number by [`number_of`].
    pub fn push(&mut self, tick: Tick, source: &Arc<str>, number: u64) {
        let (ts, is_trade) = match &tick {
            Tick::Quote(row) => (row.quote.ts, false),
            Tick::Trade(row) => (row.trade.ts, true),
        };
        let place = Place { ts, is_trade, source: Arc::clone(source), number };
        self.is_sorted &= self.waiting.last().is_none_or(|(last, _)| *last <= place);
        self.waiting.push((place, tick));
    }

    /// Lets go of the ticks before `until`, in order; gives how many.
    pub fn release(&mut self, until: Nanos, mut each: impl FnMut(&Tick)) -> usize {
        if !self.is_sorted {
            // Keeps the order of arrival where places are equal.
            self.waiting.sort_by(|(a, _), (b, _)| a.cmp(b));
            self.is_sorted = true;
        }
        let due = self.waiting.partition_point(|(place, _)| place.ts < until);
        self.waiting.drain(..due).for_each(|(_, tick)| each(&tick));
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::{Quote, Trade};
    use proptest::prelude::*;

    fn tick(ts: i64, is_trade: bool, id: u64) -> Tick {
        let ts = Nanos(ts);
        if is_trade {
            Tick::Trade(RawTrade {
                trade: Trade { ts, ..Trade::default() },
                sequence: id,
                ..RawTrade::default()
            })
        } else {
            Tick::Quote(RawQuote {
                quote: Quote { ts, ..Quote::default() },
                sequence: id,
                ..RawQuote::default()
            })
        }
    }

    fn id(tick: &Tick) -> u64 {
        match tick {
            Tick::Quote(row) => row.sequence,
            Tick::Trade(row) => row.sequence,
        }
    }

    proptest! {
        /// However releases are placed, what comes out is the sorted whole, and never anything that was not due.
        #[test]
        fn ticks_come_out_in_the_order_of_their_places(
            rows in prop::collection::vec((0_i64..50, any::<bool>(), 0_usize..2, 0_u64..4), 0..80),
            cut in 1_usize..80,
        ) {
            let sources: [Arc<str>; 2] = ["b".into(), "a".into()];
            let mut reorder = Reorder::default();
            let mut found = Vec::new();
            let late = rows.get(cut..).unwrap_or_default().iter().map(|row| row.0).min().unwrap_or(50);
            for (at, (ts, is_trade, source, number)) in rows.iter().enumerate() {
                if at == cut {
                    reorder.release(Nanos(late), |tick| found.push(id(tick)));
                }
                reorder.push(tick(*ts, *is_trade, at as u64), &sources[*source], *number);
            }
            reorder.release(Nanos(i64::MAX), |tick| found.push(id(tick)));
            let mut expected: Vec<usize> = (0..rows.len()).collect();
            expected.sort_by_key(|at| (rows[*at].0, rows[*at].1, sources[rows[*at].2].clone(), rows[*at].3));
            prop_assert_eq!(found, expected.into_iter().map(|at| at as u64).collect::<Vec<_>>());
        }
    }
}
