//! Events to rows: when a book is whole, what its top then is, and which trades there were.
//!
//! **Events.** One thing that happens at a venue may take several records; the flag `F_LAST` closes it, and only then
//! is the book whole. Where it stands in a record that this schema leaves out, the instrument's next time closes it.
//! A state is told by records of `mbp-1` and `bbo` each time, by `mbp-10` and `mbo` when the top has changed;
//! where more levels are wanted, when one of those has.
//!
//! **Trades.** Action `T`, with the aggressor's side. An `F` is the same trade as the resting order had it: no second
//! one. Where a record of a trade shows the top of the book, that is the book before the trade. If it differs from
//! what was told last (in `tbbo`, which has trades only, it mostly does) it is told as of a nanosecond before, so that
//! it is in force for its trade though quotes of a trade's own stamp are not; several trades of one stamp all have the
//! state before the first.
//!
//! **Snapshots.** A run of records with `F_SNAPSHOT` is a book from nothing: it empties the one there was, so every
//! file stands for itself. It held when it was taken (`ts_recv`), so it is told then, or a nanosecond before the next
//! event, whichever comes first.
//!
//! **Several venues** of an instrument: the best of them all is told, with the sizes at that price added up.
//!
//! **Time.** `ts_event` may run backwards within a symbol, by little, as files are in the order of `ts_recv`. A row's
//! time is then the latest time before it: nothing is told earlier than what came before. Such events are counted.

use std::collections::{BTreeMap, HashMap};

use dbn::{Action, Schema};

use super::event::Event;
use super::venue::Venue;
use crate::book::{Best, Faults, Level, Side};
use crate::ingest::depth::{Deeper, RawDepth, deeper};
use crate::ingest::error::Fault;
use crate::ingest::raw::{RawQuote, RawTick, RawTrade};
use crate::tape::{Nanos, Price, Quote, Size, Trade};

/// A row, and the index of its symbol.
pub type Row = (usize, Told);

/// What a row tells.
pub enum Told {
    /// A quote or a trade.
    Tick(RawTick),
    /// A quote with the levels behind it.
    Depth(Box<RawDepth>),
}

/// The instruments of a file.
pub struct Market {
    schema: Schema,
    /// Levels that are told.
    levels: usize,
    instruments: HashMap<u32, Instrument>,
    /// How far the time of each symbol has come.
    clocks: Vec<Nanos>,
    counted: BTreeMap<&'static str, u64>,
}

/// A state that is to be told, as of when.
#[derive(Clone, Copy)]
struct Stamp {
    symbol: usize,
    ts: Nanos,
    received: Nanos,
    sequence: u64,
}

#[derive(Default)]
struct Instrument {
    venues: Vec<(u16, Venue)>,
    /// An event changed the book and is not closed.
    open: Option<Stamp>,
    /// A snapshot is under way, or complete and not told.
    snapshot: Option<Stamp>,
    /// What was told last; how many orders make it up is not told.
    told: Quote,
    /// The levels told with it.
    told_deeper: Deeper,
}

impl Market {
    /// No instrument yet; so many levels are told, where the schema tells of them.
    pub fn new(schema: Schema, levels: usize) -> Self {
        let levels = if is_of_depth(schema) { levels } else { 1 };
        Self { schema, levels, instruments: HashMap::new(), clocks: Vec::new(), counted: BTreeMap::new() }
    }

    /// Takes an event of a symbol and appends the rows that it gives.
    ///
    /// # Errors
    /// When a trade has no price.
    pub fn take(&mut self, event: &Event, symbol: usize, rows: &mut Vec<Row>) -> Result<(), Fault> {
        self.count(event, symbol);
        let stamp = Stamp { symbol, ts: event.ts, received: event.received, sequence: event.sequence };
        let mut instrument = self.instruments.remove(&event.instrument).unwrap_or_default();
        self.close_what_is_over(&mut instrument, event, rows);
        let taken = match event.action {
            Action::Trade => self.trade(&mut instrument, event, stamp, rows),
            _ => {
                self.change(&mut instrument, event, stamp);
                Ok(())
            }
        };
        if event.flags.is_last() || self.is_sampled() {
            self.tell_open(&mut instrument, rows);
        }
        self.instruments.insert(event.instrument, instrument);
        taken
    }

    /// Tells what is open at the file's end, and gives what was counted.
    pub fn finish(mut self, rows: &mut Vec<Row>) -> BTreeMap<&'static str, u64> {
        let mut instruments: Vec<(u32, Instrument)> = self.instruments.drain().collect();
        instruments.sort_by_key(|(number, _)| *number);
        let (mut faults, mut misfits) = (Faults::default(), 0);
        for (_, mut instrument) in instruments {
            self.tell_open(&mut instrument, rows);
            if let Some(stamp) = instrument.snapshot.take() {
                self.tell(&mut instrument, (stamp, true), rows);
            }
            for (_, venue) in &instrument.venues {
                faults.add(venue.faults().0);
                misfits += venue.faults().1;
            }
        }
        let Faults { unknown_order, duplicate_order, too_much, no_size, unknown_level: _, full } = faults;
        for (name, count) in [
            ("orders that are not in the book", unknown_order),
            ("orders that are in the book already", duplicate_order),
            ("cancellations of more than is left", too_much),
            ("orders without a size", no_size),
            ("orders beyond a full book", full),
            ("orders without a side or price", misfits),
        ] {
            *self.counted.entry(name).or_default() += count;
        }
        self.counted.retain(|_, count| *count > 0);
        self.counted
    }

    /// Whether records are states at the ends of intervals.
    fn is_sampled(&self) -> bool {
        matches!(self.schema, Schema::Bbo1S | Schema::Bbo1M | Schema::Cbbo1S | Schema::Cbbo1M)
    }

    fn count(&mut self, event: &Event, symbol: usize) {
        let action = match event.action {
            Action::Add => "add (A)",
            Action::Cancel => "cancel (C)",
            Action::Clear => "clear (R)",
            Action::Fill => "fill (F)",
            Action::Modify => "modify (M)",
            Action::None => "no action (N)",
            Action::Trade => "trade (T)",
        };
        let flags = event.flags;
        let is_late = !flags.is_snapshot() && self.clocks.get(symbol).is_some_and(|clock| event.ts < *clock);
        for (name, is_there) in [
            (action, true),
            ("F_SNAPSHOT", flags.is_snapshot()),
            ("F_BAD_TS_RECV", flags.is_bad_ts_recv()),
            ("F_MAYBE_BAD_BOOK", flags.is_maybe_bad_book()),
            ("times that ran backwards", is_late),
        ] {
            if is_there {
                *self.counted.entry(name).or_default() += 1;
            }
        }
    }

    /// Tells a snapshot that ended before this event, and an event that no flag has closed.
    fn close_what_is_over(&mut self, instrument: &mut Instrument, event: &Event, rows: &mut Vec<Row>) {
        let is_same = |stamp: &Stamp| event.flags.is_snapshot() && stamp.ts == event.taken();
        if let Some(mut stamp) = instrument.snapshot.take_if(|stamp| !is_same(stamp)) {
            if !event.flags.is_snapshot() {
                stamp.ts = stamp.ts.min(Nanos(event.ts.0 - 1));
            }
            self.tell(instrument, (stamp, true), rows);
        }
        if instrument.open.is_some_and(|open| open.ts != event.ts) {
            self.tell_open(instrument, rows);
        }
    }

    fn change(&mut self, instrument: &mut Instrument, event: &Event, stamp: Stamp) {
        let is_snapshot = event.flags.is_snapshot() && !self.is_sampled();
        let venue = instrument.venue(event.publisher);
        match event.top {
            Some(top) => venue.show(top, event.deeper.as_deref()),
            None => venue.apply(event),
        }
        if is_snapshot {
            instrument.open = None;
            instrument.snapshot = Some(Stamp { ts: event.taken(), ..stamp });
        } else if event.top.is_some() || !matches!(event.action, Action::Fill | Action::None) {
            instrument.open = Some(stamp);
        }
    }

    fn trade(
        &mut self,
        instrument: &mut Instrument,
        event: &Event,
        stamp: Stamp,
        rows: &mut Vec<Row>,
    ) -> Result<(), Fault> {
        let price = event.traded_at()?;
        if let (Some(top), None) = (event.top, instrument.open) {
            instrument.venue(event.publisher).show(top, event.deeper.as_deref());
            if instrument.is_news(self.levels) {
                let is_top = instrument.is_top_news();
                self.tell(instrument, (Stamp { ts: Nanos(stamp.ts.0 - 1), ..stamp }, is_top), rows);
            }
        }
        let ts = self.in_time(stamp);
        let trade = Trade { ts, price, size: event.size, known_side: event.aggressor(), ..Trade::default() };
        let row =
            RawTrade { trade, received: stamp.received, sequence: stamp.sequence, ..RawTrade::default() };
        rows.push((stamp.symbol, Told::Tick(RawTick::Trade(row))));
        Ok(())
    }

    fn tell_open(&mut self, instrument: &mut Instrument, rows: &mut Vec<Row>) {
        let Some(stamp) = instrument.open.take() else { return };
        let Best { bid, ask } = instrument.best();
        if bid.price > ask.price && bid.size > Size(0) && ask.size > Size(0) {
            *self.counted.entry("events that leave the bid above the offer").or_default() += 1;
        }
        // A book of which nothing was told yet is taken for empty.
        if is_of_depth(self.schema) && !instrument.is_news(self.levels) {
            self.in_time(stamp);
            return;
        }
        let is_top = !is_of_depth(self.schema) || instrument.is_top_news();
        self.tell(instrument, (stamp, is_top), rows);
    }

    /// Tells the state; where it is no news at the top, of the levels behind.
    fn tell(&mut self, instrument: &mut Instrument, (stamp, is_top): (Stamp, bool), rows: &mut Vec<Row>) {
        let best = instrument.best();
        instrument.told = instrument.state();
        let ts = self.in_time(stamp);
        let quote = best.quote(ts);
        let quote =
            RawQuote { quote, received: stamp.received, sequence: stamp.sequence, ..RawQuote::default() };
        if self.levels < 2 {
            rows.push((stamp.symbol, Told::Tick(RawTick::Quote(quote))));
            return;
        }
        instrument.told_deeper = instrument.deeper(self.levels);
        let row = RawDepth { quote, deeper: instrument.told_deeper, is_behind: !is_top };
        rows.push((stamp.symbol, Told::Depth(Box::new(row))));
    }

    /// A time that does not run backwards.
    fn in_time(&mut self, stamp: Stamp) -> Nanos {
        if self.clocks.len() <= stamp.symbol {
            self.clocks.resize(stamp.symbol + 1, Nanos(i64::MIN));
        }
        let clock = &mut self.clocks[stamp.symbol];
        *clock = stamp.ts.max(*clock);
        *clock
    }
}

impl Instrument {
    fn venue(&mut self, publisher: u16) -> &mut Venue {
        let at = self.venues.iter().position(|(number, _)| *number == publisher).unwrap_or_else(|| {
            self.venues.push((publisher, Venue::default()));
            self.venues.len() - 1
        });
        &mut self.venues[at].1
    }

    /// Whether the state is not the one told last.
    fn is_top_news(&self) -> bool {
        self.told != self.state()
    }

    /// Whether that, or one of so many levels, is not the one told last.
    fn is_news(&self, levels: usize) -> bool {
        self.is_top_news() || (levels > 1 && self.told_deeper != self.deeper(levels))
    }

    /// The levels of all venues behind the best; sizes at one price add up.
    fn deeper(&self, levels: usize) -> Deeper {
        deeper(levels, |side, n| {
            if let [(_, only)] = &self.venues[..] {
                return only.levels(side, n);
            }
            let mut all: Vec<Level> =
                self.venues.iter().flat_map(|(_, venue)| venue.levels(side, n)).collect();
            all.sort_by_key(|level| if side == Side::Bid { -level.price.0 } else { level.price.0 });
            all.dedup_by(|one, kept| {
                let is_same = one.price == kept.price;
                kept.size.0 += if is_same { one.size.0 } else { 0 };
                is_same
            });
            all.truncate(n);
            all
        })
    }

    /// The best of all venues, as it is told, whenever that is.
    fn state(&self) -> Quote {
        self.best().quote(Nanos(0))
    }

    /// The best of all venues; sizes at one price add up.
    fn best(&self) -> Best {
        let mut tops = self.venues.iter().map(|(_, venue)| venue.best());
        let first = tops.next().unwrap_or_default();
        tops.fold(first, |best, other| Best {
            bid: joined(best.bid, other.bid, |a, b| a > b),
            ask: joined(best.ask, other.ask, |a, b| a < b),
        })
    }
}

/// Whether a schema's records tell of levels behind the best.
pub fn is_of_depth(schema: Schema) -> bool {
    matches!(schema, Schema::Mbo | Schema::Mbp10)
}

/// The better of two levels, or both at one price; price zero is no level.
fn joined(one: Level, other: Level, is_better: fn(Price, Price) -> bool) -> Level {
    match (one.price, other.price) {
        (_, Price(0)) => one,
        (Price(0), _) => other,
        (a, b) if a == b => {
            Level { size: Size(one.size.0 + other.size.0), orders: one.orders + other.orders, ..one }
        }
        (a, b) => {
            if is_better(a, b) {
                one
            } else {
                other
            }
        }
    }
}
