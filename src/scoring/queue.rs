//! Pieces of requests that wait for a model's threads: first come, first served, bounded in requests and in elements.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ask::Piece;
use super::error::InferError;
use crate::limits::{SCORING_WAITING_ELEMENTS_MAX, SCORING_WAITING_MAX};

/// The queue.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    pieces: VecDeque<Piece>,
    requests: usize,
    elements: usize,
    closed: bool,
}

/// How pieces may be joined.
#[derive(Clone, Copy, Debug)]
pub struct Joining {
    /// Most rows together; 0: never.
    pub rows_max: usize,
    /// How long to wait for more.
    pub delay: Duration,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Requests that wait.
    pub fn len(&self) -> usize {
        self.waiting().requests
    }

    /// Puts a request's pieces at the end.
    ///
    /// # Errors
    /// When too much waits already.
    pub fn push(&self, pieces: Vec<Piece>) -> Result<(), InferError> {
        let elements = pieces.first().map_or(0, |piece| piece.ask.elements());
        let mut waiting = self.waiting();
        if waiting.is_full(elements) {
            waiting.forget_the_ended();
        }
        if waiting.is_full(elements) {
            return Err(InferError::Busy { waiting: waiting.requests });
        }
        waiting.requests += 1;
        waiting.elements += elements;
        let several = pieces.len() > 1;
        waiting.pieces.extend(pieces);
        drop(waiting);
        if several {
            self.filled.notify_all();
        } else {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits for work: one piece, or several that run together. `None` when the queue is closed and empty.
    pub fn take(&self, joining: Joining) -> Option<Vec<Piece>> {
        let mut waiting = self.waiting();
        let first = loop {
            match waiting.pop() {
                Some(piece) => break piece,
                None if waiting.closed => return None,
                None => waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        };
        let mut rows = first.rows.len();
        let may_join = first.is_joinable();
        let until = Instant::now() + joining.delay;
        let mut taken = vec![first];
        while may_join && rows < joining.rows_max {
            if let Some(next) = waiting.pop_like(&taken[0], joining.rows_max - rows) {
                rows += next.rows.len();
                taken.push(next);
                continue;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !waiting.pieces.is_empty() || waiting.closed {
                break;
            }
            let woken = self.filled.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner);
            waiting = woken.0;
        }
        let more = !waiting.pieces.is_empty();
        drop(waiting);
        if more {
            self.filled.notify_one();
        }
        Some(taken)
    }

    /// Lets the threads go once all that waits is done.
    pub fn close(&self) {
        self.waiting().closed = true;
        self.filled.notify_all();
    }
}

impl Waiting {
    fn is_full(&self, elements: usize) -> bool {
        let too_much = self.requests > 0 && self.elements + elements > SCORING_WAITING_ELEMENTS_MAX;
        self.requests >= SCORING_WAITING_MAX || too_much
    }

    fn count_out(&mut self, piece: &Piece) {
        if piece.is_last() {
            self.requests = self.requests.saturating_sub(1);
            self.elements = self.elements.saturating_sub(piece.ask.elements());
        }
    }

    /// The next piece whose request is still wanted.
    fn pop(&mut self) -> Option<Piece> {
        while let Some(piece) = self.pieces.pop_front() {
            self.count_out(&piece);
            if Instant::now() >= piece.ask.deadline {
                piece.ask.give_up();
            }
            if !piece.ask.has_ended() {
                return Some(piece);
            }
        }
        None
    }

    /// The next piece if it may run with another: whole requests, alike in all but the number of rows.
    fn pop_like(&mut self, other: &Piece, rows_max: usize) -> Option<Piece> {
        let next = self.pieces.front()?;
        let alike =
            next.ask.inputs.iter().zip(&other.ask.inputs).all(|(a, b)| a.shape.get(1..) == b.shape.get(1..));
        if next.is_joinable() && alike && next.rows.len() <= rows_max {
            self.pop_front_wanted()
        } else {
            None
        }
    }

    fn pop_front_wanted(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        self.count_out(&piece);
        if Instant::now() >= piece.ask.deadline {
            piece.ask.give_up();
        }
        Some(piece)
    }

    fn forget_the_ended(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        for piece in pieces {
            if piece.ask.has_ended() {
                self.count_out(&piece);
            } else {
                self.pieces.push_back(piece);
            }
        }
    }
}
