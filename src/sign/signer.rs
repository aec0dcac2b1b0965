//! Trades signed one by one, by every rule.

use super::{Layers, Rule, TickRule, clnv, depth, emo, lee_ready, quote_rule, trade_size};
use crate::tape::{Quote, Sign, Trade};

/// What each rule says of one trade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// [`Rule::Tick`].
    pub tick: Sign,
    /// [`Rule::RevTick`].
    pub rev_tick: Sign,
    /// [`Rule::Quote`].
    pub quote: Sign,
    /// [`Rule::LeeReady`].
    pub lee_ready: Sign,
    /// [`Rule::RevLeeReady`].
    pub rev_lee_ready: Sign,
    /// [`Rule::Emo`].
    pub emo: Sign,
    /// [`Rule::RevEmo`].
    pub rev_emo: Sign,
    /// [`Rule::Clnv`].
    pub clnv: Sign,
    /// [`Rule::RevClnv`].
    pub rev_clnv: Sign,
    /// [`Rule::TradeSize`].
    pub trade_size: Sign,
    /// [`Rule::Depth`].
    pub depth: Sign,
    /// [`Rule::Known`].
    pub known: Sign,
}

impl Signs {
    /// What all rules say of a trade that met a usable quote or none, with the directions of the last and of the next
    /// price change.
    #[inline]
    fn of(trade: &Trade, quote: Option<&Quote>, tick: Sign, rev_tick: Sign) -> Self {
        let price = trade.price;
        let [lr, emo, clnv] = [lee_ready, emo, clnv].map(|rule| quote.and_then(|q| rule(price, q)));
        Self {
            tick,
            rev_tick,
            quote: quote.map_or(Sign::Unknown, |q| quote_rule(price, q)),
            lee_ready: lr.unwrap_or(tick),
            rev_lee_ready: lr.unwrap_or(rev_tick),
            emo: emo.unwrap_or(tick),
            rev_emo: emo.unwrap_or(rev_tick),
            clnv: clnv.unwrap_or(tick),
            rev_clnv: clnv.unwrap_or(rev_tick),
            trade_size: quote.and_then(|q| trade_size(trade.size, q)).unwrap_or_default(),
            depth: quote.and_then(|q| depth(price, q)).unwrap_or_default(),
            known: trade.known_side,
        }
    }

    /// What one rule says.
    #[must_use]
    pub fn by(&self, rule: Rule) -> Sign {
        match rule {
            Rule::Tick => self.tick,
            Rule::RevTick => self.rev_tick,
            Rule::Quote => self.quote,
            Rule::LeeReady => self.lee_ready,
            Rule::RevLeeReady => self.rev_lee_ready,
            Rule::Emo => self.emo,
            Rule::RevEmo => self.rev_emo,
            Rule::Clnv => self.clnv,
            Rule::RevClnv => self.rev_clnv,
            Rule::TradeSize => self.trade_size,
            Rule::Depth => self.depth,
            Rule::Known => self.known,
        }
    }

    /// What the first layer that can tell says.
    #[must_use]
    pub fn by_layers(&self, layers: &Layers) -> Sign {
        let told = layers.rules().iter().map(|rule| self.by(*rule)).find(|sign| *sign != Sign::Unknown);
        told.unwrap_or_default()
    }
}

/// A trade, the usable quote it met if there was one, and its signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedTrade {
    /// The trade.
    pub trade: Trade,
    /// The quote in force, when usable.
    pub quote: Option<Quote>,
    /// Its aggressor, as all that follows counts it.
    pub sign: Sign,
    /// Its aggressor by every rule. Those that look ahead are as if no other price came, until one has come.
    pub signs: Signs,
}

/// Signs a session's trades in their order.
#[derive(Debug, Default)]
pub struct Signer {
    layers: Layers,
    tick: TickRule,
}

impl Signer {
    /// Signs that count are those of `layers`.
    #[must_use]
    pub fn new(layers: impl Into<Layers>) -> Self {
        Self { layers: layers.into(), tick: TickRule::default() }
    }

    /// Signs one trade against the quote in force; a quote that is missing, one-sided, locked or crossed leaves
    /// the tick rule to decide.
    #[inline]
    pub fn sign(&mut self, trade: Trade, in_force: Option<Quote>) -> SignedTrade {
        let tick = self.tick.next(trade.price);
        let quote = in_force.filter(Quote::is_usable);
        let signs = Signs::of(&trade, quote.as_ref(), tick, Sign::Unknown);
        SignedTrade { trade, quote, sign: signs.by_layers(&self.layers), signs }
    }

    /// Signs a trade anew once the direction of the next price change is known: down from its price, it was a buy.
    pub fn settle(&self, signed: &mut SignedTrade, rev_tick: Sign) {
        signed.signs = Signs::of(&signed.trade, signed.quote.as_ref(), signed.signs.tick, rev_tick);
        signed.sign = signed.signs.by_layers(&self.layers);
    }
}
