//! What waits for the writer: batches up to a number and a size, and sessions to be forgotten. In: a batch. Out: the
//! next group of work for the writer's thread; to the sender, the answer once there is one.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::ingest::{Event, Events};
use crate::limits::{
    LIVE_GROUP_BATCHES_MAX, LIVE_GROUP_MAX_BYTES, LIVE_QUEUE_BATCHES_MAX, LIVE_QUEUE_MAX_BYTES,
};
use crate::store::ledger::{Appended, Refused};

/// What a sender of a batch hears.
pub type Answer = Result<Appended, Refused>;

/// A batch and who waits for it.
#[derive(Debug)]
pub struct Pending {
    /// The batch.
    pub events: Events,
    /// Where its answer goes.
    pub answer: Sender<Answer>,
    bytes: usize,
}

/// Who hears whether a session was let go of.
type Forgotten = Sender<Result<bool, String>>;

/// A piece of work.
#[derive(Debug)]
pub enum Work {
    /// Batches to become durable together.
    Group(Vec<Pending>),
    /// A session to be forgotten, unless events of it have come behind a position.
    Forget(NaiveDate, u64, Forgotten),
    /// Nothing waits: time to tidy up.
    Idle,
}

/// How the writer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It takes batches.
    #[default]
    Running,
    /// It takes no more, and writes those that wait.
    Stopping,
    /// It cannot write any more: why.
    Failed(String),
}

#[derive(Debug, Default)]
struct Waiting {
    batches: VecDeque<Pending>,
    bytes: usize,
    forgets: VecDeque<(NaiveDate, u64, Forgotten)>,
    state: State,
}

/// The queue, shared by senders and the writer's thread.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a batch wait; its answer comes later.
    ///
    /// # Errors
    /// When too much waits already, or nothing is taken any more.
    pub fn put(&self, events: Events) -> Result<Receiver<Answer>, Refused> {
        let mut waiting = self.waiting();
        waiting.state.check()?;
        let bytes = weight(&events);
        let (batches, together) = (waiting.batches.len(), waiting.bytes + bytes);
        if batches >= LIVE_QUEUE_BATCHES_MAX || (batches > 0 && together > LIVE_QUEUE_MAX_BYTES) {
            return Err(Refused::Busy);
        }
        let (answer, answered) = channel();
        waiting.bytes = together;
        waiting.batches.push_back(Pending { events, answer, bytes });
        self.changed.notify_one();
        Ok(answered)
    }

    /// Has a session wait to be forgotten.
    ///
    /// # Errors
    /// When nothing is taken any more.
    pub fn put_forget(&self, date: NaiveDate, up_to: u64) -> Result<Receiver<Result<bool, String>>, Refused> {
        let mut waiting = self.waiting();
        waiting.state.check()?;
        let (answer, answered) = channel();
        waiting.forgets.push_back((date, up_to, answer));
        self.changed.notify_one();
        Ok(answered)
    }

    /// The next work; waits for some unless there is something to tidy up. `None` once all is written and no more
    /// will come.
    pub fn take(&self, may_idle: bool) -> Option<Work> {
        let mut waiting = self.waiting();
        loop {
            if let Some((date, up_to, answer)) = waiting.forgets.pop_front() {
                return Some(Work::Forget(date, up_to, answer));
            }
            if !waiting.batches.is_empty() {
                return Some(Work::Group(waiting.group()));
            }
            if waiting.state != State::Running {
                return None;
            }
            if may_idle {
                return Some(Work::Idle);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more; a failure stays what it is.
    pub fn stop(&self) {
        let mut waiting = self.waiting();
        if waiting.state == State::Running {
            waiting.state = State::Stopping;
        }
        self.changed.notify_one();
    }

    /// Takes no more, and answers what waits: the writer cannot go on.
    pub fn fail(&self, why: &str) {
        let mut waiting = self.waiting();
        waiting.state = State::Failed(why.to_owned());
        waiting.bytes = 0;
        // A sender who went away needs no answer.
        waiting
            .batches
            .drain(..)
            .for_each(|pending| drop(pending.answer.send(Err(Refused::Failed(why.to_owned())))));
        waiting.forgets.drain(..).for_each(|(.., answer)| drop(answer.send(Err(why.to_owned()))));
    }

    /// How many batches wait, how many bytes they are, and how the writer is.
    pub fn look(&self) -> (usize, usize, State) {
        let waiting = self.waiting();
        (waiting.batches.len(), waiting.bytes, waiting.state.clone())
    }
}

impl Waiting {
    /// The first batches up to the bounds of a group, and at least one.
    fn group(&mut self) -> Vec<Pending> {
        let (mut group, mut bytes) = (Vec::new(), 0);
        while let Some(next) = self.batches.front() {
            let fits = group.len() < LIVE_GROUP_BATCHES_MAX && bytes + next.bytes <= LIVE_GROUP_MAX_BYTES;
            if !fits && !group.is_empty() {
                break;
            }
            bytes += next.bytes;
            group.extend(self.batches.pop_front());
        }
        self.bytes -= bytes;
        group
    }
}

impl State {
    fn check(&self) -> Result<(), Refused> {
        match self {
            Self::Running => Ok(()),
            Self::Stopping => Err(Refused::Stopping),
            Self::Failed(why) => Err(Refused::Failed(why.clone())),
        }
    }
}

/// Bytes of a batch in memory, roughly.
fn weight(events: &Events) -> usize {
    let names: usize = events.symbols.iter().map(|symbol| 32 + symbol.as_str().len()).sum();
    size_of::<Events>() + events.events.len() * size_of::<Event>() + names
}
