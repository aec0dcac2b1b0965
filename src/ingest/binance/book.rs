//! One symbol's book, rebuilt as Binance says how a local book is kept.
//!
//! In: [`Depth`]s of the symbol in the order of the file, and snapshots. Out: the book, while it is whole. Changes wait
//! until a snapshot has come whose number lies in one of them; from there on each has to follow the one before. Where
//! one does not, changes were lost: the book is empty until another snapshot links. A later snapshot that links takes
//! the book's place, since one knows more: a snapshot ends far behind the best price, and what rested beyond is told
//! only when it changes.

use super::depth::{Depth, Does};
use crate::book::{Best, Level, LevelBook, Reason, Side};
use crate::limits::{CAPTURE_CHANGES_WAITING_MAX, CAPTURE_SNAPSHOTS_WAITING_MAX};
use crate::tape::{Nanos, Price};

/// What was counted of books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Changes before which others were lost.
    pub gaps: u64,
    /// Changes that belong to no book that is whole.
    pub without_a_book: u64,
    /// Changes that were told before.
    pub repeated: u64,
    /// Levels beyond a full book.
    pub beyond_full: u64,
}

/// What a change takes beside its levels, in levels.
const CHANGE_LEVELS: usize = 4;

/// Snapshots whose symbol is not known yet; the latest.
#[derive(Debug, Default)]
pub struct Snapshots(Vec<Depth>);

impl Snapshots {
    /// Keeps one.
    pub fn keep(&mut self, snapshot: Depth) {
        if self.0.len() == CAPTURE_SNAPSHOTS_WAITING_MAX {
            self.0.remove(0);
        }
        self.0.push(snapshot);
    }

    /// How many levels they hold.
    pub fn len(&self) -> usize {
        self.0.iter().map(|snapshot| snapshot.levels.len()).sum()
    }

    /// Takes the latest whose number lies in a change.
    fn linked_by(&mut self, change: &Depth) -> Option<Depth> {
        let at = self.0.iter().rposition(|snapshot| change.links(snapshot.last))?;
        Some(self.0.remove(at))
    }
}

/// A symbol's book.
#[derive(Debug, Default)]
pub struct Book {
    levels: LevelBook,
    /// The number at which it stands; none while it is not whole.
    last: Option<u64>,
    /// Changes that wait for a snapshot, each following the one before.
    waiting: Vec<Depth>,
    /// What these take, in levels.
    waiting_levels: usize,
    /// When it was last changed, by the exchange.
    exchange: Option<Nanos>,
    /// The lowest bid and the highest offer of the snapshot that it began with; none where it has no end.
    reach: Option<[Option<Price>; 2]>,
}

impl Book {
    /// Takes a message of the symbol's own.
    pub fn take(&mut self, depth: Depth, snapshots: &mut Snapshots, counts: &mut Counts) {
        match (depth.does, self.last) {
            (Does::Change { .. }, Some(last)) if depth.follows(last) => {
                if let Some(snapshot) = snapshots.linked_by(&depth) {
                    self.begin(&snapshot, counts);
                }
                self.apply(&depth, counts);
            }
            (Does::Change { .. }, Some(last)) if depth.last <= last => counts.repeated += 1,
            (Does::Change { .. }, was_whole) => {
                if was_whole.is_some() {
                    counts.gaps += 1;
                    self.lose(depth.exchange);
                }
                // Those that wait were held against all snapshots when they came.
                let snapshot = snapshots.linked_by(&depth);
                self.wait(depth, counts);
                if let Some(snapshot) = snapshot {
                    self.link(self.waiting.len() - 1, &snapshot, counts);
                }
            }
            (Does::Renew { .. } | Does::Begin, _) => {
                self.begin(&depth, counts);
                self.exchange = depth.exchange;
                self.reach = None;
            }
        }
    }

    /// Which of the waiting changes links to a snapshot that stood at a number; the latest.
    pub fn linking(&self, last: u64) -> Option<usize> {
        // The first that goes beyond it, or of futures the one behind, which names that one's number.
        let beyond = self.waiting.partition_point(|change| change.last < last);
        let near = beyond..self.waiting.len().min(beyond + 2);
        near.rev().find(|at| self.waiting[*at].links(last))
    }

    /// Begins with a snapshot to which a waiting change links; that and those behind it are applied.
    pub fn link(&mut self, at: usize, snapshot: &Depth, counts: &mut Counts) {
        self.begin(snapshot, counts);
        self.waiting_levels = 0;
        for change in std::mem::take(&mut self.waiting).into_iter().skip(at) {
            self.apply(&change, counts);
        }
    }

    /// The best bid and offer.
    pub fn best(&self) -> Best {
        self.levels.best()
    }

    /// The first `n` levels of a side.
    pub fn levels(&self, side: Side, n: usize) -> Vec<Level> {
        self.levels.levels(side, n)
    }

    /// When it was last changed, by the exchange; the number at which it stands.
    pub fn stamp(&self) -> (Option<Nanos>, u64) {
        (self.exchange, self.last.unwrap_or(0))
    }

    /// Whether one of the first `n` levels lies beyond the snapshot: it, or others before it, may not be known.
    pub fn is_beyond_reach(&self, n: usize) -> bool {
        let Some([lowest, highest]) = self.reach else { return false };
        let is_within = |side, end: Option<Price>| {
            let levels = self.levels(side, n);
            let last = levels.last().filter(|_| levels.len() == n);
            last.zip(end).is_some_and(|(last, end)| match side {
                Side::Bid => last.price >= end,
                Side::Ask => last.price <= end,
            })
        };
        !(is_within(Side::Bid, lowest) && is_within(Side::Ask, highest))
    }

    /// How many levels it holds, changes that wait among them.
    pub fn len(&self) -> usize {
        self.levels.len() + self.waiting_levels
    }

    /// How many changes wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn begin(&mut self, snapshot: &Depth, counts: &mut Counts) {
        self.levels.clear();
        self.apply(snapshot, counts);
        let last = |side| self.levels.levels(side, usize::MAX).last().map(|level| level.price);
        self.reach = Some([last(Side::Bid), last(Side::Ask)]);
    }

    fn apply(&mut self, depth: &Depth, counts: &mut Counts) {
        for (side, level) in &depth.levels {
            // A level that is deleted need not have been told: it may have rested beyond the snapshot.
            if self.levels.set(*side, level.price, level.size) == Err(Reason::Full) {
                counts.beyond_full += 1;
            }
        }
        self.last = Some(depth.last);
        self.exchange = depth.exchange.or(self.exchange);
    }

    fn lose(&mut self, exchange: Option<Nanos>) {
        self.levels.clear();
        (self.last, self.reach, self.exchange) = (None, None, exchange);
    }

    fn wait(&mut self, change: Depth, counts: &mut Counts) {
        let is_next = self.waiting.last().is_some_and(|before| change.follows(before.last));
        if !is_next || self.waiting.len() == CAPTURE_CHANGES_WAITING_MAX {
            counts.without_a_book += self.waiting.len() as u64;
            self.waiting.clear();
            self.waiting_levels = 0;
        }
        self.waiting_levels += CHANGE_LEVELS + change.levels.len();
        self.waiting.push(change);
    }
}
