//! The calendar against the independent hand of two Python calendars.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use impactd::tape::closing_time;
use std::collections::BTreeMap;

/// Every weekday of 1993 to 2027 that is not a plain one, and all others plain.
#[test]
fn every_day_since_1993_closes_as_the_exchange_did() {
    let golden = include_str!("../golden/nyse_calendar.csv");
    let mut special = BTreeMap::new();
    for line in golden.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let date: NaiveDate = cells[0].parse().expect("a date");
        let close = NaiveTime::parse_from_str(cells[1], "%H:%M").ok();
        special.insert(date, close);
    }
    let plain = NaiveTime::from_hms_opt(16, 0, 0);
    let first: NaiveDate = "1993-01-01".parse().expect("a date");
    for date in first.iter_days().take_while(|d| d.year() < 2028) {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let expected = if weekend { None } else { *special.get(&date).unwrap_or(&plain) };
        assert_eq!(closing_time(date), expected, "{date}");
    }
}
