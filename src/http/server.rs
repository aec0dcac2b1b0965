//! The accept loop. Heads have a deadline and a size, connections a cap, and stopping an end: what `axum::serve`
//! does not offer.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch};

use super::connection::{self, Line};
use super::guests::Guests;
use super::tls::Tls;
use super::turned_away::TurnedAway;
use crate::limits::{
    HTTP_CONNECTION_WAIT_MILLIS, HTTP_CONNECTIONS_MAX, HTTP_CONNECTIONS_WAITING_MAX, HTTP_DRAIN_SECONDS,
    HTTP_PLACE_WAIT_MILLIS,
};

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Every answer under way was given.
    Drained,
    /// Some answers took too long and were broken off.
    Broken,
    /// A second signal asked not to wait.
    AtOnce,
}

/// Whether the daemon stops, for answers that would go on for ever.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Receiver<bool>);

impl Default for Stopping {
    /// Never.
    fn default() -> Self {
        Self(watch::channel(false).1)
    }
}

impl Stopping {
    /// Whether it does.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it does; for ever where nobody can say so.
    pub async fn begun(&mut self) {
        if self.0.wait_for(|stopping| *stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// How to serve.
pub struct Serving {
    /// How connections are encrypted, if so.
    pub tls: Option<Arc<Tls>>,
    /// How long answers under way may take once the daemon stops.
    pub drain: Duration,
    /// Is sent true when the daemon begins to stop: readiness and streams may listen.
    pub stopping: watch::Sender<bool>,
    /// What SIGHUP reads again beside the certificate. It may block.
    pub reload: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Serving {
    fn default() -> Self {
        let drain = Duration::from_secs(HTTP_DRAIN_SECONDS);
        Self { tls: None, drain, stopping: watch::Sender::new(false), reload: Arc::new(|| {}) }
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").field("tls", &self.tls).field("drain", &self.drain).finish_non_exhaustive()
    }
}

/// Serves until SIGTERM or SIGINT, then lets answers under way finish. SIGHUP reads certificate and key again. Signals
/// count from the call on, before the future is first polled: whoever is told then that the daemon listens may send
/// one.
///
/// # Errors
/// When the operating system refuses signal handlers.
pub fn serve(
    listener: TcpListener,
    router: Router,
    serving: Serving,
) -> std::io::Result<impl Future<Output = Stopped>> {
    let signals = Signals::new()?;
    let hangup = signal(SignalKind::hangup())?;
    Ok(until_told(listener, router, serving, signals, hangup))
}

async fn until_told(
    listener: TcpListener,
    router: Router,
    serving: Serving,
    mut signals: Signals,
    mut hangup: Signal,
) -> Stopped {
    let Serving { tls, drain, stopping: stop, reload } = serving;
    let stopping = Stopping(stop.subscribe());
    let door = Door::new(Line { router, tls: tls.clone(), stopping, guests: Guests::default() });
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => door.take(stream, peer),
                Err(error) => {
                    // Such as too many open files: connections that end will free some.
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            _ = hangup.recv() => {
                let (tls, reload) = (tls.clone(), reload.clone());
                tokio::task::spawn_blocking(move || {
                    if let Some(tls) = tls {
                        tls.reload();
                    }
                    reload();
                });
            },
            () = signals.stop() => break,
        }
    }
    drop(listener);
    stop.send_replace(true);
    let all = u32::try_from(HTTP_CONNECTIONS_MAX).unwrap_or(u32::MAX);
    tokio::select! {
        _ = door.places.acquire_many(all) => Stopped::Drained,
        () = tokio::time::sleep(drain) => Stopped::Broken,
        () = signals.stop() => Stopped::AtOnce,
    }
}

/// Who is let in.
struct Door {
    line: Line,
    places: Arc<Semaphore>,
    /// For those who find no place and wait a moment for one.
    bench: Arc<Semaphore>,
    turned_away: Arc<TurnedAway>,
}

impl Door {
    fn new(line: Line) -> Self {
        let semaphore = |places| Arc::new(Semaphore::new(places));
        let (places, bench) = (semaphore(HTTP_CONNECTIONS_MAX), semaphore(HTTP_CONNECTIONS_WAITING_MAX));
        Self { line, places, bench, turned_away: Arc::default() }
    }

    /// Gives a connection a place. Where there is none, the connection that has asked nothing for longest gives up
    /// its own, or one may become free: a client that has its answer comes back before the end of its last connection
    /// is known here. So a few may wait for a moment.
    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let (line, turned_away) = (self.line.clone(), self.turned_away.clone());
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            tokio::spawn(connection::run(line, stream, peer, place));
            return;
        }
        let Ok(seat) = self.bench.clone().try_acquire_owned() else {
            return turned_away.one(&stream);
        };
        let free = self.places.clone().acquire_owned();
        // A place that is given up comes for certain, on a machine that is busy a little later.
        let is_given_up = line.guests.dismiss_one();
        let wait = if is_given_up { HTTP_PLACE_WAIT_MILLIS } else { HTTP_CONNECTION_WAIT_MILLIS };
        let wait = Duration::from_millis(wait);
        tokio::spawn(async move {
            let place = tokio::time::timeout(wait, free).await;
            drop(seat);
            match place {
                Ok(Ok(place)) => connection::run(line, stream, peer, place).await,
                _ => turned_away.one(&stream),
            }
        });
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
