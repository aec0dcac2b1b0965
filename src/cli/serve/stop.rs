//! The end of the daemon: what runs is stopped, within the drain time, and at once on another signal. What was
//! acknowledged is in the journal whichever way that goes.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::start::Parts;
use crate::http::Stopped;

/// Stops the parts, and says how that ended: like `so_far`, unless it was worse.
pub async fn stop(parts: Parts, drain: Duration, so_far: Stopped) -> Stopped {
    if so_far == Stopped::AtOnce {
        return so_far;
    }
    let stopped = tokio::task::spawn_blocking(move || parts.stop());
    let again = async {
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            // Without signals only the drain time ends the wait.
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        done = stopped => if done.is_ok() { so_far } else { Stopped::Broken },
        () = tokio::time::sleep(drain) => Stopped::Broken,
        () = again => Stopped::AtOnce,
    }
}
