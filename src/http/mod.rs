//! The daemon's routes: the only place that knows JSON and status codes. One resource a file.
//!
//! A request passes the `edge`, its parameters are checked against their documentation, and what touches the
//! disk runs behind the `gate`. Each route stands once, for the router and for `api.yaml` alike.

#![allow(unused_qualifications, reason = "what utoipa's macros expand to is qualified")]

mod answer;
mod basket;
mod basket_answer;
mod basket_rows;
mod between;
mod body;
mod body_deadline;
mod calibration;
mod choices;
mod connection;
mod cursor;
mod damaged;
mod described;
mod docs;
mod edge;
mod encode;
mod events;
mod events_schema;
mod execution_schema;
mod executions;
mod executions_list;
mod feeds;
mod filling;
mod filter;
mod fingerprint;
mod forecast;
mod forecast_schema;
mod format;
mod fraud_alerts;
mod fraud_evaluation_schema;
mod fraud_evaluations;
mod fraud_models;
mod fraud_models_schema;
mod fraud_schema;
mod gate;
mod guard;
mod guests;
mod heads;
mod health;
mod impact;
mod inference;
mod job;
mod job_events;
mod job_result;
mod job_schema;
mod jobs;
mod json;
mod json_place;
mod judged_rows;
mod live_checks;
mod live_rows;
mod metrics;
mod moment;
mod page;
mod panels;
mod panels_schema;
mod parameters;
mod pretrade;
mod pretrade_batch;
mod pretrade_schema;
mod problem;
mod problem_body;
mod responses;
mod rows;
pub mod schema;
mod scopes;
mod secured;
mod server;
mod shelf;
mod site;
mod slopes;
mod stall;
mod stream;
mod symbols;
mod tables;
mod tls;
mod turned_away;
mod unpack;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Access, Action, Deed};
use crate::jobs::Jobs;
use crate::limits::{HTTP_BODY_MAX_BYTES, JUDGED_BODY_MAX_BYTES};
use crate::live::Live;
use crate::live::nats::Feed;
use crate::posttrade::{Tapes, put_recorded};
use crate::pretrade::{Desk, LimitsShelf};
use crate::scoring::ChangeKind;
use crate::store::{Executions, Place, StoreError};
use damaged::DamagedOrders;
use events::Intake;
use gate::Gate;
use inference::Budget;
use jobs::JobsApp;
use metrics::Meters;
use pretrade::Stripes;
use problem::{Code, Problem};
use shelf::Shelf;

pub use basket::{BasketKind, read as read_basket};
pub use basket_rows::{csv_rows, parquet_rows};
pub use body::parse as parse_json;
pub use choices::models;
pub use encode::encode;
pub use format::Format;
pub use inference::Models;
pub use judged_rows::{csv_sample, json_sample, parquet_sample};
pub use server::{Serving, Stopped, serve};
pub use tls::Tls;

/// What handlers share.
#[derive(Clone, Debug)]
struct App {
    shelf: Arc<Shelf>,
    gate: Gate,
    desk: Arc<Desk>,
    executions: Arc<Executions>,
    damaged: Arc<DamagedOrders>,
    tapes: Arc<Tapes>,
    limits: Arc<LimitsShelf>,
    stripes: Arc<Stripes>,
    models: Arc<Models>,
    jobs: JobsApp,
    meters: Arc<Meters>,
    budget: Budget,
    live: Option<Arc<Live>>,
    nats: Option<Arc<Feed>>,
    intake: Intake,
    access: Arc<Access>,
    description: Arc<str>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "impactd",
        description = "Order-flow imbalance and price impact, from trades and quotes, with standard errors.\n\n\
            Times are UTC with nanoseconds; dates are New York session dates; null is unknown. \
            Unknown query parameters are refused. Tables come as JSON, NDJSON, CSV, Arrow stream or Parquet."
    ),
    tags(
        (name = "results", description = "What batches have made"),
        (name = "live", description = "Tape as it comes: in, and what becomes of it"),
        (name = "pretrade", description = "What an order will cost, and may it be sent"),
        (name = "posttrade", description = "What orders did cost, and how forecasts did"),
        (name = "fraud", description = "Models that score, how scores are judged, what resembles manipulation"),
        (name = "jobs", description = "Batches: files under the daemon's roots to result tables"),
        (name = "inference", description = "Scores: the Open Inference Protocol v2, for tritonclient and its like"),
        (name = "operations", description = "Running the daemon"),
        (name = "description", description = "The API itself")
    ),
    components(schemas(
        problem_body::ProblemBody,
        forecast_schema::ForecastAnswer,
        crate::pretrade::Estimate,
        crate::posttrade::ExecutionAnswer,
        crate::posttrade::CalibrationAnswer,
        executions::RecordedAnswer,
        fraud_evaluation_schema::EvaluationReport,
        basket_answer::BasketAnswer,
        events_schema::FeedsAnswer,
        crate::live::Receipt,
        fraud_models_schema::FraudModels,
        inference::InferenceError,
        inference::answer::InferenceAnswer<'_>,
        inference::schema::InferenceOutput,
        inference::metadata::ServerMetadata,
        inference::metadata::ServerLive,
        inference::metadata::ServerReady,
        inference::metadata::ModelMetadata<'_>,
        inference::metadata::ModelReady,
        inference::config::ModelConfig,
        inference::statistics::ModelStatistics,
        inference::repository::IndexEntry,
        schema::Rows<schema::SymbolRow>,
        schema::Rows<schema::ExecutionRow>,
        schema::Rows<job_schema::JobRow>,
        schema::Rows<job_schema::JobFileRow>,
        crate::jobs::Job,
        schema::Rows<fraud_schema::AlertRow>
    ))
)]
struct Description;

/// Every route, once.
fn routes() -> OpenApiRouter<App> {
    let mut description = Description::openapi();
    let components = description.components.get_or_insert_default();
    components.responses.extend(responses::named_refusals());
    OpenApiRouter::with_openapi(description)
        .routes(routes!(symbols::list))
        .routes(impact::route())
        .routes(routes!(forecast::forecast))
        .merge(tables::routes())
        .merge(panels::routes())
        .routes(routes!(fraud_alerts::list))
        .routes(routes!(events::append))
        .routes(routes!(feeds::list))
        .routes(routes!(stream::stream))
        .routes(routes!(pretrade::estimate))
        .routes(routes!(pretrade_batch::batch))
        .routes(routes!(executions::record, executions_list::list))
        .routes(routes!(executions::get))
        .routes(routes!(calibration::get))
        .routes(routes!(fraud_models::list))
        .routes(routes!(fraud_models::get))
        .routes(routes!(jobs::submit, jobs::list))
        .routes(routes!(job::get, job::cancel))
        .routes(routes!(job_events::follow))
        .routes(routes!(job_result::list))
        .routes(routes!(job_result::file))
        .merge(inference::routes())
        .merge(large_bodies())
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::version))
        .routes(routes!(metrics::metrics))
        .routes(routes!(docs::openapi))
        .routes(routes!(docs::docs))
        .routes(routes!(docs::docs_page))
        .routes(routes!(docs::docs_file))
        .routes(routes!(site::home))
        .routes(routes!(site::file))
}

/// Routes whose bodies are files of rows.
fn large_bodies() -> OpenApiRouter<App> {
    let limit = DefaultBodyLimit::max(JUDGED_BODY_MAX_BYTES);
    OpenApiRouter::new().routes(routes!(fraud_evaluations::evaluate)).layer(limit)
}

/// The API's description, as `api.yaml` holds it.
///
/// # Errors
/// When it cannot be written as YAML.
pub fn description() -> Result<String, String> {
    let mut described = routes().into_openapi();
    described::finish(&mut described);
    let text = described.to_yaml().map_err(|e| e.to_string())?;
    Ok(text.lines().map(quoted).collect())
}

/// A line of YAML whose value looks like a date is quoted: YAML 1.1, which many readers still speak, would take
/// the date for something else than text.
fn quoted(line: &str) -> String {
    match line.split_once(": ") {
        Some((name, value)) if value.starts_with("20") && value.get(4..5) == Some("-") => {
            format!("{name}: '{value}'\n")
        }
        _ => format!("{line}\n"),
    }
}

/// What a daemon serves, and with what.
#[derive(Clone, Debug)]
pub struct Served {
    /// The results folder.
    pub data: PathBuf,
    /// A limits file, where it is not the folder's own.
    pub limits: Option<PathBuf>,
    /// What scores.
    pub models: Arc<Models>,
    /// Batches over HTTP, where they are wanted.
    pub jobs: Option<Arc<Jobs>>,
    /// The live side; none where no live tape is taken.
    pub live: Option<Arc<Live>>,
    /// The NATS feed, where there is one.
    pub nats: Option<Arc<Feed>>,
    /// Who may ask.
    pub access: Arc<Access>,
}

impl Served {
    /// Results alone, without models and without keys.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        let (models, access) = (Models::none(), Access::none());
        Self { data, limits: None, models, jobs: None, live: None, nats: None, access }
    }
}

/// The daemon's answers.
///
/// # Errors
/// When the limits file is not sound, or the API's description cannot be written.
pub fn router(served: Served) -> Result<Router, String> {
    let Served { data, limits, models, jobs, live, nats, access } = served;
    let app = App {
        executions: Arc::new(Executions::new(&data)),
        damaged: Arc::default(),
        tapes: Arc::default(),
        limits: Arc::new(LimitsShelf::open(limits.as_deref(), &data)?),
        shelf: Arc::new(Shelf::new(data, live.is_some())),
        gate: Gate::default(),
        desk: Arc::default(),
        stripes: Arc::default(),
        models,
        jobs: JobsApp::new(jobs),
        meters: Arc::default(),
        budget: Budget::default(),
        live,
        nats,
        intake: Intake::default(),
        access,
        description: description()?.into(),
    };
    app.remember();
    app.keep_record();
    let access = app.access.clone();
    let (router, _) = routes().split_for_parts();
    Ok(guarded(router.with_state(app), access))
}

impl App {
    /// The live side.
    fn live(&self) -> Result<&Arc<Live>, Problem> {
        let off = "this daemon takes no live tape; start it with the live side on";
        self.live.as_ref().ok_or_else(|| Problem::new(Code::LiveOff, off))
    }

    /// Has every change of the limits and of the models written down.
    fn keep_record(&self) {
        let access = self.access.clone();
        self.limits.told(move |state| access.limits_in_force(&state.sha256, state.source));
        let access = self.access.clone();
        self.models.told(Arc::new(move |change| {
            let action = match change.kind {
                ChangeKind::Loaded => Action::ModelLoaded,
                ChangeKind::Refused => Action::ModelRefused,
                ChangeKind::Unloaded => Action::ModelUnloaded,
            };
            let subject = format!("{} {}", change.name, change.version);
            access.audit(action, Deed::of_daemon(subject, change.detail.as_str()));
        }));
    }

    /// Has estimates compared with the recorded orders. What cannot be read is logged: estimates do not wait for it.
    fn remember(&self) {
        let snapshot = self.shelf.snapshot().ok();
        let archive = snapshot.as_ref().map(|snapshot| &snapshot.archive);
        let skip = |place: &Place, error: &StoreError| self.damaged.note(place, error);
        match put_recorded(self.desk.past(), &self.executions, &self.tapes, archive, skip) {
            Ok(0) => {}
            Ok(orders) => tracing::info!(orders, "recorded orders loaded"),
            Err(error) => tracing::warn!(%error, "recorded orders cannot be listed"),
        }
    }
}

/// Puts what every request passes around some routes.
fn guarded(routes: Router, access: Arc<Access>) -> Router {
    routes
        .fallback(async || {
            Problem::new(Code::UnknownRoute, "there is no such route; /docs lists those that are")
        })
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "not with this method; Allow lists those that are")
        })
        .layer(DefaultBodyLimit::max(HTTP_BODY_MAX_BYTES))
        .layer(CatchPanicLayer::custom(edge::panicked))
        .layer(axum::middleware::from_fn_with_state(access, guard::check))
        .layer(axum::middleware::from_fn(edge::pass))
}

#[cfg(test)]
mod tests;
