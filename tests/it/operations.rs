//! Running the daemon: what it is told and by whom, how it starts, reloads and stops, what it says of itself.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::daemon::{Daemon, Told};
use crate::support::{impactd, stderr};

const PATIENCE: Duration = Duration::from_secs(60);

/// Status of an answer on a connection that stays open.
fn ask(stream: &mut TcpStream, host: &str, path: &str) -> u16 {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("written");
    let mut reader = BufReader::new(stream);
    let mut length = None;
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = bytes.trim().parse().ok();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length.expect("a length")];
    reader.read_exact(&mut body).expect("a body");
    status
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn what_holds_is_told_with_who_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    fs::write(&file, "[server]\nlog = \"warn\"\ndrain = \"7s\"\n").expect("written");
    let shown = Command::new(env!("CARGO_BIN_EXE_impactd"))
        .args(["config", "show", "--json", "--config"])
        .arg(&file)
        .env("IMPACTD__SERVER__LOG", "debug")
        .output()
        .expect("it runs");
    let told = json(&String::from_utf8_lossy(&shown.stdout));
    assert_eq!(told["server.log"]["origin"], "IMPACTD__SERVER__LOG");
    assert_eq!(told["server.drain"]["origin"], format!("{}:3", file.display()));
    fs::write(&file, "[server]\nlgo = \"warn\"\n").expect("written");
    let refused = impactd(&["config", "validate", "--config", file.to_str().expect("a path")]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("config.toml:2: 'server.lgo' is not known; 'server.log' is"));
}

#[test]
fn a_flag_outdoes_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let environment = [("IMPACTD__SERVER__LOG_FORMAT", "text"), ("IMPACTD__SERVER__LOG", "debug")];
    let daemon = Daemon::start_told(folder.path(), &["--log-format", "json"], &environment);
    daemon.ask("GET", "/version", "X-Request-Id: ask-1\r\n", b"").expect("an answer");
    let line = json(&daemon.says("/version"));
    assert_eq!((line["route"].as_str(), line["status"].as_u64()), (Some("/version"), Some(200)), "{line}");
    assert_eq!(line["span"]["id"], "ask-1", "{line}");
}

#[test]
fn the_example_is_sound() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/config.toml");
    let told = impactd(&["config", "validate", "--config", example.to_str().expect("a path")]);
    assert!(told.status.success(), "{}", stderr(&told));
}

#[test]
fn the_unit_hardens_what_it_starts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/impactd.service");
    let unit = fs::read_to_string(path).expect("a unit");
    let mut section = "";
    for line in unit.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => section = name,
            None => assert!(line.contains('=') && !section.is_empty(), "{line}"),
        }
    }
    for wanted in [
        "Type=notify",
        "WatchdogSec=30",
        "DynamicUser=yes",
        "StateDirectory=impactd",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "LimitNOFILE=16384",
        "RestartPreventExitStatus=2 65",
    ] {
        assert!(unit.lines().any(|line| line == wanted), "{wanted}");
    }
}

#[test]
fn a_fresh_folder_is_ready_and_says_what_it_waits_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(&folder.path().join("begun"));
    let Told { status, body } = daemon.get("/health/ready");
    assert_eq!(status, 200, "{body}");
    let told = json(&body);
    let names: Vec<&str> = told["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter_map(|check| check["name"].as_str())
        .collect();
    for name in
        ["archive", "limits", "models", "disk", "journal", "journal_room", "engine", "tables", "feeds"]
    {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let asked = impactd(&["doctor", "--ready", "--url", &format!("http://{}", daemon.address)]);
    assert_eq!(asked.status.code(), Some(0), "{}", String::from_utf8_lossy(&asked.stdout));
}

#[test]
fn a_daemon_that_is_asked_to_stop_finishes_and_exits_0() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start(folder.path());
    let mut open = TcpStream::connect(&daemon.address).expect("a connection");
    assert_eq!(ask(&mut open, &daemon.address, "/version"), 200);
    // A stream that would go on for ever ends at once.
    let mut stream = TcpStream::connect(&daemon.address).expect("a connection");
    let head = format!("GET /v1/stream HTTP/1.1\r\nHost: {}\r\n\r\n", daemon.address);
    stream.write_all(head.as_bytes()).expect("written");
    let mut first = [0; 15];
    stream.read_exact(&mut first).expect("a status");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    daemon.signal("-TERM");
    assert_eq!(daemon.ends(), Some(0));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("the end of the stream");
}

#[test]
fn a_second_signal_does_not_wait() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start_told(folder.path(), &["--drain", "10m"], &[]);
    // A request under way whose body does not come.
    let mut slow = TcpStream::connect(&daemon.address).expect("a connection");
    let head = format!(
        "POST /v1/pretrade/estimate HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{{",
        daemon.address
    );
    slow.write_all(head.as_bytes()).expect("written");
    sleep(Duration::from_millis(300));
    daemon.signal("-TERM");
    sleep(Duration::from_millis(300));
    assert!(daemon.child.try_wait().expect("it can be waited for").is_none(), "it waits for the request");
    daemon.signal("-TERM");
    assert_eq!(daemon.ends(), Some(75));
}

#[test]
fn hangup_reads_the_limits_again_and_the_daemon_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    let built_in = include_str!("../../data/limits.toml");
    fs::write(folder.path().join("limits.toml"), built_in).expect("written");
    daemon.signal("-HUP");
    daemon.says("read again");
    let Told { status, body } = daemon.get("/health/ready");
    assert!(status == 200 && body.contains("file limits"), "{body}");
    fs::write(folder.path().join("limits.toml"), "nonsense").expect("written");
    daemon.signal("-HUP");
    daemon.says("read again");
    let told = daemon.get("/health/ready").json();
    assert_eq!(told["status"], "degraded", "{told}");
}

#[test]
fn systemd_is_told_of_each_turn() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("set");
    let heard = |words: &str| {
        let mut bytes = [0; 512];
        loop {
            let length = socket.recv(&mut bytes).expect("a word");
            if String::from_utf8_lossy(&bytes[..length]).lines().any(|line| line == words) {
                return;
            }
        }
    };
    let environment = [("NOTIFY_SOCKET", path.to_str().expect("a path")), ("WATCHDOG_USEC", "200000")];
    let mut daemon = Daemon::start_told(&folder.path().join("data"), &[], &environment);
    heard("READY=1");
    heard("WATCHDOG=1");
    daemon.signal("-HUP");
    heard("RELOADING=1");
    heard("READY=1");
    daemon.signal("-TERM");
    heard("STOPPING=1");
    assert_eq!(daemon.ends(), Some(0));
}

#[test]
fn the_doctor_finds_what_is_broken() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path").to_owned();
    let environment = [("IMPACTD__SERVER__LISTEN", "127.0.0.1:0")];
    let doctor = || {
        let out = Command::new(env!("CARGO_BIN_EXE_impactd"))
            .args(["doctor", "--json", "--data", &data])
            .envs(environment)
            .output()
            .expect("it runs");
        let told = json(&String::from_utf8_lossy(&out.stdout));
        let failed: Vec<String> = told["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .filter(|check| check["state"] == "fail")
            .map(|check| check["name"].as_str().expect("a name").to_owned())
            .collect();
        (out.status.code(), failed)
    };
    assert_eq!(doctor(), (Some(0), vec![]));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "it leaves nothing behind");
    fs::create_dir(folder.path().join("live")).expect("made");
    fs::write(folder.path().join("live/journal.sqlite"), "this is no journal at all".repeat(40))
        .expect("written");
    fs::write(folder.path().join("limits.toml"), "nonsense").expect("written");
    fs::write(folder.path().join("manifest.json"), "{").expect("written");
    assert_eq!(doctor(), (Some(1), ["archive", "journal", "limits"].map(str::to_owned).to_vec()));
    let nobody = impactd(&["doctor", "--ready", "--url", "http://127.0.0.1:9"]);
    assert_eq!(nobody.status.code(), Some(1));
}

#[test]
fn metrics_name_routes_and_never_what_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    daemon.get("/v1/impact/SECRET");
    daemon.get("/nowhere/SECRET");
    let Told { status, body: text } = daemon.get("/metrics");
    assert_eq!(status, 200);
    assert!(!text.contains("SECRET"), "{text}");
    for line in [
        "impactd_http_requests_total{route=\"/v1/impact/{symbol}\",method=\"GET\",status=\"4xx\"} 1",
        "impactd_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"4xx\"} 1",
        "impactd_live_recovered 1",
        "impactd_live_events_total 0",
        "impactd_live_sessions{state=\"open\"} 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}:\n{text}");
    }
    assert!(text.contains("process_resident_memory_bytes ") && text.contains("impactd_build_info{version="));
}
