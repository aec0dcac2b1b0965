//! What `api.yaml` says of keys: which scope each route asks for, and the refusals of those who have none.

use axum::http::Method;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

use super::inference::speaks_v2;
use super::responses::{header, meaning, refusals, request_id};
use super::scopes::{self, Need};

const SCHEME: &str = "key";
/// Adds what the guard asks for to every route.
pub fn describe(api: &mut OpenApi) {
    let words = "A key as `impactd keys create` prints it. Each route's `x-scope` names the scope it asks for: read, \
                 write or admin, each with those before it. A daemon without any key asks for none and answers its own \
                 machine only.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(words)).build();
    let components = api.components.get_or_insert_default();
    components.security_schemes.insert(SCHEME.to_owned(), SecurityScheme::Http(scheme).into());
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            secure(operation, scopes::need(&method, path), speaks_v2(path));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn secure(operation: &mut Operation, need: Option<Need>, v2: bool) {
    let has_body = operation.request_body.is_some();
    let mut statuses = vec!["403"];
    if let Some(Need::Key(scope, _)) = need {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(SCHEME, [])]);
        let extension = ExtensionsBuilder::new().add("x-scope", scope.as_str()).build();
        operation.extensions.get_or_insert_default().merge(extension);
        statuses.extend(["401", "429"]);
    } else {
        operation.security = Some(Vec::new());
    }
    if has_body {
        statuses.push("408");
    }
    let more = if v2 { inference_refusals(&statuses) } else { refusals(&statuses).into_iter().collect() };
    operation.responses.responses.extend(more);
}

/// The same in the words of the Open Inference Protocol.
fn inference_refusals(statuses: &[&str]) -> Vec<(String, RefOr<Response>)> {
    let described = statuses.iter().map(|status| {
        let schema = Ref::from_schema_name("InferenceError");
        let response = ResponseBuilder::new()
            .description(meaning(status))
            .content("application/json", Content::new(Some(schema)))
            .header("X-Request-Id", request_id());
        let response = match *status {
            "401" | "403" => response.header("WWW-Authenticate", header("What is wanted")),
            "429" => response.header("Retry-After", header("Seconds")),
            _ => response,
        };
        ((*status).to_owned(), RefOr::T(response.build()))
    });
    described.collect()
}
