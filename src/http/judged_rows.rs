//! Labels and scores from CSV, Parquet and JSON. In: bytes, the unit of times. Out: a sample to judge, or the first
//! fault with its row, column and value.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::*;
use serde_json::{Map, Value};

use super::basket_rows::Csv;
use crate::fraud::judging::{COLUMNS, Cell, Rows, RowsFault, Sample, TimeUnit as Unit};
use crate::ingest::check_parquet;
use crate::limits::JUDGED_ROWS_MAX;

fn whole_fault(message: impl Into<String>) -> RowsFault {
    RowsFault { row: None, column: None, message: message.into() }
}

fn row_fault(row: usize, message: impl Into<String>) -> RowsFault {
    RowsFault { row: Some(row), ..whole_fault(message) }
}

fn too_many() -> RowsFault {
    whole_fault(format!("there are more than {JUDGED_ROWS_MAX} rows; judge a sample of them, with weights"))
}

/// Each known column stands once, and the two that are needed are there.
fn check_names<S: AsRef<str>>(names: &[S]) -> Result<(), RowsFault> {
    for column in COLUMNS {
        let there = names.iter().filter(|name| name.as_ref() == column).count();
        if there > 1 {
            return Err(whole_fault(format!("the column '{column}' stands {there} times")));
        }
        if there == 0 && matches!(column, "label" | "score") {
            let found: Vec<&str> = names.iter().take(12).map(AsRef::as_ref).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            return Err(whole_fault(format!("there is no column '{column}'; the columns are {found}")));
        }
    }
    Ok(())
}

/// Reads CSV with a header.
///
/// # Errors
/// The first fault.
pub fn csv_sample(bytes: &[u8], unit: Unit) -> Result<Sample, RowsFault> {
    let mut csv = Csv::open(bytes).map_err(whole_fault)?;
    check_names(&csv.names)?;
    let names = csv.names.clone();
    let mut rows = Rows::new(unit);
    for (row, record) in csv.by_ref().enumerate() {
        if row == JUDGED_ROWS_MAX {
            return Err(too_many());
        }
        let cells = record.map_err(|what| row_fault(row + 1, what))?;
        for (name, cell) in names.iter().zip(&cells) {
            rows.push(name, &Cell::Text(cell))?;
        }
    }
    rows.sample()
}

/// Reads Parquet.
///
/// # Errors
/// The first fault.
pub fn parquet_sample(bytes: &[u8], unit: Unit) -> Result<Sample, RowsFault> {
    check_parquet(Cursor::new(bytes)).map_err(|e| whole_fault(format!("is not Parquet: {e}")))?;
    let decode = || -> Result<DataFrame, RowsFault> {
        let unreadable = |e: PolarsError| whole_fault(format!("is not Parquet: {e}"));
        let mut reader = ParquetReader::new(Cursor::new(bytes.to_vec()));
        let schema = reader.schema().map_err(unreadable)?;
        let names: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).collect();
        check_names(&names)?;
        let wanted = names.iter().filter(|name| COLUMNS.contains(*name)).map(ToString::to_string).collect();
        reader
            .with_columns(Some(wanted))
            .with_slice(Some((0, JUDGED_ROWS_MAX + 1)))
            .finish()
            .map_err(unreadable)
    };
    // The decoder answers some damaged files with a panic of its own.
    let frame = catch_unwind(AssertUnwindSafe(decode)).map_err(|_| whole_fault("is damaged Parquet"))??;
    if frame.height() > JUDGED_ROWS_MAX {
        return Err(too_many());
    }
    let mut rows = Rows::new(unit);
    for column in frame.columns() {
        let column = column.rechunk();
        let series = column.as_materialized_series();
        for value in series.iter() {
            rows.push(series.name(), &cell(&value, series.dtype())?)?;
        }
    }
    rows.sample()
}

fn cell<'v>(value: &'v AnyValue<'_>, kind: &DataType) -> Result<Cell<'v>, RowsFault> {
    let nanos = |count: i64, unit: &TimeUnit| {
        count
            .checked_mul(match unit {
                TimeUnit::Nanoseconds => 1,
                TimeUnit::Microseconds => 1_000,
                TimeUnit::Milliseconds => 1_000_000,
            })
            .ok_or_else(|| whole_fault("time: a moment lies beyond all bounds"))
    };
    Ok(match value {
        AnyValue::Null => Cell::Null,
        AnyValue::Boolean(flag) => Cell::Flag(*flag),
        AnyValue::String(text) => Cell::Text(text),
        AnyValue::StringOwned(text) => Cell::Text(text.as_str()),
        AnyValue::Datetime(count, unit, _) => Cell::Moment(nanos(*count, unit)?),
        AnyValue::DatetimeOwned(count, unit, _) => Cell::Moment(nanos(*count, unit)?),
        other if kind.is_integer() => match other.extract::<i64>() {
            Some(whole) => Cell::Whole(whole),
            None => other.extract::<f64>().map_or(Cell::Null, Cell::Real),
        },
        other => match kind.is_float().then(|| other.extract::<f64>()).flatten() {
            Some(real) => Cell::Real(real),
            None => {
                let message = format!("a cell of type {kind} is of no use; write numbers, text or times");
                return Err(whole_fault(message));
            }
        },
    })
}

/// Reads JSON: `rows`, a list of objects, or `columns`, an object of lists.
///
/// # Errors
/// The JSON pointer of the first fault below the value, and the fault.
pub fn json_sample(value: &Value, unit: Unit) -> Result<Sample, (String, RowsFault)> {
    let top = |message: &str| (String::new(), whole_fault(message));
    let Value::Object(fields) = value else {
        return Err(top("is not an object with 'rows' or 'columns'"));
    };
    match (fields.get("rows"), fields.get("columns")) {
        (Some(Value::Array(rows)), None) => of_rows(rows, unit),
        (None, Some(Value::Object(columns))) => of_columns(columns, unit),
        (Some(_), None) => Err(("/rows".to_owned(), whole_fault("is not a list of objects"))),
        (None, Some(_)) => Err(("/columns".to_owned(), whole_fault("is not an object of lists"))),
        _ => Err(top("needs either 'rows' or 'columns'")),
    }
}

fn known(name: &str) -> Result<(), RowsFault> {
    if COLUMNS.contains(&name) {
        return Ok(());
    }
    Err(whole_fault(format!("'{name}' is not known; {} are", COLUMNS.join(", "))))
}

fn of_rows(list: &[Value], unit: Unit) -> Result<Sample, (String, RowsFault)> {
    let mut rows = Rows::new(unit);
    let first: Vec<&String> = match list.first() {
        Some(Value::Object(row)) => row.keys().collect(),
        _ => Vec::new(),
    };
    for (place, row) in list.iter().enumerate() {
        let at = |fault: RowsFault| (format!("/rows/{place}"), fault);
        let Value::Object(cells) = row else { return Err(at(whole_fault("is not an object"))) };
        if cells.len() != first.len() || !cells.keys().all(|name| first.contains(&name)) {
            return Err(at(whole_fault("does not have the fields of the first row")));
        }
        for (name, value) in cells {
            let inside = |fault: RowsFault| (format!("/rows/{place}/{name}"), fault);
            known(name).map_err(inside)?;
            rows.push(name, &json_cell(value).map_err(inside)?).map_err(inside)?;
        }
    }
    rows.sample().map_err(|fault| ("/rows".to_owned(), fault))
}

fn of_columns(columns: &Map<String, Value>, unit: Unit) -> Result<Sample, (String, RowsFault)> {
    let mut rows = Rows::new(unit);
    for (name, list) in columns {
        let at = |fault: RowsFault| (format!("/columns/{name}"), fault);
        known(name).map_err(at)?;
        let Value::Array(list) = list else { return Err(at(whole_fault("is not a list"))) };
        for (place, value) in list.iter().enumerate() {
            let inside = |fault: RowsFault| (format!("/columns/{name}/{place}"), fault);
            rows.push(name, &json_cell(value).map_err(inside)?).map_err(inside)?;
        }
    }
    rows.sample().map_err(|fault| ("/columns".to_owned(), fault))
}

fn json_cell(value: &Value) -> Result<Cell<'_>, RowsFault> {
    Ok(match value {
        Value::Null => Cell::Null,
        Value::Bool(flag) => Cell::Flag(*flag),
        Value::String(text) => Cell::Text(text),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Cell::Whole(whole),
            None => number.as_f64().map_or(Cell::Null, Cell::Real),
        },
        _ => return Err(whole_fault("is neither number, text nor truth value")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_give_the_same_rows() {
        let csv =
            csv_sample(b"id,score,label,weight\n1,0.5,1,2\n2,0.25,0,1\n", Unit::Nanoseconds).expect("rows");
        for body in [
            r#"{"rows": [{"label": 1, "score": 0.5, "weight": 2}, {"label": false, "score": 0.25, "weight": 1}]}"#,
            r#"{"columns": {"label": [true, 0], "score": [0.5, 0.25], "weight": [2, 1]}}"#,
        ] {
            let value = serde_json::from_str(body).expect("JSON");
            let json = json_sample(&value, Unit::Nanoseconds).expect("rows");
            assert_eq!((json.labels(), json.scores()), (csv.labels(), csv.scores()));
            assert_eq!(json.weights(), csv.weights());
        }
    }

    #[test]
    fn faults_say_where() {
        let csv =
            |text: &str| csv_sample(text.as_bytes(), Unit::Nanoseconds).expect_err("refused").to_string();
        assert_eq!(csv("label,p\n1,0.5\n"), "there is no column 'score'; the columns are label, p");
        assert!(csv("label,score\n1,0.5\n0\n").contains("row 2, has 1 cells where the header has 2"));
        assert!(csv("label,score\n1,0.5\n0,NaN\n").starts_with("row 2, score: 'NaN' is no score"));
        assert!(csv("label,score,label\n").contains("stands 2 times"));
        assert!(csv("label,score\n").contains("there is no row"));
        let json = |text: &str| {
            let value = serde_json::from_str(text).expect("JSON");
            json_sample(&value, Unit::Nanoseconds).expect_err("refused").0
        };
        assert_eq!(json(r#"{"columns": {"label": [1], "score": ["x"]}}"#), "/columns/score/0");
        assert_eq!(json(r#"{"rows": [{"label": 1, "score": 1}, {"label": 1}]}"#), "/rows/1");
        assert_eq!(json(r#"{"columns": {"label": [1], "score": [1, 2]}}"#), "/columns");
        assert_eq!(json(r#"{"rows": []}"#), "/rows");
        assert!(parquet_sample(b"PAR1", Unit::Nanoseconds).is_err());
    }
}
