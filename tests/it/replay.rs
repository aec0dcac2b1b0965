//! `impactd replay` into a real daemon: its tables are those of a batch over the same files, byte for byte.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use impactd::batch::{self, BatchError, Tape};
use impactd::live::Event;
use serde_json::Value;

use crate::daemon::Daemon;
use crate::support::{contents, impactd, real_data, sample, stderr};

fn replaying(inputs: &[PathBuf], to: &str, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_impactd"));
    command.arg("replay").args(inputs).args(["--to", &format!("http://{to}"), "--json"]).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// The report of a replay that must succeed.
fn report(replay: Child) -> Value {
    let done = replay.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{}", stderr(&done));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

fn wait_for_landing(daemon: &Daemon, date: &str) {
    let started = Instant::now();
    loop {
        let feeds: Value = daemon.get("/v1/feeds").json();
        let sessions = feeds["sessions"].as_array().expect("sessions");
        if sessions.iter().any(|session| session["date"] == date && session["state"] == "landed") {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(300), "{feeds}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The tables of a batch over files, and nothing else.
fn batched(inputs: &[PathBuf], out: &Path) {
    let mut arguments = vec!["batch".to_owned(), "--out".to_owned(), out.display().to_string()];
    arguments.extend(inputs.iter().map(|path| path.display().to_string()));
    let done = impactd(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(done.status.success(), "{}", stderr(&done));
}

fn assert_same_tables(one: &Path, other: &Path) {
    for table in ["bars", "fits", "liquidity"] {
        let (one, other) = (contents(&one.join(table)), contents(&other.join(table)));
        let names = |files: &[(PathBuf, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
        assert!(!one.is_empty());
        assert_eq!(names(&one), names(&other));
        for (one, other) in one.iter().zip(&other) {
            assert!(one == other, "{table} {} differs", one.0.display());
        }
    }
}

#[test]
fn a_replayed_day_is_the_batch_s_day_though_the_daemon_was_killed_in_between() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("live"), folder.path().join("batch"));
    std::fs::create_dir(&data).expect("a folder");
    let files = sample("csv");
    batched(&files, &out);
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let listen = format!("127.0.0.1:{port}");
    let first = Daemon::start_at(&data, &listen);
    let replay = replaying(&files, &listen, &["--batch-rows", "40"]);
    while !first.get("/v1/feeds").body.contains("\"source\":\"replay\"") {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(200));
    first.kill();
    let second = Daemon::start_at(&data, &listen);
    let sent = report(replay);
    assert_eq!(sent["dates"], 1);
    wait_for_landing(&second, "2013-10-07");
    assert_same_tables(&out, &data);
    // Sent again, in other batches and another format, it is all there already.
    let again = report(replaying(&files, &listen, &["--wire", "arrow"]));
    assert_eq!(
        (again["accepted"].as_u64(), again["duplicates"].as_u64()),
        (Some(0), sent["events"].as_u64())
    );
    second.kill();
    let third = Daemon::start_at(&data, &listen);
    wait_for_landing(&third, "2013-10-07");
    assert_same_tables(&out, &data);
    third.kill();
}

#[test]
fn real_data_ibm_replayed_live_is_the_batch_s_day() {
    let Some(tapes) = real_data("equity-nbbo") else { return };
    let files = ["20131007_quote.zip", "20131007_trade.zip"].map(|name| tapes.join("ibm").join(name));
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("batch");
    batched(&files, &out);
    for (name, more) in
        [("small", &["--batch-rows", "777", "--wire", "csv"][..]), ("large", &["--batch-rows", "60000"][..])]
    {
        let data = folder.path().join(name);
        std::fs::create_dir(&data).expect("a folder");
        let daemon = Daemon::start(&data);
        let sent = report(replaying(&files, &daemon.address, more));
        assert_eq!(sent["accepted"], sent["events"]);
        wait_for_landing(&daemon, "2013-10-07");
        assert_same_tables(&out, &data);
        daemon.kill();
    }
}

#[test]
fn a_paced_replay_takes_the_time_it_was_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    let quote = crate::support::Q;
    let quotes: Vec<_> = (0..40).map(|k| quote(k * crate::support::SECOND, 1000, 100, 1001, 100)).collect();
    let files = crate::support::write_csv(folder.path(), "AA", &quotes, &[]);
    let sent = report(replaying(&files, &daemon.address, &["--speed", "20x", "--no-end"]));
    assert!(sent["seconds"].as_f64().expect("a number") >= 1.9, "{sent}");
    assert!(sent["batches"].as_u64().expect("a number") >= 15, "{sent}");
    let feeds: Value = daemon.get("/v1/feeds").json();
    assert_eq!(feeds["sessions"][0]["state"], "open");
    daemon.kill();
}

#[test]
fn a_replay_that_fails_says_why_and_how() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = sample("csv");
    let [quotes, trades] = [&files[0], &files[1]].map(|path| path.display().to_string());
    let file = quotes.as_str();
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number");
    let gone = format!("http://{closed}");
    let daemon = Daemon::start(folder.path());
    let there = format!("http://{}", daemon.address);
    let broken = folder.path().join("broken.csv");
    std::fs::write(&broken, "ts,symbol,price,size\n1381152600000000000,A,x,1\n").expect("written");
    let broken = broken.display().to_string();
    let secret = folder.path().join("key");
    std::fs::write(&secret, "k\n").expect("written");
    let secret = secret.display().to_string();
    for (arguments, code, words) in [
        (vec![file, &trades, "--to", &gone, "--patience", "0"], 75, "given up after 0 s"),
        (vec![file, &broken, "--to", &there], 65, "is not a decimal price"),
        (vec![file, &trades, "--to", &format!("{there}/nowhere")], 65, "there is no such route"),
        (vec![file, "--to", &there, "--source", "clock"], 2, "is the daemon itself"),
        (vec![file, "--to", "ftp://x"], 2, "is no URL such as"),
        (vec![file, "--to", "http://10.0.0.1:1", "--key-file", &secret], 2, "would travel in the clear"),
        (vec![file, "--to", &there, "--key-file", file, "--ca", file], 2, "holds no key"),
        (vec![file, "--to", &there, "--ca", file], 2, "holds no certificate"),
        (vec![file, "--to", &there, "--speed", "fast"], 2, "is no speed such as"),
    ] {
        let done = impactd(&[&["replay"][..], &arguments[..]].concat());
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", stderr(&done));
        assert!(stderr(&done).contains(words), "{arguments:?}: {}", stderr(&done));
    }
    daemon.kill();
}

#[test]
fn rows_that_spill_come_back_in_the_same_order() {
    let read = |memory_bytes: usize| {
        let mut request = batch::Request::new(sample("csv"), PathBuf::new()).expect("built-in widths");
        request.memory_bytes = memory_bytes;
        let mut events = Vec::new();
        let gather = |mut tape: Tape| {
            while let Some(event) = tape.next_event().expect("readable") {
                events.push(event);
            }
            Ok::<_, BatchError>(())
        };
        batch::each_tape(&request, gather).expect("a tape");
        events
    };
    let (spilled, held) = (read(1), read(1 << 30));
    assert!(held.len() > impactd::limits::BATCH_ROWS);
    assert_eq!(spilled, held);
    let place = |event: &Event| (event.ts(), matches!(event, Event::Trade(_)));
    assert!(held.is_sorted_by_key(place));
}
