//! One connection from its first byte to its last. In: a TCP stream that has a place. Out: the place, the moment it
//! ends.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use super::guests::{Guest, Guests};
use super::heads::Heads;
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
    /// All connections that have a place.
    pub guests: Guests,
}

/// Serves a connection until it ends; the place is free again before the stream's last word is on its way.
pub async fn run(line: Line, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
    // Answers are written whole: waiting to fill packets only delays their last one.
    let _ = stream.set_nodelay(true);
    traffic().connections.inc();
    let guest = line.guests.welcome();
    tokio::select! {
        () = shake_hands_and_serve(line, stream, peer, Arc::clone(&guest)) => {}
        () = dismissed(&guest) => tracing::debug!(%peer, "asked nothing, and its place was needed"),
    }
    traffic().connections.dec();
    drop(place);
}

/// Waits until the connection has to leave. One whose request has come meanwhile may stay.
async fn dismissed(guest: &Guest) {
    loop {
        guest.dismissed().await;
        if !guest.is_served() {
            return;
        }
    }
}

async fn shake_hands_and_serve(line: Line, stream: TcpStream, peer: SocketAddr, guest: Arc<Guest>) {
    match line.tls.clone() {
        None => serve(line, stream, peer, guest).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => serve(line, stream, peer, guest).await,
            Err(error) => tracing::debug!(%error, %peer, "handshake"),
        },
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    line: Line,
    stream: S,
    peer: SocketAddr,
    guest: Arc<Guest>,
) {
    let Line { router, mut stopping, .. } = line;
    let stream = Heads::new(stream, Arc::clone(&guest), Duration::from_secs(HTTP_HEAD_SECONDS));
    let stream = Stalling::new(stream, Duration::from_secs(HTTP_WRITE_SECONDS));
    let answers = TowerToHyperService::new(router);
    let told = stopping.clone();
    let answer = service_fn(move |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        let (body, asked) = guest.asks(Body::new(body));
        let mut request = Request::from_parts(head, body);
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(told.clone());
        let answered = answers.call(request);
        async move { answered.await.map(|answer| answer.map(|body| asked.with(body))) }
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
