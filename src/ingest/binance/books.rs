//! The books of a capture's symbols, and what is told of them.
//!
//! In: [`Depth`]s in the order of the file. Out: a [`Told`] where one of the levels that are wanted has changed. A
//! snapshot that was asked for names no symbol: it is of the one whose changes have its number in them. That tells
//! symbols of spot apart, each of which has its own count; futures of all symbols have one, and are refused where a
//! snapshot could be of several.

use std::collections::BTreeMap;

use super::book::{Book, Counts, Snapshots};
use super::depth::{Depth, Does};
use crate::book::Best;
use crate::ingest::depth::{Deeper, deeper};
use crate::ingest::error::{Fault, IngestError};
use crate::limits::{FILE_ORDERS_MAX, SYMBOLS_PER_FILE_MAX};
use crate::tape::Nanos;

/// A state of a symbol's book.
pub struct Told {
    /// Whose.
    pub symbol: String,
    /// When it came to be, by the exchange.
    pub exchange: Option<Nanos>,
    /// The exchange's number of it; 0 where the book was lost.
    pub update: u64,
    /// The first level.
    pub best: Best,
    /// The levels behind it.
    pub deeper: Deeper,
    /// Whether the first level has changed.
    pub is_top: bool,
}

#[derive(Default)]
struct Symbol {
    book: Book,
    /// How many first levels its messages tell anew each time; none where they tell changes.
    width: Option<usize>,
    told: (Best, Deeper),
}

/// The books of a file.
#[derive(Default)]
pub struct Books {
    /// Levels that are told.
    levels: usize,
    symbols: BTreeMap<String, Symbol>,
    snapshots: Snapshots,
    /// Whether there was a snapshot.
    was_asked: bool,
    /// The first symbol of futures whose changes were told; whether there are others.
    futures: Option<String>,
    has_many_futures: bool,
    /// What books hold, in levels.
    held: usize,
    counts: Counts,
    beyond_reach: u64,
}

impl Books {
    /// No book yet; so many levels are told.
    pub fn new(levels: usize) -> Self {
        Self { levels: levels.max(1), ..Self::default() }
    }

    /// Takes a message; gives the state that it leaves, where that is news.
    ///
    /// # Errors
    /// When it is of another stream than the symbol's messages before, or tells fewer levels than are wanted.
    pub fn take(&mut self, depth: Depth) -> Result<Option<Told>, Fault> {
        let Some(name) = depth.symbol.clone() else { return Ok(self.begin(depth)) };
        if matches!(depth.does, Does::Change { previous: Some(_), .. }) {
            let first = self.futures.get_or_insert_with(|| name.clone());
            self.has_many_futures |= *first != name;
        }
        let width = match depth.does {
            Does::Renew { levels } => Some(levels),
            _ => None,
        };
        let refused = |why| Err(Fault { column: "stream".into(), value: name.clone(), why });
        if width.is_some_and(|width| width < self.levels) {
            return refused(
                "tells fewer levels than are asked for: ask for as many as it has, or capture @depth",
            );
        }
        let symbol =
            self.symbols.entry(name.clone()).or_insert_with(|| Symbol { width, ..Symbol::default() });
        if symbol.width != width {
            return refused(
                "has its book from two streams in one file, which tell the same: leave one of the two streams out",
            );
        }
        let before = symbol.book.len();
        symbol.book.take(depth, &mut self.snapshots, &mut self.counts);
        self.held = self.held + symbol.book.len() - before;
        Ok(self.news(name))
    }

    /// Whether books tell of a symbol.
    pub fn tell(&self, symbol: &str) -> bool {
        self.symbols.contains_key(symbol)
    }

    /// An error where snapshots could be of several symbols, or more is held than any market's books are.
    ///
    /// # Errors
    /// A sentence that says so.
    pub fn check(&self, path: &std::path::Path) -> Result<(), IngestError> {
        if self.was_asked && self.has_many_futures {
            let what = "tells books of several symbols of futures, whose numbers are one count: a snapshot, which \
                        names no symbol, could be of any; capture each symbol in a file of its own";
            return Err(IngestError::file(path, what));
        }
        let held = self.held + self.snapshots.len();
        if held > FILE_ORDERS_MAX || self.symbols.len() > SYMBOLS_PER_FILE_MAX {
            let what = "tells of more books, or of more levels in them, than are held at a time; cut it in pieces of \
                        fewer symbols";
            return Err(IngestError::file(path, what));
        }
        Ok(())
    }

    /// What was counted, by name; nothing where there was none.
    pub fn counted(&self) -> BTreeMap<String, u64> {
        let waiting: usize = self.symbols.values().map(|symbol| symbol.book.waiting()).sum();
        let Counts { gaps, without_a_book, repeated, beyond_full } = self.counts;
        let named = [
            ("gaps in depth updates", gaps),
            ("depth updates without a book", without_a_book + waiting as u64),
            ("depth updates repeated", repeated),
            ("levels beyond a full book", beyond_full),
            ("states beyond the snapshot", self.beyond_reach),
        ];
        named.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n)).collect()
    }

    /// A snapshot: that of a book whose changes wait for it, or one that waits for them.
    fn begin(&mut self, snapshot: Depth) -> Option<Told> {
        self.was_asked = true;
        for (name, Symbol { book, .. }) in &mut self.symbols {
            let Some(at) = book.linking(snapshot.last) else { continue };
            let before = book.len();
            book.link(at, &snapshot, &mut self.counts);
            self.held = self.held + book.len() - before;
            let name = name.clone();
            return self.news(name);
        }
        self.snapshots.keep(snapshot);
        None
    }

    fn news(&mut self, name: String) -> Option<Told> {
        let Symbol { book, told, .. } = self.symbols.get_mut(&name)?;
        let now = (book.best(), deeper(self.levels, |side, n| book.levels(side, n)));
        let before = std::mem::replace(told, now);
        if before == now {
            return None;
        }
        self.beyond_reach += u64::from(book.is_beyond_reach(self.levels));
        let ((best, deeper), (exchange, update)) = (now, book.stamp());
        Some(Told { symbol: name, exchange, update, best, deeper, is_top: before.0 != best })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::book::{Level, Side};
    use crate::tape::{Price, Size};

    fn level(side: Side, price: i64, size: i64) -> (Side, Level) {
        (side, Level { price: Price(price), size: Size(size), orders: 0 })
    }

    fn depth(symbol: Option<&str>, does: Does, last: u64, levels: &[(Side, Level)]) -> Depth {
        let symbol = symbol.map(str::to_owned);
        Depth { symbol, exchange: Some(Nanos(last as i64)), last, does, levels: levels.to_vec() }
    }

    fn change(symbol: &str, first: u64, last: u64, levels: &[(Side, Level)]) -> Depth {
        depth(Some(symbol), Does::Change { first, previous: None }, last, levels)
    }

    fn told(books: &mut Books, depth: Depth) -> Option<(String, u64, [i64; 4])> {
        let told = books.take(depth).expect("of one stream")?;
        let second = told.deeper[0];
        let sizes = [told.best.bid.size, told.best.ask.size, second.bid_size, second.ask_size];
        Some((told.symbol, told.update, sizes.map(|size| size.0)))
    }

    #[test]
    fn changes_wait_for_their_snapshot_and_lost_ones_empty_the_book() {
        use Side::{Ask, Bid};
        let mut books = Books::new(2);
        assert_eq!(told(&mut books, change("A", 1, 4, &[level(Bid, 9, 90)])), None);
        assert_eq!(told(&mut books, change("A", 5, 6, &[level(Ask, 11, 7)])), None);
        assert_eq!(told(&mut books, change("B", 50, 60, &[])), None);
        // It stands at 4: the first change is in it, the second is not.
        let snapshot = [level(Bid, 10, 1), level(Bid, 8, 2), level(Ask, 11, 3), level(Ask, 12, 4)];
        let begun = told(&mut books, depth(None, Does::Begin, 4, &snapshot));
        assert_eq!(begun, Some(("A".into(), 6, [1, 7, 2, 4])));
        // What was told before changes nothing; a level that nobody told is deleted.
        assert_eq!(told(&mut books, change("A", 5, 6, &[level(Ask, 11, 99)])), None);
        assert_eq!(told(&mut books, change("A", 7, 7, &[level(Bid, 1, 0)])), None);
        assert_eq!(
            told(&mut books, change("A", 8, 8, &[level(Bid, 10, 0)])),
            Some(("A".into(), 8, [2, 7, 0, 4]))
        );
        // 9 was lost.
        assert_eq!(told(&mut books, change("A", 10, 10, &[level(Bid, 9, 5)])), Some(("A".into(), 0, [0; 4])));
        let again = told(&mut books, depth(None, Does::Begin, 9, &snapshot));
        assert_eq!(again, Some(("A".into(), 10, [1, 3, 5, 4])));
        let counted = books.counted();
        let counts = ["gaps in depth updates", "depth updates repeated", "depth updates without a book"];
        assert_eq!(counts.map(|name| counted.get(name).copied()), [Some(1), Some(1), Some(1)]);
    }

    #[test]
    fn a_later_snapshot_takes_the_book_s_place_and_states_beyond_one_are_counted() {
        use Side::{Ask, Bid};
        let mut books = Books::new(1);
        let first = [level(Bid, 10, 1), level(Ask, 11, 1)];
        assert_eq!(told(&mut books, depth(None, Does::Begin, 4, &first)), None);
        assert!(told(&mut books, change("A", 5, 5, &[])).is_some());
        assert!(told(&mut books, change("A", 6, 6, &[level(Bid, 10, 0), level(Bid, 7, 9)])).is_some());
        assert_eq!(books.counted().get("states beyond the snapshot"), Some(&1));
        let second = [level(Bid, 8, 3), level(Bid, 2, 3), level(Ask, 11, 1)];
        assert_eq!(told(&mut books, depth(None, Does::Begin, 6, &second)), None);
        assert_eq!(told(&mut books, change("A", 7, 7, &[])), Some(("A".into(), 7, [3, 1, 0, 0])));
        assert_eq!(books.counted().len(), 1);
    }

    #[test]
    fn first_levels_are_told_anew_and_go_with_no_changes() {
        let mut books = Books::new(2);
        let of = |size| [level(Side::Bid, 10, size), level(Side::Ask, 11, 1)];
        assert_eq!(
            told(&mut books, depth(Some("A"), Does::Renew { levels: 5 }, 4, &of(2))),
            Some(("A".into(), 4, [2, 1, 0, 0]))
        );
        assert_eq!(told(&mut books, depth(Some("A"), Does::Renew { levels: 5 }, 9, &of(2))), None);
        assert_eq!(
            told(&mut books, depth(Some("A"), Does::Renew { levels: 5 }, 9, &of(3))),
            Some(("A".into(), 9, [3, 1, 0, 0]))
        );
        assert!(books.take(change("A", 10, 10, &[])).is_err());
    }

    #[test]
    fn a_snapshot_that_could_be_of_several_futures_is_refused() {
        let of = |symbol, first, last, previous| {
            let does = Does::Change { first, previous: Some(previous) };
            depth(Some(symbol), does, last, &[])
        };
        let path = std::path::Path::new("capture.txt");
        let mut books = Books::new(1);
        assert!(books.take(of("A", 10, 20, 9)).is_ok() && books.take(of("B", 12, 22, 8)).is_ok());
        assert!(books.check(path).is_ok());
        assert!(books.take(depth(None, Does::Begin, 15, &[])).is_ok());
        let error = books.check(path).expect_err("refused").to_string();
        assert!(
            error.contains("capture.txt") && error.contains("each symbol in a file of its own"),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_told_behind_a_snapshot_is_counted() {
        let counted = |snapshot: &[(Side, Level)]| {
            let mut books = Books::new(2);
            assert_eq!(told(&mut books, change("A", 5, 5, &[])), None);
            assert!(told(&mut books, depth(None, Does::Begin, 4, snapshot)).is_some());
            books.counted().get("states beyond the snapshot").copied()
        };
        let both = [
            level(Side::Bid, 10, 1),
            level(Side::Bid, 9, 1),
            level(Side::Ask, 11, 1),
            level(Side::Ask, 12, 1),
        ];
        assert_eq!((counted(&both), counted(&both[..3]), counted(&both[..2])), (None, Some(1), Some(1)));
    }

    #[test]
    fn streams_of_fewer_levels_or_of_another_width_are_refused_and_changes_without_levels_weigh() {
        let renew = |levels| depth(Some("A"), Does::Renew { levels }, 4, &[]);
        let mut books = Books::new(10);
        assert!(
            books.take(renew(5)).is_err_and(|fault| fault.why.contains("fewer levels than are asked for"))
        );
        assert!(
            books.take(renew(10)).is_ok() && books.take(renew(20)).is_err() && books.take(renew(10)).is_ok()
        );
        let mut books = Books::new(1);
        for last in 1..=100 {
            assert!(books.take(change("A", last, last, &[])).is_ok());
        }
        assert!(books.held >= 100, "{}", books.held);
    }

    proptest! {
        /// However changes are cut into messages, and wherever in them the snapshot comes: the book of all changes.
        #[test]
        fn the_book_is_that_of_all_changes(
            changes in prop::collection::vec((any::<bool>(), 1..20_i64, 0..5_i64), 2..60),
            cuts in prop::collection::btree_set(1..59_usize, 0..20),
            taken in any::<prop::sample::Index>(), arrives in any::<prop::sample::Index>(),
        ) {
            let side = |is_bid| if is_bid { Side::Bid } else { Side::Ask };
            let mut truth = crate::book::LevelBook::new();
            // Before the first change, the snapshot has nothing to say.
            let taken = taken.index(changes.len());
            let mut snapshot = Vec::new();
            for (at, (is_bid, price, size)) in changes.iter().enumerate() {
                if at == taken {
                    for side in [Side::Bid, Side::Ask] {
                        snapshot.extend(truth.levels(side, 99).into_iter().map(|level| (side, level)));
                    }
                }
                let _ = truth.set(side(*is_bid), Price(*price), Size(*size));
            }
            let mut edges: Vec<usize> = cuts.into_iter().filter(|cut| *cut < changes.len()).collect();
            edges.push(changes.len());
            let arrives = arrives.index(edges.len());
            let (mut books, mut from, mut last) = (Books::new(10), 0, None);
            for (at, to) in edges.into_iter().enumerate() {
                if at == arrives {
                    let begun = depth(None, Does::Begin, taken as u64, &snapshot);
                    last = books.take(begun).expect("of one stream").or(last);
                }
                let levels: Vec<_> =
                    changes[from..to].iter().map(|(is_bid, price, size)| level(side(*is_bid), *price, *size)).collect();
                // Numbers count from 1: the snapshot stands at as many as were made.
                let made = change("A", from as u64 + 1, to as u64, &levels);
                last = books.take(made).expect("of one stream").or(last);
                from = to;
            }
            let now = deeper(10, |side, n| truth.levels(side, n));
            let (best, deeper) = last.map_or_else(Default::default, |told| (told.best, told.deeper));
            prop_assert_eq!((best, deeper), (truth.best(), now));
        }
    }
}
