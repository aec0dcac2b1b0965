//! Who may do what: keys with scopes and an end, kept as hashes; denials and changes written down.

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
