//! Latency of pre-trade estimates through HTTP, open loop: `make load`, or
//! `load --binary PATH --rate 500 --seconds 20`. Needs nothing but the standard library, so that building it does
//! not rebuild the program's libraries.
//!
//! Requests are due at fixed moments whatever became of the ones before, and latency counts from the moment a
//! request was due, so that a stalled daemon cannot slow its own examiner (no coordinated omission). Every request
//! asks for another quantity, and every tenth of another minute, so that answers cannot be repeated.
//! Prints one JSON line.

#![allow(clippy::expect_used, missing_docs, reason = "a measurement that cannot be made may stop")]

mod common;

use std::time::{Duration, Instant};

use common::{Connection, Daemon, at, prepare};

const CONNECTIONS: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1)
    };
    let option =
        |name: &str, default: f64| given(name).map_or(default, |text| text.parse().expect("a number"));
    let Some(binary) = given("--binary") else {
        eprintln!("load: needs --binary, the impactd to be measured; nothing was measured");
        return;
    };
    let (rate, seconds) = (option("--rate", 500.0), option("--seconds", 20.0));
    let folder = std::env::temp_dir().join(format!("impactd-load-{}", std::process::id()));
    prepare(binary, &folder);
    let mut daemon = Daemon::start(binary, &folder);
    let _ = measure(&daemon.address, rate, 2.0);
    let (mut latencies, refused) = measure(&daemon.address, rate, seconds);
    daemon.stop();
    std::fs::remove_dir_all(&folder).expect("removed");
    latencies.sort_unstable();
    let at = |share: f64| at(&latencies, share);
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

/// Sends at a steady rate over some connections; gives how long each answer took from when it was due, and how
/// many were not 200.
fn measure(address: &str, rate: f64, seconds: f64) -> (Vec<Duration>, usize) {
    let requests = (rate * seconds) as usize;
    let start = Instant::now() + Duration::from_millis(100);
    let work = |worker: usize| {
        let address = address.to_owned();
        std::thread::spawn(move || {
            let mut connection = Connection::open(&address).expect("connected");
            let (mut latencies, mut refused) = (Vec::new(), 0);
            for request in (worker..requests).step_by(CONNECTIONS) {
                let due = start + Duration::from_secs_f64(request as f64 / rate);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                refused += usize::from(
                    connection.post("/v1/pretrade/estimate", "application/json", body(request).as_bytes())
                        != 200,
                );
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
