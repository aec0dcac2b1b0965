//! A tape from a stated law: trades and quotes whose impact, imbalance and aggressors are known beforehand.
//!
//! The session is cut into steps; a step is the natural bar, and all below holds for bars of whole steps.
//! In step k, with d(k) the shape of the day and every random term below of mean zero given the flow:
//!
//! ```text
//! flow        TI_k  = sum of +-shares of the step's trades
//!                     signs: s_j = s_(j-1) with probability rho, else a fair coin
//! noise       u_k   = d(k) (a + b |TI_k|) z_k
//!                     z an AR(1) of unit variance, independent of all flow
//! depletions  n_k   = floor(x_k) + 1{U_k < x_k - floor(x_k)},  x_k = (lambda TI_k + u_k) / tick
//! quotes      e_k   = d(k) c y_k on the 1e-4 USD grid, y independent of flow and n
//! mid         dm_k  = tick n_k + e_k
//! imbalance   OFI_k = 2 D_h n_k, with D_h the depth of half hour h on both sides
//! ```
//!
//! With a [`Concave`] shape, lambda TI_k becomes lambda TI_k / (1 + |TI_k / V0|^alpha)^(beta / alpha): slope lambda at
//! zero, and flatter as the flow outgrows V0 (Patzelt and Bouchaud, Physical Review E 97, 2018).
//!
//! With `orders_first` every step holds the same number of trades, and they come before its quotes: the law then
//! holds for windows of so many market orders, as [`crate::study`] counts them, just as for steps.
//!
//! The dither U makes E[tick n_k | TI_k, u_k] = lambda TI_k + u_k, so that Kyle's slope of dm on TI is
//! lambda; and E[dm_k | OFI_k] = tick / (2 D_h) OFI_k, which is the model of Cont, Kukanov and Stoikov
//! (Journal of Financial Econometrics 12, 2014, section 2.3): the OFI slope is tick / (2 D) and falls with
//! depth at the power -1.
//!
//! Each trade prints at the ask (buy) or bid (sell) in force strictly before its stamp; with probability
//! `mis_sign` its print and its `side` are those of the other aggressor, which shrinks Kyle's slope to
//! (1 - 2 `mis_sign`) lambda when rho = 0. Ticks before the open and after the close are there to be dropped.

mod blocks;
mod book;
mod concave;
mod dice;
pub mod episodes;
mod error;
mod file;
mod flow;
mod law;
mod law_check;
mod orders;
mod price;
mod recorder;
mod row;
mod rungs;
mod sink;
mod stamps;
mod tape;
mod to_csv;
mod to_dbn;
mod to_itch;
mod to_lean;
mod to_lobster;
mod to_nyse_taq;
mod to_parquet;
mod to_wrds_taq;
mod truth;
mod walk;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_files;
#[cfg(test)]
mod tests_tape;

pub use concave::Concave;
pub use error::SimulateError;
pub use law::Law;
pub use sink::Format;
pub use tape::{Tape, simulate};
pub use truth::{DepthTruth, SymbolTruth, Truth};

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::tape::{NYSE, Session, Symbol};
use episodes::{EpisodeFile, Injection, Injector};
use walk::Walk;

/// What [`run`] left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The tape files and `truth.json`, in the order they were finished.
    pub files: Vec<PathBuf>,
    /// What is known of the tape as the law drew it.
    pub truth: Truth,
    /// What was injected into it.
    pub episodes: Option<EpisodeFile>,
}

/// Draws the symbols' tapes of a day and writes them into `dir`, a folder a format, with `truth.json` beside.
///
/// Ticks go to the files as they are drawn: memory does not grow with the tape, except for
/// [`Format::CsvMixed`] and, by one symbol, [`Format::Dbn`]. The same arguments give the same bytes.
///
/// # Errors
/// When the law cannot be followed, a symbol is no symbol or stands twice, or a file cannot be written.
pub fn run(
    law: &Law,
    seed: u64,
    symbols: &[Symbol],
    date: NaiveDate,
    formats: &[Format],
    dir: &Path,
) -> Result<Written, SimulateError> {
    run_with(law, (seed, symbols, date), Output { formats, dir, levels: 1 }, None)
}

/// Which files a run writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output<'a> {
    /// Their formats, a folder each.
    pub formats: &'a [Format],
    /// Where those folders are.
    pub dir: &'a Path,
    /// Price levels in a LOBSTER orderbook file; its message file tells of all levels in any case.
    pub levels: u16,
}

/// As [`run`], with episodes injected into every symbol's tape; `truth.json` tells of the tape before, and
/// `episodes.json` of what was done to it.
///
/// # Errors
/// As [`run`], and when the episodes do not fit into the session or a format's stamps.
pub fn run_with(
    law: &Law,
    (seed, symbols, date): (u64, &[Symbol], NaiveDate),
    Output { formats, dir, levels }: Output<'_>,
    injection: Option<&Injection>,
) -> Result<Written, SimulateError> {
    let symbols = sink::in_nyse_order(symbols)?;
    if let Some(injection) = injection {
        injection.check()?;
    }
    let has_odd_stamps = injection.is_some() || law.everyday;
    if let Some(format) = formats.iter().find(|format| has_odd_stamps && !format.holds_any_stamp()) {
        let wanted = "csv, csv-mixed or parquet where there are episodes or everyday acts: their stamps and sizes are \
                      no round ones";
        return Err(SimulateError::parameter("format", &format.name(), wanted));
    }
    let mut sinks = Vec::new();
    for format in formats {
        sinks.push(sink::open(*format, (date, seed, levels), &dir.join(format.name()))?);
    }
    let (mut counted, mut injected) = (Vec::new(), Vec::new());
    let (mut drawn, mut ticks) = (Vec::new(), Vec::new());
    for symbol in &symbols {
        let mut walk = Walk::new(law, seed, symbol, date)?;
        let injector = |injection| Injector::new(injection, symbol, session(date), episodes::scale_of(law));
        let mut injector = injection.map(injector).transpose()?;
        sinks.iter_mut().try_for_each(|s| s.symbol(symbol))?;
        while walk.next(&mut drawn)? {
            if let Some(injector) = &mut injector {
                ticks.clear();
                injector.pass(&drawn, &mut ticks);
                sink::pass(&ticks, &mut sinks)?;
            } else {
                sink::pass(&drawn, &mut sinks)?;
            }
        }
        if let Some(injector) = injector {
            ticks.clear();
            injected.push(injector.finish(&mut ticks));
            sink::pass(&ticks, &mut sinks)?;
        }
        counted.push(walk.truth());
    }
    let mut files = Vec::new();
    for sink in sinks {
        files.extend(sink.finish()?);
    }
    let truth = Truth::new(law, seed, session(date), counted);
    files.push(truth.write(dir)?);
    let episodes = injection.map(|injection| injection.file(injected));
    if let Some(episodes) = &episodes {
        files.push(episodes.write(dir)?);
    }
    Ok(Written { files, truth, episodes })
}

/// Writes tapes of one day in one format.
///
/// # Errors
/// When the tapes are of several days, a symbol stands twice, or a file cannot be written.
pub fn write(tapes: &[Tape], format: Format, dir: &Path) -> Result<Vec<PathBuf>, SimulateError> {
    let Some(first) = tapes.first() else {
        return Ok(Vec::new());
    };
    if tapes.iter().any(|tape| tape.date != first.date) {
        return Err(SimulateError::parameter("tapes", &"of several days", "of one day"));
    }
    let names: Vec<Symbol> = tapes.iter().map(|t| t.symbol.clone()).collect();
    let mut sinks = [sink::open(format, (first.date, 0, 1), dir)?];
    for symbol in sink::in_nyse_order(&names)? {
        sinks.iter_mut().try_for_each(|s| s.symbol(&symbol))?;
        for tape in tapes.iter().filter(|t| t.symbol == symbol) {
            sink::pass(&tape.ticks(), &mut sinks)?;
        }
    }
    let mut files = Vec::new();
    for sink in sinks {
        files.extend(sink.finish()?);
    }
    Ok(files)
}

/// The whole regular session of a date.
fn session(date: NaiveDate) -> Session {
    NYSE.session(date)
}
