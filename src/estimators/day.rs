//! A symbol's day to rows of the `liquidity` table: every estimator on what the river kept.
//!
//! In: a [`Day`]. Out: [`Measure`]s, always the same ones in the same order for the same widths; what could not be
//! estimated has no value. `_se` ends the name of a standard error, which has the unit and the n of what it belongs to.
//! Stretches of time that no asked width gives exactly are the nearest multiple of the finest bar, and named by what
//! they are.

use super::{
    BUCKETS, Estimate, Mean, Ohlc, Period, Traded, Trades, abdi_ranaldo, abdi_ranaldo_pairs, amihud, bulk,
    corwin_schultz, day_orders, edge, kyle_root, noise, ohlc_bars, ohlc_day, realized_variance, roll,
    variance_ratio, vpin,
};
use crate::flow::{FineBars, Widths};
use crate::liquidity::Measure;
use crate::sign::bulk::Changes;
use crate::tape::NANOS_PER_SECOND;

/// Which measures are made of a symbol-day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Measures {
    /// Spreads that trades met, and their parts.
    Spot,
    /// Those, and every estimator of a model.
    #[default]
    All,
}

/// What the estimators are given.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// Its trades.
    pub trades: &'a Trades,
    /// Its bars.
    pub bars: &'a FineBars,
    /// The widths that were asked for.
    pub widths: &'a Widths,
    /// Shares in a unit of the trades' sizes.
    pub shares_per_unit: f64,
}

/// Rows under way.
#[derive(Debug, Default)]
pub(super) struct Rows(pub Vec<Measure>);

impl Rows {
    pub fn value(&mut self, name: impl Into<String>, unit: &'static str, value: Option<f64>, n: usize) {
        let value = value.filter(|value| value.is_finite());
        self.0.push(Measure::new(name, value, unit, n as u64));
    }

    /// A value and, in the row after it, its error.
    pub fn pair(&mut self, name: &str, unit: &'static str, value: Option<f64>, error: Option<f64>, n: usize) {
        self.value(name, unit, value, n);
        self.value(format!("{name}_se"), unit, error, n);
    }

    pub fn estimate(&mut self, name: &str, unit: &'static str, estimate: Option<Estimate>, n: usize) {
        self.pair(name, unit, estimate.map(|e| e.value), estimate.map(|e| e.error), n);
    }

    pub fn mean(&mut self, name: &str, unit: &'static str, mean: Mean) {
        self.pair(name, unit, mean.value, mean.error, mean.n);
    }
}

impl Day<'_> {
    /// Every estimate.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let mut rows = Rows::default();
        self.totals(&mut rows);
        for width in self.widths.iter() {
            self.of_width(width, &mut rows);
        }
        self.kyle(&mut rows);
        day_orders::measures(&self.trades.orders(), self.shares_per_unit, &mut rows);
        self.vpin(&mut rows);
        self.variances(&mut rows);
        self.noise(&mut rows);
        rows.0
    }

    /// What estimators over many days need of each.
    fn totals(&self, rows: &mut Rows) {
        let n = self.trades.len();
        let day = ohlc_day(self.trades);
        let price = |of: fn(&Ohlc) -> f64| day.as_ref().map(|day| of(day) / 1e9);
        rows.value("trade_price_open", "usd", price(|day| day.open), n);
        rows.value("trade_price_high", "usd", price(|day| day.high), n);
        rows.value("trade_price_low", "usd", price(|day| day.low), n);
        rows.value("trade_price_close", "usd", price(|day| day.close), n);
        let traded: f64 = self.periods(i64::MAX).iter().map(|period| period.traded_usd).sum();
        rows.value("dollar_volume", "usd", Some(traded), n);
        let count = |sign: i8| Some(self.trades.iter().filter(|print| print.sign == sign).count() as f64);
        rows.value("buy_trades", "trades", count(1), n);
        rows.value("sell_trades", "trades", count(-1), n);
    }

    /// Last price and value of every stretch of `width` with a trade.
    fn periods(&self, width: i64) -> Vec<Period> {
        let open = self.bars.session().open.0;
        let mut periods: Vec<(i64, Period)> = Vec::new();
        for print in self.trades.iter() {
            let (index, close_usd) = ((print.ts - open) / width, print.price as f64 / 1e9);
            let traded_usd = close_usd * (print.size as f64 * self.shares_per_unit);
            match periods.last_mut() {
                Some((last, period)) if *last == index => {
                    period.close_usd = close_usd;
                    period.traded_usd += traded_usd;
                }
                _ => periods.push((index, Period { close_usd, traded_usd })),
            }
        }
        periods.into_iter().map(|(_, period)| period).collect()
    }

    /// Spreads without quotes, and Amihud's ratio, from bars of one width.
    fn of_width(&self, width: i64, rows: &mut Rows) {
        let bars: Vec<Ohlc> =
            ohlc_bars(self.trades, self.bars.session(), width).iter().map(Ohlc::ln).collect();
        let (at, n) = (seconds(width), bars.len());
        let bp = |share: Option<f64>| share.map(|share| 1e4 * share);
        rows.value(format!("roll_spread_{at}"), "bp", bp(roll(&bars)), n);
        rows.value(format!("corwin_schultz_spread_{at}"), "bp", bp(corwin_schultz(&bars, false)), n);
        rows.value(format!("corwin_schultz_spread_floored_{at}"), "bp", bp(corwin_schultz(&bars, true)), n);
        rows.value(format!("abdi_ranaldo_spread_{at}"), "bp", bp(abdi_ranaldo(&bars)), n);
        rows.value(format!("abdi_ranaldo_spread_pairs_{at}"), "bp", bp(abdi_ranaldo_pairs(&bars)), n);
        rows.value(format!("edge_spread_{at}"), "bp", bp(edge(&bars)), n);
        let open = self.trades.prices().first().map(|price| *price as f64 / 1e9);
        rows.mean(&format!("amihud_{at}"), "return_per_musd", amihud(open, &self.periods(width)));
    }

    fn kyle(&self, rows: &mut Rows) {
        let width = self.nearest(300);
        let fitted = kyle_root(&self.bars.bars(width), self.trades, self.shares_per_unit).ok();
        let (slope, n) = (fitted.as_ref().map(|fit| fit.terms[1]), fitted.as_ref().map_or(0, |fit| fit.n));
        let estimate = slope.map(|slope| Estimate { value: slope.coefficient, error: slope.errors.hac });
        rows.estimate(&format!("kyle_root_dollar_{}", seconds(width)), "bp_per_root_usd", estimate, n);
    }

    fn vpin(&self, rows: &mut Rows) {
        let volume: i128 = self.trades.iter().map(|print| i128::from(print.size)).sum();
        let traded = self.trades.iter().map(|print| Traded {
            volume: i128::from(print.size),
            bought: (1.0 + f64::from(print.sign)) / 2.0,
        });
        let last = |traded: Vec<Traded>| vpin(traded, volume / BUCKETS as i128, BUCKETS).last().copied();
        let mut row = |name: &str, last: Option<f64>| {
            let n = if last.is_some() { BUCKETS } else { 0 };
            rows.value(format!("{name}_{BUCKETS}_buckets"), "share", last, n);
        };
        row("vpin", last(traded.collect()));
        // Volume bars of a minute, as in the paper, and its later quarter degree of freedom.
        let (open, minute) = (self.bars.session().open.0, self.nearest(60));
        row("vpin_bulk_normal", last(bulk(self.trades, open, minute, Changes::Normal)));
        row("vpin_bulk_student", last(bulk(self.trades, open, minute, Changes::Student(0.25))));
    }

    fn variances(&self, rows: &mut Rows) {
        let mut widths = [60, 300, 900].map(|target| self.nearest(target)).to_vec();
        widths.dedup();
        for width in widths {
            let found = realized_variance(&self.log_mids(width));
            let n = found.map_or(0, |found| found.n);
            let at = seconds(width);
            rows.estimate(&format!("realized_variance_{at}"), "bp_squared", found.map(|f| f.variance), n);
            rows.value(format!("bipower_variation_{at}"), "bp_squared", found.and_then(|f| f.bipower), n);
            rows.value(format!("jump_share_{at}"), "share", found.and_then(|f| f.jump_share()), n);
        }
        let (width, q) = (self.nearest(60), 5);
        let found = variance_ratio(&self.log_mids(width), q);
        let (name, n) = (format!("variance_ratio_{q}_of_{}", seconds(width)), found.map_or(0, |f| f.n));
        rows.value(name.as_str(), "ratio", found.map(|f| f.ratio), n);
        rows.value(format!("{name}_z"), "z", found.and_then(|f| f.z), n);
    }

    fn noise(&self, rows: &mut Rows) {
        let prices: Vec<f64> = self.trades.prices().iter().map(|price| 1e4 * (*price as f64).ln()).collect();
        let stretches = self.bars.session().length() as f64 / (300 * NANOS_PER_SECOND) as f64;
        let sparse = (prices.len() as f64 / stretches.max(1.0)).ceil() as usize;
        let found = noise(&prices, sparse);
        let n = found.map_or(0, |found| found.n);
        rows.value("realized_variance_trades", "bp_squared", found.map(|f| f.dense), n);
        rows.value("noise_variance_dense", "bp_squared", found.map(|f| f.dense_noise), n);
        rows.value("noise_variance_autocovariance", "bp_squared", found.map(|f| f.autocovariance_noise), n);
        rows.value("variance_two_scales_trades", "bp_squared", found.map(|f| f.two_scales), n);
        rows.value("variance_kernel_trades", "bp_squared", found.map(|f| f.kernel), n);
    }

    /// Logs of the mids at the ends of bars, basis points, from the first usable one on.
    fn log_mids(&self, width: i64) -> Vec<f64> {
        let bars = self.bars.bars(width);
        bars.iter().filter_map(|bar| bar.mid_close_doubled).map(|mid| 1e4 * (mid as f64).ln()).collect()
    }

    /// The multiple of the finest width that is nearest to so many seconds.
    fn nearest(&self, target: i64) -> i64 {
        let fine = self.widths.divisor();
        let count = (target * NANOS_PER_SECOND + fine / 2) / fine;
        count.max(1) * fine
    }
}

/// `300s`, `0.25s`.
fn seconds(width: i64) -> String {
    format!("{}s", width as f64 / NANOS_PER_SECOND as f64)
}
