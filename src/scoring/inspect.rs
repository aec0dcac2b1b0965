//! An ONNX file looked at before the runtime sees it. In: its bytes. Out: what goes in and comes out, in the graph's
//! order. Refused: weights outside the file, operators outside the four known sets (unless the file defines them
//! itself, of such operators), operators that load code or files, and inputs or outputs that are no tensors.

use std::collections::BTreeSet;

use prost::Message;

use super::error::ScoringError;
use super::onnx::{
    Attribute, Function, Graph, Model, Node, OneDimension, OneKind, SparseWeights, ValueInfo, Weights,
};
use super::tensor::{Datatype, TensorSpec};
use crate::limits::{SCORING_DIMENSIONS_MAX, SCORING_TENSORS_MAX};

/// Sets of operators that ONNX Runtime itself brings.
const DOMAINS: [&str; 4] = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];
/// Operators of these sets that read files or run foreign code.
const REACHING_OUT: [&str; 4] = ["EPContext", "PythonOp", "PythonOpGrad", "ATen"];

/// What goes into a graph and comes out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// In the graph's order, without those that have a weight of the same name.
    pub inputs: Vec<Port>,
    /// In the graph's order.
    pub outputs: Vec<Port>,
}

/// An input or output as the file declares it; a shape may be left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Type of its elements.
    pub datatype: Datatype,
    /// Its dimensions, -1 free; `None`: not said.
    pub shape: Option<Vec<i64>>,
}

/// Looks through a file.
///
/// # Errors
/// At the first thing that is refused.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, ScoringError> {
    let model = Model::decode(bytes).map_err(|e| ScoringError::new(format!("is no ONNX file: {e}")))?;
    let Some(graph) = &model.graph else {
        return Err(ScoringError::new("is no ONNX file: it has no graph"));
    };
    let own = model.functions.iter().map(|f| (f.domain.as_str(), f.name.as_str())).collect();
    let look = Look { own };
    look.graph(graph)?;
    for function in &model.functions {
        look.function(function)?;
    }
    for training in &model.training_info {
        for graph in training.initialization.iter().chain(&training.algorithm) {
            look.graph(graph)?;
        }
    }
    let weights: BTreeSet<&str> = graph
        .initializer
        .iter()
        .chain(graph.sparse_initializer.iter().filter_map(|sparse| sparse.values.as_ref()))
        .map(|w| w.name.as_str())
        .collect();
    let given = graph.input.iter().filter(|input| !weights.contains(input.name.as_str()));
    Ok(Inspected { inputs: ports(given, "input")?, outputs: ports(graph.output.iter(), "output")? })
}

/// Goes through graphs with the operators that the file defines itself.
struct Look<'a> {
    own: BTreeSet<(&'a str, &'a str)>,
}

impl Look<'_> {
    fn graph(&self, graph: &Graph) -> Result<(), ScoringError> {
        graph.initializer.iter().try_for_each(inside)?;
        graph.sparse_initializer.iter().try_for_each(inside_sparse)?;
        graph.node.iter().try_for_each(|node| self.node(node))
    }

    fn function(&self, function: &Function) -> Result<(), ScoringError> {
        function.attribute_proto.iter().try_for_each(|attribute| self.attribute(attribute))?;
        function.node.iter().try_for_each(|node| self.node(node))
    }

    fn node(&self, node: &Node) -> Result<(), ScoringError> {
        let known = DOMAINS.contains(&node.domain.as_str())
            || self.own.contains(&(node.domain.as_str(), node.op_type.as_str()));
        if !known {
            return Err(ScoringError::new(format!(
                "node {:?} needs the operator {:?} of the custom set {:?}; only operators of ai.onnx, ai.onnx.ml and \
                 com.microsoft are run",
                node.name, node.op_type, node.domain
            )));
        }
        if REACHING_OUT.contains(&node.op_type.as_str()) {
            let what = format!("node {:?}: operator {:?} reaches outside the file", node.name, node.op_type);
            return Err(ScoringError::new(what));
        }
        node.attribute.iter().try_for_each(|attribute| self.attribute(attribute))
    }

    fn attribute(&self, attribute: &Attribute) -> Result<(), ScoringError> {
        attribute.t.iter().chain(&attribute.tensors).try_for_each(inside)?;
        attribute.sparse_tensor.iter().chain(&attribute.sparse_tensors).try_for_each(inside_sparse)?;
        attribute.g.iter().chain(&attribute.graphs).try_for_each(|graph| self.graph(graph))
    }
}

fn inside(weights: &Weights) -> Result<(), ScoringError> {
    if weights.data_location == 0 && weights.external_data.is_empty() {
        return Ok(());
    }
    Err(ScoringError::new(format!(
        "the tensor {:?} lies outside the file (external data); save the model as one file",
        weights.name
    )))
}

fn inside_sparse(sparse: &SparseWeights) -> Result<(), ScoringError> {
    sparse.values.iter().chain(&sparse.indices).try_for_each(inside)
}

fn ports<'a>(values: impl Iterator<Item = &'a ValueInfo>, what: &str) -> Result<Vec<Port>, ScoringError> {
    let ports: Vec<Port> = values
        .map(|value| port(value).map_err(|e| e.at(format!("{what} {:?}", value.name))))
        .collect::<Result<_, _>>()?;
    if ports.is_empty() || ports.len() > SCORING_TENSORS_MAX {
        let found = ports.len();
        return Err(ScoringError::new(format!(
            "the graph has {found} {what}s; 1 to {SCORING_TENSORS_MAX} are served"
        )));
    }
    Ok(ports)
}

fn port(value: &ValueInfo) -> Result<Port, ScoringError> {
    let tensor = match value.kind.as_ref().and_then(|kind| kind.one.as_ref()) {
        Some(OneKind::Tensor(tensor)) => tensor,
        other => return Err(ScoringError::new(no_tensor(other))),
    };
    let datatype = datatype(tensor.elem_type)?;
    let shape = tensor.shape.as_ref().map(|shape| {
        shape
            .dim
            .iter()
            .map(|dimension| match &dimension.one {
                Some(OneDimension::Value(value)) if *value >= 0 => *value,
                Some(OneDimension::Value(_) | OneDimension::Name(_)) | None => -1,
            })
            .collect::<Vec<i64>>()
    });
    if shape.as_ref().is_some_and(|shape| shape.len() > SCORING_DIMENSIONS_MAX) {
        return Err(ScoringError::new(format!("has more than {SCORING_DIMENSIONS_MAX} dimensions")));
    }
    Ok(Port { name: value.name.clone(), datatype, shape })
}

fn no_tensor(kind: Option<&OneKind>) -> String {
    let found = match kind {
        Some(OneKind::Sequence(_)) => {
            "is a sequence (of maps, in converters' usual output of probabilities): convert with zipmap=False"
        }
        Some(OneKind::Map(_)) => "is a map: convert with zipmap=False",
        Some(OneKind::SparseTensor(_)) => "is a sparse tensor",
        Some(OneKind::Optional(_)) => "is optional",
        Some(OneKind::Opaque(_)) => "is opaque",
        Some(OneKind::Tensor(_)) | None => "has no type",
    };
    format!("{found}; only tensors are served")
}

/// By onnx.proto's `TensorProto.DataType`.
fn datatype(number: i32) -> Result<Datatype, ScoringError> {
    Ok(match number {
        1 => Datatype::Fp32,
        2 => Datatype::Uint8,
        3 => Datatype::Int8,
        4 => Datatype::Uint16,
        5 => Datatype::Int16,
        6 => Datatype::Int32,
        7 => Datatype::Int64,
        9 => Datatype::Bool,
        11 => Datatype::Fp64,
        12 => Datatype::Uint32,
        13 => Datatype::Uint64,
        _ => {
            let name = match number {
                8 => "STRING",
                10 => "FP16",
                16 => "BF16",
                _ => "of an unknown kind",
            };
            let known = Datatype::ALL.map(Datatype::name).join(", ");
            return Err(ScoringError::new(format!(
                "has elements {name} (type {number}); served are {known}"
            )));
        }
    })
}

/// Holds what the manifest says beside what the graph says; gives the specs in the graph's order.
///
/// # Errors
/// Where they differ.
pub fn agree(said: &[TensorSpec], found: &[Port], what: &str) -> Result<Vec<TensorSpec>, ScoringError> {
    let names = |list: Vec<&str>| list.join(", ");
    let known = || names(found.iter().map(|port| port.name.as_str()).collect());
    if let Some(stray) = said.iter().find(|spec| !found.iter().any(|port| port.name == spec.name)) {
        let message =
            format!("the manifest's {what} {:?} is not in the graph; it has {}", stray.name, known());
        return Err(ScoringError::new(message));
    }
    found
        .iter()
        .map(|port| {
            let spec = said.iter().find(|spec| spec.name == port.name).ok_or_else(|| {
                ScoringError::new(format!("the graph's {what} {:?} is missing in the manifest", port.name))
            })?;
            let same = spec.datatype == port.datatype
                && port.shape.as_ref().is_none_or(|shape| *shape == spec.shape);
            if same {
                return Ok(spec.clone());
            }
            Err(ScoringError::new(format!(
                "{what} {:?}: the manifest says {} {:?}, the graph {} {:?}",
                port.name,
                spec.datatype,
                spec.shape,
                port.datatype,
                port.shape.clone().unwrap_or_default()
            )))
        })
        .collect()
}
