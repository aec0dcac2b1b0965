//! Trades to open, high, low and close: what spread estimators without quotes are computed from.
//!
//! In: a day's [`Trades`]. Out: one [`Ohlc`] a bar of some width that holds a trade. A bar without trades is left
//! out, so that the bars before and after it become neighbours: estimators that join neighbours account for the
//! move in between as they do overnight.

use super::Trades;
use crate::tape::Session;

/// First, highest, lowest and last price of a stretch of time, or their logs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ohlc {
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

impl Ohlc {
    pub(super) fn of(price: f64) -> Self {
        Self { open: price, high: price, low: price, close: price }
    }

    pub(super) fn take(&mut self, price: f64) {
        self.high = self.high.max(price);
        self.low = self.low.min(price);
        self.close = price;
    }

    /// The same in natural logs.
    #[must_use]
    pub fn ln(&self) -> Self {
        Self { open: self.open.ln(), high: self.high.ln(), low: self.low.ln(), close: self.close.ln() }
    }

    /// (high + low) / 2; of logs, the log of the geometric mean.
    #[must_use]
    pub fn mid(&self) -> f64 {
        (self.high + self.low) / 2.0
    }
}

/// The bars of `width` nanoseconds, counted from the open, that hold a trade. Prices in nano-dollars.
#[must_use]
pub fn ohlc_bars(trades: &Trades, session: Session, width: i64) -> Vec<Ohlc> {
    let mut bars: Vec<(i64, Ohlc)> = Vec::new();
    for trade in trades.iter() {
        let index = (trade.ts - session.open.0).div_euclid(width.max(1));
        match bars.last_mut() {
            Some((last, bar)) if *last == index => bar.take(trade.price as f64),
            _ => bars.push((index, Ohlc::of(trade.price as f64))),
        }
    }
    bars.into_iter().map(|(_, bar)| bar).collect()
}

/// The whole of the trades as one bar, nano-dollars; `None` without a trade.
#[must_use]
pub fn ohlc_day(trades: &Trades) -> Option<Ohlc> {
    let mut all = trades.iter();
    let mut day = Ohlc::of(all.next()?.price as f64);
    all.for_each(|trade| day.take(trade.price as f64));
    Some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::NYSE;

    #[test]
    fn a_bar_holds_its_trades_and_an_empty_one_is_left_out() {
        let session = NYSE.session("2013-10-07".parse().expect("a date"));
        let mut trades = Trades::default();
        for (at, price) in [(0, 10), (4, 12), (9, 9), (30, 11)] {
            trades.push(session.open.0 + at, price, 1, 1, 0);
        }
        let first = Ohlc { open: 10.0, high: 12.0, low: 9.0, close: 9.0 };
        assert_eq!(ohlc_bars(&trades, session, 10), [first, Ohlc::of(11.0)]);
        assert_eq!(ohlc_day(&trades), Some(Ohlc { close: 11.0, ..first }));
        assert_eq!(ohlc_day(&Trades::default()), None);
    }
}
