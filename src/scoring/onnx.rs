//! The parts of an ONNX file that are looked at before the runtime sees it, declared by hand after onnx.proto3
//! (field numbers are the format's). Weights are not declared, so they are skipped over, not copied.

/// A file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Model {
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<Opset>,
    #[prost(message, repeated, tag = "20")]
    pub training_info: Vec<TrainingInfo>,
    #[prost(message, repeated, tag = "25")]
    pub functions: Vec<Function>,
}

/// A set of operators that the file uses.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Opset {
    #[prost(string, tag = "1")]
    pub domain: String,
    #[prost(int64, tag = "2")]
    pub version: i64,
}

/// Graphs for training.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TrainingInfo {
    #[prost(message, optional, tag = "1")]
    pub initialization: Option<Graph>,
    #[prost(message, optional, tag = "2")]
    pub algorithm: Option<Graph>,
}

/// An operator made of others.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Function {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, repeated, tag = "7")]
    pub node: Vec<Node>,
    #[prost(message, repeated, tag = "9")]
    pub opset_import: Vec<Opset>,
    #[prost(string, tag = "10")]
    pub domain: String,
    #[prost(message, repeated, tag = "11")]
    pub attribute_proto: Vec<Attribute>,
}

/// Nodes, weights, inputs and outputs.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Weights>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "15")]
    pub sparse_initializer: Vec<SparseWeights>,
}

/// An operator at work.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Node {
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
    #[prost(string, tag = "7")]
    pub domain: String,
}

/// A setting of an operator, which may hold weights and graphs.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Attribute {
    #[prost(message, optional, tag = "5")]
    pub t: Option<Weights>,
    #[prost(message, optional, tag = "6")]
    pub g: Option<Graph>,
    #[prost(message, repeated, tag = "10")]
    pub tensors: Vec<Weights>,
    #[prost(message, repeated, tag = "11")]
    pub graphs: Vec<Graph>,
    #[prost(message, optional, tag = "22")]
    pub sparse_tensor: Option<SparseWeights>,
    #[prost(message, repeated, tag = "23")]
    pub sparse_tensors: Vec<SparseWeights>,
}

/// Numbers in the file, or outside it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Weights {
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<Entry>,
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// Numbers of which most are zero.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SparseWeights {
    #[prost(message, optional, tag = "1")]
    pub values: Option<Weights>,
    #[prost(message, optional, tag = "2")]
    pub indices: Option<Weights>,
}

/// A key; its value is not looked at.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Entry {
    #[prost(string, tag = "1")]
    pub key: String,
}

/// An input or output.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ValueInfo {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub kind: Option<Kind>,
}

/// Its type.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Kind {
    #[prost(oneof = "OneKind", tags = "1, 4, 5, 7, 8, 9")]
    pub one: Option<OneKind>,
}

/// One of these.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum OneKind {
    #[prost(message, tag = "1")]
    Tensor(TensorKind),
    #[prost(message, tag = "4")]
    Sequence(Nothing),
    #[prost(message, tag = "5")]
    Map(Nothing),
    #[prost(message, tag = "7")]
    Opaque(Nothing),
    #[prost(message, tag = "8")]
    SparseTensor(Nothing),
    #[prost(message, tag = "9")]
    Optional(Nothing),
}

/// Of which nothing is looked at.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Nothing {}

/// Element type and shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorKind {
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

/// Dimensions.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// A number, or a name for a free one.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Dimension {
    #[prost(oneof = "OneDimension", tags = "1, 2")]
    pub one: Option<OneDimension>,
}

/// One of these.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum OneDimension {
    #[prost(int64, tag = "1")]
    Value(i64),
    #[prost(string, tag = "2")]
    Name(String),
}
