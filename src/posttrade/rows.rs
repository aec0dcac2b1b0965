//! Executed orders as rows of a table, a fill a row: read by way of the same JSON as posted ones, told by line.
//!
//! Columns: `order_id,symbol,side,quantity,decision_ts,decision_price,arrival_ts,fill_ts,fill_shares,fill_price`, and
//! `arrival_mid,end_ts,end_mid,fill_mid,fee,estimate_bps` where there are any, in any order. The order's own columns
//! say the same on each of its rows; a row without the three columns of a fill stands for an order without fills.
//! `estimate_bps` is the impact that was expected, temporary and permanent, basis points of the arrival mid.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::request::{Posted, read_execution};
use crate::cost::Fault;
use crate::limits::EXECUTION_FILLS_MAX;

/// Columns that tables must have.
pub const ROW_COLUMNS: [&str; 10] = [
    "order_id",
    "symbol",
    "side",
    "quantity",
    "decision_ts",
    "decision_price",
    "arrival_ts",
    "fill_ts",
    "fill_shares",
    "fill_price",
];
/// Columns that tables may have.
pub const ROW_COLUMNS_MORE: [&str; 6] = ["arrival_mid", "end_ts", "end_mid", "fill_mid", "fee", "estimate_bps"];
/// Columns of a fill, and its fields.
const FILL_COLUMNS: [(&str, &str); 5] =
    [("fill_ts", "ts"), ("fill_shares", "shares"), ("fill_price", "price"), ("fill_mid", "mid"), ("fee", "fee")];
const ESTIMATE: &str = "estimate_bps";

/// Rows of text; an empty cell is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextTable {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Cells, each with its line in the file, from 1.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// What is wrong on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Line or row of the file, from 1.
    pub line: u64,
    /// Column, or JSON pointer.
    pub column: String,
    /// What.
    pub message: String,
}

/// An order of a file, or all that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileOrder {
    /// Its first line.
    pub line: u64,
    /// Its id as it was spelt.
    pub order_id: String,
    /// The order, and the impact that was expected, basis points.
    pub read: Result<(Posted, Option<f64>), Vec<LineFault>>,
}

/// The orders of a table, in the order in which they appear. An order with a bad row is left out whole: without that
/// fill its cost would be another's.
///
/// # Errors
/// A sentence, when the columns are not those of executed orders.
pub fn orders_of_rows(table: &TextTable) -> Result<Vec<FileOrder>, String> {
    check_columns(&table.columns)?;
    let mut order: Vec<Rows<'_>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (line, cells) in &table.rows {
        let row = Row { line: *line, columns: &table.columns, cells };
        let id = row.cell("order_id").unwrap_or_default().to_owned();
        // Rows without an id belong to nobody: each is refused by itself.
        let key = if id.is_empty() { format!("\0{line}") } else { id };
        let place = *places.entry(key).or_insert(order.len());
        match order.get_mut(place) {
            Some(rows) => rows.0.push(row),
            None => order.push(Rows(vec![row])),
        }
    }
    Ok(order.iter().map(Rows::read).collect())
}

/// An order of a line of JSON.
#[must_use]
pub fn order_of_json(line: u64, text: &str) -> FileOrder {
    let told = |fault: Fault| LineFault { line, column: fault.pointer, message: fault.message };
    let value: Result<Value, _> = serde_json::from_str(text);
    let value = match value {
        Ok(value) => value,
        Err(e) => {
            let fault = LineFault { line, column: String::new(), message: format!("is not JSON: {e}") };
            return FileOrder { line, order_id: String::new(), read: Err(vec![fault]) };
        }
    };
    let order_id = value.get("order_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let read = read_execution(&value, "").map(|posted| (posted, None));
    FileOrder { line, order_id, read: read.map_err(|faults| faults.into_iter().map(told).collect()) }
}

fn check_columns(columns: &[String]) -> Result<(), String> {
    let there = |name: &str| columns.iter().any(|column| column == name);
    let missing: Vec<&str> = ROW_COLUMNS.into_iter().filter(|name| !there(name)).collect();
    let known = |name: &str| ROW_COLUMNS.contains(&name) || ROW_COLUMNS_MORE.contains(&name);
    let unknown: Vec<&str> = columns.iter().map(String::as_str).filter(|name| !known(name)).collect();
    let twice = columns.iter().enumerate().find(|(index, name)| columns[..*index].contains(name));
    if !missing.is_empty() {
        Err(format!("lacks the columns {}; it has {}", missing.join(", "), columns.join(", ")))
    } else if !unknown.is_empty() {
        let may = ROW_COLUMNS_MORE.join(", ");
        Err(format!("has columns that mean nothing here: {}; beside those needed there may be {may}", unknown.join(", ")))
    } else if let Some((_, name)) = twice {
        Err(format!("has the column {name} twice"))
    } else {
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Row<'t> {
    line: u64,
    columns: &'t [String],
    cells: &'t [String],
}

impl<'t> Row<'t> {
    fn cell(&self, column: &str) -> Option<&'t str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    fn fault(&self, column: &str, message: impl Into<String>) -> LineFault {
        LineFault { line: self.line, column: column.to_owned(), message: message.into() }
    }

    fn has_fill(&self) -> bool {
        FILL_COLUMNS[..3].iter().any(|(column, _)| self.cell(column).is_some())
    }
}

/// The rows of one order.
struct Rows<'t>(Vec<Row<'t>>);

impl Rows<'_> {
    fn read(&self) -> FileOrder {
        let first = self.0[0];
        let order_id = first.cell("order_id").unwrap_or_default().to_owned();
        FileOrder { line: first.line, order_id, read: self.posted() }
    }

    fn posted(&self) -> Result<(Posted, Option<f64>), Vec<LineFault>> {
        let mut faults = self.disagreements();
        let estimate = self.estimate(&mut faults);
        let filled: Vec<Row<'_>> = self.0.iter().filter(|row| row.has_fill()).copied().collect();
        if self.0.len() > EXECUTION_FILLS_MAX {
            let message = format!("the order has {} rows, at most {EXECUTION_FILLS_MAX}", self.0.len());
            return Err(vec![self.0[0].fault("order_id", message)]);
        }
        let read = read_execution(&self.json(&filled), "");
        let told = |fault: Fault| self.told(&fault, &filled);
        match read {
            Ok(posted) if faults.is_empty() => Ok((posted, estimate)),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more.into_iter().map(told));
                Err(faults)
            }
        }
    }

    /// The order's own columns say the same on every row.
    fn disagreements(&self) -> Vec<LineFault> {
        let own = |name: &&str| !FILL_COLUMNS.iter().any(|(column, _)| column == name);
        let (first, mut faults) = (self.0[0], Vec::new());
        for row in &self.0 {
            if row.cells.len() != row.columns.len() {
                let (cells, columns) = (row.cells.len(), row.columns.len());
                faults.push(row.fault("", format!("has {cells} cells under {columns} columns")));
            }
            for column in row.columns.iter().map(String::as_str).filter(own) {
                if row.cell(column) != first.cell(column) {
                    let (mine, theirs) = (row.cell(column).unwrap_or(""), first.cell(column).unwrap_or(""));
                    let message = format!("'{mine}' is not the '{theirs}' of line {}", first.line);
                    faults.push(row.fault(column, message));
                }
            }
        }
        faults
    }

    fn estimate(&self, faults: &mut Vec<LineFault>) -> Option<f64> {
        let text = self.0[0].cell(ESTIMATE)?;
        let number = text.parse().ok().filter(|bps: &f64| bps.abs() <= 1e5);
        if number.is_none() {
            faults.push(self.0[0].fault(ESTIMATE, format!("'{text}' is not a number of basis points")));
        }
        number
    }

    fn json(&self, filled: &[Row<'_>]) -> Value {
        let value = |column: &str, text: &str| match column {
            "quantity" | "fill_shares" => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        };
        let mut order = Map::new();
        for column in ROW_COLUMNS[..7].iter().chain(&ROW_COLUMNS_MORE[..3]) {
            if let Some(text) = self.0[0].cell(column) {
                order.insert((*column).to_owned(), value(column, text));
            }
        }
        let fill = |row: &Row<'_>| {
            let field = |(column, field): &(&str, &str)| {
                Some(((*field).to_owned(), value(column, row.cell(column)?)))
            };
            Value::Object(FILL_COLUMNS.iter().filter_map(field).collect())
        };
        order.insert("fills".to_owned(), filled.iter().map(fill).collect());
        Value::Object(order)
    }

    /// A fault by the line and column it comes from.
    fn told(&self, fault: &Fault, filled: &[Row<'_>]) -> LineFault {
        let mut path = fault.pointer.trim_start_matches('/').splitn(3, '/');
        match (path.next(), path.next().and_then(|index| index.parse::<usize>().ok()), path.next()) {
            (Some("fills"), Some(index), Some(field)) => {
                let row = filled.get(index).unwrap_or(&self.0[0]);
                let column = FILL_COLUMNS.iter().find(|(_, own)| *own == field).map_or(field, |(column, _)| column);
                row.fault(column, &fault.message)
            }
            (Some(column), ..) => self.0[0].fault(column, &fault.message),
            _ => self.0[0].fault("", &fault.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "order_id,symbol,side,quantity,decision_ts,decision_price,arrival_ts,fill_ts,fill_shares,\
                          fill_price,arrival_mid,end_ts,end_mid,fill_mid,fee,estimate_bps";

    fn table(lines: &[&str]) -> TextTable {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let rows = lines.iter().enumerate().map(|(index, line)| (index as u64 + 2, cells(line)));
        TextTable { columns: cells(HEADER), rows: rows.collect() }
    }

    const A1: &str = "a,IBM,buy,300,2013-10-07T14:00:00Z,100,2013-10-07T14:00:01Z,2013-10-07T14:00:02Z,100,100.1,,,,,,4";
    const A2: &str = "a,IBM,buy,300,2013-10-07T14:00:00Z,100,2013-10-07T14:00:01Z,2013-10-07T14:00:03Z,200,100.2,,,,,1,4";
    const B: &str = "b,F,sell,50,2013-10-07T14:00:00Z,17,2013-10-07T14:00:01Z,,,,17.01,2013-10-07T15:00:00Z,16.9,,,";

    fn faults(lines: &[&str]) -> Vec<(u64, String)> {
        let orders = orders_of_rows(&table(lines)).expect("columns");
        let bad = orders.into_iter().filter_map(|order| order.read.err()).flatten();
        bad.map(|fault| (fault.line, fault.column)).collect()
    }

    #[test]
    fn rows_of_an_order_come_together_wherever_they_stand() {
        let orders = orders_of_rows(&table(&[A1, B, A2])).expect("columns");
        assert_eq!(orders.iter().map(|o| (o.line, o.order_id.as_str())).collect::<Vec<_>>(), [(2, "a"), (3, "b")]);
        let (posted, impact) = orders[0].read.as_ref().expect("an order");
        assert_eq!((posted.execution.filled(), posted.execution.fills.len(), *impact), (300, 2, Some(4.0)));
        let (posted, impact) = orders[1].read.as_ref().expect("an order");
        assert_eq!((posted.execution.filled(), *impact), (0, None));
    }

    #[test]
    fn a_bad_line_is_named_and_the_others_are_done() {
        let bad = |from: &str, to: &str| faults(&[A1, B, &A2.replace(from, to)]);
        assert_eq!(bad(",200,", ",-200,"), [(4, "fill_shares".into())]);
        assert_eq!(bad(",200,", ",2e2,"), [(4, "fill_shares".into())]);
        assert_eq!(bad("100.2", "NaN"), [(4, "fill_price".into())]);
        assert_eq!(bad(",200,", ",201,"), [(4, "fill_shares".into())]);
        assert_eq!(bad("14:00:03", "13:00:03"), [(4, "fill_ts".into())]);
        assert_eq!(bad("IBM", "IBMX"), [(4, "symbol".into())]);
        assert_eq!(bad(",1,4", ",1"), [(4, "".into()), (4, "estimate_bps".into())]);
        assert_eq!(faults(&[&A1.replace("buy", "long"), B]), [(2, "side".into())]);
        assert_eq!(faults(&[&A1.replacen('a', "", 1), B]), [(2, "order_id".into())]);
        assert_eq!(faults(&[&A1.replace(",,4", ",,NaN")]), [(2, "estimate_bps".into())]);
    }

    #[test]
    fn columns_are_checked_before_rows() {
        let mut short = table(&[]);
        short.columns.remove(0);
        assert!(orders_of_rows(&short).expect_err("refused").contains("order_id"));
        short.columns.extend(["order_id".to_owned(), "venue".to_owned()]);
        assert!(orders_of_rows(&short).expect_err("refused").contains("venue"));
        short.columns.pop();
        short.columns.push("fee".to_owned());
        assert!(orders_of_rows(&short).expect_err("refused").contains("fee twice"));
    }

    #[test]
    fn a_line_of_json_is_read_as_a_posted_order() {
        assert_eq!(order_of_json(3, "{").read.expect_err("no JSON")[0].line, 3);
        let faults = order_of_json(4, r#"{"order_id": "a", "fills": []}"#).read.expect_err("too little");
        assert!(faults.iter().any(|fault| fault.column == "/quantity" && fault.line == 4));
    }
}
