//! The daemon killed under load, at random moments and at named points; a full disk; a stop under load. What it
//! acknowledged is there, once, and what follows from it is what a daemon that was never killed makes.
//!
//! `IMPACTD_CRASH_CYCLES` says how often it is killed at random moments; `make crash N=200`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use impactd::store::ledger::{Reader, check};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::daemon::{Daemon, Told};
use crate::support::{OPEN, contents};

const DATE: &str = "2013-10-07";
const CLIENTS: usize = 4;
/// Events of a client's batch.
const ROWS: u64 = 25;
/// Nanoseconds from one event of a client to the next: a session holds a million of them.
const STEP: i64 = 20_000_000;
const NDJSON: &str = "Content-Type: application/x-ndjson\r\n";

/// Someone who sends events in batches, and sends each again until it is acknowledged.
struct Client {
    index: usize,
    /// The batch to be sent next; those before are acknowledged.
    next: u64,
}

impl Client {
    fn all() -> Vec<Self> {
        (0..CLIENTS).map(|index| Self { index, next: 0 }).collect()
    }

    fn source(&self) -> String {
        format!("client-{}", self.index)
    }

    fn events(&self, batch: u64) -> String {
        let mut text = String::new();
        for number in batch * ROWS..(batch + 1) * ROWS {
            let (sequence, ts) = (number + 1, OPEN + number.cast_signed() * STEP + self.index as i64);
            let (cents, size) = (number * 7 % 50, 100 * (1 + number % 9));
            let symbol = ["SIM", "DEMO"][self.index % 2];
            let row = format!(r#""symbol":"{symbol}","ts":{ts},"sequence":{sequence}"#);
            let written = if number % 3 == 0 {
                writeln!(text, r#"{{"type":"trade",{row},"price":50.{cents:02},"size":{size}}}"#)
            } else {
                let sides = format!(
                    r#""bid":50.{cents:02},"bid_size":{size},"ask":51.{cents:02},"ask_size":{}"#,
                    1_100 - size
                );
                writeln!(text, r#"{{"type":"quote",{row},{sides}}}"#)
            };
            written.expect("a string");
        }
        text
    }

    /// Sends the next batch; `None` when nobody answered. Half of the clients name their batches.
    fn send(&self, daemon: &Daemon) -> Option<Told> {
        let (source, batch) = (self.source(), self.next);
        let id = if self.index < CLIENTS / 2 { format!("&batch=b{batch}") } else { String::new() };
        let path = format!("/v1/events?source={source}{id}");
        daemon.ask("POST", &path, NDJSON, self.events(batch).as_bytes())
    }

    /// Sends one batch after the other until nobody answers or `enough`.
    fn work(&mut self, daemon: &Daemon, enough: impl Fn(&Self) -> bool) {
        while !enough(self) {
            match self.send(daemon) {
                Some(Told { status: 200 | 201, .. }) => self.next += 1,
                Some(Told { status: 503, .. }) => std::thread::sleep(Duration::from_millis(5)),
                Some(told) => panic!("{}: {}", told.status, told.body),
                None => return,
            }
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// Every acknowledged event is in the journal once, and no other but those of a batch that was under way.
fn is_all_there(data: &Path, clients: &[Client]) {
    let mut numbers = BTreeMap::<_, Vec<u64>>::new();
    let mut gather = |chunk: impactd::store::ledger::Chunk| {
        numbers
            .entry(chunk.source)
            .or_default()
            .extend(chunk.events.iter().map(impactd::live::Event::sequence));
        true
    };
    let date = DATE.parse().expect("a date");
    Reader::open(data).expect("a journal").events_of(date, &mut gather).expect("sound");
    for client in clients {
        let mut told = numbers.remove(&client.source()).unwrap_or_default();
        told.sort_unstable();
        assert_eq!(told, (1..=client.next * ROWS).collect::<Vec<_>>(), "{}", client.source());
    }
    check(data).expect("a sound journal");
}

/// Marks the session's end, waits for its tables, and gives them.
fn landed(daemon: &Daemon, data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let end = format!(r#"{{"type":"end","date":"{DATE}","sequence":1}}"#);
    let told = daemon.ask("POST", "/v1/events?source=marker", NDJSON, end.as_bytes()).expect("an answer");
    assert!([200, 201].contains(&told.status), "{}", told.body);
    tables(daemon, data)
}

/// The session's tables, once they are there.
fn tables(daemon: &Daemon, data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    daemon.wait_for("/v1/feeds", |feeds| {
        let sessions = feeds["sessions"].as_array().expect("sessions");
        sessions.iter().any(|session| session["date"] == DATE && session["state"] == "landed")
    });
    let mut files = contents(data);
    files.retain(|(path, _)| !path.starts_with("live"));
    assert!(files.len() > 3, "there are tables");
    files
}

/// What a daemon that is never killed makes of the same events.
fn clean_run(clients: &[Client]) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start(folder.path());
    for client in clients {
        let mut again = Client { index: client.index, next: 0 };
        again.work(&daemon, |again| again.next == client.next);
        assert_eq!(again.next, client.next);
    }
    let files = landed(&daemon, folder.path());
    assert_eq!(daemon.stop().code(), Some(0));
    files
}

#[test]
fn killed_at_random_moments_it_loses_nothing_doubles_nothing_and_stands_where_a_clean_run_stands() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_nanos() as u64;
    let (cycles, seed) = (setting("IMPACTD_CRASH_CYCLES", 20), setting("IMPACTD_CRASH_SEED", now));
    eprintln!("{cycles} cycles, IMPACTD_CRASH_SEED={seed}");
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let mut clients = Client::all();
    for _ in 0..cycles {
        let daemon = Daemon::start(folder.path());
        std::thread::scope(|scope| {
            let daemon = &daemon;
            clients.iter_mut().for_each(|client| drop(scope.spawn(move || client.work(daemon, |_| false))));
            std::thread::sleep(Duration::from_millis(dice.next_u64() % 500));
            daemon.signal("-9");
        });
        daemon.kill();
    }
    // What was under way when the last one died is sent again, as a feed would.
    let mut daemon = Daemon::start(folder.path());
    for client in &mut clients {
        let last = client.next + 1;
        client.work(&daemon, |client| client.next == last);
        assert_eq!(client.next, last);
    }
    let total: u64 = clients.iter().map(|client| client.next * ROWS).sum();
    let feeds = daemon.wait_for("/v1/feeds", |feeds| feeds["journal_position"] == feeds["engine_position"]);
    for client in &clients {
        let rows = feeds["feeds"].as_array().expect("feeds");
        let row = rows.iter().find(|row| row["source"] == client.source()).expect("a feed");
        assert_eq!((&row["events"], &row["missing"]), (&(client.next * ROWS).into(), &0.into()));
    }
    let files = landed(&daemon, folder.path());
    assert_eq!(daemon.stop().code(), Some(0));
    is_all_there(folder.path(), &clients);
    assert!(files == clean_run(&clients), "tables differ from those of a clean run");
    eprintln!(
        "{total} events acknowledged in {cycles} lives: 0 lost, 0 doubled, tables equal to a clean run"
    );
}

/// Sends batches until the daemon dies of its own at the point, then goes on with one that does not.
fn dies_at(point: &str, nth: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let armed = format!("{point}:{nth}");
    let mut daemon = Daemon::start_with(folder.path(), &[("IMPACTD_CRASH_AT", &armed)]).expect("an address");
    let mut clients = vec![Client { index: 0, next: 0 }, Client { index: 2, next: 0 }];
    std::thread::scope(|scope| {
        let daemon = &daemon;
        clients
            .iter_mut()
            .for_each(|client| drop(scope.spawn(move || client.work(daemon, |c| c.next == 400))));
    });
    assert!(clients.iter().all(|client| client.next < 400), "{point}: it did not die");
    assert!(daemon.child.wait().expect("reaped").code().is_none(), "{point}: died by a signal");
    let mut daemon = Daemon::start(folder.path());
    for client in &mut clients {
        let last = client.next + 3;
        client.work(&daemon, |client| client.next == last);
    }
    let files = landed(&daemon, folder.path());
    assert_eq!(daemon.stop().code(), Some(0));
    is_all_there(folder.path(), &clients);
    assert!(files == clean_run(&clients), "{point}: tables differ from those of a clean run");
}

macro_rules! dies_at {
    ($($name:ident: $point:literal at its $nth:literal;)*) => {
        $(#[test] fn $name() { dies_at($point, $nth); })*
    };
}

dies_at! {
    dead_before_a_batch_is_looked_at: "before_append" at its 3;
    dead_within_the_transaction: "in_transaction" at its 4;
    dead_before_the_commit: "before_commit" at its 3;
    dead_right_after_the_commit: "after_commit" at its 3;
    dead_before_the_senders_hear: "before_ack" at its 3;
    dead_right_after_the_senders_heard: "after_ack" at its 3;
}

#[test]
fn dead_while_the_log_is_emptied() {
    let folder = tempfile::tempdir().expect("a folder");
    let armed = [("IMPACTD_CRASH_AT", "at_checkpoint")];
    let mut daemon = Daemon::start_with(folder.path(), &armed).expect("an address");
    // The log is emptied once it holds some 16 MiB.
    let (rows, mut acknowledged) = (60_000_u64, 0);
    let batch = |first: u64| {
        let row = |number| {
            format!(r#"{{"type":"trade","symbol":"SIM","ts":{OPEN},"sequence":{number},"price":9,"size":1}}"#)
        };
        (first..first + rows).map(|number| row(number) + "\n").collect::<String>()
    };
    while let Some(told) =
        daemon.ask("POST", "/v1/events?source=big", NDJSON, batch(acknowledged + 1).as_bytes())
    {
        assert_eq!(told.status, 201, "{}", told.body);
        acknowledged += rows;
        assert!(acknowledged < 10 * rows, "it did not die");
    }
    assert!(daemon.child.wait().expect("reaped").code().is_none(), "died by a signal");
    let daemon = Daemon::start(folder.path());
    let feeds = daemon.wait_for("/v1/feeds", |feeds| feeds["journal_position"] == feeds["engine_position"]);
    let seen =
        Reader::open(folder.path()).expect("a journal").sequences("big", DATE.parse().expect("a date"));
    let seen = seen.expect("read");
    // The batch that was not answered may have become durable all the same.
    let may_be = [acknowledged, acknowledged + rows];
    assert!(matches!(seen[..], [(1, last)] if may_be.contains(&last)), "{seen:?} beside {acknowledged}");
    assert_eq!(feeds["feeds"][0]["last_sequence"], seen[0].1);
    daemon.kill();
    check(folder.path()).expect("a sound journal");
}

#[test]
fn dead_while_tables_land_the_next_one_lands_them() {
    let mut clients = Client::all();
    clients.iter_mut().for_each(|client| client.next = 20);
    let clean = clean_run(&clients);
    for (point, nth) in [("before_landing", 1), ("in_landing", 1), ("in_landing", 3), ("after_landing", 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let armed = format!("{point}:{nth}");
        let mut daemon =
            Daemon::start_with(folder.path(), &[("IMPACTD_CRASH_AT", &armed)]).expect("an address");
        for client in &clients {
            let mut again = Client { index: client.index, next: 0 };
            again.work(&daemon, |again| again.next == client.next);
        }
        let end = format!(r#"{{"type":"end","date":"{DATE}","sequence":1}}"#);
        // It may die before it answers.
        let _ = daemon.ask("POST", "/v1/events?source=marker", NDJSON, end.as_bytes());
        assert!(daemon.child.wait().expect("reaped").code().is_none(), "{armed}: died by a signal");
        let mut daemon = Daemon::start(folder.path());
        assert!(tables(&daemon, folder.path()) == clean, "{armed}: tables differ from those of a clean run");
        assert_eq!(daemon.stop().code(), Some(0));
        is_all_there(folder.path(), &clients);
    }
}

#[test]
fn a_stop_under_load_ends_well_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start(folder.path());
    let mut clients = Client::all();
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (daemon, stopped) = (&daemon, &stopped);
        for client in &mut clients {
            scope.spawn(move || client.work(daemon, |_| stopped.load(Ordering::Relaxed)));
        }
        std::thread::sleep(Duration::from_millis(700));
        daemon.signal("-TERM");
        std::thread::sleep(Duration::from_millis(300));
        stopped.store(true, Ordering::Relaxed);
    });
    assert_eq!(daemon.child.wait().expect("reaped").code(), Some(0));
    assert!(clients.iter().all(|client| client.next > 0), "all of them sent");
    let daemon = Daemon::start(folder.path());
    for client in &mut clients {
        let last = client.next + 1;
        client.work(&daemon, |client| client.next == last);
    }
    daemon.kill();
    is_all_there(folder.path(), &clients);
}

/// A small file system in memory.
struct Small(tempfile::TempDir);

impl Small {
    /// `None`, with a word on stderr, where mounting is refused.
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let option = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(folder.path()).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("skipped: a small file system cannot be mounted here; root may");
        }
        mounted.then(|| Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // A mount that is still in use goes with the last who uses it.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_batches_answers_readers_and_recovers() {
    let Some(small) = Small::mount("24m") else { return };
    let data = small.0.path().join("results");
    let ballast = small.0.path().join("ballast");
    std::fs::create_dir(&data).expect("made");
    std::fs::write(&ballast, vec![7; 16 << 20]).expect("written");
    let mut daemon = Daemon::start(&data);
    let mut client = Client { index: 0, next: 0 };
    let refused = loop {
        let told = client.send(&daemon).expect("it stays up");
        match told.status {
            201 => client.next += 1,
            _ => break told,
        }
        assert!(client.next < 40_000, "the disk is not that large");
    };
    assert_eq!(refused.status, 507, "{}", refused.body);
    assert!(client.next > 10, "{}", client.next);
    for _ in 0..3 {
        assert_eq!(client.send(&daemon).expect("it stays up").status, 507);
        // Counts are the engine's, which follows the journal after the sender has its answer.
        let feeds =
            daemon.wait_for("/v1/feeds", |feeds| feeds["journal_position"] == feeds["engine_position"]);
        assert_eq!(feeds["feeds"][0]["events"], client.next * ROWS);
        assert_eq!(daemon.get("/health/live").status, 200);
    }
    std::fs::remove_file(ballast).expect("removed");
    let last = client.next + 20;
    client.work(&daemon, |client| client.next == last);
    assert_eq!(client.next, last, "there is room again");
    landed(&daemon, &data);
    assert_eq!(daemon.stop().code(), Some(0));
    is_all_there(&data, &[client]);
}
