//! What the threads of the live side share, and the thread of the engine: the journal read again, then what is new.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::watch;

use super::engine::Engine;
use super::glance::Glance;
use super::hub::Hub;
use super::message::MessageId;
use super::{Failure, LiveError};
use crate::store::ledger::{Fresh, Reader};

/// The engine, the hub, and how they are.
#[derive(Debug)]
pub struct Shared {
    /// Fair: whoever waits to look at it does so between two batches, however many are coming.
    engine: RwLock<Engine>,
    /// What of it can be seen without waiting.
    glance: RwLock<Arc<Glance>>,
    /// Where news go.
    pub hub: Arc<Hub>,
    /// Whether the journal has been read again.
    pub is_recovered: AtomicBool,
    /// Whether threads should end.
    pub is_stopping: AtomicBool,
    /// Why the live side has stopped by itself.
    pub failed: watch::Sender<Option<Failure>>,
    /// Why tables could not be written at the last try.
    pub landing_failed: RwLock<Option<String>>,
}

impl Shared {
    /// Around an engine that has seen nothing.
    pub fn new(engine: Engine) -> Self {
        // Sessions that have landed are not told again.
        let landed = engine.days().values().map(super::day::Day::position).max();
        let floor = landed.map(|position| MessageId { position, number: u32::MAX });
        Self {
            glance: RwLock::new(Arc::new(Glance::of(&engine))),
            engine: RwLock::new(engine),
            hub: Arc::new(Hub::with_floor(floor)),
            is_recovered: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            failed: watch::Sender::new(None),
            landing_failed: RwLock::default(),
        }
    }

    /// The engine, to look at: waits until a batch has passed.
    pub fn engine(&self) -> RwLockReadGuard<'_, Engine> {
        self.engine.read()
    }

    /// What of the engine can be seen without waiting.
    pub fn glance(&self) -> Arc<Glance> {
        Arc::clone(&self.glance.read())
    }

    /// Moves the engine on.
    pub fn change<T>(&self, change: impl FnOnce(&mut Engine) -> T) -> T {
        let mut engine = self.engine.write();
        let changed = change(&mut engine);
        if !self.glance().is_of(&engine) {
            *self.glance.write() = Arc::new(Glance::of(&engine));
        }
        RwLockWriteGuard::unlock_fair(engine);
        changed
    }

    /// Whether threads should end.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// The live side cannot go on.
    pub fn fail(&self, what: String) {
        tracing::error!(what, "live numbers cannot go on");
        self.failed.send_replace(Some(Failure { what }));
    }

    /// Takes a batch, and hands out its news in the order of their places.
    fn take(&self, batch: &Fresh) -> Result<(), LiveError> {
        self.change(|engine| {
            self.hub.publish(engine.take(batch)?);
            Ok(())
        })
    }
}

/// The thread: everything up to `until` from the journal, then what comes.
pub fn run(shared: &Shared, reader: &Reader, until: u64, coming: &Receiver<Fresh>) {
    let alarm = Alarm(shared);
    if let Err(error) = recover(shared, reader, until).and_then(|()| follow(shared, coming)) {
        shared.fail(error.to_string());
    }
    drop(alarm);
}

fn recover(shared: &Shared, reader: &Reader, until: u64) -> Result<(), LiveError> {
    let mut taken = Ok(());
    // Of sessions that have landed, only what came behind that is looked at.
    let wanted = |date| {
        let landed = shared.engine().days().get(&date).map(super::day::Day::position);
        landed.is_none_or(|position| reader.last_of(date).map_or(true, |last| last > Some(position)))
    };
    reader.replay(0, wanted, |batch| {
        if batch.position > until || shared.is_stopping() {
            return false;
        }
        taken = shared.take(&batch);
        taken.is_ok()
    })?;
    taken?;
    shared.is_recovered.store(true, Ordering::Release);
    Ok(())
}

fn follow(shared: &Shared, coming: &Receiver<Fresh>) -> Result<(), LiveError> {
    // Ends when the writer has.
    coming.iter().try_for_each(|batch| shared.take(&batch))
}

/// Tells of a panic.
struct Alarm<'a>(&'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail("the engine's thread panicked; this is a defect, report it".into());
        }
    }
}
