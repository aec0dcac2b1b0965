//! Which of a table's rows are wanted.

use std::borrow::Cow;

use polars::prelude::*;

use crate::tape::NANOS_PER_SECOND;

/// Something that must hold of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A text column has this value.
    Is(&'static str, Cow<'static, str>),
    /// A text column has this value, or begins with it and an underscore.
    Begins(&'static str, String),
    /// A column of whole numbers has this value.
    Whole(&'static str, i64),
    /// A column of true and false has this value.
    Flag(&'static str, bool),
    /// Buckets are of this kind, and of this size where one is named.
    Bucket(&'static str, Option<f64>),
    /// A column in seconds has this value, nanoseconds.
    Seconds(&'static str, i64),
    /// A number is at least this.
    AtLeast(&'static str, f64),
    /// A time stamp is not before this moment.
    NotBefore(&'static str, i64),
    /// A time stamp is before this moment.
    Before(&'static str, i64),
}

impl Condition {
    /// The rows of which all conditions hold.
    ///
    /// # Errors
    /// When the frame lacks a column.
    pub fn mask(all: &[Self], frame: &DataFrame) -> PolarsResult<BooleanChunked> {
        let mut mask = BooleanChunked::full("holds".into(), true, frame.height());
        for condition in all {
            mask = mask & condition.holds(frame)?;
        }
        Ok(mask)
    }

    fn holds(&self, frame: &DataFrame) -> PolarsResult<BooleanChunked> {
        Ok(match *self {
            Self::Is(column, ref value) => frame.column(column)?.str()?.equal(value.as_ref()),
            Self::Whole(column, value) => frame.column(column)?.i64()?.equal(value),
            Self::Flag(column, value) => {
                frame.column(column)?.bool()?.iter().map(|is| is == Some(value)).collect()
            }
            Self::Bucket(kind, size) => {
                let of_kind = frame.column("bucket")?.str()?.equal(kind);
                match size {
                    Some(size) => of_kind & frame.column("bucket_size")?.f64()?.equal(size),
                    None => of_kind,
                }
            }
            // The same division that made the column gives the same float.
            Self::Seconds(column, nanos) => {
                frame.column(column)?.f64()?.equal(nanos as f64 / NANOS_PER_SECOND as f64)
            }
            Self::Begins(column, ref with) => {
                let begins = |text: &str| {
                    text.strip_prefix(with.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
                };
                frame.column(column)?.str()?.iter().map(|text| text.is_some_and(begins)).collect()
            }
            Self::AtLeast(column, least) => frame.column(column)?.f64()?.gt_eq(least),
            Self::NotBefore(column, moment) => frame.column(column)?.datetime()?.physical().gt_eq(moment),
            Self::Before(column, moment) => frame.column(column)?.datetime()?.physical().lt(moment),
        })
    }
}
