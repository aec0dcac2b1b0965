//! The cleaning rules of Barndorff-Nielsen, Hansen, Lunde and Shephard, "Realized kernels in practice",
//! Econometrics Journal 12 (2009), that need the whole day: Q1, Q3, Q4 for quotes, T3, T4 for trades.

use super::{Counts, Reason};
use crate::tape::{Nanos, Price, Quote, Size, Trade};

/// Q3: widest spread, in median spreads of the day.
const SPREADS_MAX: i64 = 50;
/// Q4: neighbours on each side of the rolling median.
const NEIGHBOURS: usize = 25;
/// Q4: farthest mid, in mean absolute deviations.
const DEVIATIONS_MAX: i128 = 10;

/// A day's quotes and trades that passed the rules which need no other row.
#[derive(Debug, Default)]
pub struct Day {
    /// In time order.
    pub quotes: Vec<Quote>,
    /// In time order.
    pub trades: Vec<Trade>,
}

impl Day {
    /// Applies Q3, Q1, Q4, then T3, T4, counting what they drop.
    pub fn judge(self, counts: &mut Counts) -> (Vec<Quote>, Vec<Trade>) {
        let mut quotes = self.quotes;
        let mut drop_quotes = |left: usize, before: usize, reason| {
            (left..before).for_each(|_| counts.drop_quote(reason));
        };
        let before = quotes.len();
        drop_wide(&mut quotes);
        drop_quotes(quotes.len(), before, Reason::SpreadOverMedian);
        let (before, merged) = (quotes.len(), merge_quotes(&quotes));
        drop_quotes(merged.len(), before, Reason::SameStamp);
        let kept = without_outliers(&merged);
        drop_quotes(kept.len(), merged.len(), Reason::Outlier);

        let merged = merge_trades(&self.trades);
        let near = near_quotes(&merged, &kept);
        (merged.len()..self.trades.len()).for_each(|_| counts.drop_trade(Reason::SameStamp));
        (near.len()..merged.len()).for_each(|_| counts.drop_trade(Reason::OffQuote));
        counts.quotes_kept += kept.len() as u64;
        counts.trades_kept += near.len() as u64;
        (kept, near)
    }
}

/// Q1: quotes of one stamp become one, with the median of each price and size.
#[must_use]
pub fn merge_quotes(quotes: &[Quote]) -> Vec<Quote> {
    let merged = quotes.chunk_by(|a, b| a.ts == b.ts).map(|same| Quote {
        ts: same[0].ts,
        bid: Price(median(same.iter().map(|q| q.bid.0))),
        ask: Price(median(same.iter().map(|q| q.ask.0))),
        bid_size: Size(median(same.iter().map(|q| q.bid_size.0))),
        ask_size: Size(median(same.iter().map(|q| q.ask_size.0))),
    });
    merged.collect()
}

/// T3: trades of one stamp become one, at the median price, with all their shares.
#[must_use]
pub fn merge_trades(trades: &[Trade]) -> Vec<Trade> {
    let merged = trades.chunk_by(|a, b| a.ts == b.ts).map(|same| Trade {
        price: Price(median(same.iter().map(|t| t.price.0))),
        size: Size(same.iter().fold(0, |sum, t| t.size.0.saturating_add(sum))),
        ..same[0]
    });
    merged.collect()
}

/// Q3: a spread above fifty times the day's median spread.
fn drop_wide(quotes: &mut Vec<Quote>) {
    let median = median(quotes.iter().map(Quote::spread));
    quotes.retain(|q| q.spread() <= SPREADS_MAX * median);
}

/// Q4: a mid farther than ten mean absolute deviations from the median of its fifty neighbours, itself left
/// out. The deviation is the day's mean distance of a mid from that median: a window's own is zero wherever
/// the price stands still, and would condemn the first move after.
fn without_outliers(quotes: &[Quote]) -> Vec<Quote> {
    // Doubled mids have medians at halves: double once more and all stays whole.
    let mids: Vec<i64> = quotes.iter().map(|q| 2 * q.mid_doubled()).collect();
    let distance = |i: usize| {
        let low = i.saturating_sub(NEIGHBOURS);
        let high = (i + NEIGHBOURS + 1).min(mids.len());
        let around = mids[low..i].iter().chain(&mids[i + 1..high]);
        i128::from((mids[i] - median(around.copied())).abs())
    };
    if mids.len() < 2 {
        return quotes.to_vec();
    }
    let distances: Vec<i128> = (0..mids.len()).map(distance).collect();
    let total: i128 = distances.iter().sum();
    let count = distances.len() as i128;
    let is_near = |d: &i128| d * count <= DEVIATIONS_MAX * total;
    let near = quotes.iter().zip(&distances).filter(|(_, d)| is_near(d));
    near.map(|(quote, _)| *quote).collect()
}

/// T4: a price above the ask plus the spread or below the bid minus it, by the quote in force at the stamp.
fn near_quotes(trades: &[Trade], quotes: &[Quote]) -> Vec<Trade> {
    let in_force = |ts: Nanos| quotes[..quotes.partition_point(|q| q.ts <= ts)].last();
    let is_near = |trade: &&Trade| {
        in_force(trade.ts)
            .is_none_or(|q| trade.price.0 <= q.ask.0 + q.spread() && trade.price.0 >= q.bid.0 - q.spread())
    };
    trades.iter().filter(is_near).copied().collect()
}

/// The median; of an even count the mean of the middle two, rounded towards zero; 0 of nothing.
fn median(values: impl Iterator<Item = i64>) -> i64 {
    let mut values: Vec<i64> = values.collect();
    let half = values.len() / 2;
    if values.is_empty() {
        return 0;
    }
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable(half);
    if odd {
        return *upper;
    }
    below.iter().max().map_or(*upper, |lower| (lower + *upper) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(median([3, 1, 2].into_iter()), 2);
        assert_eq!(median([4, 1, 2, 8].into_iter()), 3);
        assert_eq!(median(std::iter::empty()), 0);
    }

    #[test]
    fn one_wild_mid_among_steady_ones_is_an_outlier() {
        let quote =
            |ts, bid| Quote { ts: Nanos(ts), bid: Price(bid), ask: Price(bid + 2), ..Quote::default() };
        let mut quotes: Vec<Quote> = (0..200).map(|t| quote(t, 1_000 + t % 3)).collect();
        quotes[100] = quote(100, 5_000);
        let kept = without_outliers(&quotes);
        assert_eq!(kept.len(), 199);
        assert!(kept.iter().all(|q| q.bid.0 < 5_000));
    }
}
