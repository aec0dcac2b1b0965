//! Dates and moments as query parameters.

use chrono::{DateTime, NaiveDate};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{Code, Problem};
use crate::tape::{Calendar, Market, Nanos};

/// A bound of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A whole session date.
    Date(NaiveDate),
    /// Nanoseconds since 1970 UTC.
    Moment(i64),
}

impl Bound {
    /// The first date it may lie on, by any calendar.
    #[must_use]
    pub fn first_date(self) -> NaiveDate {
        self.dates().0
    }

    /// The last date it may lie on, by any calendar.
    #[must_use]
    pub fn last_date(self) -> NaiveDate {
        self.dates().1
    }

    fn dates(self) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Date(date) => (date, date),
            Self::Moment(nanos) => {
                let dates = Market::ALL.map(|market| Calendar::of(market).date_of(Nanos(nanos)));
                dates
                    .iter()
                    .fold((dates[0], dates[0]), |(first, last), date| (first.min(*date), last.max(*date)))
            }
        }
    }

    /// Nanoseconds, when it is a moment.
    #[must_use]
    pub fn moment(self) -> Option<i64> {
        match self {
            Self::Date(_) => None,
            Self::Moment(nanos) => Some(nanos),
        }
    }

    /// Reads a date, an RFC 3339 moment, or nanoseconds.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(date) = date(text) {
            return Ok(Self::Date(date));
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            let far = if digits.len() < text.len() { i64::MIN } else { i64::MAX };
            return Ok(Self::Moment(text.parse().unwrap_or(far)));
        }
        // A plus that was not percent-encoded arrives as a space.
        let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).map_err(|_| {
            let example = "2013-10-07, 2013-10-07T13:30:00Z or nanoseconds since 1970";
            format!("'{text}' is neither a date nor a moment such as {example}")
        })?;
        // Nanoseconds reach from 1677 to 2262; what lies beyond bounds just as well from there.
        let far = if moment.timestamp() < 0 { i64::MIN } else { i64::MAX };
        Ok(Self::Moment(moment.timestamp_nanos_opt().unwrap_or(far)))
    }
}

/// Reads `2013-10-07`.
///
/// # Errors
/// When it is no date of that form.
pub fn date(text: &str) -> Result<NaiveDate, String> {
    let bad = || format!("'{text}' is not a date such as 2013-10-07");
    if text.len() != "2013-10-07".len() || !text.is_ascii() || text.contains(['+', ' ']) {
        return Err(bad());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| bad())
}

/// Refuses an interval that ends before it begins.
///
/// # Errors
/// The refusal.
pub fn ordered<T: PartialOrd + Copy>(from: T, to: T) -> Result<(), Problem> {
    if to < from {
        let problem = Problem::new(Code::EmptyInterval, "to lies before from: there is nothing between them");
        return Err(problem.at("query/to".into(), "lies before from", Vec::new()));
    }
    Ok(())
}

/// How a date is documented.
#[derive(Debug)]
pub struct DateText;

impl PartialSchema for DateText {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Date);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for DateText {}

/// How a bound is documented.
#[derive(Debug)]
pub struct BoundText;

impl PartialSchema for BoundText {
    fn schema() -> RefOr<Schema> {
        let moment = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        AnyOfBuilder::new()
            .item(DateText::schema())
            .item(ObjectBuilder::new().schema_type(Type::String).format(Some(moment)))
            .item(ObjectBuilder::new().schema_type(Type::Integer))
            .into()
    }
}

impl ToSchema for BoundText {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_dates_moments_or_nanoseconds() {
        let half_past = 1_381_152_600_000_000_001;
        assert_eq!(Bound::parse("2013-10-07"), Ok(Bound::Date(date("2013-10-07").expect("a date"))));
        assert_eq!(Bound::parse("2013-10-07T13:30:00.000000001Z"), Ok(Bound::Moment(half_past)));
        assert_eq!(Bound::parse("2013-10-07T15:30:00.000000001 02:00"), Ok(Bound::Moment(half_past)));
        assert_eq!(Bound::parse("1381152600000000001"), Ok(Bound::Moment(half_past)));
        assert_eq!(Bound::parse("0001-01-01T00:00:00Z"), Ok(Bound::Moment(i64::MIN)));
        assert_eq!(Bound::parse("99999999999999999999"), Ok(Bound::Moment(i64::MAX)));
        assert_eq!(Bound::Moment(i64::MIN).first_date().to_string(), "1677-09-20");
        for bad in ["", "-", "today", "2013-13-01", "2013-1-1", "+013-10-07", "2013-10-07T13:30", "é013-10-7"]
        {
            assert!(Bound::parse(bad).is_err(), "{bad}");
        }
    }
}
