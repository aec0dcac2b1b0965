//! What is written down of a deed. In: who did what. Out: a line for the audit, of bounded length.

use std::net::IpAddr;

use super::{Denied, Who};
use crate::clock::now;
use crate::limits::AUDIT_TEXT_MAX_CHARS;
use crate::store::ledger::NewEntry;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody was refused.
    Denied,
    /// A key was made.
    KeyCreated,
    /// A key was revoked.
    KeyRevoked,
    /// A key was put in another's place.
    KeyRotated,
    /// Other limits hold.
    LimitsChanged,
    /// A model answers.
    ModelLoaded,
    /// A model could not be taken.
    ModelRefused,
    /// A model answers no more.
    ModelUnloaded,
    /// A job was started.
    JobStarted,
    /// A job was cancelled.
    JobCancelled,
    /// Lines were lost: more waited than there is room for.
    LinesLost,
}

impl Action {
    /// Its word in the audit.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::KeyCreated => "key_created",
            Self::KeyRevoked => "key_revoked",
            Self::KeyRotated => "key_rotated",
            Self::LimitsChanged => "limits_changed",
            Self::ModelLoaded => "model_loaded",
            Self::ModelRefused => "model_refused",
            Self::ModelUnloaded => "model_unloaded",
            Self::JobStarted => "job_started",
            Self::JobCancelled => "job_cancelled",
            Self::LinesLost => "lines_lost",
        }
    }
}

/// Who did it, and to what.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// A key's id, `command line`, `daemon` or `nobody`.
    pub who: String,
    /// From where.
    pub address: Option<IpAddr>,
    /// Which request.
    pub request_id: String,
    /// To what: a key, a route, a model, a job.
    pub subject: String,
    /// More, for a person.
    pub detail: String,
}

impl Deed {
    /// Something that the daemon did by itself.
    #[must_use]
    pub fn of_daemon(subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { who: "daemon".into(), subject: subject.into(), detail: detail.into(), ..Self::default() }
    }

    /// Something that a request did.
    #[must_use]
    pub fn of(who: &Who, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            who: who.key.clone().unwrap_or_else(|| "nobody".into()),
            address: who.address,
            request_id: who.request_id.clone(),
            subject: subject.into(),
            detail: detail.into(),
        }
    }
}

/// The line of a deed, with the time of now.
pub fn entry(action: Action, deed: Deed) -> NewEntry {
    NewEntry {
        at: now(),
        who: deed.who,
        action: action.as_str().to_owned(),
        subject: short(&deed.subject),
        detail: short(&deed.detail),
        address: deed.address.map(|address| address.to_canonical().to_string()).unwrap_or_default(),
        request_id: deed.request_id,
    }
}

/// The line of a refusal.
pub fn denial(denied: &Denied, deed: &Deed) -> NewEntry {
    let detail = match denied {
        Denied::Scope { needed, has } => {
            format!("{}: {} needed, {} shown", denied.word(), needed.as_str(), has.as_str())
        }
        other => other.word().to_owned(),
    };
    entry(Action::Denied, Deed { detail, ..deed.clone() })
}

/// A text that a stranger may have made: bounded, and without control characters.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(AUDIT_TEXT_MAX_CHARS).collect()
}
