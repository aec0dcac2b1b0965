//! A basket of orders in any of its formats to lines of JSON fields, one a line, so that one reader judges them all.
//!
//! A line that cannot be read is kept with the reason; only what concerns the whole refuses the whole: bytes of
//! another format, a column that no order has, too many lines.

use serde_json::{Map, Value};

use super::basket_rows::{csv_rows, parquet_rows};
use super::body;
use crate::cost::Fault;
use crate::limits::BASKET_LINES_MAX;
use crate::pretrade::Line;

/// A format of baskets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasketKind {
    /// A list of orders.
    Json,
    /// An order a line.
    Ndjson,
    /// A header of column names, and a row an order.
    Csv,
    /// Columns of the same names.
    Parquet,
}

impl BasketKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Json, Self::Ndjson, Self::Csv, Self::Parquet];

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The format of a media type.
    #[must_use]
    pub fn of_media(media: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == media)
    }

    /// The format of a file, by its ending.
    #[must_use]
    pub fn of_file(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Text,
    Number,
    Moment,
    Flag,
}

/// Columns of the flat formats, and the field each stands for.
const COLUMNS: [(&str, &[&str], Cell); 29] = [
    ("symbol", &["symbol"], Cell::Text),
    ("mic", &["mic"], Cell::Text),
    ("side", &["side"], Cell::Text),
    ("quantity", &["quantity"], Cell::Number),
    ("notional", &["notional"], Cell::Number),
    ("currency", &["currency"], Cell::Text),
    ("as_of", &["as_of"], Cell::Moment),
    ("window_start", &["window", "start"], Cell::Moment),
    ("window_end", &["window", "end"], Cell::Moment),
    ("horizon_seconds", &["horizon_seconds"], Cell::Number),
    ("participation_rate", &["participation_rate"], Cell::Number),
    ("strategy", &["strategy"], Cell::Text),
    ("risk_aversion", &["risk_aversion"], Cell::Number),
    ("urgency", &["urgency"], Cell::Text),
    ("order_type", &["order_type"], Cell::Text),
    ("limit_price", &["limit_price"], Cell::Number),
    ("alpha_bps", &["alpha_bps"], Cell::Number),
    ("adv_shares", &["overrides", "adv_shares"], Cell::Number),
    ("volatility_daily_bps", &["overrides", "volatility_daily_bps"], Cell::Number),
    ("spread_bps", &["overrides", "spread_bps"], Cell::Number),
    ("arrival_price", &["overrides", "arrival_price"], Cell::Number),
    ("shares_outstanding", &["overrides", "shares_outstanding"], Cell::Number),
    ("model", &["model"], Cell::Text),
    ("confidence", &["confidence"], Cell::Number),
    ("client_ref", &["client_ref"], Cell::Text),
    ("account", &["account", "id"], Cell::Text),
    ("credit_used_usd", &["account", "credit_used_usd"], Cell::Number),
    ("orders_last_minute", &["account", "orders_last_minute"], Cell::Number),
    ("halted", &["halted"], Cell::Flag),
];

/// Cells of a row as they came; or why the row cannot be read.
pub type Row = Result<Vec<Value>, String>;

/// Reads a basket.
///
/// # Errors
/// What concerns the whole.
pub fn read(bytes: &[u8], kind: BasketKind) -> Result<Vec<Line>, Vec<Fault>> {
    let lines = match kind {
        BasketKind::Json => list(bytes)?,
        BasketKind::Ndjson => documents(bytes)?,
        BasketKind::Csv => flat(csv_rows(bytes, BASKET_LINES_MAX).map_err(whole)?)?,
        BasketKind::Parquet => flat(parquet_rows(bytes, BASKET_LINES_MAX).map_err(whole)?)?,
    };
    match lines.len() {
        0 => Err(whole("the basket holds no orders".to_owned())),
        n if n > BASKET_LINES_MAX => {
            Err(whole(format!("the basket holds more than {BASKET_LINES_MAX} orders; cut it")))
        }
        _ => Ok(lines),
    }
}

fn whole(what: String) -> Vec<Fault> {
    vec![Fault::new("", what)]
}

fn line((index, fields): (usize, Result<Value, String>)) -> Line {
    Line { row: index + 1, fields }
}

fn list(bytes: &[u8]) -> Result<Vec<Line>, Vec<Fault>> {
    match body::parse(bytes) {
        Ok(Value::Array(orders)) => Ok(orders.into_iter().map(Ok).enumerate().map(line).collect()),
        Ok(_) => Err(whole("the body is not a list of orders".to_owned())),
        Err(what) => Err(whole(format!("the body is not JSON: {what}"))),
    }
}

fn documents(bytes: &[u8]) -> Result<Vec<Line>, Vec<Fault>> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let written = lines.filter(|(_, text)| !text.iter().all(u8::is_ascii_whitespace));
    // One more than may be is enough to refuse.
    let some = written.take(BASKET_LINES_MAX + 1);
    Ok(some
        .map(|(index, text)| line((index, body::parse(text).map_err(|what| format!("is not JSON: {what}")))))
        .collect())
}

/// Names of columns, and rows.
pub type Flat = (Vec<String>, Vec<Row>);

fn flat((names, rows): Flat) -> Result<Vec<Line>, Vec<Fault>> {
    let mut columns = Vec::new();
    let mut faults = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match COLUMNS.iter().find(|(own, ..)| own == name) {
            Some(column) if !names[..index].contains(name) => columns.push(column),
            Some(_) => faults.push(Fault::new(format!("/{name}"), "is the name of two columns")),
            None => {
                let short: String = name.chars().take(64).collect();
                let fault = Fault::new(format!("/{short}"), "is not a column of an order");
                faults.push(fault.allowing(COLUMNS.iter().map(|(own, ..)| *own)));
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let fields = |cells: Vec<Value>| {
        let mut fields = Map::new();
        for ((_, path, cell), value) in columns.iter().zip(cells) {
            put(&mut fields, path, typed(*cell, value));
        }
        Value::Object(fields)
    };
    Ok(rows.into_iter().map(|row| row.map(&fields)).enumerate().map(line).collect())
}

/// Puts a value where a path leads; unknown values are left out.
fn put(fields: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        _ if value.is_null() => {}
        [name] => {
            fields.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let inner = fields.entry((*name).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
        [] => {}
    }
}

/// Text as what its column holds; what it cannot be stays text, for the reader to refuse with its value.
fn typed(cell: Cell, value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let trimmed = text.trim();
    let number = || {
        let whole = trimmed.parse::<i64>().ok().map(Value::from);
        whole
            .or_else(|| trimmed.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number))
    };
    let found = match cell {
        _ if trimmed.is_empty() => Some(Value::Null),
        Cell::Text => Some(Value::from(trimmed)),
        Cell::Number => number(),
        Cell::Moment => trimmed.parse::<i64>().ok().map(Value::from),
        Cell::Flag => trimmed.parse::<bool>().ok().map(Value::Bool),
    };
    found.unwrap_or(value)
}
