//! Batches as jobs over HTTP: the command line's bytes, hostile inputs, calling off, and daemons that are killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use impactd::http::Served;
use impactd::jobs::{JobState, Jobs, Settings, read};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::http::{Answer, ask, get};
use crate::support::{contents, impactd, sample, stderr, wandering_tape, write_lines};

/// A data folder, a root with a tape in it, and the jobs of a daemon.
struct House {
    folder: tempfile::TempDir,
    jobs: Arc<Jobs>,
    router: Router,
}

fn settings(folder: &Path) -> Settings {
    Settings { data: folder.join("out"), roots: vec![folder.join("root")] }
}

fn house(fill: impl FnOnce(&Path)) -> House {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("root")).expect("a root");
    fs::create_dir_all(folder.path().join("out")).expect("a folder");
    fill(&folder.path().join("root"));
    let jobs = Jobs::open(&settings(folder.path())).expect("jobs");
    let served = Served { jobs: Some(Arc::clone(&jobs)), ..Served::new(folder.path().join("out")) };
    let router = impactd::http::router(served).expect("a router");
    House { folder, jobs, router }
}

fn small(root: &Path) {
    for path in sample("csv") {
        fs::copy(&path, root.join(path.file_name().expect("a name"))).expect("copied");
    }
}

/// A tape that takes a debug build some seconds.
fn large(root: &Path) -> Vec<PathBuf> {
    let tape = wandering_tape(&["AA", "BB", "CC", "DD"], 23_000);
    let all = |side: fn(&crate::support::SymbolLines) -> &Vec<(i64, String)>| -> String {
        tape.iter().flat_map(side).map(|(_, line)| line.as_str()).collect()
    };
    write_lines(root, "", &[&all(|t| &t.1)], &[&all(|t| &t.2)])
}

async fn post(router: &Router, body: &Value, key: Option<&str>) -> Answer {
    let mut request = Request::post("/v1/jobs").header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let (head, body) = router.clone().oneshot(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

/// The job once it has ended.
async fn ended(router: &Router, id: &str) -> Value {
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        let job = get(router, &format!("/v1/jobs/{id}")).await.json();
        if ["done", "failed", "cancelled"].contains(&job["state"].as_str().expect("a state")) {
            return job;
        }
        assert!(Instant::now() < until, "{job}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn submitted(house: &House, body: &Value) -> String {
    let answer = post(&house.router, body, None).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_job_makes_what_the_command_line_makes_and_hands_it_over() {
    let house = house(small);
    let id = submitted(&house, &json!({"inputs": ["."], "bar": ["10s", "60s"], "summary": true})).await;
    let job = ended(&house.router, &id).await;
    assert_eq!((&job["state"], &job["attempts"]), (&json!("done"), &json!(1)), "{job}");
    assert_eq!(job["progress"]["bytes_read"], job["progress"]["bytes_total"]);
    let out = house.folder.path().join("cli");
    let inputs: Vec<String> = sample("csv").iter().map(|path| path.display().to_string()).collect();
    let mut arguments = vec!["batch", "--summary", "--bar", "10s,60s", "--out", out.to_str().expect("text")];
    arguments.extend(inputs.iter().map(String::as_str));
    let done = impactd(&arguments);
    assert!(done.status.success(), "{}", stderr(&done));
    let own = house.folder.path().join("out/jobs").join(&id);
    assert_eq!(contents(&own), contents(&out));
    let listed = get(&house.router, &format!("/v1/jobs/{id}/result")).await.json();
    let files = listed["data"].as_array().expect("files");
    assert_eq!(files.len(), contents(&out).len());
    for file in files {
        let answer = get(&house.router, file["url"].as_str().expect("a url")).await;
        assert_eq!(answer.body, fs::read(out.join(file["path"].as_str().expect("a path"))).expect("there"));
        assert_eq!(answer.header("etag"), format!("\"{}\"", file["sha256"].as_str().expect("a hash")));
    }
    let events = get(&house.router, &format!("/v1/jobs/{id}/events")).await;
    assert!(String::from_utf8_lossy(&events.body).starts_with("event: end\ndata: {"));
    let gone = ask(&house.router, "DELETE", &format!("/v1/jobs/{id}"), &[]).await;
    assert_eq!((gone.status, own.exists()), (StatusCode::NO_CONTENT, false));
    assert_eq!(get(&house.router, &format!("/v1/jobs/{id}")).await.json()["code"], "unknown_job");
}

#[tokio::test]
async fn served_results_are_answered_from_and_other_parameters_fail_as_on_the_command_line() {
    let house = house(small);
    let id = submitted(&house, &json!({"inputs": ["."], "bar": ["10s"], "into": "served"})).await;
    assert_eq!(ended(&house.router, &id).await["state"], "done");
    let until = Instant::now() + Duration::from_secs(30);
    while get(&house.router, "/v1/bars/SIM?limit=1").await.status != StatusCode::OK {
        assert!(Instant::now() < until, "the results become visible");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let other = submitted(&house, &json!({"inputs": ["."], "bar": ["60s"], "into": "served"})).await;
    let job = ended(&house.router, &other).await;
    assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("request")));
    let message = job["error"]["message"].as_str().expect("a message");
    assert!(message.contains("bar_nanoseconds"), "{message}");
    assert!(!message.contains(house.folder.path().to_str().expect("text")), "{message}");
}

#[tokio::test]
async fn inputs_stay_under_their_roots_and_keys_name_one_question() {
    let house = house(small);
    fs::write(house.folder.path().join("secret"), "x").expect("written");
    std::os::unix::fs::symlink("../secret", house.folder.path().join("root/link")).expect("a link");
    for name in ["../secret", "/etc/passwd", "link", "http://x/y", "none", "*.csv", "a/../../secret"] {
        let refused = post(&house.router, &json!({"inputs": [name]}), None).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let problem = refused.json();
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&json!("invalid_job"), &json!("/inputs/0"))
        );
    }
    fs::remove_file(house.folder.path().join("root/link")).expect("removed");
    let body = json!({"inputs": ["."], "bar": ["10s"]});
    let first = post(&house.router, &body, Some("one")).await.json();
    let again = post(&house.router, &body, Some("one")).await;
    assert_eq!((again.status, &again.json()["id"]), (StatusCode::ACCEPTED, &first["id"]));
    let other = post(&house.router, &json!({"inputs": ["."]}), Some("one")).await;
    assert_eq!(
        (other.status, &other.json()["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("key_reused"))
    );
    let listed = get(&house.router, "/v1/jobs").await.json();
    assert_eq!(listed["data"].as_array().expect("jobs").len(), 1);
    let rootless = Settings { data: house.folder.path().join("other"), roots: Vec::new() };
    let served =
        Served { jobs: Some(Jobs::open(&rootless).expect("jobs")), ..Served::new(rootless.data.clone()) };
    let router = impactd::http::router(served).expect("a router");
    assert_eq!(post(&router, &body, None).await.json()["code"], "no_roots");
}

#[tokio::test]
async fn a_job_called_off_in_the_middle_leaves_nothing_and_the_next_one_runs() {
    let house = house(|root| drop(large(root)));
    let id = submitted(&house, &json!({"inputs": ["."], "bar": ["10s"]})).await;
    let waiting = submitted(&house, &json!({"inputs": ["."], "bar": ["60s"]})).await;
    let until = Instant::now() + Duration::from_secs(60);
    while house.jobs.find(&id).expect("found").is_none_or(|job| job.progress.rows == 0) {
        assert!(Instant::now() < until, "it begins");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let soon = ask(&house.router, "DELETE", &format!("/v1/jobs/{id}"), &[]).await;
    assert_eq!(soon.status, StatusCode::ACCEPTED);
    assert_eq!(ended(&house.router, &id).await["state"], "cancelled");
    assert!(!house.folder.path().join("out/jobs").join(&id).exists());
    let early = get(&house.router, &format!("/v1/jobs/{id}/result")).await;
    assert_eq!((early.status, &early.json()["code"]), (StatusCode::CONFLICT, &json!("job_not_done")));
    assert_eq!(ended(&house.router, &waiting).await["state"], "done");
}

fn daemon(folder: &Path) -> Child {
    let (data, root) = (folder.join("out"), folder.join("root"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_impactd"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).arg("--jobs-root").arg(root);
    command.stderr(Stdio::null()).spawn().expect("the program starts")
}

/// Three kills and it gives up; a job that ends in time is whole.
#[test]
fn a_killed_daemon_takes_its_job_up_again_and_gives_up_after_three_times() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["root", "out"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    let inputs = large(&folder.path().join("root"));
    let out = folder.path().join("cli");
    let mut arguments = vec!["batch", "--bar", "10s", "--out", out.to_str().expect("text")];
    arguments.extend(inputs.iter().map(|path| path.to_str().expect("text")));
    assert!(impactd(&arguments).status.success());
    let asked = read(&json!({"inputs": ["."], "bar": ["10s"]})).expect("understood");
    let jobs = Jobs::open(&settings(folder.path())).expect("jobs");
    let id = jobs.submit(&asked, None).expect("taken").job.id;
    // A daemon that is asked to stop gives the attempt back.
    jobs.stop();
    let look = || {
        let ledger = impactd::store::ledger::JobLedger::open(&folder.path().join("out")).expect("a record");
        ledger.find(&id).expect("found").expect("there")
    };
    assert!(look().state.has_ended() || look().attempts == 0, "{:?}", look());
    for kill in 1..=3_u32 {
        let mut child = daemon(folder.path());
        let until = Instant::now() + Duration::from_secs(60);
        while look().attempts < kill && !look().state.has_ended() {
            assert!(Instant::now() < until, "{:?}", look());
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("killed");
        child.wait().expect("reaped");
    }
    let jobs = Jobs::open(&settings(folder.path())).expect("jobs");
    let job = jobs.find(&id).expect("found").expect("there");
    match job.state {
        JobState::Failed => assert!(job.error.expect("an error").message.contains("begun 3 times")),
        JobState::Done => {}
        other => panic!("{other:?}"),
    }
    let again = jobs.submit(&asked, None).expect("taken").job.id;
    let until = Instant::now() + Duration::from_secs(120);
    while !jobs.find(&again).expect("found").expect("there").state.has_ended() {
        assert!(Instant::now() < until, "it ends");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(contents(&folder.path().join("out/jobs").join(&again)), contents(&out));
}
