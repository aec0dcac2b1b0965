//! Text cells to exact integers. No allocation is made, and nothing that a file says is rounded away.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::limits::{MOMENT_END_NANOS, PRICE_MAX_NANOS, SIZE_MAX_SHARES, SIZE_MAX_UNITS};
use crate::tape::{NANOS_PER_SECOND, Price, Scale, Size};

/// Why a cell was refused, to be completed with file, line and column.
pub type Why = &'static str;

const NOT_A_NUMBER: Why = "is not a number";
const TOO_LARGE: Why = "is too large";
const LATE: Why = "lies outside the years 1970 to 2199";

/// Eight ASCII digits at once: the classic multiply-and-mask reduction of pairs.
#[inline]
pub fn eight_digits(bytes: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(bytes);
    let high = word & 0xF0F0_F0F0_F0F0_F0F0;
    let over_nine = (word.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0;
    if high != 0x3030_3030_3030_3030 || over_nine != 0x3030_3030_3030_3030 {
        return None;
    }
    Some(combine_eight(word & 0x0F0F_0F0F_0F0F_0F0F))
}

/// Eight digits, one a byte, the most significant in the lowest byte, to their number.
#[inline]
pub fn combine_eight(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(2561) >> 8;
    let quads = (pairs & 0x00FF_00FF_00FF_00FF).wrapping_mul(6_553_601) >> 16;
    (quads & 0x0000_FFFF_0000_FFFF).wrapping_mul(42_949_672_960_001) >> 32
}

/// A run of digits and nothing else.
pub fn digits(text: &[u8]) -> Result<u64, Why> {
    if text.is_empty() {
        return Err("is empty where a number is needed");
    }
    let mut value = 0_u64;
    let mut rest = text;
    while let Some((eight, tail)) = rest.split_first_chunk::<8>() {
        let part = eight_digits(*eight).ok_or(NOT_A_NUMBER)?;
        value = value.checked_mul(100_000_000).and_then(|v| v.checked_add(part)).ok_or(TOO_LARGE)?;
        rest = tail;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(NOT_A_NUMBER);
        }
        value = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit))).ok_or(TOO_LARGE)?;
    }
    Ok(value)
}

/// A cell that may not be empty.
pub fn filled(text: &[u8]) -> Result<&[u8], Why> {
    if text.is_empty() { Err("is empty where a number is needed") } else { Ok(text) }
}

/// A decimal price in dollars to nano-dollars; an empty cell is zero, "there is no such side".
pub fn price(text: &[u8]) -> Result<i64, Why> {
    let (negative, body) = match text {
        [b'-', body @ ..] => (true, body),
        body => (false, body),
    };
    let mut value = 0_i64;
    let mut decimals_left = None::<u32>;
    for &byte in body {
        if byte == b'.' && decimals_left.is_none() {
            decimals_left = Some(9);
            continue;
        }
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err("is not a decimal price");
        }
        match &mut decimals_left {
            Some(0) => return float_noise(text),
            Some(left) => *left -= 1,
            None => {}
        }
        value = value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit))).ok_or(TOO_LARGE)?;
    }
    if negative && body.is_empty() {
        return Err("is not a decimal price");
    }
    let nanos = value.checked_mul(10_i64.pow(decimals_left.unwrap_or(9))).ok_or(TOO_LARGE)?;
    credible_price(if negative { -nanos } else { nanos }).map(|price| price.0)
}

/// A price whose products later on cannot overflow.
pub fn credible_price(nanos: i64) -> Result<Price, Why> {
    // Not `abs`: the least number of all has none.
    if (-PRICE_MAX_NANOS..=PRICE_MAX_NANOS).contains(&nanos) {
        Ok(Price(nanos))
    } else {
        Err("is above ten million dollars")
    }
}

/// A size in units whose sums later on cannot overflow; `None` stands for one that did already.
pub fn credible_size(units: Option<i64>, scale: Scale) -> Result<Size, Why> {
    let most = SIZE_MAX_SHARES.saturating_mul(scale.units()).min(SIZE_MAX_UNITS);
    match units {
        Some(units) if units < 0 => Err("is a negative size"),
        Some(units) if units <= most => Ok(Size(units)),
        _ if scale.is_whole() => Err("is above a hundred billion shares"),
        _ => Err("is larger than a size of so many decimals can be"),
    }
}

/// A price written from a float, such as `158.45499999999998`: the nine-decimal price it stands for, when what
/// lies beyond the ninth decimal is rounding noise.
fn float_noise(text: &[u8]) -> Result<i64, Why> {
    const WRONG: Why = "has more than nine decimals";
    let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
    let nanos = text.parse::<f64>().map_err(|_| "is not a decimal price")? * 1e9;
    let near = (nanos - nanos.round()).abs() <= 1e-3;
    if near { credible_price(nanos.round() as i64).map(|price| price.0) } else { Err(WRONG) }
}

/// A size in units, exactly: `0.006` of eight decimals is 600,000. Zeros behind them pass, as in `100.0`; an empty cell
/// is zero.
pub fn size(text: &[u8], scale: Scale) -> Result<i64, Why> {
    if text.first() == Some(&b'-') {
        return Err("is a negative size");
    }
    if text.is_empty() {
        return Ok(0);
    }
    let (whole, fraction) = match text.iter().position(|&b| b == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &text[..0]),
    };
    let (told, zeros) = fraction.split_at(fraction.len().min(usize::from(scale.decimals())));
    if !zeros.iter().all(|&b| b == b'0') {
        return Err(if scale.is_whole() {
            "is not a whole number of shares"
        } else {
            "has more decimals than sizes here have: see --size-decimals"
        });
    }
    let places = usize::from(scale.decimals()) - told.len();
    let part = if told.is_empty() { 0 } else { digits(told)? * 10_u64.pow(places as u32) };
    let units =
        digits(whole)?.checked_mul(scale.units().unsigned_abs()).and_then(|units| units.checked_add(part));
    let units = units.and_then(|units| i64::try_from(units).ok()).ok_or(TOO_LARGE)?;
    credible_size(Some(units), scale).map(|size| size.0)
}

/// NYSE's time of day, `HHMMSSnnnnnnnnn` (or `HHMMSSuuuuuu`, `HHMMSSmmm`), to nanoseconds past midnight.
pub fn compact_time(text: &[u8]) -> Result<i64, Why> {
    const WRONG: Why = "is not a time HHMMSSnnnnnnnnn";
    if !matches!(text.len(), 6 | 9 | 12 | 15) {
        return Err(WRONG);
    }
    let clock = digits(&text[..6]).map_err(|_| WRONG)?;
    clock_nanos(clock / 10_000, clock / 100 % 100, clock % 100, &text[6..]).ok_or(WRONG)
}

/// WRDS's time of day, `H:MM:SS.nnnnnnnnn`, hour padded or not, to nanoseconds past midnight.
pub fn colon_time(text: &[u8]) -> Result<i64, Why> {
    const WRONG: Why = "is not a time H:MM:SS.nnnnnnnnn";
    let mut parts = text.splitn(3, |&b| b == b':');
    let mut next = || parts.next().ok_or(WRONG);
    let (hour, minute, second) = (next()?, next()?, next()?);
    let (whole, fraction) = match second.iter().position(|&b| b == b'.') {
        Some(dot) => (&second[..dot], &second[dot + 1..]),
        None => (second, &second[..0]),
    };
    let number = |t| digits(t).map_err(|_| WRONG);
    clock_nanos(number(hour)?, number(minute)?, number(whole)?, fraction).ok_or(WRONG)
}

/// Seconds past midnight with up to nine decimals, trailing zeros dropped or not (`34200.18960767` is
/// 34,200.189607670 s), to nanoseconds past midnight.
pub fn seconds_of_day(text: &[u8]) -> Result<i64, Why> {
    const WRONG: Why = "is not a number of seconds after midnight with at most nine decimals";
    let (whole, fraction) = match text.iter().position(|&b| b == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &text[..0]),
    };
    let seconds = digits(whole).map_err(|_| WRONG)?;
    if seconds >= 86_400 {
        return Err("is not a second of the day");
    }
    clock_nanos(0, 0, 0, fraction).map(|nanos| seconds as i64 * NANOS_PER_SECOND + nanos).ok_or(WRONG)
}

fn clock_nanos(hour: u64, minute: u64, second: u64, fraction: &[u8]) -> Option<i64> {
    if hour > 23 || minute > 59 || second > 60 || fraction.len() > 9 {
        return None;
    }
    let nanos = match fraction {
        [] => 0,
        some => digits(some).ok()? as i64 * 10_i64.pow(9 - some.len() as u32),
    };
    Some(((hour * 60 + minute) * 60 + second) as i64 * NANOS_PER_SECOND + nanos)
}

/// A moment: whole nanoseconds since 1970 UTC, or RFC 3339 (`2013-10-07T13:30:00.123456789Z`).
pub fn moment(text: &[u8]) -> Result<i64, Why> {
    if let Ok(nanos) = digits(text) {
        return i64::try_from(nanos).map_err(|_| LATE).and_then(credible_moment);
    }
    const WRONG: Why = "is neither nanoseconds since 1970 nor an RFC 3339 time";
    let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
    let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| WRONG)?;
    parsed.timestamp_nanos_opt().ok_or(LATE).and_then(credible_moment)
}

/// A moment around which whole days can be counted.
pub fn credible_moment(nanos: i64) -> Result<i64, Why> {
    if (0..MOMENT_END_NANOS).contains(&nanos) { Ok(nanos) } else { Err(LATE) }
}

/// A date, `YYYY-MM-DD` or `YYYYMMDD`.
pub fn date(text: &[u8]) -> Result<NaiveDate, Why> {
    const WRONG: Why = "is not a date YYYY-MM-DD or YYYYMMDD";
    let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y%m%d"))
        .map_err(|_| WRONG)
        .and_then(|date| if (1970..2200).contains(&date.year()) { Ok(date) } else { Err(LATE) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_are_exact_to_the_ninth_decimal() {
        for (text, nanos) in [
            ("36.42", 36_420_000_000),
            ("0.000000001", 1),
            ("-0.5", -500_000_000),
            (".5", 500_000_000),
            ("7.", 7_000_000_000),
            ("", 0),
            ("158.45499999999998", 158_455_000_000),
            ("1.5000000000", 1_500_000_000),
        ] {
            assert_eq!(price(text.as_bytes()), Ok(nanos), "{text}");
        }
        for bad in
            ["1.2.3", "1e5", "ten", "-", "1,5", "0.0000123456781", "99999999999", "-2.2398839274469744e+16"]
        {
            assert!(price(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_whole_and_not_negative() {
        assert_eq!(size(b"100.00", Scale::WHOLE), Ok(100));
        assert_eq!(size(b"", Scale::WHOLE), Ok(0));
        for bad in ["-1", "1.5", "1e3", "x", "99999999999999999999"] {
            assert!(size(bad.as_bytes(), Scale::WHOLE).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_of_coins_are_exact_to_the_last_of_them() {
        let coins = Scale::new(8);
        assert_eq!(size(b"90000000000.00000000", coins), Ok(SIZE_MAX_UNITS));
        assert!(size(b"90000000000.00000001", coins).is_err());
        assert_eq!(size(b".5", Scale::new(1)), Err("is empty where a number is needed"));
        assert_eq!(size(b"0.006", coins), Ok(600_000));
    }

    #[test]
    fn times_of_day_in_both_spellings() {
        let expected = Ok((9 * 3_600 + 30 * 60) * NANOS_PER_SECOND + 123_456_789);
        assert_eq!(compact_time(b"093000123456789"), expected);
        assert_eq!(colon_time(b"9:30:00.123456789"), expected);
        assert_eq!(colon_time(b"09:30:00"), expected.map(|t| t - 123_456_789));
        // Of the last, all bits but the sign's would be a minute before midnight.
        for bad in ["9:30", "25:00:00", "09:61:00", "9:30:00.1234567890", "::", "9:24:18446744073709551556"] {
            assert!(colon_time(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(compact_time(b"0930").is_err());
    }

    #[test]
    fn seconds_of_the_day_are_exact_whatever_zeros_were_dropped() {
        for (text, nanos) in [
            ("34200.18960767", 34_200_189_607_670),
            ("34200.189607670", 34_200_189_607_670),
            ("34200.000000001", 34_200_000_000_001),
            ("34200", 34_200_000_000_000),
            ("34200.", 34_200_000_000_000),
            ("0.5", 500_000_000),
            ("86399.999999999", 86_399_999_999_999),
        ] {
            assert_eq!(seconds_of_day(text.as_bytes()), Ok(nanos), "{text}");
        }
        for bad in ["", ".5", "86400", "-1", "34200.1234567891", "3.42e4", "34200.1.2", "34200,5", "x"] {
            assert!(seconds_of_day(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_in_both_spellings() {
        assert_eq!(moment(b"1381152600000000001"), Ok(1_381_152_600_000_000_001));
        assert_eq!(moment(b"2013-10-07T13:30:00.000000001Z"), Ok(1_381_152_600_000_000_001));
        assert_eq!(moment(b"2013-10-07T09:30:00-04:00"), Ok(1_381_152_600_000_000_000));
        assert!(moment(b"2013-10-07").is_err());
    }

    proptest! {
        #[test]
        fn any_number_of_digits_is_read_whole(value: u64) {
            prop_assert_eq!(digits(value.to_string().as_bytes()), Ok(value));
        }

        #[test]
        fn any_price_is_read_as_it_is_written(nanos in -PRICE_MAX_NANOS..PRICE_MAX_NANOS) {
            let text = Price(nanos).to_string();
            prop_assert_eq!(price(text.as_bytes()), Ok(nanos));
        }

        #[test]
        fn any_size_is_read_as_it_is_written(units in 0..=SIZE_MAX_UNITS / 100_000_000, decimals in 0_u8..10) {
            let (scale, places) = (Scale::new(decimals), usize::from(decimals));
            let (whole, part) = (units / scale.units(), units % scale.units());
            let text = if decimals == 0 { whole.to_string() } else { format!("{whole}.{part:0places$}") };
            prop_assert_eq!(size(text.as_bytes(), scale), Ok(units));
            let text = if decimals == 0 { format!("{text}.0") } else { format!("{text}00") };
            prop_assert_eq!(size(text.as_bytes(), scale), Ok(units));
            let finer = size(format!("{text}1").as_bytes(), scale);
            prop_assert!(finer.is_err());
        }

        #[test]
        fn no_text_panics(text in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (digits(&text), price(&text), size(&text, Scale::new(8)), moment(&text));
            let _ = (compact_time(&text), colon_time(&text), seconds_of_day(&text), date(&text));
        }

        #[test]
        fn a_time_of_day_lies_within_the_day(text in "[0-9]{1,21}:[0-9]{1,21}:[0-9]{1,21}(\\.[0-9]{0,12})?") {
            // A leap second included.
            let day = 0..86_401 * NANOS_PER_SECOND;
            prop_assert!(colon_time(text.as_bytes()).map_or(true, |nanos| day.contains(&nanos)));
        }
    }
}
