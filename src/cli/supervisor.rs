//! What systemd is told: that the daemon is ready, reloads, stops, and is alive. Without systemd nobody is told.
//!
//! The watchdog is fed by the runtime that answers requests, as long as live numbers move: a daemon that hangs feeds
//! nothing, and is restarted.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;

use crate::limits::LIVE_LOOK_MILLIS;
use crate::live::{Live, LiveStatus};

/// Says that the daemon answers once the journal was read again, that it lives, and, once `stopping` turns true, that
/// it stops.
pub fn attend(mut stopping: watch::Receiver<bool>, live: Option<Arc<Live>>) {
    tokio::spawn(watchdog(live.clone()));
    tokio::spawn(async move {
        tokio::select! {
            () = recovered(live) => ready(),
            // The sender is gone with the daemon.
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
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

/// Waits until the journal was read again, and says how far that is.
async fn recovered(live: Option<Arc<Live>>) {
    while let Some(status) = look(live.as_ref()).await.filter(|status| !status.recovered) {
        let (at, end) = (status.engine_position, status.journal_position);
        tell(&[NotifyState::Status(&format!("reading the journal again: batch {at} of {end}"))]);
        tokio::time::sleep(Duration::from_millis(LIVE_LOOK_MILLIS)).await;
    }
}

/// Feeds the watchdog twice in each of its spans while live numbers move; returns at once where there is none.
async fn watchdog(live: Option<Arc<Live>>) {
    let Some(span) = sd_notify::watchdog_enabled() else { return };
    let mut beat = tokio::time::interval(span / 2);
    let mut pulse = Pulse::default();
    loop {
        beat.tick().await;
        if look(live.as_ref()).await.is_none_or(|status| pulse.moves(&status)) {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("live numbers stand still; the watchdog is not fed");
        }
    }
}

/// How the live side is; on a thread that may wait, since an engine that hangs lets nobody look.
async fn look(live: Option<&Arc<Live>>) -> Option<LiveStatus> {
    let live = Arc::clone(live?);
    tokio::task::spawn_blocking(move || live.status()).await.ok()
}

/// Whether live numbers move, from one look to the next.
#[derive(Debug, Default)]
struct Pulse {
    behind_at: Option<u64>,
}

impl Pulse {
    /// Not where the engine had work at the last look and has not moved since.
    fn moves(&mut self, status: &LiveStatus) -> bool {
        // Sessions that have landed are passed over at one place; the time for that is bounded by the unit.
        let is_behind = status.recovered && status.engine_position < status.journal_position;
        let at = is_behind.then_some(status.engine_position);
        let stands = at.is_some() && at == self.behind_at;
        self.behind_at = at;
        !stands
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_had_work_and_did_not_move_stands_still() {
        let mut pulse = Pulse::default();
        let mut look = |engine_position, journal_position| {
            let status =
                LiveStatus { recovered: true, engine_position, journal_position, ..Default::default() };
            pulse.moves(&status)
        };
        // Idle; work that just came; work done, and more there; the same work still there; done.
        let looks = [(10, 10), (10, 11), (12, 14), (12, 20), (20, 20), (20, 20)];
        let moves = looks.map(|(engine, journal)| look(engine, journal));
        assert_eq!(moves, [true, true, true, false, true, true]);
    }
}
