//! In: connections for which there is no room. Out: a short refusal on each, and one line in the log a second at most
//! that says how many there were, so that a crowd fills no log.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::metrics::traffic;
use super::problem_body::PROBLEM_JSON;
use crate::limits::{HTTP_CONNECTIONS_MAX, HTTP_RETRY_AFTER_SECONDS, HTTP_TURNED_AWAY_LOG_SECONDS};

/// Those that were turned away and are not in the log yet.
#[derive(Debug, Default)]
pub struct TurnedAway(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    untold: u64,
    told: Option<Instant>,
}

impl TurnedAway {
    /// Says that there is no room, without waiting for anything. In the clear: where TLS is spoken nobody has shaken
    /// hands yet, and the client finds the connection closed.
    pub fn one(&self, stream: &TcpStream) {
        traffic().turned_away.inc();
        // Who does not take it now finds the connection closed.
        let _ = stream.try_write(refusal().as_bytes());
        let due = self.0.lock().unwrap_or_else(PoisonError::into_inner).due(Instant::now());
        if let Some(count) = due {
            tracing::warn!(count, "turned connections away: {HTTP_CONNECTIONS_MAX} are open");
        }
    }
}

impl Count {
    /// Counts one more; how many to tell of now, if any.
    fn due(&mut self, now: Instant) -> Option<u64> {
        self.untold += 1;
        let pause = Duration::from_secs(HTTP_TURNED_AWAY_LOG_SECONDS);
        if self.told.is_some_and(|told| now.duration_since(told) < pause) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

/// The whole answer. Nothing of the request has been read, so its body has what clients of either protocol look for:
/// `code` of a problem, `error` of the Open Inference Protocol.
fn refusal() -> String {
    let words = format!("{HTTP_CONNECTIONS_MAX} connections are open; ask again");
    let body = format!(
        "{{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\
         \"detail\":\"{words}\",\"code\":\"overloaded\",\"error\":\"{words}\"}}"
    );
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: {HTTP_RETRY_AFTER_SECONDS}\r\n\
         content-type: {PROBLEM_JSON}\r\ncache-control: no-store\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_whole_and_speaks_both_protocols() {
        let answer = refusal();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("content-type: application/problem+json"));
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!((body["status"].as_u64(), body["code"].as_str()), (Some(503), Some("overloaded")));
        assert!(body["error"].is_string() && body["title"] == "Service Unavailable");
    }

    #[test]
    fn a_crowd_is_told_of_once_a_second_and_none_of_it_is_lost() {
        let (mut turned, start) = (Count::default(), Instant::now());
        let told: Vec<(u64, u64)> =
            (0..=2500).filter_map(|ms| Some((ms, turned.due(start + Duration::from_millis(ms))?))).collect();
        assert_eq!(told, [(0, 1), (1000, 1000), (2000, 1000)]);
        assert_eq!(turned.untold, 500);
    }
}
