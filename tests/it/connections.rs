//! Connections over real sockets: how many there may be, how soon a place is free again, how long a head may take.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use impactd::http;
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

/// Whether the daemon has hung up.
fn has_gone(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a patience");
    match stream.read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn where_all_places_are_taken_who_has_asked_nothing_for_longest_gives_way() {
    let (_folder, daemon) = daemon();
    let mut open: Vec<TcpStream> = (0..HTTP_CONNECTIONS_MAX).map(|_| connect(&daemon)).collect();
    for stream in &mut open {
        assert_eq!(ask(stream), 200);
    }
    assert_eq!(ask(&mut open[0]), 200, "it is the last one that asked now");
    let mut late: Vec<TcpStream> = (0..3).map(|_| connect(&daemon)).collect();
    for stream in &mut late {
        assert_eq!(ask(stream), 200);
    }
    let gone: Vec<bool> = open[..6].iter_mut().map(has_gone).collect();
    assert_eq!(gone, [false, true, true, true, false, false]);
}

#[test]
fn senders_of_drops_keep_nobody_out() {
    let (_folder, daemon) = daemon();
    // Half of them dawdle over the head of a request, half over its body.
    let dawdle = |at: usize| {
        let mut stream = connect(&daemon);
        let head: &[u8] = b"POST /v1/events?source=slow HTTP/1.1\r\nhost: localhost\r\n";
        stream.write_all(head).expect("sent");
        let rest: &[u8] = b"content-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n{";
        if at.is_multiple_of(2) {
            stream.write_all(rest).expect("sent");
        }
        stream
    };
    let slow: Vec<TcpStream> = (0..HTTP_CONNECTIONS_MAX).map(dawdle).collect();
    for round in 0..HTTP_CONNECTIONS_MAX {
        assert_eq!(ask(&mut connect(&daemon)), 200, "round {round}");
    }
    drop(slow);
}

/// Answers that never come, as those of work that takes long.
async fn served(listener: tokio::net::TcpListener) {
    let never = axum::routing::get(std::future::pending::<()>);
    let router = axum::Router::new().route("/health/live", never);
    let serving = http::serve(listener, router, http::Serving::default()).expect("signal handlers");
    serving.await;
}

#[test]
fn one_too_many_is_told_so_where_all_are_being_served_and_a_place_is_free_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("as tokio wants it");
    let address = listener.local_addr().expect("bound");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    runtime.spawn(served(tokio::net::TcpListener::from_std(listener).expect("a listener")));
    let connect = || {
        let mut stream = TcpStream::connect(address).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a patience");
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("asked");
        stream
    };
    let mut open: Vec<TcpStream> = (0..HTTP_CONNECTIONS_MAX).map(|_| connect()).collect();
    assert!(!has_gone(&mut open[HTTP_CONNECTIONS_MAX - 1]), "all are inside");
    for _ in 0..3 {
        // The question lies unread there, so that the end of the connection may overtake the refusal's last bytes.
        let mut refusal = [0; 12];
        connect().read_exact(&mut refusal).expect("an answer");
        assert_eq!(&refusal, b"HTTP/1.1 503");
    }
    assert!(!has_gone(&mut open[7]), "those inside stay");
    for round in 0..20 {
        drop(open.swap_remove(round));
        let mut next = connect();
        assert!(!has_gone(&mut next), "round {round}");
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
