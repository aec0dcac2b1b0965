//! One unit of work: its files read and walked; a batch has its symbol-days analysed and written into a staging
//! folder.

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread::Scope;

use serde_json::{Value, json};

use super::desk::Desk;
use super::sorter::Sorter;
use super::stream::{Batches, Finished, Key, Stream, read};
use super::ticks::TickDesk;
use super::walk::{Bed, Rivers, Walked, walk};
use super::{BatchError, Job, Unit, Watch};
use crate::ingest::{
    Batch, DepthTick, IngestError, Input, RawDepth, RawQuote, RawRow, RawTick, RawTrade, ReadReport, Record,
    Reject, Rows,
};
use crate::pipeline::SymbolDay;
use crate::store::{InputRecord, RejectRecord, StoreError, UnitRecord, create_dir, remove_dir};
use crate::tape::{Session, Symbol};

/// Runs a unit into `staging`.
///
/// # Errors
/// The first thing that went wrong with an input or with the staging folder, which is removed.
pub fn run(unit: &Unit, job: &Job<'_>, staging: &Path) -> Result<UnitRecord, BatchError> {
    let fresh = || {
        remove_dir(staging)?;
        create_dir(staging)?;
        Ok(staging)
    };
    let (mut record, reports) = if job.request.ticks {
        let (desk, reports) =
            pour_through(unit, job, staging, || Ok(TickDesk::new(job, fresh()?, job.origin(unit))))?;
        (desk.finish()?, reports)
    } else {
        let (desk, reports) = walk_through(unit, job, staging, || Ok(Desk::new(job, fresh()?)), Desk::take)?;
        (desk.finish()?, reports)
    };
    let inputs = unit.inputs.iter().zip(reports);
    record.inputs = inputs.map(|(input, report)| input_record(input, report)).collect();
    Ok(record)
}

/// Reads a unit's files and hands each finished symbol-day to `take`, until that says stop.
///
/// The files are first taken to be sorted by symbol, as NYSE's are, and walked without holding anything. The
/// first row that says otherwise ends that pass; what it gathered is thrown away, and the files are sorted within the
/// memory bound, in a folder inside `scratch`. So each pass begins with a `fresh` receiver.
///
/// # Errors
/// The first thing that went wrong with an input or in the scratch folder.
pub fn walk_through<T>(
    unit: &Unit,
    job: &Job<'_>,
    scratch: &Path,
    mut fresh: impl FnMut() -> Result<T, StoreError>,
    take: impl Fn(&mut T, Key, Session, SymbolDay) -> bool,
) -> Result<(T, Vec<ReadReport>), BatchError> {
    let rivers = || Ok(Rivers::new(&job.settings, fresh()?, &take));
    let (rivers, reports) = pour_through(unit, job, scratch, rivers)?;
    Ok((rivers.receiver, reports))
}

/// The same for any bed. Each pass begins with a `fresh` one.
///
/// # Errors
/// As [`walk_through`].
pub fn pour_through<B: Bed>(
    unit: &Unit,
    job: &Job<'_>,
    scratch: &Path,
    mut fresh: impl FnMut() -> Result<B, StoreError>,
) -> Result<(B, Vec<ReadReport>), BatchError> {
    let mut bed = fresh()?;
    let sorted_pass = pass(unit, job, &mut bed, |scope, finished| {
        let inputs = unit.inputs.iter().enumerate();
        Ok(inputs
            .map(|(index, input)| {
                let batches = read(scope, (index, input), &job.options, finished.clone());
                Stream::new(batches, foretold(input), job.request.calendar)
            })
            .collect())
    })?;
    if let Some(reports) = sorted_pass {
        return Ok((bed, reports));
    }
    bed = fresh()?;
    let spilled = scratch.join("spilled");
    let result = pass(unit, job, &mut bed, |scope, finished| {
        let memory = job.memory_per_unit / unit.inputs.len();
        let mut streams = Vec::new();
        for (index, input) in unit.inputs.iter().enumerate() {
            let folder = spilled.join(index.to_string());
            create_dir(&folder)?;
            let batches = read(scope, (index, input), &job.options, finished.clone());
            streams.push(Stream::new(sort(batches, &folder, (memory, job))?, None, job.request.calendar));
        }
        Ok(streams)
    })?;
    remove_dir(&spilled)?;
    let reports = result.ok_or_else(|| BatchError::Plan("rows lost their order after sorting".into()))?;
    Ok((bed, reports))
}

/// One pass over the unit's files; `None` when the streams turned out not to be sorted.
fn pass<'env>(
    unit: &'env Unit,
    job: &'env Job<'env>,
    bed: &mut impl Bed,
    open: impl for<'scope> FnOnce(
        &'scope Scope<'scope, 'env>,
        &Sender<Finished>,
    ) -> Result<Vec<Stream<'scope>>, BatchError>,
) -> Result<Option<Vec<ReadReport>>, BatchError> {
    let (finished, ended) = channel();
    let walked = std::thread::scope(|scope| {
        let mut streams = open(scope, &finished)?;
        let walked = walk(&mut streams, &job.request.dates, bed);
        let failures = streams.into_iter().find_map(Stream::into_failure);
        failures.map_or(Ok(walked), |error| Err(BatchError::Store(error)))
    });
    drop(finished);
    let mut reports = vec![ReadReport::default(); unit.inputs.len()];
    for (index, end) in ended {
        match end {
            Ok(report) => reports[index] = report,
            Err(IngestError::CalledOff) => {}
            // A file that cannot be read outweighs the order of what could be.
            Err(error) => return Err(error.into()),
        }
    }
    match walked? {
        Walked::NotSorted => Ok(None),
        Walked::Done | Walked::Stopped => Ok(Some(reports)),
    }
}

fn foretold(input: &Input) -> Option<Key> {
    let symbol = input.symbol.as_deref()?;
    Some((input.reading.date?, Symbol::new(symbol)))
}

/// Sorts a file's batches within a memory bound.
fn sort(
    mut batches: Batches<'_>,
    folder: &Path,
    (memory, job): (usize, &Job<'_>),
) -> Result<Batches<'static>, StoreError> {
    let (watch, calendar) = (&job.watch, job.request.calendar);
    let mut batches = std::iter::from_fn(move || batches().transpose()).peekable();
    match batches.peek() {
        Some(Ok(Batch { rows: Rows::Trades(_), .. })) => {
            sort_rows(batches, (Sorter::<RawTrade>::new(folder, memory, calendar), watch))
        }
        Some(Ok(Batch { rows: Rows::Ticks(_), .. })) => {
            sort_rows(batches, (Sorter::<RawTick>::new(folder, memory, calendar), watch))
        }
        Some(Ok(Batch { rows: Rows::Depths(_), .. })) => {
            sort_rows(batches, (Sorter::<RawDepth>::new(folder, memory, calendar), watch))
        }
        Some(Ok(Batch { rows: Rows::DepthTicks(_), .. })) => {
            sort_rows(batches, (Sorter::<DepthTick>::new(folder, memory, calendar), watch))
        }
        _ => sort_rows(batches, (Sorter::<RawQuote>::new(folder, memory, calendar), watch)),
    }
}

fn sort_rows<R: RawRow + Record + 'static>(
    batches: impl Iterator<Item = Result<Batch, StoreError>>,
    (mut sorter, watch): (Sorter<R>, &Watch),
) -> Result<Batches<'static>, StoreError> {
    for batch in batches {
        let Batch { symbols, rows } = batch?;
        sorter.add(&symbols, &R::unwrap(rows))?;
    }
    if watch.is_called_off() {
        // Nobody waits for the rows: they need not be put in order.
        return Ok(Box::new(|| Ok(None)));
    }
    sorter.finish()
}

/// What the manifest says of an input; its hash is empty where reading did not pass all bytes in order.
fn input_record(input: &Input, report: ReadReport) -> InputRecord {
    let name = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let reject =
        |r: Reject| RejectRecord { line: r.line, column: r.column, value: r.value, why: r.why.into() };
    InputRecord {
        name: file_name(&input.path),
        sha256: report.sha256.unwrap_or_default(),
        bytes: input.bytes,
        format: name(json!(input.reading.format)),
        kind: name(json!(input.kind)),
        rows: report.rows,
        rows_unselected: report.rows_unselected,
        rows_rejected: report.rows_rejected,
        rejects: report.rejects.into_iter().map(reject).collect(),
        counted: report.counted,
    }
}

/// A path's last part.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
