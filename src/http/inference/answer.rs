//! An inference answer on the wire: JSON, and behind it the bytes of the outputs that were asked for as bytes.
//!
//! Numbers in JSON are the shortest that read back to the same FP32 or FP64. JSON has no NaN and no infinity: an
//! output that holds one is refused there and passes in bytes.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::compression::Packing;
use super::intake::HEAD_LENGTH;
use super::refusal::Refusal;
use super::schema::InferenceOutput;
use super::values;
use crate::limits::INFERENCE_PACKED_MIN_BYTES;
use crate::scoring::{Data, Model, Provider, Tensor};

/// What a model answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct InferenceAnswer<'a> {
    /// Which model.
    #[schema(value_type = String, example = "card-fraud")]
    model_name: &'a str,
    /// Its version.
    #[schema(example = "1")]
    model_version: String,
    /// The request's `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>)]
    id: Option<&'a str>,
    /// Where it ran.
    #[schema(inline)]
    parameters: RanOn<'a>,
    /// The outputs, in the order asked for, or in the model's.
    #[schema(value_type = Vec<InferenceOutput>)]
    outputs: Vec<OutputTensor<'a>>,
}

/// Where a model runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct RanOn<'a> {
    /// ONNX Runtime's execution provider that really ran.
    #[schema(example = "CPUExecutionProvider")]
    execution_provider: &'static str,
    /// Why it is not CUDA; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>)]
    execution_provider_reason: Option<&'a str>,
}

impl<'a> From<&'a Provider> for RanOn<'a> {
    fn from(provider: &'a Provider) -> Self {
        Self { execution_provider: provider.name, execution_provider_reason: provider.reason.as_deref() }
    }
}

#[derive(Debug, Serialize)]
struct OutputTensor<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<InJson<'a>>,
}

#[derive(Debug, Serialize)]
struct BinarySize {
    binary_data_size: usize,
}

#[derive(Debug)]
struct InJson<'a>(&'a Data);

impl Serialize for InJson<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        macro_rules! sequence {
            ($($kind:ident),*) => {
                match self.0 {
                    $(Data::$kind(elements) => to.collect_seq(elements),)*
                }
            };
        }
        sequence!(Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64)
    }
}

/// What was answered, before it is written.
#[derive(Debug)]
pub struct Answered<'a> {
    /// By whom.
    pub model: &'a Model,
    /// The request's `id`.
    pub id: Option<&'a str>,
    /// The outputs.
    pub outputs: &'a [Tensor],
    /// Whether each is wanted as bytes.
    pub binary: &'a [bool],
}

impl Answered<'_> {
    /// Writes it, packed when it is large and the client takes that.
    ///
    /// # Errors
    /// When a number cannot be said in JSON.
    pub fn write(&self, asked: &HeaderMap) -> Result<Response, Refusal> {
        let (body, head_bytes) = self.body()?;
        let packing = Packing::of_answer(asked).filter(|_| body.len() >= INFERENCE_PACKED_MIN_BYTES);
        let body = match packing {
            Some(packing) => packing.pack(&body).map_err(|error| internal(&error))?,
            None => body,
        };
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        let kind = if head_bytes.is_some() { "application/octet-stream" } else { "application/json" };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(bytes) = head_bytes {
            headers.insert(HeaderName::from_static(HEAD_LENGTH), HeaderValue::from(bytes));
        }
        if let Some(packing) = packing {
            headers.insert(header::CONTENT_ENCODING, packing.name());
        }
        Ok(response)
    }

    /// The bytes, and how many of them are JSON where others follow.
    fn body(&self) -> Result<(Vec<u8>, Option<usize>), Refusal> {
        let outputs: Result<Vec<_>, _> =
            self.outputs.iter().zip(self.binary).map(|(t, b)| output(t, *b)).collect();
        let manifest = self.model.manifest();
        let head = InferenceAnswer {
            model_name: &manifest.name,
            model_version: manifest.version.to_string(),
            id: self.id,
            parameters: self.model.provider().into(),
            outputs: outputs?,
        };
        let mut body = serde_json::to_vec(&head).map_err(|error| internal(&error))?;
        if !self.binary.contains(&true) {
            return Ok((body, None));
        }
        let head_bytes = body.len();
        for (tensor, _) in self.outputs.iter().zip(self.binary).filter(|(_, binary)| **binary) {
            values::put_bytes(&tensor.data, &mut body);
        }
        Ok((body, Some(head_bytes)))
    }
}

fn output(tensor: &Tensor, binary: bool) -> Result<OutputTensor<'_>, Refusal> {
    let Tensor { name, shape, data } = tensor;
    let datatype = data.datatype();
    let (parameters, data) = if binary {
        (Some(BinarySize { binary_data_size: data.len() * datatype.bytes() }), None)
    } else if let Some(at) = data.first_not_finite() {
        let error = format!(
            "output {name:?} is not finite at element {at}, which JSON cannot say; ask for it with binary_data"
        );
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "not_finite", error));
    } else {
        (None, Some(InJson(data)))
    };
    Ok(OutputTensor { name, datatype: datatype.name(), shape, parameters, data })
}

fn internal(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "an inference answer cannot be written");
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the answer met a defect; it has been logged")
}
