//! Who may use which route: the one table that the guard and `api.yaml` read. A route that is not in it is closed.

use axum::http::Method;

use crate::access::{Cost, Scope};
use crate::limits::{HTTP_BATCH_SECONDS, HTTP_BODY_SECONDS};

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it tells no secrets.
    Nothing,
    /// A key.
    Key(Scope, Cost),
}

impl Need {
    /// Seconds for the request's body.
    pub fn body_seconds(self) -> u64 {
        match self {
            Self::Key(_, Cost::Batch) => HTTP_BATCH_SECONDS,
            _ => HTTP_BODY_SECONDS,
        }
    }
}

const READ: Need = Need::Key(Scope::Read, Cost::Read);
const READ_BATCH: Need = Need::Key(Scope::Read, Cost::Batch);
const WRITE: Need = Need::Key(Scope::Write, Cost::Read);
const WRITE_BATCH: Need = Need::Key(Scope::Write, Cost::Batch);
const ADMIN: Need = Need::Key(Scope::Admin, Cost::Read);

/// Method, path as the router spells it, and what it asks for. HEAD is as GET.
const TABLE: &[(&str, &str, Need)] = &[
    ("GET", "/", Need::Nothing),
    ("GET", "/page/{file}", Need::Nothing),
    ("GET", "/health/live", Need::Nothing),
    ("GET", "/health/ready", Need::Nothing),
    ("GET", "/version", READ),
    ("GET", "/metrics", READ),
    ("GET", "/openapi.yaml", READ),
    ("GET", "/docs", READ),
    ("GET", "/docs/", READ),
    ("GET", "/docs/{file}", READ),
    ("GET", "/v1/symbols", READ),
    ("GET", "/v1/impact/{symbol}", READ),
    ("POST", "/v1/impact/{symbol}/forecast", READ),
    ("GET", "/v1/bars/{symbol}", READ),
    ("GET", "/v1/liquidity/{symbol}", READ),
    ("GET", "/v1/sign-accuracy/{symbol}", READ),
    ("GET", "/v1/buckets/{symbol}", READ),
    ("GET", "/v1/bucket-fits/{symbol}", READ),
    ("GET", "/v1/bars-levels/{symbol}", READ),
    ("GET", "/v1/ofi-weights/{symbol}", READ),
    ("GET", "/v1/prints/{symbol}", READ),
    ("GET", "/v1/venues/{symbol}", READ),
    ("GET", "/v1/panels/pooled", READ_BATCH),
    ("GET", "/v1/panels/symbols", READ_BATCH),
    ("GET", "/v1/panels/pairs", READ_BATCH),
    ("GET", "/v1/panels/commonality", READ_BATCH),
    ("GET", "/v1/panels/cross-impact", READ_BATCH),
    ("GET", "/v1/panels/venues", READ_BATCH),
    ("POST", "/v1/events", WRITE_BATCH),
    ("GET", "/v1/feeds", READ),
    ("GET", "/v1/stream", READ),
    ("POST", "/v1/pretrade/estimate", READ),
    ("POST", "/v1/pretrade/estimate:batch", READ_BATCH),
    ("GET", "/v1/executions", READ),
    ("POST", "/v1/executions", WRITE_BATCH),
    ("GET", "/v1/executions/{order_id}", READ),
    ("GET", "/v1/models/{id}/calibration", READ),
    ("GET", "/v1/fraud/models", READ),
    ("GET", "/v1/fraud/models/{name}", READ),
    ("GET", "/v1/fraud/alerts", READ),
    ("GET", "/v1/fraud/scores/{symbol}", READ),
    ("POST", "/v1/fraud/evaluations", READ_BATCH),
    ("GET", "/v1/jobs", READ),
    ("POST", "/v1/jobs", WRITE),
    ("GET", "/v1/jobs/{id}", READ),
    ("DELETE", "/v1/jobs/{id}", WRITE),
    ("GET", "/v1/jobs/{id}/events", READ),
    ("GET", "/v1/jobs/{id}/result", READ),
    ("GET", "/v1/jobs/{id}/result/{file}", READ),
    ("GET", "/v2", READ),
    ("GET", "/v2/health/live", READ),
    ("GET", "/v2/health/ready", READ),
    ("GET", "/v2/models/{model}", READ),
    ("GET", "/v2/models/{model}/ready", READ),
    ("GET", "/v2/models/{model}/config", READ),
    ("GET", "/v2/models/{model}/stats", READ),
    ("POST", "/v2/models/{model}/infer", READ),
    ("GET", "/v2/models/{model}/versions/{version}", READ),
    ("GET", "/v2/models/{model}/versions/{version}/ready", READ),
    ("GET", "/v2/models/{model}/versions/{version}/config", READ),
    ("GET", "/v2/models/{model}/versions/{version}/stats", READ),
    ("POST", "/v2/models/{model}/versions/{version}/infer", READ),
    ("GET", "/v2/models/stats", READ),
    ("POST", "/v2/repository/index", READ),
    ("POST", "/v2/repository/models/{model}/load", ADMIN),
    ("POST", "/v2/repository/models/{model}/unload", ADMIN),
];

/// What a route asks for, by its path in the router; `None` for a route that nobody has opened. A method that the path
/// does not have asks for what the path's first one does: it is refused as a method, not as a stranger.
pub fn need(method: &Method, path: &str) -> Option<Need> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let mut of_path = TABLE.iter().filter(|(_, known, _)| *known == path);
    let exact = of_path.clone().find(|(known, ..)| method.as_str() == *known);
    exact.or_else(|| of_path.next()).map(|(.., need)| *need)
}
