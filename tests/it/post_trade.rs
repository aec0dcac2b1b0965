//! Orders and fills over HTTP: the round trip, repeats and conflicts, refusals, estimates beside them.

use std::collections::BTreeSet;
use std::fs;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use impactd::tape::sha256;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::http::{Answer, get, results, router};
use crate::support::{OPEN, SECOND};

pub async fn post_as(router: &Router, path: &str, kind: &str, body: String) -> Answer {
    let request = Request::builder().method("POST").uri(path).header("content-type", kind);
    let request = request.body(Body::from(body)).expect("a request");
    let (head, body) = router.clone().oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

pub async fn post(router: &Router, body: &Value) -> Answer {
    post_as(router, "/v1/executions", "application/json", body.to_string()).await
}

pub fn at(second: i64) -> i64 {
    OPEN + second * SECOND
}

/// Decided at 50.00, 100 of 300 shares left over; the tape knows the mids, bars are 10 seconds wide.
pub fn order(order_id: &str) -> Value {
    json!({
        "order_id": order_id, "symbol": "AA", "side": "buy", "quantity": 300,
        "decision_ts": at(95), "decision_price": "50",
        "arrival_ts": at(100), "end_ts": at(400),
        "fills": [
            {"ts": at(125), "shares": 150, "price": "50.04", "fee": "0.25"},
            {"ts": at(309), "shares": 50, "price": 50.05}
        ]
    })
}

/// The mid just before a moment by the table of bars: close of the last 10 s bar that had ended.
async fn mid(router: &Router, moment: i64) -> f64 {
    let rows = get(router, &format!("/v1/bars/AA?bar=10s&to={moment}&limit=10000")).await.json();
    let ended = rows["data"].as_array().expect("bars").iter().rfind(|bar| {
        let end = bar["ts_end"].as_str().expect("a stamp").parse::<chrono::DateTime<chrono::Utc>>();
        end.expect("a stamp").timestamp_nanos_opt().expect("in range") <= moment
    });
    ended.expect("a bar")["mid_close_usd"].as_f64().expect("a mid")
}

fn near(left: &Value, right: f64) {
    let left = left.as_f64().expect("a number");
    assert!((left - right).abs() <= 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

#[tokio::test]
async fn an_order_comes_back_split_into_parts_that_add_up() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let router = router(folder.path());
    let answer = post(&router, &order("o/1 ü")).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", String::from_utf8_lossy(&answer.body));
    let made = answer.json();
    assert_eq!((&made["recorded"], &made["known"]), (&json!(1), &json!(0)));
    let order = &made["data"][0];
    let (a, m1, m2) = (mid(&router, at(100)).await, mid(&router, at(125)).await, mid(&router, at(309)).await);
    let e = mid(&router, at(400)).await;
    let parts = &order["parts"];
    near(&parts["delay"]["usd"], 200.0 * (a - 50.0));
    near(&parts["spread"]["usd"], 150.0 * (50.04 - m1) + 50.0 * (50.05 - m2));
    near(&parts["opportunity"]["usd"], 100.0 * (e - 50.0));
    near(&parts["fees"]["usd"], 0.25);
    assert_eq!((&parts["impact"], &parts["timing"]), (&Value::Null, &Value::Null), "nothing was forecast");
    near(&parts["unattributed"]["usd"], 150.0 * (m1 - a) + 50.0 * (m2 - a));
    let whole = 150.0 * 50.04 + 50.0 * 50.05 + 100.0 * e - 300.0 * 50.0 + 0.25;
    near(&order["shortfall"]["usd"], whole);
    near(&order["shortfall"]["bps"], whole / 15_000.0 * 1e4);
    near(&order["shortfall"]["usd_per_share"], whole / 300.0);
    assert_eq!(order["arrival"]["source"], "tape");
    assert_eq!(order["fills"][1]["mid_source"], "tape");
    assert_eq!((&order["decision"]["price"], &order["fills"][1]["price"]), (&json!("50"), &json!("50.05")));
    let paid = (150.0 * 50.04 + 50.0 * 50.05) / 200.0;
    near(&order["arrival_cost_bps"], (paid - a) / a * 1e4);
    near(&order["benchmarks"]["arrival"]["slippage_bps"], (paid - a) / a * 1e4);
    assert_eq!(order["benchmarks"]["bars"], 30);
    let vwap = &order["benchmarks"]["interval_vwap"];
    let price = vwap["price"].as_f64().expect("a price");
    near(&vwap["slippage_bps"], (paid - price) / price * 1e4);

    let found = get(&router, "/v1/executions/o%2F1%20%C3%BC").await;
    assert_eq!((found.status.as_u16(), &found.json()), (200, order));
    let list = get(&router, "/v1/executions?symbol=AA").await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    near(&list["data"][0]["shortfall_usd"], whole);
    assert_eq!(get(&router, "/v1/executions?symbol=BB").await.json()["data"], json!([]));
    let csv = get(&router, "/v1/executions?format=csv").await;
    assert!(String::from_utf8_lossy(&csv.body).starts_with("order_id,symbol,side,quantity_shares"));
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_another_under_its_id_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("out")).expect("a folder");
    let router = router(folder.path());
    let mut first = order("a");
    first["end_mid"] = json!(50.1);
    let made = post(&router, &json!([first, {
        "order_id": "b", "symbol": "NEVER HEARD OF", "side": "sell_short", "quantity": 1, "decision_ts": at(0),
        "decision_price": 3, "arrival_ts": at(0), "end_ts": at(1), "end_mid": 4, "fills": []
    }]))
    .await;
    assert_eq!(made.status.as_u16(), 201, "no results are needed");
    let made = made.json();
    assert_eq!(made["data"][0]["arrival"]["price"], Value::Null);
    assert_eq!(made["data"][0]["parts"]["delay"], Value::Null);
    near(&made["data"][1]["shortfall"]["usd"], -1.0);

    let again = post_as(&router, "/v1/executions", "application/x-ndjson", format!("{first}\n\n")).await;
    assert_eq!(again.status.as_u16(), 200);
    assert_eq!(again.json(), json!({"data": [made["data"][0]], "recorded": 0, "known": 1}));

    let mut other = first.clone();
    other["quantity"] = json!(301);
    let mut fresh = first.clone();
    fresh["order_id"] = json!("c");
    let refused = post(&router, &json!([fresh, other])).await;
    let problem = refused.json();
    assert_eq!((refused.status.as_u16(), &problem["code"]), (409, &json!("order_conflict")));
    assert_eq!(problem["errors"][0]["pointer"], "/1/order_id");
    assert_eq!(get(&router, "/v1/executions/c").await.status.as_u16(), 404, "all or none");
    assert_eq!(get(&router, "/v1/executions/a").await.json(), made["data"][0]);
}

#[tokio::test]
async fn every_refusal_names_its_field() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("out")).expect("a folder");
    let router = router(folder.path());
    for (pointer, value) in [
        ("/quantity", json!(-1)),
        ("/decision_price", json!("NaN")),
        ("/fills/1/shares", json!(151)),
        ("/fills/0/ts", json!(at(94))),
        ("/fills/0/price", json!(null)),
        ("/venue", json!("XNYS")),
        ("/estimate_id", json!("est_0")),
    ] {
        let mut bad = order("a");
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        bad.pointer_mut(parent).expect("there")[name] = value;
        let refused = post(&router, &json!([order("fine"), bad])).await;
        let problem = refused.json();
        assert_eq!((refused.status.as_u16(), &problem["code"]), (422, &json!("invalid_order")), "{pointer}");
        assert_eq!(problem["errors"][0]["pointer"], json!(format!("/1{pointer}")));
    }
    assert_eq!(get(&router, "/v1/executions").await.json()["data"], json!([]), "none was recorded");
    let kind = "application/json";
    for (body, status, code) in [
        ("{\"order_id\": NaN}", 400, "invalid_body"),
        ("", 400, "invalid_body"),
        ("[]", 422, "invalid_order"),
        ("7", 422, "invalid_order"),
    ] {
        let refused = post_as(&router, "/v1/executions", kind, body.to_owned()).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (status, &json!(code)), "{body}");
    }
    let refused = post_as(&router, "/v1/executions", "text/plain", "x".into()).await;
    assert_eq!(refused.json()["code"], "unsupported_media_type");
    for (path, status, code) in [
        ("/v1/executions/none", 404, "unknown_order"),
        ("/v1/executions/none?x=1", 400, "unknown_parameter"),
        ("/v1/executions?from=2013-10-08&to=2013-10-07", 404, "empty_interval"),
        ("/v1/executions?cursor=00000000000000000000000000000000", 409, "stale_cursor"),
        ("/v1/models/magic/calibration", 404, "unknown_model"),
        ("/v1/models/blend/calibration?limit=1", 400, "unknown_parameter"),
    ] {
        let refused = get(&router, path).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (status, &json!(code)), "{path}");
    }
}

#[tokio::test]
async fn pages_hold_every_order_once_also_while_more_come_in() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("out")).expect("a folder");
    let router = router(folder.path());
    let order = |id: usize| {
        json!({
            "order_id": format!("o{id}"), "symbol": if id.is_multiple_of(3) { "A" } else { "B" }, "side": "buy",
            "quantity": 1, "decision_ts": at(0) + 86_400 * SECOND * (id as i64 % 4), "decision_price": 1,
            "arrival_ts": at(0) + 86_400 * SECOND * (id as i64 % 4),
            "fills": [{"ts": at(0) + 86_400 * SECOND * (id as i64 % 4), "shares": 1, "price": 1}]
        })
    };
    post(&router, &(0..30).map(order).collect()).await;
    for (query, count) in [("", 30), ("symbol=A&", 10), ("from=2013-10-09&", 14)] {
        let (mut url, mut seen) = (format!("/v1/executions?{query}limit=4"), Vec::new());
        loop {
            let page = get(&router, &url).await.json();
            let ids = page["data"].as_array().expect("rows").iter().map(|r| r["order_id"].to_string());
            seen.extend(ids);
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            url = format!("/v1/executions?{query}limit=4&cursor={cursor}");
        }
        assert_eq!(seen.len(), count, "{query}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), count, "{query}");
    }
    let page = get(&router, "/v1/executions?limit=9").await.json();
    post(&router, &(30..40).map(order).collect()).await;
    let cursor = page["next_cursor"].as_str().expect("more");
    let rest = get(&router, &format!("/v1/executions?cursor={cursor}")).await.json();
    let ids = |page: &Value| -> BTreeSet<String> {
        page["data"].as_array().expect("rows").iter().map(|r| r["order_id"].to_string()).collect()
    };
    assert!(ids(&page).is_disjoint(&ids(&rest)));
    let all = &ids(&page) | &ids(&rest);
    assert!((0..30).all(|id| all.contains(&format!("\"o{id}\""))));
}

/// What is asked before the order is sent.
fn estimate_request() -> Value {
    json!({
        "symbol": "AA", "side": "buy", "quantity": 300, "as_of": at(95), "horizon_seconds": 300,
        "overrides": {"adv_shares": 100_000, "volatility_daily_bps": 150}
    })
}

#[tokio::test]
async fn an_order_stands_beside_its_estimate_and_later_estimates_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    let ask = async |request: &Value| {
        let path = "/v1/pretrade/estimate";
        post_as(&router, path, "application/json", request.to_string()).await.json()
    };
    let estimate = ask(&estimate_request()).await;
    assert_eq!(estimate["comparables"], Value::Null);
    let components = &estimate["components"];
    let impact =
        ["temporary_impact_bps", "permanent_impact_bps"].map(|p| components[p].as_f64().expect("known"));
    let impact = impact.iter().sum::<f64>();

    let mut given = order("given");
    given["fills"] = json!([{"ts": at(125), "shares": 300, "price": "50.04", "mid": "50.03"}]);
    given["arrival_mid"] = json!("50.02");
    given["estimate_id"] = estimate["estimate_id"].clone();
    let made = post(&router, &given).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    let answer = made.json()["data"][0].clone();
    assert_eq!(
        (&answer["estimate"]["recomputed"], &answer["parts"]["unattributed"]["usd"]),
        (&json!(false), &json!(0.0))
    );
    near(&answer["parts"]["impact"]["usd"], 300.0 * 50.02 * impact / 1e4);
    near(&answer["parts"]["timing"]["usd"], 300.0 * 0.01 - 300.0 * 50.02 * impact / 1e4);
    near(&answer["estimate"]["expected_bps"], estimate["expected_cost"]["bps"].as_f64().expect("known"));

    // A daemon that has forgotten makes the estimate again, as of the arrival, and says so.
    let fresh = crate::http::router(folder.path());
    let mut again = given.clone();
    again["order_id"] = json!("again");
    let refused = post(&fresh, &again).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/estimate_id");
    again.as_object_mut().expect("an object").remove("estimate_id");
    again["estimate_request"] = estimate_request();
    let made = post(&fresh, &again).await.json();
    assert_eq!(made["data"][0]["estimate"]["recomputed"], true, "{made}");
    assert_eq!(made["data"][0]["estimate"]["as_of"], made["data"][0]["arrival"]["ts"]);
    assert_eq!(post(&fresh, &given).await.status.as_u16(), 200, "what is recorded keeps its estimate");
    again["order_id"] = json!("wrong");
    again["estimate_request"]["side"] = json!("sell");
    assert_eq!(post(&fresh, &again).await.json()["errors"][0]["pointer"], "/estimate_request");
    again["estimate_request"] = json!({"symbol": "AA", "side": "buy", "quantity": 0, "horizon_seconds": 60});
    assert_eq!(post(&fresh, &again).await.json()["errors"][0]["pointer"], "/estimate_request/quantity");

    let later = json!({
        "symbol": "AA", "side": "sell", "quantity": 500, "as_of": at(600), "horizon_seconds": 200,
        "overrides": {"adv_shares": 100_000, "volatility_daily_bps": 150}
    });
    let cost = answer["arrival_cost_bps"].as_f64().expect("known");
    for router in [&fresh, &crate::http::router(folder.path())] {
        let path = "/v1/pretrade/estimate";
        let told = post_as(router, path, "application/json", later.to_string()).await.json();
        assert_eq!(told["comparables"]["n"], 2, "{told}");
        near(&told["comparables"]["p50_bps"], cost);
        let mut early = later.clone();
        early["as_of"] = json!(at(399));
        let told = post_as(router, path, "application/json", early.to_string()).await.json();
        assert_eq!(told["comparables"], Value::Null, "neither order was done by then");
    }
    let report = get(&fresh, "/v1/models/default/calibration?symbol=AA").await.json();
    assert_eq!(
        (&report["overall"], &report["orders"]["with_caller_inputs"]),
        (&Value::Null, &json!(2)),
        "{report}"
    );
}

#[tokio::test]
async fn a_damaged_file_is_left_out_counted_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let first = router(folder.path());
    post(&first, &json!([order("a"), order("b"), order("c")])).await;
    let ready = get(&first, "/health/ready").await.json();
    assert_eq!(ready["status"], "ready", "{ready}");
    let path = folder.path().join("out/executions/2013-10-07").join(format!("{}.json", sha256("b")));
    let whole = fs::read(&path).expect("there");
    fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    // One that saw it whole, and one that starts beside it.
    for router in [&first, &router(folder.path())] {
        let list = get(router, "/v1/executions").await;
        assert_eq!(
            (list.status.as_u16(), &list.headers["damaged-orders"]),
            (200, &"1".parse().expect("text"))
        );
        let list = list.json();
        assert_eq!((list["data"].as_array().map(Vec::len), &list["damaged"]), (Some(2), &json!(1)), "{list}");
        let report = get(router, "/v1/models/blend/calibration").await.json();
        assert_eq!((&report["orders"]["recorded"], &report["orders"]["damaged"]), (&json!(2), &json!(1)));
        let ready = get(router, "/health/ready").await;
        assert_eq!((ready.status.as_u16(), &ready.json()["status"]), (200, &json!("degraded")));
        assert!(ready.json()["checks"][2]["reason"].to_string().contains("left out: 1"), "{}", ready.json());
        let itself = get(router, "/v1/executions/b").await;
        assert_eq!((itself.status.as_u16(), &itself.json()["code"]), (500, &json!("damaged_record")));
        assert_eq!(get(router, "/v1/executions/c").await.status.as_u16(), 200);
    }
    let page = get(&first, "/v1/executions?limit=1").await.json();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
    fs::write(&path, whole).expect("written");
    assert_eq!(get(&first, "/health/ready").await.json()["status"], "ready", "put back");
    let list = get(&first, "/v1/executions").await;
    assert_eq!((&list.json()["damaged"], list.headers.get("damaged-orders")), (&json!(0), None));
}

#[tokio::test]
async fn a_new_order_has_a_place_and_none_is_of_tomorrow() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("out")).expect("a folder");
    let router = router(folder.path());
    let made = post(&router, &order("o/1 ü")).await;
    assert_eq!(made.headers["location"], "/v1/executions/o%2F1%20%C3%BC");
    assert_eq!(get(&router, made.headers["location"].to_str().expect("text")).await.status.as_u16(), 200);
    let known = post(&router, &order("o/1 ü")).await;
    assert_eq!((known.status.as_u16(), known.headers.get("location")), (200, None));
    assert_eq!(post(&router, &json!([order("b"), order("c")])).await.headers.get("location"), None);
    let now = chrono::Utc::now().timestamp_nanos_opt().expect("in range");
    let of = |id: &str, moment: i64| {
        json!({
            "order_id": id, "symbol": "AA", "side": "buy", "quantity": 1, "decision_ts": at(0), "decision_price": 1,
            "arrival_ts": moment, "end_ts": moment, "fills": [{"ts": moment, "shares": 1, "price": 1}]
        })
    };
    let mut late = of("late", now + 3_600 * SECOND);
    late["decision_ts"] = json!(now);
    let refused = post(&router, &late).await.json();
    let pointers: Vec<&str> =
        refused["errors"].as_array().expect("errors").iter().filter_map(|e| e["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/arrival_ts", "/fills/0/ts"], "{refused}");
    let mut soon = of("soon", now + 10 * SECOND);
    soon["decision_ts"] = json!(now);
    assert_eq!(post(&router, &soon).await.status.as_u16(), 201, "clocks differ");
}
