//! A day's trades in columns, and the orders they were filled from.
//!
//! In: signed trades in time order. Out: compact columns (33 bytes a trade), which every estimator that needs the
//! whole day reads; and [`Order`]s, in which fills of one stamp and side count as one trade: a market order that
//! eats several resting ones is one decision, and its fills are no signs of their own.

use crate::sign::SignedTrade;

/// One trade as the columns hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Its stamp, nanoseconds.
    pub ts: i64,
    /// What was paid, nano-dollars.
    pub price: i64,
    /// How many shares.
    pub size: i64,
    /// +1 a buy, -1 a sell, 0 unknown.
    pub sign: i8,
    /// Twice the mid of the usable quote in force, nano-dollars; 0 without one.
    pub mid_doubled: i64,
}

/// A day's trades, a column each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trades {
    ts: Vec<i64>,
    price: Vec<i64>,
    size: Vec<i64>,
    sign: Vec<i8>,
    mid_doubled: Vec<i64>,
}

impl Trades {
    /// Takes in a trade.
    #[inline]
    pub fn trade(&mut self, signed: &SignedTrade) {
        let (trade, sign) = (signed.trade, signed.sign as i8);
        let mid_doubled = signed.quote.map_or(0, |quote| quote.mid_doubled());
        self.push(trade.ts.0, trade.price.0, trade.size.0, sign, mid_doubled);
    }

    /// Appends a row.
    #[inline]
    pub fn push(&mut self, ts: i64, price: i64, size: i64, sign: i8, mid_doubled: i64) {
        self.ts.push(ts);
        self.price.push(price);
        self.size.push(size);
        self.sign.push(sign);
        self.mid_doubled.push(mid_doubled);
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }

    /// Their prices, nano-dollars.
    #[must_use]
    pub fn prices(&self) -> &[i64] {
        &self.price
    }

    /// Row by row.
    pub fn iter(&self) -> impl Iterator<Item = Print> + '_ {
        let columns = self.ts.iter().zip(&self.price).zip(&self.size).zip(&self.sign).zip(&self.mid_doubled);
        columns.map(|((((ts, price), size), sign), mid_doubled)| Print {
            ts: *ts,
            price: *price,
            size: *size,
            sign: *sign,
            mid_doubled: *mid_doubled,
        })
    }

    /// The market orders behind the trades: neighbours of one stamp and side are one order.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        let mut orders: Vec<Order> = Vec::new();
        let (mut last, mut value) = ((0, 0), 0_i128);
        for print in self.iter() {
            let key = (print.ts, print.sign);
            let worth = i128::from(print.price) * i128::from(print.size);
            match orders.last_mut() {
                Some(order) if last == key => {
                    value += worth;
                    order.shares += i128::from(print.size);
                    order.price_usd = value as f64 / order.shares as f64 / 1e9;
                }
                _ => {
                    value = worth;
                    orders.push(Order {
                        sign: f64::from(print.sign),
                        shares: i128::from(print.size),
                        price_usd: print.price as f64 / 1e9,
                        mid_doubled: print.mid_doubled,
                    });
                }
            }
            last = key;
        }
        orders
    }
}

/// Fills of one stamp and side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// +1 a buy, -1 a sell, 0 unknown.
    pub sign: f64,
    /// Shares of all its fills, in units of the feed.
    pub shares: i128,
    /// Their mean price by shares, dollars.
    pub price_usd: f64,
    /// Twice the mid just before, nano-dollars; 0 without a usable quote.
    pub mid_doubled: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_of_one_stamp_and_side_are_one_order_at_their_mean_price() {
        let mut trades = Trades::default();
        let usd = 1_000_000_000;
        for (ts, price, size, sign) in
            [(1, 10 * usd, 100, 1), (1, 11 * usd, 300, 1), (1, 9 * usd, 50, -1), (2, 9 * usd, 7, -1)]
        {
            trades.push(ts, price, size, sign, 21 * usd);
        }
        let told: Vec<(f64, i128, f64)> =
            trades.orders().iter().map(|o| (o.sign, o.shares, o.price_usd)).collect();
        assert_eq!(told, [(1.0, 400, 10.75), (-1.0, 50, 9.0), (-1.0, 7, 9.0)]);
        assert_eq!(trades.iter().nth(1).map(|t| (t.price, t.size, t.sign)), Some((11 * usd, 300, 1)));
    }
}
