//! The answers that tables and refusals share, as `api.yaml` describes them.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{
    Content, ContentBuilder, Header, HeaderBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Response,
    ResponseBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::format::Format;
use super::problem_body::PROBLEM_JSON;
use super::schema::FitRow;

/// The `{symbol}` of a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SymbolPath {
    /// The symbol as its tape spells it, percent-encoded: `BRK%20A`.
    #[param(example = "IBM")]
    #[allow(dead_code, reason = "stands for its documentation; SymbolName reads it")]
    symbol: String,
}

/// Every answer of a table with rows of type `T`.
#[derive(Debug)]
pub struct TableOf<T>(PhantomData<T>);

impl<T: ToSchema> IntoResponses for TableOf<T> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "409", "413", "500", "503"]);
        let tag = || header("Names this state of the answer; send it back as `If-None-Match`");
        let unchanged = ResponseBuilder::new()
            .description("Unchanged since the answer that `If-None-Match` names")
            .header("ETag", tag())
            .header("X-Request-Id", request_id());
        all.insert("304".into(), unchanged.build().into());
        let mut found = ResponseBuilder::new()
            .description("Rows, in the format asked for")
            .header("ETag", tag())
            .header("Link", header("`<URL>; rel=\"next\"`: the next page; absent at the end"))
            .header("X-Request-Id", request_id());
        for format in Format::ALL {
            found = found.content(format.media_type(), content::<T>(format));
        }
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer of the table of fits, or of the online slopes in its stead.
#[derive(Debug)]
pub struct FitsOrSlopes;

impl IntoResponses for FitsOrSlopes {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = TableOf::<FitRow>::responses();
        if let Some(RefOr::T(found)) = all.get_mut("200") {
            // A page without rows is either.
            let either = AnyOfBuilder::new()
                .item(Ref::from_schema_name("Rows_FitRow"))
                .item(Ref::from_schema_name("Rows_SlopeRow"));
            found.content.insert(
                Format::Json.media_type().into(),
                Content::new(Some(RefOr::T(Schema::from(either)))).into(),
            );
        }
        all
    }
}

fn content<T: ToSchema>(format: Format) -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
    match format {
        Format::Json => Content::new(Some(Ref::from_schema_name(format!("Rows_{}", T::name())))),
        Format::Ndjson => {
            with_text(text.description(Some("An object a line, as in the list of the JSON document")))
        }
        Format::Csv => with_text(text.description(Some("A header line and a line a row; unknown is empty"))),
        Format::Arrow | Format::Parquet => with_text(text.format(Some(binary))),
    }
}

fn with_text(schema: ObjectBuilder) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

/// Every answer of a route that takes an order and answers with a document.
#[derive(Debug)]
pub struct AnswerTo<T>(PhantomData<T>);

impl<T: ToSchema> IntoResponses for AnswerTo<T> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "413", "415", "422", "500", "503"]);
        let found = ResponseBuilder::new()
            .description("The answer, whatever its verdict")
            .header("Server-Timing", header("How long it took, milliseconds"))
            .header("X-Request-Id", request_id())
            .content("application/json", Content::new(Some(Ref::from_schema_name(T::name()))));
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer of a route that looks one thing up.
#[derive(Debug)]
pub struct FoundOr404<T>(PhantomData<T>);

impl<T: ToSchema> IntoResponses for FoundOr404<T> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "406", "413", "500", "503"]);
        let found = ResponseBuilder::new()
            .description("What was asked for")
            .header("Server-Timing", header("How long it took, milliseconds"))
            .header("X-Request-Id", request_id())
            .content("application/json", Content::new(Some(Ref::from_schema_name(T::name()))));
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer to rows to judge.
#[derive(Debug)]
pub struct EvaluationAnswers;

impl IntoResponses for EvaluationAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "405", "406", "413", "415", "500", "503"]);
        let page = ObjectBuilder::new().schema_type(Type::String).description(Some("The report as a page"));
        let found = ResponseBuilder::new()
            .description("The report")
            .header("Server-Timing", header("How long it took, milliseconds"))
            .header("X-Request-Id", request_id())
            .content("application/json", Content::new(Some(Ref::from_schema_name("EvaluationReport"))))
            .content("text/html", with_text(page));
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer to a basket.
#[derive(Debug)]
pub struct BasketAnswers;

impl IntoResponses for BasketAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "405", "406", "413", "415", "500", "503"]);
        let mut found = ResponseBuilder::new()
            .description("A result a line, in the format asked for")
            .header("Server-Timing", header("How long it took, milliseconds"))
            .header("X-Request-Id", request_id());
        for format in Format::ALL {
            let schema = match format {
                Format::Json => Content::new(Some(Ref::from_schema_name("BasketAnswer"))),
                other => content::<super::schema::SymbolRow>(other),
            };
            found = found.content(format.media_type(), schema);
        }
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer of a route without parameters, but for its own 200.
#[derive(Debug)]
pub struct Plain;

impl IntoResponses for Plain {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&["405", "413", "500", "503"])
    }
}

/// Every answer of the page's files.
#[derive(Debug)]
pub struct PageFile;

impl IntoResponses for PageFile {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = Plain::responses();
        all.extend(refusals(&["404"]));
        let mut found = ResponseBuilder::new().description("The file");
        for kind in ["text/html", "text/css", "text/javascript", "image/png"] {
            found = found.content(kind, with_text(ObjectBuilder::new().schema_type(Type::String)));
        }
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer of a file of the page, which is known by its tag.
#[derive(Debug)]
pub struct SiteFile;

impl IntoResponses for SiteFile {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = Plain::responses();
        all.extend(refusals(&["404"]));
        let tag = || header("Names these bytes; send it back as `If-None-Match`");
        let unchanged = ResponseBuilder::new()
            .description("Unchanged since the answer that `If-None-Match` names")
            .header("ETag", tag());
        all.insert("304".into(), unchanged.build().into());
        let mut found = ResponseBuilder::new().description("The file").header("ETag", tag());
        for kind in ["text/html", "text/css", "text/javascript", "image/svg+xml", "text/csv", "text/plain"] {
            found = found.content(kind, with_text(ObjectBuilder::new().schema_type(Type::String)));
        }
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Status, name and meaning of the refusals.
const REFUSALS: [(&str, &str, &str); 15] = [
    ("400", "Unreadable", "A parameter that the route does not have, or a value or body that cannot be read"),
    ("401", "NoKey", "No key, or none that counts; `WWW-Authenticate` says which kind is wanted"),
    ("403", "Forbidden", "The key's scope is too small, or another site's page asks"),
    (
        "404",
        "NotFound",
        "No such route, symbol, table, bar width, order or model, an interval that ends before it begins, or no live \
         tape",
    ),
    ("405", "MethodNotAllowed", "Not with this method; `Allow` lists those that are"),
    ("406", "NotAcceptable", "None of the formats in `Accept` is offered"),
    ("408", "SlowBody", "The request's body came too slowly"),
    (
        "409",
        "Conflict",
        "The cursor belongs to another query, or the results have changed since; or the id is another's",
    ),
    ("413", "BodyTooLarge", "The request's body is too large"),
    ("415", "UnsupportedMediaType", "The body is of a kind that is not taken here"),
    ("422", "Unfit", "The body has fields that cannot be meant; they are named by their pointers"),
    (
        "429",
        "TooOften",
        "Too often, or too many wrong keys from this address; `Retry-After` says when to ask again",
    ),
    ("500", "Defect", "A defect of this program, logged under its request_id"),
    ("503", "Unavailable", "Too much to do, or no results yet; `Retry-After` says when to ask again"),
    ("507", "Full", "The journal cannot grow; nothing of the batch was taken"),
];

/// References to refusals.
pub fn refusals(statuses: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let wanted = REFUSALS.iter().filter(|(status, ..)| statuses.contains(status));
    wanted.map(|(status, name, _)| ((*status).to_owned(), Ref::from_response_name(*name).into())).collect()
}

/// What a refusal means.
pub fn meaning(status: &str) -> &'static str {
    REFUSALS.iter().find(|(known, ..)| *known == status).map_or("Refused", |(.., meaning)| meaning)
}

/// The refusals themselves, by name.
pub fn named_refusals() -> impl Iterator<Item = (String, RefOr<Response>)> {
    REFUSALS.into_iter().map(|(status, name, meaning)| {
        let schema = Ref::from_schema_name("ProblemBody");
        let mut response = ResponseBuilder::new()
            .description(meaning)
            .content(PROBLEM_JSON, Content::new(Some(schema)))
            .header("X-Request-Id", request_id());
        match status {
            "405" => response = response.header("Allow", header("The methods that are")),
            "401" | "403" => response = response.header("WWW-Authenticate", header("What is wanted")),
            "429" | "503" => response = response.header("Retry-After", header("Seconds")),
            _ => {}
        }
        (name.to_owned(), response.build().into())
    })
}

/// The header that names a request.
pub fn request_id() -> Header {
    header("The client's own id when it is a plain word, else a fresh one; names the request in the log")
}

/// A header of text.
pub fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}
