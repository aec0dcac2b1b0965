//! The door as a whole: a book on the disk, a daemon's view of it, and the audit between them.

use std::time::{Duration, Instant};

use super::*;
use crate::store::ledger::AccessBook;
use crate::tape::Nanos;

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_running_daemon_sees_keys_come_and_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let access = Access::open(folder.path(), Policy::default()).expect("a door");
    assert!(access.is_open() && access.who(Shown::Nothing, None, "r").expect("open").scope == Scope::Admin);
    let mut book = KeyBook::open(folder.path()).expect("a book");
    let (key, record) = book.create("desk", Scope::Write, None).expect("a key");
    until("the key is seen", || !access.is_open());
    assert_eq!(access.who(Shown::Nothing, None, "r"), Err(Denied::NoKey));
    let who = access.who(Shown::Bearer(key.reveal()), None, "r").expect("known");
    assert_eq!((who.key.as_deref(), who.scope), (Some(record.id.as_str()), Scope::Write));
    assert!(access.still_counts(&who));
    assert!(access.allow(&who, Scope::Read).is_ok() && access.allow(&who, Scope::Admin).is_err());

    let (next, _) = book.rotate(&record.id, 3_600_000_000_000).expect("rotated");
    until("the next is seen", || access.usable_keys() == 2);
    assert!(access.who(Shown::Bearer(next.reveal()), None, "r").is_ok());
    assert!(access.who(Shown::Bearer(key.reveal()), None, "r").is_ok(), "both count for an hour");
    book.revoke(&record.id).expect("revoked");
    until("it is revoked", || access.usable_keys() == 1);
    assert_eq!(access.who(Shown::Bearer(key.reveal()), None, "r"), Err(Denied::Revoked));
    assert!(!access.still_counts(&who), "what it was let into ends as well");
    book.revoke(next.id()).expect("revoked");
    until("all are revoked", || access.usable_keys() == 0);
    assert!(!access.is_open(), "the last key's end opens nothing");
    drop(access);
    let kept = book.list().expect("keys");
    assert!(kept.iter().all(|key| key.last_used_at.is_some()), "{kept:?}");
}

#[test]
fn what_was_done_is_written_down_and_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut keys = KeyBook::open(folder.path()).expect("a book");
    let (_, record) = keys.create("desk", Scope::Read, Some(Nanos(i64::MAX))).expect("a key");
    let access = Access::open(folder.path(), Policy::default()).expect("a door");
    access.limits_in_force("aa", "built_in");
    access.limits_in_force("aa", "built_in");
    access.limits_in_force("bb", "file");
    for _ in 0..100 {
        let deed = Deed { who: "nobody".into(), subject: "GET /v1/symbols".into(), ..Deed::default() };
        access.denied(&Denied::Unknown, &deed);
    }
    access.audit(Action::ModelLoaded, Deed::of_daemon("fraud 3", "sha256 cc\u{1b}[31m"));
    drop(access);
    let book = AccessBook::open(folder.path()).expect("a book");
    let lines = book.entries(0, 100).expect("lines");
    let told: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.entry.action.as_str(), line.entry.subject.as_str())).collect();
    let denied = ("denied", "GET /v1/symbols");
    assert_eq!(
        told,
        [
            ("key_created", record.id.as_str()),
            ("limits_changed", "aa"),
            ("limits_changed", "bb"),
            denied,
            ("model_loaded", "fraud 3"),
            denied
        ]
    );
    assert!(lines[2].entry.detail.ends_with("before: aa"));
    assert_eq!(lines[4].entry.detail, "sha256 cc[31m");
    assert!(lines[5].entry.detail.starts_with("unknown_key: 99 more since "));
    assert_eq!(book.verify().expect("whole").entries, 6);
}

#[test]
fn wrong_keys_are_slowed_down_and_right_ones_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (key, _) =
        KeyBook::open(folder.path()).expect("a book").create("desk", Scope::Read, None).expect("a key");
    let access = Access::open(folder.path(), Policy::default()).expect("a door");
    let address = Some("192.0.2.1".parse().expect("an address"));
    let wrong = KeyText::random().expect("random");
    let refused: Vec<Denied> =
        (0..6).map(|_| access.who(Shown::Bearer(wrong.reveal()), address, "r").expect_err("wrong")).collect();
    assert!(refused[..5].iter().all(|denied| *denied == Denied::Unknown));
    assert!(matches!(refused[5], Denied::TooManyFailures { wait } if wait > Duration::from_secs(1)));
    assert!(
        access.who(Shown::Bearer(key.reveal()), address, "r").is_ok(),
        "no stranger can lock anybody out"
    );
}
