//! From a page of rows to an HTTP answer: format, entity tag, link to the next page, file name.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use polars::prelude::PolarsError;

use super::App;
use super::encode::{encode, encode_page};
use super::format::Format;
use super::parameters::Asked;
use super::problem::Problem;
use super::rows::Page;
use super::shelf::{Reading, Snapshot};
use crate::store::StoreError;

/// An answer before it has headers.
enum Made {
    Unchanged,
    Rows { bytes: Vec<u8>, next: Option<String> },
}

/// Reads and writes a page where blocking is allowed, and answers with it.
///
/// # Errors
/// A refusal.
pub async fn table<Q, F>(app: App, asked: Asked<Q>, name: String, read: F) -> Result<Response, Problem>
where
    Q: Send + Sync + 'static,
    F: Fn(&Snapshot, &Asked<Q>) -> Result<Reading<Page>, StoreError> + Send + 'static,
{
    table_with(
        app,
        asked,
        name,
        |_| Ok((None, 0)),
        move |snapshot, asked, _: Option<&()>| read(snapshot, asked),
    )
    .await
}

/// The same where something beside the archive is in the rows: what `beside` gives, with a number that differs when it
/// does. It is taken before the archive is looked at: a session that lands meanwhile is then in both, never in neither.
///
/// # Errors
/// A refusal.
pub async fn table_with<Q, L, B, F>(
    app: App,
    asked: Asked<Q>,
    name: String,
    beside: B,
    read: F,
) -> Result<Response, Problem>
where
    Q: Send + Sync + 'static,
    B: FnOnce(&App) -> Result<(Option<L>, u64), Problem> + Send + 'static,
    F: Fn(&Snapshot, &Asked<Q>, Option<&L>) -> Result<Reading<Page>, StoreError> + Send + 'static,
{
    let gate = app.gate.clone();
    gate.run(move || {
        let (beside, state) = beside(&app)?;
        let reading = |snapshot: &Snapshot, asked: &Asked<Q>| read(snapshot, asked, beside.as_ref());
        let (tag, made) = app.shelf.read(|snapshot| make(snapshot, &asked, state, &reading))?;
        respond(&asked, &name, &tag, made)
    })
    .await
}

/// Answers with a page that is at hand; its tag is that of its bytes.
///
/// # Errors
/// When it cannot be written.
pub fn listed<Q>(asked: &Asked<Q>, name: &str, page: Page) -> Result<Response, Problem> {
    let next = page.next.map(|cursor| cursor.text());
    let bytes = encode_page(page.frame, asked.format, next.as_deref(), page.damaged);
    let bytes = bytes.map_err(Problem::internal)?;
    let tag = format!("W/\"{:016x}\"", asked.fingerprint().with(&bytes).value());
    let known = asked.known_tag.as_deref().is_some_and(|known| matches_tag(known, &tag));
    let mut response =
        respond(asked, name, &tag, if known { Made::Unchanged } else { Made::Rows { bytes, next } })?;
    if let Some(damaged) = page.damaged.filter(|damaged| *damaged > 0) {
        response.headers_mut().insert("damaged-orders", HeaderValue::from(damaged));
    }
    Ok(response)
}

fn make<Q>(
    snapshot: &Snapshot,
    asked: &Asked<Q>,
    state: u64,
    read: &impl Fn(&Snapshot, &Asked<Q>) -> Result<Reading<Page>, StoreError>,
) -> Result<Reading<(String, Made)>, StoreError> {
    let tag = tag(snapshot, asked, state);
    if asked.known_tag.as_deref().is_some_and(|known| matches_tag(known, &tag)) {
        return Ok(Ok((tag, Made::Unchanged)));
    }
    let page = match read(snapshot, asked)? {
        Ok(page) => page,
        Err(problem) => return Ok(Err(problem)),
    };
    let next = page.next.map(|cursor| cursor.text());
    let bytes = encode(page.frame, asked.format, next.as_deref());
    let bytes = bytes.map_err(|e: PolarsError| Problem::internal(e));
    Ok(bytes.map(|bytes| (tag, Made::Rows { bytes, next })))
}

/// Weak, since one row may be spelled in more than one way by another version of this program.
fn tag<Q>(snapshot: &Snapshot, asked: &Asked<Q>, state: u64) -> String {
    let cursor = asked.page.cursor.map(|cursor| cursor.text()).unwrap_or_default();
    let parts = [env!("CARGO_PKG_VERSION"), asked.format.name(), cursor.as_str()];
    let start = asked.fingerprint().with(&snapshot.version.to_le_bytes());
    let start = start.with(&asked.page.limit.to_le_bytes());
    let start = if state == 0 { start } else { start.with(&state.to_le_bytes()) };
    let all = parts.iter().fold(start, |f, part| f.with(part.as_bytes()));
    format!("W/\"{:016x}\"", all.value())
}

/// Whether `If-None-Match` names the tag; weak and strong count alike.
#[must_use]
pub fn matches_tag(known: &str, tag: &str) -> bool {
    let weak = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|t| weak(t) == weak(tag))
}

fn respond<Q>(asked: &Asked<Q>, name: &str, tag: &str, made: Made) -> Result<Response, Problem> {
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_str(text).map_err(Problem::internal);
    headers.insert(header::ETAG, value(tag)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    let mut response = match made {
        Made::Unchanged => status(StatusCode::NOT_MODIFIED, Body::empty()),
        Made::Rows { bytes, next } => {
            headers.insert(header::CONTENT_TYPE, content_type(asked.format));
            if asked.format.is_file() {
                let disposition = format!("attachment; filename=\"{name}.{}\"", asked.format.name());
                headers.insert(header::CONTENT_DISPOSITION, value(&disposition)?);
            }
            if let Some(next) = next {
                let link = format!("<{}>; rel=\"next\"", next_url(asked, &next));
                headers.insert(header::LINK, value(&link)?);
            }
            status(StatusCode::OK, Body::from(bytes))
        }
    };
    *response.headers_mut() = headers;
    Ok(response)
}

fn status(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn content_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        other => other.media_type(),
    })
}

/// The same question with another cursor.
fn next_url<Q>(asked: &Asked<Q>, cursor: &str) -> String {
    let mut url = format!("{}?", asked.path);
    for (name, value) in asked.given.without(&["cursor"]) {
        url.push_str(&format!("{}={}&", percent(name), percent(value)));
    }
    url + "cursor=" + cursor
}

/// Text as part of a URL.
pub(super) fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
