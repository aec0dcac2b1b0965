//! What the models did: in, each request as it ends; out, counts and histograms by version.
//!
//! Labels are a model's name, version and execution provider, and the kind of a failure: all of small sets that the
//! folder of models and this program bound. What concerns versions that are gone goes with them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::super::inference::{Models, Served, Spent};
use crate::clock::now;
use crate::scoring::{Histogram, Model, ROWS_BOUNDS, SECONDS_BOUNDS, Status};

/// Kinds of failures; a refusal's kind is one of these.
const KINDS: [&str; 9] = [
    "invalid_request",
    "too_large",
    "not_finite",
    "busy",
    "timed_out",
    "runtime",
    "internal",
    "unknown_model",
    "not_ready",
];

/// So many of them, the first ones, concern a version that was there.
const KINDS_OF_VERSIONS: usize = KINDS.len() - 2;

/// Name and version.
type Key = (String, u64);
/// One of a meter's counts.
type Count = fn(&Meter) -> &AtomicU64;
/// Labels of a version.
type Labels = [(&'static str, String); 3];

/// What this server saw of a version.
#[derive(Debug, Default)]
pub struct Meter {
    answered: AtomicU64,
    answered_ns: AtomicU64,
    failed_ns: AtomicU64,
    rows: AtomicU64,
    failures: [AtomicU64; KINDS.len()],
    latencies: [AtomicU64; SECONDS_BOUNDS.len() + 1],
    last_ms: AtomicU64,
}

impl Meter {
    fn note(&self, took: Duration) -> u64 {
        self.last_ms.store(now().0.unsigned_abs() / 1_000_000, Ordering::Relaxed);
        u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
    }

    fn count(&self, kind: &str) {
        let place = KINDS.iter().position(|known| *known == kind);
        debug_assert!(place.is_some(), "{kind} is not among the kinds of failures");
        if let Some(place) = place {
            self.failures[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// When it was last asked, milliseconds since 1970; 0: never.
    pub fn last_ms(&self) -> u64 {
        self.last_ms.load(Ordering::Relaxed)
    }

    /// Answered requests.
    pub fn success(&self) -> Spent {
        Spent { count: self.answered.load(Ordering::Relaxed), ns: self.answered_ns.load(Ordering::Relaxed) }
    }

    /// Refused and failed ones.
    pub fn fail(&self) -> Spent {
        let count = self.failures.iter().map(|count| count.load(Ordering::Relaxed)).sum();
        Spent { count, ns: self.failed_ns.load(Ordering::Relaxed) }
    }
}

/// What this server saw, by version.
#[derive(Debug, Default)]
pub struct Meters {
    by_version: Mutex<BTreeMap<Key, Arc<Meter>>>,
    unserved: Meter,
}

impl Meters {
    /// Of a version.
    pub fn of(&self, model: &Model) -> Arc<Meter> {
        let key = (model.manifest().name.clone(), model.manifest().version);
        self.by_version.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }

    /// A request was answered.
    pub fn answered(&self, model: &Model, rows: usize, took: Duration) {
        let meter = self.of(model);
        let nanos = meter.note(took);
        meter.answered.fetch_add(1, Ordering::Relaxed);
        meter.answered_ns.fetch_add(nanos, Ordering::Relaxed);
        meter.rows.fetch_add(rows as u64, Ordering::Relaxed);
        let bucket = SECONDS_BOUNDS.partition_point(|bound| *bound < took.as_secs_f64());
        meter.latencies[bucket].fetch_add(1, Ordering::Relaxed);
    }

    /// A request was refused or failed.
    pub fn refused(&self, model: &Model, kind: &'static str, took: Duration) {
        let meter = self.of(model);
        let nanos = meter.note(took);
        meter.failed_ns.fetch_add(nanos, Ordering::Relaxed);
        meter.count(kind);
    }

    /// A request met no model.
    pub fn no_model(&self, kind: &'static str) {
        self.unserved.count(kind);
    }

    /// Those of the versions that are there.
    fn kept(&self, there: &[Status]) -> Vec<(Labels, Arc<Meter>)> {
        let mut meters = self.by_version.lock().unwrap_or_else(PoisonError::into_inner);
        let labels: BTreeMap<Key, Labels> =
            there.iter().map(|status| ((status.name.clone(), status.version), labels(status))).collect();
        meters.retain(|key, _| labels.contains_key(key));
        meters.iter().filter_map(|(key, meter)| Some((labels.get(key)?.clone(), meter.clone()))).collect()
    }
}

fn labels(status: &Status) -> Labels {
    let provider = status.model.as_ref().map_or("none", |model| model.provider().name);
    [
        ("model", status.name.clone()),
        ("version", status.version.to_string()),
        ("provider", provider.to_owned()),
    ]
}

/// What there is to tell at a moment.
#[derive(Debug)]
pub struct Scrape {
    /// The models.
    pub models: Arc<Models>,
    /// What this server saw of them.
    pub meters: Arc<Meters>,
}

impl Collector for Scrape {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let statuses = match self.models.served() {
            Served::Open(shelf) => shelf.list(),
            Served::Off | Served::Loading => Vec::new(),
        };
        self.seen(&mut to, &statuses)?;
        ready(&mut to, &statuses)?;
        let loaded: Vec<(Labels, Arc<Model>)> =
            statuses.iter().filter_map(|status| Some((labels(status), status.model.clone()?))).collect();
        own(&mut to, &loaded)
    }
}

impl Scrape {
    /// What this server saw.
    fn seen(&self, to: &mut DescriptorEncoder<'_>, statuses: &[Status]) -> fmt::Result {
        let meters = self.meters.kept(statuses);
        let counts: [(&str, &str, Count); 2] = [
            ("impactd_inference_answered", "Requests answered", |meter| &meter.answered),
            ("impactd_inference_rows", "Rows of answered requests", |meter| &meter.rows),
        ];
        for (name, help, of) in counts {
            let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (labels, meter) in &meters {
                let count = of(meter).load(Ordering::Relaxed);
                metric.encode_family(labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
            }
        }
        let help = "Requests refused or failed, by kind";
        let mut metric =
            to.encode_descriptor("impactd_inference_failures", help, None, MetricType::Counter)?;
        for (labels, meter) in &meters {
            let [model, version, provider] = labels.clone();
            for (kind, count) in KINDS.iter().zip(&meter.failures).take(KINDS_OF_VERSIONS) {
                let labels = [model.clone(), version.clone(), provider.clone(), ("kind", (*kind).to_owned())];
                let count = count.load(Ordering::Relaxed);
                metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
            }
        }
        let help = "Requests for models that are not there or not ready, by kind";
        let mut metric =
            to.encode_descriptor("impactd_inference_unserved", help, None, MetricType::Counter)?;
        for (kind, count) in KINDS.iter().zip(&self.meters.unserved.failures).skip(KINDS_OF_VERSIONS) {
            let count = count.load(Ordering::Relaxed);
            let labels = [("kind", *kind)];
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        }
        let help = "Seconds from a request's head to its answer, of those answered";
        let mut metric =
            to.encode_descriptor("impactd_inference_seconds", help, None, MetricType::Histogram)?;
        for (labels, meter) in &meters {
            let counts = meter.latencies.iter().map(|count| count.load(Ordering::Relaxed)).collect();
            let sum = meter.answered_ns.load(Ordering::Relaxed) as f64 / 1e9;
            histogram(metric.encode_family(labels)?, &Histogram { counts, sum }, &SECONDS_BOUNDS)?;
        }
        Ok(())
    }
}

/// Which versions answer.
fn ready(to: &mut DescriptorEncoder<'_>, statuses: &[Status]) -> fmt::Result {
    let help = "1 where the version answers, 0 where its folder could not be taken";
    let mut metric = to.encode_descriptor("impactd_model_ready", help, None, MetricType::Gauge)?;
    for status in statuses {
        metric.encode_family(&labels(status))?.encode_gauge(&i64::from(status.model.is_some()))?;
    }
    Ok(())
}

/// What the models themselves count.
fn own(to: &mut DescriptorEncoder<'_>, loaded: &[(Labels, Arc<Model>)]) -> fmt::Result {
    let told: Vec<_> = loaded.iter().map(|(labels, model)| (labels, model.statistics())).collect();
    let mut metric =
        to.encode_descriptor("impactd_model_batches", "Runs of the graph", None, MetricType::Counter)?;
    for (labels, own) in &told {
        metric.encode_family(*labels)?.encode_counter::<NoLabelSet, _, u64>(&own.batches, None)?;
    }
    let help = "Requests that wait for the model now";
    let mut metric = to.encode_descriptor("impactd_model_waiting", help, None, MetricType::Gauge)?;
    for (labels, own) in &told {
        metric.encode_family(*labels)?.encode_gauge(&i64::try_from(own.waiting).unwrap_or(i64::MAX))?;
    }
    for (name, help, bounds, of) in [
        ("impactd_model_queue_seconds", "Seconds a request waited for the model", &SECONDS_BOUNDS, 0),
        ("impactd_model_run_seconds", "Seconds a run of the graph took", &SECONDS_BOUNDS, 1),
        ("impactd_model_batch_rows", "Rows of a run of the graph", &ROWS_BOUNDS, 2),
    ] {
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, own) in &told {
            let observed = [&own.queue_seconds, &own.run_seconds, &own.batch_rows][of];
            histogram(metric.encode_family(*labels)?, observed, bounds)?;
        }
    }
    Ok(())
}

fn histogram(
    mut to: prometheus_client::encoding::MetricEncoder<'_>,
    observed: &Histogram,
    bounds: &[f64],
) -> fmt::Result {
    let bounds = bounds.iter().copied().chain([f64::MAX]);
    let buckets: Vec<(f64, u64)> =
        bounds.zip(observed.counts.iter().copied().chain(std::iter::repeat(0))).collect();
    to.encode_histogram::<NoLabelSet>(observed.sum, observed.count(), &buckets, None)
}
