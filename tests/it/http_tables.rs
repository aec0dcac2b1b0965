//! Result tables over HTTP: those that only some batches make, each with its filters; results of coins.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use axum::Router;
use impactd::flow::{Bucketings, Widths};
use impactd::simulate::{self, Format, Law, Output};
use impactd::store::{Archive, Table, part_path};
use impactd::tape::Symbol;
use polars::prelude::{ParquetReader, ParquetWriter, SerReader};
use serde_json::Value;

use crate::captures::{FUTURES, asked, capture};
use crate::desk::post;
use crate::http::{decoded, get, results, router};
use crate::prints::{steady, write};
use crate::support::{self, batch, impactd, request};

const DATE: &str = "2013-10-07";

async fn rows(router: &Router, path: &str) -> Vec<Value> {
    let answer = get(router, path).await;
    assert!(answer.status.is_success(), "{path}: {}", String::from_utf8_lossy(&answer.body));
    decoded("json", &answer.body)
}

/// The different values of a column.
fn said(rows: &[Value], column: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[column].to_string().trim_matches('"').to_owned()).collect()
}

#[tokio::test]
async fn accuracy_of_signs_is_told_where_the_feed_knows_sides() {
    let folder = tempfile::tempdir().expect("a folder");
    batch(&request(support::sample("lobster"), &folder.path().join("out")));
    let told = router(folder.path());
    let all = rows(&told, "/v1/sign-accuracy/SIM").await;
    let quote = all.iter().find(|row| row["rule"] == "quote" && row["place"] == "all").expect("a row");
    assert!(quote["n"].as_i64() > Some(0) && quote["n"] == quote["right"], "{quote}");
    assert_eq!(quote["date"], DATE);
    let one = rows(&told, "/v1/sign-accuracy/SIM?rule=quote&place=all").await;
    assert_eq!(one, std::slice::from_ref(quote));
}

#[tokio::test]
async fn a_table_that_the_batch_did_not_make_says_what_makes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let router = router(folder.path());
    for (name, makes) in [
        ("sign-accuracy", "tells the aggressor"),
        ("buckets", "--bucket KIND:SIZE"),
        ("bucket-fits", "--bucket KIND:SIZE"),
        ("bars-levels", "--levels N"),
        ("ofi-weights", "--levels N"),
        ("prints", "a trading halt"),
        ("venues", "tells the venue"),
    ] {
        let refused = get(&router, &format!("/v1/{name}/AA")).await;
        let problem = refused.json();
        assert_eq!((refused.status.as_u16(), &problem["code"]), (404, &"no_table".into()), "{name}");
        assert!(problem["detail"].as_str().is_some_and(|what| what.contains(makes)), "{problem}");
        assert_eq!(get(&router, &format!("/v1/{name}/ZZ")).await.json()["code"], "unknown_symbol", "{name}");
    }
}

/// A simulated book of three levels, with buckets of two kinds.
fn deep(folder: &Path) -> Router {
    let law = Law { step_ns: 60_000_000_000, ..Law::default() };
    let output = Output { formats: &[Format::Lobster], dir: folder, levels: 3 };
    let asked = (7, &[Symbol::new("AAA")][..], DATE.parse().expect("a date"));
    let files = simulate::run_with(&law, asked, output, None).expect("written").files;
    let tapes = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
    let mut request = request(tapes.collect(), &folder.join("out"));
    (request.widths, request.levels) = (Widths::parse("60s,300s").expect("widths"), 3);
    request.buckets = Bucketings::parse("volume:1000,trades:5").expect("buckets");
    batch(&request);
    router(folder)
}

/// As `fits` and `bucket_fits` were before they told ticks and basis points.
fn forget_price_units(out: &Path) {
    let archive = Archive::open(out).expect("results");
    let entry = archive.catalogues()[DATE].find("AAA").expect("a symbol").clone();
    for table in [Table::Fits, Table::BucketFits] {
        let path = part_path(out, table, DATE, entry.bucket);
        let frame = ParquetReader::new(File::open(&path).expect("a part")).finish().expect("rows");
        let mut before = frame.drop_many(["coefficient_ticks", "coefficient_bp"]);
        assert_eq!(before.width() + 2, frame.width());
        ParquetWriter::new(File::create(&path).expect("a part")).finish(&mut before).expect("written");
    }
}

#[tokio::test]
async fn fits_made_before_ticks_and_basis_points_were_told_are_served_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = deep(folder.path());
    let told = rows(&router, "/v1/impact/AAA?model=ofi&bar=60s&window=day").await;
    assert!(told.iter().all(|row| row["coefficient_ticks"] == row["coefficient"]), "{told:?}");
    let out = folder.path().join("out");
    forget_price_units(&out);
    let before = rows(&router, "/v1/impact/AAA?model=ofi&bar=60s&window=day").await;
    for (mut told, before) in told.into_iter().zip(before) {
        assert!(told["coefficient_bp"].is_number());
        (told["coefficient_ticks"], told["coefficient_bp"]) = (Value::Null, Value::Null);
        assert_eq!(told, before);
    }
    let buckets = rows(&router, "/v1/bucket-fits/AAA?bucket=trades").await;
    assert!(!buckets.is_empty() && buckets.iter().all(|row| row["coefficient_bp"].is_null()), "{buckets:?}");
    let out = out.to_string_lossy();
    let said = impactd(&["impact", "--data", &out, "AAA", "--bar", "60s", "--window", "day", "--json"]);
    assert!(said.status.success(), "{}", support::stderr(&said));
}

#[tokio::test]
async fn buckets_and_levels_are_chosen_by_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = deep(folder.path());
    let all = rows(&router, "/v1/buckets/AAA?limit=10000").await;
    assert_eq!(said(&all, "bucket"), ["trades", "volume"].map(str::to_owned).into());
    let volume = rows(&router, "/v1/buckets/AAA?bucket=volume:1e3&is_full=true&limit=10000").await;
    assert!(volume.len() > 10);
    for bucket in &volume {
        let traded = ["buy_shares", "sell_shares", "unsigned_shares"].map(|name| bucket[name].as_i64());
        assert_eq!(traded.into_iter().flatten().sum::<i64>(), 1_000, "{bucket}");
    }
    let rest = rows(&router, "/v1/buckets/AAA?bucket=volume&is_full=false").await;
    assert!(rest.len() <= 1 && rows(&router, "/v1/buckets/AAA?bucket=volume:7").await.is_empty());
    let from = "/v1/buckets/AAA?bucket=trades&from=2013-10-07T14:00:00Z&to=2013-10-07T15:00:00Z&limit=10000";
    for bucket in rows(&router, from).await {
        let start = bucket["ts_start"].as_str().expect("a stamp");
        assert!(("2013-10-07T14".."2013-10-07T15").contains(&start), "{start}");
    }
    let fits = rows(&router, "/v1/bucket-fits/AAA?model=ofi&bucket=trades").await;
    assert_eq!(said(&fits, "term"), ["intercept", "ofi"].map(str::to_owned).into());
    assert_eq!(said(&fits, "bucket_size"), ["5.0".to_owned()].into());

    let third = rows(&router, "/v1/bars-levels/AAA?bar=300s&level=3&limit=10000").await;
    assert_eq!((third.len(), said(&third, "level")), (78, ["3".to_owned()].into()));
    let best = rows(&router, "/v1/bars-levels/AAA?bar=60s&level=1&limit=10000").await;
    let bars = rows(&router, "/v1/bars/AAA?bar=60s&limit=10000").await;
    let flows = |rows: &[Value]| rows.iter().map(|row| row["ofi_shares"].clone()).collect::<Vec<_>>();
    assert_eq!(flows(&best), flows(&bars), "level 1 is the bars' own");
    let weights = rows(&router, "/v1/ofi-weights/AAA?bar=60s&window=day").await;
    let sum: f64 = weights.iter().filter_map(|row| row["weight"].as_f64()).map(f64::abs).sum();
    assert!(weights.len() == 3 && (sum - 1.0).abs() < 1e-12, "{weights:?}");
    let deep = rows(&router, "/v1/impact/AAA?model=ofi-integrated&bar=60s&window=day").await;
    assert_eq!(said(&deep, "unit"), ["cents", "cents_per_mean_depth"].map(str::to_owned).into());

    for (path, code, pointer) in [
        ("buckets/AAA?bucket=weight", "invalid_parameter", "query/bucket"),
        ("buckets/AAA?bucket=volume:", "invalid_parameter", "query/bucket"),
        ("buckets/AAA?is_full=yes", "invalid_parameter", "query/is_full"),
        ("buckets/AAA?bar=10s", "unknown_parameter", "query/bar"),
        ("bars-levels/AAA?level=0", "invalid_parameter", "query/level"),
        ("bars-levels/AAA?bar=7s", "unknown_bar", "query/bar"),
        ("ofi-weights/AAA?from=2013-10-07T14:00:00Z", "invalid_parameter", "query/from"),
        ("bucket-fits/AAA?model=magic", "invalid_parameter", "query/model"),
    ] {
        let problem = get(&router, &format!("/v1/{path}")).await.json();
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&code.into(), &pointer.into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn prints_and_venues_are_told_with_their_date_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let trades = [(5, 5_002, 100, "@F", 'N'), (6, 5_001, 50, " F I", 'N'), (7, 5_001, 300, "@", 'D')];
    batch(&request(write(folder.path(), &steady(), &trades), &folder.path().join("out")));
    let router = router(folder.path());
    let odd = rows(&router, "/v1/prints/ABC?kind=odd_lot").await;
    assert_eq!((odd.len(), &odd[0]["prints"], &odd[0]["shares"]), (1, &1.into(), &50.into()), "{odd:?}");
    assert_eq!((&odd[0]["date"], &odd[0]["halts"]), (&DATE.into(), &Value::Null));
    let exchanges = rows(&router, "/v1/venues/ABC?off_exchange=false").await;
    assert_eq!(
        (exchanges.len(), &exchanges[0]["venue"], &exchanges[0]["trades"]),
        (1, &"N".into(), &2.into())
    );
    assert_eq!(said(&rows(&router, "/v1/venues/ABC?venue=D").await, "shares"), ["300".to_owned()].into());
    for table in ["/v1/prints/ABC", "/v1/venues/ABC"] {
        let all = rows(&router, table).await;
        for format in ["ndjson", "arrow", "parquet"] {
            let answer = get(&router, &format!("{table}?format={format}")).await;
            assert!(decoded(format, &answer.body) == all, "{table} {format}");
        }
        let csv = String::from_utf8(get(&router, &format!("{table}?format=csv")).await.body).expect("text");
        assert!(csv.starts_with("symbol,date,") && csv.lines().count() == all.len() + 1, "{csv}");
    }
    for path in ["prints/ABC?kind=blocks", "venues/ABC?venue=NYSE", "venues/ABC?off_exchange=2"] {
        assert_eq!(get(&router, &format!("/v1/{path}")).await.json()["code"], "invalid_parameter", "{path}");
    }
}

#[tokio::test]
async fn results_of_coins_are_served_and_orders_for_shares_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |k: i64, text: &str| {
        let ts = 1_723_161_256_322 + 500 * k;
        text.replace("1723161256300", &ts.to_string())
            .replace("1723161256322", &(ts + 7).to_string())
            .replace("61800.20", &format!("6180{}.20", k % 7))
            .replace("61800.30", &format!("618{}0.30", 1 + k % 3))
    };
    let lines: Vec<String> = (0..80).flat_map(|k| [line(k, FUTURES[0]), line(k, FUTURES[2])]).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    batch(&asked(vec![capture(folder.path(), &lines)], &folder.path().join("out")));
    let router = router(folder.path());
    // A moment bounds bars whatever calendar their date is of.
    let bars = rows(&router, "/v1/bars/BTCUSDT?bar=1s&from=2024-08-08T23:54:17Z&limit=3").await;
    assert_eq!(bars[0]["ts_start"], "2024-08-08T23:54:17.000000000Z", "{bars:?}");
    // Two trades of 0.006 coins a second: a number, where shares would be an integer.
    assert_eq!((&bars[0]["buy_shares"], &bars[0]["trade_count"]), (&0.012.into(), &2.into()), "{bars:?}");
    let none = get(&router, "/v1/bars/BTCUSDT?bar=1s&from=2030-01-01&format=csv").await;
    assert!(none.status.is_success() && String::from_utf8_lossy(&none.body).starts_with("symbol,"));
    let fits = rows(&router, "/v1/impact/BTCUSDT?bar=1s").await;
    assert_eq!(fits[0]["unit"], "cents", "{fits:?}");
    let json = [("content-type", "application/json")];
    let order = r#"{"symbol":"BTCUSDT","side":"buy","quantity":9,"horizon_seconds":60,"as_of":"2024-08-08T15:30:00Z"}"#;
    for (path, body) in [("impact/BTCUSDT/forecast", "{}"), ("pretrade/estimate", order)] {
        let refused = post(&router, &format!("/v1/{path}"), &json, body).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["code"]),
            (422, &"unfit_results".into()),
            "{path}"
        );
    }
}
