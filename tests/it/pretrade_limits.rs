//! The limits file as the daemon uses it: reloaded, kept when broken, running out, overridden.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::desk::{check, desk, estimate, order, router, with};
use crate::http::get;
use impactd::http::Served;

fn limit(kind: &str, block: i64, effective: &str, expires: &str) -> String {
    let approved =
        if kind == "limit" { "owner = \"desk\"\napproved_by = \"risk\"" } else { "approver = \"risk\"" };
    format!(
        "[[{kind}]]\ncode = \"max_order_quantity\"\nsymbol = \"*\"\naccount = \"*\"\nwarn = {}\nblock = {block}\n\
         unit = \"shares\"\n{approved}\nreason = \"a test\"\neffective = {effective}\nexpires = {expires}\n\n",
        block / 2
    )
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("out/limits.toml"), text).expect("written");
}

fn quantity(made: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&check(made, "max_order_quantity")["status"]), text(&made["verdict"]))
}

fn pair(status: &str, verdict: &str) -> (String, String) {
    (status.to_owned(), verdict.to_owned())
}

#[tokio::test]
async fn a_changed_file_counts_at_once_and_a_broken_one_leaves_the_last_sound() {
    let (folder, router) = desk();
    let built_in = estimate(&router, &order()).await;
    assert_eq!(
        (built_in["verdict"].as_str(), built_in["limits"]["source"].as_str()),
        (Some("allow"), Some("built_in"))
    );
    write(folder.path(), &limit("limit", 1_000, "2018-01-01", "2019-01-01"));
    let blocked = estimate(&router, &order()).await;
    assert_eq!(quantity(&blocked), pair("fail", "block"));
    assert!(blocked["confidence"]["reasons"].to_string().contains("limit_unset"), "one limit of many");
    assert!(!built_in["confidence"]["reasons"].to_string().contains("limit_unset"));
    let reference = &check(&blocked, "max_order_quantity")["reference"];
    assert_eq!((reference["owner"].as_str(), reference["kind"].as_str()), (Some("desk"), Some("limit")));
    assert_eq!(reference["expires"], "2019-01-01T05:00:00.000000000Z");
    assert_ne!(blocked["estimate_id"], built_in["estimate_id"]);
    assert_eq!(get(&router, "/health/ready").await.json()["status"], "ready");

    write(folder.path(), &limit("limit", 1_000, "2018-01-01", "2019-01-01").replace("reason", "raison"));
    let still = estimate(&router, &order()).await;
    assert_eq!(quantity(&still), pair("fail", "block"));
    assert_eq!(still["limits"]["sha256"], blocked["limits"]["sha256"]);
    assert_eq!(still["limits"]["reload_failed"], true);
    assert!(still["confidence"]["reasons"].to_string().contains("limits_reload_failed"));
    let health = get(&router, "/health/ready").await;
    assert_eq!((health.status.as_u16(), health.json()["status"].as_str()), (200, Some("degraded")));
    assert!(!health.json().to_string().contains("raison"), "what is in the file stays inside");

    write(folder.path(), &limit("limit", 9_000, "2018-01-01", "2019-01-01"));
    assert_eq!(quantity(&estimate(&router, &order()).await), pair("pass", "allow"));
    assert_eq!(get(&router, "/health/ready").await.json()["status"], "ready");
}

#[tokio::test]
async fn a_limit_runs_out_and_an_override_ends_by_itself() {
    let (folder, router) = desk();
    let text = limit("limit", 1_000, "2017-01-01", "2018-01-05T16:00:00Z")
        + &limit("override", 8_000, "2018-01-05T15:00:00Z", "2018-01-05T15:40:00Z");
    write(folder.path(), &text);
    let at = async |time: &str| {
        let as_of = format!("2018-01-05T{time}Z");
        estimate(&router, &with(json!({"as_of": as_of}))).await
    };
    assert_eq!(quantity(&at("14:59:59").await), pair("fail", "block"));
    let during = at("15:00:00").await;
    assert_eq!(quantity(&during), pair("pass", "allow"));
    assert_eq!(check(&during, "max_order_quantity")["reference"]["kind"], "override");
    assert_eq!(quantity(&at("15:40:00").await), pair("fail", "block"));
    assert_eq!(quantity(&at("16:00:00").await), pair("not_evaluated", "indeterminate"));
}

#[tokio::test]
async fn a_limit_of_an_account_needs_what_only_the_caller_knows() {
    let (folder, router) = desk();
    let text = limit("limit", 1_000_000, "2018-01-01", "2019-01-01")
        .replace("max_order_quantity", "credit_remaining")
        .replace("shares", "usd")
        .replace("account = \"*\"", "account = \"A1\"");
    write(folder.path(), &text);
    let of = async |account: Value| {
        let made = estimate(&router, &with(json!({"account": account}))).await;
        let check = check(&made, "credit_remaining");
        (
            check["status"].as_str().expect("text").to_owned(),
            made["verdict"].as_str().expect("text").to_owned(),
        )
    };
    assert_eq!(of(json!({"id": "B2"})).await, pair("not_evaluated", "allow"));
    assert_eq!(of(json!({"id": "A1"})).await, pair("not_evaluated", "indeterminate"));
    assert_eq!(of(json!({"id": "A1", "credit_used_usd": 0})).await, pair("pass", "allow"));
    assert_eq!(of(json!({"id": "A1", "credit_used_usd": 999_999})).await, pair("fail", "block"));
}

#[test]
fn a_broken_file_at_the_start_is_refused_with_every_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("out")).expect("a folder");
    let text = limit("limit", 0, "2018-01-01", "2017-01-01").replace("owner = \"desk\"", "owner = 5");
    write(folder.path(), &text);
    let refused = impactd::http::router(Served::new(folder.path().join("out"))).expect_err("refused");
    for words in [
        "limits.toml",
        "line 5: warn (0) is not stricter",
        "line 8: 'owner' is",
        "line 12: expires is not after",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    write(folder.path(), "");
    let refused = impactd::http::router(Served::new(folder.path().join("out"))).expect_err("refused");
    assert!(refused.contains("there is no [[limit]]"), "{refused}");
    write(folder.path(), &limit("limit", 1_000, "2018-01-01", "2019-01-01"));
    drop(router(folder.path()));
    assert!(
        impactd::http::router(Served {
            limits: Some("/nowhere.toml".into()),
            ..Served::new(folder.path().join("out"))
        })
        .is_err()
    );
}

#[tokio::test]
async fn the_fastest_slice_counts_and_not_the_mean() {
    let (_folder, router) = desk();
    // All but one share in a minute, and that one hours later.
    let schedule = json!([
        {"start": "2018-01-05T15:31:00Z", "end": "2018-01-05T15:32:00Z", "quantity": 19_999},
        {"start": "2018-01-05T20:00:00Z", "end": "2018-01-05T20:59:00Z", "quantity": 1},
    ]);
    let custom =
        json!({"quantity": 20_000, "horizon_seconds": null, "strategy": "custom", "schedule": schedule});
    let front = json!({"quantity": 20_000, "strategy": "is", "risk_aversion": 1000});
    for changes in [custom, front] {
        let made = estimate(&router, &with(changes)).await;
        let seen = check(&made, "max_participation")["observed"].as_f64().expect("a number");
        let first = made["schedule"][0]["participation"].as_f64().unwrap_or(100.0);
        // But for the share that rounding may have put there.
        assert!((seen / 100.0 / first - 1.0).abs() < 1e-3, "{seen} of a first slice of {first}");
        let mean = made["resolved"]["participation_rate"].as_f64().expect("a number");
        assert!(first > 3.0 * mean, "{first} against {mean}");
        assert_eq!(
            (check(&made, "max_participation")["status"].as_str(), made["verdict"].as_str()),
            (Some("fail"), Some("block"))
        );
    }
}

#[tokio::test]
async fn an_order_paced_at_its_own_ceiling_is_not_held_for_rounding() {
    let (_folder, router) = desk();
    for rate in [0.01, 0.05, 0.1, 0.15] {
        let ceiling = json!({"max_participation": 100.0 * rate});
        let paced = json!({"horizon_seconds": null, "participation_rate": rate, "limits": ceiling});
        let made = estimate(&router, &with(paced)).await;
        assert_ne!(check(&made, "max_participation")["status"], "fail", "{rate}: {}", made["why"]);
    }
}
