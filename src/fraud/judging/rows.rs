//! From cells of a file or a request to a sample: which columns there are, what a cell may hold, and what is wrong with
//! which row. In: columns of cells. Out: a sample, or the first fault with row, column and value.

use std::collections::HashMap;
use std::fmt;

use chrono::DateTime;

use super::sample::{Groups, Sample, SampleError};

/// The columns that mean something here.
pub const COLUMNS: [&str; 6] = ["label", "score", "weight", "group", "time", "amount"];

/// A cell as its reader found it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'c> {
    /// Nothing.
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// A moment, nanoseconds since 1970 UTC.
    Moment(i64),
    /// Text; in text it may be any of the above.
    Text(&'c str),
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Whole(whole) | Self::Moment(whole) => write!(f, "{whole}"),
            Self::Real(real) => write!(f, "{real}"),
            Self::Text("") => f.write_str("nothing"),
            Self::Text(text) => write!(f, "'{}'", text.chars().take(40).collect::<String>()),
        }
    }
}

/// In what whole and real numbers in the column `time` count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    #[default]
    Nanoseconds,
}

impl TimeUnit {
    /// Nanoseconds in one.
    #[must_use]
    pub fn nanos(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Milliseconds => 1_000_000,
            Self::Microseconds => 1_000,
            Self::Nanoseconds => 1,
        }
    }
}

/// What is wrong with rows to judge. Rows count from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsFault {
    /// The row, where it is one row's fault.
    pub row: Option<usize>,
    /// The column, where it is one column's fault.
    pub column: Option<&'static str>,
    /// What was found and what is needed.
    pub message: String,
}

impl fmt::Display for RowsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}, ")?;
        }
        if let Some(column) = self.column {
            write!(f, "{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Rows being read, column by column or row by row.
#[derive(Debug, Default)]
pub struct Rows {
    unit: TimeUnit,
    labels: Vec<bool>,
    scores: Vec<f64>,
    weights: Vec<f64>,
    groups: Groups,
    known: HashMap<String, u32>,
    times: Vec<i64>,
    amounts: Vec<f64>,
}

impl Rows {
    /// None yet; numbers in the column `time` count in a unit.
    #[must_use]
    pub fn new(unit: TimeUnit) -> Self {
        Self { unit, ..Self::default() }
    }

    /// Adds the next cell of a column; of a column with no meaning, nothing.
    ///
    /// # Errors
    /// When it does not hold what the column needs.
    pub fn push(&mut self, column: &str, cell: &Cell<'_>) -> Result<(), RowsFault> {
        let Some(column) = COLUMNS.into_iter().find(|known| *known == column) else { return Ok(()) };
        let (row, done) = match column {
            "label" => (self.labels.len(), label(cell).map(|label| self.labels.push(label))),
            "score" => (self.scores.len(), score(cell).map(|score| self.scores.push(score))),
            "weight" => (self.weights.len(), amount(cell).map(|weight| self.weights.push(weight))),
            "time" => (self.times.len(), time(cell, self.unit).map(|time| self.times.push(time))),
            "amount" => (self.amounts.len(), amount(cell).map(|amount| self.amounts.push(amount))),
            _ => (self.groups.of.len(), self.group(cell)),
        };
        done.map_err(|needed| RowsFault {
            row: Some(row + 1),
            column: Some(column),
            message: format!("{cell} is no {column}; {needed}"),
        })
    }

    fn group(&mut self, cell: &Cell<'_>) -> Result<(), &'static str> {
        let name = match cell {
            Cell::Null | Cell::Text("") => return Err("a group is named by text or a number"),
            Cell::Text(text) => (*text).to_owned(),
            other => other.to_string(),
        };
        let next = self.groups.names.len() as u32;
        let place = *self.known.entry(name).or_insert_with_key(|name| {
            self.groups.names.push(name.clone());
            next
        });
        self.groups.of.push(place);
        Ok(())
    }

    /// The sample of all rows.
    ///
    /// # Errors
    /// When a column is missing or shorter than another, a score is NaN, or all weights are zero.
    pub fn sample(self) -> Result<Sample, RowsFault> {
        for (column, found) in [("label", self.labels.len()), ("score", self.scores.len())] {
            if found == 0 && self.labels.len().max(self.scores.len()) > 0 {
                let message = "this column is missing; label and score are needed".to_owned();
                return Err(RowsFault { row: None, column: Some(column), message });
            }
        }
        let mut sample = Sample::new(self.labels, self.scores)?;
        if !self.weights.is_empty() {
            sample = sample.with_weights(self.weights)?;
        }
        if !self.groups.of.is_empty() {
            sample = sample.with_groups(self.groups)?;
        }
        if !self.times.is_empty() {
            sample = sample.with_times(self.times)?;
        }
        Ok(if self.amounts.is_empty() { sample } else { sample.with_amounts(self.amounts)? })
    }
}

/// Rows of a sample count from 0, those of a reader from 1.
impl From<SampleError> for RowsFault {
    fn from(error: SampleError) -> Self {
        let (row, column, message) = match error {
            SampleError::NanScore { row } => {
                (Some(row), Some("score"), "NaN is no score; leave the row out or score it".to_owned())
            }
            SampleError::Length { column, found, rows } => {
                (None, Some(column), format!("has {found} values where the labels are {rows}"))
            }
            SampleError::NoWeight => (None, Some("weight"), "all weights are 0".to_owned()),
            other => (None, None, other.to_string()),
        };
        Self { row: row.map(|row| row + 1), column, message }
    }
}

fn label(cell: &Cell<'_>) -> Result<bool, &'static str> {
    match cell {
        Cell::Flag(flag) => Ok(*flag),
        Cell::Whole(0) | Cell::Text("0") => Ok(false),
        Cell::Whole(1) | Cell::Text("1") => Ok(true),
        Cell::Real(real) if *real == 0.0 => Ok(false),
        Cell::Real(real) if *real == 1.0 => Ok(true),
        Cell::Text(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true),
        Cell::Text(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false),
        Cell::Text(text) if text.trim().parse() == Ok(0.0) => Ok(false),
        Cell::Text(text) if text.trim().parse() == Ok(1.0) => Ok(true),
        _ => Err("a label is 0 or 1, or false or true"),
    }
}

fn number(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Whole(whole) => Some(*whole as f64),
        Cell::Real(real) => Some(*real),
        Cell::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn score(cell: &Cell<'_>) -> Result<f64, &'static str> {
    let score = number(cell).ok_or("a score is a number")?;
    if score.is_nan() { Err("leave the row out or score it") } else { Ok(score) }
}

fn amount(cell: &Cell<'_>) -> Result<f64, &'static str> {
    number(cell).filter(|number| number.is_finite() && *number >= 0.0).ok_or("it is finite and not below 0")
}

fn time(cell: &Cell<'_>, unit: TimeUnit) -> Result<i64, &'static str> {
    const NEEDED: &str = "a time is RFC 3339 or a number that counts from 1970 UTC";
    let whole = |count: i64| count.checked_mul(unit.nanos()).ok_or("it lies beyond all bounds in this unit");
    let real = |count: f64| {
        let nanos = count * unit.nanos() as f64;
        if nanos.abs() < 9.2e18 {
            Ok(nanos.round() as i64)
        } else {
            Err("it lies beyond all bounds in this unit")
        }
    };
    match cell {
        Cell::Moment(nanos) => Ok(*nanos),
        Cell::Whole(count) => whole(*count),
        Cell::Real(count) => real(*count),
        Cell::Text(text) => match (text.trim().parse::<i64>(), text.trim().parse::<f64>()) {
            (Ok(count), _) => whole(count),
            (_, Ok(count)) => real(count),
            _ => {
                let moment = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| NEEDED)?;
                moment.timestamp_nanos_opt().ok_or("it lies beyond all bounds")
            }
        },
        _ => Err(NEEDED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(column: &str, cells: &[Cell<'_>]) -> Result<Rows, RowsFault> {
        let mut rows = Rows::new(TimeUnit::Seconds);
        for cell in cells {
            rows.push(column, cell)?;
        }
        Ok(rows)
    }

    #[test]
    fn labels_come_in_every_form() {
        let forms = [Cell::Flag(true), Cell::Whole(1), Cell::Real(1.0), Cell::Text("1"), Cell::Text("1.0")];
        assert_eq!(read("label", &forms).expect("labels").labels, [true; 5]);
        let texts = [Cell::Text("True"), Cell::Text("false"), Cell::Text(" 0 ")];
        assert_eq!(read("label", &texts).expect("labels").labels, [true, false, false]);
        let fault = read("label", &[Cell::Whole(0), Cell::Whole(2)]).expect_err("refused");
        assert_eq!(fault.to_string(), "row 2, label: 2 is no label; a label is 0 or 1, or false or true");
    }

    #[test]
    fn a_fault_names_row_column_and_value() {
        let fault = |column: &str, cell: Cell<'_>| read(column, &[cell]).expect_err("refused").to_string();
        assert!(fault("score", Cell::Text("high")).starts_with("row 1, score: 'high' is no score"));
        assert!(fault("score", Cell::Real(f64::NAN)).starts_with("row 1, score: NaN is no score"));
        assert!(fault("weight", Cell::Real(-1.0)).contains("-1 is no weight; it is finite and not below 0"));
        assert!(fault("time", Cell::Text("noon")).contains("'noon' is no time"));
        assert!(fault("group", Cell::Null).contains("nothing is no group"));
        let rows = read("score", &[Cell::Whole(1)]).expect("scores");
        assert!(rows.sample().expect_err("refused").to_string().starts_with("label: this column is missing"));
    }

    #[test]
    fn times_count_in_their_unit() {
        let cells = [Cell::Text("2"), Cell::Real(1.5), Cell::Text("1970-01-01T00:00:03Z"), Cell::Moment(7)];
        let times = read("time", &cells).expect("times").times;
        assert_eq!(times, [2_000_000_000, 1_500_000_000, 3_000_000_000, 7]);
    }
}
