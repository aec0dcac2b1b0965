//! What came to the door: requests by route, method and status, how long they took, connections. One for the process,
//! as the port is.

use std::sync::LazyLock;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds of the histogram of requests, seconds.
const SECONDS: [f64; 14] =
    [5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// Where no route fits, whatever was asked for.
const UNMATCHED: &str = "unmatched";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

/// Counts at the door.
#[derive(Debug)]
pub struct Traffic {
    answered: Family<Answered, Counter>,
    seconds: Family<OfRoute, Histogram, fn() -> Histogram>,
    /// Connections that are open.
    pub connections: Gauge,
    /// Connections for which there was no room.
    pub turned_away: Counter,
    /// Requests being answered.
    pub under_way: Gauge,
}

/// The door's counts.
pub fn traffic() -> &'static Traffic {
    static TRAFFIC: LazyLock<Traffic> = LazyLock::new(|| Traffic {
        answered: Family::default(),
        seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        connections: Gauge::default(),
        turned_away: Counter::default(),
        under_way: Gauge::default(),
    });
    &TRAFFIC
}

impl Traffic {
    /// A request was answered. `route` is the template of the route that took it.
    pub fn answered(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let route = route.unwrap_or(UNMATCHED).to_owned();
        self.seconds.get_or_create(&OfRoute { route: route.clone() }).observe(took.as_secs_f64());
        self.answered.get_or_create(&Answered { route, method: word(method), status: class(status) }).inc();
    }

    /// Puts the counts among others to be told.
    pub fn register(&self, to: &mut Registry) {
        let help = "Requests answered, by route template, method and class of status";
        to.register("impactd_http_requests", help, self.answered.clone());
        let help = "Seconds from a request's head to its answer's, by route template";
        to.register("impactd_http_request_seconds", help, self.seconds.clone());
        to.register("impactd_http_requests_under_way", "Requests being answered", self.under_way.clone());
        to.register("impactd_http_connections", "Connections that are open", self.connections.clone());
        let help = "Connections for which there was no room";
        to.register("impactd_http_connections_turned_away", help, self.turned_away.clone());
    }
}

/// A method that some route has, or `other`: methods are words that callers choose.
fn word(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_cannot_make_series() {
        let traffic = traffic();
        let strange = Method::from_bytes(b"BREW").expect("a method");
        for took in [0.0001, 0.02, 90.0].map(Duration::from_secs_f64) {
            traffic.answered(None, &strange, StatusCode::NOT_FOUND, took);
        }
        let mut registry = Registry::default();
        traffic.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("text");
        let counted = "impactd_http_requests_total{route=\"unmatched\",method=\"other\",status=\"4xx\"} 3";
        assert!(text.contains(counted), "{text}");
        let slowest = "impactd_http_request_seconds_bucket{le=\"+Inf\",route=\"unmatched\"} 3";
        assert!(text.contains(slowest), "{text}");
    }
}
