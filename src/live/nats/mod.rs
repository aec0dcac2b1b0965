//! The NATS feed: messages of a JetStream stream to batches in the journal, each acknowledged once it is durable.
//!
//! In: a server, a stream, the name of a durable consumer. A message's body is a batch in one of `wire`'s formats,
//! named by `Content-Type`; its id is `Nats-Msg-Id`, or its place in the stream. The server sends again what was not
//! acknowledged, and the journal knows again what it has: nothing is lost or doubled, whoever is killed. What cannot
//! be read would come back for ever: it is ended, counted and logged, and never holds up what is behind it.

mod consume;
mod message;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Live;
use crate::limits::{NATS_BACKOFF_MAX_MILLISECONDS, NATS_BACKOFF_MIN_MILLISECONDS, NATS_STOP_SECONDS};

/// What the feed is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server, such as `nats://127.0.0.1:4222`.
    pub url: String,
    /// The stream.
    pub stream: String,
    /// Only this subject of it.
    pub subject: Option<String>,
    /// The consumer's name: under it the server keeps what was acknowledged.
    pub durable: String,
    /// A credentials file.
    pub credentials: Option<PathBuf>,
    /// Who speaks, where a message does not say by `Impactd-Source`.
    pub source: String,
    /// Make the stream where it is missing; it then takes `subject`, or all below its own name.
    pub create: bool,
}

/// How the feed does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether it hears the server.
    pub connected: bool,
    /// Messages that the server has not sent yet; `None` until it has said so.
    pub pending: Option<u64>,
    /// Messages that became durable, or were durable before.
    pub acknowledged: u64,
    /// Messages that the server sent again.
    pub redelivered: u64,
    /// Messages that could not be read, and were ended.
    pub malformed: u64,
    /// Messages that were put off, since the journal was full or busy.
    pub put_off: u64,
    /// Why the connection broke last, or what the last unreadable message was.
    pub last_error: Option<String>,
}

/// The feed.
#[derive(Debug)]
pub struct Feed {
    state: Arc<State>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What the feed's task counts.
#[derive(Debug)]
struct State {
    settings: Settings,
    live: Arc<Live>,
    connected: AtomicBool,
    /// One more than the messages still with the server; 0 while that is not known.
    pending: AtomicU64,
    acknowledged: AtomicU64,
    redelivered: AtomicU64,
    malformed: AtomicU64,
    put_off: AtomicU64,
    last_error: Mutex<Option<String>>,
}

/// Starts the feed on the runtime that this is called in. It connects by itself, for ever.
#[must_use]
pub fn start(settings: Settings, live: Arc<Live>) -> Arc<Feed> {
    let state = Arc::new(State {
        settings,
        live,
        connected: AtomicBool::new(false),
        pending: AtomicU64::new(0),
        acknowledged: AtomicU64::new(0),
        redelivered: AtomicU64::new(0),
        malformed: AtomicU64::new(0),
        put_off: AtomicU64::new(0),
        last_error: Mutex::default(),
    });
    let (stop, stopping) = watch::channel(false);
    let task = tokio::spawn(run(Arc::clone(&state), stopping));
    Arc::new(Feed { state, stop, task: Mutex::new(Some(task)) })
}

/// Follows the stream; where that breaks off, waits a little longer each time and begins again.
async fn run(state: Arc<State>, mut stopping: watch::Receiver<bool>) {
    let mut wait = NATS_BACKOFF_MIN_MILLISECONDS;
    loop {
        let before = state.acknowledged.load(Ordering::Relaxed);
        let stop = stopping.clone();
        let ended = consume::follow(&state, stop).await;
        state.connected.store(false, Ordering::Relaxed);
        let Err(error) = ended else { return };
        let error = error.to_string();
        tracing::warn!(error, wait_milliseconds = wait, "the NATS feed broke off; it begins again");
        state.note(error);
        if state.acknowledged.load(Ordering::Relaxed) > before {
            wait = NATS_BACKOFF_MIN_MILLISECONDS;
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(wait)) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        wait = (wait * 2).min(NATS_BACKOFF_MAX_MILLISECONDS);
    }
}

impl State {
    fn note(&self, error: String) {
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl Feed {
    /// How it does.
    #[must_use]
    pub fn status(&self) -> Status {
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Status {
            connected: self.state.connected.load(Ordering::Relaxed),
            pending: count(&self.state.pending).checked_sub(1),
            acknowledged: count(&self.state.acknowledged),
            redelivered: count(&self.state.redelivered),
            malformed: count(&self.state.malformed),
            put_off: count(&self.state.put_off),
            last_error: self.state.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// What the feed was told, for who looks at it.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.state.settings
    }

    /// Takes no more messages, and waits a moment for those under way; what is not acknowledged by then comes again.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let until = std::time::Instant::now() + Duration::from_secs(NATS_STOP_SECONDS);
        if let Some(task) = task {
            while !task.is_finished() && std::time::Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            task.abort();
        }
    }
}
