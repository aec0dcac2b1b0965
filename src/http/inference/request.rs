//! An inference request on the wire: JSON, and behind it the bytes of binary tensors (Triton's binary tensor data
//! extension). Out: tensors for the model, and how each output is to be written.
//!
//! Unknown fields and parameters are passed over, as the protocol wants; what would change the answer and is not
//! offered (shared memory, classification) is refused. Bytes of binary tensors follow in the order of `inputs`.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::json_kinds::{Few, Named, Object};
use super::numbers::Numbers;
use super::refusal::Refusal;
use super::values;
use crate::limits::{INFERENCE_NAME_MAX_BYTES, SCORING_DIMENSIONS_MAX, SCORING_TENSORS_MAX};
use crate::scoring::Tensor;

/// What is asked of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The client's word for it.
    pub id: Option<String>,
    /// What goes in.
    pub inputs: Vec<Tensor>,
    /// The outputs that are wanted, and whether each is wanted as bytes; none: all.
    pub outputs: Vec<(String, bool)>,
    /// Whether outputs that are not named are wanted as bytes.
    pub binary: bool,
}

#[derive(Deserialize)]
struct Head {
    id: Option<String>,
    parameters: Option<Object<HeadParameters>>,
    inputs: Few<Object<Input>, SCORING_TENSORS_MAX>,
    outputs: Option<Few<Object<Output>, SCORING_TENSORS_MAX>>,
}

#[derive(Default, Deserialize)]
struct HeadParameters {
    binary_data_output: Option<bool>,
}

#[derive(Deserialize)]
struct Input {
    name: String,
    shape: Few<i64, SCORING_DIMENSIONS_MAX>,
    datatype: String,
    parameters: Option<Object<InputParameters>>,
    data: Option<Numbers>,
}

#[derive(Default, Deserialize)]
struct InputParameters {
    binary_data_size: Option<u64>,
    shared_memory_region: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Output {
    name: String,
    parameters: Option<Object<OutputParameters>>,
}

#[derive(Default, Deserialize)]
struct OutputParameters {
    binary_data: Option<bool>,
    classification: Option<IgnoredAny>,
    shared_memory_region: Option<IgnoredAny>,
}

impl Named for Head {
    const WHAT: &'static str = "a request";
}

impl Named for HeadParameters {
    const WHAT: &'static str = "the value of a request's parameters";
}

impl Named for Input {
    const WHAT: &'static str = "an input";
}

impl Named for InputParameters {
    const WHAT: &'static str = "the value of an input's parameters";
}

impl Named for Output {
    const WHAT: &'static str = "an output";
}

impl Named for OutputParameters {
    const WHAT: &'static str = "the value of an output's parameters";
}

/// Reads a request; `head_bytes` says how long its JSON is, where bytes follow.
///
/// # Errors
/// What is wrong and where, with the request's id where it could be read.
pub fn read(body: &[u8], head_bytes: Option<usize>) -> Result<Asked, Refusal> {
    if head_bytes == Some(0) {
        // Triton's way to send one input with no JSON at all.
        return Err(Refusal::bad("raw binary requests are not offered; send the JSON header"));
    }
    let most = body.len();
    let (json, rest) = body.split_at_checked(head_bytes.unwrap_or(most)).ok_or_else(|| {
        let said = head_bytes.unwrap_or_default();
        Refusal::bad(format!("Inference-Header-Content-Length: {said} bytes, but the body has {most}"))
    })?;
    let read = || {
        let Object(head): Object<Head> = serde_json::from_slice(json)
            .map_err(|error| Refusal::bad(format!("the request's JSON cannot be read: {error}")))?;
        asked(head, rest)
    };
    read().map_err(|refusal| refusal.with_id(id_of(json)))
}

fn asked(head: Head, mut rest: &[u8]) -> Result<Asked, Refusal> {
    if let Some(id) = &head.id {
        named("id", id)?;
    }
    let mut inputs = Vec::with_capacity(head.inputs.0.len());
    for Object(input) in head.inputs.0 {
        inputs.push(tensor(input, &mut rest)?);
    }
    if !rest.is_empty() {
        let error = format!("{} bytes are left behind the binary data that the inputs announce", rest.len());
        return Err(Refusal::bad(error));
    }
    let binary = head.parameters.unwrap_or_default().0.binary_data_output.unwrap_or(false);
    let outputs = head.outputs.map_or_else(Vec::new, |outputs| outputs.0);
    let outputs =
        outputs.into_iter().map(|Object(output)| wanted(output, binary)).collect::<Result<_, _>>()?;
    Ok(Asked { id: head.id, inputs, outputs, binary })
}

/// Takes an input's values out of its JSON, or its bytes off the rest.
fn tensor(input: Input, rest: &mut &[u8]) -> Result<Tensor, Refusal> {
    let Input { name, shape, datatype, parameters, data } = input;
    named("an input's name", &name)?;
    let fault = |what: String| Refusal::bad(format!("input {name:?}: {what}"));
    let Object(parameters) = parameters.unwrap_or_default();
    if parameters.shared_memory_region.is_some() {
        return Err(fault("shared memory is not offered; send its data".into()));
    }
    let datatype = values::datatype(&datatype).map_err(fault)?;
    let (shape, elements) = values::shape(&shape.0).map_err(fault)?;
    let data = match (data, parameters.binary_data_size) {
        (Some(_), Some(_)) => {
            return Err(fault("it has data and binary_data_size; one of them is meant".into()));
        }
        (None, None) => return Err(fault("it has neither data nor binary_data_size".into())),
        (Some(numbers), None) => values::of_numbers(numbers, datatype, &shape, elements).map_err(fault)?,
        (None, Some(size)) => {
            let wanted = elements.checked_mul(datatype.bytes());
            if wanted.is_none_or(|wanted| u64::try_from(wanted) != Ok(size)) {
                let what = format!(
                    "binary_data_size is {size}, but shape {shape:?} of {datatype} has {elements} elements of {} bytes",
                    datatype.bytes()
                );
                return Err(fault(what));
            }
            let parts = usize::try_from(size).ok().and_then(|size| rest.split_at_checked(size));
            let Some((bytes, behind)) = parts else {
                return Err(fault(format!("binary_data_size is {size}, but {} bytes are left", rest.len())));
            };
            *rest = behind;
            values::of_bytes(bytes, datatype).map_err(fault)?
        }
    };
    Ok(Tensor { name, shape, data })
}

fn wanted(output: Output, binary: bool) -> Result<(String, bool), Refusal> {
    let Output { name, parameters } = output;
    named("an output's name", &name)?;
    let Object(parameters) = parameters.unwrap_or_default();
    let fault = |what: &str| Refusal::bad(format!("output {name:?}: {what}"));
    if parameters.classification.is_some() {
        return Err(fault("classification is not offered; ask for the scores and rank them"));
    }
    if parameters.shared_memory_region.is_some() {
        return Err(fault("shared memory is not offered; take the data from the answer"));
    }
    let binary = parameters.binary_data.unwrap_or(binary);
    Ok((name, binary))
}

fn named(what: &str, name: &str) -> Result<(), Refusal> {
    if name.len() <= INFERENCE_NAME_MAX_BYTES {
        return Ok(());
    }
    Err(Refusal::bad(format!("{what} has {} bytes; {INFERENCE_NAME_MAX_BYTES} are taken", name.len())))
}

/// The `id` of a request, however wrong the rest of it is.
#[must_use]
pub fn id_of(json: &[u8]) -> Option<String> {
    struct Reader<'a>(&'a mut Option<String>);
    impl<'de> Visitor<'de> for Reader<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
            while let Some(name) = entries.next_key::<std::borrow::Cow<'_, str>>()? {
                if name == "id" {
                    *self.0 = Some(entries.next_value()?);
                    return Ok(());
                }
                entries.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut id = None;
    // What breaks off later does not take back an id that was read.
    let _ = serde_json::Deserializer::from_slice(json).deserialize_map(Reader(&mut id));
    id.filter(|id| id.len() <= INFERENCE_NAME_MAX_BYTES)
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
