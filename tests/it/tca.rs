//! `impactd tca`: the same orders in every format give the same costs, and a bad row stops nobody else.

use std::fs;
use std::path::Path;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::http::results;
use crate::support::{OPEN, SECOND, impactd, stderr};

const HEADER: &str = "order_id,symbol,side,quantity,decision_ts,decision_price,arrival_ts,end_ts,fill_ts,\
                      fill_shares,fill_price,fee,estimate_bps";

fn at(second: i64) -> i64 {
    OPEN + second * SECOND
}

fn fills() -> Vec<String> {
    let a = |second: i64, shares: i64, price: &str| {
        let (d, s, e) = (at(95), at(100), at(400));
        format!("a,AA,buy,300,{d},50,{s},{e},{},{shares},{price},0.1,2.5", at(second))
    };
    let b = format!("b,B B,sell,70,{},50.1,{},,{},70,50.05,,", at(200), at(201), at(260));
    vec![a(125, 150, "50.04"), b, a(309, 50, "50.05")]
}

fn write(path: &Path, rows: &[String]) {
    fs::write(path, format!("{HEADER}\n{}\n", rows.join("\n"))).expect("written");
}

fn report(file: &Path, data: Option<&Path>) -> (i32, Value, String) {
    let file = file.display().to_string();
    let data = data.map(|data| data.display().to_string());
    let mut arguments = vec!["tca", file.as_str(), "--json"];
    arguments.extend(data.iter().flat_map(|data| ["--data", data.as_str()]));
    let output = impactd(&arguments);
    let value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().expect("a code"), value, stderr(&output))
}

#[test]
fn every_format_gives_the_same_costs() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let data = folder.path().join("out");
    let csv = folder.path().join("fills.csv");
    write(&csv, &fills());
    let (code, expected, errors) = report(&csv, Some(&data));
    assert_eq!((code, errors.as_str()), (0, ""));
    let orders = expected["data"].as_array().expect("orders");
    assert_eq!(orders.len(), 2);
    assert_eq!(
        (&orders[0]["filled_quantity"], &orders[0]["fills"].as_array().map(Vec::len)),
        (&json!(200), &Some(2))
    );
    assert_eq!(orders[0]["parts"]["unattributed"]["usd"], 0.0, "all is known: {}", orders[0]);
    let parts = &orders[0]["parts"];
    let sum: f64 = ["delay", "spread", "impact", "timing", "opportunity", "fees", "unattributed"]
        .iter()
        .map(|part| parts[part]["usd"].as_f64().expect("known"))
        .sum();
    let whole = orders[0]["shortfall"]["usd"].as_f64().expect("known");
    assert!((sum - whole).abs() < 1e-12 * 15_000.0, "{sum} {whole}");
    let total = expected["total"]["shortfall_usd"].as_f64().expect("known");
    let both: f64 = orders.iter().map(|o| o["shortfall"]["usd"].as_f64().expect("known")).sum();
    assert!((total - both).abs() < 1e-9);

    let reader = CsvReadOptions::default().with_has_header(true);
    let mut frame =
        reader.try_into_reader_with_file_path(Some(csv)).expect("a reader").finish().expect("a frame");
    let stamps =
        frame.column("fill_ts").expect("there").cast(&DataType::Datetime(TimeUnit::Nanoseconds, None));
    frame.with_column(stamps.expect("stamps")).expect("replaced");
    let parquet = folder.path().join("fills.parquet");
    ParquetWriter::new(fs::File::create(&parquet).expect("a file")).finish(&mut frame).expect("written");
    assert_eq!(report(&parquet, Some(&data)).1, expected);

    // NDJSON has no estimate_bps: what was expected is asked for again there, or left out.
    let ndjson = folder.path().join("fills.ndjson");
    let b = json!({
        "order_id": "b", "symbol": "B B", "side": "sell", "quantity": 70, "decision_ts": at(200),
        "decision_price": "50.1", "arrival_ts": at(201),
        "fills": [{"ts": at(260), "shares": 70, "price": 50.05}]
    });
    fs::write(&ndjson, format!("{b}\n")).expect("written");
    assert_eq!(report(&ndjson, Some(&data)).1["data"][0], orders[1]);
}

#[test]
fn a_bad_row_is_named_and_the_other_orders_are_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let csv = folder.path().join("fills.csv");
    let mut rows = fills();
    rows[2] = rows[2].replace("50.05", "NaN");
    rows.push(rows[1].replacen('b', "c", 1).replace(",70,50.05", ",71,50.05"));
    rows.push("d,AA".to_owned());
    write(&csv, &rows);
    let (code, value, errors) = report(&csv, None);
    assert_eq!(code, 65);
    let ids: Vec<&Value> = value["data"].as_array().expect("orders").iter().map(|o| &o["order_id"]).collect();
    assert_eq!(ids, [&json!("b")]);
    for words in ["row 3, fill_price: 'NaN'", "row 4, fill_shares", "row 5: has 2 cells"] {
        assert!(errors.contains(words), "{words} in {errors}");
    }
    assert_eq!(errors.lines().count(), value["faults"].as_array().expect("faults").len());
    // Without a tape nobody knows what the unfilled shares of the first order are worth.
    write(&csv, &fills());
    let (code, value, errors) = report(&csv, None);
    assert_eq!((code, value["data"].as_array().map(Vec::len)), (65, Some(1)));
    assert!(errors.contains("100 of 300 shares of order 'a' were not filled"), "{errors}");
}

#[test]
fn a_file_that_is_none_is_one_clear_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        let (code, _, errors) = report(&path, None);
        assert_eq!((code, errors.lines().count()), (65, 1), "{errors}");
        errors
    };
    assert!(refused("a.csv", b"order_id,symbol\na,b\n").contains("lacks the columns side"));
    assert!(refused("a.txt", b"x").contains("neither .csv"));
    assert!(refused("a.parquet", b"PAR1").contains("arquet"));
    assert!(refused("b.csv", b"").contains("empty"));
    let output = impactd(&["tca", "nowhere.csv"]);
    assert_eq!(output.status.code(), Some(65));
    let csv = folder.path().join("fills.csv");
    write(&csv, &fills());
    let (code, _, errors) = report(&csv, Some(folder.path()));
    assert_eq!(code, 65);
    assert!(errors.contains("holds no results"), "{errors}");
}

#[test]
fn the_table_is_for_people() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let csv = folder.path().join("fills.csv");
    write(&csv, &fills());
    let (file, data) = (csv.display().to_string(), folder.path().join("out").display().to_string());
    let output = impactd(&["tca", &file, "--data", &data]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0));
    let line =
        |start: &str| text.lines().find(|l| l.starts_with(start)).map(|l| l.split_whitespace().count());
    assert_eq!(line("a "), Some(15), "{text}");
    assert_eq!(line("total"), Some(11), "{text}");
}
