//! The trade side of a bin: counts, sides, runs, prints that resemble each other, and what trades cost.

use super::feature::{Feature, Raw, log_count, ratio};
use crate::sign::SignedTrade;
use crate::tape::{Nanos, Price, Quote, Sign, Size};

/// Trades of one side this close together are a rush.
const RUSH_NANOS: i64 = 1_000_000;
/// Sizes below are odd lots.
const LOT_SHARES: i64 = 100;
/// Seconds after which a trade's price impact is read.
const IMPACT_SECONDS: usize = 10;

/// What a bin's trades add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    trades: i64,
    volume: i64,
    signed: i64,
    rush: i64,
    longest_run: i64,
    equal: i64,
    alternating: i64,
    inside: i64,
    odd: i64,
    met_quote: i64,
    met_quote_shares: i64,
    /// Sum of shares times 2 |price - mid| over the mid.
    effective: f64,
    /// Sum of sign times shares times size imbalance.
    with_weight: f64,
    trades_max: i64,
    signed_max: i64,
}

/// A second's trades, and those of the ten before, until their impact is read.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    trades: i64,
    signed: i64,
    /// Shares of signed trades that met a quote, their signed shares, and those times twice the mid.
    followed: i64,
    followed_signed: i64,
    followed_signed_mid: i128,
}

/// The trades of a session, bin by bin.
#[derive(Clone, Debug, Default)]
pub struct Prints {
    bin: Sums,
    second: Second,
    past: [Second; IMPACT_SECONDS],
    at: usize,
    /// The trade before: price, size, side.
    last: Option<(Price, Size, Sign)>,
    last_buy: Option<Nanos>,
    last_sell: Option<Nanos>,
    run: i64,
    impact: f64,
    impact_shares: i64,
}

impl Prints {
    /// A trade, with the side that counts.
    pub fn trade(&mut self, signed: &SignedTrade, sign: Sign) {
        let (trade, shares) = (signed.trade, signed.trade.size.0);
        self.bin.trades += 1;
        self.bin.volume += shares;
        self.bin.signed += sign.value() * shares;
        self.bin.odd += i64::from(shares < LOT_SHARES);
        self.second.trades += 1;
        self.second.signed += sign.value() * shares;
        self.rush(trade.ts, sign);
        self.resemblance(trade.price, trade.size, sign);
        if let Some(quote) = signed.quote {
            self.beside_quote(&quote, trade.price, shares, sign);
        }
        self.last = Some((trade.price, trade.size, sign));
    }

    fn rush(&mut self, ts: Nanos, sign: Sign) {
        let last = match sign {
            Sign::Buy => &mut self.last_buy,
            Sign::Sell => &mut self.last_sell,
            Sign::Unknown => return,
        };
        let is_rush = last.is_some_and(|last| ts.0 - last.0 <= RUSH_NANOS);
        *last = Some(ts);
        self.bin.rush += i64::from(is_rush);
    }

    fn resemblance(&mut self, price: Price, size: Size, sign: Sign) {
        let goes_on = self.last.is_some_and(|(_, _, side)| side == sign && sign != Sign::Unknown);
        self.run = if goes_on { self.run + 1 } else { 1 };
        self.bin.longest_run = self.bin.longest_run.max(self.run);
        let Some((last_price, last_size, side)) = self.last.filter(|(_, last_size, _)| *last_size == size)
        else {
            return;
        };
        debug_assert_eq!(last_size, size);
        self.bin.equal += i64::from(last_price == price);
        self.bin.alternating += i64::from(side.value() * sign.value() == -1);
    }

    fn beside_quote(&mut self, quote: &Quote, price: Price, shares: i64, sign: Sign) {
        let mid = quote.mid_doubled();
        self.bin.met_quote += 1;
        self.bin.met_quote_shares += shares;
        self.bin.inside += i64::from(quote.bid < price && price < quote.ask);
        self.bin.effective += shares as f64 * 2.0 * (2 * price.0 - mid).abs() as f64 / mid as f64;
        let (bid, ask) = (quote.bid_size.0, quote.ask_size.0);
        let imbalance = (bid - ask) as f64 / (bid + ask) as f64;
        self.bin.with_weight += (sign.value() * shares) as f64 * imbalance;
        if sign != Sign::Unknown {
            self.second.followed += shares;
            self.second.followed_signed += sign.value() * shares;
            self.second.followed_signed_mid += i128::from(sign.value() * shares) * i128::from(mid);
        }
    }

    /// A second ends, at twice the mid in force: trades of the second ten before it have had their time.
    pub fn close_second(&mut self, mid_doubled: Option<i64>) {
        let second = std::mem::take(&mut self.second);
        self.bin.trades_max = self.bin.trades_max.max(second.trades);
        self.bin.signed_max = self.bin.signed_max.max(second.signed.abs());
        let due = std::mem::replace(&mut self.past[self.at], second);
        self.at = (self.at + 1) % IMPACT_SECONDS;
        if let Some(mid) = mid_doubled.filter(|_| due.followed > 0) {
            let moved = i128::from(due.followed_signed) * i128::from(mid) - due.followed_signed_mid;
            // Twice the change of the mid is the change of the doubled mid; the mid itself is half the doubled one.
            self.impact += 2.0 * moved as f64 / mid as f64;
            self.impact_shares += due.followed;
        }
    }

    /// The bin ends: its raw values, and its signed volume.
    pub fn close_bin(&mut self, raw: &mut Raw) -> (i64, i64) {
        let bin = std::mem::take(&mut self.bin);
        let mut set = |feature: Feature, value: f64| raw[feature as usize] = value;
        let trades = bin.trades as f64;
        let share = |count: i64| ratio(count as f64, trades);
        set(Feature::Trades, log_count(bin.trades));
        set(Feature::TradesMax, log_count(bin.trades_max));
        set(Feature::Rush, log_count(bin.rush));
        set(Feature::Run, log_count(bin.longest_run));
        set(Feature::Volume, log_count(bin.volume));
        set(Feature::Signed, bin.signed as f64);
        set(Feature::SignedMax, bin.signed_max as f64);
        set(Feature::EqualPrints, share(bin.equal));
        set(Feature::Alternating, share(bin.alternating));
        set(Feature::OddLots, share(bin.odd));
        set(Feature::Inside, ratio(bin.inside as f64, bin.met_quote as f64));
        set(Feature::FlowWithWeight, ratio(bin.with_weight, bin.met_quote_shares as f64));
        set(Feature::Effective, ratio(1e4 * bin.effective, bin.met_quote_shares as f64));
        set(Feature::Impact, ratio(1e4 * self.impact, self.impact_shares as f64));
        (self.impact, self.impact_shares) = (0.0, 0);
        (bin.trades, bin.signed)
    }
}
