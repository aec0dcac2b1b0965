//! `GET /v1/stream`: rows as they become certain, as server-sent events.
//!
//! A message's id is its place in the journal's order, the same after a restart: a client that comes back with the
//! last one it saw goes on behind it, or is told to read the state anew. Who reads too slowly is cut, and told.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;
use utoipa::IntoParams;

use super::App;
use super::choices::{self, BarText};
use super::events_schema::StreamAnswers;
use super::feeds::state;
use super::format::negotiate_media;
use super::parameters::Given;
use super::problem::{Code, Problem};
use super::server::Stopping;
use super::tables::BarRow;
use crate::limits::{LIVE_KEEP_ALIVE_SECONDS, LIVE_STREAM_SYMBOLS_MAX, LIVE_SYMBOL_MAX_BYTES};
use crate::live::{Heard, Kind, Message, MessageId, News, Subscription};

const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const KINDS: [(&str, Kind); 7] = [
    ("bar", Kind::Bar),
    ("fit", Kind::Fit),
    ("slope", Kind::Slope),
    ("forecast", Kind::Forecast),
    ("score", Kind::Score),
    ("alert", Kind::Alert),
    ("session", Kind::Session),
];

/// Which messages.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "stands for its documentation; Wanted::read reads it")]
pub struct StreamQuery {
    /// Only of these symbols, parted by commas.
    #[param(required = false, example = "IBM,SIM")]
    symbols: String,
    /// Only of these kinds, parted by commas: `bar`, `fit`, `slope`, `forecast`, `score`, `alert`, `session`.
    #[param(required = false, example = "bar,slope")]
    kinds: String,
    /// Only what rests on bars of this width: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`.
    #[param(inline, value_type = BarText, required = false, example = "10s")]
    bar: String,
    /// Go on behind this message. The header `Last-Event-ID`, which browsers send when they come back, wins.
    #[param(required = false, example = "42-0", pattern = "^[0-9]{1,20}-[0-9]{1,10}$")]
    after: String,
}

/// Rows as they become certain
///
/// Server-sent events: bars and windows as they close, online slopes, forecasts, scores and alerts, sessions as they
/// end and land. `data` is a row under its table's column names. `reset` says that messages are missing behind the one
/// named by `after`: read the tables anew. `cut` says that this client was too slow; come back with the last `id`.
#[utoipa::path(get, path = "/v1/stream", tag = "live", operation_id = "stream",
    params(StreamQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "As `after`, and wins over it")),
    responses(StreamAnswers))]
pub async fn stream(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let given = Given::parse(&uri, &["symbols", "kinds", "bar", "after"].map(str::to_owned))?;
    negotiate_media(&headers, &[EVENT_STREAM])?;
    let (wanted, after) = (Wanted::read(&given)?, place(&given, &headers)?);
    let crowded = || Problem::new(Code::Overloaded, "as many clients listen as may; come back later");
    let subscription = app.live()?.subscribe(after).ok_or_else(crowded)?;
    let stopping = stopping.map(|Extension(stopping)| stopping).unwrap_or_default();
    let listener = Listener { subscription, wanted, stopping };
    let messages = stream::unfold(listener, async |mut listener| {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let beat = KeepAlive::new().interval(Duration::from_secs(LIVE_KEEP_ALIVE_SECONDS));
    let mut response = Sse::new(messages).keep_alive(beat).into_response();
    // A proxy that gathers answers before it hands them on would hold the messages back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Behind which message to go on.
fn place(given: &Given, headers: &HeaderMap) -> Result<Option<MessageId>, Problem> {
    let parse = |text: &str| {
        let id = text.parse::<MessageId>();
        id.map_err(|()| {
            format!("'{}' is no id of a message, such as 42-0", text.chars().take(48).collect::<String>())
        })
    };
    let queried = given.one("after", &[], parse)?;
    let Some(last) = headers.get(LAST_EVENT_ID) else { return Ok(queried) };
    parse(last.to_str().unwrap_or("?")).map(Some).map_err(|message| {
        let problem = Problem::new(Code::InvalidParameter, format!("Last-Event-ID: {message}"));
        problem.at("header/Last-Event-ID".into(), message, Vec::new())
    })
}

/// Which messages are wanted; all where nothing is said.
#[derive(Debug, Default)]
struct Wanted {
    symbols: Vec<String>,
    kinds: Vec<Kind>,
    width: Option<i64>,
}

impl Wanted {
    fn read(given: &Given) -> Result<Self, Problem> {
        let symbols = given.one("symbols", &[], |text| {
            let symbols: Vec<String> = text.split(',').map(str::to_owned).collect();
            if symbols.len() > LIVE_STREAM_SYMBOLS_MAX {
                return Err(format!("names more than {LIVE_STREAM_SYMBOLS_MAX} symbols"));
            }
            let odd = |symbol: &String| symbol.is_empty() || symbol.len() > LIVE_SYMBOL_MAX_BYTES;
            if symbols.iter().any(odd) { Err("is not a list of symbols".to_owned()) } else { Ok(symbols) }
        })?;
        let names = KINDS.map(|(name, _)| name);
        let kinds = given.one("kinds", &names, |text| {
            let kind = |part: &str| KINDS.iter().find(|(name, _)| *name == part).map(|(_, kind)| *kind);
            let known: Option<Vec<Kind>> = text.split(',').map(kind).collect();
            known.ok_or_else(|| "is not a list of kinds".to_owned())
        })?;
        Ok(Self {
            symbols: symbols.unwrap_or_default(),
            kinds: kinds.unwrap_or_default(),
            width: choices::bar(given)?,
        })
    }

    fn holds(&self, news: &News) -> bool {
        let width = match news {
            News::Bar { width, .. } | News::Row { width, .. } => *width,
            News::Session { .. } => 0,
        };
        (self.kinds.is_empty() || self.kinds.contains(&news.kind()))
            && self.width.is_none_or(|wanted| width == 0 || width == wanted)
            && news.symbol().is_none_or(|symbol| {
                self.symbols.is_empty() || self.symbols.iter().any(|wanted| wanted == symbol.as_str())
            })
    }
}

/// One client.
struct Listener {
    subscription: Subscription,
    wanted: Wanted,
    stopping: Stopping,
}

impl Listener {
    /// The next event; none when the daemon stops or the client was cut.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let heard = tokio::select! {
                heard = self.subscription.next() => heard?,
                () = self.stopping.begun() => return None,
            };
            let told = |event: &str, what: &str| {
                Event::default().event(event).data(json!({"detail": what}).to_string())
            };
            match heard {
                Heard::Message(message) if self.wanted.holds(&message.news) => return Some(event(&message)),
                Heard::Message(_) => {}
                Heard::Reset => {
                    return Some(told("reset", "messages are missing here: read the tables anew"));
                }
                Heard::Cut => {
                    return Some(told("cut", "this client reads too slowly; come back with the last id"));
                }
            }
        }
    }
}

fn event(message: &Message) -> Event {
    let data = match &message.news {
        News::Bar { symbol, width, bar } => {
            // Numbers and text alone: writing them cannot fail.
            serde_json::to_string(&BarRow::of(symbol.as_str(), *width, bar)).unwrap_or_default()
        }
        News::Row { row, .. } => row.get().to_owned(),
        News::Session { date, state: how } => {
            json!({"date": date.to_string(), "state": state(*how)}).to_string()
        }
    };
    let name =
        KINDS.iter().find(|(_, kind)| *kind == message.news.kind()).map_or("message", |(name, _)| name);
    Event::default().id(message.id.to_string()).event(name).data(data)
}
