//! ONNX models and the scores they give: the only room that knows ONNX Runtime (ort).
//! A folder (`manifest.json`, graph, golden rows) is read and inspected, loaded into sessions on threads of their own
//! behind a bounded queue, and put on a shelf that keeps in step with the disk.

// A folder, before the runtime sees it.
mod error;
mod folder;
mod golden;
mod inspect;
mod manifest;
mod manifest_check;
mod onnx;
mod tensor;

// The runtime, and where a graph runs.
mod engine;
mod profile;
mod provider;
mod runtime;

// Requests on their way through a model.
mod ask;
mod queue;
mod request;
mod statistics;
mod worker;

// A model, and a folder of them.
mod contributions;
mod load;
mod model;
mod shelf;
mod stamp;

pub use contributions::contributions;
pub use error::{InferError, NotServed, ScoringError};
pub use manifest::{
    AtThreshold, Execution, Features, FileRef, Golden, Kind, Manifest, ModelThreshold, Training,
};
pub use model::{Model, Options, Scores};
pub use provider::{CPU, CUDA, Provider, Wanted};
pub use runtime::Runtime;
pub use shelf::{Change, ChangeKind, Shelf, Status, Told, Watch};
pub use statistics::{Histogram, ROWS_BOUNDS, SECONDS_BOUNDS, Statistics};
pub use tensor::{Data, Datatype, Tensor, TensorSpec};
