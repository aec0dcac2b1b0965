//! Many days of one symbol to estimates that need them: spreads from daily prices, Amihud's ratio, and PIN.
//!
//! In: each day's [`DayTotals`], by date, as the `liquidity` table keeps them. Out: [`Measure`]s, always the same ones;
//! days without a trade are left out, so that the days before and after them become neighbours.

use super::day::Rows;
use super::{Ohlc, Period, abdi_ranaldo, abdi_ranaldo_pairs, amihud, corwin_schultz, edge, pin, roll};
use crate::liquidity::Measure;

/// What is kept of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayTotals {
    /// First, highest, lowest and last price of its trades, dollars.
    pub prices_usd: Ohlc,
    /// Value of all trades, dollars.
    pub traded_usd: f64,
    /// Trades that were bought, and sold.
    pub buys: u64,
    /// See there.
    pub sells: u64,
}

impl DayTotals {
    /// From a day's measures, asked for by name; `None` where one is missing, as on a day without a trade.
    #[must_use]
    pub fn of(value: impl Fn(&str) -> Option<f64>) -> Option<Self> {
        let price = |name: &str| value(&format!("trade_price_{name}"));
        Some(Self {
            prices_usd: Ohlc {
                open: price("open")?,
                high: price("high")?,
                low: price("low")?,
                close: price("close")?,
            },
            traded_usd: value("dollar_volume")?,
            buys: value("buy_trades")? as u64,
            sells: value("sell_trades")? as u64,
        })
    }
}

/// Every estimate over the days.
#[must_use]
pub fn measures_of_days(days: &[DayTotals]) -> Vec<Measure> {
    let mut rows = Rows::default();
    let (bars, n): (Vec<Ohlc>, usize) = (days.iter().map(|day| day.prices_usd.ln()).collect(), days.len());
    let spreads = [
        ("roll_spread_days", roll(&bars)),
        ("corwin_schultz_spread_days", corwin_schultz(&bars, false)),
        ("corwin_schultz_spread_floored_days", corwin_schultz(&bars, true)),
        ("abdi_ranaldo_spread_days", abdi_ranaldo(&bars)),
        ("abdi_ranaldo_spread_pairs_days", abdi_ranaldo_pairs(&bars)),
        ("edge_spread_days", edge(&bars)),
    ];
    for (name, share) in spreads {
        rows.value(name, "bp", share.map(|share| 1e4 * share), n);
    }
    let period = |day: &DayTotals| Period { close_usd: day.prices_usd.close, traded_usd: day.traded_usd };
    let periods: Vec<Period> = days.iter().map(period).collect();
    rows.mean("amihud_days", "return_per_musd", amihud(None, &periods));
    of_pin(days, &mut rows);
    rows.0
}

fn of_pin(days: &[DayTotals], rows: &mut Rows) {
    let counts: Vec<(u64, u64)> = days.iter().map(|day| (day.buys, day.sells)).collect();
    let (found, n) = (pin(&counts), days.len());
    rows.pair("pin", "probability", found.map(|p| p.pin), found.and_then(|p| p.pin_error), n);
    let parameters = [
        ("pin_news", "probability"),
        ("pin_bad_news", "probability"),
        ("pin_informed", "trades_per_day"),
        ("pin_uninformed_buys", "trades_per_day"),
        ("pin_uninformed_sells", "trades_per_day"),
    ];
    for (index, (name, unit)) in parameters.into_iter().enumerate() {
        let value = found.map(|p| p.parameters.array()[index]);
        rows.pair(name, unit, value, found.and_then(|p| Some(p.errors?[index])), n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(at: usize) -> DayTotals {
        let up = 1.0 + 0.01 * (at % 3) as f64;
        DayTotals {
            prices_usd: Ohlc { open: 99.0 * up, high: 102.0 * up, low: 98.0 * up, close: 101.0 * up },
            traded_usd: 1e6,
            buys: 100 + 60 * u64::from(at.is_multiple_of(5)),
            sells: 90 + 55 * u64::from(at % 7 == 3),
        }
    }

    #[test]
    fn the_same_rows_come_of_any_days() {
        let days: Vec<DayTotals> = (0..40).map(day).collect();
        let (all, none) = (measures_of_days(&days), measures_of_days(&[]));
        let names = |rows: &[Measure]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&all), names(&none));
        assert!(all.iter().all(|row| row.value.is_some()), "{all:?}");
        assert!(none.iter().all(|row| row.value.is_none() && row.n == 0), "{none:?}");
        let value = |name: &str| all.iter().find(|row| row.name == name).and_then(|row| row.value);
        // A move of about one percent for a million dollars.
        assert!((value("amihud_days").expect("a mean") - 0.0131).abs() < 2e-3);
        assert!((value("pin_uninformed_buys").expect("a rate") - 100.0).abs() < 5.0);
    }

    #[test]
    fn totals_are_read_by_the_names_under_which_they_are_kept() {
        let missing = DayTotals::of(|name| (name != "dollar_volume").then_some(1.0));
        assert_eq!(missing, None);
        let found = DayTotals::of(|name| Some(name.len() as f64)).expect("all there");
        assert_eq!((found.buys, found.sells, found.prices_usd.open), (10, 11, 16.0));
    }
}
