//! Whose trading days a tape is cut into, and the part of each that counts.
//!
//! A [`Calendar`] tells the date of a moment and the session of a date. It is a value: whoever cuts a tape into days is
//! handed one, so that futures and coins have days of their own.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::{America, Tz};

use super::{Nanos, Session, cme, nyse};

/// Minutes from a date's midnight; before it they are negative.
pub type Minutes = i32;

const DAY: Minutes = 24 * 60;

/// Minutes of a time of day.
pub fn minutes((hour, minute): (u32, u32)) -> Minutes {
    (60 * hour + minute) as Minutes
}

/// Whose trading days there are.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
pub enum Market {
    /// The New York Stock Exchange: 09:30 to 16:00 in New York, its holidays, half days and late openings.
    #[default]
    #[serde(rename = "nyse")]
    Nyse,
    /// Equity-index futures on CME Globex: 17:00 of the evening before to 16:00 in Chicago.
    #[serde(rename = "cme")]
    Cme,
    /// Every day from midnight to midnight, UTC.
    #[serde(rename = "24x7")]
    #[value(name = "24x7")]
    Continuous,
}

impl Market {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nyse, Self::Cme, Self::Continuous];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nyse => "nyse",
            Self::Cme => "cme",
            Self::Continuous => "24x7",
        }
    }

    /// The clock on its wall.
    fn zone(self) -> Tz {
        match self {
            Self::Nyse => America::New_York,
            Self::Cme => America::Chicago,
            Self::Continuous => Tz::UTC,
        }
    }

    /// A plain day's session.
    fn whole(self) -> (Minutes, Minutes) {
        match self {
            Self::Nyse => (minutes((9, 30)), minutes((16, 0))),
            Self::Cme => (cme::OPEN, cme::CLOSE),
            Self::Continuous => (0, DAY),
        }
    }

    /// The session of one day; `None` when there is none.
    fn hours_of(self, date: NaiveDate) -> Option<(Minutes, Minutes)> {
        match self {
            Self::Nyse => nyse::hours_of(date),
            Self::Cme => cme::hours_of(date),
            Self::Continuous => Some(self.whole()),
        }
    }

    /// Where a day begins, on the evening before its midnight in Chicago.
    fn turn(self) -> Minutes {
        if self == Self::Cme { cme::OPEN } else { 0 }
    }

    /// Midnight of a date, by the clock in force at noon: local times of day count from it, so that they stay right on
    /// the two days a year when the clock jumps at 02:00.
    fn midnight(self, date: NaiveDate) -> Nanos {
        let noon = self.zone().from_utc_datetime(&(date.and_time(NaiveTime::MIN) + TimeDelta::hours(17)));
        let utc_midnight = noon - noon.time().signed_duration_since(NaiveTime::MIN);
        Nanos(utc_midnight.timestamp_nanos_opt().unwrap_or(i64::MAX))
    }
}

/// New York's sessions, whole: what holds where nobody names another calendar.
pub const NYSE: Calendar = Calendar { market: Market::Nyse, hours: None };

/// A market's trading days, and the part of each that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Calendar {
    market: Market,
    /// Where sessions are narrowed.
    hours: Option<(Minutes, Minutes)>,
}

impl Calendar {
    /// A market's whole sessions.
    #[must_use]
    pub fn of(market: Market) -> Self {
        Self { market, hours: None }
    }

    /// The market.
    #[must_use]
    pub fn market(self) -> Market {
        self.market
    }

    /// Whether sessions count whole.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.hours.is_none()
    }

    /// The same market's sessions, only `HH:MM-HH:MM` of each, by the clock on its wall.
    ///
    /// # Errors
    /// A sentence that says what was wrong, when the text is no such pair, runs backwards or reaches beyond a session.
    pub fn narrowed(self, text: &str) -> Result<Self, String> {
        let (first, last) = self.market.whole();
        let whole = Self::of(self.market);
        let bad = || format!("'{text}' is not a session such as {whole}");
        let clock = |text: &str| clock(text).ok_or_else(bad);
        let (open, close) = text.split_once('-').ok_or_else(bad)?;
        let (mut open, mut close) = (clock(open)?, clock(close)?);
        if self.market.turn() < 0 {
            // What is behind the day's turn on the clock belongs to the evening before.
            let turn = DAY + self.market.turn();
            open -= if open >= turn { DAY } else { 0 };
            close -= if close > turn { DAY } else { 0 };
        }
        if open >= close {
            Err(format!("'{text}' ends before it begins"))
        } else if open < first || close > last {
            Err(format!("'{text}' reaches beyond {whole}, which it can only narrow"))
        } else {
            Ok(Self { hours: Some((open, close)).filter(|hours| *hours != (first, last)), ..self })
        }
    }

    /// The session of a date: the hours that count, cut by the market's own on that day; empty when it is shut.
    #[must_use]
    pub fn session(self, date: NaiveDate) -> Session {
        let midnight = self.market.midnight(date).0;
        let at = |minutes: Minutes| Nanos(midnight + i64::from(minutes) * 60_000_000_000);
        let (open, close) = self.hours.unwrap_or(self.market.whole());
        match self.market.hours_of(date) {
            Some((first, last)) => {
                let open = at(open.max(first));
                Session { date, open, close: at(close.min(last)).max(open) }
            }
            None => Session { date, open: at(open), close: at(open) },
        }
    }

    /// The trading date of a moment. Where nothing trades at weekends, it is the date of the next session.
    #[must_use]
    pub fn date_of(self, ts: Nanos) -> NaiveDate {
        let local = DateTime::from_timestamp_nanos(ts.0).with_timezone(&self.market.zone()).naive_local();
        let date = (local - TimeDelta::minutes(i64::from(self.market.turn()))).date();
        match (self.market, date.weekday()) {
            (Market::Cme, Weekday::Sat) => date + TimeDelta::days(2),
            (Market::Cme, Weekday::Sun) => date + TimeDelta::days(1),
            _ => date,
        }
    }

    /// The moments of a date, `from <= t < to`: those of which [`Calendar::date_of`] says that date.
    #[must_use]
    pub fn bounds(self, date: NaiveDate) -> (Nanos, Nanos) {
        let begin = |date: NaiveDate| {
            // The clock never jumps at midnight nor at 17:00, so that either is one moment.
            let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(self.market.turn()));
            let moment = self.market.zone().from_local_datetime(&local).earliest();
            Nanos(moment.and_then(|moment| moment.timestamp_nanos_opt()).unwrap_or(i64::MAX))
        };
        let is_monday = self.market == Market::Cme && date.weekday() == Weekday::Mon;
        let first = date - TimeDelta::days(if is_monday { 2 } else { 0 });
        (begin(first), begin(date.succ_opt().unwrap_or(date)))
    }

    /// A memory of the date under way, by this calendar.
    #[must_use]
    pub fn days(self) -> Days {
        Days { calendar: self, date: NaiveDate::default(), bounds: None }
    }
}

impl fmt::Display for Calendar {
    /// The hours that count: `09:30-16:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = self.hours.unwrap_or(self.market.whole());
        let clock = |minutes: Minutes| if minutes == DAY { DAY } else { minutes.rem_euclid(DAY) };
        let (open, close) = (clock(open), clock(close));
        write!(f, "{:02}:{:02}-{:02}:{:02}", open / 60, open % 60, close / 60, close % 60)
    }
}

/// `HH:MM` from 00:00 to 24:00.
fn clock(text: &str) -> Option<Minutes> {
    if text == "24:00" {
        return Some(DAY);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    Some(time.signed_duration_since(NaiveTime::MIN).num_minutes() as Minutes)
}

/// New York midnight of a date, from which tapes that tell only a time of day count theirs.
#[must_use]
pub fn local_midnight(date: NaiveDate) -> Nanos {
    Market::Nyse.midnight(date)
}

/// The date of moments, remembered: rows rarely change day.
#[derive(Debug)]
pub struct Days {
    calendar: Calendar,
    date: NaiveDate,
    bounds: Option<(Nanos, Nanos)>,
}

impl Days {
    /// The date of a moment.
    #[must_use]
    pub fn of(&mut self, ts: Nanos) -> NaiveDate {
        if self.bounds.is_none_or(|(from, to)| ts < from || to <= ts) {
            self.date = self.calendar.date_of(ts);
            self.bounds = Some(self.calendar.bounds(self.date));
        }
        self.date
    }

    /// The calendar they are of.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        self.calendar
    }
}

#[cfg(test)]
mod tests;
