//! One word from all checks.
//!
//! A hard failure blocks. Else a required check that could not be evaluated makes the verdict indeterminate, which
//! is to be treated as a block. Else a warning or a soft failure warns. Else the order may go.

use super::checks::{Check, Severity, Status};

/// What an order management system branches on; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may be sent.
    Allow,
    /// It may be sent; somebody should look.
    Warn,
    /// Something needed is not known: not to be sent.
    Indeterminate,
    /// Not to be sent.
    Block,
}

/// The verdict of some checks.
#[must_use]
pub fn verdict(checks: &[Check]) -> Verdict {
    let one = |check: &Check| match (check.status, check.severity) {
        (Status::Fail, Severity::Hard) => Verdict::Block,
        (Status::NotEvaluated, _) if check.required => Verdict::Indeterminate,
        (Status::Warn, _) | (Status::Fail, Severity::Soft) => Verdict::Warn,
        (Status::Pass | Status::NotEvaluated, _) => Verdict::Allow,
    };
    // No checks at all is no knowledge.
    checks.iter().map(one).max().unwrap_or(Verdict::Indeterminate)
}
