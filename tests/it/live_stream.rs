//! The stream of what becomes certain, and estimates that rest on a session under way.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use impactd::live::SessionState;
use impactd::live::wire::Format;
use serde_json::Value;
use tower::ServiceExt;

use crate::http::get;
use crate::live_http::{NDJSON, body, data, end, live, post, router, settle, state, tape, wait_until};
use crate::support::SECOND;

/// The messages of a stream until one holds, each as its id, its kind and its data.
async fn listen(
    router: &Router,
    path: &str,
    last: Option<&str>,
    until: impl Fn(&(String, String, Value)) -> bool,
) -> Vec<(String, String, Value)> {
    let mut request = Request::builder().uri(path);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut stream = answer.into_body().into_data_stream();
    let (mut text, mut messages) = (String::new(), Vec::new());
    while let Some(bytes) = stream.next().await {
        text.push_str(std::str::from_utf8(&bytes.expect("bytes")).expect("text"));
        while let Some((message, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                let found = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                found.unwrap_or("").to_owned()
            };
            let (id, kind, data) = (field("id"), field("event"), field("data"));
            text = rest.to_owned();
            if kind.is_empty() {
                continue;
            }
            messages.push((id, kind, serde_json::from_str(&data).expect("JSON")));
            if messages.last().is_some_and(&until) {
                return messages;
            }
        }
    }
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_goes_on_where_it_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(folder.path());
    let router = router(folder.path(), &live);
    let (events, symbols) = tape();
    let whole = [&events[..], &[end(events.len() as u64 + 1)]].concat();
    post(&router, "/v1/events?source=feed", &[NDJSON], body(Format::Ndjson, &whole, &symbols)).await;
    wait_until("landing", || state(&live, "2013-10-07") == Some(SessionState::Landed));
    let ended = |message: &(String, String, Value)| message.1 == "session" && message.2["state"] == "ended";
    let all = listen(&router, "/v1/stream?bar=60s&after=0-0", None, ended).await;
    let bars: Vec<Value> = all.iter().filter(|m| m.1 == "bar").map(|m| m.2.clone()).collect();
    let symbol = symbols[0].as_str();
    assert_eq!(bars, data(&router, &format!("/v1/bars/{symbol}?bar=60s&limit=10000")).await);
    let fits: Vec<&Value> = all.iter().filter(|m| m.1 == "fit").map(|m| &m.2).collect();
    let landed = data(&router, &format!("/v1/impact/{symbol}?bar=60s&limit=10000")).await;
    assert!(!fits.is_empty());
    for row in &landed {
        assert!(fits.contains(&row), "{row}");
    }
    // From the middle on, and the header wins over the parameter.
    let middle = all.len() / 2;
    let rest = listen(&router, "/v1/stream?bar=60s&after=0-0", Some(&all[middle].0), ended).await;
    assert_eq!(rest, all[middle + 1..]);
    let few =
        listen(&router, &format!("/v1/stream?kinds=session&symbols={symbol}&after=0-0"), None, ended).await;
    let states: Vec<&str> = few.iter().filter_map(|message| message.2["state"].as_str()).collect();
    assert_eq!(states, ["ended"]);
    for bad in ["after=x", "kinds=bars", "symbols=", "bar=7", "since=1"] {
        assert_eq!(get(&router, &format!("/v1/stream?{bad}")).await.status, 400, "{bad}");
    }
    // The stream ends when the live side does.
    let open = router.clone().oneshot(Request::get("/v1/stream").body(Body::empty()).expect("a request"));
    let open = open.await.expect("an answer").into_body();
    tokio::task::spawn_blocking(move || live.stop()).await.expect("stopped");
    tokio::time::timeout(Duration::from_secs(10), open.collect()).await.expect("it ends").expect("a body");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_of_today_rests_on_the_session_under_way_and_says_how_old_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(folder.path());
    let router = router(folder.path(), &live);
    let (events, symbols) = tape();
    let taken =
        post(&router, "/v1/events?source=feed", &[NDJSON], body(Format::Ndjson, &events, &symbols)).await;
    settle(&live, &taken);
    let day = live.day(symbols[0].as_str()).expect("under way");
    let quote = day.quote.expect("a quote in force");
    let at = |seconds: i64| impactd::tape::Nanos(quote.ts.0 + seconds * SECOND).to_string();
    let order = |as_of: &str| {
        serde_json::json!({
            "symbol": symbols[0].as_str(), "side": "buy", "quantity": 100, "horizon_seconds": 60, "as_of": as_of,
        })
        .to_string()
    };
    let json = [("content-type", "application/json")];
    let mut told = Vec::new();
    for seconds in [1, 90] {
        let answer = post(&router, "/v1/pretrade/estimate", &json, order(&at(seconds))).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let estimate = answer.json();
        let inputs = &estimate["inputs_used"];
        assert_eq!(inputs["live"]["quote_age_ms"], seconds * 1_000, "{inputs}");
        assert_eq!(inputs["live"]["journal_position"], day.position);
        assert_eq!(inputs["arrival_price"]["value"].as_f64(), Some(quote.mid_doubled() as f64 / 2e9));
        assert_eq!(inputs["arrival_price"]["age_ms"], seconds * 1_000);
        told.push(estimate["estimate_id"].clone());
    }
    assert_ne!(told[0], told[1]);
    let basket =
        serde_json::json!([serde_json::from_str::<Value>(&order(&at(1))).expect("JSON")]).to_string();
    let answer = post(&router, "/v1/pretrade/estimate:batch", &json, basket).await.json();
    assert_eq!(answer["results"][0]["estimate"]["estimate_id"], told[0], "{answer}");
}
