//! One order asked over HTTP: what the answer must add up to, and everything that is refused.

use impactd::flow::Widths;
use impactd::pretrade::Estimate;
use impactd::tape::NYSE;
use serde_json::{Value, json};

use crate::desk::{
    AS_OF, DATES, ask, check, desk, estimate, order, post, results, results_with, router, unlike, with,
};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0), "{a} is not {b}");
}

#[tokio::test]
async fn an_answer_adds_up_in_every_unit() {
    let (_folder, router) = desk();
    let shapes = [
        json!({}),
        json!({"side": "sell", "alpha_bps": 20}),
        json!({"strategy": "twap"}),
        json!({"strategy": "is", "urgency": "aggressive"}),
        json!({"horizon_seconds": null, "participation_rate": 0.05}),
        json!({"horizon_seconds": null, "strategy": "close"}),
        json!({"quantity": null, "notional": 100_000}),
        json!({"model": "square-root"}),
        json!({"model": "tape"}),
        json!({"model": "almgren-2005", "overrides": {"shares_outstanding": 1e9}}),
        json!({"horizon_seconds": null, "strategy": "custom", "schedule": [
            {"start": "2018-01-05T15:31:00Z", "end": "2018-01-05T15:41:00Z", "quantity": 1500},
            {"start": "2018-01-05T16:00:00Z", "end": "2018-01-05T16:10:00Z", "quantity": 500},
        ]}),
    ];
    for changes in shapes {
        let made = estimate(&router, &with(changes.clone())).await;
        let (cost, parts) = (&made["expected_cost"], &made["components"]);
        let bps = number(&cost["bps"]);
        let sum = ["spread_bps", "temporary_impact_bps", "permanent_impact_bps", "timing_drift_bps"];
        close(bps, sum.iter().map(|part| number(&parts[part])).sum());
        assert_eq!(parts["fees_bps"], Value::Null, "no fees are known");
        let quantity = number(&made["resolved"]["quantity"]);
        let arrival = number(&made["inputs_used"]["arrival_price"]["value"]);
        close(number(&cost["usd_per_share"]), bps * arrival / 1e4);
        close(number(&cost["usd"]), number(&cost["usd_per_share"]) * quantity);
        close(number(&cost["ticks"]), number(&cost["usd_per_share"]) / 0.01);
        let spread = number(&made["inputs_used"]["spread"]["value"]);
        close(number(&cost["pct_of_spread"]), 100.0 * number(&cost["usd_per_share"]) / spread);
        let bins = made["schedule"].as_array().expect("bins");
        close(bins.iter().map(|bin| number(&bin["quantity"])).sum(), quantity);
        let traded = bins.iter().filter(|bin| !bin["cost_bps"].is_null());
        let mean =
            traded.map(|bin| number(&bin["quantity"]) * number(&bin["cost_bps"])).sum::<f64>() / quantity;
        assert!((mean - bps).abs() < 1e-9, "{changes}: bins cost {mean}, the order {bps}");
        let interval = &made["interval"];
        let ends = ["p05", "p25", "p50", "p75", "p95"].map(|q| number(&interval["quantiles"][q]));
        assert!(ends.is_sorted(), "{ends:?}");
        // The default level's ends are these quantiles.
        close(number(&interval["low_bps"]), ends[0]);
        close(number(&interval["high_bps"]), ends[4]);
        close(ends[2], bps);
        let curve = made["inputs_used"]["volume_curve"]["value"].as_array().expect("a curve");
        close(curve.iter().map(number).sum(), 1.0);
        assert_eq!(made["checks"].as_array().expect("checks").len(), 13);
        assert_eq!(unlike::<Estimate>(&made), Vec::<String>::new(), "{changes}");
    }
}

#[tokio::test]
async fn a_drift_against_the_order_costs_and_with_it_saves() {
    let (_folder, router) = desk();
    let drift = async |side: &str| {
        let made = estimate(
            &router,
            &with(json!({"side": side, "quantity": 3000, "alpha_bps": 20, "strategy": "twap"})),
        )
        .await;
        number(&made["components"]["timing_drift_bps"])
    };
    // Evenly over thirty minutes, the mean share waits for half of them.
    close(drift("buy").await, 10.0);
    close(drift("sell").await, -10.0);
}

#[tokio::test]
async fn the_same_request_gives_the_same_bytes_also_when_later_days_arrive() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), &DATES[..3], "60s");
    let before = router(folder.path());
    let request = with(json!({"as_of": "2018-01-04T16:00:30.5Z", "client_ref": "mine"}));
    let first = ask(&before, &request).await;
    assert_eq!(ask(&before, &request).await.body, first.body);
    assert_eq!(ask(&router(folder.path()), &request).await.body, first.body);
    results(folder.path(), &DATES[3..], "60s");
    assert_eq!(ask(&router(folder.path()), &request).await.body, first.body, "nothing looks ahead");
    assert_eq!(ask(&before, &request).await.body, first.body);
    let id = |answer: &crate::http::Answer| answer.json()["estimate_id"].clone();
    let nanos = with(json!({"as_of": 1_515_081_630_500_000_000_i64, "client_ref": "mine"}));
    assert_eq!(ask(&before, &nanos).await.body, first.body, "a moment is a moment");
    for change in
        [json!({"quantity": 2001}), json!({"as_of": "2018-01-04T16:00:31Z"}), json!({"client_ref": "a"})]
    {
        let mut other = request.clone();
        other.as_object_mut().expect("fields").extend(change.as_object().expect("fields").clone());
        assert_ne!(id(&ask(&before, &other).await), id(&first));
    }
    assert!(first.header("server-timing").starts_with("total;dur="));
    assert_eq!(first.header("cache-control"), "no-store");
}

#[tokio::test]
async fn cost_rises_with_quantity_and_tends_to_the_half_spread() {
    let (_folder, router) = desk();
    for model in ["blend", "tape", "square-root"] {
        let (mut bps, mut usd) = (0.0, 0.0);
        for quantity in [1, 10, 100, 1_000, 10_000, 100_000] {
            let made = estimate(&router, &with(json!({"quantity": quantity, "model": model}))).await;
            let cost = (number(&made["expected_cost"]["bps"]), number(&made["expected_cost"]["usd"]));
            assert!(cost.0 >= bps && cost.1 > usd, "{model} {quantity}: {cost:?} after {bps} {usd}");
            (bps, usd) = cost;
            if quantity == 1 {
                let half = number(&made["components"]["spread_bps"]);
                assert!(cost.0 < 1.5 * half, "{model}: {} against a half spread of {half}", cost.0);
            }
        }
    }
}

#[tokio::test]
async fn every_bad_request_names_its_field() {
    let (_folder, router) = desk();
    let absurd = 1e30;
    for (changes, status, code, pointer) in [
        (json!({"symbol": "ZZ"}), 404, "unknown_symbol", "/symbol"),
        (json!({"symbol": null}), 422, "invalid_order", "/symbol"),
        (json!({"quantity": 0}), 422, "invalid_order", "/quantity"),
        (json!({"quantity": -5}), 422, "invalid_order", "/quantity"),
        (json!({"quantity": 0.5}), 422, "invalid_order", "/quantity"),
        (json!({"quantity": absurd}), 422, "invalid_order", "/quantity"),
        (json!({"quantity": "many"}), 422, "invalid_order", "/quantity"),
        (json!({"quantity": null, "notional": 0}), 422, "invalid_order", "/notional"),
        (json!({"quantity": null, "notional": 0.01}), 422, "invalid_order", "/notional"),
        (json!({"notional": 5000}), 422, "invalid_order", "/notional"),
        (json!({"participation_rate": 0.1}), 422, "invalid_order", "/participation_rate"),
        (json!({"horizon_seconds": null}), 422, "invalid_order", "/horizon_seconds"),
        (json!({"horizon_seconds": 0}), 422, "invalid_order", "/horizon_seconds"),
        (json!({"side": "hold"}), 422, "invalid_order", "/side"),
        (json!({"quantty": 5}), 422, "invalid_order", "/quantty"),
        (json!({"account": {"name": "x"}}), 422, "invalid_order", "/account/name"),
        (json!({"overrides": {"adv_shares": -1}}), 422, "invalid_order", "/overrides/adv_shares"),
        (json!({"as_of": "yesterday"}), 422, "invalid_order", "/as_of"),
        (json!({"as_of": "2018-01-05"}), 422, "invalid_order", "/as_of"),
        (json!({"currency": "EUR"}), 422, "invalid_order", "/currency"),
        (json!({"model": "magic"}), 422, "invalid_order", "/model"),
        (json!({"model": "almgren-2005"}), 422, "invalid_order", "/overrides/shares_outstanding"),
        (json!({"confidence": 1}), 422, "invalid_order", "/confidence"),
        (json!({"curve": [0.1, 2]}), 422, "invalid_order", "/curve/1"),
        (json!({"order_type": "limit"}), 422, "invalid_order", "/limit_price"),
        (json!({"limit_price": "1e3"}), 422, "invalid_order", "/limit_price"),
        (json!({"limits": {"max_pct_adv": 99}}), 422, "invalid_order", "/limits/max_pct_adv"),
        (json!({"limits": {"nonsense": 1}}), 422, "invalid_order", "/limits/nonsense"),
        (json!({"strategy": "close"}), 422, "invalid_order", "/horizon_seconds"),
        (
            json!({"horizon_seconds": null, "window": {"end": "2018-01-05T15:00:00Z"}}),
            422,
            "invalid_order",
            "/window/end",
        ),
    ] {
        let answer = ask(&router, &with(changes.clone())).await;
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json", "{changes}");
        let found =
            (answer.status.as_u16(), problem["code"].as_str(), problem["errors"][0]["pointer"].as_str());
        assert_eq!(found, (status, Some(code), Some(pointer)), "{changes}: {problem}");
        assert!(!problem["errors"][0]["message"].as_str().expect("a message").is_empty());
    }
    let listed = ask(&router, &with(json!({"model": "magic"}))).await.json();
    assert!(listed["errors"][0]["allowed"].as_array().expect("names").contains(&json!("square-root")));
    let several = ask(&router, &json!({"quantity": 0, "sid": 1})).await.json();
    let pointers: Vec<&str> =
        several["errors"].as_array().expect("all").iter().filter_map(|e| e["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/sid", "/quantity"], "all faults at once");
}

#[tokio::test]
async fn bodies_that_are_no_order_are_refused() {
    let (_folder, router) = desk();
    let json = ("content-type", "application/json");
    let long = format!("{{\"symbol\": \"{}\"}}", "x".repeat(70_000));
    for (body, header, status, code, words) in [
        ("{\"quantity\": NaN}", json, 400, "invalid_body", "line 1 column 14, at /quantity"),
        ("{\"quantity\": Infinity}", json, 400, "invalid_body", "at /quantity"),
        ("{\"quantity\": 1e999}", json, 400, "invalid_body", "at /quantity"),
        ("{\"side\": \"buy\",\n\"side\": \"sell\"}", json, 400, "invalid_body", "'side' stands twice"),
        ("", json, 400, "invalid_body", "is empty"),
        ("[]", json, 422, "invalid_order", "not an object"),
        ("{}", ("content-type", "text/plain"), 415, "unsupported_media_type", "text/plain"),
        ("{}", ("accept", "text/html"), 406, "not_acceptable", "Accept"),
        (&long, json, 413, "body_too_large", "65536"),
    ] {
        let answer = post(&router, "/v1/pretrade/estimate", &[header], body.to_owned()).await;
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["detail"].as_str().expect("a sentence").contains(words), "{problem}");
    }
    let asked = post(&router, "/v1/pretrade/estimate?symbol=AA", &[json], order().to_string()).await;
    assert_eq!(asked.json()["errors"][0]["pointer"], "query/symbol");
}

#[tokio::test]
async fn what_cannot_be_judged_fails_closed() {
    let (_folder, router) = desk();
    for (changes, verdict, code, status) in [
        // After the close, a Saturday, a holiday.
        (json!({"as_of": "2018-01-05T21:00:00Z"}), "block", "session_open", "fail"),
        (json!({"as_of": "2018-01-06T15:00:00Z"}), "block", "session_open", "fail"),
        (json!({"as_of": "2018-01-15T15:00:00Z"}), "block", "session_open", "fail"),
        // Before the open, and on a day without a tape: the last quote is old.
        (json!({"as_of": "2018-01-05T13:00:00Z"}), "indeterminate", "reference_data", "not_evaluated"),
        (json!({"as_of": "2018-01-08T16:00:00Z"}), "indeterminate", "reference_data", "not_evaluated"),
        // Now: years later.
        (json!({"as_of": null}), "", "reference_data", "not_evaluated"),
        // Before the first tape.
        (json!({"as_of": "2017-12-28T16:00:00Z"}), "indeterminate", "reference_data", "not_evaluated"),
        (json!({"halted": true}), "block", "halted", "fail"),
        (json!({"quantity": 900_000_000}), "block", "max_order_quantity", "fail"),
        (json!({"limit_price": 500.0}), "block", "price_collar", "fail"),
        (json!({"limits": {"max_order_quantity": 1999}}), "block", "max_order_quantity", "fail"),
    ] {
        let made = estimate(&router, &with(changes.clone())).await;
        let found = check(&made, code);
        assert_eq!(found["status"], status, "{changes}: {found}");
        let refused = ["block", "indeterminate"].contains(&made["verdict"].as_str().expect("a verdict"));
        assert!(refused && (verdict.is_empty() || made["verdict"] == verdict), "{changes}: {}", made["why"]);
        assert_eq!(unlike::<Estimate>(&made), Vec::<String>::new(), "{changes}");
    }
    let before = estimate(&router, &with(json!({"as_of": "2017-12-28T16:00:00Z"}))).await;
    for unknown in ["expected_cost", "interval", "components", "model", "timing_risk_bps"] {
        assert_eq!(before[unknown], Value::Null, "{unknown}");
    }
    assert_eq!(before["inputs_used"]["adv"]["value"], Value::Null);
}

#[tokio::test]
async fn a_window_is_cut_to_the_session_and_that_is_said() {
    let (_folder, router) = desk();
    let late = estimate(&router, &with(json!({"as_of": "2018-01-05T20:50:20Z"}))).await;
    assert_eq!(late["resolved"]["window_end"], "2018-01-05T21:00:00.000000000Z");
    let said = |made: &Value| made["resolved"]["adjustments"].to_string();
    assert!(said(&late).contains("ends at the session's close"), "{}", said(&late));
    let window = json!({"start": "2018-01-05T10:00:00Z", "end": "2018-01-05T16:00:00Z"});
    let made = estimate(&router, &with(json!({"horizon_seconds": null, "window": window}))).await;
    assert_eq!(made["resolved"]["window_start"], "2018-01-05T15:30:20.000000000Z");
    assert!(said(&made).contains("begins at as_of"));
    let slow = json!({"quantity": 400_000, "horizon_seconds": null, "participation_rate": 0.01});
    let made = estimate(&router, &with(slow)).await;
    let fits = number(&made["resolved"]["fillable_quantity"]);
    assert!(fits > 0.0 && fits < 400_000.0);
    let bins = made["schedule"].as_array().expect("bins");
    close(bins.iter().map(|bin| number(&bin["quantity"])).sum(), fits);
    assert!(said(&made).contains("fit before the close"));
    let paced = json!({"horizon_seconds": null, "participation_rate": 0.1});
    let made = estimate(&router, &with(paced)).await;
    assert!((number(&made["resolved"]["participation_rate"]) - 0.1).abs() < 1e-3);
}

#[tokio::test]
async fn a_what_if_moves_the_estimate_and_never_a_check_towards_passing() {
    let (_folder, router) = desk();
    let plain = estimate(&router, &order()).await;
    let generous =
        json!({"overrides": {"adv_shares": 1e9, "arrival_price": 0.5, "volatility_daily_bps": 1.0}});
    let made = estimate(&router, &with(generous)).await;
    assert!(number(&made["expected_cost"]["usd"]) < number(&plain["expected_cost"]["usd"]));
    assert_eq!(made["inputs_used"]["adv"]["source"], "caller");
    for code in ["max_order_notional", "max_pct_adv"] {
        assert_eq!(check(&made, code)["observed"], check(&plain, code)["observed"], "{code}");
    }
    let rate = |made: &Value| number(&check(made, "max_participation")["observed"]);
    assert!((rate(&made) / rate(&plain) - 1.0).abs() < 1e-9);
    assert!(made["confidence"]["reasons"].to_string().contains("caller_inputs"));
    // A cheaper story lowers the expected cost, and not what the checks look at.
    for story in
        [json!({"overrides": {"volatility_daily_bps": 0.01, "spread_bps": 0.01}}), json!({"alpha_bps": -500})]
    {
        let made = estimate(&router, &with(story.clone())).await;
        let bps = |made: &Value| number(&made["expected_cost"]["bps"]);
        assert!(bps(&made) < bps(&plain), "{story}");
        for code in ["max_expected_cost_bps", "price_collar"] {
            assert_eq!(check(&made, code)["observed"], check(&plain, code)["observed"], "{story} {code}");
        }
    }
}

#[tokio::test]
async fn a_half_day_alone_is_not_taken_for_a_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), &["2018-07-03", "2018-07-05"], "60s");
    let router = router(folder.path());
    let at = async |as_of: &str| estimate(&router, &with(json!({"as_of": as_of}))).await;
    let adv = |made: &Value| number(&made["inputs_used"]["adv"]["value"]);
    let half = at("2018-07-05T15:00:20Z").await;
    let whole = at("2018-07-06T15:00:20Z").await;
    assert_eq!(half["inputs_used"]["adv"]["source"], "tape_days");
    // The simulated market trades evenly: a half day has its hours' part of a whole one.
    assert!((adv(&half) / adv(&whole) - 1.0).abs() < 0.1, "{} {}", adv(&half), adv(&whole));
    let said = |made: &Value| made["confidence"]["reasons"].to_string().contains("only_half_days");
    assert!(said(&half) && !said(&whole), "{} {}", half["confidence"], whole["confidence"]);
}

#[tokio::test]
async fn results_of_narrowed_hours_are_not_trusted_as_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let calendar = NYSE.narrowed("10:00-15:00").expect("hours");
    results_with(folder.path(), &DATES, 7, |request| {
        request.calendar = calendar;
        request.widths = Widths::parse("60s").expect("widths");
    });
    let made = estimate(&router(folder.path()), &order()).await;
    assert_eq!(made["confidence"]["level"], "low");
    assert!(made["confidence"]["reasons"].to_string().contains("narrowed_session"), "{}", made["confidence"]);
    let (_folder, whole) = desk();
    let made = estimate(&whole, &order()).await;
    assert!(!made["confidence"]["reasons"].to_string().contains("narrowed_session"));
}

#[tokio::test]
async fn finer_bars_stand_in_for_those_of_a_minute_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), &DATES, "30s,300s");
    let finer = estimate(&router(folder.path()), &order()).await;
    assert!(finer["confidence"]["reasons"].to_string().contains("bars_not_a_minute"));
    let (_minutes, router) = desk();
    let whole = estimate(&router, &order()).await;
    for input in ["arrival_price", "adv", "volatility_daily", "previous_close"] {
        let (a, b) = (&finer["inputs_used"][input]["value"], &whole["inputs_used"][input]["value"]);
        assert!((number(a) / number(b) - 1.0).abs() < 1e-9, "{input}: {a} {b}");
    }
    assert_eq!(AS_OF, "2018-01-05T15:30:20Z");
}

#[tokio::test]
async fn an_absurd_pace_a_rare_length_and_a_price_that_would_not_trade_lower_the_confidence() {
    let (_folder, router) = desk();
    let told = async |changes: Value| {
        let made = estimate(&router, &with(changes)).await;
        let reasons = made["confidence"]["reasons"].to_string();
        (reasons, made["confidence"]["level"].as_str().expect("a word").to_owned(), made)
    };
    let (reasons, _, plain) = told(json!({})).await;
    for reason in ["participation", "horizon_not_backtested", "limit_price_not_marketable"] {
        assert!(!reasons.contains(reason), "{reason}: {reasons}");
    }
    let (reasons, level, _) = told(json!({"horizon_seconds": 1})).await;
    assert!(reasons.contains("participation_above_100pct") && reasons.contains("horizon_not_backtested"));
    assert_eq!(level, "low");
    let rate = number(&check(&plain, "max_participation")["observed"]);
    let (reasons, ..) = told(json!({"quantity": (2_000.0 * 35.0 / rate).round()})).await;
    assert!(reasons.contains("high_participation") && !reasons.contains("above_100pct"), "{reasons}");
    let mid = number(&plain["inputs_used"]["arrival_price"]["value"]);
    for (side, factor) in [("buy", 0.98), ("sell", 1.02)] {
        let far = (mid * factor * 100.0).round() / 100.0;
        let (reasons, _, made) = told(json!({"side": side, "limit_price": far})).await;
        assert!(reasons.contains("limit_price_not_marketable"), "{reasons}");
        assert!(made["resolved"]["adjustments"].to_string().contains("priced as if it would be filled"));
        let near = (mid * (2.0 - factor) * 100.0).round() / 100.0;
        let (reasons, ..) = told(json!({"side": side, "limit_price": near})).await;
        assert!(!reasons.contains("limit_price_not_marketable"), "{reasons}");
    }
}
