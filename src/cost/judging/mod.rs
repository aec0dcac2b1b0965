//! May it be sent: limits, their file, checks, and the verdict.

pub(super) mod checks;
pub(super) mod checks_level;
pub(super) mod limits;
pub(super) mod limits_file;
pub(super) mod limits_rules;
pub(super) mod verdict;
