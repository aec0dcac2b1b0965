//! What systemd is told: that the daemon is ready, reloads, stops, and is alive. Without systemd nobody is told.
//!
//! The watchdog is fed by the runtime that answers requests: a runtime that hangs feeds nothing, and is restarted.

use sd_notify::NotifyState;
use tokio::sync::watch;

/// Says that the daemon answers, that it lives, and, once `stopping` turns true, that it stops.
pub fn attend(mut stopping: watch::Receiver<bool>) {
    ready();
    tokio::spawn(watchdog());
    tokio::spawn(async move {
        if stopping.wait_for(|stopping| *stopping).await.is_ok() {
            tell(&[NotifyState::Stopping, NotifyState::Status("finishing requests under way")]);
        }
    });
}

/// The daemon answers.
pub fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("answering")]);
}

/// Limits, models and certificates are read again; [`ready`] says when that is done.
pub fn reloading() {
    // Without the moment systemd takes the reload for failed.
    match NotifyState::monotonic_usec_now() {
        Ok(moment) => tell(&[NotifyState::Reloading, moment, NotifyState::Status("reloading")]),
        Err(error) => tracing::warn!(%error, "systemd cannot be told of a reload"),
    }
}

/// Feeds the watchdog for ever, twice in each of its spans; returns at once where there is none.
async fn watchdog() {
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
