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
pub const ROW_COLUMNS_MORE: [&str; 6] =
    ["arrival_mid", "end_ts", "end_mid", "fill_mid", "fee", "estimate_bps"];
/// Columns of a fill, and its fields.
const FILL_COLUMNS: [(&str, &str); 5] = [
    ("fill_ts", "ts"),
    ("fill_shares", "shares"),
    ("fill_price", "price"),
    ("fill_mid", "mid"),
    ("fee", "fee"),
];
const ESTIMATE: &str = "estimate_bps";

/// A row's cells; an empty one is unknown. Or why it has none.
pub type Cells = Result<Vec<Value>, String>;

/// What is wrong in a row.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RowFault {
    /// Row of the file, from 1; a header is not counted.
    pub row: usize,
    /// Column, or JSON pointer.
    pub column: String,
    /// What.
    pub message: String,
}

/// An order of a file, or all that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileOrder {
    /// Its first row.
    pub row: usize,
    /// Its id as it was spelt.
    pub order_id: String,
    /// The order, and the impact that was expected, basis points.
    pub read: Result<(Posted, Option<f64>), Vec<RowFault>>,
}

/// The orders of a table, in the order in which they appear. An order with a bad row is left out whole: without that
/// fill its cost would be another's.
///
/// # Errors
/// A sentence, when the columns are not those of executed orders.
pub fn orders_of_rows(columns: &[String], rows: &[Cells]) -> Result<Vec<FileOrder>, String> {
    check_columns(columns)?;
    let mut orders: Vec<Rows<'_>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (index, cells) in rows.iter().enumerate() {
        let row = Row { row: index + 1, columns, cells };
        // Rows without an id belong to nobody: each is refused by itself.
        let key = row.text("order_id").unwrap_or_else(|| format!("\0{index}"));
        let place = *places.entry(key).or_insert(orders.len());
        match orders.get_mut(place) {
            Some(rows) => rows.0.push(row),
            None => orders.push(Rows(vec![row])),
        }
    }
    Ok(orders.iter().map(Rows::read).collect())
}

/// An order of a row of JSON.
#[must_use]
pub fn order_of_json(row: usize, value: &Result<Value, String>) -> FileOrder {
    let fault = |pointer: String, message: String| RowFault { row, column: pointer, message };
    let value = match value {
        Ok(value) => value,
        Err(what) => {
            let faults = vec![fault(String::new(), format!("is not JSON: {what}"))];
            return FileOrder { row, order_id: String::new(), read: Err(faults) };
        }
    };
    let order_id = value.get("order_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let read = read_execution(value, "").map(|posted| (posted, None));
    let told = |faults: Vec<Fault>| faults.into_iter().map(|f| fault(f.pointer, f.message)).collect();
    FileOrder { row, order_id, read: read.map_err(told) }
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
        Err(format!(
            "has columns that mean nothing here: {}; beside those needed there may be {may}",
            unknown.join(", ")
        ))
    } else if let Some((_, name)) = twice {
        Err(format!("has the column {name} twice"))
    } else {
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Row<'t> {
    row: usize,
    columns: &'t [String],
    cells: &'t Cells,
}

impl<'t> Row<'t> {
    fn cell(&self, column: &str) -> Option<&'t Value> {
        let at = self.columns.iter().position(|name| name == column)?;
        let cell = self.cells.as_ref().ok()?.get(at)?;
        let blank = cell.is_null() || cell.as_str().is_some_and(|text| text.trim().is_empty());
        (!blank).then_some(cell)
    }

    fn text(&self, column: &str) -> Option<String> {
        self.cell(column)
            .map(|cell| cell.as_str().map_or_else(|| cell.to_string(), |text| text.trim().to_owned()))
    }

    fn fault(&self, column: &str, message: impl Into<String>) -> RowFault {
        RowFault { row: self.row, column: column.to_owned(), message: message.into() }
    }

    fn has_fill(&self) -> bool {
        FILL_COLUMNS[..3].iter().any(|(column, _)| self.cell(column).is_some())
    }

    /// A cell as the JSON of an order has it: text that is a whole number of shares becomes one.
    fn value(&self, column: &str) -> Option<Value> {
        let cell = self.cell(column)?;
        match column {
            "order_id" | "symbol" => self.text(column).map(Value::from),
            "quantity" | "fill_shares" => {
                let whole = cell.as_str().and_then(|text| text.trim().parse::<i64>().ok());
                Some(whole.map_or_else(|| cell.clone(), Value::from))
            }
            _ => Some(cell.as_str().map_or_else(|| cell.clone(), |text| text.trim().into())),
        }
    }
}

/// The rows of one order.
struct Rows<'t>(Vec<Row<'t>>);

impl Rows<'_> {
    fn read(&self) -> FileOrder {
        let first = self.0[0];
        FileOrder {
            row: first.row,
            order_id: first.text("order_id").unwrap_or_default(),
            read: self.posted(),
        }
    }

    fn posted(&self) -> Result<(Posted, Option<f64>), Vec<RowFault>> {
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
    fn disagreements(&self) -> Vec<RowFault> {
        let own = |name: &&str| !FILL_COLUMNS.iter().any(|(column, _)| column == name);
        let (first, mut faults) = (self.0[0], Vec::new());
        for row in &self.0 {
            if let Err(what) = row.cells {
                faults.push(row.fault("", what));
            }
            for column in row.columns.iter().map(String::as_str).filter(own) {
                let (mine, theirs) = (row.text(column), first.text(column));
                if mine != theirs {
                    let (mine, theirs) = (mine.unwrap_or_default(), theirs.unwrap_or_default());
                    faults.push(
                        row.fault(column, format!("'{mine}' is not the '{theirs}' of row {}", first.row)),
                    );
                }
            }
        }
        faults
    }

    fn estimate(&self, faults: &mut Vec<RowFault>) -> Option<f64> {
        let text = self.0[0].text(ESTIMATE)?;
        let number = text.parse().ok().filter(|bps: &f64| bps.abs() <= 1e5);
        if number.is_none() {
            faults.push(self.0[0].fault(ESTIMATE, format!("'{text}' is not a number of basis points")));
        }
        number
    }

    fn json(&self, filled: &[Row<'_>]) -> Value {
        let columns = ROW_COLUMNS[..7].iter().chain(&ROW_COLUMNS_MORE[..3]);
        let own = columns.filter_map(|column| Some(((*column).to_owned(), self.0[0].value(column)?)));
        let fill = |row: &Row<'_>| {
            let fields = FILL_COLUMNS.iter();
            Value::Object(
                fields.filter_map(|(column, f)| Some(((*f).to_owned(), row.value(column)?))).collect(),
            )
        };
        let mut order: Map<String, Value> = own.collect();
        order.insert("fills".to_owned(), filled.iter().map(fill).collect());
        Value::Object(order)
    }

    /// A fault by the row and column it comes from.
    fn told(&self, fault: &Fault, filled: &[Row<'_>]) -> RowFault {
        let mut path = fault.pointer.trim_start_matches('/').splitn(3, '/');
        match (path.next(), path.next().and_then(|index| index.parse::<usize>().ok()), path.next()) {
            (Some("fills"), Some(index), Some(field)) => {
                let row = filled.get(index).unwrap_or(&self.0[0]);
                let column =
                    FILL_COLUMNS.iter().find(|(_, own)| *own == field).map_or(field, |(column, _)| column);
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

    fn columns() -> Vec<String> {
        HEADER.split(',').map(str::to_owned).collect()
    }

    fn rows(lines: &[&str]) -> Vec<Cells> {
        lines.iter().map(|line| Ok(line.split(',').map(Value::from).collect())).collect()
    }

    fn orders(lines: &[&str]) -> Vec<FileOrder> {
        orders_of_rows(&columns(), &rows(lines)).expect("columns")
    }

    const A1: &str =
        "a,IBM,buy,300,2013-10-07T14:00:00Z,100,2013-10-07T14:00:01Z,2013-10-07T14:00:02Z,100,100.1,,,,,,4";
    const A2: &str =
        "a,IBM,buy,300,2013-10-07T14:00:00Z,100,2013-10-07T14:00:01Z,2013-10-07T14:00:03Z,200,100.2,,,,,1,4";
    const B: &str =
        "b,F,sell,50,2013-10-07T14:00:00Z,17,2013-10-07T14:00:01Z,,,,17.01,2013-10-07T15:00:00Z,16.9,,,";

    fn faults(lines: &[&str]) -> Vec<(usize, String)> {
        let bad = orders(lines).into_iter().filter_map(|order| order.read.err()).flatten();
        bad.map(|fault| (fault.row, fault.column)).collect()
    }

    #[test]
    fn rows_of_an_order_come_together_wherever_they_stand() {
        let orders = orders(&[A1, B, A2]);
        assert_eq!(
            orders.iter().map(|o| (o.row, o.order_id.as_str())).collect::<Vec<_>>(),
            [(1, "a"), (2, "b")]
        );
        let (posted, impact) = orders[0].read.as_ref().expect("an order");
        assert_eq!((posted.execution.filled(), posted.execution.fills.len(), *impact), (300, 2, Some(4.0)));
        let (posted, impact) = orders[1].read.as_ref().expect("an order");
        assert_eq!((posted.execution.filled(), *impact), (0, None));
    }

    #[test]
    fn a_bad_row_is_named_and_the_others_are_done() {
        let bad = |from: &str, to: &str| faults(&[A1, B, &A2.replace(from, to)]);
        assert_eq!(bad(",200,", ",-200,"), [(3, "fill_shares".into())]);
        assert_eq!(bad(",200,", ",2e2,"), [(3, "fill_shares".into())]);
        assert_eq!(bad("100.2", "NaN"), [(3, "fill_price".into())]);
        assert_eq!(bad(",200,", ",201,"), [(3, "fill_shares".into())]);
        assert_eq!(bad("14:00:03", "13:00:03"), [(3, "fill_ts".into())]);
        assert_eq!(bad("IBM", "IBMX"), [(3, "symbol".into())]);
        assert_eq!(faults(&[&A1.replace("buy", "long"), B]), [(1, "side".into())]);
        assert_eq!(faults(&[&A1.replacen('a', "", 1), B]), [(1, "order_id".into())]);
        assert_eq!(faults(&[&A1.replace(",,4", ",,NaN")]), [(1, "estimate_bps".into())]);
        let broken = [rows(&[B])[0].clone(), Err("has 3 cells".to_owned())];
        let read = orders_of_rows(&columns(), &broken).expect("columns");
        assert!(read[0].read.is_ok());
        assert_eq!(read[1].read.as_ref().expect_err("broken")[0].message, "has 3 cells");
    }

    #[test]
    fn columns_are_checked_before_rows() {
        let refused = |columns: &[String]| orders_of_rows(columns, &[]).expect_err("refused");
        let mut short = columns();
        short.remove(0);
        assert!(refused(&short).contains("order_id"));
        short.extend(["order_id".to_owned(), "venue".to_owned()]);
        assert!(refused(&short).contains("venue"));
        short.pop();
        short.push("fee".to_owned());
        assert!(refused(&short).contains("fee twice"));
    }

    #[test]
    fn a_row_of_json_is_read_as_a_posted_order() {
        let value = serde_json::json!({"order_id": "a", "fills": []});
        let faults = order_of_json(4, &Ok(value)).read.expect_err("too little");
        assert!(faults.iter().any(|fault| fault.column == "/quantity" && fault.row == 4));
        assert_eq!(order_of_json(3, &Err("EOF".into())).read.expect_err("no JSON")[0].row, 3);
    }
}
