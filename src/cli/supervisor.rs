//! What systemd is told: that the daemon is ready, reloads, stops, and is alive. Without systemd nobody is told.
//!
//! The watchdog is fed by the runtime that answers requests: a runtime that hangs feeds nothing, and is restarted.

use std::time::Duration;

use sd_notify::NotifyState;

/// The daemon listens, and stands where its journal stands.
pub fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("answering")]);
}

/// The daemon reads its journal, which may take longer than a usual start: `span` more is asked for.
pub fn starting(span: Duration) {
    let micros = u32::try_from(span.as_micros()).unwrap_or(u32::MAX);
    tell(&[NotifyState::Status("reading the journal"), NotifyState::ExtendTimeoutUsec(micros)]);
}

/// Limits, models and certificates are read again; [`ready`] says when that is done.
pub fn reloading() {
    // Without the moment systemd takes the reload for failed.
    let moment = NotifyState::monotonic_usec_now();
    match moment {
        Ok(moment) => tell(&[NotifyState::Reloading, moment, NotifyState::Status("reloading")]),
        Err(error) => tracing::warn!(%error, "systemd cannot be told of a reload"),
    }
}

/// The daemon takes no new requests and finishes those under way.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing requests under way")]);
}

/// Feeds the watchdog for ever, twice in each of its spans; returns at once where there is none.
pub async fn watchdog() {
    let Some(span) = sd_notify::watchdog_enabled() else { return };
    let mut beat = tokio::time::interval(span / 2);
    loop {
        beat.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
