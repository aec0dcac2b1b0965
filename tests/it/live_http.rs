//! The live routes from outside: every way a batch can end, and what is shown of a session under way.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use impactd::batch::{self, BatchError};
use impactd::http::Served;
use impactd::live::wire::{Encoder, Format};
use impactd::live::{Event, Live, SessionState, Settings};
use impactd::tape::Symbol;
use serde_json::Value;
use tower::ServiceExt;

use crate::http::{Answer, get};
use crate::support::{OPEN, SECOND, sample};

pub const NDJSON: (&str, &str) = ("content-type", "application/x-ndjson");

/// The live side of a folder, as a daemon opens it.
pub fn live(folder: &Path) -> Arc<Live> {
    let mut request = batch::Request::new(Vec::new(), folder.to_owned()).expect("built-in widths");
    // Of a whole day's messages by the second, the ring holds but the end.
    request.widths = impactd::flow::Widths::parse("10s,60s").expect("widths");
    let settings = Settings {
        data: folder.to_owned(),
        request,
        lateness: 2 * SECOND,
        keep_sessions: 31,
        journal_max_bytes: 1 << 30,
    };
    Live::open(settings).expect("a journal")
}

pub fn router(folder: &Path, live: &Arc<Live>) -> Router {
    let served = Served { live: Some(live.clone()), ..Served::new(folder.to_owned()) };
    impactd::http::router(served).expect("a router")
}

pub async fn post(router: &Router, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method("POST").uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).expect("a request");
    let (head, body) = router.clone().oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

/// The small simulated tape as a feed sends it.
pub fn tape() -> (Vec<Event>, Vec<Symbol>) {
    let request = batch::Request::new(sample("csv"), Path::new("").to_owned()).expect("built-in widths");
    let (mut events, mut symbols) = (Vec::new(), Vec::new());
    let gather = |mut tape: batch::Tape| {
        symbols = tape.symbols().to_vec();
        while let Some(mut event) = tape.next_event().expect("readable") {
            let number = events.len() as u64 + 1;
            match &mut event {
                Event::Quote(row) => row.sequence = number,
                Event::Trade(row) => row.sequence = number,
                Event::End { .. } => {}
            }
            events.push(event);
        }
        Ok::<_, BatchError>(())
    };
    batch::each_tape(&request, gather).expect("a tape");
    (events, symbols)
}

pub fn body(format: Format, events: &[Event], symbols: &[Symbol]) -> Vec<u8> {
    let mut encoder = Encoder::new(format, true);
    for event in events {
        let symbol = match event {
            Event::Quote(row) => symbols[row.symbol as usize].as_str(),
            Event::Trade(row) => symbols[row.symbol as usize].as_str(),
            Event::End { .. } => "",
        };
        encoder.add(event, symbol).expect("written");
    }
    encoder.finish().expect("written")
}

pub fn end(sequence: u64) -> Event {
    Event::End { date: "2013-10-07".parse().expect("a date"), sequence }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

/// Waits until something holds.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} takes too long");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a batch that was taken has gone through the river.
pub fn settle(live: &Live, taken: &Answer) {
    let position = taken.json()["position"].as_u64().expect("a receipt");
    wait_until("the engine", || live.feeds().engine_position >= position);
}

pub fn state(live: &Live, date: &str) -> Option<SessionState> {
    live.sessions().into_iter().find(|(day, _)| day.to_string() == date).map(|(_, state)| state)
}

fn quote(second: i64, sequence: u64) -> String {
    let ts = OPEN + second * SECOND;
    format!(
        "{{\"type\":\"quote\",\"symbol\":\"AA\",\"ts\":{ts},\"bid\":10.01,\"bid_size\":100,\"ask\":10.03,\
         \"ask_size\":200,\"sequence\":{sequence}}}\n"
    )
}

#[tokio::test]
async fn every_way_a_batch_can_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(folder.path());
    let router = router(folder.path(), &live);
    let path = "/v1/events?source=feed";
    let batch = quote(0, 1) + &quote(1, 2);

    let taken = post(&router, &format!("{path}&batch=b1"), &[NDJSON], batch.clone()).await;
    assert_eq!(taken.status, 201, "{}", String::from_utf8_lossy(&taken.body));
    let receipt = taken.json();
    assert_eq!((receipt["accepted"].as_u64(), receipt["duplicates"].as_u64()), (Some(2), Some(0)));
    let headers = [NDJSON, ("impactd-source", "feed"), ("idempotency-key", "b1")];
    let again = post(&router, "/v1/events", &headers, batch.clone()).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, receipt), "the first receipt");
    let known = post(&router, path, &[NDJSON], batch.clone() + &quote(2, 3)).await.json();
    assert_eq!((known["accepted"].as_u64(), known["duplicates"].as_u64()), (Some(1), Some(2)));
    let gzip = [NDJSON, ("content-encoding", "gzip")];
    let last = post(&router, path, &gzip, packed(quote(3, 4).as_bytes())).await;
    assert_eq!(last.status, 201);

    let refused: [(&str, &[(&str, &str)], Vec<u8>, u16, &str, &str); 14] = [
        (path, &headers, quote(9, 9).into(), 409, "batch_conflict", ""),
        ("/v1/events", &[NDJSON], batch.clone().into(), 400, "invalid_parameter", "query/source"),
        (
            "/v1/events?source=clock",
            &[NDJSON],
            batch.clone().into(),
            400,
            "invalid_parameter",
            "query/source",
        ),
        ("/v1/events?source=x", &headers, batch.clone().into(), 400, "invalid_parameter", "query/source"),
        ("/v1/events?sauce=x", &[NDJSON], batch.clone().into(), 400, "unknown_parameter", "query/sauce"),
        (path, &[], batch.clone().into(), 415, "unsupported_media_type", "header/Content-Type"),
        (
            path,
            &[("content-type", "text/plain")],
            vec![],
            415,
            "unsupported_media_type",
            "header/Content-Type",
        ),
        (
            path,
            &[NDJSON, ("content-encoding", "br")],
            vec![],
            415,
            "unsupported_media_type",
            "header/Content-Encoding",
        ),
        (path, &gzip, b"not packed".to_vec(), 400, "invalid_body", ""),
        (path, &[NDJSON, ("accept", "text/html")], vec![], 406, "not_acceptable", "header/Accept"),
        (path, &[NDJSON], vec![], 422, "invalid_events", ""),
        (
            path,
            &[NDJSON],
            (quote(4, 5) + "{\"type\":\"quotes\"}").into(),
            422,
            "invalid_events",
            "line/2/type",
        ),
        (path, &[NDJSON], quote(1 << 32, 5).into(), 422, "invalid_events", "line/1/ts"),
        (path, &[NDJSON], quote(4, 5).replace(",\"sequence\":5", "").into(), 422, "invalid_events", ""),
    ];
    for (path, headers, body, status, code, pointer) in refused {
        let answer = post(&router, path, headers, body).await;
        let problem = answer.json();
        let told = (answer.status.as_u16(), problem["code"].as_str().unwrap_or(""));
        assert_eq!(told, (status, code), "{path} {headers:?}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"].as_str().unwrap_or(""), pointer, "{problem}");
    }
    settle(&live, &last);
    let feeds = get(&router, "/v1/feeds").await.json();
    let feed = &feeds["feeds"][0];
    let counts = ["events", "duplicates", "late", "missing", "last_sequence"].map(|name| feed[name].as_u64());
    assert_eq!(counts, [Some(4), Some(2), Some(0), Some(0), Some(4)], "nothing of the refused: {feeds}");

    tokio::task::spawn_blocking(move || live.stop()).await.expect("stopped");
    let stopping = post(&router, path, &[NDJSON], quote(5, 6)).await;
    assert_eq!((stopping.status.as_u16(), stopping.json()["code"].as_str()), (503, Some("stopping")));
    assert_eq!(stopping.header("retry-after"), "1");
    let off = impactd::http::router(Served::new(folder.path().to_owned())).expect("a router");
    for answer in [post(&off, path, &[NDJSON], batch).await, get(&off, "/v1/feeds").await] {
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (404, Some("live_off")));
    }
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_has_grown() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(folder.path());
    let router = router(folder.path(), &live);
    // Eight megabytes of blanks, packed a thousand to one, and the same packed again.
    let once = packed(&vec![b' '; 8 << 20]);
    let gzip = [NDJSON, ("content-encoding", "gzip")];
    let answer = post(&router, "/v1/events?source=feed", &gzip, once).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (413, Some("body_too_large")));
    let announced = [NDJSON, ("content-length", "99999999")];
    assert_eq!(post(&router, "/v1/events?source=feed", &announced, "").await.status, 413);
}

#[tokio::test]
async fn every_format_says_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(folder.path());
    let router = router(folder.path(), &live);
    let (events, symbols) = tape();
    for (index, format) in Format::ALL.into_iter().enumerate() {
        let bytes = body(format, &events[..2_000], &symbols);
        let answer =
            post(&router, "/v1/events?source=feed", &[("content-type", format.media_type())], bytes).await;
        assert_eq!(answer.status, 201, "{format:?} {}", String::from_utf8_lossy(&answer.body));
        let accepted = if index == 0 { 2_000 } else { 0 };
        assert_eq!(answer.json()["accepted"], accepted, "{format:?}");
    }
}

/// The `data` of a table's rows.
pub async fn data(router: &Router, path: &str) -> Vec<Value> {
    let answer = get(router, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()["data"].as_array().expect("rows").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_session_shows_while_it_is_under_way_is_what_its_tables_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(folder.path());
    let router = router(folder.path(), &live);
    let (events, symbols) = tape();
    let ndjson = |some: &[Event]| body(Format::Ndjson, some, &symbols);
    let some = events.len() * 3 / 4;
    let taken = post(&router, "/v1/events?source=feed", &[NDJSON], ndjson(&events[..some])).await;
    settle(&live, &taken);
    let symbol = symbols[0].as_str().to_owned();
    let (bars, fits) =
        (format!("/v1/bars/{symbol}?bar=60s&limit=10000"), format!("/v1/impact/{symbol}?limit=10000"));
    let (early_bars, early_fits) = (data(&router, &bars).await, data(&router, &fits).await);
    assert!(early_bars.len() > 10, "{}", early_bars.len());
    assert_eq!(data(&router, "/v1/symbols").await[0]["symbol"], symbol.as_str());

    // Pages go on where they ended though more bars have closed meanwhile.
    let all = format!("/v1/bars/{symbol}?limit=300");
    let first = get(&router, &all).await.json();
    let cursor = first["next_cursor"].as_str().expect("more").to_owned();
    let slopes = data(&router, &format!("/v1/impact/{symbol}?live=true&bar=60s&model=ofi")).await;
    assert_eq!(slopes.len(), 2, "intercept and slope");
    let taken = post(&router, "/v1/events?source=feed", &[NDJSON], ndjson(&events[some..some + 200])).await;
    settle(&live, &taken);
    let second = data(&router, &format!("{all}&cursor={cursor}")).await;
    let unpaged = data(&router, &format!("/v1/bars/{symbol}?limit=600")).await;
    assert_eq!(second[..], unpaged[300..600]);

    let rest = [&events[some..], &[end(events.len() as u64 + 1)]].concat();
    post(&router, "/v1/events?source=feed", &[NDJSON], ndjson(&rest)).await;
    wait_until("landing", || state(&live, "2013-10-07") == Some(SessionState::Landed));
    assert_eq!(
        get(&router, &format!("{all}&cursor={cursor}")).await.status,
        409,
        "the archive has taken over"
    );
    let (late_bars, late_fits) = (data(&router, &bars).await, data(&router, &fits).await);
    assert_eq!(early_bars[..], late_bars[..early_bars.len()]);
    // The last closed window was not scored on the next one yet.
    let unscored = |rows: &[Value]| {
        let without = rows.iter().cloned().map(|mut row| {
            row["r2_oos"] = Value::Null;
            row.to_string()
        });
        without.collect::<Vec<_>>()
    };
    let late = unscored(&late_fits);
    assert!(!early_fits.is_empty());
    for fit in unscored(&early_fits) {
        assert!(late.contains(&fit), "{fit}");
    }
    assert_eq!(get(&router, &format!("/v1/impact/{symbol}?live=true")).await.status, 404);
}
