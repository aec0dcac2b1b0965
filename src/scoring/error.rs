//! What can go wrong: with the runtime or a model folder (`ScoringError`), with a request (`InferError`), and in
//! asking for a model that is not served (`NotServed`). Each is one message: where, what was found, what to do.

use super::tensor::Datatype;

/// The runtime or a model folder is not fit for use.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ScoringError(pub(super) String);

impl ScoringError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The same with what it is about in front.
    pub(super) fn at(self, place: impl std::fmt::Display) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

/// A request that a model did not answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum InferError {
    /// An input that the model has not.
    #[error("the model has no input {name:?}; it has {}", known.join(", "))]
    UnknownInput { name: String, known: Vec<String> },
    /// An output that the model has not.
    #[error("the model has no output {name:?}; it has {}", known.join(", "))]
    UnknownOutput { name: String, known: Vec<String> },
    /// An input is not given.
    #[error("input {name:?} is missing")]
    Missing { name: String },
    /// An input or output is named twice.
    #[error("{name:?} is given twice")]
    Duplicate { name: String },
    /// An input of the wrong type.
    #[error("input {name:?} has datatype {found}; the model wants {wanted}")]
    WrongDatatype { name: String, wanted: Datatype, found: Datatype },
    /// An input of the wrong shape, or of another number of elements than its shape says.
    #[error("input {name:?}: {what}")]
    WrongShape { name: String, what: String },
    /// A NaN or an infinity; `index` counts the elements of the input, row-major.
    #[error("input {name:?} is not finite at element {index}")]
    NotFinite { name: String, index: usize },
    /// No rows.
    #[error("input {name:?} has no elements")]
    Empty { name: String },
    /// More rows than a request may have.
    #[error(
        "the request has {rows} rows of {elements} elements in all; at most {rows_max} rows and {elements_max} \
             elements: send it in parts"
    )]
    TooManyRows { rows: usize, elements: usize, rows_max: usize, elements_max: usize },
    /// Scores were asked of a model that gives none.
    #[error("the model is of kind \"tensor\": it gives no score")]
    NoScore,
    /// The queue is full.
    #[error("the model is busy: {waiting} requests wait already; ask again later")]
    Busy { waiting: usize },
    /// It was not answered in time.
    #[error("not answered within {seconds} seconds")]
    TimedOut { seconds: f64 },
    /// ONNX Runtime refused, or the model gave what it should not.
    #[error("the model failed: {what}")]
    Runtime { what: String },
}

/// A model that was asked for and is not served.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum NotServed {
    /// No folder of that name.
    #[error("there is no model {name:?}; {}", listed("there are", known))]
    UnknownModel { name: String, known: Vec<String> },
    /// No folder of that version.
    #[error("model {name:?} has no version {version}; {}", listed("it has", known))]
    UnknownVersion { name: String, version: u64, known: Vec<String> },
    /// The folder is there and did not pass.
    #[error("model {name:?} is not ready: {error}")]
    NotReady { name: String, version: Option<u64>, error: String },
}

fn listed(lead: &str, known: &[String]) -> String {
    if known.is_empty() { format!("{lead} none") } else { format!("{lead} {}", known.join(", ")) }
}
