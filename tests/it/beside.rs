//! Which forecasts may stand beside an order, and which of those count in a track record.

use axum::Router;
use serde_json::{Value, json};

use crate::http::{Answer, get, results, router};
use crate::post_trade::{at, post, post_as};

const DAY: i64 = 86_400;
const ARRIVAL: i64 = DAY + 600;

async fn ask(router: &Router, change: &Value) -> Value {
    let mut request = request(300);
    for (name, value) in change.as_object().expect("an object") {
        request[name] = value.clone();
    }
    let answer = post_as(router, "/v1/pretrade/estimate", "application/json", request.to_string()).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["estimate_id"].clone()
}

fn request(quantity: i64) -> Value {
    json!({
        "symbol": "AA", "side": "buy", "quantity": quantity, "as_of": at(ARRIVAL), "horizon_seconds": 300
    })
}

fn order(order_id: &str, arrival: i64) -> Value {
    json!({
        "order_id": order_id, "symbol": "AA", "side": "buy", "quantity": 300, "decision_ts": at(arrival),
        "decision_price": "50", "arrival_ts": at(arrival), "arrival_mid": "50.02", "end_ts": at(arrival + 300),
        "fills": [{"ts": at(arrival + 100), "shares": 300, "price": "50.04", "mid": "50.03"}]
    })
}

async fn with(router: &Router, mut order: Value, name: &str, value: Value) -> Answer {
    order[name] = value;
    post(router, &order).await
}

#[tokio::test]
async fn an_estimate_for_another_quantity_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    let other = ask(&router, &json!({"quantity": 400_000})).await;
    let dollars = json!({
        "symbol": "AA", "side": "buy", "notional": 2_000_000, "currency": "USD", "horizon_seconds": 300
    });
    for (name, value, pointer) in [
        ("estimate_id", other, "/estimate_id"),
        ("estimate_request", request(99_999), "/estimate_request/quantity"),
        ("estimate_request", dollars, "/estimate_request/notional"),
    ] {
        let refused = with(&router, order("a", ARRIVAL), name, value).await;
        let problem = refused.json();
        assert_eq!((refused.status.as_u16(), &problem["errors"][0]["pointer"]), (422, &json!(pointer)));
        assert!(problem["errors"][0]["message"].to_string().contains("the order for 300"), "{problem}");
    }
    let gone = with(&router, order("a", ARRIVAL), "estimate_id", json!("est_0")).await.json();
    assert!(gone["errors"][0]["message"].to_string().contains("estimate_request"), "{gone}");
}

#[tokio::test]
async fn only_the_models_own_forecasts_of_the_day_are_scored() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    for (order_id, change, days_later, caller_inputs) in [
        ("plain", json!({}), 0, json!([])),
        (
            "price",
            json!({"overrides": {"arrival_price": 100, "volatility_daily_bps": 1}}),
            0,
            json!(["arrival_price", "volatility_daily_bps"]),
        ),
        ("alpha", json!({"alpha_bps": 500}), 0, json!(["alpha_bps"])),
        ("old", json!({}), 2, json!([])),
    ] {
        let id = ask(&router, &change).await;
        let made = with(&router, order(order_id, ARRIVAL + days_later * DAY), "estimate_id", id).await;
        assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
        assert_eq!(made.json()["data"][0]["estimate"]["caller_inputs"], caller_inputs, "{order_id}");
    }
    let again = with(&router, order("again", ARRIVAL), "estimate_request", request(300)).await;
    assert_eq!(again.status.as_u16(), 201, "{}", String::from_utf8_lossy(&again.body));
    let report = get(&router, "/v1/models/default/calibration?symbol=AA").await.json();
    let count = |name: &str| report["orders"][name].as_u64().expect("a count");
    assert_eq!((count("recorded"), count("scored"), count("recomputed")), (5, 2, 1), "{report}");
    assert_eq!((count("with_caller_inputs"), count("forecast_too_early")), (2, 1));
    assert_eq!((&report["model"], &report["overall"]["n"]), (&json!("blend"), &json!(2)));
    assert_eq!(report["by_size"].as_array().map(Vec::len), Some(5));
    let none = get(&router, "/v1/models/square-root/calibration").await.json();
    assert_eq!((&none["overall"], &none["orders"]["of_other_models"]), (&Value::Null, &json!(2)));
}

#[tokio::test]
async fn an_estimate_without_a_cost_does_not_cost_the_fills() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..2);
    let router = router(folder.path());
    // The evening before: the session is closed.
    let id = ask(&router, &json!({"as_of": at(12 * 3_600)})).await;
    let made = with(&router, order("a", ARRIVAL), "estimate_id", id.clone()).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.body));
    let order = made.json()["data"][0].clone();
    assert_eq!(order["estimate"], Value::Null);
    let warning = order["warnings"][0].as_str().expect("a warning").to_owned();
    assert!(warning.contains(id.as_str().expect("an id")) && warning.contains("closed"), "{warning}");
    assert_eq!(get(&router, "/v1/executions/a").await.json(), order, "it is told for good");
    let report = get(&router, "/v1/models/default/calibration").await.json();
    assert_eq!(report["orders"]["without_estimate"], 1);
}
