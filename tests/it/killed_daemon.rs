//! A daemon killed while it records orders: what it acknowledged is there, and nothing is half-written.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::post_trade::order;

/// A daemon on a port of its own.
pub struct Daemon {
    pub child: Child,
    pub address: String,
}

impl Daemon {
    pub fn start(data: &Path) -> Self {
        Self::start_at(data, "127.0.0.1:0")
    }

    pub fn start_at(data: &Path, listen: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_impactd"))
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let says = |line: &String| line.contains("impactd listens on");
        let line = lines.find_map(|line| line.ok().filter(says)).expect("an address");
        // What it logs later is read and dropped, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let address = line.rsplit("http://").next().expect("an address").to_owned();
        Self { child, address }
    }

    /// The body of an answer to a question.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    /// Ends it without warning.
    pub fn kill(self) {
        drop(self);
    }

    /// The status of a posted order; `None` when the daemon died on it.
    fn post(&self, order: &Value) -> Option<u16> {
        let body = order.to_string();
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let head = format!(
            "POST /v1/executions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }
}

impl Drop for Daemon {
    /// No daemon outlives its test, also when that fails.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_killed_daemon_keeps_what_it_acknowledged_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut order = order("");
    order["end_mid"] = json!(50);
    let named = |id: usize| {
        let mut order = order.clone();
        order["order_id"] = json!(format!("o{id}"));
        order
    };
    let (next, mut acknowledged) = (AtomicUsize::new(0), BTreeSet::new());
    for cycle in 0..4_u64 {
        let mut daemon = Daemon::start(data);
        std::thread::scope(|scope| {
            let work = || {
                let mut kept = Vec::new();
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    match daemon.post(&named(id)) {
                        Some(201) => kept.push(id),
                        None => return kept,
                        Some(other) => panic!("status {other}"),
                    }
                }
            };
            let workers: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
            std::thread::sleep(Duration::from_millis(60 + 45 * cycle));
            let killed = Command::new("kill").args(["-9", &daemon.child.id().to_string()]).status();
            assert!(killed.expect("kill runs").success());
            acknowledged.extend(workers.into_iter().flat_map(|worker| worker.join().expect("a worker")));
        });
        daemon.child.wait().expect("reaped");
    }
    assert!(!acknowledged.is_empty());
    let executions = impactd::store::Executions::new(data);
    for id in &acknowledged {
        let record = executions.find(&format!("o{id}")).expect("whole");
        assert!(record.is_some(), "o{id} was acknowledged");
    }
    for date in executions.dates().expect("dates") {
        for hash in executions.hashes(date).expect("hashes") {
            executions.read(&impactd::store::Place { date, hash }).expect("whole").expect("there");
        }
    }
    // All of them again: the daemon finishes what was cut short, and knows the rest.
    let mut daemon = Daemon::start(data);
    for id in 0..next.load(Ordering::Relaxed) {
        let status = daemon.post(&named(id)).expect("an answer");
        assert!(status == 200 || (status == 201 && !acknowledged.contains(&id)), "o{id}: {status}");
    }
    daemon.child.kill().expect("killed");
    daemon.child.wait().expect("reaped");
    let date = executions.dates().expect("dates")[0];
    assert_eq!(executions.hashes(date).expect("hashes").len(), next.load(Ordering::Relaxed));
}
