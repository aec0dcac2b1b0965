//! Why somebody is refused, in words for a person and for the audit.

use std::time::Duration;

use super::{Left, Scope};

/// Why somebody is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Nothing was shown.
    #[error("this needs a key: send it as Authorization: Bearer KEY")]
    NoKey,
    /// Not a key, or a mistyped one.
    #[error(
        "that is no key, or a mistyped one: send Authorization: Bearer KEY, as impactd keys create printed it"
    )]
    Malformed,
    /// No such key: its id is not known or its secret is wrong, and nobody is told which.
    #[error("this key is not known here")]
    Unknown,
    /// Its end has come.
    #[error("this key has expired; ask for a new one")]
    Expired,
    /// It was revoked.
    #[error("this key was revoked; ask for a new one")]
    Revoked,
    /// Too many failed logins from the address.
    #[error("too many keys from this address were wrong; wait before the next one")]
    TooManyFailures {
        /// How long.
        wait: Duration,
    },
    /// The key is good, but not for this.
    #[error("this needs a key with scope {}; yours has {}", needed.as_str(), has.as_str())]
    Scope {
        /// What is needed.
        needed: Scope,
        /// What the key has.
        has: Scope,
    },
    /// The key's allowance is used up.
    #[error("this key asks too often; Retry-After says when to ask again")]
    Rate(Left),
    /// The name by which the daemon was called is not its own.
    #[error(
        "without keys this daemon answers only to its own address or localhost, not to the Host that was sent"
    )]
    ForeignHost,
    /// A browser sends it on behalf of another site.
    #[error("another site's page may not change anything here")]
    CrossSite,
    /// Nobody has said who may use the route.
    #[error("this route is closed")]
    Closed,
}

impl Denied {
    /// One word for it, in problems and in the audit.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::Malformed => "malformed_key",
            Self::Unknown => "unknown_key",
            Self::Expired => "expired_key",
            Self::Revoked => "revoked_key",
            Self::TooManyFailures { .. } => "too_many_failures",
            Self::Scope { .. } => "insufficient_scope",
            Self::Rate(_) => "rate_limited",
            Self::ForeignHost => "foreign_host",
            Self::CrossSite => "cross_site",
            Self::Closed => "closed",
        }
    }
}
