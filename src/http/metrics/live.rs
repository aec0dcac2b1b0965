//! How the live side does: in, its status and its feeds; out, totals over all sources and symbols.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::clock::now;
use crate::live::{Feeds, Live, LiveStatus, SessionState, SessionStatus};
use crate::tape::Nanos;

/// Puts what the live side counts, and how it is, among others to be told.
pub fn register(live: &Arc<Live>, to: &mut Registry) {
    let meters = live.writer_meters();
    let help = "Seconds from a batch's coming to the answer that it is durable";
    to.register("impactd_live_ack_seconds", help, meters.ack_seconds.clone());
    let help = "Seconds of a commit of the journal, which may hold several batches";
    to.register("impactd_live_commit_seconds", help, meters.commit_seconds.clone());
    let help = "Batches answered with an earlier receipt";
    to.register("impactd_live_batches_again", help, meters.again.clone());
    to.register("impactd_live_batches_refused", "Batches refused, by kind", meters.refused.clone());
    to.register_collector(Box::new(Scrape(Arc::clone(live))));
}

/// The live side, looked at when asked.
#[derive(Debug)]
struct Scrape(Arc<Live>);

impl Collector for Scrape {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let (status, feeds) = (self.0.status(), self.0.feeds());
        for (name, help, count) in counts(&status) {
            let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
            metric.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        }
        for (name, help, value) in gauges(&status, &feeds) {
            let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
            metric.encode_gauge(&value)?;
        }
        // A gauge that is not known is not told, rather than told as nought.
        for (name, help, value) in ages(&status, &feeds, now()) {
            let Some(value) = value else { continue };
            let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
            metric.encode_gauge(&value)?;
        }
        sessions(&mut to, &feeds.sessions)
    }
}

type Told<T> = (&'static str, &'static str, T);

fn counts(status: &LiveStatus) -> [Told<u64>; 4] {
    [
        ("impactd_live_batches", "Batches made durable", status.batches),
        ("impactd_live_events", "Events made durable", status.events),
        ("impactd_live_duplicates", "Events left out since they were there already", status.duplicates),
        (
            "impactd_live_messages",
            "Messages to the stream, those of the journal read again too",
            status.messages,
        ),
    ]
}

fn gauges(status: &LiveStatus, feeds: &Feeds) -> [Told<i64>; 15] {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let behind = status.journal_position.saturating_sub(status.engine_position);
    let missing = feeds.feeds.iter().map(|feed| feed.gaps.missing).sum();
    let waiting = feeds.sessions.iter().map(|session| session.waiting as u64).sum();
    [
        ("impactd_live_recovered", "1 once the journal was read again", status.recovered.into()),
        (
            "impactd_live_failed",
            "1 where the live side has stopped by itself",
            status.failed.is_some().into(),
        ),
        (
            "impactd_live_landing_failed",
            "1 where a session's tables could not be written at the last try",
            status.landing_failed.is_some().into(),
        ),
        ("impactd_live_journal_position", "The journal's last batch", whole(status.journal_position)),
        ("impactd_live_engine_behind_batches", "Durable batches not yet in live numbers", whole(behind)),
        ("impactd_live_events_waiting", "Events that wait for the watermark", whole(waiting)),
        ("impactd_live_journal_bytes", "Size of the journal", whole(status.journal_bytes)),
        ("impactd_live_journal_max_bytes", "Bound of the journal", whole(status.journal_max_bytes)),
        ("impactd_live_queued_batches", "Batches that wait to become durable", status.queued_batches as i64),
        ("impactd_live_queued_bytes", "Bytes of them", status.queued_bytes as i64),
        // These two are no counters: they go with the sessions that leave the journal.
        (
            "impactd_live_late",
            "Events of sessions in the journal too late for live numbers; the tables have them",
            whole(status.late),
        ),
        (
            "impactd_live_out_of_order",
            "Events of sessions in the journal out of order, and not late",
            whole(status.out_of_order),
        ),
        ("impactd_live_missing", "Sequence numbers missing in sessions of the journal", whole(missing)),
        ("impactd_live_subscribers", "Clients that listen to the stream", status.subscribers as i64),
        ("impactd_live_symbols", "Symbols with ticks in sessions under way", status.symbols as i64),
    ]
}

fn ages(status: &LiveStatus, feeds: &Feeds, now: Nanos) -> [Told<Option<f64>>; 3] {
    let seconds = |from: Nanos, to: Nanos| to.0.saturating_sub(from.0) as f64 / 1e9;
    [
        (
            "impactd_live_since_last_event_seconds",
            "Seconds since an event was last made durable",
            status.last_received.map(|last| seconds(last, now).max(0.0)),
        ),
        (
            "impactd_live_tape_lag_seconds",
            "Seconds of tape from the watermark to the latest event of the session under way",
            tape_lag(feeds).map(|(watermark, latest)| seconds(watermark, latest).max(0.0)),
        ),
        (
            "impactd_live_watermark_age_seconds",
            "Seconds by this machine's clock since the watermark of the session under way",
            tape_lag(feeds).map(|(watermark, _)| seconds(watermark, now).max(0.0)),
        ),
    ]
}

/// The watermark of the latest open session, and its latest event.
fn tape_lag(feeds: &Feeds) -> Option<(Nanos, Nanos)> {
    let open = feeds.sessions.iter().rev().find(|session| session.state == SessionState::Open)?;
    let of_date = feeds.feeds.iter().filter(|feed| feed.date == open.date);
    Some((open.watermark?, of_date.filter_map(|feed| feed.last_event_ts).max()?))
}

fn sessions(to: &mut DescriptorEncoder<'_>, sessions: &[SessionStatus]) -> fmt::Result {
    let help = "Sessions in the journal, by how far they are";
    let mut metric = to.encode_descriptor("impactd_live_sessions", help, None, MetricType::Gauge)?;
    for (name, state) in
        [("open", SessionState::Open), ("ended", SessionState::Ended), ("landed", SessionState::Landed)]
    {
        let count = sessions.iter().filter(|session| session.state == state).count();
        metric.encode_family(&[("state", name)])?.encode_gauge(&(count as i64))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::live::FeedStatus;

    fn feed(date: NaiveDate, last: i64) -> FeedStatus {
        FeedStatus {
            source: "a".into(),
            date,
            events: 1,
            duplicates: 0,
            late: 0,
            out_of_order: 0,
            gaps: Default::default(),
            last_sequence: None,
            last_event_ts: Some(Nanos(last)),
            last_received: None,
        }
    }

    #[test]
    fn the_tape_lag_is_that_of_the_session_under_way() {
        let dates = [7, 8].map(|day| NaiveDate::from_ymd_opt(2013, 10, day).expect("a date"));
        let session = |date, state, watermark| SessionStatus {
            date,
            state,
            watermark: Some(Nanos(watermark)),
            symbols: 1,
            waiting: 0,
            late: 0,
        };
        let feeds = Feeds {
            feeds: vec![feed(dates[0], 9_000_000_000), feed(dates[1], 23_500_000_000)],
            sessions: vec![
                session(dates[0], SessionState::Landed, 9_000_000_000),
                session(dates[1], SessionState::Open, 21_500_000_000),
            ],
            ..Feeds::default()
        };
        let ages = ages(&LiveStatus::default(), &feeds, Nanos(30_000_000_000));
        assert_eq!(ages.map(|(_, _, value)| value), [None, Some(2.0), Some(8.5)]);
    }
}
