//! Episodes into a recorded day: the tape as `ingest` reads and `clean` keeps it, with the episodes' messages merged
//! in, written as CSV with the default columns, a pair of files a date. Prices and sizes are exact.
//!
//! What strengths are measured by is the day's own: Kyle's slope of its ten-second bars (where that is not positive,
//! half the mean spread a usual trade), its volume, its median trade size, and the coarsest grid its quotes stand on.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::super::error::SimulateError;
use super::super::row::{Cell, Rows};
use super::super::tape::{Print, State, Tick};
use super::super::to_csv::side;
use super::{Episode, EpisodeDay, EpisodeFile, Injection, Injector, Scale};
use crate::batch::{BatchError, Request, each_day};
use crate::impact::{Memory, Model, Observation, Online};
use crate::pipeline::SymbolDay;
use crate::tape::{NANOS_PER_SECOND, Session, Symbol};

const QUOTES: &str = "ts,symbol,bid,bid_size,ask,ask_size";
const TRADES: &str = "ts,symbol,price,size,side";
/// Grids that prices may stand on, coarsest first, nano-dollars: a cent, a hundredth of it, and the exact unit.
const GRIDS: [i64; 3] = [10_000_000, 100_000, 1];
const BAR: i64 = 10 * NANOS_PER_SECOND;

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Onto {
    /// The files written, `episodes.json` last.
    pub files: Vec<PathBuf>,
    /// What was injected.
    pub episodes: EpisodeFile,
}

/// One unit's output: the date under way, and what was finished.
#[derive(Default)]
struct Writing {
    open: Option<(NaiveDate, Rows, Rows)>,
    files: Vec<PathBuf>,
    days: Vec<(EpisodeDay, Vec<Episode>)>,
}

/// Reads recorded tapes as a batch does, injects into every symbol-day, and writes CSV into `dir`.
///
/// # Errors
/// What went wrong with an input, the injection or the output.
pub fn onto(request: &Request, injection: &Injection, dir: &Path) -> Result<Onto, BatchError> {
    let failed = |e: SimulateError| BatchError::Plan(e.to_string());
    injection.check().map_err(failed)?;
    let broken = RefCell::new(None);
    let units = each_day(
        request,
        || Ok(Writing::default()),
        |writing: &mut Writing, (_, symbol), session, day| {
            let written = writing.day(injection, &symbol, session, &day, dir);
            written.map_err(|error| broken.replace(Some(error))).is_ok()
        },
    )?;
    if let Some(error) = broken.into_inner() {
        return Err(failed(error));
    }
    let (mut files, mut days) = (Vec::new(), Vec::new());
    for mut unit in units {
        unit.close().map_err(failed)?;
        files.append(&mut unit.files);
        days.append(&mut unit.days);
    }
    let episodes = injection.file(days);
    files.push(episodes.write(dir).map_err(failed)?);
    Ok(Onto { files, episodes })
}

impl Writing {
    fn day(
        &mut self,
        injection: &Injection,
        symbol: &Symbol,
        session: Session,
        day: &SymbolDay,
        dir: &Path,
    ) -> Result<(), SimulateError> {
        let mut injector = Injector::new(injection, symbol, session, scale(day))?;
        let mut ticks = Vec::new();
        injector.pass(&merged(day), &mut ticks);
        self.days.push(injector.finish(&mut ticks));
        if self.open.as_ref().is_none_or(|(date, ..)| *date != session.date) {
            self.close()?;
            let name = |kind| format!("{kind}_{}.csv", session.date.format("%Y%m%d"));
            let file = |kind, header| Rows::create(&dir.join("csv"), &name(kind), false, b',', header);
            self.open = Some((session.date, file("quotes", QUOTES)?, file("trades", TRADES)?));
        }
        if let Some((_, quotes, trades)) = &mut self.open {
            ticks.iter().try_for_each(|tick| write(tick, symbol, quotes, trades))?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), SimulateError> {
        if let Some((_, quotes, trades)) = self.open.take() {
            self.files.extend([quotes.finish(None)?, trades.finish(None)?]);
        }
        Ok(())
    }
}

fn write(tick: &Tick, symbol: &Symbol, quotes: &mut Rows, trades: &mut Rows) -> Result<(), SimulateError> {
    match tick {
        Tick::Quote(State { quote, .. }) => quotes.row(&[
            Cell::Int(quote.ts.0),
            Cell::Text(symbol.as_str()),
            Cell::Usd(quote.bid),
            Cell::Int(quote.bid_size.0),
            Cell::Usd(quote.ask),
            Cell::Int(quote.ask_size.0),
        ]),
        Tick::Trade(Print { trade, .. }) => trades.row(&[
            Cell::Int(trade.ts.0),
            Cell::Text(symbol.as_str()),
            Cell::Usd(trade.price),
            Cell::Int(trade.size.0),
            Cell::Text(side(trade.known_side)),
        ]),
    }
}

/// Kept quotes and trades in one order of time, quotes first at equal stamps.
fn merged(day: &SymbolDay) -> Vec<Tick> {
    let mut ticks = Vec::with_capacity(day.quotes.len() + day.signed.len());
    let mut quotes = day.quotes.iter().peekable();
    let state = |quote| Tick::Quote(State { quote, sequence: 0, is_venue_only: false });
    for signed in &day.signed {
        while let Some(quote) = quotes.next_if(|quote| quote.ts <= signed.trade.ts) {
            ticks.push(state(*quote));
        }
        ticks.push(Tick::Trade(Print { trade: signed.trade, sequence: 0 }));
    }
    ticks.extend(quotes.map(|quote| state(*quote)));
    ticks
}

fn scale(day: &SymbolDay) -> Scale {
    let whole = day.bars.whole();
    let mut sizes: Vec<i64> = day.signed.iter().map(|signed| signed.trade.size.0).collect();
    sizes.sort_unstable();
    let trade_shares = sizes.get(sizes.len() / 2).copied().unwrap_or(100).max(1);
    let minutes = day.bars.session().length() as f64 / 60e9;
    let mut kyle = Online::new(Model::Kyle, Memory::All, 0.0);
    day.bars.bars(BAR).iter().filter_map(Observation::of).for_each(|bar| kyle.observe(bar));
    let slope = kyle.fit().ok().map(|fit| fit.coefficients[1] / 100.0).filter(|slope| *slope > 0.0);
    let by_spread = whole.spread_tw_usd().unwrap_or(0.01) / 2.0 / trade_shares as f64;
    let stands_on = |grid: &&i64| day.quotes.iter().all(|q| q.bid.0 % **grid == 0 && q.ask.0 % **grid == 0);
    Scale {
        lambda_usd_per_share: slope.unwrap_or(by_spread),
        shares_per_minute: sizes.iter().sum::<i64>() as f64 / minutes,
        trade_shares,
        tick_nanos: GRIDS.iter().find(stands_on).copied().unwrap_or(1),
    }
}
