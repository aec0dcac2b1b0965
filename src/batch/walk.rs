//! The walk: sorted streams merged into the river, one symbol-day after the other.
//!
//! Every stream must ascend by (date, symbol); within a symbol-day the files' rows are merged by time, quotes
//! before trades, then sequence number. Nothing is held but the batches at the front of the streams.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::stream::{Key, Place, Run, Stream};
use crate::ingest::RawRow;
use crate::pipeline::{River, Settings, SymbolDay};
use crate::tape::{Nanos, Session};

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walked {
    /// All streams are at their end.
    Done,
    /// A symbol-day came back after a later one: the streams are not sorted.
    NotSorted,
    /// The receiver of symbol-days asked to stop.
    Stopped,
}

/// Walks the streams; each finished symbol-day of the wanted dates is handed to `each`, ascending, until that
/// says stop.
pub fn walk(
    streams: &mut [Stream<'_>],
    settings: &Settings,
    dates: &RangeInclusive<NaiveDate>,
    mut each: impl FnMut(Key, Session, SymbolDay) -> bool,
) -> Walked {
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
        let session = Session::nyse(key.0, settings.rules.hours);
        let mut river = River::new(settings, session);
        while merge_step(streams, &mut river) {}
        if !each(key, session, river.finish()) {
            return Walked::Stopped;
        }
    }
}

/// Feeds the stream whose row is first, up to the first row of any other; false when the symbol-day is over.
fn merge_step(streams: &mut [Stream<'_>], river: &mut River) -> bool {
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
        Run::Quotes(rows) => feed(rows, bound, |row| river.quote(row)),
        Run::Trades(rows) => feed(rows, bound, |row| river.trade(row)),
    };
    streams[leader].advance(fed);
    fed > 0
}

#[inline]
fn feed<R: RawRow>(rows: &[R], bound: Nanos, mut each: impl FnMut(&R)) -> usize {
    let mut fed = 0;
    for row in rows {
        if fed > 0 && row.ts() >= bound {
            break;
        }
        each(row);
        fed += 1;
    }
    fed
}
