//! Connections over real sockets: how many there may be, how soon a place is free again, how long a head may take.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use impactd::limits::{HTTP_CONNECTIONS_MAX, HTTP_HEAD_SECONDS};

use crate::daemon::Daemon;

fn daemon() -> (tempfile::TempDir, Daemon) {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path());
    (folder, daemon)
}

fn connect(daemon: &Daemon) -> TcpStream {
    let stream = TcpStream::connect(&daemon.address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a patience");
    stream
}

/// The status of a question on a connection that stays open, and whether the daemon keeps it so.
fn ask(stream: &mut TcpStream) -> u16 {
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("asked");
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(b"}") {
        let read = stream.read(&mut piece).expect("an answer");
        assert!(read > 0, "the daemon hung up: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..read]);
    }
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

#[test]
fn clients_that_come_and_go_never_fill_the_places() {
    let (_folder, daemon) = daemon();
    let refused = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..200 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let mut stream = connect(&daemon);
                    if ask(&mut stream) != 200 {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(refused.into_inner(), 0, "of 2,000 questions by 200 clients");
}

#[test]
fn one_connection_too_many_is_told_so_and_a_place_is_free_at_once() {
    let (_folder, daemon) = daemon();
    let mut open: Vec<TcpStream> = (0..HTTP_CONNECTIONS_MAX).map(|_| connect(&daemon)).collect();
    for stream in &mut open {
        assert_eq!(ask(stream), 200);
    }
    for _ in 0..3 {
        assert_eq!(ask(&mut connect(&daemon)), 503);
    }
    assert_eq!(ask(&mut open[7]), 200, "those inside are served");
    for round in 0..20 {
        drop(open.swap_remove(round));
        let mut next = connect(&daemon);
        assert_eq!(ask(&mut next), 200, "round {round}");
        open.push(next);
    }
}

#[test]
fn a_head_in_drops_is_hung_up_on_and_a_rested_connection_is_not() {
    let (_folder, daemon) = daemon();
    let mut rested = connect(&daemon);
    assert_eq!(ask(&mut rested), 200);
    let mut slow = connect(&daemon);
    slow.set_read_timeout(Some(Duration::from_millis(100))).expect("a patience");
    let mut sent = 0;
    let hung_up = (0..6 * HTTP_HEAD_SECONDS).any(|_| {
        std::thread::sleep(Duration::from_millis(400));
        sent += usize::from(slow.write_all(b"G").is_ok());
        match slow.read(&mut [0; 64]) {
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            Ok(read) => read == 0,
        }
    });
    assert!(hung_up && sent > 5, "{sent} bytes were taken");
    assert_eq!(ask(&mut rested), 200, "it rested longer than a head may take");
}
