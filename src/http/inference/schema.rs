//! The protocol as `api.yaml` describes it: paths, the request, and the answers with their refusals.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

use super::super::pretrade_schema::FileBytes;
use super::super::responses::{header, request_id};

/// The `{model}` of a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "stands for its documentation")]
pub struct ModelPath {
    /// Name of the model, percent-encoded.
    #[param(example = "card-fraud")]
    model: String,
}

/// The `{model}` and `{version}` of a path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "stands for its documentation")]
pub struct VersionPath {
    /// Name of the model, percent-encoded.
    #[param(example = "card-fraud")]
    model: String,
    /// Its version, a whole number from 1.
    #[param(example = "1")]
    version: String,
}

/// What a model is asked. Unknown fields and parameters are passed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct InferenceBody {
    /// Echoed in the answer, in refusals too.
    #[schema(required = false)]
    id: Option<String>,
    /// `binary_data_output`: whether outputs come as bytes where they do not say themselves; false when left out.
    #[schema(required = false, value_type = Option<Object>)]
    parameters: Option<()>,
    /// Every input of the model, once.
    #[schema(max_items = 64)]
    inputs: Vec<InferenceInput>,
    /// The outputs that are wanted; all when left out or empty.
    #[schema(required = false, max_items = 64)]
    outputs: Option<Vec<WantedOutput>>,
}

/// A tensor that goes in.
#[derive(Debug, Serialize, ToSchema)]
pub struct InferenceInput {
    /// Its name in the model's metadata.
    #[schema(example = "features")]
    name: String,
    /// Its dimensions; their product is the number of values.
    #[schema(max_items = 8, example = json!([1, 4]))]
    shape: Vec<u64>,
    /// Type of its values.
    #[schema(inline)]
    datatype: DatatypeText,
    /// `binary_data_size`: bytes of this tensor behind the JSON, little-endian, instead of `data`.
    #[schema(required = false, value_type = Option<Object>)]
    parameters: Option<()>,
    /// Its values in row-major order, flat or nested as `shape` says; true and false of BOOL.
    #[schema(required = false, value_type = Option<Vec<Object>>, example = json!([0.5, -1.0, 0.25, 3.0]))]
    data: Option<()>,
}

/// An output that is wanted.
#[derive(Debug, Serialize, ToSchema)]
pub struct WantedOutput {
    /// Its name in the model's metadata.
    #[schema(example = "probability")]
    name: String,
    /// `binary_data`: whether it comes as bytes behind the JSON.
    #[schema(required = false, value_type = Option<Object>)]
    parameters: Option<()>,
}

/// Type of a tensor's values. FP16, BF16 and BYTES are not taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(dead_code, reason = "stands for its documentation")]
pub enum DatatypeText {
    /// A byte, 0 or 1.
    Bool,
    /// 8 bits with sign.
    Int8,
    /// 16 bits with sign.
    Int16,
    /// 32 bits with sign.
    Int32,
    /// 64 bits with sign.
    Int64,
    /// 8 bits.
    Uint8,
    /// 16 bits.
    Uint16,
    /// 32 bits.
    Uint32,
    /// 64 bits.
    Uint64,
    /// IEEE 754, 32 bits.
    Fp32,
    /// IEEE 754, 64 bits.
    Fp64,
}

/// A tensor that came out.
#[derive(Debug, Serialize, ToSchema)]
pub struct InferenceOutput {
    /// Its name.
    #[schema(example = "probability")]
    name: String,
    /// Type of its values.
    #[schema(inline)]
    datatype: DatatypeText,
    /// Its dimensions.
    #[schema(example = json!([1]))]
    shape: Vec<u64>,
    /// `binary_data_size`: its bytes behind the JSON, where it was asked for as bytes.
    #[schema(required = false, value_type = Option<Object>)]
    parameters: Option<()>,
    /// Its values, flat, where it was not.
    #[schema(required = false, value_type = Option<Vec<Object>>, example = json!([0.0123]))]
    data: Option<()>,
}

/// Status and meaning of this protocol's refusals.
const REFUSALS: [(&str, &str); 9] = [
    ("400", "The request cannot be meant: its JSON, a tensor, a name, or binary data that do not fit"),
    ("404", "There is no such model or version"),
    ("405", "Not with this method; `Allow` lists those that are"),
    ("413", "More bytes, or more rows, than a request may have"),
    ("415", "Packed otherwise than with gzip or deflate"),
    ("422", "An output is not finite, which JSON cannot say"),
    ("500", "The model failed, or a defect of this program"),
    ("503", "Not loaded, still loading, or too much to do; `Retry-After` says when to ask again"),
    ("504", "The model did not answer in time"),
];

fn refusals(statuses: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let wanted = REFUSALS.iter().filter(|(status, _)| statuses.contains(status));
    wanted
        .map(|(status, meaning)| {
            let schema = Ref::from_schema_name("InferenceError");
            let mut response = ResponseBuilder::new()
                .description(*meaning)
                .content("application/json", Content::new(Some(schema)))
                .header("X-Request-Id", request_id());
            match *status {
                "405" => response = response.header("Allow", header("The methods that are")),
                "503" => response = response.header("Retry-After", header("Seconds")),
                _ => {}
            }
            ((*status).to_owned(), response.build().into())
        })
        .collect()
}

/// Every answer of an inference.
#[derive(Debug)]
pub struct Inference;

impl IntoResponses for Inference {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&REFUSALS.map(|(status, _)| status));
        let answer = Ref::from_schema_name("InferenceAnswer");
        let found = ResponseBuilder::new()
            .description(
                "The outputs; as `application/octet-stream` where some come as bytes behind the JSON",
            )
            .header(
                "Inference-Header-Content-Length",
                header("Bytes of JSON, where bytes of outputs follow it"),
            )
            .header(
                "Content-Encoding",
                header("gzip or deflate, where `Accept-Encoding` asked and the answer is large"),
            )
            .header("X-Request-Id", request_id())
            .content("application/json", Content::new(Some(answer)))
            .content("application/octet-stream", Content::new(Some(FileBytes::schema())));
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every answer of a route that tells something, of type `T`.
#[derive(Debug)]
pub struct Told<T>(PhantomData<T>);

impl<T: ToSchema> IntoResponses for Told<T> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["404", "405", "413", "500", "503"]);
        let found = ResponseBuilder::new()
            .description("What was asked for")
            .header("X-Request-Id", request_id())
            .content("application/json", Content::new(Some(Ref::from_schema_name(T::name()))));
        all.insert("200".into(), found.build().into());
        all
    }
}

/// Every refusal of a list.
#[derive(Debug)]
pub struct Listed;

impl IntoResponses for Listed {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&["400", "405", "413", "500", "503"])
    }
}

/// Every answer of a route that does something and has nothing to tell.
#[derive(Debug)]
pub struct Done;

impl IntoResponses for Done {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = refusals(&["400", "404", "405", "413", "500", "503"]);
        let found = ResponseBuilder::new().description("Done").header("X-Request-Id", request_id());
        all.insert("200".into(), found.build().into());
        all
    }
}
