//! The accept loop. Heads have a deadline and a size, connections a cap, and stopping an end: what `axum::serve`
//! does not offer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch};

use super::stall::Stalling;
use super::turned_away::TurnedAway;
use crate::limits::{
    HTTP_CONNECTIONS_MAX, HTTP_DRAIN_SECONDS, HTTP_HEAD_MAX_BYTES, HTTP_HEAD_SECONDS, HTTP_WRITE_SECONDS,
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
    /// Waits until it does; for ever where nobody can say so.
    pub async fn begun(&mut self) {
        if self.0.wait_for(|stopping| *stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Serves until SIGTERM or SIGINT, then lets answers under way finish.
///
/// # Errors
/// When the operating system refuses signal handlers.
pub async fn serve(listener: TcpListener, router: Router) -> std::io::Result<Stopped> {
    let mut signals = Signals::new()?;
    let connections = Arc::new(Semaphore::new(HTTP_CONNECTIONS_MAX));
    let mut turned_away = TurnedAway::default();
    let (stop, stopping) = watch::channel(false);
    let router = router.layer(Extension(Stopping(stopping.clone())));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = signals.next() => break,
        };
        match accepted {
            Ok((stream, _)) => match connections.clone().try_acquire_owned() {
                Ok(permit) => {
                    let connection = connection(stream, router.clone(), stopping.clone());
                    tokio::spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(_) => turned_away.one(&stream),
            },
            Err(error) => {
                // Such as too many open files: connections that end will free some.
                tracing::warn!(%error, "accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    stop.send_replace(true);
    let all = u32::try_from(HTTP_CONNECTIONS_MAX).unwrap_or(u32::MAX);
    Ok(tokio::select! {
        _ = connections.acquire_many(all) => Stopped::Drained,
        () = tokio::time::sleep(Duration::from_secs(HTTP_DRAIN_SECONDS)) => Stopped::Broken,
        () = signals.next() => Stopped::AtOnce,
    })
}

async fn connection(stream: TcpStream, router: Router, mut stopping: watch::Receiver<bool>) {
    // Answers are written whole: waiting to fill packets only delays their last one.
    let _ = stream.set_nodelay(true);
    let stream = Stalling::new(stream, Duration::from_secs(HTTP_WRITE_SECONDS));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HTTP_HEAD_SECONDS))
        .max_buf_size(HTTP_HEAD_MAX_BYTES)
        .max_header_size(HTTP_HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = pin!(served);
    let stop = async {
        // Fails only when the sender is gone, which means the same.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = stop => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
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

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
