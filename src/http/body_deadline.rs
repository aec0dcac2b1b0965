//! A body that must come in time. In: a request's body. Out: the same, that fails when it is not whole by its deadline;
//! and whether that happened, since whoever reads it only sees that it broke off.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

/// Whether a body came too slowly.
#[derive(Clone, Debug, Default)]
pub struct TooSlow(Arc<AtomicBool>);

impl TooSlow {
    /// Whether it did.
    pub fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Gives a body so long to be whole.
pub fn within(body: Body, patience: Duration) -> (Body, TooSlow) {
    let too_slow = TooSlow::default();
    let deadline = Box::pin(tokio::time::sleep(patience));
    (Body::new(Timed { body, deadline, too_slow: too_slow.clone() }), too_slow)
}

struct Timed {
    body: Body,
    deadline: Pin<Box<Sleep>>,
    too_slow: TooSlow,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            self.too_slow.0.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("the body came too slowly"))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// A body of some bytes, one every few milliseconds.
    fn drip(bytes: u64) -> Body {
        Body::from_stream(stream::unfold(0, move |sent| async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            (sent < bytes).then(|| (Ok::<_, axum::Error>(Bytes::from_static(b"x")), sent + 1))
        }))
    }

    #[tokio::test]
    async fn a_body_in_drops_ends_with_its_deadline() {
        let (body, slow) = within(drip(20), Duration::from_secs(60));
        let whole = axum::body::to_bytes(body, 100).await.expect("in time");
        assert_eq!((whole.len(), slow.is_so()), (20, false));
        let (body, slow) = within(drip(u64::MAX), Duration::from_millis(200));
        assert!(axum::body::to_bytes(body, usize::MAX).await.is_err() && slow.is_so());
    }
}
