//! One connection from its first byte to its last. In: a TCP stream that has a place. Out: the place, the moment it
//! ends.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use super::heads::{Busy, Heads};
use super::metrics::traffic;
use super::server::Stopping;
use super::stall::Stalling;
use super::tls::Tls;
use crate::limits::{HTTP_HEAD_MAX_BYTES, HTTP_HEAD_SECONDS, HTTP_KEEP_ALIVE_SECONDS, HTTP_WRITE_SECONDS};

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What every connection needs.
#[derive(Clone, Debug)]
pub struct Line {
    /// The answers.
    pub router: Router,
    /// How it is encrypted, if so.
    pub tls: Option<Arc<Tls>>,
    /// Turns true when the daemon stops.
    pub stopping: Stopping,
}

/// Serves a connection until it ends; the place is free again before the stream's last word is on its way.
pub async fn run(line: Line, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
    // Answers are written whole: waiting to fill packets only delays their last one.
    let _ = stream.set_nodelay(true);
    traffic().connections.inc();
    match line.tls.clone() {
        None => serve(line, stream, peer).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => serve(line, stream, peer).await,
            Err(error) => tracing::debug!(%error, %peer, "handshake"),
        },
    }
    traffic().connections.dec();
    drop(place);
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(line: Line, stream: S, peer: SocketAddr) {
    let Line { router, mut stopping, .. } = line;
    let busy = Busy::default();
    let stream = Heads::new(stream, busy.clone(), Duration::from_secs(HTTP_HEAD_SECONDS));
    let stream = Stalling::new(stream, Duration::from_secs(HTTP_WRITE_SECONDS));
    let answers = TowerToHyperService::new(router);
    let told = stopping.clone();
    let answer = service_fn(move |mut request: Request<Incoming>| {
        busy.set(true);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(told.clone());
        let (answered, busy) = (answers.call(request), busy.clone());
        async move {
            let answer = answered.await;
            busy.set(false);
            answer
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HTTP_KEEP_ALIVE_SECONDS))
        .max_buf_size(HTTP_HEAD_MAX_BYTES)
        .max_header_size(HTTP_HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(stream), answer);
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = stopping.begun() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}
