//! The journal's order to news: days, their symbols, and the places of messages. A function of the journal alone: it
//! reads no clock, and the same batches give the same messages at the same places.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use super::day::{Day, DayRecord, Held};
use super::forecasts::Trained;
use super::lane::{LaneError, Making};
use super::message::{Kind, Message, MessageId, News, SessionState};
use super::seen::{FeedStatus, LiveDay, SessionStatus, SlopeRow};
use crate::batch::Request;
use crate::store::ledger::Fresh;
use crate::tape::{Nanos, Session, Symbol};

/// Messages that do not come of the journal are numbered from here on, behind those that do.
const ASIDE: u32 = 1 << 31;

/// Everything live.
#[derive(Debug)]
pub struct Engine {
    data: PathBuf,
    request: Request,
    lateness: i64,
    making: Making,
    days: BTreeMap<NaiveDate, Day>,
    held: Held,
    position: u64,
    /// Messages beside the journal's at this position.
    aside: u32,
    last_received: Option<Nanos>,
}

impl Engine {
    /// Nothing seen yet. `landed` are the sessions whose tables are among the results.
    pub fn new(
        data: PathBuf,
        request: Request,
        lateness: i64,
        landed: BTreeMap<NaiveDate, DayRecord>,
    ) -> Result<Self, LaneError> {
        let making = Making {
            settings: Arc::new(request.live_settings()),
            surveillance: request.surveillance.clone(),
        };
        let mut engine = Self {
            data,
            request,
            lateness,
            making,
            days: BTreeMap::new(),
            held: Held::default(),
            position: 0,
            aside: 0,
            last_received: None,
        };
        let trained = Trained::open(&engine.data)?;
        for (date, record) in landed {
            engine.days.insert(date, Day::landed(engine.session(date), trained.clone(), record));
        }
        Ok(engine)
    }

    fn session(&self, date: NaiveDate) -> Session {
        self.making.settings.rules.calendar.session(date)
    }

    /// The next batch of the journal.
    pub fn take(&mut self, batch: &Fresh) -> Result<Vec<Message>, LaneError> {
        let mut news = Vec::new();
        for chunk in &batch.chunks {
            let session = self.session(chunk.date);
            let day = match self.days.entry(chunk.date) {
                Entry::Occupied(day) => day.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(Day::new(session, self.lateness, Trained::open(&self.data)?))
                }
            };
            // What has landed is read again only for what came behind it.
            if chunk.position > day.position() {
                let request = &self.request;
                let is_wanted = |symbol: &str| request.wants(symbol, session.date);
                day.take(chunk, &self.making, &is_wanted, &mut self.held, &mut news)?;
                day.received(chunk, batch.durable_at);
            }
        }
        (self.position, self.aside) = (batch.position, 0);
        self.last_received = Some(batch.durable_at);
        Ok(numbered(batch.position, news))
    }

    /// A session's tables have landed, with everything up to `record`'s position.
    pub fn land(&mut self, date: NaiveDate) -> Option<Message> {
        self.days.get_mut(&date)?.land(&mut self.held);
        let id = MessageId { position: self.position, number: ASIDE + self.aside };
        self.aside += 1;
        Some(Message { id, news: News::Session { date, state: SessionState::Landed } })
    }

    /// A session has left the journal.
    pub fn forget(&mut self, date: NaiveDate) {
        self.days.remove(&date);
    }

    /// Up to where the journal was taken.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The sessions.
    pub fn days(&self) -> &BTreeMap<NaiveDate, Day> {
        &self.days
    }

    /// The settings with which tables are written.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// When the last batch became durable.
    pub fn last_received(&self) -> Option<Nanos> {
        self.last_received
    }

    /// The results folder.
    pub fn data(&self) -> &std::path::Path {
        &self.data
    }

    /// Symbols that are followed in all sessions together.
    pub fn symbols_held(&self) -> usize {
        self.held.symbols
    }

    /// Sessions under way that follow a symbol, the latest first.
    fn lanes_of(&self, symbol: &str) -> Option<(&Day, &super::lane::Lane)> {
        let symbol = Symbol::new(symbol);
        self.days.values().rev().find_map(|day| Some((day, day.lane(&symbol)?)))
    }

    /// A symbol's latest session under way.
    pub fn day(&self, symbol: &str) -> Option<LiveDay> {
        self.lanes_of(symbol).map(|(day, lane)| lane.day(day.as_of(), self.position))
    }

    /// A symbol's online slopes.
    pub fn slopes(&self, symbol: &str) -> Option<Vec<SlopeRow>> {
        self.lanes_of(symbol).map(|(_, lane)| lane.slopes())
    }

    /// Every session in numbers.
    pub fn sessions(&self) -> Vec<SessionStatus> {
        self.days.values().map(Day::status).collect()
    }

    /// Every feed, by source and date.
    pub fn feeds(&self) -> Vec<FeedStatus> {
        let mut feeds: Vec<FeedStatus> = self.days.values().flat_map(Day::feeds).collect();
        feeds.sort_by(|a, b| (&a.source, a.date).cmp(&(&b.source, b.date)));
        feeds
    }
}

/// Gives news their places. Expectations come last: they hang on the models in the folder, and others' numbers must
/// not hang on them.
fn numbered(position: u64, news: Vec<News>) -> Vec<Message> {
    let (expected, certain): (Vec<_>, Vec<_>) =
        news.into_iter().partition(|news| news.kind() == Kind::Forecast);
    let all = certain.into_iter().chain(expected);
    (0_u32..).zip(all).map(|(number, news)| Message { id: MessageId { position, number }, news }).collect()
}

#[cfg(test)]
mod tests;
