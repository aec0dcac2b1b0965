//! The Open Inference Protocol v2 under `/v2`, with Triton's binary tensors, statistics, configuration and repository
//! index: `tritonclient.http` works unchanged. In: tensors. Out: a model's outputs, and where it ran.
//!
//! Source: KServe's Open Inference Protocol (required API, REST), Triton Inference Server's protocol extensions.

pub mod answer;
mod compression;
pub mod config;
mod infer;
mod intake;
mod json_kinds;
pub mod metadata;
mod models;
mod numbers;
mod refusal;
pub mod repository;
mod request;
pub mod schema;
pub mod statistics;
mod values;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub use compression::Packing;
pub use intake::Budget;
pub use metadata::told;
pub use models::{Models, Served};
pub use refusal::{InferenceError, of_problem, speaks_v2};
pub use statistics::Spent;

/// Every route of the protocol, once.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(metadata::server))
        .routes(routes!(metadata::live))
        .routes(routes!(metadata::ready))
        .routes(routes!(metadata::model))
        .routes(routes!(metadata::model_version))
        .routes(routes!(metadata::model_ready))
        .routes(routes!(metadata::model_version_ready))
        .routes(routes!(metadata::config))
        .routes(routes!(metadata::version_config))
        .routes(routes!(statistics::all))
        .routes(routes!(statistics::model))
        .routes(routes!(statistics::model_version))
        .routes(routes!(infer::infer))
        .routes(routes!(infer::infer_version))
        .routes(routes!(repository::index))
        .routes(routes!(repository::load))
        .routes(routes!(repository::unload))
}
