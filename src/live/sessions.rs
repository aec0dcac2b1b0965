//! The thread that ends sessions by the clock, has those that are over written as tables, and lets old ones go.
//!
//! The clock acts through the journal: it appends an end, which every restart reads again like any other event.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use super::landing::{self, LandingError};
use super::message::SessionState;
use super::shared::Shared;
use super::wire::CLOCK;
use super::writer::Writer;
use crate::clock::now;
use crate::ingest::{Event, Events};
use crate::limits::{
    LIVE_CLOSE_PATIENCE_SECONDS, LIVE_LANDING_RETRY_SECONDS, LIVE_LATE_PATIENCE_SECONDS, LIVE_LOOK_MILLIS,
};
use crate::store::ledger::Reader;
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// What the thread remembers of a session.
#[derive(Debug)]
struct Seen {
    /// Its last position, and since when it has been that.
    position: u64,
    since: Instant,
    /// How much came behind its end, and how often that was told, when its tables were written.
    landed: Option<(u64, u64)>,
    /// Not before.
    retry_at: Instant,
}

/// The thread's belongings.
pub struct Sessions {
    shared: Arc<Shared>,
    writer: Arc<Writer>,
    reader: Reader,
    keep: usize,
    seen: HashMap<NaiveDate, Seen>,
}

impl Sessions {
    /// Ready to run; `keep` landed sessions stay in the journal.
    pub fn new(shared: Arc<Shared>, writer: Arc<Writer>, reader: Reader, keep: usize) -> Self {
        Self { shared, writer, reader, keep, seen: HashMap::new() }
    }

    /// Until the daemon stops.
    pub fn run(mut self) {
        while !self.shared.is_stopping() {
            if self.shared.is_recovered.load(Ordering::Acquire) {
                self.look();
                self.end_by_clock(now());
                self.land_due();
                self.forget_old();
            }
            thread::park_timeout(Duration::from_millis(LIVE_LOOK_MILLIS));
        }
    }

    /// Notes which sessions have moved.
    fn look(&mut self) {
        let engine = self.shared.engine();
        self.seen.retain(|date, _| engine.days().contains_key(date));
        for (date, day) in engine.days() {
            let now = Instant::now();
            // What had landed before the start is as it was then.
            let landed = (day.state() == SessionState::Landed).then_some((0, 0));
            let new = Seen { position: day.position(), since: now, landed, retry_at: now };
            let seen = self.seen.entry(*date).or_insert(new);
            if seen.position != day.position() {
                (seen.position, seen.since) = (day.position(), now);
            }
        }
    }

    /// Ends open sessions whose close has long passed and whose feeds are silent.
    fn end_by_clock(&self, now: Nanos) {
        let due = |date: &NaiveDate, close: Nanos| {
            self.seen.get(date).is_some_and(|seen| is_silent(now, close, seen.since.elapsed()))
        };
        let silent: Vec<NaiveDate> = {
            let engine = self.shared.engine();
            let open = engine.days().iter().filter(|(_, day)| day.state() == SessionState::Open);
            open.filter(|(date, day)| due(date, day.session().close)).map(|(date, _)| *date).collect()
        };
        for date in silent {
            let events = Events {
                source: CLOCK.into(),
                batch_id: None,
                sequenced: true,
                symbols: Vec::new(),
                events: vec![Event::End { date, sequence: 1 }],
                sha256: [0; 32],
            };
            if let Err(error) = self.writer.append_and_wait(events) {
                tracing::warn!(%date, %error, "the session's end could not be written down");
            }
        }
    }

    /// Writes the tables of sessions that are over: at once the first time, and anew once what came late has ended for
    /// a while, or its end was told again.
    fn land_due(&mut self) {
        let patience = Duration::from_secs(LIVE_LATE_PATIENCE_SECONDS);
        let due: Vec<NaiveDate> = {
            let engine = self.shared.engine();
            let over = engine.days().iter().filter(|(_, day)| day.state() != SessionState::Open);
            let is_due = |(date, day): &(&NaiveDate, &super::day::Day)| {
                let Some(seen) = self.seen.get(*date) else { return false };
                let (behind, ends) = day.behind();
                let due = seen.landed.is_none_or(|(landed, told)| {
                    behind > landed && (seen.since.elapsed() >= patience || ends > told)
                });
                due && Instant::now() >= seen.retry_at
            };
            over.filter(is_due).map(|(date, _)| *date).collect()
        };
        for date in due {
            if self.shared.is_stopping() {
                return;
            }
            self.land(date);
        }
    }

    fn land(&mut self, date: NaiveDate) {
        let (request, record, behind) = {
            let engine = self.shared.engine();
            let Some(day) = engine.days().get(&date) else { return };
            (engine.request().clone(), day.record(), day.behind())
        };
        let is_called_off = || self.shared.is_stopping();
        let land = || landing::land(&request, &self.reader, date, &record, &is_called_off);
        // A panic is told, and the next session lands all the same.
        let landed = catch_unwind(AssertUnwindSafe(land)).unwrap_or(Err(LandingError::Defect));
        let Some(seen) = self.seen.get_mut(&date) else { return };
        let failed = match landed {
            Ok(()) => {
                seen.landed = Some(behind);
                self.shared.change(|engine| self.shared.hub.publish(engine.land(date)));
                tracing::info!(%date, "the session's tables have landed");
                None
            }
            Err(_) if self.shared.is_stopping() => None,
            Err(error) => {
                seen.retry_at = Instant::now() + Duration::from_secs(LIVE_LANDING_RETRY_SECONDS);
                tracing::warn!(%date, %error, "the session's tables could not be written; it is tried again");
                Some(error.to_string())
            }
        };
        *self.shared.landing_failed.write() = failed;
    }

    /// Whether a session's tables hold all that came of it.
    fn is_whole(&self, date: NaiveDate, day: &super::day::Day) -> bool {
        let landed = self.seen.get(&date).and_then(|seen| seen.landed);
        landed.is_some_and(|(behind, _)| behind == day.behind().0)
    }

    /// Lets go of landed sessions but the latest few.
    fn forget_old(&mut self) {
        let landed: Vec<(NaiveDate, u64, bool)> = {
            let engine = self.shared.engine();
            let landed = engine.days().iter().filter(|(_, day)| day.state() == SessionState::Landed);
            landed.map(|(date, day)| (*date, day.position(), self.is_whole(*date, day))).collect()
        };
        let old = landed.iter().take(landed.len().saturating_sub(self.keep));
        for (date, position, _) in old.filter(|(.., is_whole)| *is_whole) {
            match self.writer.forget_and_wait(*date, *position) {
                // Events of it have come meanwhile: they land first.
                Ok(false) => {}
                Ok(true) => {
                    self.shared.change(|engine| engine.forget(*date));
                    landing::forget(self.shared.engine().data(), *date);
                }
                Err(error) => tracing::warn!(%date, error, "the session could not be let go of"),
            }
        }
    }
}

/// Whether a session's close has long passed, and nothing has come for as long.
fn is_silent(now: Nanos, close: Nanos, silence: Duration) -> bool {
    let patience = Duration::from_secs(LIVE_CLOSE_PATIENCE_SECONDS);
    now.0 >= close.0 + LIVE_CLOSE_PATIENCE_SECONDS as i64 * NANOS_PER_SECOND && silence >= patience
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_ends_only_silent_sessions_whose_close_has_passed() {
        let (close, patience) = (Nanos(1_000_000), LIVE_CLOSE_PATIENCE_SECONDS);
        let at = |seconds: u64| Nanos(close.0 + seconds as i64 * NANOS_PER_SECOND);
        let silent = Duration::from_secs(patience);
        assert!(is_silent(at(patience), close, silent));
        assert!(!is_silent(at(patience - 1), close, silent), "the close has hardly passed");
        assert!(!is_silent(at(900 * patience), close, silent / 2), "an old tape is being replayed");
    }
}
