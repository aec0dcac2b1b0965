//! Symbol-days for whoever wants something of them other than result tables: the same plan, readers and walk.

use std::path::Path;

use chrono::NaiveDate;

use super::unit::walk_through;
use super::{BatchError, Job, Plan, Request, plan};
use crate::pipeline::SymbolDay;
use crate::store::remove_dir;
use crate::tape::{Session, Symbol};

/// What was made of every symbol-day, in the order of dates and symbols.
#[derive(Debug)]
pub struct Gathered<X> {
    /// What was read, and by which rules.
    pub plan: Plan,
    /// Each symbol-day's.
    pub days: Vec<(NaiveDate, Symbol, X)>,
}

/// Reads a request's inputs and keeps what `each` makes of a symbol-day, one of which is held at a time. Nothing is
/// written, but rows that are not sorted by symbol may spill into a folder that is gone afterwards.
///
/// # Errors
/// The first thing that went wrong with the request or an input.
pub fn gather<X>(
    request: &Request,
    each: impl Fn(&Plan, &Symbol, Session, SymbolDay) -> X,
) -> Result<Gathered<X>, BatchError> {
    let plan = plan(request)?;
    let scratch = std::env::temp_dir().join(format!("impactd-{}", std::process::id()));
    let days = read(&plan, &Job::new(request, &plan), &scratch, each);
    remove_dir(&scratch)?;
    Ok(Gathered { days: days?, plan })
}

fn read<X>(
    plan: &Plan,
    job: &Job<'_>,
    scratch: &Path,
    each: impl Fn(&Plan, &Symbol, Session, SymbolDay) -> X,
) -> Result<Vec<(NaiveDate, Symbol, X)>, BatchError> {
    let mut all = Vec::new();
    for unit in &plan.units {
        let (made, _) = walk_through(
            unit,
            job,
            scratch,
            || Ok(Vec::new()),
            |made: &mut Vec<_>, (date, symbol), session, day| {
                let kept = each(plan, &symbol, session, day);
                made.push((date, symbol, kept));
                true
            },
        )?;
        all.extend(made);
    }
    Ok(all)
}
