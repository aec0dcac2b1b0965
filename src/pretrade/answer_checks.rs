//! The part of an answer that says whether the order may go.

use serde::Serialize;
use utoipa::ToSchema;

use super::answer::VerdictAnswer;
use super::stamp::Stamp;
use crate::cost::{Authority, Check, Severity, Status, Verdict};

impl From<Verdict> for VerdictAnswer {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Allow,
            Verdict::Warn => Self::Warn,
            Verdict::Indeterminate => Self::Indeterminate,
            Verdict::Block => Self::Block,
        }
    }
}

impl VerdictAnswer {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Indeterminate => "indeterminate",
            Self::Block => "block",
        }
    }
}

/// A check and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckAnswer {
    /// Which; these words do not change.
    #[schema(example = "max_order_notional")]
    pub code: &'static str,
    /// The rule behind it.
    #[schema(example = "SEC 15c3-5(c)(1)(ii), RTS 6 Art 15(1)(b)")]
    pub rule: &'static str,
    /// `hard` blocks when it fails, `soft` warns.
    #[schema(example = "hard")]
    pub severity: &'static str,
    /// `pass`, `warn`, `fail` or `not_evaluated`.
    #[schema(example = "pass")]
    pub status: &'static str,
    /// Whether the verdict waits for it: not evaluated, it makes the verdict indeterminate.
    pub required: bool,
    /// What was seen.
    #[schema(required)]
    pub observed: Option<f64>,
    /// Level that warns.
    #[schema(required)]
    pub warn: Option<f64>,
    /// Level that blocks.
    #[schema(required)]
    pub limit: Option<f64>,
    /// Unit of the four numbers.
    #[schema(example = "usd")]
    pub unit: &'static str,
    /// What is left until it blocks; below 0 it is overstepped.
    #[schema(required)]
    pub headroom: Option<f64>,
    /// Where the levels come from; null where no limits file sets them.
    #[schema(required)]
    pub reference: Option<LimitReference>,
    /// A sentence for a person.
    pub message: String,
}

/// The entry of the limits file behind a check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LimitReference {
    /// `limit` or `override`.
    #[schema(example = "limit")]
    pub kind: &'static str,
    /// Of which symbol; `*` is all.
    #[schema(example = "*")]
    pub symbol: String,
    /// Of which account; `*` is all.
    #[schema(example = "*")]
    pub account: String,
    /// Who keeps it.
    pub owner: String,
    /// Why it is what it is.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// First moment in force, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub effective: Stamp,
    /// First moment no longer in force, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Stamp,
    /// Whether the request's own, tighter level counts.
    pub tightened_by_request: bool,
}

/// The limits file that the checks used.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LimitsAnswer {
    /// `file`, or `built_in` where there is none.
    #[schema(example = "file")]
    pub source: &'static str,
    /// Of its bytes.
    pub sha256: String,
    /// Whether the file has changed since and could not be taken: these are the last sound ones.
    pub reload_failed: bool,
}

impl From<&Check> for CheckAnswer {
    fn from(check: &Check) -> Self {
        Self {
            code: check.rule.code,
            rule: check.rule.rule,
            severity: match check.severity {
                Severity::Hard => "hard",
                Severity::Soft => "soft",
            },
            status: match check.status {
                Status::Pass => "pass",
                Status::Warn => "warn",
                Status::Fail => "fail",
                Status::NotEvaluated => "not_evaluated",
            },
            required: check.required,
            observed: check.observed,
            warn: check.warn,
            limit: check.limit,
            unit: check.rule.unit,
            headroom: check.headroom,
            reference: check.authority.as_ref().map(LimitReference::from),
            message: check.message.clone(),
        }
    }
}

impl From<&Authority> for LimitReference {
    fn from(authority: &Authority) -> Self {
        let entry = &authority.entry;
        let any = |own: &Option<String>| own.clone().unwrap_or_else(|| "*".to_owned());
        Self {
            kind: if authority.is_override { "override" } else { "limit" },
            symbol: any(&entry.scope.symbol),
            account: any(&entry.scope.account),
            owner: entry.owner.clone(),
            reason: entry.reason.clone(),
            approved_by: entry.approved_by.clone(),
            effective: Stamp(entry.effective),
            expires: Stamp(entry.expires),
            tightened_by_request: authority.tightened,
        }
    }
}
