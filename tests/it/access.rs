//! Every route held against every kind of key, the door's own checks, and the record of it all.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use impactd::access::{Access, KeyBook, KeyText, Policy, RateSettings, Scope};
use impactd::http::Served;
use impactd::store::ledger::AccessBook;
use impactd::tape::Nanos;
use serde_json::Value;

use crate::http::{Answer, ask, results};
use crate::support::{impactd, stderr};

/// A daemon's router with a door, over results of a day.
fn guarded(folder: &Path, access: Arc<Access>) -> Router {
    impactd::http::router(Served { access, ..Served::new(folder.join("out")) }).expect("a router")
}

fn open(folder: &Path) -> Arc<Access> {
    Access::open(&folder.join("out"), Policy::default()).expect("a door")
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    body["code"].as_str().unwrap_or_default().to_owned()
}

/// The operations of `api.yaml`: method, a path that can be asked, and the scope, none where it is public.
fn operations() -> Vec<(String, String, Option<String>)> {
    let (mut all, mut path) = (Vec::new(), String::new());
    for line in include_str!("../../api.yaml").lines() {
        let text = line.trim().trim_end_matches(':');
        if line.starts_with("  /") {
            path = text.to_owned();
        } else if line.starts_with("components:") {
            break;
        } else if line.starts_with("    ") && !line.starts_with("     ") {
            let method = text.to_uppercase();
            if ["GET", "POST", "DELETE", "PUT"].contains(&method.as_str()) {
                all.push((method, path.clone(), None));
            }
        } else if let Some(scope) = line.strip_prefix("      x-scope: ") {
            all.last_mut().expect("an operation").2 = Some(scope.to_owned());
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_holds_against_every_kind_of_key() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let mut book = KeyBook::open(&folder.path().join("out")).expect("a book");
    let mut make = |scope, end| book.create("desk", scope, end).expect("a key").0;
    let [read, write, admin, revoked] =
        [Scope::Read, Scope::Write, Scope::Admin, Scope::Admin].map(|scope| make(scope, None));
    let expired = make(Scope::Admin, Some(Nanos(1)));
    book.revoke(revoked.id()).expect("revoked");
    let unknown = KeyText::random().expect("random");
    // A known id with another secret, its checksum sound.
    let body = format!("impactd_{}_{}", admin.id(), unknown.reveal().split('_').nth(2).expect("a secret"));
    let wrong = format!("{body}_{}", &impactd::tape::sha256(&body)[..8]);
    assert!(KeyText::parse(&wrong).is_some());

    let strangers = [
        ("malformed", "Bearer impactd_1_2_3".to_owned()),
        ("another kind", format!("Basic {}", admin.reveal())),
        ("wrong secret", format!("Bearer {wrong}")),
        ("unknown id", format!("Bearer {}", unknown.reveal())),
        ("expired", format!("Bearer {}", expired.reveal())),
        ("revoked", format!("Bearer {}", revoked.reveal())),
    ];
    let holders = [("read", &read), ("write", &write), ("admin", &admin)];
    let operations = operations();
    assert!(operations.len() >= 42, "{}", operations.len());
    for (method, template, scope) in &operations {
        // A door of its own for each: failed logins and allowances are counted.
        let router = guarded(folder.path(), open(folder.path()));
        let path = template.replace("{symbol}", "AA").replace('{', "").replace('}', "");
        let at = format!("{method} {path}");
        let none = ask(&router, method, &path, &[]).await;
        let Some(scope) = scope else {
            assert_ne!(none.status.as_u16(), 401, "{at} is public");
            assert!(
                ["/", "/health/live", "/health/ready"].contains(&path.as_str()) || path.starts_with("/page/")
            );
            continue;
        };
        assert_eq!(none.status.as_u16(), 401, "{at} without a key");
        assert_eq!(none.header("www-authenticate"), "Bearer realm=\"impactd\"", "{at}");
        let v2 = path.starts_with("/v2");
        assert_eq!(code(&none), if v2 { "" } else { "unauthorized" }, "{at}");
        if v2 {
            let body: Value = serde_json::from_slice(&none.body).expect("JSON");
            assert!(body["error"].as_str().expect("words").contains("needs a key"), "{at}");
        }
        for (kind, header) in &strangers {
            let door = guarded(folder.path(), open(folder.path()));
            let answer = ask(&door, method, &path, &[("authorization", header)]).await;
            assert_eq!(answer.status.as_u16(), 401, "{at} with a key that is {kind}");
            assert!(answer.header("www-authenticate").ends_with("error=\"invalid_token\""), "{at} {kind}");
        }
        let needed = holders.iter().position(|(name, _)| name == scope).expect("a scope");
        for (place, (name, key)) in holders.iter().enumerate() {
            let bearer = format!("Bearer {}", key.reveal());
            let answer = ask(&router, method, &path, &[("authorization", &bearer)]).await;
            let status = answer.status.as_u16();
            if place >= needed {
                assert!(![401, 403, 429].contains(&status), "{at} with {name}: {status}");
                assert!(answer.header("ratelimit").contains(";r="), "{at} with {name}");
                continue;
            }
            assert_eq!(status, 403, "{at} with {name}");
            let wanted = format!("error=\"insufficient_scope\", scope=\"{scope}\"");
            assert!(answer.header("www-authenticate").ends_with(&wanted), "{at} with {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_route_or_no_method_is_told_only_to_holders() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let (key, _) = KeyBook::open(&folder.path().join("out"))
        .expect("a book")
        .create("desk", Scope::Read, None)
        .expect("a key");
    let router = guarded(folder.path(), open(folder.path()));
    let bearer = format!("Bearer {}", key.reveal());
    for (method, path, with) in
        [("GET", "/v1/nothing", 404), ("PUT", "/v1/symbols", 405), ("GET", "/v1/../etc/passwd", 404)]
    {
        assert_eq!(ask(&router, method, path, &[]).await.status.as_u16(), 401, "{path}");
        let known = ask(&router, method, path, &[("authorization", &bearer)]).await;
        assert_eq!(known.status.as_u16(), with, "{path}");
    }
    assert_eq!(ask(&router, "POST", "/health/live", &[]).await.status.as_u16(), 405);
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    assert_eq!(ask(&router, "GET", "/v1/symbols", &twice).await.status.as_u16(), 401);
    let query = format!("/v1/symbols?access_token={}", key.reveal());
    assert_eq!(ask(&router, "GET", &query, &[]).await.status.as_u16(), 401, "never in a URL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let mut book = KeyBook::open(&folder.path().join("out")).expect("a book");
    let bearer = |key: &KeyText| format!("Bearer {}", key.reveal());
    let busy = bearer(&book.create("busy", Scope::Write, None).expect("a key").0);
    let calm = bearer(&book.create("calm", Scope::Write, None).expect("a key").0);
    let one = std::num::NonZeroU32::MIN;
    let rates = RateSettings { reads_per_second: one, batches_per_second: one, ..RateSettings::default() };
    let policy = Policy { rates, ..Policy::default() };
    let router = guarded(folder.path(), Access::open(&folder.path().join("out"), policy).expect("a door"));
    let mut refused = None;
    for _ in 0..50 {
        let answer = ask(&router, "GET", "/version", &[("authorization", &busy)]).await;
        if answer.status.as_u16() == 429 {
            refused = Some(answer);
            break;
        }
        assert!(answer.header("ratelimit").starts_with("\"reads\";r="), "{}", answer.header("ratelimit"));
    }
    let refused = refused.expect("too often");
    assert_eq!((code(&refused).as_str(), refused.header("retry-after")), ("rate_limited", "1"));
    assert_eq!(refused.header("ratelimit-policy"), "\"reads\";q=2;w=2");
    assert_eq!(ask(&router, "GET", "/version", &[("authorization", &calm)]).await.status.as_u16(), 200);
    assert_ne!(
        ask(&router, "POST", "/v1/executions", &[("authorization", &busy)]).await.status.as_u16(),
        429
    );
    let v2 = ask(&router, "GET", "/v2", &[("authorization", &busy)]).await;
    assert_eq!(v2.status.as_u16(), 429);
    assert!(v2.json()["error"].is_string() && v2.header("retry-after") == "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_only_this_machine_and_its_own_pages_are_served() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let listen = Some("192.0.2.7:8080".parse().expect("an address"));
    let door = |insecure| {
        let policy = Policy { listen, insecure, ..Policy::default() };
        guarded(folder.path(), Access::open(&folder.path().join("out"), policy).expect("a door"))
    };
    let router = door(false);
    for (host, status) in [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8080", 200),
        ("192.0.2.7:8080", 200),
        ("192.0.2.8", 403),
        ("evil.example:8080", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("evil.example@127.0.0.1", 200),
        ("", 403),
    ] {
        let answer = ask(&router, "GET", "/version", &[("host", host)]).await;
        assert_eq!(answer.status.as_u16(), status, "{host}");
        let spelled = ask(&door(true), "GET", "/version", &[("host", host)]).await;
        assert_eq!(spelled.status.as_u16(), 200, "{host} where --insecure was spelled out");
    }
    let own = ("host", "127.0.0.1:8080");
    for (name, value, refused) in [
        ("sec-fetch-site", "same-origin", false),
        ("sec-fetch-site", "none", false),
        ("sec-fetch-site", "same-site", true),
        ("sec-fetch-site", "cross-site", true),
        ("origin", "http://127.0.0.1:8080", false),
        ("origin", "http://localhost:3000", true),
        ("origin", "http://127.0.0.1:8081", true),
        ("origin", "https://evil.example", true),
        ("origin", "null", true),
    ] {
        let posted = ask(&router, "POST", "/v1/executions", &[own, (name, value)]).await;
        assert_eq!(code(&posted) == "forbidden", refused, "{name}: {value}: {}", posted.status);
        let read = ask(&router, "GET", "/version", &[own, (name, value)]).await;
        assert_eq!(read.status.as_u16(), 200, "{name}: {value}: answers cannot be read by another site");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_changes_are_on_record_and_the_record_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    results(folder.path(), 0..1);
    let data = folder.path().join("out");
    let at = data.to_str().expect("text");
    let made = impactd(&["keys", "create", "--data", at, "--owner", "desk", "--scope", "read", "--json"]);
    let key: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    let bearer = format!("Bearer {}", key["key"].as_str().expect("a key"));
    let router = guarded(folder.path(), open(folder.path()));
    for _ in 0..3 {
        let headers = [("authorization", bearer.as_str()), ("x-request-id", "mine")];
        ask(&router, "POST", "/v1/executions", &headers).await;
    }
    std::fs::write(data.join("limits.toml"), include_str!("../../data/limits.toml")).expect("written");
    ask(&router, "GET", "/health/ready", &[]).await;
    let built_in = impactd::tape::sha256(include_str!("../../data/limits.toml"));
    let other = format!("{}# other\n", include_str!("../../data/limits.toml"));
    std::fs::write(data.join("limits.toml"), &other).expect("written");
    ask(&router, "GET", "/health/ready", &[]).await;
    drop(router);

    let listed = impactd(&["audit", "--data", at, "--json"]);
    let lines: Vec<Value> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect();
    let told: Vec<[&str; 3]> = lines
        .iter()
        .map(|line| ["who", "action", "subject"].map(|name| line[name].as_str().expect("text")))
        .collect();
    let (id, denied) = (key["id"].as_str().expect("an id"), "POST /v1/executions");
    let other = impactd::tape::sha256(&other);
    assert_eq!(
        told,
        [
            ["command line", "key_created", id],
            ["daemon", "limits_changed", &built_in],
            [id, "denied", denied],
            ["daemon", "limits_changed", &other],
            [id, "denied", denied],
        ]
    );
    assert_eq!(lines[2]["request_id"], "mine");
    assert_eq!(lines[2]["detail"], "insufficient_scope: write needed, read shown");
    assert!(lines[3]["detail"].as_str().expect("text").ends_with(&format!("before: {built_in}")));
    assert!(lines[4]["detail"].as_str().expect("text").contains(": 2 more since "));
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(!text.contains(&bearer[7..]), "no key is on record");

    let whole = impactd(&["audit", "--data", at, "--verify"]);
    assert!(whole.status.success(), "{}", stderr(&whole));
    let head = String::from_utf8(whole.stdout).expect("text").trim().to_owned();
    assert!(head.starts_with("5:"), "{head}");
    assert!(impactd(&["audit", "--data", at, "--verify", "--head", &head]).status.success());
    let other = format!("4:{}", &head[2..]);
    assert_eq!(impactd(&["audit", "--data", at, "--verify", "--head", &other]).status.code(), Some(65));
}

#[test]
fn keys_are_made_listed_rotated_and_revoked_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("fresh");
    let at = at.to_str().expect("text");
    let none = impactd(&["keys", "list", "--data", at]);
    assert_eq!(none.status.code(), Some(65));
    assert!(stderr(&none).contains("there are no keys yet; impactd keys create"), "{}", stderr(&none));
    let made = impactd(&["keys", "create", "--data", at, "--owner", "desk", "--scope", "write"]);
    let key = String::from_utf8(made.stdout.clone()).expect("text").trim().to_owned();
    let parsed = KeyText::parse(&key).expect("a key, alone on stdout");
    assert!(stderr(&made).contains("scope write") && !stderr(&made).contains(&key));
    let turned = impactd(&["keys", "rotate", parsed.id(), "--overlap", "0s", "--data", at, "--json"]);
    let next: Value = serde_json::from_slice(&turned.stdout).expect("JSON");
    assert_eq!((next["replaces"].as_str(), next["scope"].as_str()), (Some(parsed.id()), Some("write")));
    let id = next["id"].as_str().expect("an id");
    assert!(impactd(&["keys", "revoke", id, "--data", at]).status.success());
    let again = impactd(&["keys", "revoke", id, "--data", at]);
    assert_eq!((again.status.code(), stderr(&again).contains("was revoked before")), (Some(65), true));
    let listed = impactd(&["keys", "list", "--data", at, "--json"]);
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).expect("JSON");
    let mut states: Vec<&str> = listed.iter().map(|key| key["state"].as_str().expect("text")).collect();
    states.sort_unstable();
    assert_eq!(states, ["expired", "revoked"]);
    assert!(listed.iter().all(|key| key.get("key").is_none()), "a secret is shown once");
    let table = String::from_utf8(impactd(&["keys", "list", "--data", at]).stdout).expect("text");
    assert!(table.starts_with("ID ") && table.lines().count() == 3, "{table}");
    for bad in [["--owner", " "], ["--expires", "soon"], ["--scope", "root"]] {
        let mut all = vec!["keys", "create", "--data", at];
        for (name, value) in [("--owner", "a"), ("--scope", "read")] {
            if name != bad[0] {
                all.extend([name, value]);
            }
        }
        all.extend(bad);
        assert!(!impactd(&all).status.success(), "{bad:?}");
    }
    let file = std::fs::read(folder.path().join("fresh/live/access.sqlite")).expect("the book");
    let secret = key.split('_').nth(2).expect("a secret").as_bytes();
    assert!(!file.windows(secret.len()).any(|window| window == secret), "the secret is not on the disk");
    assert!(AccessBook::exists(&folder.path().join("fresh")));
}
