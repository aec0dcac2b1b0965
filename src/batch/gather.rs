//! Symbol-days for whoever wants something of them other than result tables: the same plan, readers and walk.

use std::sync::Arc;

use chrono::NaiveDate;

use super::stream::Key;
use super::unit::walk_through;
use super::{BatchError, Job, Plan, Request, Watch, plan};
use crate::estimators::Measures;
use crate::flow::Bucketings;
use crate::pipeline::{Settings, SymbolDay};
use crate::store::{StoreError, remove_dir};
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
    plan.check_whole("a study is")?;
    let take = |made: &mut Vec<_>, (date, symbol): Key, session, day| {
        let kept = each(&plan, &symbol, session, day);
        made.push((date, symbol, kept));
        true
    };
    let days = read(&plan, &Job::new(request, &plan, &Watch::default()), || Ok(Vec::new()), take)?;
    Ok(Gathered { days: days.into_iter().flatten().collect(), plan })
}

/// Reads a request's inputs and hands every symbol-day, in order, with all its kept ticks to `take`, until that says
/// stop; gives each unit's receiver. A pass that turns out to need sorted rows begins again with a `fresh` one.
///
/// # Errors
/// The first thing that went wrong with the request or an input.
pub fn each_day<T>(
    request: &Request,
    fresh: impl FnMut() -> Result<T, StoreError>,
    take: impl Fn(&mut T, Key, Session, SymbolDay) -> bool,
) -> Result<Vec<T>, BatchError> {
    let plan = plan(request)?;
    plan.check_whole("tapes that are written anew are")?;
    let mut job = Job::new(request, &plan, &Watch::default());
    let settings = Settings {
        keep_quotes: true,
        keep_signed: true,
        measures: Measures::Spot,
        buckets: Bucketings::default(),
        levels: 1,
        ..(*job.settings).clone()
    };
    job.settings = Arc::new(settings);
    read(&plan, &job, fresh, take)
}

fn read<T>(
    plan: &Plan,
    job: &Job<'_>,
    mut fresh: impl FnMut() -> Result<T, StoreError>,
    take: impl Fn(&mut T, Key, Session, SymbolDay) -> bool,
) -> Result<Vec<T>, BatchError> {
    let scratch = std::env::temp_dir().join(format!("impactd-{}", std::process::id()));
    let mut all = Vec::new();
    for unit in &plan.units {
        let walked = walk_through(unit, job, &scratch, &mut fresh, &take);
        remove_dir(&scratch)?;
        all.push(walked?.0);
    }
    Ok(all)
}
