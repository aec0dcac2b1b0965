//! Who may do what: keys with scopes and an end, kept as hashes; how often; denials and changes written down. In: what
//! a caller shows. Out: who that is, or why not.
//!
//! Without a single key everybody may do everything: that is for a daemon on loopback, see [`open_bind`].

mod audit;
mod bind;
mod denied;
mod fold;
mod keeper;
mod key;
mod manage;
mod rates;
mod ring;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use crate::clock::now;
use crate::store::ledger::LedgerError;
use keeper::{Keeper, Shared};

pub use audit::{Action, Deed};
pub use bind::{Protection, open_bind};
pub use denied::Denied;
pub use key::KeyText;
pub use manage::{KeyBook, ManageError};
pub use rates::{Cost, Left, RateSettings};

/// What a key allows. A scope includes those before it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// To ask: results, estimates, scores, streams.
    Read,
    /// To send: events, executions, jobs.
    Write,
    /// To rule: models, limits, keys, the audit.
    Admin,
}

impl Scope {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The scope of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Admin].into_iter().find(|scope| scope.as_str() == word)
    }
}

/// How the door is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy {
    /// Where the daemon listens; unknown means loopback.
    pub listen: Option<SocketAddr>,
    /// `--insecure`: without keys, callers may name this daemon as they like.
    pub insecure: bool,
    /// How often a key may ask.
    pub rates: RateSettings,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The key's id; none where there are no keys, or on a public route.
    pub key: Option<String>,
    /// The key's owner.
    pub owner: Option<String>,
    /// What may be done.
    pub scope: Scope,
    /// From where.
    pub address: Option<IpAddr>,
    /// Which request.
    pub request_id: String,
}

/// What a caller shows.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// No `Authorization`.
    Nothing,
    /// `Authorization: Bearer TEXT`.
    Bearer(&'a str),
    /// An `Authorization` of another kind.
    Malformed,
}

/// The door: keys, allowances and the audit.
#[derive(Debug)]
pub struct Access {
    policy: Policy,
    shared: Arc<Shared>,
    keeper: Option<Keeper>,
}

impl Access {
    /// No keys and no audit: for tests, and for a daemon that keeps no books.
    #[must_use]
    pub fn none() -> Arc<Self> {
        let policy = Policy::default();
        Arc::new(Self { policy, shared: Arc::new(Shared::new(policy.rates)), keeper: None })
    }

    /// The keys of a results folder. Keys that the command line makes or revokes count here within seconds.
    ///
    /// # Errors
    /// When the book cannot be opened or read, or there is no thread to keep it.
    pub fn open(data: &Path, policy: Policy) -> Result<Arc<Self>, LedgerError> {
        let shared = Arc::new(Shared::new(policy.rates));
        let keeper = Some(Keeper::start(data, &shared)?);
        Ok(Arc::new(Self { policy, shared, keeper }))
    }

    /// How the door is kept.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Whether there never was a key: everybody may do everything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.ring().is_empty()
    }

    /// Keys that count now.
    #[must_use]
    pub fn usable_keys(&self) -> usize {
        self.shared.ring().usable(now())
    }

    /// Who somebody is.
    ///
    /// # Errors
    /// Why that is nobody who may ask anything here.
    pub fn who(&self, shown: Shown<'_>, address: Option<IpAddr>, request_id: &str) -> Result<Who, Denied> {
        let request_id = request_id.to_owned();
        let ring = self.shared.ring();
        if ring.is_empty() {
            return Ok(Who { key: None, owner: None, scope: Scope::Admin, address, request_id });
        }
        let now = now();
        let held = match shown {
            Shown::Nothing => return Err(Denied::NoKey),
            Shown::Malformed => Err(Denied::Malformed),
            Shown::Bearer(text) => {
                KeyText::parse(text).ok_or(Denied::Malformed).and_then(|key| ring.whose(&key, now))
            }
        };
        let held = held.map_err(|denied| match self.shared.rates.failed(address) {
            Ok(()) => denied,
            Err(wait) => Denied::TooManyFailures { wait },
        })?;
        self.shared.used(&held.id, now);
        let (key, owner) = (Some(held.id.clone()), Some(held.owner.clone()));
        Ok(Who { key, owner, scope: held.scope, address, request_id })
    }

    /// Whether somebody's scope is enough.
    ///
    /// # Errors
    /// When it is not.
    pub fn allow(&self, who: &Who, needed: Scope) -> Result<(), Denied> {
        if who.scope >= needed { Ok(()) } else { Err(Denied::Scope { needed, has: who.scope }) }
    }

    /// Whether somebody's key counts still.
    #[must_use]
    pub fn still_counts(&self, who: &Who) -> bool {
        who.key.as_ref().is_none_or(|id| self.shared.ring().counts(id, now()))
    }

    /// Takes a request from somebody's allowance; where there are no keys there are no allowances.
    ///
    /// # Errors
    /// When nothing is left of it.
    pub fn spend(&self, who: &Who, cost: Cost) -> Result<Option<Left>, Denied> {
        let Some(key) = &who.key else { return Ok(None) };
        self.shared.rates.spend(key, cost).map(Some).map_err(Denied::Rate)
    }

    /// Writes down that somebody was refused. Many refusals of an address become one line.
    pub fn denied(&self, denied: &Denied, who: &Deed) {
        self.note(keeper::Note::Denial(audit::denial(denied, who)));
    }

    /// Writes down what somebody did.
    pub fn audit(&self, action: Action, deed: Deed) {
        self.note(keeper::Note::Entry(audit::entry(action, deed)));
    }

    /// Writes down which limits hold from now on, unless the audit's last word on limits says so already.
    pub fn limits_in_force(&self, sha256: &str, source: &str) {
        self.note(keeper::Note::Limits { sha256: sha256.to_owned(), source: source.to_owned() });
    }

    fn note(&self, note: keeper::Note) {
        if let Some(keeper) = &self.keeper {
            keeper.note(note);
        }
    }
}

#[cfg(test)]
mod tests;
