//! Dates, bounds and sessions of every market.

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn moment(text: &str) -> Nanos {
    Nanos(DateTime::parse_from_rfc3339(text).expect("a moment").timestamp_nanos_opt().expect("in range"))
}

const HOUR: i64 = 3_600 * 1_000_000_000;

#[test]
fn sessions_follow_daylight_saving() {
    let summer = NYSE.session(date("2013-10-07"));
    assert_eq!(summer.open.0, 1_381_152_600_000_000_000); // 13:30 UTC
    let winter = NYSE.session(date("2018-01-02"));
    assert_eq!(winter.open.0, 1_514_903_400_000_000_000); // 14:30 UTC
    assert_eq!(winter.length(), 23_400 * 1_000_000_000);
}

#[test]
fn half_days_end_early_late_days_begin_late_and_holidays_are_empty() {
    assert_eq!(NYSE.session(date("2013-07-03")).length(), 12_600 * 1_000_000_000);
    assert_eq!(NYSE.session(date("2002-09-11")).open, moment("2002-09-11T12:00:00-04:00"));
    let closed = NYSE.session(date("2013-07-04"));
    assert_eq!(closed.length(), 0);
    assert!(!closed.contains(closed.open));
}

#[test]
fn a_session_text_is_checked_and_comes_back() {
    for (market, text) in [
        (Market::Nyse, "10:00-15:30"),
        (Market::Nyse, "09:30-16:00"),
        (Market::Cme, "17:00-16:00"),
        (Market::Cme, "08:30-15:00"),
        (Market::Cme, "18:00-00:00"),
        (Market::Cme, "00:00-02:00"),
        (Market::Continuous, "00:00-24:00"),
        (Market::Continuous, "23:00-24:00"),
    ] {
        let narrowed = Calendar::of(market).narrowed(text).expect(text);
        assert_eq!(narrowed.to_string(), text, "{}", market.name());
        assert_eq!(Calendar::of(market).narrowed(&narrowed.to_string()), Ok(narrowed));
    }
    for (market, bads) in [
        (Market::Nyse, ["10:00", "16:00-09:30", "25:00-26:00", "04:00-20:00", ""]),
        (Market::Cme, ["16:00-17:00", "15:00-16:30", "10:00-18:00", "17:00-17:00", "8-9"]),
        (Market::Continuous, ["00:00-00:00", "12:00-12:00", "24:00-24:00", "00:00-24:01", "20:00-04:00"]),
    ] {
        for bad in bads {
            assert!(Calendar::of(market).narrowed(bad).is_err(), "{} {bad}", market.name());
        }
    }
    assert!(Calendar::of(Market::Nyse).narrowed("09:30-16:00").expect("whole").is_whole());
}

#[test]
fn every_moment_lies_within_its_own_date() {
    // Clocks changed on 2018-03-11 and 2018-11-04, both Sundays.
    let days =
        ["2018-03-09", "2018-03-10", "2018-03-11", "2018-03-12", "2018-11-03", "2018-11-04", "2018-11-05"];
    for market in [Market::Nyse, Market::Cme, Market::Continuous] {
        let calendar = Calendar::of(market);
        for day in days.map(date) {
            let at = calendar.bounds(day).0;
            let day = calendar.date_of(at);
            let (from, to) = calendar.bounds(day);
            for ts in [from.0, from.0 + 5_400_000_000_000, to.0 - 1] {
                assert_eq!(calendar.date_of(Nanos(ts)), day, "{} {ts}", market.name());
            }
            assert_ne!(calendar.date_of(Nanos(from.0 - 1)), day);
            assert_ne!(calendar.date_of(to), day);
            let session = calendar.session(day);
            assert!(from <= session.open && session.close <= to, "{} {day}", market.name());
        }
    }
}

#[test]
fn new_york_dates_turn_at_midnight() {
    let midnight = local_midnight(date("2013-10-07"));
    assert_eq!(NYSE.date_of(midnight), date("2013-10-07"));
    assert_eq!(NYSE.date_of(Nanos(midnight.0 - 1)), date("2013-10-06"));
}

#[test]
fn futures_trade_from_the_evening_before() {
    let cme = Calendar::of(Market::Cme);
    for (ts, day) in [
        ("2024-08-07T16:59:59-05:00", "2024-08-07"),
        ("2024-08-07T17:00:00-05:00", "2024-08-08"),
        ("2024-08-09T15:59:59-05:00", "2024-08-09"),
        ("2024-08-09T17:00:00-05:00", "2024-08-12"),
        ("2024-08-10T12:00:00-05:00", "2024-08-12"),
        ("2024-08-11T16:00:00-05:00", "2024-08-12"),
        ("2024-08-11T17:00:00-05:00", "2024-08-12"),
    ] {
        assert_eq!(cme.date_of(moment(ts)), date(day), "{ts}");
    }
    let monday = cme.session(date("2024-08-12"));
    assert_eq!((monday.open, monday.length()), (moment("2024-08-11T17:00:00-05:00"), 23 * HOUR));
    let narrow = cme.narrowed("08:30-15:00").expect("hours").session(date("2024-08-12"));
    assert_eq!(narrow.open, moment("2024-08-12T08:30:00-05:00"));
}

#[test]
fn futures_keep_their_own_holidays() {
    let cme = Calendar::of(Market::Cme);
    let ends = |day: &str| {
        let session = cme.session(date(day));
        (session.length() > 0).then_some(session.close)
    };
    for shut in
        ["2024-01-01", "2023-01-02", "2024-03-29", "2024-12-25", "2021-12-24", "2022-12-26", "2024-08-10"]
    {
        assert_eq!(ends(shut), None, "{shut}");
    }
    for (day, close) in [
        ("2024-11-28", "2024-11-28T12:00:00-06:00"),
        ("2024-11-29", "2024-11-29T12:15:00-06:00"),
        ("2024-12-24", "2024-12-24T12:15:00-06:00"),
        ("2024-12-31", "2024-12-31T16:00:00-06:00"),
        ("2024-07-03", "2024-07-03T12:15:00-05:00"),
        ("2024-07-04", "2024-07-04T12:00:00-05:00"),
        ("2024-06-19", "2024-06-19T12:00:00-05:00"),
        ("2023-04-07", "2023-04-07T08:15:00-05:00"),
    ] {
        assert_eq!(ends(day), Some(moment(close)), "{day}");
    }
}

#[test]
fn what_never_closes_has_days_of_utc() {
    let all = Calendar::of(Market::Continuous);
    let day = all.session(date("2024-02-29"));
    assert_eq!((day.open, day.length()), (moment("2024-02-29T00:00:00Z"), 24 * HOUR));
    assert_eq!(all.bounds(date("2024-02-29")), (day.open, day.close));
    assert_eq!(all.session(date("2024-12-25")).length(), 24 * HOUR);
}
