//! The trading days of equity-index futures on CME Globex, in Chicago time: from 17:00 of the evening before to 16:00,
//! with the daily halt between; from Friday 16:00 to Sunday 17:00 nothing trades.
//!
//! Source: CME Group's holiday calendar (cmegroup.com, "Holiday and trading hours") for Globex equity products, as
//! the project pandas_market_calendars writes it down for `CME Globex Equity`. Kept since 2015-09-21, when the day
//! began to end at 16:00 rather than 16:15; earlier days are taken as if by the same rules.
//!
//! Not covered: days of mourning and other notices at short notice, when futures ended a morning early; the halt from
//! 15:15 to 15:30, which was kept until June 2021; products other than equity indices. Differs from the exchange in a
//! name: what trades on a holiday until noon bears that day's date here, and the next business day's there.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::calendar::{Minutes, minutes};
use super::nyse::{closes_early, easter_sunday, is_holiday, is_new_year, observed};

/// Where a trading day begins, on the evening before.
pub const OPEN: Minutes = (17 - 24) * 60;
/// Where it ends.
pub const CLOSE: Minutes = 16 * 60;

/// Good Fridays with a report on employment: futures trade until 08:15.
const GOOD_FRIDAYS_OPEN: [i32; 3] = [2015, 2021, 2023];

/// A trading day from its open to its close, minutes from its date's midnight; `None` when nothing trades.
pub fn hours_of(date: NaiveDate) -> Option<(Minutes, Minutes)> {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let good_friday = date == easter_sunday(date.year()) - TimeDelta::days(2);
    let is_shut = match date.month() {
        1 => is_new_year(date),
        12 => observed(date, 12, 25),
        _ => good_friday && !GOOD_FRIDAYS_OPEN.contains(&date.year()),
    };
    if weekend || is_shut {
        return None;
    }
    let close = if good_friday {
        minutes((8, 15))
    } else if is_holiday(date) {
        minutes((12, 0))
    } else if closes_early(date) {
        minutes((12, 15))
    } else {
        CLOSE
    };
    Some((OPEN, close))
}
