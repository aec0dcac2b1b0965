//! What tests of live tape share: a tape as a feed would send it, a live side over a folder, and what it tells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use impactd::batch::{BatchError, Request, each_tape};
use impactd::flow::Widths;
use impactd::live::{
    Appended, Event, Events, Heard, Kind, Live, Message, MessageId, News, SessionState, Settings,
};
use impactd::tape::{NYSE, Symbol};
use polars::prelude::DataFrame;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(240);

/// A tape as a feed would send it, numbered from 1 within each date.
pub struct Feed {
    pub symbols: Vec<Symbol>,
    pub events: Vec<Event>,
}

pub fn plain(inputs: Vec<PathBuf>, out: &Path) -> Request {
    let mut request = Request::new(inputs, out.to_owned()).expect("built-in widths");
    request.widths = Widths::parse("10s,60s,300s").expect("widths");
    request.jobs = 2;
    request
}

pub fn feed(request: &Request) -> Feed {
    let mut feed = Feed { symbols: Vec::new(), events: Vec::new() };
    let mut numbers = BTreeMap::new();
    let read = each_tape(request, |mut tape| -> Result<(), BatchError> {
        let first = feed.symbols.len() as u32;
        feed.symbols.extend_from_slice(tape.symbols());
        while let Some(mut event) = tape.next_event()? {
            let number = numbers.entry(event.ts().map(|ts| NYSE.date_of(ts))).or_insert(0_u64);
            *number += 1;
            match &mut event {
                Event::Quote(row) => (row.symbol, row.sequence) = (row.symbol + first, *number),
                Event::Trade(row) => (row.symbol, row.sequence) = (row.symbol + first, *number),
                Event::End { .. } => {}
            }
            feed.events.push(event);
        }
        Ok(())
    });
    read.expect("a tape");
    feed
}

impl Feed {
    pub fn dates(&self) -> BTreeSet<chrono::NaiveDate> {
        self.events.iter().filter_map(Event::ts).map(|ts| NYSE.date_of(ts)).collect()
    }

    pub fn batch(&self, source: &str, events: &[Event]) -> Events {
        Events {
            source: source.into(),
            batch_id: None,
            sequenced: true,
            symbols: self.symbols.clone(),
            events: events.to_vec(),
            sha256: [7; 32],
        }
    }

    /// Ends of all dates.
    pub fn ends(&self) -> Vec<Event> {
        self.dates().into_iter().map(|date| Event::End { date, sequence: 1_000_000_000 }).collect()
    }
}

pub fn open(data: &Path, lateness: i64, request: &Request) -> Arc<Live> {
    let settings = Settings {
        data: data.to_owned(),
        request: Request { inputs: Vec::new(), ..request.clone() },
        lateness,
        keep_sessions: 31,
        journal_max_bytes: 1 << 30,
    };
    Live::open(settings).expect("it opens")
}

pub fn wait(what: &str, live: &Live, mut is_so: impl FnMut(&Live) -> bool) {
    let begun = Instant::now();
    while !is_so(live) {
        let status = live.status();
        assert!(status.failed.is_none(), "{what}: {status:?}");
        assert!(begun.elapsed() < PATIENCE, "{what}: {status:?} {:?}", live.feeds().sessions);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Everything that is durable has gone through the river.
pub fn settle(live: &Live) {
    wait("settling", live, |live| {
        let status = live.status();
        status.recovered && status.engine_position == status.journal_position
    });
}

pub fn land(live: &Live) {
    settle(live);
    wait("landing", live, |live| live.sessions().iter().all(|(_, state)| *state == SessionState::Landed));
}

pub fn send(live: &Live, events: Events) {
    let taken = live.append_and_wait(events).expect("it is taken");
    assert!(matches!(taken, Appended::Durable(_)), "{taken:?}");
}

/// What is held for whoever listens, in the order of its places.
pub fn messages(live: &Live) -> Vec<Arc<Message>> {
    let mut subscription =
        live.subscribe(Some(MessageId { position: 0, number: 0 })).expect("room to listen");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut all = Vec::new();
    runtime.block_on(async {
        loop {
            let next = tokio::time::timeout(Duration::from_millis(50), subscription.next()).await;
            match next {
                Ok(Some(Heard::Message(message))) => all.push(message),
                Ok(Some(Heard::Reset)) => {}
                Ok(Some(Heard::Cut)) => panic!("cut off"),
                Ok(None) | Err(_) => return,
            }
        }
    });
    all
}

/// Rows of a kind about a symbol, in the order told.
pub fn told(messages: &[Arc<Message>], wanted: Kind, about: &str) -> Vec<Value> {
    let row = |message: &Arc<Message>| match &message.news {
        News::Row { kind, symbol, row, .. } if *kind == wanted && symbol.as_str() == about => {
            Some(serde_json::from_str(row.get()).expect("JSON"))
        }
        _ => None,
    };
    messages.iter().filter_map(row).collect()
}

/// The same as text.
pub fn heard(live: &Live) -> Vec<(MessageId, String)> {
    messages(live).iter().map(|message| (message.id, format!("{:?}", message.news))).collect()
}

/// A frame's rows as JSON.
pub fn json_rows(frame: &DataFrame) -> Vec<Value> {
    let mut bytes = b"[".to_vec();
    impactd::store::tables::json_rows(frame, b",", &mut bytes).expect("rows");
    bytes.push(b']');
    serde_json::from_slice(&bytes).expect("JSON")
}
