//! A stream whose other side must send its heads in time. In: a connection. Out: the same, that fails when a request's
//! head takes too long, or nothing is asked for a long while.
//!
//! hyper knows one patience for both; a head must come in seconds, while a connection that was useful may rest longer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::guests::Guest;

/// A stream with patience for heads.
#[derive(Debug)]
pub struct Heads<S> {
    stream: S,
    guest: Arc<Guest>,
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
    /// Some of a head has come, or the connection is new.
    begun: bool,
}

impl<S> Heads<S> {
    /// Gives the other side so long for a head, from its first byte or from now on.
    pub fn new(stream: S, guest: Arc<Guest>, patience: Duration) -> Self {
        Self { stream, guest, patience, deadline: Box::pin(tokio::time::sleep(patience)), begun: true }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heads<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.guest.has_asked() {
            self.begun = false;
            return read;
        }
        if read.is_ready() && !self.begun {
            self.begun = true;
            let end = Instant::now() + self.patience;
            self.deadline.as_mut().reset(end);
        }
        // Also when bytes came: one byte at a time must not stretch it.
        if self.begun && self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the request's head is slow")));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heads<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::super::guests::Guests;
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(200);

    /// Sends a byte every few milliseconds for as long as anybody reads.
    async fn drip(mut into: tokio::io::DuplexStream) {
        while into.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn a_head_in_drops_ends_with_its_patience() {
        let (ours, theirs) = duplex(64);
        tokio::spawn(drip(theirs));
        let mut stream = Heads::new(ours, Guests::default().welcome(), PATIENCE);
        let error = loop {
            if let Err(error) = stream.read_u8().await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_connection_that_was_useful_may_rest_and_its_next_head_has_the_same_patience() {
        let (ours, mut theirs) = duplex(64);
        let guest = Guests::default().welcome();
        let mut stream = Heads::new(ours, Arc::clone(&guest), PATIENCE);
        theirs.write_all(b"GE").await.expect("sent");
        let asked = guest.asks(Body::empty());
        stream.read_u8().await.expect("a byte");
        stream.read_u8().await.expect("a byte");
        drop(asked);
        let rest = tokio::time::timeout(3 * PATIENCE, stream.read_u8()).await;
        assert!(rest.is_err(), "it rests longer than a head may take");
        theirs.write_all(b"G").await.expect("sent");
        stream.read_u8().await.expect("a byte");
        let error = stream.read_u8().await.expect_err("the rest of the head does not come");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
