//! Latency of pre-trade estimates through HTTP, open loop: `cargo bench --bench load -- --rate 500 --seconds 20`.
//!
//! Requests are due at fixed moments whatever became of the ones before, and latency counts from the moment a
//! request was due, so that a stalled daemon cannot slow its own examiner (no coordinated omission). Every request
//! asks for another quantity, and every tenth of another minute, so that answers cannot be repeated.
//! Prints one JSON line.

#![allow(clippy::expect_used, missing_docs, reason = "a measurement that cannot be made may stop")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_impactd");
const CONNECTIONS: usize = 32;
const DATES: [&str; 3] = ["2018-01-02", "2018-01-03", "2018-01-04"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str, default: f64| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|at| arguments.get(at + 1)).map_or(default, |text| text.parse().expect("a number"))
    };
    let (rate, seconds) = (option("--rate", 500.0), option("--seconds", 20.0));
    let folder = tempfile::tempdir().expect("a folder");
    prepare(folder.path());
    let mut daemon = Daemon::start(folder.path());
    let _ = measure(&daemon.address, rate, 2.0);
    let (mut latencies, refused) = measure(&daemon.address, rate, seconds);
    daemon.stop();
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = ((latencies.len() as f64 * share).ceil() as usize).clamp(1, latencies.len()) - 1;
        latencies[index].as_secs_f64() * 1e3
    };
    println!(
        "{{\"what\": \"pretrade_estimate\", \"rate_per_second\": {rate}, \"seconds\": {seconds}, \"answers\": {}, \
         \"not_200\": {refused}, \"p50_ms\": {:.3}, \"p90_ms\": {:.3}, \"p99_ms\": {:.3}, \"p999_ms\": {:.3}, \
         \"max_ms\": {:.3}}}",
        latencies.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0)
    );
}

/// Three simulated days, batched.
fn prepare(folder: &Path) {
    let mut inputs = Vec::new();
    for (seed, date) in DATES.iter().enumerate() {
        let tape = folder.join(date);
        run(&["simulate", "--seed", &seed.to_string(), "--date", date, "--out", &tape.display().to_string()]);
        let files = std::fs::read_dir(tape.join("csv")).expect("a tape").flatten();
        inputs.extend(files.map(|f| f.path().display().to_string()));
    }
    let out = folder.join("results").display().to_string();
    let mut batch = vec!["batch", "--out", &out];
    batch.extend(inputs.iter().map(String::as_str));
    run(&batch);
}

fn run(arguments: &[&str]) {
    let status = Command::new(PROGRAM).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("started").success(), "impactd {}", arguments.join(" "));
}

struct Daemon {
    process: Child,
    address: String,
}

impl Daemon {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("results"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(process.stderr.take().expect("its stderr")).lines();
        let told = lines.find_map(|line| line.ok()?.split("http://").nth(1).map(|a| a.trim().to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address: told.expect("an address") }
    }

    fn stop(&mut self) {
        self.process.kill().expect("stopped");
        let _ = self.process.wait();
    }
}

/// Sends at a steady rate over some connections; gives how long each answer took from when it was due, and how
/// many were not 200.
fn measure(address: &str, rate: f64, seconds: f64) -> (Vec<Duration>, usize) {
    let requests = (rate * seconds) as usize;
    let start = Instant::now() + Duration::from_millis(100);
    let work = |worker: usize| {
        let address = address.to_owned();
        std::thread::spawn(move || {
            let mut connection = Connection::open(&address);
            let (mut latencies, mut refused) = (Vec::new(), 0);
            for request in (worker..requests).step_by(CONNECTIONS) {
                let due = start + Duration::from_secs_f64(request as f64 / rate);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                refused += usize::from(connection.ask(&body(request)) != 200);
                latencies.push(due.elapsed());
            }
            (latencies, refused)
        })
    };
    let workers: Vec<_> = (0..CONNECTIONS).map(work).collect();
    let mut all = (Vec::new(), 0);
    for worker in workers {
        let (latencies, refused) = worker.join().expect("no panic");
        all.0.extend(latencies);
        all.1 += refused;
    }
    all
}

fn body(request: usize) -> String {
    let (quantity, minute) = (100 + request, if request.is_multiple_of(10) { request / 10 % 60 } else { 30 });
    format!(
        "{{\"symbol\":\"SIM\",\"side\":\"buy\",\"quantity\":{quantity},\"horizon_seconds\":1800,\
         \"as_of\":\"2018-01-04T17:{minute:02}:00Z\"}}"
    )
}

/// One kept-alive connection that asks one thing at a time.
struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_nodelay(true).expect("set");
        Self { stream: BufReader::new(stream) }
    }

    fn ask(&mut self, body: &str) -> u16 {
        let head = format!(
            "POST /v1/pretrade/estimate HTTP/1.1\r\nhost: load\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes()).expect("sent");
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("answered");
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a header");
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).expect("a body");
        status
    }
}
