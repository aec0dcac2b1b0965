//! Who gets in. In: a request, before anything of its body is read. Out: the request with who asks, or a refusal:
//! 401 without a good key, 403 where its scope is too small, 429 where it asks too often.
//!
//! Without keys the daemon is open to its own machine; then the `Host` must be its own, so that no site's name can be
//! pointed at it, and pages of other sites may change nothing.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::future::ready;

use super::connection::Peer;
use super::edge::RequestId;
use super::problem::{Code, Problem};
use super::scopes::{self, Need};
use crate::access::{Access, Cost, Deed, Denied, Left, Policy, Scope, Shown, Who};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The layer around every route.
pub async fn check(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    match enter(&access, &request, path.as_deref()) {
        Ok((who, left)) => {
            request.extensions_mut().insert(who.clone());
            let mut response = while_it_counts(access, who, next.run(request).await);
            if let Some(left) = left {
                tell_allowance(response.headers_mut(), &left);
            }
            response
        }
        Err(refused) => {
            let (denied, who) = *refused;
            let subject = format!("{} {}", request.method(), path.as_deref().unwrap_or("(no route)"));
            access.denied(&denied, &Deed::of(&who, subject, ""));
            refusal(&denied)
        }
    }
}

/// Ends a stream of events at the first one after its key has ended.
fn while_it_counts(access: Arc<Access>, who: Who, response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let endless = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if !endless || who.key.is_none() {
        return response;
    }
    let counts = move |_: &_| ready(access.still_counts(&who));
    response.map(|body| Body::from_stream(body.into_data_stream().take_while(counts)))
}

/// Why somebody did not get in, and who that was.
type Refused = Box<(Denied, Who)>;

/// Who asks, and what is left of their allowance; or why not, and whom that befell.
fn enter(access: &Access, request: &Request, path: Option<&str>) -> Result<(Who, Option<Left>), Refused> {
    let nobody = stranger(request);
    let (scope, cost) = match asked(access, request, path) {
        Ok(Need::Key(scope, cost)) => (scope, cost),
        Ok(_) => return Ok((nobody, None)),
        Err(denied) => return Err(Box::new((denied, nobody))),
    };
    let who = match access.who(shown(request.headers()), nobody.address, &nobody.request_id) {
        Ok(who) => who,
        Err(denied) => return Err(Box::new((denied, nobody))),
    };
    match access.allow(&who, scope).and_then(|()| access.spend(&who, cost)) {
        Ok(left) => Ok((who, left)),
        Err(denied) => Err(Box::new((denied, who))),
    }
}

/// What a request needs, whoever asks.
fn asked(access: &Access, request: &Request, path: Option<&str>) -> Result<Need, Denied> {
    if access.is_open() {
        own_host(access.policy(), request.headers(), request.uri())?;
        own_site(request.method(), request.headers())?;
    }
    match path {
        Some(path) => scopes::need(request.method(), path).ok_or(Denied::Closed),
        // No route at all: told only to those who may ask something.
        None => Ok(Need::Key(Scope::Read, Cost::Read)),
    }
}

/// Who asks as long as nothing is known.
fn stranger(request: &Request) -> Who {
    let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default();
    Who { key: None, owner: None, scope: Scope::Read, address, request_id }
}

/// The key that a request shows: one `Authorization` of the kind `Bearer`.
fn shown(headers: &HeaderMap) -> Shown<'_> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), more) = (all.next(), all.next()) else { return Shown::Nothing };
    let bearer = value.to_str().ok().and_then(|text| text.split_once(' '));
    match bearer {
        Some((kind, key)) if more.is_none() && kind.eq_ignore_ascii_case("bearer") => {
            Shown::Bearer(key.trim())
        }
        _ => Shown::Malformed,
    }
}

/// Whether the daemon is called by a name of its own. A client that sends no name is no browser.
fn own_host(policy: Policy, headers: &HeaderMap, uri: &Uri) -> Result<(), Denied> {
    let said = headers.get(header::HOST).map(|host| host.to_str().unwrap_or("?"));
    let Some(said) = uri.authority().map(axum::http::uri::Authority::as_str).or(said) else { return Ok(()) };
    if policy.insecure {
        return Ok(());
    }
    let name = said.parse::<axum::http::uri::Authority>().ok();
    let name = name.as_ref().map_or("", |authority| authority.host());
    let plain = name.trim_start_matches('[').trim_end_matches(']');
    let own = match plain.parse::<IpAddr>() {
        Ok(address) => {
            let address = address.to_canonical();
            address.is_loopback() || policy.listen.is_some_and(|listen| listen.ip().to_canonical() == address)
        }
        Err(_) => plain.eq_ignore_ascii_case("localhost"),
    };
    if own { Ok(()) } else { Err(Denied::ForeignHost) }
}

/// Whether a request that may change something comes from a page of this daemon, or from no browser.
fn own_site(method: &Method, headers: &HeaderMap) -> Result<(), Denied> {
    if method.is_safe() {
        return Ok(());
    }
    if let Some(site) = headers.get(&SITE) {
        let own = [b"same-origin".as_slice(), b"none"].contains(&site.as_bytes());
        return if own { Ok(()) } else { Err(Denied::CrossSite) };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin =
        origin.to_str().ok().and_then(|text| text.split_once("://")).map(|(_, rest)| rest.as_bytes());
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
    if origin.is_some() && origin == host { Ok(()) } else { Err(Denied::CrossSite) }
}

/// A refusal with the headers that say what to do.
fn refusal(denied: &Denied) -> Response {
    let words = denied.to_string();
    let code = match denied {
        Denied::NoKey | Denied::Malformed | Denied::Unknown | Denied::Expired | Denied::Revoked => {
            Code::Unauthorized
        }
        Denied::TooManyFailures { .. } | Denied::Rate(_) => Code::RateLimited,
        Denied::Scope { .. } => Code::InsufficientScope,
        _ => Code::Forbidden,
    };
    let mut response = Problem::new(code, words).into_response();
    let headers = response.headers_mut();
    let challenge = match denied {
        Denied::NoKey => Some("Bearer realm=\"impactd\"".to_owned()),
        Denied::Scope { needed, .. } => Some(format!(
            "Bearer realm=\"impactd\", error=\"insufficient_scope\", scope=\"{}\"",
            needed.as_str()
        )),
        _ if code == Code::Unauthorized => {
            Some("Bearer realm=\"impactd\", error=\"invalid_token\"".to_owned())
        }
        _ => None,
    };
    if let Some(Ok(challenge)) = challenge.map(HeaderValue::try_from) {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    let wait = match denied {
        Denied::TooManyFailures { wait } => *wait,
        Denied::Rate(left) => {
            tell_allowance(headers, left);
            left.wait
        }
        _ => Duration::ZERO,
    };
    if code == Code::RateLimited {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    response
}

/// Allowance as draft-ietf-httpapi-ratelimit-headers spells it.
fn tell_allowance(headers: &mut HeaderMap, left: &Left) {
    let name = match left.cost {
        Cost::Read => "reads",
        Cost::Batch => "batches",
    };
    let Left { remaining, burst, window_seconds, .. } = left;
    // Whole seconds until there is something again; at once, while there is.
    let reset = whole_seconds(left.wait);
    let told = [
        (LIMIT, format!("\"{name}\";r={remaining};t={reset}")),
        (POLICY, format!("\"{name}\";q={burst};w={window_seconds}")),
    ];
    for (header, text) in told {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(header, value);
        }
    }
}

/// At least one: less would be asking again at once.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs_f64().ceil() as u64).max(1)
}
