//! The walk: sorted streams merged into beds, most often rivers, one symbol-day after the other.
//!
//! Every stream must ascend by (date, symbol); within a symbol-day the files' rows are merged by time, quotes
//! before trades, then sequence number. Nothing is held but the batches at the front of the streams.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::stream::{Key, Place, Run, Stream};
use crate::ingest::{DepthTick, RawDepth, RawQuote, RawRow, RawTick, RawTrade};
use crate::pipeline::{River, Settings, SymbolDay};
use crate::tape::{Nanos, Session};

/// What symbol-days are poured into, one after the other, their rows in order.
pub trait Bed {
    /// The rows of a symbol-day follow.
    fn begin(&mut self, key: &Key);
    /// Quotes.
    fn quotes(&mut self, rows: &[RawQuote]);
    /// Trades.
    fn trades(&mut self, rows: &[RawTrade]);
    /// Both, in their order.
    fn ticks(&mut self, rows: &[RawTick]) {
        for row in rows {
            match row {
                RawTick::Quote(row) => self.quotes(std::slice::from_ref(row)),
                RawTick::Trade(row) => self.trades(std::slice::from_ref(row)),
            }
        }
    }
    /// Quotes with the levels behind them.
    fn depths(&mut self, rows: &[RawDepth]) {
        let told = rows.iter().filter(|row| !row.is_behind);
        told.for_each(|row| self.quotes(std::slice::from_ref(&row.quote)));
    }
    /// Both, in their order, with the levels behind the quotes.
    fn depth_ticks(&mut self, rows: &[DepthTick]) {
        for row in rows {
            match row {
                DepthTick::Quote(row) => self.quotes(std::slice::from_ref(row)),
                DepthTick::Depth(row) => self.depths(std::slice::from_ref(row)),
                DepthTick::Trade(row) => self.trades(std::slice::from_ref(row)),
            }
        }
    }
    /// The symbol-day is over; false asks to stop.
    fn end(&mut self, key: Key) -> bool;
}

/// Rivers, one after the other, whose symbol-days somebody takes.
pub struct Rivers<'a, T, F> {
    settings: &'a Settings,
    /// Who takes them.
    pub receiver: T,
    take: &'a F,
    river: Option<(Session, River)>,
}

impl<'a, T, F> Rivers<'a, T, F> {
    /// Dry river beds, whose symbol-days `take` hands to the receiver.
    pub fn new(settings: &'a Settings, receiver: T, take: &'a F) -> Self {
        Self { settings, receiver, take, river: None }
    }
}

impl<T, F: Fn(&mut T, Key, Session, SymbolDay) -> bool> Bed for Rivers<'_, T, F> {
    fn begin(&mut self, key: &Key) {
        let session = self.settings.rules.calendar.session(key.0);
        self.river = Some((session, River::new(self.settings, session)));
    }

    fn quotes(&mut self, rows: &[RawQuote]) {
        if let Some((_, river)) = &mut self.river {
            rows.iter().for_each(|row| river.quote(row));
        }
    }

    fn trades(&mut self, rows: &[RawTrade]) {
        if let Some((_, river)) = &mut self.river {
            rows.iter().for_each(|row| river.trade(row));
        }
    }

    fn depths(&mut self, rows: &[RawDepth]) {
        if let Some((_, river)) = &mut self.river {
            rows.iter().for_each(|row| river.depth(row));
        }
    }

    fn end(&mut self, key: Key) -> bool {
        let river = self.river.take();
        river.is_none_or(|(session, river)| (self.take)(&mut self.receiver, key, session, river.finish()))
    }
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walked {
    /// All streams are at their end.
    Done,
    /// A symbol-day came back after a later one: the streams are not sorted.
    NotSorted,
    /// The bed asked to stop.
    Stopped,
}

/// Walks the streams; each symbol-day of the wanted dates is poured into `bed`, ascending, until that says stop.
pub fn walk(streams: &mut [Stream<'_>], dates: &RangeInclusive<NaiveDate>, bed: &mut impl Bed) -> Walked {
    let mut last: Option<Key> = None;
    loop {
        let Some(key) = streams.iter_mut().filter_map(Stream::key).min() else {
            return Walked::Done;
        };
        if last.as_ref().is_some_and(|last| key <= *last) {
            return Walked::NotSorted;
        }
        streams.iter_mut().for_each(|stream| stream.begin(&key));
        last = Some(key.clone());
        if !dates.contains(&key.0) {
            streams.iter_mut().for_each(Stream::pass_over);
            continue;
        }
        bed.begin(&key);
        while merge_step(streams, bed) {}
        if !bed.end(key) {
            return Walked::Stopped;
        }
    }
}

/// Feeds the stream whose row is first, up to the first row of any other; false when the symbol-day is over.
fn merge_step(streams: &mut [Stream<'_>], bed: &mut impl Bed) -> bool {
    let mut first: Option<(Place, usize)> = None;
    let mut second: Option<(Place, usize)> = None;
    for (index, stream) in streams.iter_mut().enumerate() {
        let Some(place) = stream.first() else {
            continue;
        };
        let candidate = Some((place, index));
        if first.is_none() || candidate < first {
            second = first;
            first = candidate;
        } else if second.is_none() || candidate < second {
            second = candidate;
        }
    }
    let Some((_, leader)) = first else {
        return false;
    };
    // The leader's first row goes in any case; behind it, those before the stamp at which another may come.
    let bound = second.map_or(Nanos(i64::MAX), |((ts, ..), _)| ts);
    let fed = match streams[leader].run() {
        Run::Empty => 0,
        Run::Quotes(rows) => {
            let fed = fitting(rows, bound);
            bed.quotes(&rows[..fed]);
            fed
        }
        Run::Trades(rows) => {
            let fed = fitting(rows, bound);
            bed.trades(&rows[..fed]);
            fed
        }
        Run::Ticks(rows) => {
            let fed = fitting(rows, bound);
            bed.ticks(&rows[..fed]);
            fed
        }
        Run::Depths(rows) => {
            let fed = fitting(rows, bound);
            bed.depths(&rows[..fed]);
            fed
        }
        Run::DepthTicks(rows) => {
            let fed = fitting(rows, bound);
            bed.depth_ticks(&rows[..fed]);
            fed
        }
    };
    streams[leader].advance(fed);
    fed > 0
}

/// How many rows go before the bound: the first in any case.
#[inline]
fn fitting<R: RawRow>(rows: &[R], bound: Nanos) -> usize {
    let behind = rows.iter().skip(1).take_while(|row| row.ts() < bound).count();
    rows.len().min(behind + 1)
}
