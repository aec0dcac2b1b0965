//! Calendars: New York's against the independent hand of two Python calendars, and tapes cut by each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use impactd::store::Archive;
use impactd::tape::{Calendar, Market, NYSE, local_midnight};

use crate::support::{SECOND, batch, impactd, request, stderr, write_lines};

/// Every weekday of 1993 to 2027 that is not a plain one, and all others plain.
#[test]
fn every_day_since_1993_opens_and_closes_as_the_exchange_did() {
    let golden = include_str!("../golden/nyse_calendar.csv");
    let at = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    let (plain_open, plain_close) = (at("09:30").expect("a time"), at("16:00").expect("a time"));
    let mut special = BTreeMap::new();
    for line in golden.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let date: NaiveDate = cells[0].parse().expect("a date");
        special.insert(date, at(cells[1]).map(|close| (at(cells[2]).unwrap_or(plain_open), close)));
    }
    let first: NaiveDate = "1993-01-01".parse().expect("a date");
    for date in first.iter_days().take_while(|d| d.year() < 2028) {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let plain = Some((plain_open, plain_close)).filter(|_| !weekend);
        let expected = special.get(&date).copied().unwrap_or(plain);
        let session = NYSE.session(date);
        let clock = |ts: i64| NaiveTime::MIN + TimeDelta::nanoseconds(ts - local_midnight(date).0);
        let found = (session.length() > 0).then(|| (clock(session.open.0), clock(session.close.0)));
        assert_eq!(found, expected, "{date}");
    }
}

/// Quotes and trades every half minute, from Sunday 2024-08-11 16:30 to Tuesday 17:30 in Chicago.
fn two_days(folder: &Path) -> Vec<PathBuf> {
    const FIRST: i64 = 1_723_411_800 * SECOND;
    let stamps = (0..5_880).map(|k| FIRST + 30 * k * SECOND);
    let quotes: Vec<String> =
        stamps.clone().enumerate().map(|(k, ts)| format!("{ts},ES,50.{:02},5,50.90,7\n", k % 17)).collect();
    let trades: Vec<String> = stamps.map(|ts| format!("{},ES,50.90,1\n", ts + 1)).collect();
    let lines = |lines: &[String]| lines.iter().map(String::as_str).collect::<Vec<_>>().concat();
    write_lines(folder, "", &[&lines(&quotes)], &[&lines(&trades)])
}

#[test]
fn the_calendar_cuts_a_tape_into_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = two_days(folder.path());
    let made = |calendar: Calendar, name: &str| {
        let mut request = request(inputs.clone(), &folder.path().join(name));
        request.calendar = calendar;
        let manifest = batch(&request);
        assert_eq!(manifest.calendar(), calendar);
        let archive = Archive::open(&request.out).expect("results");
        let count = |date: &str| {
            archive.bars(date, "ES", 10 * SECOND).expect("bars").iter().map(|b| b.trade_count).sum()
        };
        manifest.dates().iter().map(|date| ((*date).to_owned(), count(date))).collect::<Vec<(String, i64)>>()
    };
    let days = |days: &[(&str, i64)]| days.iter().map(|(day, n)| ((*day).to_owned(), *n)).collect::<Vec<_>>();
    let cme = Calendar::of(Market::Cme);
    // 23 hours of two trades a minute; nothing before the open, in the halt, and after the last close.
    assert_eq!(made(cme, "cme"), days(&[("2024-08-12", 2_760), ("2024-08-13", 2_760), ("2024-08-14", 60)]));
    let regular = cme.narrowed("08:30-15:00").expect("hours");
    assert_eq!(
        made(regular, "regular"),
        days(&[("2024-08-12", 780), ("2024-08-13", 780), ("2024-08-14", 0)])
    );
    let all = made(Calendar::of(Market::Continuous), "all");
    assert_eq!(all, days(&[("2024-08-11", 300), ("2024-08-12", 2_880), ("2024-08-13", 2_700)]));
    // Sunday is no day of the exchange, but it has rows: a symbol-day without bars.
    let nyse = made(NYSE, "nyse");
    assert_eq!(nyse, days(&[("2024-08-11", 0), ("2024-08-12", 780), ("2024-08-13", 780)]));
    let manifest =
        |name: &str| std::fs::read_to_string(folder.path().join(name).join("manifest.json")).expect("read");
    assert!(!manifest("nyse").contains("calendar") && manifest("cme").contains("\"calendar\": \"cme\""));
}

#[test]
fn hours_beyond_the_calendar_s_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = two_days(folder.path());
    let [quotes, trades] = [&inputs[0], &inputs[1]].map(|path| path.to_str().expect("UTF-8"));
    let out = folder.path().join("out");
    let out = out.to_str().expect("UTF-8");
    let refused =
        impactd(&["batch", quotes, trades, "--out", out, "--calendar", "cme", "--session", "16:00-17:00"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("--session: '16:00-17:00' reaches beyond 17:00-16:00"),
        "{}",
        stderr(&refused)
    );
}
