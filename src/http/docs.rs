//! `GET /openapi.yaml`, `GET /docs`: the API described to machines and to people.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use utoipa_swagger_ui::{Config, SwaggerFile};

use super::App;
use super::problem::{Code, Problem};
use super::responses::Plain;

/// The page runs its own scripts and asks this daemon only. Swagger UI sets styles on its elements.
const OWN_SCRIPTS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'";

/// This description
///
/// What `impactd openapi` prints.
#[utoipa::path(get, path = "/openapi.yaml", tag = "description", operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/yaml", body = Object), Plain))]
pub async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/yaml")], app.description.as_ref().to_owned()).into_response()
}

/// This description as a page
#[utoipa::path(get, path = "/docs", tag = "description", operation_id = "docs",
    responses((status = 308, description = "The page is at `/docs/`"), Plain))]
pub async fn docs() -> Redirect {
    Redirect::permanent("/docs/")
}

/// This description as a page
#[utoipa::path(get, path = "/docs/", tag = "description", operation_id = "docs_page",
    responses((status = 200, description = "The page", content_type = "text/html", body = String), Plain))]
pub async fn docs_page() -> Result<Response, Problem> {
    file("index.html")
}

/// A file of that page
#[utoipa::path(get, path = "/docs/{file}", tag = "description", operation_id = "docs_file",
    params(("file" = String, Path, description = "Its name", example = "swagger-ui.css")),
    responses(super::responses::PageFile))]
pub async fn docs_file(Path(name): Path<String>) -> Result<Response, Problem> {
    file(&name)
}

fn file(name: &str) -> Result<Response, Problem> {
    let config = Config::new(["/openapi.yaml"]).validator_url("none");
    let found = utoipa_swagger_ui::serve(name, Arc::new(config)).map_err(Problem::internal)?;
    let Some(SwaggerFile { bytes, content_type, .. }) = found else {
        return Err(Problem::new(Code::UnknownRoute, "there is no such file"));
    };
    let kind = HeaderValue::from_str(&content_type).map_err(Problem::internal)?;
    let policy = HeaderValue::from_static(OWN_SCRIPTS);
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)];
    Ok((headers, bytes.into_owned()).into_response())
}
