//! Connections that keep a place and ask nothing, in the order in which they began to. When all places are taken the
//! first of them gives its own up: who rests on a connection, or sends a request drop by drop, keeps nobody out.
//!
//! In: when a request's head has come, when its body is whole, when its answer is given. Out: who has to leave.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;

/// All connections.
#[derive(Clone, Debug, Default)]
pub struct Guests(Arc<Mutex<Idle>>);

/// Those without a whole request, by when they began to be so.
#[derive(Debug, Default)]
struct Idle {
    tickets: u64,
    leave: BTreeMap<u64, Arc<Notify>>,
}

impl Guests {
    /// A connection begins, without a request.
    pub fn welcome(&self) -> Arc<Guest> {
        let guest = Guest {
            guests: self.clone(),
            leave: Arc::new(Notify::new()),
            ticket: Mutex::new(None),
            has_asked: AtomicBool::new(false),
        };
        guest.idles();
        Arc::new(guest)
    }

    /// Tells the one that has been idle longest to leave; nobody where all are being served. Whether there was one.
    pub fn dismiss_one(&self) -> bool {
        let Some((_, leave)) = self.idle().leave.pop_first() else { return false };
        leave.notify_one();
        true
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Nothing is left half done by whoever panicked with it in hand.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection.
#[derive(Debug)]
pub struct Guest {
    guests: Guests,
    leave: Arc<Notify>,
    /// Its place among the idle; none while a whole request is being answered.
    ticket: Mutex<Option<u64>>,
    /// A head has come whose answer is not given yet.
    has_asked: AtomicBool,
}

impl Guest {
    /// Whether a head has come whose answer is not given yet.
    pub fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// Whether a request is there as a whole, and its answer is not given yet.
    pub fn is_served(&self) -> bool {
        self.ticket().is_none()
    }

    /// Waits until it has to leave.
    pub async fn dismissed(&self) {
        self.leave.notified().await;
    }

    /// A head has come. Gives the request's body, which tells when it has been read, and what goes with the answer.
    pub fn asks(self: &Arc<Self>, body: Body) -> (Body, Asked) {
        self.has_asked.store(true, Ordering::Relaxed);
        let read = Read(Arc::clone(self));
        // A body of no length has been read: its guard goes at once.
        let body = if body.is_end_stream() { body } else { holding(body, read) };
        (body, Asked(Arc::clone(self)))
    }

    fn idles(&self) {
        let mut idle = self.guests.idle();
        idle.tickets += 1;
        let ticket = idle.tickets;
        idle.leave.insert(ticket, Arc::clone(&self.leave));
        let before = self.ticket().replace(ticket);
        before.map(|before| idle.leave.remove(&before));
    }

    fn serves(&self) {
        let mut idle = self.guests.idle();
        self.ticket().take().map(|ticket| idle.leave.remove(&ticket));
    }

    fn ticket(&self) -> MutexGuard<'_, Option<u64>> {
        self.ticket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.serves();
    }
}

/// A request whose body is being read; dropped with it.
#[derive(Debug)]
struct Read(Arc<Guest>);

impl Drop for Read {
    fn drop(&mut self) {
        self.0.serves();
    }
}

/// A request under way, from its head to the last byte of its answer.
#[derive(Debug)]
pub struct Asked(Arc<Guest>);

impl Asked {
    /// Goes with the answer to its end.
    pub fn with(self, answer: Body) -> Body {
        holding(answer, self)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.has_asked.store(false, Ordering::Relaxed);
        self.0.idles();
    }
}

/// A body with something that is dropped when it is.
fn holding(body: Body, held: impl Send + Sync + Unpin + 'static) -> Body {
    Body::new(Holding { body, _held: held })
}

struct Holding<G> {
    body: Body,
    _held: G,
}

impl<G: Unpin> HttpBody for Holding<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
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
    use futures_util::FutureExt;

    use super::*;

    fn has_to_leave(guest: &Guest) -> bool {
        guest.dismissed().now_or_never().is_some()
    }

    #[tokio::test]
    async fn who_has_been_idle_longest_leaves_and_who_is_served_stays() {
        let guests = Guests::default();
        let [served, first, second] = [(); 3].map(|()| guests.welcome());
        let (body, asked) = served.asks(Body::empty());
        assert!(served.has_asked() && served.is_served());
        assert!(guests.dismiss_one());
        assert!(has_to_leave(&first) && !has_to_leave(&second) && !has_to_leave(&served));
        drop((body, asked));
        assert!(!served.has_asked() && !served.is_served());
        assert!(guests.dismiss_one());
        assert!(has_to_leave(&second), "it has been idle for longer than the one whose answer was given");
        assert!(guests.dismiss_one());
        assert!(has_to_leave(&served));
    }

    #[tokio::test]
    async fn a_body_that_is_still_coming_is_no_request_yet() {
        let guests = Guests::default();
        let guest = guests.welcome();
        let (body, asked) = guest.asks(Body::from("x"));
        assert!(guest.has_asked() && !guest.is_served());
        drop(body);
        assert!(guest.is_served());
        let answer = asked.with(Body::from("answer"));
        assert_eq!(answer.size_hint().exact(), Some(6));
        assert!(guest.is_served());
        drop(answer);
        assert!(!guest.is_served());
    }

    #[tokio::test]
    async fn who_has_gone_is_not_told() {
        let guests = Guests::default();
        drop(guests.welcome());
        let here = guests.welcome();
        assert!(guests.dismiss_one() && has_to_leave(&here));
        assert!(!guests.dismiss_one());
    }
}
