//! Every refusal as RFC 9457 `application/problem+json`, with a code that programs may rely on.
//!
//! A handler returns a [`Problem`]; it travels as an extension of the response and is written out by
//! [`edge`](super::edge), which knows the request's id and path. Causes are logged there, never sent.

use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::limits::HTTP_RETRY_AFTER_SECONDS;
use crate::store::StoreError;

/// What went wrong, in words that do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No key, or none that counts.
    Unauthorized,
    /// The key's scope is too small.
    InsufficientScope,
    /// Refused whatever the key: another site's page, another name than the daemon's own, a closed route.
    Forbidden,
    /// Too often, or too many wrong keys.
    RateLimited,
    /// The request's body came too slowly.
    SlowBody,
    /// A query parameter that the route does not have, or one given twice.
    UnknownParameter,
    /// A parameter's value that cannot be read.
    InvalidParameter,
    /// No results for this symbol.
    UnknownSymbol,
    /// No rows of a table that only some batches make, or of a panel that needs more results; the detail says which.
    NoTable,
    /// A bar width for which there are no results.
    UnknownBar,
    /// An interval that ends before it begins: there is nothing in it.
    EmptyInterval,
    /// No such route.
    UnknownRoute,
    /// The route exists, but not for this method.
    MethodNotAllowed,
    /// None of the formats in `Accept` is offered.
    NotAcceptable,
    /// The cursor belongs to another query, or the results have changed since it was given.
    StaleCursor,
    /// The request's body is too large.
    BodyTooLarge,
    /// The request's body is of a kind that is not taken here.
    UnsupportedMediaType,
    /// The request's body cannot be read: no JSON, or a basket that is none.
    InvalidBody,
    /// An order, or a question, with fields that cannot be meant.
    InvalidOrder,
    /// The data do not allow a forecast: no model by then, no recent bar, a closed session.
    NoForecast,
    /// The results are sound, and not of the kind that the question needs: of another calendar, or of fractional sizes.
    UnfitResults,
    /// No recorded order has this id.
    UnknownOrder,
    /// There is no job of this name.
    UnknownJob,
    /// The job has no file of this name.
    UnknownFile,
    /// This daemon runs no jobs.
    JobsOff,
    /// A job with fields that cannot be meant, or inputs that are not there.
    InvalidJob,
    /// No folder is configured for the inputs of jobs.
    NoRoots,
    /// The idempotency key was given to another question.
    KeyReused,
    /// The job has no results, or none yet.
    JobNotDone,
    /// A later batch has written this result anew.
    StaleResult,
    /// There is no such cost model.
    UnknownModel,
    /// Another order is recorded under this id.
    OrderConflict,
    /// A recorded order's file is damaged, or the disk refused; the log says which and what to do.
    DamagedRecord,
    /// A table or a model is damaged; the log says which and what to do.
    DamagedResults,
    /// A batch of events with something in it that cannot be meant.
    InvalidEvents,
    /// Another batch has this id.
    BatchConflict,
    /// The journal cannot grow: the disk or its own bound is full.
    JournalFull,
    /// This daemon takes no live tape.
    LiveOff,
    /// The daemon is about to stop.
    Stopping,
    /// Too many requests are waiting.
    Overloaded,
    /// The results are not there yet, or are being replaced.
    NotReady,
    /// The answer took too long.
    TimedOut,
    /// A defect of this program.
    Internal,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownParameter | Self::InvalidParameter | Self::InvalidBody => StatusCode::BAD_REQUEST,
            Self::UnknownSymbol
            | Self::UnknownBar
            | Self::NoTable
            | Self::UnknownOrder
            | Self::UnknownModel
            | Self::UnknownJob
            | Self::UnknownFile
            | Self::JobsOff
            | Self::EmptyInterval
            | Self::LiveOff
            | Self::UnknownRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::StaleCursor
            | Self::OrderConflict
            | Self::BatchConflict
            | Self::JobNotDone
            | Self::StaleResult => StatusCode::CONFLICT,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidOrder
            | Self::InvalidEvents
            | Self::NoForecast
            | Self::UnfitResults
            | Self::InvalidJob
            | Self::NoRoots
            | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::JournalFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Overloaded | Self::NotReady | Self::TimedOut | Self::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::DamagedRecord | Self::DamagedResults | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// One value that was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fault {
    /// Where it stands: `query/NAME`, `path/NAME` or `header/NAME`; in a body, a JSON pointer such as `/quantity`;
    /// in a batch of events, `line/N/FIELD` or `row/N/FIELD`.
    #[schema(example = "query/limit")]
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
    /// What would be taken instead; left out when that cannot be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub allowed: Vec<String>,
}

/// A refusal before it is written out.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// A sentence for a person.
    pub detail: String,
    /// The refused values.
    pub faults: Vec<Fault>,
    /// The cause, for the log.
    pub cause: Option<String>,
}

impl Problem {
    /// A refusal with a sentence for a person.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), faults: Vec::new(), cause: None }
    }

    /// Adds a refused value and what would be taken.
    #[must_use]
    pub fn at(mut self, pointer: String, message: impl Into<String>, allowed: Vec<String>) -> Self {
        self.faults.push(Fault { pointer, message: message.into(), allowed });
        self
    }

    /// A value of a query parameter that cannot be taken.
    pub fn invalid(name: &str, message: impl Into<String>, allowed: Vec<String>) -> Self {
        let message = message.into();
        Self::new(Code::InvalidParameter, format!("{name}: {message}")).at(
            format!("query/{name}"),
            message,
            allowed,
        )
    }

    /// A defect of this program; the cause is for the log only.
    pub fn internal(cause: impl Display) -> Self {
        let detail = "this request met a defect; it has been logged under its request_id";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal, detail) }
    }

    /// A recorded order that cannot be read, or one that cannot be written.
    #[must_use]
    pub fn damaged_record(cause: &StoreError) -> Self {
        let detail = "a recorded order cannot be read or written; the log names its file and what to do";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::DamagedRecord, detail) }
    }

    /// Results or models that will not be read until somebody mends them; or that do not fit the question.
    #[must_use]
    pub fn damaged(cause: &StoreError) -> Self {
        if let StoreError::Unfit { what } = cause {
            return Self::new(Code::UnfitResults, what.clone());
        }
        let detail =
            "a file of the results is damaged; asking again will not help: the log names it and what to do";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::DamagedResults, detail) }
    }

    /// Results that cannot be read at this moment.
    #[must_use]
    pub fn not_ready(cause: &StoreError) -> Self {
        let detail = "the results are not there yet or are being replaced; ask again";
        Self { cause: Some(cause.to_string()), ..Self::new(Code::NotReady, detail) }
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.code.status()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(HTTP_RETRY_AFTER_SECONDS));
        }
        response.extensions_mut().insert(self);
        response
    }
}
