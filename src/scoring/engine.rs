//! A session of ONNX Runtime: tensors in, tensors out. It works for one caller at a time and is owned by one thread.

use std::ops::Range;
use std::path::Path;

use ort::ep;
use ort::session::builder::SessionBuilder;
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, TensorElementType, TensorRef, ValueType};

use super::error::ScoringError;
use super::runtime::Runtime;
use super::tensor::{Data, Tensor, each};

/// Where a session runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum On {
    /// The processor, on the caller's thread.
    Cpu,
    /// A CUDA device, every node.
    Cuda,
}

/// An input as a run is given it: a range of a tensor's elements under a shape of its own.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    pub shape: Vec<usize>,
    pub data: &'a Data,
    pub elements: Range<usize>,
}

/// A session.
#[derive(Debug)]
pub struct Engine {
    session: Session,
}

impl Engine {
    /// Makes a session of a graph; with a path it profiles its runs.
    ///
    /// # Errors
    /// When the runtime refuses; on CUDA, also when a single node could not run there.
    pub fn new(
        runtime: &Runtime,
        graph: &[u8],
        on: On,
        profile: Option<&Path>,
    ) -> Result<Self, ScoringError> {
        let refused = |e: String| ScoringError::new(e);
        let mut builder = Session::builder(runtime.environment()).map_err(|e| refused(e.to_string()))?;
        // One thread a session: requests run beside each other on sessions of their own, large ones in pieces.
        builder = settled(builder.with_intra_threads(1))?;
        builder = settled(builder.with_inter_threads(1))?;
        if on == On::Cuda {
            // TF32 keeps ten bits of a product's factors; scores must agree with the CPU's.
            let cuda = ep::CUDA::default().with_tf32(false).build().error_on_failure();
            builder = settled(builder.with_execution_providers([cuda]))?;
            builder = settled(builder.with_disable_cpu_fallback())?;
        }
        if let Some(path) = profile {
            builder = settled(builder.with_profiling(path))?;
        }
        let session = builder.commit_from_memory(graph).map_err(|e| refused(e.to_string()))?;
        Ok(Self { session })
    }

    /// Runs the graph; inputs and outputs in the graph's order.
    ///
    /// # Errors
    /// The runtime's words.
    pub fn run(&mut self, given: &[Given<'_>]) -> Result<Vec<Tensor>, String> {
        let values = given.iter().map(value).collect::<Result<Vec<SessionInputValue<'_>>, String>>()?;
        let outputs = self.session.run(values.as_slice()).map_err(|e| e.to_string())?;
        outputs.iter().map(|(name, value)| extract(name, &value)).collect()
    }

    /// Ends profiling; gives the name of the profile.
    ///
    /// # Errors
    /// The runtime's words.
    pub fn end_profiling(&mut self) -> Result<String, String> {
        self.session.end_profiling().map_err(|e| e.to_string())
    }
}

/// Whole tensors as inputs.
#[must_use]
pub fn whole(tensors: &[Tensor]) -> Vec<Given<'_>> {
    let given = |tensor| {
        let Tensor { shape, data, .. }: &Tensor = tensor;
        Given { shape: shape.clone(), data, elements: 0..data.len() }
    };
    tensors.iter().map(given).collect()
}

fn settled(built: ort::session::builder::BuilderResult) -> Result<SessionBuilder, ScoringError> {
    built.map_err(|e| ScoringError::new(e.to_string()))
}

fn value<'a>(given: &Given<'a>) -> Result<SessionInputValue<'a>, String> {
    each!(given.data, elements => {
        let part = elements.get(given.elements.clone()).ok_or("a range beyond the tensor")?;
        let tensor = TensorRef::from_array_view((given.shape.clone(), part)).map_err(|e| e.to_string())?;
        Ok(tensor.into())
    })
}

fn extract(name: &str, value: &DynValue) -> Result<Tensor, String> {
    let ValueType::Tensor { ty, shape, .. } = value.dtype() else {
        return Err(format!("output {name:?} is no tensor"));
    };
    let shape = shape.iter().map(|d| usize::try_from(*d).unwrap_or_default()).collect();
    macro_rules! read {
        ($kind:ident) => {
            Data::$kind(value.try_extract_tensor().map_err(|e| e.to_string())?.1.to_vec())
        };
    }
    let data = match ty {
        TensorElementType::Bool => read!(Bool),
        TensorElementType::Int8 => read!(I8),
        TensorElementType::Int16 => read!(I16),
        TensorElementType::Int32 => read!(I32),
        TensorElementType::Int64 => read!(I64),
        TensorElementType::Uint8 => read!(U8),
        TensorElementType::Uint16 => read!(U16),
        TensorElementType::Uint32 => read!(U32),
        TensorElementType::Uint64 => read!(U64),
        TensorElementType::Float32 => read!(F32),
        TensorElementType::Float64 => read!(F64),
        other => return Err(format!("output {name:?} has elements {other}, which are not served")),
    };
    Ok(Tensor { name: name.to_owned(), shape, data })
}
