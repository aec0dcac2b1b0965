//! What `/health/ready` says of the live side and of the machine: in, the live side's status and the clock; out, a
//! check each.

use std::path::Path;

use super::health::Check;
use crate::host;
use crate::limits::{FEEDS_SILENT_SECONDS, JOURNAL_NEARLY_FULL_PERCENT, LIVE_BEHIND_BATCHES};
use crate::live::{Feeds, LiveStatus, SessionState};
use crate::tape::{Calendar, Nanos};

/// Whether the daemon goes on.
pub fn running(is_stopping: bool) -> Check {
    let reason = if is_stopping { "the daemon is stopping" } else { "the daemon goes on" };
    Check { name: "running", passed: !is_stopping, reason: reason.to_owned() }
}

/// Whether events can become durable.
pub fn journal(live: Option<&LiveStatus>) -> Check {
    let (passed, reason) = match live {
        None => (true, "no live tape is taken".to_owned()),
        Some(LiveStatus { failed: Some(_), .. }) => {
            (false, "the live side has failed; see the log".to_owned())
        }
        Some(status) if !status.recovered => {
            let (at, end) = (status.engine_position, status.journal_position);
            (false, format!("the journal is being read again: batch {at} of {end}"))
        }
        Some(status) => {
            (true, format!("{} batches, {} bytes", status.journal_position, status.journal_bytes))
        }
    };
    Check { name: "journal", passed, reason }
}

/// Room under the results folder.
pub fn disk(data: &Path) -> Check {
    let (passed, reason) = match host::disk(data) {
        Ok(disk) => {
            let (free, percent) = (disk.free_bytes >> 20, 100.0 * disk.free_share());
            (!disk.is_low(), format!("{free} MiB free, {percent:.0} %"))
        }
        Err(error) => {
            tracing::warn!(cause = %error, "the disk cannot be looked at");
            (false, "the disk cannot be looked at".to_owned())
        }
    };
    Check { name: "disk", passed, reason }
}

/// Whether events flow: room in the journal, live numbers that follow, tables that land, feeds that speak.
pub fn flow(status: &LiveStatus, feeds: &Feeds, (now, calendar): (Nanos, Calendar)) -> [Check; 4] {
    [room(status), engine(status), tables(status), voices(feeds, (now, calendar))]
}

fn room(status: &LiveStatus) -> Check {
    let percent = match status.journal_max_bytes {
        0 => 0,
        max => u128::from(status.journal_bytes) * 100 / u128::from(max),
    };
    let passed = percent < u128::from(JOURNAL_NEARLY_FULL_PERCENT);
    Check { name: "journal_room", passed, reason: format!("{percent} % of its bound") }
}

fn engine(status: &LiveStatus) -> Check {
    let behind = status.journal_position.saturating_sub(status.engine_position);
    let reason = format!("{behind} durable batches are not in live numbers yet");
    Check { name: "engine", passed: behind < LIVE_BEHIND_BATCHES, reason }
}

fn tables(status: &LiveStatus) -> Check {
    let reason = match status.landing_failed {
        // Why may tell of paths; that is for the log.
        Some(_) => "a session's tables could not be written; see the log",
        None => "no session's tables have failed",
    };
    Check { name: "tables", passed: status.landing_failed.is_none(), reason: reason.to_owned() }
}

/// Each feed that spoke today should go on. Silence counts only in a session of today that is under way: a tape that is
/// replayed may pause. Who is silent, `/v1/feeds` tells.
fn voices(feeds: &Feeds, (now, calendar): (Nanos, Calendar)) -> Check {
    let today = calendar.date_of(now);
    let open = feeds.sessions.iter().any(|s| s.date == today && s.state == SessionState::Open);
    let in_hours = calendar.session(today).contains(now);
    let last = feeds.feeds.iter().filter(|f| f.date == today).filter_map(|f| f.last_received);
    let silent: Vec<i64> = last.map(|last| (now.0 - last.0) / 1_000_000_000).collect();
    let (passed, reason) = match silent.iter().max() {
        Some(longest) if open && in_hours => {
            let count = silent.iter().filter(|seconds| **seconds >= FEEDS_SILENT_SECONDS).count();
            let reason =
                format!("{count} of {} feeds are silent, the quietest for {longest} s", silent.len());
            (count == 0, reason)
        }
        _ => (true, "no session of today is under way".to_owned()),
    };
    Check { name: "feeds", passed, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{FeedStatus, SessionStatus};
    use crate::tape::NYSE;

    /// 2013-10-07 10:00 New York.
    const NOW: Nanos = Nanos(1_381_154_400_000_000_000);

    fn of_today(silent_seconds: i64) -> Feeds {
        let date = NYSE.date_of(NOW);
        let feed = FeedStatus {
            source: "a".into(),
            date,
            events: 1,
            duplicates: 0,
            late: 0,
            out_of_order: 0,
            gaps: Default::default(),
            last_sequence: None,
            last_event_ts: None,
            last_received: Some(Nanos(NOW.0 - silent_seconds * 1_000_000_000)),
        };
        let session = SessionStatus {
            date,
            state: SessionState::Open,
            watermark: None,
            symbols: 1,
            waiting: 0,
            late: 0,
        };
        Feeds { feeds: vec![feed], sessions: vec![session], ..Feeds::default() }
    }

    #[test]
    fn silence_counts_in_a_session_of_today_alone() {
        assert!(voices(&of_today(59), (NOW, NYSE)).passed);
        assert!(!voices(&of_today(60), (NOW, NYSE)).passed);
        let mut both = of_today(61);
        both.feeds.extend(of_today(1).feeds);
        let check = voices(&both, (NOW, NYSE));
        assert_eq!((check.passed, &*check.reason), (false, "1 of 2 feeds are silent, the quietest for 61 s"));
        let evening = Nanos(NOW.0 + 8 * 3_600_000_000_000);
        assert!(
            voices(&of_today(60), (evening, NYSE)).passed && voices(&Feeds::default(), (NOW, NYSE)).passed
        );
    }

    #[test]
    fn each_trouble_has_its_check() {
        let status = LiveStatus { recovered: true, journal_max_bytes: 100, ..LiveStatus::default() };
        let failed = |status: &LiveStatus| {
            let flow = flow(status, &Feeds::default(), (NOW, NYSE));
            let all = [journal(Some(status))].into_iter().chain(flow);
            all.filter(|check| !check.passed).map(|check| check.name).collect::<Vec<_>>()
        };
        assert!(failed(&status).is_empty());
        assert_eq!(failed(&LiveStatus { recovered: false, ..status.clone() }), ["journal"]);
        assert_eq!(failed(&LiveStatus { failed: Some("x".into()), ..status.clone() }), ["journal"]);
        assert_eq!(failed(&LiveStatus { journal_bytes: 90, ..status.clone() }), ["journal_room"]);
        assert_eq!(failed(&LiveStatus { journal_position: 256, ..status.clone() }), ["engine"]);
        assert_eq!(failed(&LiveStatus { landing_failed: Some("x".into()), ..status }), ["tables"]);
        assert!(!running(true).passed && running(false).passed && journal(None).passed);
    }
}
