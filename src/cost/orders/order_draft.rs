//! From what was asked to an [`Order`]: every field alone, then the fields beside each other.
//!
//! In: a [`Draft`] whose fields have the right types, as a reader of JSON, CSV or flags filled it. Out: an order, or
//! every fault with a pointer (RFC 6901) to its field. Nothing is guessed: a value that cannot be meant is refused.

use super::order::{
    Account, Amount, Curve, Order, OrderType, Overrides, Pace, Piece, Side, Strategy, URGENCIES,
};
use crate::limits::{
    MOMENT_END_NANOS, ORDER_HORIZON_MAX_SECONDS, ORDER_NOTIONAL_MAX_USD, ORDER_PIECES_MAX, ORDER_RATES_MAX,
    ORDER_SHARES_MAX, ORDER_TEXT_MAX_CHARS, PRICE_MAX_NANOS,
};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// A value that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands: a JSON pointer such as `/quantity`.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
    /// What would be taken instead, where that can be listed.
    pub allowed: Vec<String>,
}

impl Fault {
    /// A fault without a list of what would be taken.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), allowed: Vec::new() }
    }

    /// The same with such a list.
    #[must_use]
    pub fn allowing<S: Into<String>>(mut self, allowed: impl IntoIterator<Item = S>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }
}

/// An order's fields as they were given, of the right types but not yet believed.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(
    missing_docs,
    reason = "the fields are those of Order, documented there and in the API's description"
)]
pub struct Draft {
    pub symbol: Option<String>,
    pub mic: Option<String>,
    pub side: Option<Side>,
    pub quantity: Option<f64>,
    pub notional: Option<f64>,
    pub currency: Option<String>,
    pub as_of: Option<Nanos>,
    pub window: Option<(Option<Nanos>, Nanos)>,
    pub horizon_seconds: Option<f64>,
    pub participation_rate: Option<f64>,
    pub strategy: Option<Strategy>,
    pub schedule: Option<Vec<(Nanos, Nanos, f64)>>,
    pub risk_aversion: Option<f64>,
    pub urgency: Option<f64>,
    pub order_type: Option<OrderType>,
    pub limit_price: Option<f64>,
    pub alpha_bps: Option<f64>,
    pub overrides: Overrides,
    pub model: Option<String>,
    pub confidence: Option<f64>,
    pub curve: Curve,
    pub limits: Vec<(String, f64)>,
    pub client_ref: Option<String>,
    pub account: Account,
    pub halted: bool,
}

/// Level of the interval when the caller does not say.
pub const CONFIDENCE_DEFAULT: f64 = 0.9;

impl Draft {
    /// Believes the fields, or says every reason not to. `now` is the moment of the estimate when none was given.
    ///
    /// # Errors
    /// Every fault.
    pub fn check(self, now: Nanos) -> Result<Order, Vec<Fault>> {
        let mut faults = Faults::default();
        let symbol = self.symbol(&mut faults);
        faults.short("/client_ref", self.client_ref.as_deref());
        faults.short("/account/id", self.account.id.as_deref());
        if let Some(mic) = self.mic.as_deref()
            && !(mic.len() == 4 && mic.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        {
            faults.add("/mic", format!("'{mic}' is not a market of ISO 10383 such as XNYS"));
        }
        let amount = self.amount(&mut faults);
        let as_of = self.as_of.unwrap_or(now);
        faults.moment("/as_of", as_of);
        let strategy = self.strategy.unwrap_or(match self.participation_rate {
            Some(_) => Strategy::Pov,
            None => Strategy::Vwap,
        });
        let pace = self.pace(strategy, as_of, &mut faults);
        let schedule = self.schedule(strategy, amount, as_of, &mut faults);
        self.prices(&mut faults);
        let risk_aversion = self.risk_aversion(&mut faults);
        let confidence = self.confidence.unwrap_or(CONFIDENCE_DEFAULT);
        faults.within("/confidence", Some(confidence), 0.5, 0.99);
        self.curve(&mut faults);
        self.account(&mut faults);
        for (code, level) in &self.limits {
            let below = if code == "max_order_quantity" { ORDER_SHARES_MAX as f64 } else { f64::MAX };
            faults.within(&format!("/limits/{code}"), Some(*level), 0.0, below);
        }
        let order_type = self.order_type.unwrap_or(match self.limit_price {
            Some(_) => OrderType::Limit,
            None => OrderType::Market,
        });
        match (symbol, self.side, amount, pace) {
            (Some(symbol), Some(side), Some(amount), Some(pace)) if faults.0.is_empty() => Ok(Order {
                symbol,
                mic: self.mic,
                side,
                amount,
                as_of,
                pace,
                strategy,
                schedule,
                risk_aversion,
                order_type,
                limit_price: self.limit_price,
                alpha_bps: self.alpha_bps,
                overrides: self.overrides,
                model: self.model.unwrap_or_else(|| "default".to_owned()),
                confidence,
                curve: self.curve,
                limits: self.limits,
                client_ref: self.client_ref,
                account: self.account,
                halted: self.halted,
            }),
            _ => {
                if self.side.is_none() && !faults.has("/side") {
                    let names = Side::NAMED.map(|(name, _)| name);
                    faults.0.push(Fault::new("/side", "is missing").allowing(names));
                }
                Err(faults.0)
            }
        }
    }

    fn symbol(&self, faults: &mut Faults) -> Option<String> {
        faults.short("/symbol", self.symbol.as_deref());
        if self.symbol.as_deref().is_none_or(|name| name.trim().is_empty()) {
            faults.add("/symbol", "is missing".to_owned());
        }
        self.symbol.clone()
    }

    fn amount(&self, faults: &mut Faults) -> Option<Amount> {
        if let Some(currency) = self.currency.as_deref().filter(|c| *c != "USD") {
            let message = format!("'{currency}' is not a currency of this tape");
            faults.0.push(Fault::new("/currency", message).allowing(["USD"]));
        }
        match (self.quantity, self.notional) {
            (Some(quantity), None) => faults.shares("/quantity", quantity).map(Amount::Quantity),
            (None, Some(notional)) => {
                faults.positive("/notional", Some(notional), ORDER_NOTIONAL_MAX_USD);
                Some(Amount::Notional(notional))
            }
            (Some(_), Some(_)) => {
                faults.add("/notional", "stands beside quantity; give exactly one of the two".to_owned());
                None
            }
            (None, None) => {
                faults.add("/quantity", "is missing; give exactly one of quantity and notional".to_owned());
                None
            }
        }
    }

    fn pace(&self, strategy: Strategy, as_of: Nanos, faults: &mut Faults) -> Option<Pace> {
        let window = self.window.map(|_| "/window");
        let horizon = self.horizon_seconds.map(|_| "/horizon_seconds");
        let rate = self.participation_rate.map(|_| "/participation_rate");
        let given: Vec<&str> = [window, horizon, rate].into_iter().flatten().collect();
        if matches!(strategy, Strategy::Close | Strategy::Custom) {
            for pointer in given {
                faults.add(pointer, "is for strategies that do not say themselves when to trade".to_owned());
            }
            return Some(Pace::Strategy);
        }
        match given[..] {
            [] => {
                let message = "is missing; give exactly one of window, horizon_seconds, participation_rate";
                faults.add("/horizon_seconds", message.to_owned());
                return None;
            }
            [_] => {}
            [first, ref others @ ..] => {
                for pointer in others {
                    let message = format!(
                        "stands beside {}; give exactly one of window, horizon_seconds, participation_rate",
                        first.trim_start_matches('/')
                    );
                    faults.add(pointer, message);
                }
                return None;
            }
        }
        if let Some((start, end)) = self.window {
            faults.moment("/window/end", end);
            faults.moment("/window/start", start.unwrap_or(as_of));
            if end <= start.unwrap_or(as_of) {
                faults.add("/window/end", "is not after the window's start".to_owned());
            } else if end <= as_of {
                faults.add("/window/end", "is not after as_of: that window is over".to_owned());
            }
            return Some(Pace::Window { start, end });
        }
        if let Some(seconds) = self.horizon_seconds {
            faults.within("/horizon_seconds", Some(seconds), 1.0, ORDER_HORIZON_MAX_SECONDS);
            return Some(Pace::Horizon((seconds * NANOS_PER_SECOND as f64) as i64));
        }
        faults.positive("/participation_rate", self.participation_rate, 1.0);
        self.participation_rate.map(Pace::Participation)
    }

    fn schedule(
        &self,
        strategy: Strategy,
        amount: Option<Amount>,
        as_of: Nanos,
        faults: &mut Faults,
    ) -> Vec<Piece> {
        let Some(given) = &self.schedule else {
            if strategy == Strategy::Custom {
                faults.add("/schedule", "is missing; the strategy 'custom' needs one".to_owned());
            }
            return Vec::new();
        };
        if strategy != Strategy::Custom {
            faults.add("/schedule", "is for the strategy 'custom'".to_owned());
        }
        if given.is_empty() || given.len() > ORDER_PIECES_MAX {
            faults.add("/schedule", format!("has {} pieces, not 1 to {ORDER_PIECES_MAX}", given.len()));
            return Vec::new();
        }
        let (mut behind, mut pieces) = (as_of, Vec::new());
        for (index, &(start, end, quantity)) in given.iter().enumerate() {
            let at = format!("/schedule/{index}");
            faults.moment(&format!("{at}/start"), start);
            faults.moment(&format!("{at}/end"), end);
            if start < behind {
                let what = if index == 0 { "as_of" } else { "the end of the piece before" };
                faults.add(&format!("{at}/start"), format!("lies before {what}"));
            }
            if end <= start {
                faults.add(&format!("{at}/end"), "is not after the piece's start".to_owned());
            }
            behind = end;
            if let Some(quantity) = faults.shares(&format!("{at}/quantity"), quantity) {
                pieces.push(Piece { start, end, quantity });
            }
        }
        let total: i64 = pieces.iter().map(|piece| piece.quantity).sum();
        match amount {
            Some(Amount::Quantity(quantity)) if quantity != total => {
                faults.add("/schedule", format!("its pieces add up to {total} shares, not to {quantity}"));
            }
            Some(Amount::Notional(_)) => {
                faults.add("/notional", "a schedule is in shares: give quantity".to_owned());
            }
            _ => {}
        }
        pieces
    }

    fn prices(&self, faults: &mut Faults) {
        let price_max = PRICE_MAX_NANOS as f64 / 1e9;
        faults.positive("/limit_price", self.limit_price, price_max);
        match (self.order_type, self.limit_price) {
            (Some(OrderType::Limit), None) => {
                faults.add("/limit_price", "is missing; an order of type 'limit' needs one".to_owned());
            }
            (Some(OrderType::Market), Some(_)) => {
                faults.add("/limit_price", "an order of type 'market' has none".to_owned());
            }
            _ => {}
        }
        faults.within("/alpha_bps", self.alpha_bps, -10_000.0, 10_000.0);
        let Overrides { adv_shares, volatility_daily_bps, spread_bps, arrival_price, shares_outstanding } =
            self.overrides;
        faults.positive("/overrides/shares_outstanding", shares_outstanding, 1e12);
        faults.positive("/overrides/adv_shares", adv_shares, 100.0 * ORDER_SHARES_MAX as f64);
        faults.positive("/overrides/volatility_daily_bps", volatility_daily_bps, 100_000.0);
        faults.positive("/overrides/spread_bps", spread_bps, 10_000.0);
        faults.positive("/overrides/arrival_price", arrival_price, price_max);
    }

    fn risk_aversion(&self, faults: &mut Faults) -> f64 {
        if self.risk_aversion.is_some() && self.urgency.is_some() {
            faults.add("/urgency", "stands beside risk_aversion; give one of the two".to_owned());
        }
        faults.within("/risk_aversion", self.risk_aversion, 0.0, 1_000.0);
        self.risk_aversion.or(self.urgency).unwrap_or(URGENCIES[1].1)
    }

    fn curve(&self, faults: &mut Faults) {
        let Curve::Rates(rates) = &self.curve else { return };
        if rates.is_empty() || rates.len() > ORDER_RATES_MAX {
            faults.add("/curve", format!("has {} rates, not 1 to {ORDER_RATES_MAX}", rates.len()));
        }
        for (index, rate) in rates.iter().enumerate().take(ORDER_RATES_MAX) {
            faults.positive(&format!("/curve/{index}"), Some(*rate), 1.0);
        }
    }

    fn account(&self, faults: &mut Faults) {
        faults.within("/account/credit_used_usd", self.account.credit_used_usd, 0.0, 1e15);
        if self.account.orders_last_minute.is_some_and(|count| count < 0) {
            faults.add("/account/orders_last_minute", "is below 0".to_owned());
        }
        for (index, recent) in self.account.recent_orders.iter().flatten().enumerate() {
            let at = format!("/account/recent_orders/{index}");
            faults.short(&format!("{at}/symbol"), Some(&recent.symbol));
            faults.moment(&format!("{at}/at"), recent.at);
        }
    }
}

/// Faults found so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, pointer: &str, message: String) {
        self.0.push(Fault::new(pointer, message));
    }

    fn has(&self, pointer: &str) -> bool {
        self.0.iter().any(|fault| fault.pointer == pointer)
    }

    fn short(&mut self, pointer: &str, text: Option<&str>) {
        if text.is_some_and(|text| text.chars().count() > ORDER_TEXT_MAX_CHARS) {
            self.add(pointer, format!("is longer than {ORDER_TEXT_MAX_CHARS} characters"));
        }
    }

    fn moment(&mut self, pointer: &str, moment: Nanos) {
        if !(0..MOMENT_END_NANOS).contains(&moment.0) {
            self.add(pointer, "is not a moment between 1970 and 2200".to_owned());
        }
    }

    fn within(&mut self, pointer: &str, value: Option<f64>, low: f64, high: f64) {
        if let Some(value) = value.filter(|value| !(low..=high).contains(value)) {
            self.add(pointer, format!("{value} is not a number from {low} to {high}"));
        }
    }

    fn positive(&mut self, pointer: &str, value: Option<f64>, high: f64) {
        if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0 && *value <= high)) {
            self.add(pointer, format!("{value} is not a number above 0 and up to {high}"));
        }
    }

    fn shares(&mut self, pointer: &str, value: f64) -> Option<i64> {
        let whole = value.fract() == 0.0 && (1.0..=ORDER_SHARES_MAX as f64).contains(&value);
        if !whole {
            self.add(
                pointer,
                format!("{value} is not a whole number of shares from 1 to {ORDER_SHARES_MAX}"),
            );
        }
        whole.then_some(value as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Draft {
        Draft {
            symbol: Some("IBM".into()),
            side: Some(Side::Buy),
            quantity: Some(50_000.0),
            horizon_seconds: Some(1_800.0),
            ..Draft::default()
        }
    }

    const NOW: Nanos = Nanos(1_381_152_600_000_000_000);

    fn pointers(draft: Draft) -> Vec<String> {
        draft.check(NOW).expect_err("refused").into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_plain_order_gets_the_stated_defaults() {
        let order = good().check(NOW).expect("an order");
        assert_eq!(order.as_of, NOW);
        assert_eq!((order.strategy, order.order_type), (Strategy::Vwap, OrderType::Market));
        assert_eq!((order.confidence, order.risk_aversion), (0.9, 0.01));
        assert_eq!(order.amount, Amount::Quantity(50_000));
        let paced = Draft { horizon_seconds: None, participation_rate: Some(0.1), ..good() };
        assert_eq!(paced.check(NOW).expect("an order").strategy, Strategy::Pov);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_its_field() {
        for quantity in [0.0, -1.0, 0.5, 1e12, f64::NAN, f64::INFINITY] {
            assert_eq!(pointers(Draft { quantity: Some(quantity), ..good() }), ["/quantity"], "{quantity}");
        }
        for rate in [0.0, -0.1, 1.5, f64::NAN] {
            let draft = Draft { horizon_seconds: None, participation_rate: Some(rate), ..good() };
            assert_eq!(pointers(draft), ["/participation_rate"], "{rate}");
        }
        assert_eq!(pointers(Draft { confidence: Some(0.999), ..good() }), ["/confidence"]);
        assert_eq!(pointers(Draft { limit_price: Some(f64::NAN), ..good() }), ["/limit_price"]);
        assert_eq!(pointers(Draft { currency: Some("EUR".into()), ..good() }), ["/currency"]);
        assert_eq!(pointers(Draft { mic: Some("nyse".into()), ..good() }), ["/mic"]);
        assert_eq!(pointers(Draft { order_type: Some(OrderType::Limit), ..good() }), ["/limit_price"]);
    }

    #[test]
    fn exactly_one_of_each_is_wanted() {
        assert_eq!(pointers(Draft { notional: Some(1e6), ..good() }), ["/notional"]);
        assert_eq!(pointers(Draft { quantity: None, ..good() }), ["/quantity"]);
        assert_eq!(pointers(Draft { participation_rate: Some(0.1), ..good() }), ["/participation_rate"]);
        assert_eq!(pointers(Draft { horizon_seconds: None, ..good() }), ["/horizon_seconds"]);
        let close = Draft { strategy: Some(Strategy::Close), ..good() };
        assert_eq!(pointers(close), ["/horizon_seconds"]);
        assert_eq!(pointers(Draft::default()), ["/symbol", "/quantity", "/horizon_seconds", "/side"]);
    }

    #[test]
    fn a_schedule_adds_up_and_runs_forwards() {
        let at = |second: i64| Nanos(NOW.0 + second * NANOS_PER_SECOND);
        let custom = |pieces: Vec<(Nanos, Nanos, f64)>| Draft {
            horizon_seconds: None,
            strategy: Some(Strategy::Custom),
            schedule: Some(pieces),
            ..good()
        };
        let halves = vec![(at(0), at(60), 20_000.0), (at(60), at(120), 30_000.0)];
        assert_eq!(custom(halves).check(NOW).expect("an order").schedule.len(), 2);
        assert_eq!(pointers(custom(vec![(at(0), at(60), 1.0)])), ["/schedule"]);
        let overlap = vec![(at(0), at(60), 20_000.0), (at(30), at(120), 30_000.0)];
        assert_eq!(pointers(custom(overlap)), ["/schedule/1/start"]);
        assert_eq!(pointers(custom(vec![])), ["/schedule"]);
    }
}
