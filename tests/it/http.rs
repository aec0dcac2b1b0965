//! The daemon's answers, from outside: every route, every format, every refusal.

use std::collections::BTreeSet;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use polars::prelude::*;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{self, OPEN, SECOND, request};
use impactd::http::Served;

const DAY: i64 = 86_400 * SECOND;
const MEDIA: [(&str, &str); 5] = [
    ("json", "application/json"),
    ("ndjson", "application/x-ndjson"),
    ("csv", "text/csv"),
    ("arrow", "application/vnd.apache.arrow.stream"),
    ("parquet", "application/vnd.apache.parquet"),
];
const TABLES: [&str; 4] = ["/v1/symbols", "/v1/impact/AA", "/v1/bars/AA?bar=60s", "/v1/liquidity/AA"];

/// Two symbols on some days, with bars of 10 and 60 seconds.
pub fn results(folder: &Path, days: std::ops::Range<i64>) {
    let (mut quotes, mut trades) = (Vec::new(), Vec::new());
    for symbol in ["AA", "B B"] {
        for day in days.clone() {
            for second in 0..1_200 {
                let at = OPEN + day * DAY + second * SECOND;
                let (bid, size) = (5_000 + second * second % 7, 100 * (1 + second * 3 % 5));
                let (b, a) = (bid as f64 / 100.0, (bid + 1 + second % 2) as f64 / 100.0);
                quotes.push(format!("{at},{symbol},{b:.2},{size},{a:.2},{}\n", 600 - size));
                trades.push(format!("{},{symbol},{:.2},100\n", at + 1, if second % 3 == 0 { a } else { b }));
            }
        }
    }
    let borrowed = |lines: &[String]| lines.concat();
    let name = format!("{}_", days.start);
    let inputs = support::write_lines(folder, &name, &[&borrowed(&quotes)], &[&borrowed(&trades)]);
    let mut request = request(inputs, &folder.join("out"));
    request.widths = impactd::flow::Widths::parse("10s,60s").expect("widths");
    support::batch(&request);
}

pub fn router(folder: &Path) -> Router {
    impactd::http::router(Served::new(folder.join("out"))).expect("a router")
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

pub async fn ask(router: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let (head, body) = router.clone().oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

pub async fn get(router: &Router, path: &str) -> Answer {
    ask(router, "GET", path, &[]).await
}

/// Rows of any format as JSON rows, by way of the format's own reader.
pub fn decoded(format: &str, body: &[u8]) -> Vec<Value> {
    let lines = |text: &[u8]| -> Vec<Value> {
        String::from_utf8_lossy(text).lines().map(|l| serde_json::from_str(l).expect("a row")).collect()
    };
    let again = |frame: DataFrame| {
        lines(&impactd::http::encode(frame, impactd::http::Format::Ndjson, None).expect("rows"))
    };
    let cursor = std::io::Cursor::new(body.to_vec());
    match format {
        "json" => {
            serde_json::from_slice::<Value>(body).expect("JSON")["data"].as_array().expect("rows").clone()
        }
        "ndjson" => lines(body),
        "arrow" => again(IpcStreamReader::new(cursor).finish().expect("an Arrow stream")),
        "parquet" => again(ParquetReader::new(cursor).finish().expect("Parquet")),
        _ => panic!("no reader"),
    }
}

/// Whether a CSV document says what JSON rows say; numbers may be spelled in another way.
fn says(csv: &str, rows: &[Value]) -> bool {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().expect("a header");
    let cell = |value: &Value, cell: &str| match value {
        Value::Null => cell.is_empty(),
        Value::String(text) => cell == text,
        // JSON numbers are read back to the last digit but one here.
        number => {
            let (said, meant) = (cell.parse::<f64>().expect("a number"), number.as_f64().expect("a number"));
            (said - meant).abs() <= 1e-15 * meant.abs()
        }
    };
    let row = |(cells, row): (Vec<&str>, &Value)| {
        cells.len() == names.len() && names.iter().zip(cells).all(|(name, text)| cell(&row[*name], text))
    };
    csv.lines().count() == rows.len() + 1 && lines.zip(rows).all(row)
}

#[tokio::test]
async fn every_format_carries_the_same_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    for table in TABLES {
        let rows = decoded("json", &get(&router, table).await.body);
        assert!(rows.len() > 1, "{table}");
        for (format, media) in MEDIA {
            let join = if table.contains('?') { '&' } else { '?' };
            let by_name = get(&router, &format!("{table}{join}format={format}")).await;
            let by_accept = ask(&router, "GET", table, &[("accept", media)]).await;
            assert_eq!(by_name.body, by_accept.body, "{table} {format}");
            assert!(by_name.header("content-type").starts_with(media), "{table} {format}");
            let file = format!(".{format}\"");
            let saved = by_name.header("content-disposition").ends_with(&file);
            assert_eq!(saved, !["json", "ndjson"].contains(&format), "{table} {format}");
            if format == "csv" {
                let csv = String::from_utf8(by_name.body).expect("text");
                assert!(says(&csv, &rows), "{table}");
            } else {
                assert!(decoded(format, &by_name.body) == rows, "{table} {format}");
            }
        }
    }
}

#[tokio::test]
async fn pages_cover_every_row_exactly_once() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    let all = ["/v1/symbols", "/v1/impact/B%20B?window=day", "/v1/bars/AA?bar=60s", "/v1/liquidity/AA"];
    for (table, limit) in all.into_iter().zip([1, 3, 97, 4]) {
        let join = if table.contains('?') { '&' } else { '?' };
        let whole = get(&router, &format!("{table}{join}limit=10000")).await.json();
        assert_eq!(whole["next_cursor"], Value::Null);
        let (mut url, mut seen) = (format!("{table}{join}limit={limit}"), Vec::new());
        loop {
            let page = get(&router, &url).await;
            let body = page.json();
            let rows = body["data"].as_array().expect("rows");
            assert!((1..=limit).contains(&rows.len()), "{url}");
            seen.extend(rows.clone());
            let link = page.header("link");
            assert_eq!(link.is_empty(), body["next_cursor"].is_null());
            if link.is_empty() {
                break;
            }
            url = link.trim_start_matches('<').split('>').next().expect("a URL").to_owned();
            assert!(url.ends_with(body["next_cursor"].as_str().expect("a cursor")));
        }
        assert_eq!(&seen, whole["data"].as_array().expect("rows"), "{table}");
    }
}

#[tokio::test]
async fn filters_give_what_they_name() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    let rows = async |path: &str| decoded("json", &get(&router, path).await.body);
    for model in ["ofi", "ofi%2Bkyle", "ofi+kyle"] {
        let fits = rows(&format!("/v1/impact/AA?model={model}&bar=10s&window=30m&from=2013-10-08")).await;
        assert!(!fits.is_empty());
        for fit in fits {
            let named = fit["model"].as_str().expect("a model");
            assert_eq!(named, model.replace("%2B", "+"));
            assert_eq!(fit["bar_seconds"], 10.0);
            assert!(fit["window_start"].as_str().expect("a stamp").starts_with("2013-10-08T"));
        }
    }
    let bars = rows("/v1/bars/AA?bar=10s&from=2013-10-07T13:30:10Z&to=1381152630000000000").await;
    let starts: Vec<&str> = bars.iter().map(|b| b["ts_start"].as_str().expect("a stamp")).collect();
    assert_eq!(starts, ["2013-10-07T13:30:10.000000000Z", "2013-10-07T13:30:20.000000000Z"]);
    let dated = rows("/v1/liquidity/AA?to=2013-10-07").await;
    assert!(dated.iter().all(|row| row["date"] == "2013-10-07") && !dated.is_empty());
    assert!(rows("/v1/bars/AA?from=2020-01-01").await.is_empty());
    let empty = get(&router, "/v1/liquidity/AA?from=2020-01-01&format=parquet").await;
    let columns = ParquetReader::new(std::io::Cursor::new(empty.body)).finish().expect("Parquet");
    assert_eq!(columns.shape(), (0, 8));
    let of = rows("/v1/liquidity/AA?measure=realized_spread&horizon=5m&weighting=share&to=2013-10-07").await;
    let names: Vec<&str> = of.iter().map(|row| row["measure"].as_str().expect("a name")).collect();
    assert_eq!(names, ["realized_spread_300s_share_weighted"]);
    assert_eq!((&of[0]["horizon_seconds"], &of[0]["weighting"]), (&300.0.into(), &"share".into()));
    let spreads = rows("/v1/liquidity/AA?measure=effective_spread&to=2013-10-07").await;
    assert_eq!(spreads.len(), 3, "{spreads:?}");
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let router = router(folder.path());
    let stale = get(&router, "/v1/bars/AA?bar=10s&limit=1").await.json()["next_cursor"].clone();
    let stale = format!("/v1/bars/AA?bar=60s&cursor={}", stale.as_str().expect("a cursor"));
    for (path, status, code, pointer) in [
        ("/v1/bars/AA?bars=10s", 400, "unknown_parameter", "query/bars"),
        ("/v1/bars/AA?bar=10s&bar=60s", 400, "unknown_parameter", "query/bar"),
        ("/v1/bars/AA?bar=", 400, "invalid_parameter", "query/bar"),
        ("/v1/bars/AA?bar=0s", 400, "invalid_parameter", "query/bar"),
        ("/v1/bars/AA?bar=7s", 404, "unknown_bar", "query/bar"),
        ("/v1/bars/AA?from=yesterday", 400, "invalid_parameter", "query/from"),
        ("/v1/bars/AA?from=2013-10-08&to=2013-10-07", 404, "empty_interval", "query/to"),
        ("/v1/bars/AA?limit=0", 400, "invalid_parameter", "query/limit"),
        ("/v1/bars/AA?limit=-1", 400, "invalid_parameter", "query/limit"),
        ("/v1/bars/AA?limit=10001", 400, "invalid_parameter", "query/limit"),
        ("/v1/bars/AA?cursor=feed", 400, "invalid_parameter", "query/cursor"),
        (&stale, 409, "stale_cursor", "query/cursor"),
        ("/v1/symbols?cursor=00000000ffffffff0000000000000000", 409, "stale_cursor", "query/cursor"),
        ("/v1/symbols?format=xml", 400, "invalid_parameter", "query/format"),
        ("/v1/impact/AA?model=magic", 400, "invalid_parameter", "query/model"),
        ("/v1/impact/AA?window=1h", 400, "invalid_parameter", "query/window"),
        ("/v1/liquidity/AA?measure=Spread", 400, "invalid_parameter", "query/measure"),
        ("/v1/liquidity/AA?horizon=0s", 400, "invalid_parameter", "query/horizon"),
        ("/v1/liquidity/AA?weighting=even", 400, "invalid_parameter", "query/weighting"),
        ("/v1/impact/ZZ", 404, "unknown_symbol", "path/symbol"),
        ("/v1/impact/..%2F..%2Fmanifest.json", 404, "unknown_symbol", "path/symbol"),
        ("/v1/liquidity/%FF%00", 404, "unknown_symbol", "path/symbol"),
        ("/v1/nothing", 404, "unknown_route", ""),
    ] {
        let answer = get(&router, path).await;
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert_eq!((answer.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{path}");
        assert_eq!(problem["status"], status, "{path}");
        assert_eq!(problem["request_id"], answer.header("x-request-id"), "{path}");
        assert_eq!(problem["instance"], path.split('?').next().expect("a path"), "{path}");
        assert_eq!(problem["errors"][0]["pointer"].as_str().unwrap_or(""), pointer, "{path}");
    }
    let listed = get(&router, "/v1/bars/AA?bars=10s").await.json();
    assert_eq!(
        listed["errors"][0]["allowed"],
        serde_json::json!(["bar", "from", "to", "limit", "cursor", "format"])
    );
    let posted = ask(&router, "POST", "/v1/symbols", &[]).await;
    assert_eq!((posted.status.as_u16(), posted.header("allow")), (405, "GET,HEAD"));
    assert_eq!(posted.json()["code"], "method_not_allowed");
    let unwanted = ask(&router, "GET", "/v1/symbols", &[("accept", "text/html")]).await;
    assert_eq!((unwanted.status.as_u16(), unwanted.json()["code"].as_str()), (406, Some("not_acceptable")));
    let large = ask(&router, "GET", "/v1/symbols", &[("content-length", "99999999")]).await;
    assert_eq!((large.status.as_u16(), large.json()["code"].as_str()), (413, Some("body_too_large")));
}

#[tokio::test]
async fn answers_have_tags_ids_and_safe_headers() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let router = router(folder.path());
    let first = ask(&router, "GET", "/v1/impact/AA", &[("x-request-id", "order-7")]).await;
    assert_eq!(first.header("x-request-id"), "order-7");
    let tag = first.header("etag");
    let again = ask(&router, "GET", "/v1/impact/AA", &[("if-none-match", tag)]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = ask(&router, "GET", "/v1/impact/AA?limit=5", &[("if-none-match", tag)]).await;
    assert_eq!(other.status, StatusCode::OK);
    for path in ["/", "/docs/", "/v1/symbols", "/v1/nothing", "/health/live"] {
        let answer = get(&router, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.headers.get("access-control-allow-origin").is_none(), "{path}");
    }
    let page = String::from_utf8(get(&router, "/docs/").await.body).expect("text");
    let references: BTreeSet<&str> = page.split('"').filter(|p| p.starts_with("./")).collect();
    assert!(references.len() >= 4 && !page.contains("//cdn") && !page.contains("https://"));
    for file in references {
        let path = format!("/docs/{}", file.trim_start_matches("./"));
        assert_eq!(get(&router, &path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_fresh_batch_becomes_visible_and_no_results_are_not_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("out")).expect("a folder");
    let router = router(folder.path());
    assert_eq!(get(&router, "/health/live").await.status, StatusCode::OK);
    let unready = get(&router, "/health/ready").await;
    assert_eq!(
        (unready.status.as_u16(), unready.json()["checks"][0]["passed"].as_bool()),
        (503, Some(false))
    );
    let refused = get(&router, "/v1/symbols").await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].as_str()), (503, Some("not_ready")));
    assert_eq!(refused.header("retry-after"), "1");
    let place = folder.path().display().to_string();
    assert!(!String::from_utf8_lossy(&refused.body).contains(&place), "paths stay inside");

    results(folder.path(), 0..1);
    assert_eq!(get(&router, "/health/ready").await.status, StatusCode::OK);
    assert_eq!(get(&router, "/v1/symbols").await.json()["data"][0]["days"], 1);
    results(folder.path(), 1..2);
    assert_eq!(get(&router, "/v1/symbols").await.json()["data"][0]["days"], 2);
}

#[tokio::test]
async fn api_yaml_is_what_the_program_prints_and_every_route_is_in_it() {
    let kept = include_str!("../../api.yaml");
    let printed = support::impactd(&["openapi"]);
    assert!(printed.status.success());
    assert!(printed.stdout == kept.as_bytes(), "renew it: impactd openapi > api.yaml");

    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let router = router(folder.path());
    assert_eq!(get(&router, "/openapi.yaml").await.body, kept.as_bytes());
    let paths = kept.lines().filter(|l| l.starts_with("  /")).map(|l| l.trim().trim_end_matches(':'));
    let paths: BTreeSet<&str> = paths.collect();
    assert_eq!(paths.len(), 63);
    for path in paths {
        let file = if path.starts_with("/page/") { "page.css" } else { "swagger-ui.css" };
        let path = path.replace("{symbol}", "AA").replace("{file}", file).replace("{id}", "blend");
        let status = get(&router, &path).await.status;
        if path.starts_with("/v1/pretrade") || path.ends_with("/forecast") {
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path} takes a body");
            continue;
        }
        if path.starts_with("/v2/repository") || path.ends_with("/infer") || path == "/v1/fraud/evaluations" {
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path} takes a body");
            continue;
        }
        if path.starts_with("/v2/models") || path == "/v2/health/ready" {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}: no models are served");
            continue;
        }
        let only_some = ["/v1/sign-", "/v1/bucket", "/v1/bars-", "/v1/ofi-", "/v1/prints", "/v1/venues"];
        let absent = only_some.iter().chain(&["/v1/fraud/models/"]).any(|name| path.starts_with(name));
        if absent || path.ends_with("{order_id}") {
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}: there is none");
            continue;
        }
        if path.starts_with("/v1/panels/") {
            let bears = ["pairs", "symbols", "cross-impact"].iter().any(|panel| path.ends_with(panel));
            assert_eq!(status.is_success(), bears, "{path}: one day of two symbols");
            continue;
        }
        if path == "/v1/events" {
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path} takes a body");
            continue;
        }
        if ["/v1/jobs", "/v1/feeds", "/v1/stream"].iter().any(|off| path.starts_with(off)) {
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}: neither jobs nor live tape here");
            continue;
        }
        assert!(status.is_success() || status.is_redirection(), "{path}: {status}");
    }
}
