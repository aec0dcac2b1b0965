//! The journal beside a model in memory, and damaged on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::ingest::{Event, Events, RawQuote, RawTrade};
use crate::tape::{NYSE, Nanos, Price, Symbol};

mod damage;

const AMPLE: u64 = 1 << 30;

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2013, 10, 7 + day).expect("a date")
}

fn quote(day: u32, sequence: u64, cents: i64) -> Event {
    let mut row = RawQuote { symbol: 1, sequence, venue: b'N', ..RawQuote::default() };
    row.quote.ts = Nanos(NYSE.bounds(date(day)).0.0 + 1_000 + sequence.cast_signed());
    row.quote.bid = Price(cents * 10_000_000);
    Event::Quote(row)
}

fn trade(day: u32, sequence: u64) -> Event {
    let mut row = RawTrade { sequence, conditions: *b"@F I", ..RawTrade::default() };
    row.trade.ts = Nanos(NYSE.bounds(date(day)).1.0 - 1 - sequence.cast_signed());
    Event::Trade(row)
}

fn batch(source: &str, id: Option<&str>, salt: u8, events: Vec<Event>) -> Events {
    Events {
        source: source.into(),
        batch_id: id.map(Into::into),
        sequenced: true,
        symbols: vec![Symbol::new("IBM"), Symbol::new("BRK A")],
        events,
        sha256: [salt; 32],
    }
}

/// Quotes of a day, numbered from `first`.
fn quotes(day: u32, first: u64, count: u64) -> Vec<Event> {
    (first..first + count).map(|sequence| quote(day, sequence, 10_000 + sequence.cast_signed())).collect()
}

fn replayed(reader: &Reader) -> Vec<Fresh> {
    let mut all = Vec::new();
    reader
        .replay(
            0,
            |_| true,
            |batch| {
                all.push(batch);
                true
            },
        )
        .expect("sound");
    all
}

fn append_one(journal: &mut Journal, events: Events) -> Outcome {
    journal.append(&[events]).pop().expect("one outcome")
}

/// What can be done to a journal.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Events>),
    Forget(u32),
    Sweep,
    Checkpoint,
    Reopen,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0_u32..3, 0_u64..24, 0_u8..5).prop_map(|(day, sequence, kind)| match kind {
        0 => Event::End { date: date(day), sequence },
        1 => trade(day, sequence),
        _ => quote(day, sequence, i64::from(kind)),
    });
    prop::collection::vec(one, 1..12)
}

fn step() -> impl Strategy<Value = Step> {
    let source = prop::sample::select(vec!["nyse", "arca"]);
    let id = prop::option::of(prop::sample::select(vec!["a", "b", "c"]));
    let one = (source, id, 0_u8..2, events())
        .prop_map(|(source, id, salt, events)| batch(source, id, salt, events));
    prop_oneof![
        8 => prop::collection::vec(one, 1..4).prop_map(Step::Append),
        1 => (0_u32..3).prop_map(Step::Forget),
        1 => Just(Step::Sweep),
        1 => Just(Step::Checkpoint),
        2 => Just(Step::Reopen),
    ]
}

/// The journal as it should be.
#[derive(Default)]
struct Model {
    batches: Vec<Fresh>,
    receipts: BTreeMap<u64, Receipt>,
    seen: BTreeMap<(String, NaiveDate), BTreeSet<u64>>,
    gone: BTreeSet<NaiveDate>,
}

impl Model {
    fn append(&mut self, sent: &Events, outcome: Outcome) {
        let by_id = self.receipts.values().find(|receipt| {
            sent.batch_id.is_some() && receipt.batch_id == sent.batch_id && receipt.source == sent.source
        });
        if let Some(receipt) = by_id {
            let same = receipt.sha256 == crate::tape::hex(&sent.sha256);
            let id = sent.batch_id.clone().unwrap_or_default();
            let want =
                if same { Ok((Appended::Again(receipt.clone()), None)) } else { Err(Refused::Conflict(id)) };
            assert_eq!(outcome, want);
            return;
        }
        let day = |event: &Event| match event {
            Event::End { date, .. } => *date,
            other => NYSE.date_of(other.ts().expect("a tick")),
        };
        let dates: BTreeSet<_> = sent.events.iter().map(day).collect();
        if let Some(gone) = dates.iter().find(|date| self.gone.contains(date)) {
            assert_eq!(outcome, Err(Refused::Gone(*gone)));
            return;
        }
        let Ok((Appended::Durable(receipt), Some(fresh))) = outcome else { panic!("{outcome:?}") };
        let new = |event: &&Event| {
            self.seen.entry((sent.source.clone(), day(event))).or_default().insert(event.sequence())
        };
        let kept: Vec<_> = sent.events.iter().filter(new).copied().collect();
        assert_eq!(
            (receipt.accepted, receipt.duplicates),
            (kept.len() as u64, (sent.events.len() - kept.len()) as u64)
        );
        let of =
            |date: NaiveDate| kept.iter().filter(|event| day(event) == date).copied().collect::<Vec<_>>();
        let told: Vec<_> = fresh.chunks.iter().map(|chunk| (chunk.date, chunk.events.clone())).collect();
        assert_eq!(told, dates.iter().map(|date| (*date, of(*date))).collect::<Vec<_>>());
        assert!(self.batches.last().is_none_or(|last| last.position < fresh.position));
        self.receipts.insert(receipt.position, receipt);
        self.batches.push(fresh);
    }

    fn forget(&mut self, date: NaiveDate) {
        self.gone.insert(date);
        self.seen.retain(|(_, day), _| *day != date);
        self.batches.iter_mut().for_each(|batch| batch.chunks.retain(|chunk| chunk.date != date));
    }

    /// Batches whose rows are all swept away are known no more.
    fn sweep(&mut self) {
        self.batches.retain(|batch| !batch.chunks.is_empty());
        let left: BTreeSet<_> = self.batches.iter().map(|batch| batch.position).collect();
        self.receipts.retain(|position, _| left.contains(position));
    }

    fn check(&self, reader: &Reader) {
        let whole = |batch: &&Fresh| !batch.chunks.is_empty();
        let told = replayed(reader);
        assert_eq!(
            told.iter().filter(whole).collect::<Vec<_>>(),
            self.batches.iter().filter(whole).collect::<Vec<_>>()
        );
        let dates: BTreeSet<_> = self.batches.iter().flat_map(|b| b.chunks.iter().map(|c| c.date)).collect();
        assert_eq!(reader.dates().expect("read"), dates.iter().copied().collect::<Vec<_>>());
        for day in dates {
            let mut chunks = Vec::new();
            reader
                .events_of(day, |chunk| {
                    chunks.push(chunk);
                    true
                })
                .expect("sound");
            let want = self.batches.iter().flat_map(|b| b.chunks.iter().filter(|c| c.date == day));
            assert_eq!(chunks, want.cloned().collect::<Vec<_>>());
        }
        for ((source, day), seen) in &self.seen {
            let ranges = reader.sequences(source, *day).expect("read");
            let numbers: Vec<_> = ranges.iter().flat_map(|(first, last)| *first..=*last).collect();
            assert_eq!(numbers, seen.iter().copied().collect::<Vec<_>>());
            assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "coalesced: {ranges:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_history_leaves_what_a_model_in_memory_holds(steps in prop::collection::vec(step(), 1..24)) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(folder.path(), AMPLE).expect("opens");
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Append(batches) => {
                    let outcomes = journal.append(&batches);
                    prop_assert_eq!(outcomes.len(), batches.len());
                    batches.iter().zip(outcomes).for_each(|(sent, outcome)| model.append(sent, outcome));
                }
                Step::Forget(day) => {
                    prop_assert!(journal.forget(date(day), u64::MAX).expect("written"));
                    model.forget(date(day));
                }
                Step::Sweep => {
                    while journal.sweep().expect("swept") {}
                    model.sweep();
                }
                Step::Checkpoint => journal.checkpoint().expect("moved"),
                Step::Reopen => {
                    drop(journal);
                    journal = Journal::open(folder.path(), AMPLE).expect("opens again");
                }
            }
        }
        model.check(&journal.reader().expect("opens"));
        drop(journal);
        check(folder.path()).expect("sound");
    }

    #[test]
    fn a_chunk_comes_back_as_it_went_and_cut_short_not_at_all(events in events(), cut in any::<prop::sample::Index>()) {
        let symbols = vec![Symbol::new("IBM"), Symbol::new("")];
        let day = date(0);
        let own = |event: Event| match event {
            Event::End { sequence, .. } => Event::End { date: day, sequence },
            tick => tick,
        };
        let events = events.into_iter().map(own).collect();
        let (source, sequenced, duplicates) = ("nyse".to_owned(), true, 3);
        let chunk = Chunk { position: 7, date: day, source, sequenced, symbols, events, duplicates };
        let bytes = chunk.encoded();
        prop_assert_eq!(Chunk::decoded(7, day, &bytes), Some(chunk));
        prop_assert_eq!(Chunk::decoded(7, day, &bytes[..cut.index(bytes.len())]), None);
    }
}

#[test]
fn a_second_daemon_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::open(folder.path(), AMPLE).expect("opens");
    let second = Journal::open(folder.path(), AMPLE).expect_err("taken");
    assert!(second.to_string().contains("another"), "{second}");
    drop(journal);
    Journal::open(folder.path(), AMPLE).expect("free again");
}

#[test]
fn a_bit_that_turned_over_on_the_disk_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(folder.path(), AMPLE).expect("opens");
    for turn in 0..3 {
        append_one(&mut journal, batch("whence", None, 0, quotes(0, 1 + 50 * turn, 50))).expect("durable");
    }
    drop(journal);
    let path = folder.path().join("live/journal.sqlite");
    let mut bytes = fs::read(&path).expect("readable");
    // The second batch's price, deep inside its rows.
    let needle = Price((10_000 + 75) * 10_000_000).0.to_le_bytes();
    let places: Vec<_> =
        bytes.windows(8).enumerate().filter(|(_, w)| *w == needle).map(|(at, _)| at).collect();
    // A page that was split may still hold an older copy.
    assert!(!places.is_empty());
    places.iter().for_each(|place| bytes[place + 2] ^= 0x10);
    fs::write(&path, bytes).expect("written");
    let journal = Journal::open(folder.path(), AMPLE).expect("opens");
    let mut read = 0;
    let told = journal.reader().expect("opens").replay(
        0,
        |_| true,
        |_| {
            read += 1;
            true
        },
    );
    let told = told.expect_err("damaged").to_string();
    assert_eq!(read, 1, "what comes before is still given");
    assert!(told.contains("2013-10-07 at position 2"), "{told}");
    assert!(check(folder.path()).is_err());
}

#[test]
fn a_journal_at_its_bound_says_full_and_goes_on_once_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let bound = crate::limits::JOURNAL_MIN_BYTES;
    let mut journal = Journal::open(folder.path(), bound).expect("opens");
    let mut durable = 0;
    let refused = loop {
        match append_one(&mut journal, batch("nyse", None, 0, quotes(0, 1 + durable, 2_000))) {
            Ok(_) => durable += 2_000,
            Err(refused) => break refused,
        }
        if journal.wants_checkpoint() {
            journal.checkpoint().expect("moved");
        }
    };
    assert!(matches!(refused, Refused::Full(_)), "{refused:?}");
    assert!(durable > 20_000, "{durable}");
    assert!(journal.bytes() <= bound, "{}", journal.bytes());
    let small = batch("nyse", None, 0, quotes(1, 1, 1_000));
    assert!(matches!(
        append_one(&mut journal, batch("nyse", None, 0, quotes(0, 1 + durable, 2_000))),
        Err(Refused::Full(_))
    ));
    let reader = journal.reader().expect("opens");
    assert_eq!(reader.sequences("nyse", date(0)).expect("read"), [(1, durable)]);
    assert!(!journal.forget(date(0), 0).expect("read"), "what has come since is not let go of");
    assert!(journal.forget(date(0), u64::MAX).expect("written"));
    while journal.sweep().expect("swept") {
        journal.checkpoint().expect("moved");
    }
    let (appended, _) = append_one(&mut journal, small).expect("there is room again");
    assert!(matches!(appended, Appended::Durable(receipt) if receipt.accepted == 1_000));
    assert_eq!(reader.dates().expect("read"), [date(1)]);
}
