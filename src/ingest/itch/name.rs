//! The date of an ITCH file, which stands only in its name.

use std::path::Path;

use chrono::NaiveDate;

use crate::ingest::{IngestError, parse_date};

/// The date in a name such as `01302019.NASDAQ_ITCH50.gz` (MMDDYYYY), `20181228.BX_ITCH_50.gz` (YYYYMMDD) or
/// `S013019-v50.txt.gz` (MMDDYY). No eight digits are both: as a year, month and day, MMDD2YYY has a month above 12.
///
/// # Errors
/// When there is none.
pub fn date_in(path: &Path) -> Result<NaiveDate, IngestError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut runs = name.split(|c: char| !c.is_ascii_digit());
    runs.find_map(date_of).ok_or_else(|| {
        let what = "has no date in its name, and its messages carry only a time of day; name it as Nasdaq does, \
                    MMDDYYYY.NASDAQ_ITCH50.gz or SMMDDYY-v50.txt.gz, or with a date YYYYMMDD in its name";
        IngestError::file(path, what)
    })
}

fn date_of(digits: &str) -> Option<NaiveDate> {
    let turned =
        |month_and_day: &str, year: &str| parse_date(format!("{year}{month_and_day}").as_bytes()).ok();
    match digits.len() {
        8 => parse_date(digits.as_bytes()).ok().or_else(|| turned(&digits[..4], &digits[4..])),
        6 => turned(&digits[..4], &format!("20{}", &digits[4..])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nasdaqs_names_and_plain_dates_are_read() {
        for (name, date) in [
            ("01302019.NASDAQ_ITCH50.gz", "2019-01-30"),
            ("12302019.NASDAQ_ITCH50", "2019-12-30"),
            ("20181228.BX_ITCH_50.gz", "2018-12-28"),
            ("S013019-v50.txt.gz", "2019-01-30"),
            ("itch_20190130.bin", "2019-01-30"),
        ] {
            let found = date_in(Path::new(name)).expect("a date");
            assert_eq!(found.to_string(), date, "{name}");
        }
        for name in ["NASDAQ_ITCH50.gz", "13302019.NASDAQ_ITCH50", "itch50_05_15.gz", "S133019-v50.txt"] {
            let said = date_in(Path::new(name)).expect_err("refused").to_string();
            assert!(said.contains(name) && said.contains("MMDDYYYY"), "{said}");
        }
    }
}
