//! One session under way: its symbols, how far time has come in it, and what its feeds sent.
//!
//! In: chunks of the journal, in its order. Out: news. The watermark lies `lateness` behind the latest tick; what is
//! before it has gone through the river in order, and a tick that arrives from before it is late: counted, left out of
//! live numbers, and in the tables that are written when the session is over. So the news depend on the ticks and the
//! order of their arrival, and on nothing else: not on how they were cut into batches, and on no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use super::feed::Feed;
use super::forecasts::Trained;
use super::lane::{Lane, LaneError, Making};
use super::message::{News, SessionState};
use super::reorder::{Tick, number_of};
use super::seen::{FeedStatus, SessionStatus};
use crate::ingest::Event;
use crate::limits::{LIVE_BARS_MAX, LIVE_SYMBOLS_MAX, LIVE_WAITING_MAX};
use crate::store::ledger::Chunk;
use crate::tape::{Nanos, Session, Symbol};

/// What all sessions together hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    /// Ticks that wait for their watermarks.
    pub waiting: usize,
    /// Symbols that are followed.
    pub symbols: usize,
}

/// One session.
#[derive(Debug)]
pub struct Day {
    session: Session,
    lateness: i64,
    state: SessionState,
    latest: Option<Nanos>,
    watermark: Option<Nanos>,
    lanes: Vec<Lane>,
    /// Where a symbol's lane is; none for one that is not followed.
    places: HashMap<Symbol, Option<usize>>,
    feeds: BTreeMap<Arc<str>, Feed>,
    waiting: usize,
    late: u64,
    /// Ticks of the session that came after its end.
    behind: u64,
    /// How often its end was told.
    ends: u64,
    /// The journal position of its last chunk.
    position: u64,
    trained: Trained,
}

/// What a landing writes down of a session, from which it goes on after a restart.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct DayRecord {
    /// The journal position of the last chunk in the tables.
    pub position: u64,
    /// Ticks too late for live numbers.
    pub late: u64,
    /// The feeds, by source.
    pub feeds: BTreeMap<String, Feed>,
}

impl Day {
    /// A session without ticks.
    pub fn new(session: Session, lateness: i64, trained: Trained) -> Self {
        Self {
            session,
            lateness,
            state: SessionState::Open,
            latest: None,
            watermark: None,
            lanes: Vec::new(),
            places: HashMap::new(),
            feeds: BTreeMap::new(),
            waiting: 0,
            late: 0,
            behind: 0,
            ends: 0,
            position: 0,
            trained,
        }
    }

    /// A session whose tables have landed.
    pub fn landed(session: Session, trained: Trained, record: DayRecord) -> Self {
        let mut day = Self::new(session, 0, trained);
        day.state = SessionState::Landed;
        day.watermark = Some(Nanos(i64::MAX));
        (day.position, day.late) = (record.position, record.late);
        day.feeds = record.feeds.into_iter().map(|(source, feed)| (source.into(), feed)).collect();
        day
    }

    /// Takes a chunk; `wanted` tells which symbols are looked at.
    pub fn take(
        &mut self,
        chunk: &Chunk,
        making: &Making,
        wanted: &dyn Fn(&str) -> bool,
        held: &mut Held,
        out: &mut Vec<News>,
    ) -> Result<(), LaneError> {
        self.position = chunk.position;
        let source: Arc<str> = chunk.source.as_str().into();
        let mut feed = self.feeds.remove(&source).unwrap_or_default();
        let mut places: Vec<Option<Option<usize>>> = vec![None; chunk.symbols.len()];
        for event in &chunk.events {
            let (tick, symbol) = match event {
                Event::Quote(row) => (Tick::Quote(*row), row.symbol as usize),
                Event::Trade(row) => (Tick::Trade(*row), row.symbol as usize),
                Event::End { .. } => {
                    feed.event(event, chunk.sequenced, false);
                    self.ends += 1;
                    self.end(held, out)?;
                    continue;
                }
            };
            let ts = event.ts().unwrap_or_default();
            let is_late = self.is_late(ts);
            feed.event(event, chunk.sequenced, is_late);
            if is_late || self.state != SessionState::Open {
                self.late += u64::from(is_late);
                self.behind += u64::from(self.state != SessionState::Open && ts < self.session.close);
                continue;
            }
            let place = match places[symbol] {
                Some(place) => place,
                None => *places[symbol].insert(self.place(&chunk.symbols[symbol], making, wanted, held)?),
            };
            if let Some(lane) = place.map(|place| &mut self.lanes[place]) {
                lane.push(tick, &source, number_of(event, chunk.sequenced));
                self.waiting += 1;
                held.waiting += 1;
            }
            self.reach(ts, held, out)?;
        }
        feed.duplicates += chunk.duplicates;
        self.feeds.insert(source, feed);
        self.flow(held, out)
    }

    /// Whether a tick comes too late; behind an end that is over, what lies after the close is not.
    fn is_late(&self, ts: Nanos) -> bool {
        self.watermark.is_some_and(|watermark| ts < watermark)
            && (self.state == SessionState::Open || ts < self.session.close)
    }

    /// A symbol's lane, where it is followed.
    fn place(
        &mut self,
        symbol: &Symbol,
        making: &Making,
        wanted: &dyn Fn(&str) -> bool,
        held: &mut Held,
    ) -> Result<Option<usize>, LaneError> {
        if let Some(place) = self.places.get(symbol) {
            return Ok(*place);
        }
        let bars = (self.session.length() / making.settings.widths.divisor()).max(1) as usize;
        let has_room = held.symbols < LIVE_SYMBOLS_MAX.min(LIVE_BARS_MAX / bars);
        let place = (has_room && wanted(symbol.as_str())).then_some(self.lanes.len());
        if place.is_some() {
            self.lanes.push(Lane::new(symbol.clone(), self.session, making, &self.trained)?);
            held.symbols += 1;
        }
        self.places.insert(symbol.clone(), place);
        Ok(place)
    }

    /// A tick at `ts` has come: the watermark follows, and may pass the session's end. Where too many wait, what waits
    /// goes on at once, and what is earlier than that is late.
    fn reach(&mut self, ts: Nanos, held: &mut Held, out: &mut Vec<News>) -> Result<(), LaneError> {
        let latest = self.latest.map_or(ts, |latest| latest.max(ts));
        self.latest = Some(latest);
        let watermark = Nanos(latest.0 - self.lateness);
        self.watermark = self.watermark.max(Some(watermark));
        if watermark.0 >= self.session.close.0 + self.lateness {
            return self.end(held, out);
        }
        if held.waiting > LIVE_WAITING_MAX {
            self.flow(held, out)?;
            if held.waiting > LIVE_WAITING_MAX {
                self.watermark = Some(Nanos(latest.0 + 1));
                self.flow(held, out)?;
            }
        }
        Ok(())
    }

    /// What lies before the watermark flows.
    fn flow(&mut self, held: &mut Held, out: &mut Vec<News>) -> Result<(), LaneError> {
        let Some(watermark) = self.watermark.filter(|_| self.state == SessionState::Open) else {
            return Ok(());
        };
        for lane in &mut self.lanes {
            let released = lane.advance(watermark, out)?;
            self.waiting -= released;
            held.waiting -= released;
        }
        Ok(())
    }

    /// The session is over.
    fn end(&mut self, held: &mut Held, out: &mut Vec<News>) -> Result<(), LaneError> {
        if self.state != SessionState::Open {
            return Ok(());
        }
        self.watermark = Some(Nanos(i64::MAX));
        self.flow(held, out)?;
        self.state = SessionState::Ended;
        out.push(News::Session { date: self.session.date, state: self.state });
        Ok(())
    }

    /// A chunk became durable at this moment.
    pub fn received(&mut self, chunk: &Chunk, at: Nanos) {
        if let Some(feed) = self.feeds.get_mut(chunk.source.as_str()) {
            feed.last_received = Some(at);
        }
    }

    /// The tables have landed that hold everything up to `record`'s position: live numbers are let go of.
    pub fn land(&mut self, held: &mut Held) {
        self.state = SessionState::Landed;
        held.symbols -= self.lanes.len();
        self.lanes.clear();
        self.places.clear();
    }

    /// What a landing writes down.
    pub fn record(&self) -> DayRecord {
        let feeds = self.feeds.iter().map(|(source, feed)| (source.to_string(), feed.clone()));
        DayRecord { position: self.position, late: self.late, feeds: feeds.collect() }
    }

    /// The session.
    pub fn session(&self) -> Session {
        self.session
    }

    /// How far it is.
    pub fn state(&self) -> SessionState {
        self.state
    }

    /// Ticks that came after its end and belong into its tables, and how often its end was told.
    pub fn behind(&self) -> (u64, u64) {
        (self.behind, self.ends)
    }

    /// The journal position of its last chunk.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The symbols that are followed.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// A symbol's lane.
    pub fn lane(&self, symbol: &Symbol) -> Option<&Lane> {
        self.places.get(symbol).copied().flatten().map(|place| &self.lanes[place])
    }

    /// Up to where live numbers rest on all ticks that were not late.
    pub fn as_of(&self) -> Nanos {
        let watermark = self.watermark.unwrap_or(self.session.open);
        if self.state == SessionState::Open { watermark } else { self.session.close }
    }

    /// In numbers.
    pub fn status(&self) -> SessionStatus {
        SessionStatus {
            date: self.session.date,
            state: self.state,
            watermark: self.latest.map(|_| self.as_of()),
            symbols: self.lanes.len(),
            waiting: self.waiting,
            late: self.late,
        }
    }

    /// Its feeds.
    pub fn feeds(&self) -> impl Iterator<Item = FeedStatus> {
        let date: NaiveDate = self.session.date;
        self.feeds.iter().map(move |(source, feed)| feed.status(source, date))
    }

    /// Ticks late and ticks out of order, of all feeds.
    pub fn disorder(&self) -> (u64, u64) {
        let all = self.feeds.values().map(Feed::disorder);
        all.fold((0, 0), |sum, (late, out_of_order)| (sum.0 + late, sum.1 + out_of_order))
    }
}
