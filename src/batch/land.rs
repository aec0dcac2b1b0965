//! The batch from plan to manifest: units on worker threads, staging, landing, the record of it all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use super::up_to_date::{different_parameters, is_up_to_date, sha256, what_would_be_lost};
use super::{BatchError, Job, Outcome, Plan, Unit, Watch, progress, unit};
use crate::store::{
    Manifest, StoreError, Table, UnitRecord, crash, create_dir, lock, remove_dir, rename, write_atomically,
};

pub(super) const STAGING: &str = ".staging";
const DONE: &str = "done.json";
/// What a unit lands beside the tables' folders of dates: loose files.
const LOOSE: [&str; 2] = ["catalogue", "summary"];

/// Runs the plan's units and lands them.
pub fn run(plan: &Plan, job: &Job<'_>, parameters: BTreeMap<String, Value>) -> Result<Outcome, BatchError> {
    let out = &job.request.out;
    create_dir(out)?;
    let _lock = lock(out)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let before = Manifest::load(out)?;
    if let Some(before) = &before {
        if before.version != version || before.parameters != parameters {
            return Err(BatchError::Plan(different_parameters(out, before, &parameters)));
        }
        if is_up_to_date(before, plan, out, &job.watch)? {
            // A batch that was killed behind its last word has left its staging.
            remove_dir(&out.join(STAGING))?;
            return Ok(Outcome::UpToDate(before.clone()));
        }
    }
    let started = Instant::now();
    let bytes = plan.units.iter().flat_map(|unit| &unit.inputs).map(|input| input.bytes);
    job.watch.begin(plan.units.len(), bytes.sum());
    let staging = out.join(STAGING);
    let named: Vec<(String, &Unit)> =
        plan.units.iter().map(|unit| (unit.id(&format!("{version} {parameters:?}")), unit)).collect();
    sweep(&staging, &named)?;
    let records: Vec<UnitRecord> =
        work(&named, job, &staging)?.into_iter().filter(|record| record.symbol_days > 0).collect();
    if records.is_empty() {
        let what =
            "no row of the inputs is of the symbols and dates asked for; check their spelling and the files";
        return Err(BatchError::Nothing(what.into()));
    }
    if job.watch.is_called_off() {
        return Err(BatchError::CalledOff);
    }
    let staged: Vec<PathBuf> = named.iter().map(|(id, _)| staging.join(id)).collect();
    let manifest = put_in_place(out, before, parameters, records, &staged)?;
    save_timings(job, started)?;
    remove_dir(&staging)?;
    Ok(Outcome::Made(manifest, plan.warnings()))
}

/// Puts staged units in place of what the folder has of their dates, and writes them into its manifest.
pub(super) fn put_in_place(
    out: &Path,
    before: Option<Manifest>,
    parameters: BTreeMap<String, Value>,
    records: Vec<UnitRecord>,
    staged: &[PathBuf],
) -> Result<Manifest, BatchError> {
    let folders = date_folders(staged);
    if let Some(lost) = before.as_ref().and_then(|before| what_would_be_lost(before, out, &folders)) {
        return Err(BatchError::Plan(format!("{}: {lost}", out.display())));
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let mut manifest = before.unwrap_or(Manifest { version, parameters, units: Vec::new() });
    for record in &records {
        manifest.retire(&record.dates);
    }
    // While tables are being moved, the manifest does not speak of them.
    manifest.save(out)?;
    for unit in staged {
        land(unit, out)?;
    }
    manifest.units.extend(records);
    manifest.units.sort_by(|a, b| a.dates.cmp(&b.dates));
    manifest.save(out)?;
    Ok(manifest)
}

/// Takes away what an unfinished batch has staged in a results folder; the tables in it stay. Nothing is done while
/// another batch is at work there, which would sweep it away itself.
///
/// # Errors
/// When the operating system refuses.
pub fn discard(out: &Path) -> Result<(), StoreError> {
    match lock(out) {
        Ok(_lock) => remove_dir(&out.join(STAGING)),
        Err(StoreError::Locked { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Every date that staged units have made, and where.
fn date_folders(staged: &[PathBuf]) -> BTreeMap<String, &Path> {
    let mut found = BTreeMap::new();
    for unit in staged {
        for entry in std::fs::read_dir(unit.join("catalogue")).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let date = name.trim_start_matches("date=").trim_end_matches(".json").to_owned();
            found.insert(date, unit.as_path());
        }
    }
    found
}

/// Runs units on worker threads.
fn work(named: &[(String, &Unit)], job: &Job<'_>, staging: &Path) -> Result<Vec<UnitRecord>, BatchError> {
    let bar = progress::start(job);
    let next = AtomicUsize::new(0);
    let results: Mutex<BTreeMap<usize, Result<UnitRecord, BatchError>>> = Mutex::default();
    let failed = || lock_results(&results).values().any(Result::is_err);
    std::thread::scope(|scope| {
        for _ in 0..job.request.jobs.min(named.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((id, unit)) = named.get(index).filter(|_| !failed()) else { return };
                    let result = run_once(unit, job, &staging.join(id));
                    lock_results(&results).insert(index, result);
                }
            });
        }
    });
    bar.finish();
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn lock_results<T>(results: &Mutex<T>) -> MutexGuard<'_, T> {
    // A worker that panicked between two units leaves the finished ones as they are.
    results.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a unit, unless an earlier batch that was killed has finished it.
fn run_once(unit: &Unit, job: &Job<'_>, staging: &Path) -> Result<UnitRecord, BatchError> {
    let done = staging.join(DONE);
    if let Some(result) = std::fs::read(&done).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        job.watch.pass_over(unit.inputs.iter().map(|input| input.bytes).sum());
        job.watch.unit_done();
        return Ok(result);
    }
    let result = unit::run(unit, job, staging).and_then(|record| with_hashes(record, unit, &job.watch));
    // Readers that were called off look like files that end early: whatever came of it is not believed.
    let result = if job.watch.is_called_off() { Err(BatchError::CalledOff) } else { result };
    match &result {
        Ok(made) => {
            let bytes = serde_json::to_vec(made).map_err(|e| StoreError::damaged(&done, e.to_string()))?;
            write_atomically(&done, &bytes)?;
            job.watch.unit_done();
        }
        // The first failure is the one worth telling.
        Err(_) => drop(remove_dir(staging)),
    }
    result
}

/// Hashes the inputs whose readers could not, and puts the inputs in order.
fn with_hashes(mut record: UnitRecord, unit: &Unit, watch: &Watch) -> Result<UnitRecord, BatchError> {
    for (input, of) in record.inputs.iter_mut().zip(&unit.inputs) {
        if input.sha256.is_empty() {
            input.sha256 = sha256(&of.path, watch)?;
        }
    }
    record.inputs.sort();
    Ok(record)
}

/// Moves a unit's results into place.
fn land(staged: &Path, out: &Path) -> Result<(), StoreError> {
    for folder in Table::ALL.iter().map(|table| table.name()).chain(LOOSE) {
        let from = staged.join(folder);
        let Ok(entries) = std::fs::read_dir(&from) else {
            continue;
        };
        create_dir(&out.join(folder))?;
        for entry in entries {
            let entry = entry.map_err(|e| StoreError::io(&from, "listing", e))?;
            let to = out.join(folder).join(entry.file_name());
            if entry.path().is_dir() {
                remove_dir(&to)?;
            }
            rename(&entry.path(), &to)?;
            crash::point("in_landing");
        }
    }
    Ok(())
}

/// Removes staged units that this batch does not know.
fn sweep(staging: &Path, named: &[(String, &Unit)]) -> Result<(), StoreError> {
    create_dir(staging)?;
    let entries = std::fs::read_dir(staging).map_err(|e| StoreError::io(staging, "listing", e))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !named.iter().any(|(id, _)| name == id.as_str()) {
            remove_dir(&entry.path())?;
        }
    }
    Ok(())
}

/// `run.json`: what differs from run to run.
fn save_timings(job: &Job<'_>, started: Instant) -> Result<(), StoreError> {
    let rows = job.options.rows_seen.load(Ordering::Relaxed);
    let seconds = started.elapsed().as_secs_f64();
    let paths: Vec<&PathBuf> = job.request.inputs.iter().collect();
    let timings = json!({
        "inputs": paths,
        "jobs": job.request.jobs,
        "memory_bytes": job.request.memory_bytes,
        "rows_read": rows,
        "rows_per_second": rows as f64 / seconds,
        "seconds": seconds,
    });
    let mut text = format!("{timings:#}");
    text.push('\n');
    write_atomically(&job.request.out.join("run.json"), text.as_bytes())
}
