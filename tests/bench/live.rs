//! The daemon under a live tape: `make load-live` and `make soak`, or `live --binary PATH --seconds 30 --minutes 30`.
//! Needs nothing but the standard library.
//!
//! Measured in one run on one daemon: reads and estimates while it is idle; the same while batches of 10,000 events
//! come in as fast as they become durable; the same beside 512 slow sockets; a decompression bomb; memory over a soak
//! at a steady rate, through ends of sessions; how it stops. Reads are due at fixed moments, and latency counts from
//! then. Writes `--out` (Markdown) and a JSON beside it.

#![allow(clippy::expect_used, missing_docs, reason = "a measurement that cannot be made may stop")]

mod common;
mod tape;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::time::{Duration, Instant};

use common::{Connection, Daemon, at, prepare};
use tape::Tape;

const SENDERS: usize = 2;
const READERS: usize = 16;
/// Reads a second, and a tenth as many estimates: 200 and 20 unless `--reads` says otherwise.
static READS_PER_SECOND: OnceLock<f64> = OnceLock::new();
/// A request in so many is an estimate.
const ESTIMATE_EVERY: usize = 11;
const SLOW_SOCKETS: usize = 512;
const BATCH_ROWS: usize = 10_000;
const SOAK_ROWS: usize = 1_000;
const SOAK_BATCHES_PER_SECOND: f64 = 10.0;
const KIND: &str = "application/x-ndjson";

/// Figures by name, in the order in which they were taken.
type Figures = Vec<(&'static str, f64)>;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| arguments.get(arguments.iter().position(|a| a == name)? + 1);
    let number =
        |name: &str, default: f64| given(name).map_or(default, |text| text.parse().expect("a number"));
    let Some(binary) = given("--binary") else {
        eprintln!("live: needs --binary, the impactd to be measured; nothing was measured");
        return;
    };
    let (seconds, minutes) = (number("--seconds", 30.0), number("--minutes", 0.0));
    let _ = READS_PER_SECOND.set(number("--reads", 200.0));
    let folder = std::env::temp_dir().join(format!("impactd-live-{}", std::process::id()));
    prepare(binary, &folder);
    let mut daemon = Daemon::start(binary, &folder);
    let mut figures = Figures::new();
    begin(&daemon);
    say("reads while idle");
    let _ = read(&daemon.address, 3.0);
    figures.push(("rss_idle_mib", daemon.resident_mib()));
    put(&mut figures, IDLE, read(&daemon.address, seconds));
    ingest(&daemon, seconds, &mut figures);
    slow_sockets(&daemon, seconds, &mut figures);
    bomb(&daemon, &mut figures);
    soak(&daemon, minutes, &mut figures);
    let asked = Instant::now();
    let status = stop_under_load(&mut daemon);
    figures.push(("sigterm_exit_code", status.map_or(f64::NAN, f64::from)));
    figures.push(("sigterm_seconds", asked.elapsed().as_secs_f64()));
    std::fs::remove_dir_all(&folder).expect("removed");
    write(given("--out").map_or("out/load.md", String::as_str), seconds, minutes, &figures);
}

/// A few ticks, so that there is a session under way to read of.
fn begin(daemon: &Daemon) {
    let mut connection = Connection::open(&daemon.address).expect("connected");
    let mut tape = Tape::new("first", 0, 0, 100_000);
    let body = tape.next(100);
    assert_eq!(connection.post(&tape.path(), KIND, body.as_bytes()), 201);
}

/// Latencies of reads and of estimates, sorted, and how many of each were not 200.
struct Reads {
    reads: Vec<Duration>,
    estimates: Vec<Duration>,
    refused: usize,
}

/// Names of the figures of reads: p50 and p99 of reads, of estimates, and refused.
type Names = [&'static str; 5];
const IDLE: Names =
    ["read_idle_p50_ms", "read_idle_p99_ms", "estimate_idle_p50_ms", "estimate_idle_p99_ms", "idle_not_200"];
const BUSY: Names = [
    "read_while_ingesting_p50_ms",
    "read_while_ingesting_p99_ms",
    "estimate_while_ingesting_p50_ms",
    "estimate_while_ingesting_p99_ms",
    "while_ingesting_not_200",
];
const SLOW: Names = [
    "read_beside_slow_p50_ms",
    "read_beside_slow_p99_ms",
    "estimate_beside_slow_p50_ms",
    "estimate_beside_slow_p99_ms",
    "beside_slow_not_200",
];

fn put(figures: &mut Figures, names: Names, reads: Reads) {
    let Reads { reads, estimates, refused } = reads;
    let values =
        [at(&reads, 0.5), at(&reads, 0.99), at(&estimates, 0.5), at(&estimates, 0.99), refused as f64];
    figures.extend(names.into_iter().zip(values));
}

fn reads_per_second() -> f64 {
    *READS_PER_SECOND.get_or_init(|| 200.0)
}

/// Reads and estimates at their steady rates.
fn read(address: &str, seconds: f64) -> Reads {
    let rate = reads_per_second() * 1.1;
    let start = Instant::now() + Duration::from_millis(100);
    let work = |worker: usize| {
        let address = address.to_owned();
        std::thread::spawn(move || {
            let mut told = Reads { reads: Vec::new(), estimates: Vec::new(), refused: 0 };
            let mut connection = Connection::open(&address).ok();
            for request in (worker..(rate * seconds) as usize).step_by(READERS) {
                let due = start + Duration::from_secs_f64(request as f64 / rate);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let is_estimate = request.is_multiple_of(ESTIMATE_EVERY);
                let status = connection.as_mut().and_then(|open| one(open, request, is_estimate).ok());
                if status != Some(200) {
                    eprintln!("request {request}: {status:?}");
                }
                if status.is_none() {
                    connection = Connection::open(&address).ok();
                }
                told.refused += usize::from(status != Some(200));
                if is_estimate { &mut told.estimates } else { &mut told.reads }.push(due.elapsed());
            }
            told
        })
    };
    let workers: Vec<_> = (0..READERS).map(work).collect();
    let mut all = Reads { reads: Vec::new(), estimates: Vec::new(), refused: 0 };
    for worker in workers {
        let told = worker.join().expect("no panic");
        all.reads.extend(told.reads);
        all.estimates.extend(told.estimates);
        all.refused += told.refused;
    }
    all.reads.sort_unstable();
    all.estimates.sort_unstable();
    all
}

/// A read of one of four kinds, or an estimate; each another one than the last.
fn one(connection: &mut Connection, request: usize, is_estimate: bool) -> std::io::Result<u16> {
    if is_estimate {
        let body = format!(
            "{{\"symbol\":\"SIM\",\"side\":\"buy\",\"quantity\":{},\"horizon_seconds\":1800,\
             \"as_of\":\"2018-01-04T17:30:00Z\"}}",
            100 + request
        );
        return connection.ask(
            "POST",
            "/v1/pretrade/estimate",
            "content-type: application/json\r\n",
            body.as_bytes(),
        );
    }
    let path = match request % 4 {
        0 => format!("/v1/bars/SIM?bar=60s&limit={}", 50 + request % 50),
        1 => format!("/v1/impact/SIM?bar=10s&limit={}", 20 + request % 20),
        // A symbol of the session under way.
        2 => format!("/v1/bars/L0?bar=60s&limit={}", 50 + request % 50),
        _ => "/v1/symbols".to_owned(),
    };
    connection.ask("GET", &path, "", b"")
}

/// Batches of 10,000 events as fast as they become durable, and reads beside them.
fn ingest(daemon: &Daemon, seconds: f64, figures: &mut Figures) {
    say("ingest");
    let ends = Arc::new(AtomicBool::new(false));
    // Senders stay within a batch of each other, so that none is late for the session's watermark.
    let together = Arc::new(Barrier::new(SENDERS));
    let latencies = Arc::new(Mutex::new(Vec::new()));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (address, ends) = (daemon.address.clone(), ends.clone());
            let (together, latencies) = (together.clone(), latencies.clone());
            std::thread::spawn(move || {
                let mut connection = Connection::open(&address).expect("connected");
                let mut tape = Tape::new(&format!("ingest-{sender}"), sender, 0, 100_000);
                let (mut own, mut busy) = (Vec::new(), 0);
                loop {
                    let body = tape.next(BATCH_ROWS);
                    let begun = Instant::now();
                    while connection.post(&tape.path(), KIND, body.as_bytes()) != 201 {
                        busy += 1;
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    own.push(begun.elapsed());
                    // All look between two waits, so that all leave in the same round.
                    together.wait();
                    let over = ends.load(Ordering::SeqCst);
                    together.wait();
                    if over {
                        break;
                    }
                }
                latencies.lock().expect("sound").extend(own);
                busy
            })
        })
        .collect();
    let begun = Instant::now();
    let reads = read(&daemon.address, seconds);
    ends.store(true, Ordering::SeqCst);
    let busy: usize = senders.into_iter().map(|sender| sender.join().expect("no panic")).sum();
    let took = begun.elapsed().as_secs_f64();
    let mut latencies = latencies.lock().expect("sound").clone();
    latencies.sort_unstable();
    figures.push(("ingest_events_per_second", (latencies.len() * BATCH_ROWS) as f64 / took));
    figures.push(("ingest_ack_p50_ms", at(&latencies, 0.5)));
    figures.push(("ingest_ack_p99_ms", at(&latencies, 0.99)));
    figures.push(("ingest_sent_again", busy as f64));
    put(figures, BUSY, reads);
    figures.push(("rss_after_ingest_mib", daemon.resident_mib()));
}

/// Clients that send a byte a second, and what that means to others.
fn slow_sockets(daemon: &Daemon, seconds: f64, figures: &mut Figures) {
    say("slow sockets");
    let _ = daemon.peak_mib();
    let over = Arc::new(AtomicBool::new(false));
    let head = b"POST /v1/events?source=slow HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n";
    let mut sockets: Vec<_> =
        (0..SLOW_SOCKETS).filter_map(|_| TcpStream::connect(&daemon.address).ok()).collect();
    figures.push(("slow_sockets", sockets.len() as f64));
    let feet = over.clone();
    let slow = std::thread::spawn(move || {
        for byte in head.iter().cycle() {
            // One that was shut by the daemon stays shut.
            sockets.iter_mut().for_each(|socket| drop(socket.write_all(&[*byte])));
            std::thread::sleep(Duration::from_secs(1));
            if feet.load(Ordering::Relaxed) {
                break;
            }
        }
    });
    std::thread::sleep(Duration::from_secs(2));
    put(figures, SLOW, read(&daemon.address, seconds));
    over.store(true, Ordering::Relaxed);
    slow.join().expect("no panic");
    figures.push(("slow_sockets_peak_rss_mib", daemon.peak_mib()));
}

/// A gigabyte of nothing, packed into a megabyte.
fn bomb(daemon: &Daemon, figures: &mut Figures) {
    say("a bomb");
    let packed =
        Command::new("sh").args(["-c", "head -c 1G /dev/zero | gzip -9"]).output().expect("gzip").stdout;
    let before = daemon.resident_mib();
    let _ = daemon.peak_mib();
    let begun = Instant::now();
    let headers = "content-type: application/x-ndjson\r\ncontent-encoding: gzip\r\n";
    let mut connection = Connection::open(&daemon.address).expect("connected");
    let status = connection.ask("POST", "/v1/events?source=bomb", headers, &packed);
    figures.push(("bomb_status", status.map_or(f64::NAN, f64::from)));
    figures.push(("bomb_seconds", begun.elapsed().as_secs_f64()));
    figures.push(("bomb_rss_growth_mib", daemon.peak_mib() - before));
}

/// A steady tape for a while, through ends of sessions; memory is looked at every ten seconds.
fn soak(daemon: &Daemon, minutes: f64, figures: &mut Figures) {
    say("soak");
    let mut connection = Connection::open(&daemon.address).expect("connected");
    // Fifty seconds of tape in a second: a session in under eight minutes.
    let mut tape = Tape::new("soak", SENDERS, 1, 5_000_000);
    let (begun, mut resident, mut latencies) = (Instant::now(), Vec::new(), Vec::new());
    let batches = (minutes * 60.0 * SOAK_BATCHES_PER_SECOND) as usize;
    for batch in 0..batches {
        let due = begun + Duration::from_secs_f64(batch as f64 / SOAK_BATCHES_PER_SECOND);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let body = tape.next(SOAK_ROWS);
        let mut status = connection.post(&tape.path(), KIND, body.as_bytes());
        while status == 503 {
            std::thread::sleep(Duration::from_millis(20));
            status = connection.post(&tape.path(), KIND, body.as_bytes());
        }
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&connection.body));
        latencies.push(due.elapsed());
        if batch.is_multiple_of((10.0 * SOAK_BATCHES_PER_SECOND) as usize) {
            resident.push(daemon.resident_mib());
        }
    }
    let third = resident.len() / 3;
    if third == 0 {
        return;
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (first, last) = (mean(&resident[..third]), mean(&resident[resident.len() - third..]));
    latencies.sort_unstable();
    figures.push(("soak_minutes", minutes));
    figures.push(("soak_events", (batches * SOAK_ROWS) as f64));
    figures.push(("soak_sessions_ended", tape.ended() as f64));
    figures.push(("soak_ack_p50_ms", at(&latencies, 0.5)));
    figures.push(("soak_ack_p99_ms", at(&latencies, 0.99)));
    figures.push(("soak_rss_first_third_mib", first));
    figures.push(("soak_rss_last_third_mib", last));
    figures.push(("soak_rss_growth_percent", 100.0 * (last / first - 1.0)));
}

/// Asked to stop while a sender sends; its exit code.
fn stop_under_load(daemon: &mut Daemon) -> Option<i32> {
    say("a stop under load");
    let address = daemon.address.clone();
    let sender = std::thread::spawn(move || {
        let Ok(mut connection) = Connection::open(&address) else { return };
        let mut tape = Tape::new("last", SENDERS + 1, 2, 1_000_000);
        let headers = format!("content-type: {KIND}\r\n");
        while let Ok(201) = connection.ask("POST", &tape.path(), &headers, tape.next(SOAK_ROWS).as_bytes()) {}
    });
    std::thread::sleep(Duration::from_millis(500));
    let status = daemon.terminate();
    sender.join().expect("no panic");
    status.code()
}

fn write(out: &str, seconds: f64, minutes: f64, figures: &Figures) {
    let told =
        |name: &str| figures.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, value)| *value);
    let (reads, estimates) = (reads_per_second(), reads_per_second() / 10.0);
    let (machine, date) = (machine(), said("date", &["-u", "+%F"]));
    let mut page = format!(
        "# Under load\n\nMade by `make load-live` or `make soak`, which write this file anew. {machine}, {date}; each \
         phase {seconds} s, soak {minutes} min.\nSenders ({SENDERS}, batches of {BATCH_ROWS} events, NDJSON), readers \
         ({reads} reads and {estimates} estimates a second, open loop) and the\ndaemon share the \
         machine. Latency counts from when a request was due.\n\n| figure | value |\n|---|---:|\n"
    );
    for (name, value) in figures {
        writeln!(page, "| {} | {value:.3} |", name.replace('_', " ")).expect("a string");
    }
    for (name, over, under) in [
        ("read p99, ingesting over idle", "read_while_ingesting_p99_ms", "read_idle_p99_ms"),
        ("estimate p99, ingesting over idle", "estimate_while_ingesting_p99_ms", "estimate_idle_p99_ms"),
        ("read p99, beside slow sockets over idle", "read_beside_slow_p99_ms", "read_idle_p99_ms"),
    ] {
        writeln!(page, "| {name} | {:.2} |", told(over) / told(under)).expect("a string");
    }
    let json = |value: f64| if value.is_finite() { format!("{value}") } else { "null".into() };
    let fields: String =
        figures.iter().map(|(name, value)| format!(",\n  \"{name}\": {}", json(*value))).collect();
    let json = format!("{{\n  \"machine\": \"{machine}\",\n  \"date\": \"{date}\"{fields}\n}}\n");
    let path = std::path::Path::new(out);
    path.parent().map_or(Ok(()), std::fs::create_dir_all).expect("made");
    std::fs::write(path, &page).expect("written");
    std::fs::write(path.with_extension("json"), json).expect("written");
    print!("{page}");
}

fn say(what: &str) {
    eprintln!("{}: {what}", said("date", &["-u", "+%T"]));
}

fn machine() -> String {
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {:.0} GiB of memory", kib / 1024.0 / 1024.0)
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("it runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
