//! The ring of the latest messages, and who listens to it.
//!
//! In: messages in the order of their places. Out: the same to every [`Subscription`], each at its own pace. Nobody is
//! waited for: who falls so far behind that the ring has passed is told so and must come again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::message::{Message, MessageId};
use crate::limits::{LIVE_RING_MESSAGES, LIVE_SUBSCRIBERS_MAX};

/// What a subscriber hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// The next message.
    Message(Arc<Message>),
    /// What the subscriber asked to resume after is not held any more: messages are missing, read the state anew.
    Reset,
    /// The subscriber was too slow: messages are missing, and no more will come.
    Cut,
}

/// The latest messages.
#[derive(Debug, Default)]
struct Ring {
    messages: VecDeque<Arc<Message>>,
    /// How many have left the ring: the number of its first message among all.
    left: u64,
    /// Up to here messages may be missing: those of sessions that had landed before the start are not told again.
    floor: Option<MessageId>,
    subscribers: usize,
    closed: bool,
}

/// Where messages are handed out.
#[derive(Debug)]
pub struct Hub {
    ring: Mutex<Ring>,
    ends: watch::Sender<u64>,
}

impl Hub {
    /// Where messages of this place and before may be missing.
    pub fn with_floor(floor: Option<MessageId>) -> Self {
        let ring = Ring { floor, ..Ring::default() };
        Self { ring: Mutex::new(ring), ends: watch::Sender::new(0) }
    }

    /// Hands out messages.
    pub fn publish(&self, messages: impl IntoIterator<Item = Message>) {
        let mut ring = self.ring();
        ring.messages.extend(messages.into_iter().map(Arc::new));
        while ring.messages.len() > LIVE_RING_MESSAGES {
            ring.messages.pop_front();
            ring.left += 1;
        }
        self.tell(&ring);
    }

    /// Listens from behind a message on, or from now on; none when as many listen as may. A message from beyond `last`,
    /// the journal's last position, was of another journal.
    pub fn subscribe(self: &Arc<Self>, after: Option<MessageId>, last: u64) -> Option<Subscription> {
        let mut ring = self.ring();
        if ring.subscribers >= LIVE_SUBSCRIBERS_MAX {
            return None;
        }
        ring.subscribers += 1;
        let end = ring.left + ring.messages.len() as u64;
        let is_foreign = after.is_some_and(|after| after.position > last);
        let after = after.filter(|_| !is_foreign);
        let (next, reset) = match after {
            None => (end, false),
            Some(after) => {
                let behind = ring.messages.partition_point(|message| message.id <= after);
                let told_all =
                    ring.floor.is_none_or(|floor| after >= floor) && (behind > 0 || ring.left == 0);
                (ring.left + behind as u64, !told_all)
            }
        };
        let ends = self.ends.subscribe();
        let reset = reset || is_foreign;
        Some(Subscription { hub: Arc::clone(self), ends, next, after, reset, is_cut: false })
    }

    /// Subscriptions end behind the last message.
    pub fn close(&self) {
        let mut ring = self.ring();
        ring.closed = true;
        self.tell(&ring);
    }

    /// How many messages were handed out since the start, those of the journal read again among them.
    pub fn told(&self) -> u64 {
        let ring = self.ring();
        ring.left + ring.messages.len() as u64
    }

    /// How many listen.
    pub fn subscribers(&self) -> usize {
        self.ring().subscribers
    }

    fn tell(&self, ring: &Ring) {
        self.ends.send_replace(ring.left + ring.messages.len() as u64);
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Whoever panicked with it in hand has at most not told of a message.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One listener.
#[derive(Debug)]
pub struct Subscription {
    hub: Arc<Hub>,
    ends: watch::Receiver<u64>,
    next: u64,
    /// Messages up to here were heard before, though a daemon that was started again makes them anew.
    after: Option<MessageId>,
    reset: bool,
    is_cut: bool,
}

impl Subscription {
    /// The next thing to hear; none when there is no more. May be dropped while it waits, and asked again.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            match self.at_hand() {
                Ok(heard) => return heard,
                Err(()) => self.ends.changed().await.ok()?,
            }
        }
    }

    /// What can be told at once; an error when there is nothing yet.
    fn at_hand(&mut self) -> Result<Option<Heard>, ()> {
        if std::mem::take(&mut self.reset) {
            return Ok(Some(Heard::Reset));
        }
        if self.is_cut {
            return Ok(None);
        }
        self.ends.mark_unchanged();
        let ring = self.hub.ring();
        if self.next < ring.left {
            // What has passed was heard before, if what comes now was.
            if ring.messages.front().is_none_or(|first| Some(first.id) > self.after) {
                self.is_cut = true;
                return Ok(Some(Heard::Cut));
            }
            self.next = ring.left;
        }
        while let Some(message) = ring.messages.get((self.next - ring.left) as usize) {
            self.next += 1;
            if Some(message.id) > self.after {
                return Ok(Some(Heard::Message(Arc::clone(message))));
            }
        }
        if ring.closed { Ok(None) } else { Err(()) }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.ring().subscribers -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{News, SessionState};
    use chrono::NaiveDate;

    fn message(position: u64, number: u32) -> Message {
        let news = News::Session { date: NaiveDate::default(), state: SessionState::Ended };
        Message { id: MessageId { position, number }, news }
    }

    fn hub(messages: u64, floor: Option<MessageId>) -> Arc<Hub> {
        let hub = Arc::new(Hub::with_floor(floor));
        hub.publish((1..=messages).map(|position| message(position, 0)));
        hub
    }

    /// What can be heard at once: positions, 0 for a reset, `u64::MAX` for having been cut.
    async fn all(subscription: &mut Subscription) -> Vec<u64> {
        let mut heard = Vec::new();
        while let Some(next) = subscription.next().await {
            heard.push(match next {
                Heard::Message(message) => message.id.position,
                Heard::Reset => 0,
                Heard::Cut => u64::MAX,
            });
        }
        heard
    }

    fn after(position: u64) -> Option<MessageId> {
        Some(MessageId { position, number: 0 })
    }

    #[tokio::test]
    async fn who_comes_back_hears_what_was_missed() {
        let hub = hub(5, None);
        let mut resumed = hub.subscribe(after(3), 9).expect("room");
        let mut fresh = hub.subscribe(None, 9).expect("room");
        hub.publish([message(6, 0)]);
        hub.close();
        assert_eq!(all(&mut resumed).await, [4, 5, 6]);
        assert_eq!(all(&mut fresh).await, [6]);
    }

    #[tokio::test]
    async fn who_cannot_be_told_everything_is_told_so_first() {
        let ring = LIVE_RING_MESSAGES as u64;
        for (hub, from, expected) in [
            (hub(ring + 3, None), 2, Some(0)),
            (hub(ring + 3, None), 4, Some(5)),
            (hub(3, after(2)), 1, Some(0)),
            (hub(3, after(2)), 2, Some(3)),
            (hub(3, None), 0, Some(1)),
        ] {
            let mut subscription = hub.subscribe(after(from), u64::MAX).expect("room");
            hub.close();
            assert_eq!(all(&mut subscription).await.first().copied(), expected);
        }
    }

    #[tokio::test]
    async fn what_is_made_anew_after_a_restart_is_not_heard_again() {
        let hub = hub(0, None);
        let mut resumed = hub.subscribe(after(3), 5).expect("room");
        let mut foreign = hub.subscribe(after(6), 5).expect("room");
        hub.publish((1..=5).map(|position| message(position, 0)));
        hub.close();
        assert_eq!(all(&mut resumed).await, [4, 5]);
        assert_eq!(all(&mut foreign).await, [0, 1, 2, 3, 4, 5]);
        let hub = self::hub(0, None);
        let mut far = hub.subscribe(after(LIVE_RING_MESSAGES as u64 + 1), u64::MAX).expect("room");
        hub.publish((1..=LIVE_RING_MESSAGES as u64 + 2).map(|position| message(position, 0)));
        hub.close();
        assert_eq!(all(&mut far).await.last(), Some(&(LIVE_RING_MESSAGES as u64 + 2)));
    }

    #[tokio::test]
    async fn who_is_too_slow_is_cut_and_told() {
        let hub = hub(1, None);
        let mut slow = hub.subscribe(after(0), 9).expect("room");
        hub.publish((2..LIVE_RING_MESSAGES as u64 + 3).map(|position| message(position, 0)));
        assert_eq!(all(&mut slow).await, [u64::MAX]);
    }

    #[test]
    fn as_many_listen_as_may() {
        let hub = hub(1, None);
        let held: Vec<_> = (0..LIVE_SUBSCRIBERS_MAX).map(|_| hub.subscribe(None, 9).expect("room")).collect();
        assert!(hub.subscribe(None, 9).is_none());
        drop(held);
        assert!(hub.subscribe(None, 9).is_some());
        assert_eq!(hub.subscribers(), 0);
    }
}
