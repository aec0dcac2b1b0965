//! A stream whose other side must send its heads in time. In: a connection. Out: the same, that fails when a request's
//! head takes too long, or nothing is asked for a long while.
//!
//! hyper knows one patience for both; a head must come in seconds, while a connection that was useful may rest longer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Whether a request is being answered: who serves the connection says so.
#[derive(Clone, Debug, Default)]
pub struct Busy(Arc<AtomicBool>);

impl Busy {
    /// A head has come, or its answer has begun.
    pub fn set(&self, busy: bool) {
        self.0.store(busy, Ordering::Relaxed);
    }
}

/// A stream with patience for heads.
#[derive(Debug)]
pub struct Heads<S> {
    stream: S,
    busy: Busy,
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
    /// Some of a head has come, or the connection is new.
    begun: bool,
}

impl<S> Heads<S> {
    /// Gives the other side so long for a head, from its first byte or from now on.
    pub fn new(stream: S, busy: Busy, patience: Duration) -> Self {
        Self { stream, busy, patience, deadline: Box::pin(tokio::time::sleep(patience)), begun: true }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heads<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.busy.0.load(Ordering::Relaxed) {
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Reads byte by byte until it fails or ends; how long that took.
    async fn read_out(stream: &mut Heads<tokio::io::DuplexStream>) -> (Duration, io::Result<u64>) {
        let start = Instant::now();
        let mut count = 0;
        loop {
            match stream.read_u8().await {
                Ok(_) => count += 1,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return (start.elapsed(), Ok(count));
                }
                Err(error) => return (start.elapsed(), Err(error)),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_in_drops_ends_with_its_patience_and_rest_is_free() {
        let (ours, mut theirs) = duplex(64);
        let busy = Busy::default();
        let mut stream = Heads::new(ours, busy.clone(), PATIENCE);
        let drip = tokio::spawn(async move {
            for _ in 0..60 {
                if theirs.write_all(b"G").await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            theirs
        });
        let (took, read) = read_out(&mut stream).await;
        assert_eq!(read.expect_err("slow").kind(), io::ErrorKind::TimedOut);
        assert!((9..=11).contains(&took.as_secs()), "{took:?}");
        drop(stream);
        drop(drip.await);

        let (ours, mut theirs) = duplex(64);
        let mut stream = Heads::new(ours, busy.clone(), PATIENCE);
        tokio::spawn(async move {
            let _ = theirs.write_all(b"GET").await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        });
        assert!(stream.read_u8().await.is_ok());
        busy.set(true);
        assert!(stream.read_u8().await.is_ok());
        busy.set(false);
        // A byte of the next head, then nothing.
        assert!(stream.read_u8().await.is_ok());
        let (took, read) = read_out(&mut stream).await;
        assert!(read.is_err() && (9..=11).contains(&took.as_secs()), "{took:?}");
    }
}
