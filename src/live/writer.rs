//! The one thread that writes the journal. In: batches, through a bounded queue. Out: to each sender an answer once its
//! batch is durable, and every new event onward to the engine, in journal order.
//!
//! What waits is written in one transaction, so that a disk's slow sync is shared by all who wait for it. A full disk
//! refuses the batches it was full for and no more; any other failed write ends the writer, and with it the daemon:
//! what is on the disk is then only known by reading it again.

use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use tokio::sync::watch;

use super::writer_queue::{Answer, Pending, Queue, State, Work};
use crate::ingest::Events;
use crate::store::crash;
use crate::store::ledger::{Appended, Fresh, Journal, LedgerError, Outcome, Refused};

/// Upper bounds of the histograms of commits and of answers, seconds.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// What the writer did since the daemon started; clones count together.
#[derive(Clone, Debug)]
pub struct WriterMeters {
    /// Batches made durable.
    pub batches: Counter,
    /// Events made durable.
    pub events: Counter,
    /// Events that were there already.
    pub duplicates: Counter,
    /// Batches that were there already, answered with their first receipt.
    pub again: Counter,
    /// Batches refused, by kind.
    pub refused: Family<Refusal, Counter>,
    /// Seconds of each commit.
    pub commit_seconds: Histogram,
    /// Seconds from a batch's coming to the answer that it is durable.
    pub ack_seconds: Histogram,
}

/// Why a batch was refused, as a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refusal {
    kind: &'static str,
}

/// How the writer is at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterStatus {
    /// Whether it runs.
    pub state: State,
    /// Batches that wait to become durable.
    pub queue_batches: usize,
    /// Bytes of these, in memory.
    pub queue_bytes: usize,
    /// The journal's files on the disk.
    pub journal_bytes: u64,
    /// The last batch's place in the journal; 0 where there never was one.
    pub position: u64,
}

/// The writer, held by all who send.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Queue,
    meters: WriterMeters,
    journal_bytes: AtomicU64,
    position: AtomicU64,
    failed: watch::Sender<Option<String>>,
}

impl Writer {
    /// Starts the thread on a journal; new events go `onward`, and the thread waits where that is full.
    ///
    /// # Errors
    /// When the journal cannot be read or there is no thread to be had.
    pub fn start(journal: Journal, onward: SyncSender<Fresh>) -> Result<Self, LedgerError> {
        let position = journal.reader()?.position()?;
        let shared = Arc::new(Shared {
            queue: Queue::default(),
            meters: WriterMeters::default(),
            journal_bytes: AtomicU64::new(journal.bytes()),
            position: AtomicU64::new(position),
            failed: watch::Sender::new(None),
        });
        let desk = Desk { shared: Arc::clone(&shared), journal, onward, unswept: true };
        let thread = thread::Builder::new().name("journal".into()).spawn(move || desk.run());
        let thread =
            thread.map_err(|e| crate::store::StoreError::io("journal".as_ref(), "starting its thread", e))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Makes a batch durable; an answer means that it is.
    ///
    /// # Errors
    /// When the batch was not taken; nothing of it is in the journal then.
    pub async fn append(&self, events: Events) -> Answer {
        let asked = Instant::now();
        let answer = match self.shared.queue.put(events) {
            Ok(answered) => answered.await.unwrap_or_else(|_| Err(self.gone())),
            Err(refused) => Err(refused),
        };
        self.shared.meters.answered(&answer, asked.elapsed());
        answer
    }

    /// The same from a thread that may wait; never from the one that takes what goes onward.
    ///
    /// # Errors
    /// As there.
    pub fn append_and_wait(&self, events: Events) -> Answer {
        let answered = self.shared.queue.put(events)?;
        answered.blocking_recv().unwrap_or_else(|_| Err(self.gone()))
    }

    /// Lets a session go from the journal; likewise from a thread that may wait. False where events of it have come
    /// behind `up_to`: then it stays.
    ///
    /// # Errors
    /// When that could not be written.
    pub fn forget_and_wait(&self, date: NaiveDate, up_to: u64) -> Result<bool, String> {
        let answered = self.shared.queue.put_forget(date, up_to).map_err(|e| e.to_string())?;
        answered.blocking_recv().unwrap_or_else(|_| Err(self.gone().to_string()))
    }

    fn gone(&self) -> Refused {
        Refused::Failed("the writer is gone".into())
    }

    /// What it did.
    #[must_use]
    pub fn meters(&self) -> &WriterMeters {
        &self.shared.meters
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> WriterStatus {
        let (queue_batches, queue_bytes, state) = self.shared.queue.look();
        let journal_bytes = self.shared.journal_bytes.load(Ordering::Relaxed);
        let position = self.shared.position.load(Ordering::Relaxed);
        WriterStatus { state, queue_batches, queue_bytes, journal_bytes, position }
    }

    /// Waits until it cannot write any more, and says why; the daemon must exit then.
    pub async fn failed(&self) -> String {
        let mut failed = self.shared.failed.subscribe();
        match failed.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            // Never while `self` is there.
            Err(_) => "the writer is gone".into(),
        }
    }

    /// Takes no more batches, has those that wait made durable, and ends the thread. Whoever takes what goes onward
    /// must still do so. May be called again.
    pub fn stop(&self) {
        self.shared.queue.stop();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic has been told by `failed`.
        thread.map(JoinHandle::join);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the thread works with.
struct Desk {
    shared: Arc<Shared>,
    journal: Journal,
    onward: SyncSender<Fresh>,
    /// Rows of forgotten sessions may be left.
    unswept: bool,
}

impl Desk {
    fn run(mut self) {
        let alarm = Alarm(Arc::clone(&self.shared));
        while let Some(work) = self.shared.queue.take(self.unswept) {
            let done = match work {
                Work::Group(group) => self.make_durable(group),
                Work::Forget(date, up_to, answer) => {
                    let forgotten = self.journal.forget(date, up_to);
                    let done = match &forgotten {
                        Ok(_) | Err(LedgerError::Full { .. }) => Ok(()),
                        Err(error) => Err(error.to_string()),
                    };
                    self.unswept = true;
                    // Whoever asked may have gone.
                    let _ = answer.send(forgotten.map_err(|e| e.to_string()));
                    done
                }
                Work::Idle => self.tidy(),
            };
            if let Err(why) = done.and_then(|()| self.empty_log()) {
                alarm.raise(&why);
                return;
            }
        }
        // What is left in the log is safe there; a start reads it.
        let _ = self.empty_log();
    }

    /// Writes a group, answers its senders, and hands its new events on.
    fn make_durable(&mut self, group: Vec<Pending>) -> Result<(), String> {
        let (batches, senders): (Vec<_>, Vec<_>) = group.into_iter().map(|p| (p.events, p.answer)).unzip();
        let begun = Instant::now();
        let outcomes = self.append(&batches);
        self.shared.meters.commit_seconds.observe(begun.elapsed().as_secs_f64());
        drop(batches);
        crash::point("before_ack");
        let (mut fresh, mut failed) = (Vec::new(), None);
        for (outcome, sender) in outcomes.into_iter().zip(senders) {
            self.shared.meters.note(&outcome);
            if let Err(Refused::Failed(why)) = &outcome {
                failed = Some(why.clone());
            }
            let answer = outcome.map(|(answer, new)| {
                // Before the sender hears of it: who asks then how far the journal is finds its own batch.
                new.iter().for_each(|batch| self.shared.position.store(batch.position, Ordering::Relaxed));
                fresh.extend(new);
                answer
            });
            // A sender who went away asks again.
            let _ = sender.send(answer);
        }
        crash::point("after_ack");
        failed.map_or(Ok(()), Err)?;
        for batch in fresh {
            self.onward.send(batch).map_err(|_| "what follows the journal has stopped".to_owned())?;
        }
        Ok(())
    }

    /// Together; one by one where there is no room for all.
    fn append(&mut self, batches: &[Events]) -> Vec<Outcome> {
        let together = self.journal.append(batches);
        let is_full = |outcome: &Outcome| matches!(outcome, Err(Refused::Full(_)));
        if batches.len() == 1 || !together.iter().all(is_full) {
            return together;
        }
        batches.iter().flat_map(|batch| self.journal.append(slice::from_ref(batch))).collect()
    }

    fn tidy(&mut self) -> Result<(), String> {
        match self.journal.sweep() {
            Ok(more) => self.unswept = more,
            // Not for want of room: then it is tried again with the next session.
            Err(LedgerError::Full { .. }) => self.unswept = false,
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }

    /// Moves the log into the journal's file once it is long. On a full disk it stays where it is, which is durable.
    fn empty_log(&mut self) -> Result<(), String> {
        let emptied = if self.journal.wants_checkpoint() { self.journal.checkpoint() } else { Ok(()) };
        self.shared.journal_bytes.store(self.journal.bytes(), Ordering::Relaxed);
        match emptied {
            Ok(()) => Ok(()),
            Err(LedgerError::Full { what, .. }) => {
                tracing::warn!(what, "the journal's log cannot be emptied");
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Tells of the thread's end where that was not asked for.
struct Alarm(Arc<Shared>);

impl Alarm {
    fn raise(&self, why: &str) {
        tracing::error!(why, "the journal cannot be written any more");
        self.0.queue.fail(why);
        self.0.failed.send_replace(Some(why.to_owned()));
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if thread::panicking() {
            self.raise("the writer's thread panicked");
        }
    }
}

impl Refusal {
    fn of(refused: &Refused) -> Self {
        let kind = match refused {
            Refused::Conflict(_) => "conflict",
            Refused::Gone(_) => "gone",
            Refused::Unfit(_) => "unfit",
            Refused::Full(_) => "full",
            Refused::Busy => "busy",
            Refused::Stopping => "stopping",
            Refused::Failed(_) => "failed",
        };
        Self { kind }
    }
}

impl WriterMeters {
    /// A sender from outside was answered.
    fn answered(&self, answer: &Answer, took: Duration) {
        match answer {
            Ok(_) => self.ack_seconds.observe(took.as_secs_f64()),
            Err(refused) => drop(self.refused.get_or_create(&Refusal::of(refused)).inc()),
        }
    }

    fn note(&self, outcome: &Outcome) {
        match outcome {
            Ok((Appended::Durable(receipt), _)) => {
                self.batches.inc();
                self.events.inc_by(receipt.accepted);
                self.duplicates.inc_by(receipt.duplicates);
            }
            Ok((Appended::Again(_), _)) => drop(self.again.inc()),
            Err(_) => {}
        }
    }
}

impl Default for WriterMeters {
    fn default() -> Self {
        Self {
            batches: Counter::default(),
            events: Counter::default(),
            duplicates: Counter::default(),
            again: Counter::default(),
            refused: Family::default(),
            commit_seconds: Histogram::new(SECONDS),
            ack_seconds: Histogram::new(SECONDS),
        }
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
