//! The writer: answers mean durable, order is kept, a full queue and a full journal are told apart.

use std::sync::Barrier;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use super::*;
use crate::ingest::{Event, RawTrade};
use crate::limits::{JOURNAL_MIN_BYTES, LIVE_QUEUE_BATCHES_MAX};
use crate::store::ledger::Reader;
use crate::tape::{Nanos, Symbol};

const MORNING: i64 = 1_381_152_600_000_000_000;

fn batch(first: u64, count: u64) -> Events {
    let row = |sequence| {
        let mut row = RawTrade { sequence, ..RawTrade::default() };
        row.trade.ts = Nanos(MORNING + i64::try_from(sequence).expect("small"));
        Event::Trade(row)
    };
    Events {
        source: "nyse".into(),
        batch_id: Some(first.to_string()),
        sequenced: true,
        symbols: vec![Symbol::new("IBM")],
        events: (first..first + count).map(row).collect(),
        sha256: [0; 32],
    }
}

fn start(max_bytes: u64, onward: usize) -> (tempfile::TempDir, Writer, Receiver<Fresh>) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path(), max_bytes).expect("opens");
    let (onward, next) = sync_channel(onward);
    let writer = Writer::start(journal, onward).expect("starts");
    (folder, writer, next)
}

#[test]
fn many_senders_at_once_lose_nothing_and_onward_goes_in_journal_order() {
    let (folder, writer, next) = start(1 << 30, 1024);
    let together = Barrier::new(8);
    thread::scope(|scope| {
        for sender in 0..8 {
            let (writer, together, folder) = (&writer, &together, &folder);
            scope.spawn(move || {
                together.wait();
                for turn in 0..20 {
                    let answer = writer.append_and_wait(batch(1 + 10 * (20 * sender + turn), 10));
                    let Ok(Appended::Durable(receipt)) = answer else { panic!("{answer:?}") };
                    let reader = Reader::open(folder.path()).expect("opens");
                    assert!(reader.position().expect("read") >= receipt.position, "an answer means durable");
                }
            });
        }
    });
    writer.stop();
    assert_eq!(writer.append_and_wait(batch(1, 1)), Err(Refused::Stopping));
    let places: Vec<_> = next.iter().map(|fresh| fresh.position).collect();
    assert_eq!(places, (1..=160).collect::<Vec<_>>());
    assert_eq!(writer.meters().events.get(), 1_600);
    let date = crate::tape::NYSE.date_of(Nanos(MORNING));
    let seen = Reader::open(folder.path()).expect("opens").sequences("nyse", date).expect("read");
    assert_eq!(seen, [(1, 1_600)]);
}

#[test]
fn what_waits_is_bounded_and_a_stop_still_writes_it() {
    let (folder, writer, next) = start(1 << 30, 1);
    let (mut taken, mut first) = (0_u64, 1);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    // Nobody takes what goes onward, so that the thread stands still after a few groups and the rest waits.
    let mut waiting = Vec::new();
    let refused = loop {
        match writer.shared.queue.put(batch(first, 1)) {
            Ok(answered) => waiting.push(answered),
            Err(refused) => break refused,
        }
        first += 1;
        assert!(first < 4 * LIVE_QUEUE_BATCHES_MAX as u64, "it has a bound");
    };
    assert_eq!(refused, Refused::Busy);
    let drained = thread::spawn(move || next.iter().count() as u64);
    writer.stop();
    for answered in waiting {
        taken += u64::from(matches!(runtime.block_on(answered), Ok(Ok(Appended::Durable(_)))));
    }
    assert_eq!(taken, first - 1);
    drop(writer);
    assert_eq!(drained.join().expect("counted"), taken);
    assert_eq!(Reader::open(folder.path()).expect("opens").position().expect("read"), taken);
}

#[test]
fn a_full_journal_refuses_and_takes_again_once_a_session_is_forgotten() {
    let (_folder, writer, next) = start(JOURNAL_MIN_BYTES, 1024);
    let mut first = 1;
    let refused = loop {
        match writer.append_and_wait(batch(first, 3_000)) {
            Ok(_) => first += 3_000,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, Refused::Full(_)), "{refused}");
    assert_eq!(writer.status().state, State::Running);
    assert!(writer.forget_and_wait(crate::tape::NYSE.date_of(Nanos(MORNING)), u64::MAX).expect("written"));
    let tomorrow = |mut batch: Events| {
        let later = |event: &mut Event| {
            if let Event::Trade(row) = event {
                row.trade.ts.0 += 86_400 * 1_000_000_000;
            }
        };
        batch.events.iter_mut().for_each(later);
        batch
    };
    // Swept while nothing else waits.
    let mut tries = 0;
    while let Err(refused) = writer.append_and_wait(tomorrow(batch(first, 3_000))) {
        assert!(matches!(refused, Refused::Full(_)), "{refused}");
        tries += 1;
        assert!(tries < 1_000, "there is room again");
        thread::sleep(Duration::from_millis(10));
    }
    drop(writer);
    assert_eq!(next.iter().count() as u64, (first - 1) / 3_000 + 1);
}

#[test]
fn a_writer_whose_follower_is_gone_says_so_and_takes_no_more() {
    let (_folder, writer, next) = start(1 << 30, 1);
    drop(next);
    let answer = writer.append_and_wait(batch(1, 1));
    assert!(matches!(answer, Ok(Appended::Durable(_))), "it is durable all the same: {answer:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let why = runtime.block_on(writer.failed());
    assert!(why.contains("has stopped"), "{why}");
    assert_eq!(writer.append_and_wait(batch(2, 1)), Err(Refused::Failed(why)));
}
