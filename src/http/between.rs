//! `from` and `to`: between which dates, or moments, rows are wanted. In: the query. Out: the dates whose tables hold
//! them, and what must hold of a row beside.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use utoipa::PartialSchema;
use utoipa::openapi::path::Parameter;

use super::choices::parameter;
use super::filter::Condition;
use super::moment::{self, Bound, BoundText, DateText};
use super::parameters::Given;
use super::problem::Problem;

/// Of which kind the bounds are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Session dates.
    Dates,
    /// Session dates, or moments on the column `ts_start`.
    Moments,
}

impl Between {
    /// Reads both bounds.
    ///
    /// # Errors
    /// A refusal that names the parameter; that there is nothing between them.
    pub fn read(self, given: &Given) -> Result<(RangeInclusive<NaiveDate>, Vec<Condition>), Problem> {
        let bound = |name| match self {
            Self::Dates => given.one(name, &[], |text| moment::date(text).map(Bound::Date)),
            Self::Moments => given.one(name, &[], Bound::parse),
        };
        let (from, to) = (bound("from")?, bound("to")?);
        let moments = [from, to].map(|bound| bound.and_then(Bound::moment));
        if let [Some(from), Some(to)] = moments {
            moment::ordered(from, to)?;
        }
        let [not_before, before] = moments;
        let conditions = not_before
            .map(|moment| Condition::NotBefore("ts_start", moment))
            .into_iter()
            .chain(before.map(|moment| Condition::Before("ts_start", moment)));
        let first = from.map_or(NaiveDate::MIN, Bound::first_date);
        let last = to.map_or(NaiveDate::MAX, Bound::last_date);
        moment::ordered(first, last)?;
        Ok((first..=last, conditions.collect()))
    }

    /// Both parameters as `api.yaml` has them.
    #[must_use]
    pub fn parameters(self) -> [Parameter; 2] {
        match self {
            Self::Dates => [
                ("from", "First session date, by the results' calendar.", "2013-10-07"),
                ("to", "Last session date.", "2013-10-11"),
            ]
            .map(|(name, about, example)| parameter(name, about, DateText::schema(), example.into())),
            Self::Moments => [
                (
                    "from",
                    "Rows from here on: a session date by the results' calendar, or a moment at or before `ts_start`, \
                     in RFC 3339 or\nnanoseconds since 1970 UTC.",
                    "2013-10-07",
                ),
                (
                    "to",
                    "Rows up to here: a session date, itself included, or a moment after `ts_start`.",
                    "2013-10-07T14:00:00Z",
                ),
            ]
            .map(|(name, about, example)| parameter(name, about, BoundText::schema(), example.into())),
        }
    }
}
