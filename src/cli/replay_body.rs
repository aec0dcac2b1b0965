//! A tape cut into batches: numbered from 1 on each date, closed by the session's end, and paced.

use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use super::{Failure, exit};
use crate::batch::Tape;
use crate::limits::REPLAY_SPAN_SECONDS;
use crate::live::Event;
use crate::live::wire::{Encoder, Format};
use crate::tape::{Calendar, NANOS_PER_SECOND, NYSE, Nanos};

/// A batch, ready to be sent.
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Events in it.
    pub events: u64,
    /// Not to be sent before.
    pub due: Option<Instant>,
}

/// How fast tape time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// As fast as the daemon takes it.
    Max,
    /// So many times as fast as it happened.
    Times(f64),
}

impl Speed {
    /// Reads `max`, `1x` or `10x`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let times = || text.strip_suffix('x')?.parse::<f64>().ok().filter(|x| (0.001..=1e6).contains(x));
        match text {
            "max" => Ok(Self::Max),
            _ => {
                times().map(Self::Times).ok_or_else(|| format!("'{text}' is no speed such as max, 1x or 10x"))
            }
        }
    }
}

/// Cuts a tape.
pub struct Cutter<'a> {
    calendar: Calendar,
    format: Format,
    rows: usize,
    speed: Speed,
    bodies: &'a SyncSender<Body>,
    encoder: Encoder,
    /// Time of the batch's first event.
    first: Nanos,
    /// The date under way, its last moment and its last number.
    date: Option<NaiveDate>,
    until: Nanos,
    sequence: u64,
    /// When the date's first event was due, and its time.
    began: Option<(Instant, Nanos)>,
    last: Nanos,
    /// Whether sessions are left open.
    open_ended: bool,
    /// Dates so far.
    pub dates: u64,
}

impl<'a> Cutter<'a> {
    /// A cutter of batches of so many rows.
    pub fn new(format: Format, rows: usize, speed: Speed, bodies: &'a SyncSender<Body>) -> Self {
        Self {
            calendar: NYSE,
            format,
            rows,
            speed,
            bodies,
            encoder: Encoder::new(format, true),
            first: Nanos(0),
            date: None,
            until: Nanos(i64::MIN),
            sequence: 0,
            began: None,
            last: Nanos(0),
            open_ended: false,
            dates: 0,
        }
    }

    /// The sessions are this calendar's.
    #[must_use]
    pub fn by(self, calendar: Calendar) -> Self {
        Self { calendar, ..self }
    }

    /// Leaves sessions open.
    #[must_use]
    pub fn open_ended(self, open_ended: bool) -> Self {
        Self { open_ended, ..self }
    }

    /// Sends a whole tape; false when nobody takes it any more.
    ///
    /// # Errors
    /// When a row cannot be read back or written.
    pub fn cut(&mut self, tape: &mut Tape) -> Result<bool, Failure> {
        let symbols = tape.symbols().to_vec();
        let stuck = |message: String| Failure { message, code: exit::TRY_AGAIN };
        while let Some(mut event) = tape.next_event().map_err(|e| stuck(e.to_string()))? {
            let ts = event.ts().unwrap_or_default();
            if (ts >= self.until && !self.turn(ts)?) || (self.spans_too_much(ts) && !self.flush()?) {
                return Ok(false);
            }
            self.sequence += 1;
            let symbol = match &mut event {
                Event::Quote(row) => {
                    row.sequence = self.sequence;
                    row.symbol
                }
                Event::Trade(row) => {
                    row.sequence = self.sequence;
                    row.symbol
                }
                Event::End { .. } => continue,
            };
            if self.encoder.events() == 0 {
                self.first = ts;
            }
            self.last = ts;
            let name = symbols.get(symbol as usize).map_or("", |symbol| symbol.as_str());
            self.encoder.add(&event, name).map_err(|e| stuck(e.to_string()))?;
            if self.encoder.events() >= self.rows && !self.flush()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Marks the end of the date under way.
    fn end(&mut self) -> Result<bool, Failure> {
        let Some(date) = self.date.take() else { return Ok(true) };
        let event = Event::End { date, sequence: self.sequence + 1 };
        let stuck = |e: std::io::Error| Failure { message: e.to_string(), code: exit::TRY_AGAIN };
        self.encoder.add(&event, "").map_err(stuck)?;
        self.flush()
    }

    /// Sends what is left of the date under way; false when nobody takes it any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&mut self) -> Result<bool, Failure> {
        if !self.open_ended {
            return self.end();
        }
        self.date = None;
        if self.encoder.events() == 0 { Ok(true) } else { self.flush() }
    }

    /// Turns to the date of a moment.
    fn turn(&mut self, ts: Nanos) -> Result<bool, Failure> {
        let wanted = self.finish()?;
        let date = self.calendar.date_of(ts);
        (self.date, self.until, self.sequence) = (Some(date), self.calendar.bounds(date).1, 0);
        self.began = None;
        self.dates += 1;
        Ok(wanted)
    }

    /// Whether a batch with this moment in it would span so much time that its first event came late.
    fn spans_too_much(&self, ts: Nanos) -> bool {
        let Speed::Times(times) = self.speed else { return false };
        let span = (REPLAY_SPAN_SECONDS * times * NANOS_PER_SECOND as f64) as i64;
        self.encoder.events() > 0 && ts.0 - self.first.0 >= span
    }

    fn flush(&mut self) -> Result<bool, Failure> {
        let encoder = std::mem::replace(&mut self.encoder, Encoder::new(self.format, true));
        let events = encoder.events() as u64;
        let due = self.due();
        let bytes = encoder.finish().map_err(|message| Failure { message, code: exit::TRY_AGAIN })?;
        Ok(self.bodies.send(Body { bytes, events, due }).is_ok())
    }

    /// When the batch's last event is due.
    fn due(&mut self) -> Option<Instant> {
        let Speed::Times(times) = self.speed else { return None };
        let (instant, first) = *self.began.get_or_insert((Instant::now(), self.first));
        let behind = (self.last.0 - first.0).max(0) as f64 / (times * NANOS_PER_SECOND as f64);
        instant.checked_add(Duration::from_secs_f64(behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read() {
        assert_eq!(Speed::parse("max"), Ok(Speed::Max));
        assert_eq!(Speed::parse("2.5x"), Ok(Speed::Times(2.5)));
        for bad in ["", "x", "0x", "-1x", "10", "infx", "NaNx"] {
            assert!(Speed::parse(bad).is_err(), "{bad}");
        }
    }
}
