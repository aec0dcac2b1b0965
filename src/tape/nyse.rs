//! The New York Stock Exchange's calendar since 1993: when it opens and closes, and the days it stays shut.
//!
//! Source: NYSE Rule 7.2 (the ten holidays and how they move off weekends) and the exchange's own
//! notices for days outside the rule. `tests/golden/nyse_calendar.csv` is the independent check.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::calendar::{Minutes, minutes};

/// Year, month, day.
type Day = (i32, u32, u32);
/// Hour and minute.
type Clock = (u32, u32);

/// Days shut outside the rule: mourning, attack, storm.
const SHUT: [Day; 11] = [
    (1994, 4, 27),
    (2001, 9, 11),
    (2001, 9, 12),
    (2001, 9, 13),
    (2001, 9, 14),
    (2004, 6, 11),
    (2007, 1, 2),
    (2012, 10, 29),
    (2012, 10, 30),
    (2018, 12, 5),
    (2025, 1, 9),
];

/// Days that ended early outside the rule, and when: snow, the crash of 1997, a system's failure, bridges to a
/// holiday.
const SHORT: [(Day, Clock); 9] = [
    ((1994, 2, 11), (14, 30)),
    ((1996, 1, 8), (14, 0)),
    ((1996, 7, 5), (13, 0)),
    ((1997, 10, 27), (15, 30)),
    ((1997, 12, 26), (13, 0)),
    ((1999, 12, 31), (13, 0)),
    ((2002, 7, 5), (13, 0)),
    ((2003, 12, 26), (13, 0)),
    ((2005, 6, 1), (15, 56)),
];

/// Days that began late, and when: a system's failure, snow, moments of silence.
const LATE: [(Day, Clock); 8] = [
    ((1995, 12, 18), (10, 30)),
    ((1996, 1, 8), (11, 0)),
    ((2001, 9, 17), (9, 33)),
    ((2001, 10, 8), (9, 31)),
    ((2002, 9, 11), (12, 0)),
    ((2003, 3, 20), (9, 32)),
    ((2004, 6, 7), (9, 32)),
    ((2006, 12, 27), (9, 32)),
];

/// The regular session in New York time, minutes past midnight; `None` when the exchange is shut all day.
pub fn hours_of(date: NaiveDate) -> Option<(Minutes, Minutes)> {
    let day = (date.year(), date.month(), date.day());
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    if weekend || is_holiday(date) || SHUT.contains(&day) {
        return None;
    }
    let listed = |days: &[(Day, Clock)]| days.iter().find(|(listed, _)| *listed == day).map(|(_, at)| *at);
    let open = listed(&LATE).unwrap_or((9, 30));
    let close = listed(&SHORT).unwrap_or(if closes_early(date) { (13, 0) } else { (16, 0) });
    Some((minutes(open), minutes(close)))
}

/// Whether one of the ten holidays is kept on a date.
pub fn is_holiday(date: NaiveDate) -> bool {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let monday = date.weekday() == Weekday::Mon;
    let good_friday = easter_sunday(year) - TimeDelta::days(2);
    match month {
        1 => is_new_year(date) || (year >= 1998 && monday && nth(day, 3)),
        2 => monday && nth(day, 3),
        3 | 4 => date == good_friday,
        5 => monday && day > 24,
        6 => year >= 2022 && observed(date, 6, 19),
        7 => observed(date, 7, 4),
        9 => monday && nth(day, 1),
        11 => date.weekday() == Weekday::Thu && nth(day, 4),
        12 => observed(date, 12, 25),
        _ => false,
    }
}

/// New Year moves from Sunday to Monday, but never from Saturday into the old year.
pub fn is_new_year(date: NaiveDate) -> bool {
    date.day() == 1 || (date.day() == 2 && date.weekday() == Weekday::Mon)
}

/// A fixed holiday, moved from Saturday to Friday and from Sunday to Monday.
pub fn observed(date: NaiveDate, month: u32, day: u32) -> bool {
    let Some(fixed) = NaiveDate::from_ymd_opt(date.year(), month, day) else {
        return false;
    };
    let shift = match fixed.weekday() {
        Weekday::Sat => -1,
        Weekday::Sun => 1,
        _ => 0,
    };
    date == fixed + TimeDelta::days(shift)
}

/// Whether a day of the month is its weekday's n-th.
fn nth(day: u32, n: u32) -> bool {
    (day - 1) / 7 + 1 == n
}

/// 13:00: the day after Thanksgiving, Christmas Eve, the eve of Independence Day (since 2013 on Wednesdays too).
pub fn closes_early(date: NaiveDate) -> bool {
    let (year, month, day, weekday) = (date.year(), date.month(), date.day(), date.weekday());
    match month {
        7 => day == 3 && year >= 1995 && (weekday != Weekday::Wed || year >= 2013),
        11 => weekday == Weekday::Fri && (23..=29).contains(&day),
        12 => day == 24,
        _ => false,
    }
}

/// Easter Sunday by the anonymous Gregorian computus.
pub fn easter_sunday(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    NaiveDate::from_ymd_opt(year, month as u32, day as u32).unwrap_or_default()
}
