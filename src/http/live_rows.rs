//! A session under way as rows behind the archive's: the same columns, until its tables have landed.
//!
//! Rows come in parts that only grow at their ends (a bar width, or a width's model), so that a page's cursor stays
//! sound while more of the session passes: it points into a part, and what is added later lies behind it.

use polars::prelude::{DataFrame, PolarsResult};

use super::App;
use super::fingerprint::Fingerprint;
use super::problem::Problem;
use crate::cost::Order;
use crate::flow::BarRecord;
use crate::impact::{Fit, Model};
use crate::live::LiveDay;
use crate::pretrade::Today;
use crate::store::{Table, tables};
use crate::tape::{NYSE, Nanos, Scale};

/// A symbol's session under way.
#[derive(Debug)]
pub struct LiveRows {
    /// Its date, as folders are named.
    pub date: String,
    /// Its rows, part by part.
    pub parts: Vec<DataFrame>,
    /// The same as long as parts only grow.
    pub version: u64,
    /// Differs when a row does.
    pub state: u64,
    /// Widths of its bars, nanoseconds.
    pub widths: Vec<i64>,
}

impl App {
    /// Whether an order may be of a session under way.
    #[must_use]
    pub fn is_under_way(&self, order: &Order) -> bool {
        self.live.as_ref().is_some_and(|live| live.dates().contains(&NYSE.date_of(order.as_of)))
    }

    /// The session under way of an order's symbol, where it is of the order's date. Blocks for a moment.
    #[must_use]
    pub fn today(&self, order: &Order) -> Option<Today> {
        let day = self.live_day(&order.symbol, order.as_of)?;
        let width = Today::width_among(&day.bars)?;
        let bars = day.bars.get(&width)?.iter().map(BarRecord::from).collect();
        let LiveDay { session, quote, as_of, position, .. } = day;
        Some(Today { session, bars, width, quote, as_of, position })
    }

    /// A symbol's session under way, where a moment lies on its date.
    #[must_use]
    pub fn live_day(&self, symbol: &str, moment: Nanos) -> Option<LiveDay> {
        let live = self.live.as_ref()?;
        let date = NYSE.date_of(moment);
        let under_way = live.dates().contains(&date);
        under_way.then(|| live.day(symbol)).flatten().filter(|day| day.session.date == date)
    }

    /// A symbol's session under way as rows of a table; none where there is no such session. Blocks for a moment.
    ///
    /// # Errors
    /// When the rows cannot be laid out.
    pub fn live_rows(&self, table: Table, symbol: &str) -> Result<Option<LiveRows>, Problem> {
        let day = self.live.as_ref().and_then(|live| live.day(symbol));
        day.map(|day| LiveRows::new(table, &day).map_err(Problem::internal)).transpose()
    }
}

impl LiveRows {
    /// The same with the number that names its state, as [`table_with`](super::answer::table_with) takes it; none of
    /// tables that are made when a session lands.
    ///
    /// # Errors
    /// As [`App::live_rows`].
    pub fn beside(app: &App, table: Table, symbol: &str) -> Result<(Option<Self>, u64), Problem> {
        let is_live = matches!(table, Table::Bars | Table::Fits);
        let rows = if is_live { app.live_rows(table, symbol)? } else { None };
        let state = rows.as_ref().map_or(0, |rows| rows.state);
        Ok((rows, state))
    }

    fn new(table: Table, day: &LiveDay) -> PolarsResult<Self> {
        let date = day.session.date.to_string();
        let parts = match table {
            Table::Bars => {
                let widths = day.bars.iter();
                widths.map(|(width, bars)| tables::bars(&day.symbol, *width, Scale::WHOLE, bars)).collect()
            }
            Table::Fits => fits(day),
            _ => Ok(Vec::new()),
        };
        let named = Fingerprint::default().with(b"live").with(date.as_bytes()).with(&[u8::from(day.ended)]);
        let state = named.with(&day.position.to_le_bytes()).with(&day.as_of.0.to_le_bytes());
        Ok(Self {
            date,
            parts: parts?,
            version: named.value(),
            state: state.value(),
            widths: day.bars.keys().copied().collect(),
        })
    }
}

/// The fits of a width stand by model, then by window.
fn fits(day: &LiveDay) -> PolarsResult<Vec<DataFrame>> {
    let mut parts = Vec::new();
    for (width, fits) in &day.fits {
        for model in Model::ALL {
            let own: Vec<Fit> = fits.iter().filter(|fit| fit.model == model).cloned().collect();
            parts.push(tables::fits(&day.symbol, *width, day.session, &own, None)?);
        }
    }
    Ok(parts)
}
