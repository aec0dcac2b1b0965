//! Rows to a batch: symbols by index, and the bounds that hold for every format.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::fields::Field;
use super::origin::Origin;
use super::row::{Fault, Row};
use super::unread::Unread;
use crate::limits::{
    LIVE_BATCH_DATES_MAX, LIVE_BATCH_EVENTS_MAX, LIVE_BATCH_SYMBOLS_MAX, LIVE_CLOCK_AHEAD_SECONDS,
    LIVE_MOMENT_FIRST_NANOS,
};
use crate::live::{Event, Events};
use crate::tape::{Calendar, NANOS_PER_SECOND, Nanos, Symbol};

/// A batch in the making.
#[derive(Debug)]
pub struct Gathering {
    calendar: Calendar,
    /// No event happened later than this.
    latest: Nanos,
    symbols: Vec<Symbol>,
    index_of: HashMap<String, u32>,
    events: Vec<Event>,
    sequenced: Option<bool>,
    dates: BTreeSet<NaiveDate>,
    /// Of the last event's date: rows rarely change day.
    day: (Nanos, Nanos),
}

impl Gathering {
    /// An empty batch of a calendar's sessions that came in at `received`.
    pub fn new(received: Nanos, calendar: Calendar) -> Self {
        Self {
            calendar,
            latest: Nanos(received.0.saturating_add(LIVE_CLOCK_AHEAD_SECONDS * NANOS_PER_SECOND)),
            symbols: Vec::new(),
            index_of: HashMap::new(),
            events: Vec::new(),
            sequenced: None,
            dates: BTreeSet::new(),
            day: (Nanos(0), Nanos(0)),
        }
    }

    /// Takes in a row, which is the `number`-th `unit` of the body.
    ///
    /// # Errors
    /// When it cannot be meant, or is one too many.
    pub fn take(&mut self, row: &Row<'_>, (unit, number): (&'static str, u64)) -> Result<(), Unread> {
        if self.events.len() >= LIVE_BATCH_EVENTS_MAX {
            let what = format!("a batch may hold {LIVE_BATCH_EVENTS_MAX} events at most; send it in parts");
            return Err(Unread::TooMuch(what));
        }
        self.add(row).map_err(|(column, what)| Unread::row(unit, number, column, what))
    }

    fn add(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let symbol = if row.has(Field::Symbol) { self.symbol(&row.symbol)? } else { 0 };
        let event = row.event(symbol)?;
        match event {
            Event::End { date, .. } => self.check_end(date)?,
            _ => self.check_moment(Nanos(row.ts))?,
        }
        let sequenced = row.has(Field::Sequence);
        if *self.sequenced.get_or_insert(sequenced) != sequenced {
            let (this, others) = if sequenced { ("is given", "are not") } else { ("is missing", "are") };
            let what =
                format!("{this} here, and earlier events of the batch {others} numbered; number all or none");
            return Err((Field::Sequence.name(), what));
        }
        self.events.push(event);
        Ok(())
    }

    fn symbol(&mut self, name: &str) -> Result<u32, Fault> {
        // Feeds interleave symbols, but the last one is the likeliest.
        let last = self.events.last().and_then(|event| match event {
            Event::Quote(row) => Some(row.symbol),
            Event::Trade(row) => Some(row.symbol),
            Event::End { .. } => None,
        });
        if let Some(last) = last.filter(|last| self.symbols[*last as usize].as_str() == name) {
            return Ok(last);
        }
        if let Some(index) = self.index_of.get(name) {
            return Ok(*index);
        }
        if self.symbols.len() >= LIVE_BATCH_SYMBOLS_MAX {
            let what = format!(
                "is one too many: a batch may name {LIVE_BATCH_SYMBOLS_MAX} symbols; send it in parts"
            );
            return Err((Field::Symbol.name(), what));
        }
        let index = self.symbols.len() as u32;
        self.symbols.push(Symbol::new(name));
        self.index_of.insert(name.to_owned(), index);
        Ok(index)
    }

    fn check_moment(&mut self, ts: Nanos) -> Result<(), Fault> {
        let wrong = |what: String| Err((Field::Ts.name(), what));
        if ts > self.latest {
            return wrong(format!(
                "lies more than {LIVE_CLOCK_AHEAD_SECONDS} s ahead of this machine's clock; mend the stamp or a clock"
            ));
        }
        if ts.0 < LIVE_MOMENT_FIRST_NANOS {
            return wrong("lies before 1990; times are nanoseconds since 1970 or RFC 3339".to_owned());
        }
        if self.day.0 <= ts && ts < self.day.1 {
            return Ok(());
        }
        let date = self.calendar.date_of(ts);
        self.day = self.calendar.bounds(date);
        self.check_date(date).or_else(wrong)
    }

    fn check_end(&mut self, date: NaiveDate) -> Result<(), Fault> {
        let wrong = |what: String| Err((Field::Date.name(), what));
        if date > self.calendar.date_of(self.latest) {
            return wrong(format!("'{date}' lies in the future; a session ends when it is over"));
        }
        if date < self.calendar.date_of(Nanos(LIVE_MOMENT_FIRST_NANOS)) {
            return wrong(format!("'{date}' lies before 1990"));
        }
        self.check_date(date).or_else(wrong)
    }

    fn check_date(&mut self, date: NaiveDate) -> Result<(), String> {
        self.dates.insert(date);
        if self.dates.len() > LIVE_BATCH_DATES_MAX {
            return Err(format!(
                "is on {date}: a batch may hold events of {LIVE_BATCH_DATES_MAX} dates at most; send it in parts"
            ));
        }
        Ok(())
    }

    /// The batch.
    ///
    /// # Errors
    /// When there is nothing in it, or nothing to know it by.
    pub fn finish(self, origin: &Origin, sha256: [u8; 32]) -> Result<Events, Unread> {
        let Some(sequenced) = self.sequenced else {
            return Err(Unread::Body("the body holds no event".to_owned()));
        };
        if !sequenced && origin.batch_id().is_none() {
            let what = "the events carry no sequence numbers, so the batch needs an id by which it is known when it \
                        is sent again: number the events, or name the batch";
            return Err(Unread::Body(what.to_owned()));
        }
        Ok(Events {
            source: origin.source().to_owned(),
            batch_id: origin.batch_id().map(str::to_owned),
            sequenced,
            symbols: self.symbols,
            events: self.events,
            sha256,
        })
    }
}
