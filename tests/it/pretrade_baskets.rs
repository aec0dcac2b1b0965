//! Baskets: every format in and out, one bad line among good ones, and what earlier lines do to later ones.

use axum::Router;
use polars::prelude::*;
use serde_json::{Value, json};

use crate::desk::{AS_OF, check, desk, estimate, order, post, with};
use crate::http::Answer;

const BATCH: &str = "/v1/pretrade/estimate:batch";

async fn ask(router: &Router, kind: &str, accept: &str, body: Vec<u8>) -> Answer {
    post(router, BATCH, &[("content-type", kind), ("accept", accept)], body).await
}

async fn priced(router: &Router, kind: &str, body: Vec<u8>) -> Value {
    let answer = ask(router, kind, "application/json", body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

#[tokio::test]
async fn one_bad_line_never_fails_the_basket() {
    let (_folder, router) = desk();
    let sell = with(json!({"symbol": "BB", "side": "sell", "quantity": 1000, "client_ref": "two"}));
    let bad = with(json!({"quantity": 0, "client_ref": "three"}));
    let basket = json!([order(), sell, bad, with(json!({"symbol": "ZZ"})), 5]);
    let answer = priced(&router, "application/json", basket.to_string().into_bytes()).await;
    let results = answer["results"].as_array().expect("results");
    let told: Vec<(i64, &str)> = results
        .iter()
        .map(|r| (r["row"].as_i64().expect("a row"), r["status"].as_str().expect("a word")))
        .collect();
    assert_eq!(told, [(1, "ok"), (2, "ok"), (3, "error"), (4, "error"), (5, "error")]);
    assert_eq!(results[0]["estimate"], estimate(&router, &order()).await, "alone or in a basket");
    let problem = &results[2]["problem"];
    assert_eq!((problem["code"].as_str(), problem["status"].as_i64()), (Some("invalid_order"), Some(422)));
    assert_eq!(problem["errors"][0]["pointer"], "/quantity");
    assert!(problem["detail"].as_str().expect("a sentence").starts_with("row 3: "));
    assert_eq!(results[2]["client_ref"], "three");
    assert_eq!(results[3]["problem"]["code"], "unknown_symbol");
    let totals = &answer["totals"];
    let part = |index: usize, path: &str| {
        results[index]["estimate"].pointer(path).and_then(Value::as_f64).expect("a number")
    };
    let (bought, sold) = (part(0, "/resolved/notional_usd"), part(1, "/resolved/notional_usd"));
    assert_eq!(totals["gross_notional_usd"].as_f64(), Some(bought + sold));
    assert_eq!(totals["net_notional_usd"].as_f64(), Some(bought - sold));
    let cost = part(0, "/expected_cost/usd") + part(1, "/expected_cost/usd");
    assert_eq!(totals["expected_cost_usd"].as_f64(), Some(cost));
    assert_eq!((totals["priced"].as_i64(), totals["failed"].as_i64()), (Some(2), Some(3)));
    assert_eq!(totals["worst_verdict"], "indeterminate");
}

#[tokio::test]
async fn every_format_asks_the_same() {
    let (_folder, router) = desk();
    let orders =
        [order(), with(json!({"symbol": "BB", "side": "sell", "quantity": 1000, "limit_price": 10}))];
    let listed = priced(&router, "application/json", json!(orders).to_string().into_bytes()).await;
    let lines = format!("{}\n\n{}\n", orders[0], orders[1]);
    let mut ndjson = priced(&router, "application/x-ndjson; charset=utf-8", lines.into_bytes()).await;
    assert_eq!(ndjson["results"][1]["row"], 3, "the line of the file");
    ndjson["results"][1]["row"] = json!(2);
    assert_eq!(ndjson, listed);
    let csv = format!(
        "symbol,side,quantity,horizon_seconds,as_of,limit_price\nAA,buy,2000,1800,{AS_OF},\n\
         \"BB\",sell,1e3,1800.0,{AS_OF},10\n"
    );
    assert_eq!(priced(&router, "text/csv", csv.into_bytes()).await, listed);
    let mut frame = df!(
        "symbol" => ["AA", "BB"], "side" => ["buy", "sell"], "quantity" => [2000_i64, 1000],
        "horizon_seconds" => [1800.0, 1800.0], "as_of" => [1_515_166_220_000_000_000_i64; 2],
        "limit_price" => [None, Some(10.0)]
    )
    .expect("a frame");
    let mut parquet = Vec::new();
    ParquetWriter::new(&mut parquet).finish(&mut frame).expect("written");
    assert_eq!(priced(&router, "application/vnd.apache.parquet", parquet).await, listed);
}

#[tokio::test]
async fn every_format_answers_the_same() {
    let (_folder, router) = desk();
    let basket = json!([order(), with(json!({"quantity": 0})), with(json!({"symbol": "BB"}))]);
    let body = || basket.to_string().into_bytes();
    let listed = priced(&router, "application/json", body()).await;
    let results = listed["results"].as_array().expect("results");
    let lines = ask(&router, "application/json", "application/x-ndjson", body()).await;
    let lines = String::from_utf8(lines.body).expect("text");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(&lines, results);
    let parquet = ask(&router, "application/json", "application/vnd.apache.parquet", body()).await.body;
    let parquet = ParquetReader::new(std::io::Cursor::new(parquet)).finish().expect("Parquet");
    let csv = ask(&router, "application/json", "text/csv", body()).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let csv = String::from_utf8(csv.body).expect("text");
    assert_eq!(csv.lines().count(), 4);
    let names: Vec<&str> = csv.lines().next().expect("a header").split(',').collect();
    assert_eq!(names, parquet.get_column_names().iter().map(|n| n.as_str()).collect::<Vec<_>>());
    let cost = parquet.column("expected_cost_bps").expect("a column").f64().expect("numbers");
    let wanted = |row: usize| results[row]["estimate"]["expected_cost"]["bps"].as_f64();
    assert_eq!([cost.get(0), cost.get(1), cost.get(2)], [wanted(0), None, wanted(2)]);
    let pointer = parquet.column("error_pointer").expect("a column").str().expect("text");
    assert_eq!([pointer.get(0), pointer.get(1)], [None, Some("/quantity")]);
}

#[tokio::test]
async fn bad_lines_of_flat_files_are_named_and_bad_columns_refused() {
    let (_folder, router) = desk();
    let header = "symbol,side,quantity,horizon_seconds,as_of\n";
    let rows = format!(
        "{header}AA,buy,NaN,1800,{AS_OF}\nAA,buy\nAA,buy,100,1800,{AS_OF}\n\
         AA,hold,100,1800,{AS_OF}\nAA,buy,ten,1800,{AS_OF}\n"
    );
    let answer = priced(&router, "text/csv", rows.into_bytes()).await;
    let pointer = |row: usize| answer["results"][row]["problem"]["errors"][0]["pointer"].clone();
    let message = |row: usize| answer["results"][row]["problem"]["errors"][0]["message"].to_string();
    assert_eq!([pointer(0), pointer(3), pointer(4)], ["/quantity", "/side", "/quantity"]);
    assert!(message(0).contains("NaN") && message(4).contains("ten"), "{}", message(0));
    assert!(message(1).contains("2 cells where the header has 5"));
    assert_eq!(answer["results"][2]["status"], "ok");
    let refused = |answer: &Answer| (answer.status.as_u16(), answer.json()["errors"][0]["pointer"].clone());
    let csv = ask(&router, "text/csv", "*/*", b"symbol,sid,quantity\nAA,buy,5\n".to_vec()).await;
    assert_eq!(refused(&csv), (400, json!("/sid")));
    for (kind, body) in [
        ("application/json", &b"{}"[..]),
        ("application/json", b"[]"),
        ("text/csv", b""),
        ("text/csv", b"symbol,side\n"),
        ("application/vnd.apache.parquet", b"PAR1 and no more"),
        ("application/vnd.apache.parquet", b""),
    ] {
        let answer = ask(&router, kind, "*/*", body.to_vec()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (400, Some("invalid_body")),
            "{kind}"
        );
    }
    let many = format!("{header}{}", format!("AA,buy,1,1800,{AS_OF}\n").repeat(1_001));
    assert!(
        ask(&router, "text/csv", "*/*", many.into_bytes()).await.json()["detail"]
            .to_string()
            .contains("1000")
    );
    let other = ask(&router, "application/xml", "*/*", b"<x/>".to_vec()).await;
    assert_eq!(
        (other.status.as_u16(), other.json()["errors"][0]["pointer"].as_str()),
        (415, Some("header/Content-Type"))
    );
}

#[tokio::test]
async fn earlier_lines_count_in_the_account_of_later_ones() {
    let (folder, router) = desk();
    let set = |code: &str, unit: &str, warn: f64, block: f64| {
        format!(
            "[[limit]]\ncode = \"{code}\"\nsymbol = \"*\"\naccount = \"*\"\nwarn = {warn:.1}\nblock = {block:.1}\n\
             unit = \"{unit}\"\nowner = \"desk\"\nreason = \"a test\"\napproved_by = \"risk\"\n\
             effective = 2018-01-01\nexpires = 2019-01-01\n"
        )
    };
    let limits =
        set("message_rate", "orders_per_minute", 2.0, 3.0) + &set("duplicate_order", "seconds", 60.0, 5.0);
    std::fs::write(folder.path().join("out/limits.toml"), limits).expect("written");
    let account = |id: &str| json!({"id": id, "orders_last_minute": 0, "recent_orders": []});
    let line = |quantity: i64, id: &str| with(json!({"quantity": quantity, "account": account(id)}));
    let basket =
        [line(100, "A"), line(100, "A"), line(200, "A"), line(300, "A"), line(400, "A"), line(100, "B")];
    let answer = priced(&router, "application/json", json!(basket).to_string().into_bytes()).await;
    let verdicts: Vec<&str> = answer["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["estimate"]["verdict"].as_str().expect("a verdict"))
        .collect();
    // The second is the first again; it is not sent, so that the third is the account's second.
    assert_eq!(verdicts, ["allow", "block", "allow", "warn", "block", "allow"]);
    assert_eq!(answer["totals"]["worst_verdict"], "block");
    assert_eq!(answer["totals"]["verdicts"], json!({"allow": 3, "block": 2, "warn": 1}));
}

#[tokio::test]
async fn lines_of_one_symbol_and_side_meet_one_market() {
    let (_folder, router) = desk();
    let alone = estimate(&router, &with(json!({"quantity": 20_000}))).await;
    let percent = |made: &Value, code: &str| check(made, code)["observed"].as_f64().expect("a number");
    let (rate, adv) = (percent(&alone, "max_participation"), percent(&alone, "max_pct_adv"));
    // As large as takes a bit more than a half of what blocks.
    let quantity = (20_000.0 * 21.0 / rate).round() as i64;
    let line = |side: &str, account: &str| {
        with(json!({"side": side, "quantity": quantity, "account": {"id": account}}))
    };
    let later = with(json!({"quantity": quantity, "as_of": "2018-01-05T16:30:20Z"}));
    let basket = json!([line("buy", "A"), line("sell", "A"), line("buy", "B"), later]);
    let answer = priced(&router, "application/json", basket.to_string().into_bytes()).await;
    let made = |row: usize| &answer["results"][row]["estimate"];
    let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 0.02, "{a} is not {b}");
    near(percent(made(0), "max_participation"), 21.0);
    near(percent(made(1), "max_participation"), 21.0);
    near(percent(made(2), "max_participation"), 42.0);
    assert_eq!(made(2)["verdict"], "block");
    // What is blocked is not sent; what is sent at another time takes of the day's volume alone.
    let size = adv * quantity as f64 / 20_000.0;
    near(percent(made(3), "max_pct_adv"), 2.0 * size);
    assert!(percent(made(3), "max_participation") < 30.0);
}
