//! The trading session of a day: a half-open stretch of time, New York hours turned into UTC.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::America::New_York;

use super::{Nanos, calendar};

/// The part of the day that counts, New York time; the calendar cuts it on half days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionHours {
    /// First moment inside.
    pub open: NaiveTime,
    /// First moment outside again.
    pub close: NaiveTime,
}

impl Default for SessionHours {
    /// 09:30 to 16:00.
    fn default() -> Self {
        Self { open: hm(9, 30), close: hm(16, 0) }
    }
}

impl SessionHours {
    /// Reads `HH:MM-HH:MM`.
    ///
    /// # Errors
    /// A sentence that says what was wrong, when the text is no such pair or runs backwards.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' is not a session such as 09:30-16:00");
        let (open, close) = text.split_once('-').ok_or_else(bad)?;
        let clock = |t| NaiveTime::parse_from_str(t, "%H:%M").map_err(|_| bad());
        let hours = Self { open: clock(open)?, close: clock(close)? };
        let whole = Self::default();
        if hours.open >= hours.close {
            Err(format!("'{text}' ends before it begins"))
        } else if hours.open < whole.open || hours.close > whole.close {
            Err(format!("'{text}' reaches beyond 09:30-16:00, which it can only narrow"))
        } else {
            Ok(hours)
        }
    }
}

/// One day's session, `open <= t < close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The exchange-local date.
    pub date: NaiveDate,
    /// First nanosecond inside.
    pub open: Nanos,
    /// First nanosecond outside again; equal to `open` on a day without a session.
    pub close: Nanos,
}

impl Session {
    /// The session of a date at NYSE: the asked hours, ended early on half days, empty on holidays.
    #[must_use]
    pub fn nyse(date: NaiveDate, hours: SessionHours) -> Self {
        let midnight = local_midnight(date).0;
        let at = |time: NaiveTime| Nanos(midnight + time_of_day_nanos(time));
        let open = at(hours.open);
        let close = calendar::closing_time(date).map_or(open, |end| at(hours.close.min(end)));
        Self { date, open, close: close.max(open) }
    }

    /// Whether a moment lies inside.
    #[must_use]
    pub fn contains(&self, ts: Nanos) -> bool {
        self.open <= ts && ts < self.close
    }

    /// Length in nanoseconds.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.close.0 - self.open.0
    }
}

/// The New York date of a moment.
#[must_use]
pub fn local_date(ts: Nanos) -> NaiveDate {
    DateTime::from_timestamp_nanos(ts.0).with_timezone(&New_York).date_naive()
}

/// The bounds of a New York date, `from <= t < to`: the moments of which [`local_date`] says that date.
#[must_use]
pub fn day_bounds(date: NaiveDate) -> (Nanos, Nanos) {
    // The clock never jumps at midnight there, so that a midnight is one moment.
    let midnight = |date: NaiveDate| {
        let local = New_York.from_local_datetime(&date.and_time(NaiveTime::MIN)).earliest();
        Nanos(local.and_then(|moment| moment.timestamp_nanos_opt()).unwrap_or(i64::MAX))
    };
    (midnight(date), midnight(date.succ_opt().unwrap_or(date)))
}

/// The New York date of moments, remembered: rows rarely change day.
#[derive(Debug, Default)]
pub struct Day {
    date: NaiveDate,
    bounds: Option<(Nanos, Nanos)>,
}

impl Day {
    /// The date of a moment.
    #[must_use]
    pub fn of(&mut self, ts: Nanos) -> NaiveDate {
        if self.bounds.is_none_or(|(from, to)| ts < from || to <= ts) {
            self.date = local_date(ts);
            self.bounds = Some(day_bounds(self.date));
        }
        self.date
    }
}

/// New York midnight of a date, by the clock in force at noon: local times of day count from it,
/// so that they stay right on the two days a year when the clock jumps at 02:00.
#[must_use]
pub fn local_midnight(date: NaiveDate) -> Nanos {
    let noon = New_York.from_utc_datetime(&date.and_time(hm(17, 0)));
    let utc_noon = noon - TimeDelta::seconds(i64::from(seconds_past_midnight(noon.time())));
    Nanos(utc_noon.timestamp_nanos_opt().unwrap_or(i64::MAX))
}

fn seconds_past_midnight(time: NaiveTime) -> i32 {
    time.signed_duration_since(NaiveTime::MIN).num_seconds() as i32
}

fn time_of_day_nanos(time: NaiveTime) -> i64 {
    time.signed_duration_since(NaiveTime::MIN).num_nanoseconds().unwrap_or(0)
}

fn hm(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn sessions_follow_daylight_saving() {
        let summer = Session::nyse(date("2013-10-07"), SessionHours::default());
        assert_eq!(summer.open.0, 1_381_152_600_000_000_000); // 13:30 UTC
        let winter = Session::nyse(date("2018-01-02"), SessionHours::default());
        assert_eq!(winter.open.0, 1_514_903_400_000_000_000); // 14:30 UTC
        assert_eq!(winter.length(), 23_400 * 1_000_000_000);
    }

    #[test]
    fn half_days_end_early_and_holidays_are_empty() {
        let half = Session::nyse(date("2013-07-03"), SessionHours::default());
        assert_eq!(half.length(), 12_600 * 1_000_000_000);
        let closed = Session::nyse(date("2013-07-04"), SessionHours::default());
        assert_eq!(closed.length(), 0);
        assert!(!closed.contains(closed.open));
    }

    #[test]
    fn a_session_text_is_checked() {
        assert!(SessionHours::parse("10:00-15:30").is_ok());
        for bad in ["10:00", "16:00-09:30", "25:00-26:00", "04:00-20:00", ""] {
            assert!(SessionHours::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_moment_lies_within_its_own_date() {
        // Clocks changed on 2018-03-11 and 2018-11-04.
        for day in ["2018-03-10", "2018-03-11", "2018-11-03", "2018-11-04", "2018-07-04"] {
            let (from, to) = day_bounds(date(day));
            for ts in [from.0, from.0 + 5_400_000_000_000, to.0 - 1] {
                assert_eq!(local_date(Nanos(ts)), date(day), "{ts}");
            }
            assert_ne!(local_date(to), date(day));
        }
    }

    #[test]
    fn local_dates_turn_at_new_york_midnight() {
        let midnight = local_midnight(date("2013-10-07"));
        assert_eq!(local_date(midnight), date("2013-10-07"));
        assert_eq!(local_date(Nanos(midnight.0 - 1)), date("2013-10-06"));
    }
}
