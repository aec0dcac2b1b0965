//! One symbol's session under way. In: its ticks as they arrive, and how far time has come. Out: news, as it becomes
//! certain: bars, online slopes, fits of closed windows, what models expect, scores and alerts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::forecasts::{Expecting, Trained};
use super::message::{Kind, News};
use super::reorder::{Reorder, Tick};
use super::rows::{RowsError, fit_values, text, watched_values};
use super::seen::{LiveDay, SlopeRow};
use super::slopes::Slopes;
use super::windows::Windows;
use crate::flow::{Bar, BarRecord, Roll};
use crate::impact::{Fit, Regression};
use crate::pipeline::{River, Settings};
use crate::scoring::InferError;
use crate::store::StoreError;
use crate::surveillance::{Surveillance, Watched, Watcher};
use crate::tape::{Nanos, Quote, Session, Symbol};

/// Why live numbers cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaneError {
    /// A bin cannot be scored.
    #[error("{0} cannot be scored: {1}")]
    Scores(Symbol, InferError),
    /// A row cannot be laid out.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// The folder's manifest cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is made of every symbol.
#[derive(Clone, Debug)]
pub struct Making {
    /// For the river.
    pub settings: Arc<Settings>,
    /// The model that scores bins.
    pub surveillance: Option<Surveillance>,
}

/// Width of the fine bars, and the state that seeded the book.
type Book = (i64, Option<Quote>);

/// One symbol.
#[derive(Debug)]
pub struct Lane {
    symbol: Symbol,
    session: Session,
    fine_width: i64,
    waiting: Reorder,
    river: River,
    /// Fine bars that were taken further.
    taken: usize,
    widths: Vec<Width>,
    watcher: Option<Watcher>,
    has_ended: bool,
}

/// What is made of the bars of one width.
#[derive(Debug)]
struct Width {
    width: i64,
    /// None before the first bar, whose opening is not known yet.
    roll: Option<Roll>,
    slopes: Slopes,
    windows: Windows,
    expecting: Option<Expecting>,
}

impl Lane {
    /// No tick yet.
    pub fn new(
        symbol: Symbol,
        session: Session,
        making: &Making,
        trained: &Trained,
    ) -> Result<Self, LaneError> {
        let widths = making.settings.widths.iter().map(|width| {
            let expecting = trained.of(&symbol, width).unwrap_or_else(|error| {
                tracing::warn!(%symbol, %error, "nothing is expected of this symbol in this session");
                None
            });
            let (slopes, windows) = (Slopes::new(width), Windows::new(session));
            Width { width, roll: None, slopes, windows, expecting }
        });
        Ok(Self {
            widths: widths.collect(),
            symbol,
            session,
            fine_width: making.settings.widths.divisor(),
            waiting: Reorder::default(),
            river: River::new(&making.settings, session),
            taken: 0,
            watcher: making.surveillance.clone().map(|model| Watcher::new(model, session)),
            has_ended: false,
        })
    }

    /// A tick arrives that is not late.
    pub fn push(&mut self, tick: Tick, source: &Arc<str>, number: u64) {
        self.waiting.push(tick, source, number);
    }

    /// No tick before `now` will come. Gives how many ticks went through the river.
    pub fn advance(&mut self, now: Nanos, out: &mut Vec<News>) -> Result<usize, LaneError> {
        let river = &mut self.river;
        let released = self.waiting.release(now, |tick| match tick {
            Tick::Quote(row) => river.quote(row),
            Tick::Trade(row) => river.trade(row),
        });
        river.advance(now);
        let is_over = now >= self.session.close && !self.has_ended;
        if self.river.closed().len() > self.taken || is_over {
            self.close_bars(is_over, out)?;
        }
        self.watch(is_over, out)?;
        self.has_ended |= is_over;
        Ok(released)
    }

    /// Bars close in the order of time, however far time came at once.
    fn close_bars(&mut self, is_over: bool, out: &mut Vec<News>) -> Result<(), LaneError> {
        let (fine, book) = (self.river.closed(), (self.fine_width, self.river.opening()));
        for at in self.taken..fine.len() {
            for width in &mut self.widths {
                if let Some(bar) = width.roll(book).take(&fine[at]) {
                    width.bar(&self.symbol, &bar, out)?;
                    width.close_windows(&self.symbol, bar.end, (&fine[..=at], book), out)?;
                }
            }
        }
        self.taken = fine.len();
        for width in self.widths.iter_mut().filter(|_| is_over) {
            if let Some(bar) = width.roll(book).finish() {
                width.bar(&self.symbol, &bar, out)?;
            }
            width.close_windows(&self.symbol, self.session.close, (fine, book), out)?;
            let all = Roll::new(width.width, book.0, book.1).closed(fine, true);
            let (days, law) = width.windows.finish(&all);
            width.tell_fits(&self.symbol, (&days, law.as_ref()), out)?;
        }
        Ok(())
    }

    /// Scores bins that have ended.
    fn watch(&mut self, is_over: bool, out: &mut Vec<News>) -> Result<(), LaneError> {
        let rows = self.river.take_features();
        let Some(watcher) = &mut self.watcher else { return Ok(()) };
        let unfit = |error| LaneError::Scores(self.symbol.clone(), error);
        let mut watched = watcher.take(&rows).map_err(unfit)?;
        if is_over {
            watched.alerts.extend(watcher.clone().finish().map_err(unfit)?);
        }
        if watched != Watched::default() {
            let (scores, alerts) = watched_values(&self.symbol, watcher.surveillance(), &watched)?;
            let row = |kind| {
                let symbol = self.symbol.clone();
                move |row| News::Row { kind, symbol: symbol.clone(), width: 0, row }
            };
            out.extend(scores.into_iter().map(row(Kind::Score)));
            out.extend(alerts.into_iter().map(row(Kind::Alert)));
        }
        Ok(())
    }

    /// The symbol.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// The slopes of every width as they stand.
    pub fn slopes(&self) -> Vec<SlopeRow> {
        self.widths.iter().flat_map(|width| width.slopes.rows()).collect()
    }

    /// The session so far.
    pub fn day(&self, as_of: Nanos, position: u64) -> LiveDay {
        let (fine, opening) = (self.river.closed(), self.river.opening());
        let of = |width: i64| Roll::new(width, self.fine_width, opening).closed(fine, self.has_ended);
        LiveDay {
            symbol: self.symbol.clone(),
            session: self.session,
            ended: self.has_ended,
            bars: self.widths.iter().map(|width| (width.width, of(width.width))).collect(),
            fits: self
                .widths
                .iter()
                .map(|width| (width.width, width.windows.rows()))
                .collect::<BTreeMap<_, _>>(),
            quote: self.river.state(),
            as_of,
            position,
        }
    }
}

impl Width {
    fn bar(&mut self, symbol: &Symbol, bar: &Bar, out: &mut Vec<News>) -> Result<(), RowsError> {
        out.push(News::Bar { symbol: symbol.clone(), width: self.width, bar: BarRecord::from(bar) });
        let width = self.width;
        let row = |kind, value: &Value| -> Result<News, RowsError> {
            Ok(News::Row { kind, symbol: symbol.clone(), width, row: text(value)? })
        };
        if self.slopes.bar(bar) {
            for step in self.slopes.rows() {
                for value in step.values(symbol) {
                    out.push(row(Kind::Slope, &value)?);
                }
            }
        }
        if let Some(expecting) = &mut self.expecting {
            match expecting.bar(symbol, self.width, bar) {
                Ok(None) => {}
                Ok(Some(expected)) => out.push(row(Kind::Forecast, &expected)?),
                // Training may have replaced the model, and a damaged one is no reason to take no more events.
                Err(error) => {
                    tracing::warn!(%symbol, %error, "no more is expected of this symbol in this session");
                    self.expecting = None;
                }
            }
        }
        Ok(())
    }

    /// The roll, whose opening is certain by its first bar.
    fn roll(&mut self, (fine_width, opening): Book) -> &mut Roll {
        self.roll.get_or_insert_with(|| Roll::new(self.width, fine_width, opening))
    }

    /// Fits windows whose bars have all closed, now that those that begin before `begun` have.
    fn close_windows(
        &mut self,
        symbol: &Symbol,
        begun: Nanos,
        (fine, (fine_width, opening)): (&[Bar], Book),
        out: &mut Vec<News>,
    ) -> Result<(), LaneError> {
        if !self.windows.are_due(begun) {
            return Ok(());
        }
        let is_over = begun >= self.windows.session().close;
        let all = Roll::new(self.width, fine_width, opening).closed(fine, is_over);
        let new = self.windows.close(&all, begun);
        self.tell_fits(symbol, (&new, None), out)
    }

    fn tell_fits(
        &self,
        symbol: &Symbol,
        (fits, law): (&[Fit], Option<&Regression>),
        out: &mut Vec<News>,
    ) -> Result<(), LaneError> {
        let rows = fit_values(symbol, self.width, self.windows.session(), fits, law)?;
        let row = |row| News::Row { kind: Kind::Fit, symbol: symbol.clone(), width: self.width, row };
        out.extend(rows.into_iter().map(row));
        Ok(())
    }
}
