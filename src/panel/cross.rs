//! Whether a symbol's price moves with the flow of others: own impact beside cross-impact, half hour by half hour.
//!
//! In: the bars of one width of several symbols, and the levels of their books where there are any. Out: a row a
//! symbol, kind of flow and model, averaged over windows. In a window stand the symbols that have an observation in
//! half of its bars or more, and the bars in which all of those have one. Integrated flows have the weights of the
//! window that is fitted, in the next one too.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{PanelError, Selection, quantile};
use crate::flow::{BarRecord, LevelFlow, scaled_flows};
use crate::impact::{CrossFit, Design, Explained, OBSERVATIONS_MIN, Principal, fit_cross, principal};
use crate::store::{Archive, StoreError};
use crate::tape::NANOS_PER_SECOND;

/// Which flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// Of the best quotes, over their mean depth.
    Best,
    /// The first principal component of all levels.
    Integrated,
}

impl Flow {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Best => "ofi",
            Self::Integrated => "ofi_integrated",
        }
    }
}

/// How much one symbol's returns owe to its own flow, or to that of all.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossRow {
    /// The symbol.
    pub symbol: String,
    /// The flow.
    pub flow: Flow,
    /// `pi`, own impact by least squares, or `ci`, cross-impact by LASSO.
    pub model: &'static str,
    /// Most symbols that stood in a window.
    pub symbols: usize,
    /// Windows.
    pub windows: usize,
    /// Mean share of variance explained.
    pub r2_mean: Option<f64>,
    /// Windows that were scored on the next one.
    pub windows_oos: usize,
    /// Mean share of the next window's variance explained.
    pub r2_oos_mean: Option<f64>,
    /// Its median.
    pub r2_oos_median: Option<f64>,
    /// Share of windows in which the own flow has a slope.
    pub own_chosen_share: Option<f64>,
    /// Share of the other symbols' flows that have one.
    pub others_chosen_share: Option<f64>,
    /// Share of scored windows in which all flows explain more of the next one than the own flow.
    pub better_share: Option<f64>,
}

const HALF_HOUR: i64 = 1_800 * NANOS_PER_SECOND;

/// What is seen of a symbol in a bar: its return in basis points, and its scaled flows.
type Seen = (f64, Vec<f64>);
/// Every symbol's bars of a date, by when they begin.
type Day<'a> = BTreeMap<&'a str, BTreeMap<i64, Seen>>;
/// A symbol's fits, each with how many symbols stood in the window and which was its own column.
type Fits = Vec<(CrossFit, usize, usize)>;
/// Fits of several symbols, each named.
type Named<'a> = Vec<(&'a str, (CrossFit, usize, usize))>;

/// Every symbol's rows.
///
/// # Errors
/// When results cannot be read, or it was called off.
pub fn cross_impact(archive: &Archive, selection: &Selection) -> Result<Vec<CrossRow>, PanelError> {
    let mut fits: BTreeMap<(&str, Flow), Fits> = BTreeMap::new();
    let symbols = selection.symbols(archive);
    for date in selection.dates(archive) {
        for flow in [Flow::Best, Flow::Integrated] {
            let mut day = Day::new();
            for symbol in &symbols {
                selection.go_on()?;
                day.insert(symbol, seen(archive, (date, symbol), selection.width, flow)?);
            }
            for (symbol, fit) in fit_day(selection, &day)? {
                fits.entry((symbol, flow)).or_default().push(fit);
            }
        }
    }
    let rows = |((symbol, flow), fits): (&(&str, Flow), &Fits)| {
        ["pi", "ci"].map(|model| row((symbol, *flow, model), fits))
    };
    Ok(fits.iter().flat_map(rows).collect())
}

/// A symbol's bars with a return and flows.
fn seen(
    archive: &Archive,
    (date, symbol): (&str, &str),
    width: i64,
    flow: Flow,
) -> Result<BTreeMap<i64, Seen>, StoreError> {
    let bars = archive.bars(date, symbol, width)?;
    let levels = if flow == Flow::Integrated { archive.levels(date, symbol, width)? } else { Vec::new() };
    let mut deep: BTreeMap<i64, Vec<LevelFlow>> =
        levels.into_iter().map(|row| (row.start.0, row.levels)).collect();
    let bar = |bar: &BarRecord| {
        let levels = match flow {
            Flow::Best => vec![LevelFlow { ofi: bar.ofi_shares as f64, depth: bar.depth_mean_shares }],
            Flow::Integrated => deep.remove(&bar.start.0)?,
        };
        Some((bar.start.0, (bar.mid_change_bp?, scaled_flows(&levels)?)))
    };
    Ok(bars.iter().filter_map(bar).collect())
}

/// Fits of every symbol in every half hour of the clock.
fn fit_day<'a>(selection: &Selection, day: &Day<'a>) -> Result<Named<'a>, PanelError> {
    let starts: BTreeSet<i64> = day.values().flat_map(BTreeMap::keys).copied().collect();
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return Ok(Vec::new()) };
    // Sessions open at half hours; a first bar without an observation does not move the windows.
    let open = first - first.rem_euclid(HALF_HOUR);
    let bounds: Vec<i64> = (open..=*last).step_by(HALF_HOUR as usize).collect();
    let mut found = Vec::new();
    for from in bounds {
        selection.go_on()?;
        let window: Vec<i64> = starts.range(from..from + HALF_HOUR).copied().collect();
        let next: Vec<i64> = starts.range(from + HALF_HOUR..from + 2 * HALF_HOUR).copied().collect();
        found.extend(fit_window(day, &window, &next));
    }
    Ok(found)
}

/// Fits of every symbol that stands in a window.
fn fit_window<'a>(day: &Day<'a>, window: &[i64], next: &[i64]) -> Named<'a> {
    let present = |bars: &BTreeMap<i64, Seen>| window.iter().filter(|at| bars.contains_key(at)).count();
    let enough = |bars: &BTreeMap<i64, Seen>| 2 * present(bars) >= window.len();
    let standing: Vec<(&'a str, &BTreeMap<i64, Seen>)> =
        day.iter().filter(|(_, bars)| enough(bars)).map(|(symbol, bars)| (*symbol, bars)).collect();
    let all = |at: &&i64| standing.iter().all(|(_, bars)| bars.contains_key(at));
    let [window, next] = [window, next].map(|of| of.iter().filter(all).copied().collect::<Vec<i64>>());
    if window.len() < OBSERVATIONS_MIN {
        return Vec::new();
    }
    // A symbol whose flow does not vary tells nothing and stands aside.
    let standing: Vec<Standing<'_, 'a>> = standing
        .into_iter()
        .filter_map(|(symbol, bars)| {
            let rows: Vec<&[f64]> = window.iter().filter_map(|at| bars.get(at)).map(|s| &s.1[..]).collect();
            Some(Standing { symbol, bars, weights: principal(&rows)? })
        })
        .collect();
    let count = standing.len();
    if count < 2 {
        return Vec::new();
    }
    let flows = |at: &[i64]| standing.iter().map(|own| own.flow(at)).collect::<Vec<_>>();
    let (now_flows, next_flows) = (flows(&window), flows(&next));
    let fit = |(own, standing): (usize, &Standing<'_, 'a>)| {
        let now = Design { y: standing.returns(&window), x: now_flows.clone() };
        let next = Design { y: standing.returns(&next), x: next_flows.clone() };
        let next = (next.y.len() >= 2).then_some(&next);
        Some((standing.symbol, (fit_cross(&now, next, own).ok()?, count, own)))
    };
    standing.par_iter().enumerate().filter_map(fit).collect()
}

/// A symbol of a window, with the weights of its levels there.
struct Standing<'d, 'a> {
    symbol: &'a str,
    bars: &'d BTreeMap<i64, Seen>,
    weights: Principal,
}

impl Standing<'_, '_> {
    fn flow(&self, at: &[i64]) -> Vec<f64> {
        at.iter().filter_map(|at| self.bars.get(at)).map(|(_, flows)| self.weights.of(flows)).collect()
    }

    fn returns(&self, at: &[i64]) -> Vec<f64> {
        at.iter().filter_map(|at| self.bars.get(at)).map(|(change, _)| *change).collect()
    }
}

fn row((symbol, flow, model): (&str, Flow, &'static str), fits: &Fits) -> CrossRow {
    let is_cross = model == "ci";
    let explained = |fit: &CrossFit| -> Explained { if is_cross { fit.all } else { fit.own } };
    let r2: Vec<f64> = fits.iter().filter_map(|(fit, ..)| explained(fit).r2).collect();
    let mut oos: Vec<f64> = fits.iter().filter_map(|(fit, ..)| explained(fit).r2_oos).collect();
    oos.sort_by(f64::total_cmp);
    let mean =
        |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let share = |part: usize, whole: usize| (is_cross && whole > 0).then(|| part as f64 / whole as f64);
    let has_slope = |fit: &CrossFit, at: usize| fit.line.slopes[at] != 0.0;
    let others = |(fit, count, own): &(CrossFit, usize, usize)| {
        (0..*count).filter(|at| at != own && has_slope(fit, *at)).count()
    };
    let better = |(fit, ..): &&(CrossFit, usize, usize)| fit.all.r2_oos > fit.own.r2_oos;
    CrossRow {
        symbol: symbol.to_owned(),
        flow,
        model,
        symbols: fits.iter().map(|(_, count, _)| *count).max().unwrap_or_default(),
        windows: fits.len(),
        r2_mean: mean(&r2),
        windows_oos: oos.len(),
        r2_oos_mean: mean(&oos),
        r2_oos_median: quantile(&oos, 0.5),
        own_chosen_share: share(fits.iter().filter(|(fit, _, own)| has_slope(fit, *own)).count(), fits.len()),
        others_chosen_share: share(
            fits.iter().map(others).sum(),
            fits.iter().map(|(_, count, _)| count - 1).sum(),
        ),
        better_share: share(fits.iter().filter(better).count(), oos.len()),
    }
}
