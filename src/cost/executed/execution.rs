//! An order as it was worked: when it was decided, when it reached the market, what was filled at which price.
//!
//! Prices and fees are exact nano-dollars, shares whole. [`Execution::faults`] says all that is wrong with one at
//! once, by the pointer of the field, so that whoever holds one without faults may rely on every bound.

use crate::cost::orders::order::Side;
use crate::cost::orders::order_draft::Fault;
use crate::limits::{
    EXECUTION_DAYS_MAX, EXECUTION_FILLS_MAX, EXECUTION_ID_MAX_CHARS, MOMENT_END_NANOS, ORDER_TEXT_MAX_CHARS,
    PRICE_MAX_NANOS, SIZE_MAX_SHARES,
};
use crate::tape::{NANOS_PER_SECOND, Nanos, Price};

const DAY_NANOS: i64 = 86_400 * NANOS_PER_SECOND;

/// Part of an order that traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// When.
    pub ts: Nanos,
    /// How many shares.
    pub shares: i64,
    /// At what price.
    pub price: Price,
    /// The mid at that moment, where it is known.
    pub mid: Option<Price>,
    /// Commission and fees of this fill as an amount in nano-dollars; negative for a rebate.
    pub fee: Price,
}

/// An order and its fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The client's name for it.
    pub order_id: String,
    /// The instrument as its tape spells it; it need not be one there are results for.
    pub symbol: String,
    /// Which way.
    pub side: Side,
    /// Shares wanted.
    pub quantity: i64,
    /// When it was decided to trade.
    pub decision: Nanos,
    /// The price at which it was decided, for buys and sells alike.
    pub decision_price: Price,
    /// When the order reached the market.
    pub arrival: Nanos,
    /// The mid then, where it is known.
    pub arrival_mid: Option<Price>,
    /// When the order was done, or given up.
    pub end: Nanos,
    /// The mid then; needed where shares were left unfilled.
    pub end_mid: Option<Price>,
    /// What was filled, in any order.
    pub fills: Vec<Fill>,
}

impl Execution {
    /// Shares filled.
    #[must_use]
    pub fn filled(&self) -> i64 {
        self.fills.iter().map(|fill| fill.shares).sum()
    }

    /// +1 for a buy, -1 for a sell.
    #[must_use]
    pub fn sign(&self) -> i64 {
        if self.side == Side::Buy { 1 } else { -1 }
    }

    /// What the fills were paid, nano-dollars: exact.
    #[must_use]
    pub fn paid(&self) -> i128 {
        self.fills.iter().map(|fill| i128::from(fill.shares) * i128::from(fill.price.0)).sum()
    }

    /// Mean fill price, US dollars; `None` without fills.
    #[must_use]
    pub fn mean_price_usd(&self) -> Option<f64> {
        (self.filled() > 0).then(|| self.paid() as f64 / 1e9 / self.filled() as f64)
    }

    /// s (mean fill price - A) / A, basis points: what estimates forecast. Unknown without fills or arrival mid.
    #[must_use]
    pub fn arrival_cost_bps(&self) -> Option<f64> {
        let at_mid = i128::from(self.filled()) * i128::from(self.arrival_mid?.0);
        (at_mid > 0).then(|| (i128::from(self.sign()) * (self.paid() - at_mid)) as f64 / at_mid as f64 * 1e4)
    }

    /// All that is wrong with it; nothing when it can be counted with.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        faults.name("/order_id", &self.order_id, EXECUTION_ID_MAX_CHARS);
        faults.name("/symbol", &self.symbol, ORDER_TEXT_MAX_CHARS);
        faults.shares("/quantity", self.quantity);
        faults.moment("/decision_ts", self.decision);
        faults.price("/decision_price", Some(self.decision_price));
        faults.moment("/arrival_ts", self.arrival);
        faults.price("/arrival_mid", self.arrival_mid);
        faults.moment("/end_ts", self.end);
        faults.price("/end_mid", self.end_mid);
        faults.not_before("/arrival_ts", self.arrival, "decision_ts", self.decision);
        // Of an order that ended with a fill before its arrival, that fill's own fault says so.
        if self.fills.iter().all(|fill| fill.ts != self.end) {
            faults.not_before("/end_ts", self.end, "arrival_ts", self.arrival);
        }
        if self.end.0.saturating_sub(self.decision.0) > EXECUTION_DAYS_MAX * DAY_NANOS {
            faults.add("/end_ts", format!("lies more than {EXECUTION_DAYS_MAX} days after decision_ts"));
        }
        if self.fills.len() > EXECUTION_FILLS_MAX {
            faults.add("/fills", format!("has {} fills, at most {EXECUTION_FILLS_MAX}", self.fills.len()));
            return faults.0;
        }
        for (index, fill) in self.fills.iter().enumerate() {
            self.fill_faults(&format!("/fills/{index}"), fill, &mut faults);
        }
        self.overfill(&mut faults);
        faults.0
    }

    fn fill_faults(&self, at: &str, fill: &Fill, faults: &mut Faults) {
        faults.not_before(&format!("{at}/ts"), fill.ts, "arrival_ts", self.arrival);
        if fill.ts > self.end {
            faults.add(&format!("{at}/ts"), "lies after end_ts".to_owned());
        }
        faults.shares(&format!("{at}/shares"), fill.shares);
        faults.price(&format!("{at}/price"), Some(fill.price));
        faults.price(&format!("{at}/mid"), fill.mid);
        if fill.fee.0.unsigned_abs() > PRICE_MAX_NANOS.unsigned_abs() {
            faults.add(&format!("{at}/fee"), format!("{} is beyond any fee", fill.fee));
        }
    }

    /// The fill with which more was filled than wanted.
    fn overfill(&self, faults: &mut Faults) {
        let mut filled = 0_i64;
        for (index, fill) in self.fills.iter().enumerate() {
            filled = filled.saturating_add(fill.shares.max(0));
            if filled > self.quantity && self.quantity > 0 {
                let what = format!("brings the fills to {filled} shares of an order for {}", self.quantity);
                return faults.add(&format!("/fills/{index}/shares"), what);
            }
        }
    }
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, pointer: &str, message: String) {
        self.0.push(Fault::new(pointer, message));
    }

    fn name(&mut self, pointer: &str, text: &str, longest: usize) {
        let length = text.chars().count();
        if text.trim().is_empty() {
            self.add(pointer, "is empty".to_owned());
        } else if length > longest || text.chars().any(char::is_control) {
            self.add(pointer, format!("is not a name of up to {longest} printable characters"));
        }
    }

    fn shares(&mut self, pointer: &str, shares: i64) {
        if !(1..=SIZE_MAX_SHARES).contains(&shares) {
            self.add(pointer, format!("{shares} is not a number of shares from 1 to {SIZE_MAX_SHARES}"));
        }
    }

    fn price(&mut self, pointer: &str, price: Option<Price>) {
        if let Some(price) = price.filter(|price| !(1..=PRICE_MAX_NANOS).contains(&price.0)) {
            self.add(pointer, format!("{price} is not a price above 0 and up to {}", Price(PRICE_MAX_NANOS)));
        }
    }

    fn moment(&mut self, pointer: &str, moment: Nanos) {
        if !(0..MOMENT_END_NANOS).contains(&moment.0) {
            self.add(pointer, "is not a moment between 1970 and 2200".to_owned());
        }
    }

    fn not_before(&mut self, pointer: &str, moment: Nanos, bound: &str, earliest: Nanos) {
        if moment < earliest {
            self.add(pointer, format!("lies before {bound}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOLLAR: i64 = 1_000_000_000;

    fn good() -> Execution {
        let fill =
            |ts, shares| Fill { ts: Nanos(ts), shares, price: Price(10 * DOLLAR), mid: None, fee: Price(0) };
        Execution {
            order_id: "o-1".into(),
            symbol: "IBM".into(),
            side: Side::Sell,
            quantity: 500,
            decision: Nanos(10),
            decision_price: Price(10 * DOLLAR),
            arrival: Nanos(20),
            arrival_mid: Some(Price(10 * DOLLAR)),
            end: Nanos(40),
            end_mid: None,
            fills: vec![fill(20, 200), fill(40, 300)],
        }
    }

    fn pointers(change: impl FnOnce(&mut Execution)) -> Vec<String> {
        let mut execution = good();
        change(&mut execution);
        execution.faults().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_plain_order_has_no_faults() {
        assert!(pointers(|_| ()).is_empty());
        assert_eq!((good().filled(), good().sign()), (500, -1));
        assert!(pointers(|e| e.fills.clear()).is_empty(), "an order without fills is an order");
    }

    #[test]
    fn every_fault_is_named_by_its_field() {
        assert_eq!(pointers(|e| e.order_id = " ".into()), ["/order_id"]);
        assert_eq!(pointers(|e| e.order_id = "x".repeat(EXECUTION_ID_MAX_CHARS + 1)), ["/order_id"]);
        assert_eq!(pointers(|e| e.symbol = "A\nB".into()), ["/symbol"]);
        assert_eq!(pointers(|e| e.quantity = 0), ["/quantity"]);
        assert_eq!(pointers(|e| e.decision_price = Price(0)), ["/decision_price"]);
        assert_eq!(pointers(|e| e.arrival_mid = Some(Price(-1))), ["/arrival_mid"]);
        assert_eq!(pointers(|e| e.end_mid = Some(Price(i64::MAX))), ["/end_mid"]);
        assert_eq!(pointers(|e| e.decision = Nanos(21)), ["/arrival_ts"]);
        assert_eq!(pointers(|e| e.decision = Nanos(-1)), ["/decision_ts"]);
        assert_eq!(pointers(|e| e.end = Nanos(39)), ["/fills/1/ts"]);
        assert_eq!(pointers(|e| e.end = Nanos(11 + EXECUTION_DAYS_MAX * DAY_NANOS)), ["/end_ts"]);
        assert_eq!(pointers(|e| e.fills[0].ts = Nanos(19)), ["/fills/0/ts"]);
        assert_eq!(pointers(|e| e.fills[0].shares = -200), ["/fills/0/shares"]);
        assert_eq!(pointers(|e| e.fills[1].shares = 301), ["/fills/1/shares"]);
        assert_eq!(pointers(|e| e.fills[1].price = Price(0)), ["/fills/1/price"]);
        assert_eq!(pointers(|e| e.fills[1].mid = Some(Price(0))), ["/fills/1/mid"]);
        assert_eq!(pointers(|e| e.fills[1].fee = Price(i64::MIN)), ["/fills/1/fee"]);
        assert_eq!(pointers(|e| e.fills = vec![e.fills[0]; EXECUTION_FILLS_MAX + 1]), ["/fills"]);
    }
}
