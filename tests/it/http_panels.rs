//! Panels over HTTP: the command's rows, bounded, and refused by name.

use std::fs;
use std::path::Path;

use axum::Router;
use impactd::flow::Widths;

use crate::http::{decoded, get, results, router};
use crate::support::{OPEN, SECOND, batch, impactd, request, stderr};

const DAY: i64 = 86_400 * SECOND;
const PANELS: [&str; 6] = ["pooled", "symbols", "pairs", "commonality", "cross-impact", "venues"];

/// Two whole days of three symbols that move together in part, a quote and a trade every ten seconds at two venues.
fn market(folder: &Path) -> Router {
    let (mut quotes, mut trades) = (
        String::from("ts,symbol,bid,bid_size,ask,ask_size\n"),
        String::from("ts,symbol,price,size,conditions,venue\n"),
    );
    let mut state = 88_172_645_463_325_252_u64;
    let mut dice = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % sides) as i64
    };
    for day in 0..2 {
        let mut bids = [5_000, 7_000, 9_000];
        for step in 0..2_340 {
            let (together, at) = (dice(3) - 1, OPEN + day * DAY + step * 10 * SECOND);
            let wide = 1 + (step / 180 * 7 % 5) * dice(2);
            for (symbol, bid) in ["AA", "BB", "CC"].into_iter().zip(&mut bids) {
                *bid += together + dice(3) - 1;
                let (b, a) = (*bid as f64 / 100.0, (*bid + 1 + wide + dice(2)) as f64 / 100.0);
                quotes +=
                    &format!("{at},{symbol},{b:.2},{},{a:.2},{}\n", 100 + 100 * dice(9), 100 + 100 * dice(9));
                let (price, venue) = if dice(2) == 0 { (a, 'N') } else { (b, 'D') };
                trades += &format!("{},{symbol},{price:.2},{},@,{venue}\n", at + SECOND, 10 + dice(300));
            }
        }
    }
    let inputs = [("quotes.csv", quotes), ("trades.csv", trades)].map(|(name, text)| {
        let path = folder.join(name);
        fs::write(&path, text).expect("written");
        path
    });
    let mut request = request(inputs.into(), &folder.join("out"));
    request.widths = Widths::parse("60s").expect("a width");
    batch(&request);
    router(folder)
}

#[tokio::test]
async fn a_panel_has_the_commands_rows_in_every_format_and_page_by_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = market(folder.path());
    let data = folder.path().join("out").display().to_string();
    for panel in PANELS {
        let wide: &[&str] = if panel == "venues" { &[] } else { &["--bar", "60s"] };
        let told = impactd(&[&["panel", panel, "--json", "--data", &data], wide].concat());
        assert!(told.status.success(), "{panel}: {}", stderr(&told));
        let bar = if panel == "venues" { "" } else { "bar=60s&" };
        let url = format!("/v1/panels/{panel}?{bar}limit=10000");
        let whole = get(&router, &url).await;
        assert!(whole.body == told.stdout, "{panel}: {}", String::from_utf8_lossy(&whole.body));
        let rows = decoded("json", &whole.body);
        assert!(rows.len() >= 3, "{panel}: {rows:?}");
        for format in ["ndjson", "arrow", "parquet"] {
            let answer = get(&router, &format!("{url}&format={format}")).await;
            assert!(decoded(format, &answer.body) == rows, "{panel} {format}");
        }
        let first = get(&router, &format!("/v1/panels/{panel}?{bar}limit=2")).await.json();
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        let second = get(&router, &format!("/v1/panels/{panel}?{bar}limit=10000&cursor={cursor}")).await;
        assert_eq!(first["data"].as_array().map(Vec::as_slice), Some(&rows[..2]), "{panel}");
        assert_eq!(decoded("json", &second.body), rows[2..], "{panel}");
        let stale = get(&router, &format!("/v1/panels/{panel}?{bar}from=2013-10-07&cursor={cursor}")).await;
        assert_eq!(stale.json()["code"], "stale_cursor", "{panel}");
    }
    let one = get(&router, "/v1/panels/symbols?bar=60s&symbols=BB,CC&from=2013-10-08").await.json();
    let rows = one["data"].as_array().expect("rows");
    assert!(!rows.is_empty() && rows.iter().all(|row| row["symbol"] != "AA" && row["days"] == 1), "{one}");
}

#[tokio::test]
async fn a_panel_that_cannot_be_made_says_what_it_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let router = router(folder.path());
    for (asked, status, code, pointer) in [
        ("pooled", 404, "no_table", ""),
        ("pairs?symbols=AA", 404, "no_table", ""),
        ("commonality", 404, "no_table", ""),
        ("venues", 404, "no_table", ""),
        ("venues?bar=10s", 400, "unknown_parameter", "query/bar"),
        ("symbols?bar=7s", 404, "unknown_bar", "query/bar"),
        ("symbols?symbols=AA,ZZ", 404, "unknown_symbol", "query/symbols"),
        ("symbols?symbols=AA,,ZZ", 400, "invalid_parameter", "query/symbols"),
        ("symbols?from=2013-10-08&to=2013-10-07", 404, "empty_interval", "query/to"),
        ("symbols?from=2013-10-07T14:00:00Z", 400, "invalid_parameter", "query/from"),
    ] {
        let answer = get(&router, &format!("/v1/panels/{asked}")).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), problem["code"].as_str()),
            (status, Some(code)),
            "{asked}: {problem}"
        );
        assert_eq!(problem["errors"][0]["pointer"].as_str().unwrap_or(""), pointer, "{asked}");
        assert!(
            code != "no_table" || problem["detail"].as_str().is_some_and(|what| what.contains("it needs "))
        );
    }
}
