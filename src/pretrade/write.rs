//! An order, what is known of its symbol, and the limits: put together into the answer.

use super::answer::{
    Comparables, ComponentsAnswer, Estimate, ExpectedCost, Interval, Meta, Quantiles, VerdictAnswer,
};
use super::answer_checks::{CheckAnswer, LimitsAnswer};
use super::answer_inputs::Resolved;
use super::basket::with_earlier;
use super::confidence::{Seen, confidence};
use super::days::BAR_NANOS;
use super::explain::contributions;
use super::facts::{facts, participation};
use super::inputs::Inputs;
use super::limits_shelf::LimitsState;
use super::models::ModelName;
use super::past::Past;
use super::prepared::{Multiples, Prepared};
use super::price::{Price, Pricing};
use super::resolve::{Window, window};
use super::stamp::Stamp;
use super::write_model::model_answer;
use super::write_paths::{bins, cost_curve, frontier};
use crate::cost::{
    Amount, Check, CostModel, Earlier, Fault, Horizon, Market, Method, Order, OrderType, Side, Status,
    Strategy, judge, verdict,
};
use crate::tape::{Nanos, sha256};

const NOTICE: &str = "advisory: not the firm's market-access control";

/// All that an answer is made of.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'a> {
    /// The order.
    pub order: &'a Order,
    /// Earlier lines of its basket.
    pub earlier: &'a Earlier,
    /// What is known of its symbol.
    pub prepared: &'a Prepared,
    /// The limits.
    pub limits: &'a LimitsState,
    /// Orders that were worked.
    pub past: &'a Past,
}

/// A price with its uncertainty.
struct Costed<'a> {
    pricing: Pricing<'a>,
    open: Horizon<'a>,
    price: Price<'a>,
    model_error_bps: f64,
    multiples: Multiples,
}

impl Costed<'_> {
    /// Standard deviation of the cost: chance and the model's error.
    fn deviation_bps(&self) -> f64 {
        self.price.risk_bps.hypot(self.model_error_bps)
    }
}

impl<'a> Writing<'a> {
    /// The answer.
    ///
    /// # Errors
    /// When the order asks for what cannot be given.
    pub fn estimate(&self) -> Result<Estimate, Vec<Fault>> {
        let inputs = Inputs::of(self.order, self.prepared);
        let mut window = window(self.order);
        let quantity = self.quantity(&inputs, &mut window)?;
        let market = inputs.market();
        let model = market.map(|market| self.model(&market)).transpose()?;
        let costed = self.cost(quantity, market, model.as_ref(), &mut window);
        let costed = costed.as_ref();
        let beyond = market.and_then(|market| beyond_quote(self.order, &market));
        let not_marketable = beyond.is_some();
        window.adjustments.extend(beyond);
        let price = costed.map(|costed| &costed.price);
        let facts = facts(self.order, quantity, &inputs, self.prepared, (&window, price));
        let facts = with_earlier(facts, self.earlier, price);
        let checks = judge(self.order, &facts, self.earlier, &self.limits.limits);
        let confidence = confidence(&Seen {
            order: self.order,
            prepared: self.prepared,
            window: &window,
            price,
            facts: &facts,
            checks: &checks,
            method: costed.map(|costed| costed.multiples.method),
            not_marketable,
            reload_failed: self.limits.trouble.is_some(),
        });
        let model = model.as_ref().map(|model| model_answer(model, self.name(), self.prepared));
        let cap =
            checks.iter().find(|check| check.rule.code == "max_participation").and_then(|check| check.limit);
        let cap = cap.map_or(1.0, |percent| percent / 100.0);
        let (optimal, frontier) = costed.map(|c| frontier(&c.pricing, &c.open, cap)).unwrap_or_default();
        let verdict = VerdictAnswer::from(verdict(&checks));
        let comparables = price.and_then(|price| self.comparables(price));
        Ok(Estimate {
            estimate_id: self.id(model.as_ref().map(|model| model.sha256.as_str()), comparables),
            client_ref: self.order.client_ref.clone(),
            verdict,
            why: why(verdict, &checks),
            expected_cost: costed.map(expected_cost),
            interval: costed.map(|costed| self.interval(costed)),
            components: price.map(|price| price.components),
            timing_risk_bps: price.map(|price| price.risk_bps),
            inputs_used: inputs.told(self.prepared, self.order.as_of),
            resolved: self.resolved(quantity, &inputs, window, price),
            schedule: costed.map(|c| bins(&c.pricing, &c.price)).unwrap_or_default(),
            optimal,
            frontier,
            cost_curve: costed
                .map(|c| cost_curve(&c.pricing, &c.open, c.multiples.interval))
                .unwrap_or_default(),
            checks: checks.iter().map(CheckAnswer::from).collect(),
            confidence,
            comparables,
            model,
            explain: costed
                .map(|c| contributions(&c.pricing, c.open, &c.price, c.model_error_bps))
                .unwrap_or_default(),
            limits: LimitsAnswer {
                source: self.limits.source,
                sha256: self.limits.sha256.to_string(),
                reload_failed: self.limits.trouble.is_some(),
            },
            meta: Meta {
                as_of: Stamp(self.order.as_of),
                valid_until: Stamp(Nanos(self.prepared.minute.0 + BAR_NANOS)),
                data_snapshot_id: self.prepared.state.as_ref().map(|state| state.chars().take(32).collect()),
                version: env!("CARGO_PKG_VERSION"),
                notice: NOTICE,
            },
        })
    }

    /// What orders of about this size and length did cost.
    fn comparables(&self, price: &Price<'_>) -> Option<Comparables> {
        let order = self.order;
        self.past.like(&order.symbol, price.schedule.quantity(), price.horizon.length(), order.as_of)
    }

    /// Whole shares; of dollars, at the arrival price.
    fn quantity(&self, inputs: &Inputs, window: &mut Window) -> Result<Option<i64>, Vec<Fault>> {
        let notional = match self.order.amount {
            Amount::Quantity(quantity) => return Ok(Some(quantity)),
            Amount::Notional(notional) => notional,
        };
        let Some(price) = inputs.arrival_usd() else { return Ok(None) };
        let shares = (notional / price).floor();
        if !(1.0..=crate::limits::ORDER_SHARES_MAX as f64).contains(&shares) {
            let message = format!("{notional} dollars are {shares} shares at {price}: not an order");
            return Err(vec![Fault::new("/notional", message)]);
        }
        window
            .adjustments
            .push(format!("{notional} dollars are {shares} shares at the arrival price of {price}"));
        Ok(Some(shares as i64))
    }

    fn name(&self) -> ModelName {
        // The reader took known names only.
        ModelName::parse(&self.order.model).unwrap_or(ModelName::Blend)
    }

    fn model(&self, market: &Market) -> Result<CostModel, Vec<Fault>> {
        let others =
            || ModelName::NAMED.iter().map(|(name, _)| *name).filter(|name| *name != self.order.model);
        self.prepared.model(self.name(), market).map_err(|why| {
            let pointer = if self.name() == ModelName::Almgren2005 {
                "/overrides/shares_outstanding"
            } else {
                "/model"
            };
            let message = format!("{} {why}", self.order.model);
            vec![Fault::new(pointer, message).allowing(if pointer == "/model" {
                others().collect()
            } else {
                vec![]
            })]
        })
    }

    fn cost<'m>(
        &self,
        quantity: Option<i64>,
        market: Option<Market>,
        model: Option<&'m CostModel>,
        window: &mut Window,
    ) -> Option<Costed<'m>>
    where
        'a: 'm,
    {
        let (Some(market), Some(model), Some(quantity)) = (market, model, quantity) else {
            window
                .adjustments
                .push("no estimate: price, spread, volatility or volume is not known".to_owned());
            return None;
        };
        let (start, end) = window.bounds?;
        let curve = &self.prepared.reference.curve;
        let open = Horizon::new(window.session, start, end, curve, market.adv_shares)?;
        let pricing = Pricing { order: self.order, quantity, market, model };
        let Some(price) = pricing.price(open) else {
            window.adjustments.push("no estimate: not one share fits into the window".to_owned());
            return None;
        };
        let done = price.schedule.quantity();
        if done < quantity {
            window
                .adjustments
                .push(format!("{done} of {quantity} shares fit before the close; the rest is not priced"));
        }
        let seconds = price.horizon.length() as f64 / 1e9;
        let multiples = *self.prepared.multiples(seconds, self.order.confidence);
        let model_error_bps = model.error_bps(&market, &price.schedule);
        Some(Costed { pricing, open, price, model_error_bps, multiples })
    }

    fn interval(&self, costed: &Costed<'_>) -> Interval {
        let (mean, deviation) = (costed.price.components.total(), costed.deviation_bps());
        let Multiples { interval, p75, p95, method, coverage } = costed.multiples;
        Interval {
            level: self.order.confidence,
            low_bps: mean - interval * deviation,
            high_bps: mean + interval * deviation,
            method: Method::name(method),
            quantiles: Quantiles {
                p05: mean - p95 * deviation,
                p25: mean - p75 * deviation,
                p50: mean,
                p75: mean + p75 * deviation,
                p95: mean + p95 * deviation,
            },
            model_error_bps: costed.model_error_bps,
            coverage_backtest: coverage,
        }
    }

    fn resolved(
        &self,
        quantity: Option<i64>,
        inputs: &Inputs,
        window: Window,
        price: Option<&Price<'_>>,
    ) -> Resolved {
        let order = self.order;
        let bounds = price.map(|price| (price.horizon.start, price.horizon.end)).or(window.bounds);
        let shares = quantity.map(|quantity| quantity as f64);
        Resolved {
            symbol: order.symbol.clone(),
            mic: order.mic.clone(),
            side: spelled(&Side::NAMED, order.side),
            quantity,
            notional_usd: shares.zip(inputs.arrival_usd()).map(|(shares, price)| shares * price),
            fillable_quantity: price.map(|price| price.schedule.quantity()),
            date: window.session.date.to_string(),
            window_start: bounds.map(|(start, _)| Stamp(start)),
            window_end: bounds.map(|(_, end)| Stamp(end)),
            duration_seconds: bounds.map(|(start, end)| (end.0 - start.0) as f64 / 1e9),
            participation_rate: price.and_then(participation),
            pct_adv: shares.zip(inputs.adv_shares()).map(|(shares, adv)| 100.0 * shares / adv),
            expected_market_shares: price.map(|p| p.horizon.market_shares(p.horizon.start, p.horizon.end)),
            strategy: spelled(&Strategy::NAMED, order.strategy),
            risk_aversion: order.risk_aversion,
            order_type: spelled(&OrderType::NAMED, order.order_type),
            limit_price: order.limit_price,
            adjustments: window.adjustments,
        }
    }

    /// Made of everything that the answer depends on.
    fn id(&self, model_sha256: Option<&str>, comparables: Option<Comparables>) -> String {
        let all =
            (self.order, self.earlier, &self.prepared.state, model_sha256, &self.limits.sha256, comparables);
        let trouble = self.limits.trouble.is_some();
        let name = sha256(format!("{} {trouble} {all:?}", env!("CARGO_PKG_VERSION")));
        format!("est_{}", &name[..32])
    }
}

fn spelled<T: PartialEq + Copy>(named: &[(&'static str, T)], value: T) -> &'static str {
    named.iter().find(|(_, own)| *own == value).map_or("", |(name, _)| name)
}

fn expected_cost(costed: &Costed<'_>) -> ExpectedCost {
    let market = &costed.pricing.market;
    let bps = ComponentsAnswer::total(&costed.price.components);
    let usd_per_share = bps * market.mid_usd / 1e4;
    // SEC Rule 612: a cent, or a hundredth of one below a dollar.
    let tick_usd = if market.mid_usd < 1.0 { 0.0001 } else { 0.01 };
    ExpectedCost {
        bps,
        currency: "USD",
        usd: usd_per_share * costed.price.schedule.quantity() as f64,
        usd_per_share,
        ticks: usd_per_share / tick_usd,
        pct_of_spread: (market.spread_usd > 0.0).then(|| 100.0 * usd_per_share / market.spread_usd),
    }
}

/// Why a limit price would not trade now: a buyer's below the bid, a seller's above the ask. What the order costs if
/// it is filled as planned is then not what it will cost.
fn beyond_quote(order: &Order, market: &Market) -> Option<String> {
    let (limit, sign) = (order.limit_price?, order.side.sign());
    let own_side = market.mid_usd - sign * market.spread_usd / 2.0;
    let quote = if sign > 0.0 { "below the bid" } else { "above the ask" };
    (sign * (own_side - limit) > 0.0).then(|| {
        format!("the limit price {limit} is {quote} of about {own_side:.4}: priced as if it would be filled")
    })
}

/// The checks that made the verdict.
fn why(verdict: VerdictAnswer, checks: &[Check]) -> String {
    let wanted = |check: &&Check| match verdict {
        VerdictAnswer::Allow => false,
        VerdictAnswer::Warn => matches!(check.status, Status::Warn | Status::Fail),
        VerdictAnswer::Indeterminate => check.required && check.status == Status::NotEvaluated,
        VerdictAnswer::Block => check.status == Status::Fail,
    };
    let told: Vec<String> =
        checks.iter().filter(wanted).map(|check| format!("{}: {}", check.rule.code, check.message)).collect();
    if told.is_empty() { "every check that is set passes".to_owned() } else { told.join("; ") }
}
