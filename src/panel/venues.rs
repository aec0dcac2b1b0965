//! Where a symbol trades, over many days: volume and effective spread by venue.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::{PanelError, Selection};
use crate::store::{Archive, StoreError, Table};

/// A symbol's trades at one venue over the days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VenueRow {
    /// The symbol.
    pub symbol: String,
    /// The venue's letter.
    pub venue: String,
    /// Days on which it traded there.
    pub days: usize,
    /// Trades.
    pub trades: usize,
    /// Shares.
    pub shares: f64,
    /// Dollars.
    pub dollars: f64,
    /// Of the symbol's shares at all venues on the same selection of days.
    pub share_of_shares: f64,
    /// Of its trades, those that the tape calls odd lots.
    pub share_odd_lots: f64,
    /// Shares bought less shares sold by aggressors.
    pub signed_shares: f64,
    /// Share-weighted mean over trades with a usable quote in force, cents.
    pub spread_cents: Option<f64>,
    /// The same in basis points of the mid.
    pub spread_bp: Option<f64>,
    /// Trades with a usable quote in force.
    pub n: usize,
}

/// Sums on their way; spreads times shares with a quote.
#[derive(Default)]
struct Sums {
    row: VenueRow,
    odd_lots: f64,
    weight: f64,
    cents: f64,
    bp: f64,
}

/// Every symbol's venues, by symbol and letter.
///
/// # Errors
/// When results cannot be read, or it was called off.
pub fn venues(archive: &Archive, selection: &Selection) -> Result<Vec<VenueRow>, PanelError> {
    let mut all = Vec::new();
    for symbol in selection.symbols(archive) {
        let mut of: BTreeMap<String, Sums> = BTreeMap::new();
        for date in selection.dates(archive) {
            selection.go_on()?;
            if let Some(frame) = archive.rows(Table::Venues, date, symbol)? {
                add(&mut of, &frame).map_err(|e| {
                    StoreError::damaged(&archive.root().join("venues"), format!("{symbol}, {date}: {e}"))
                })?;
            }
        }
        let shares: f64 = of.values().map(|sums| sums.row.shares).sum();
        all.extend(of.into_iter().map(|(venue, sums)| sums.finish(symbol, venue, shares)));
    }
    Ok(all)
}

/// Adds a day's rows.
fn add(of: &mut BTreeMap<String, Sums>, frame: &DataFrame) -> PolarsResult<()> {
    let real = |name: &str| frame.column(name)?.cast(&DataType::Float64);
    let columns = ["trades", "shares", "dollars", "signed_shares", "odd_lots", "n", "shares_with_quote"];
    let columns = columns.into_iter().map(real).collect::<PolarsResult<Vec<_>>>()?;
    let values = columns.iter().map(|column| column.f64()).collect::<PolarsResult<Vec<_>>>()?;
    let (cents, bp) = (real("effective_spread_cents")?, real("effective_spread_bp")?);
    let (cents, bp) = (cents.f64()?, bp.f64()?);
    for (at, letter) in frame.column("venue")?.str()?.iter().enumerate() {
        let cell = |column: usize| values[column].get(at).unwrap_or_default();
        let sums = of.entry(letter.unwrap_or_default().to_owned()).or_default();
        sums.row.days += 1;
        sums.row.trades += cell(0) as usize;
        sums.row.shares += cell(1);
        sums.row.dollars += cell(2);
        sums.row.signed_shares += cell(3);
        sums.odd_lots += cell(4);
        sums.row.n += cell(5) as usize;
        if let Some((cents, bp)) = cents.get(at).zip(bp.get(at)) {
            sums.weight += cell(6);
            sums.cents += cents * cell(6);
            sums.bp += bp * cell(6);
        }
    }
    Ok(())
}

impl Sums {
    fn finish(self, symbol: &str, venue: String, shares: f64) -> VenueRow {
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
        let mean = |sum: f64| (self.weight > 0.0).then(|| sum / self.weight);
        VenueRow {
            symbol: symbol.to_owned(),
            venue,
            share_of_shares: share(self.row.shares, shares),
            share_odd_lots: share(self.odd_lots, self.row.trades as f64),
            spread_cents: mean(self.cents),
            spread_bp: mean(self.bp),
            ..self.row
        }
    }
}
