//! Episodes merged into a symbol-day's messages.
//!
//! Every original message stays, in its place and order. While an episode holds the quotes shifted, original quotes and
//! trades show prices off by the shift; while it holds a side's size up, original quotes show that side's size so many
//! times as large. Nothing else of them changes, and what changed is counted.

use std::collections::VecDeque;

use super::super::error::SimulateError;
use super::super::law::LOT;
use super::super::tape::{Print, State, Tick};
use super::Injection;
use super::everyday;
use super::plan::{Planned, plan};
use super::record::{Episode, EpisodeDay};
use super::script::{Act, Scale};
use crate::fraud::watching::BIN_SECONDS;
use crate::tape::{NANOS_PER_SECOND, Nanos, Price, Quote, Session, Sign, Size, Symbol, Trade};

/// What episodes do to the messages that pass.
#[derive(Clone, Copy, Debug)]
struct Overlay {
    shift: i64,
    bid_times: f64,
    ask_times: f64,
}

impl Default for Overlay {
    fn default() -> Self {
        Self { shift: 0, bid_times: 1.0, ask_times: 1.0 }
    }
}

impl Overlay {
    fn quote(&self, base: &Quote) -> Quote {
        let moved = |price: Price| if price.0 > 0 { Price((price.0 + self.shift).max(1)) } else { price };
        // Round lots stay round: an odd size would tell by itself.
        let larger = |size: Size, times: f64| {
            let lot = if size.0 % LOT == 0 { LOT } else { 1 };
            Size((size.0 as f64 * times / lot as f64).round() as i64 * lot)
        };
        Quote {
            ts: base.ts,
            bid: moved(base.bid),
            ask: moved(base.ask),
            bid_size: larger(base.bid_size, self.bid_times),
            ask_size: larger(base.ask_size, self.ask_times),
        }
    }

    fn trade(&self, base: &Trade) -> Trade {
        Trade { price: Price((base.price.0 + self.shift).max(1)), ..*base }
    }
}

/// Injects into one symbol-day.
pub(in crate::simulate) struct Injector {
    symbol: Symbol,
    session: Session,
    scale: Scale,
    /// Acts to come, each with its episode.
    acts: VecDeque<(i64, usize, Act)>,
    planned: Vec<Planned>,
    counts: Vec<[u64; 4]>,
    overlay: Overlay,
    /// The episode under way, or the last one.
    at: usize,
    /// The original state in force.
    base: Option<Quote>,
    quotes: u64,
    trades: u64,
}

impl Injector {
    /// Plans a symbol-day's episodes.
    ///
    /// # Errors
    /// When they do not fit into the session.
    pub fn new(
        injection: &Injection,
        symbol: &Symbol,
        session: Session,
        scale: Scale,
    ) -> Result<Self, SimulateError> {
        let planned = plan(injection, symbol, session, &scale)?;
        let numbered = planned.iter().enumerate();
        let acts =
            numbered.flat_map(|(index, episode)| episode.acts().map(move |(at, act)| (at, index, act)));
        let acts = acts.collect();
        Ok(Self::of(symbol, session, scale, acts, planned))
    }

    /// Adds what honest days hold, see `everyday.rs`; no episode, and nothing to count.
    pub fn everyday(seed: u64, symbol: &Symbol, session: Session, scale: Scale) -> Self {
        let acts = everyday::draw(seed, symbol, &session, &scale).into_iter();
        Self::of(symbol, session, scale, acts.map(|(at, act)| (at, 0, act)).collect(), Vec::new())
    }

    fn of(
        symbol: &Symbol,
        session: Session,
        scale: Scale,
        acts: VecDeque<(i64, usize, Act)>,
        planned: Vec<Planned>,
    ) -> Self {
        Self {
            symbol: symbol.clone(),
            session,
            scale,
            acts,
            counts: vec![[0; 4]; planned.len()],
            planned,
            overlay: Overlay::default(),
            at: 0,
            base: None,
            quotes: 0,
            trades: 0,
        }
    }

    /// Original messages arrive, in time order; those due before them go first.
    pub fn pass(&mut self, ticks: &[Tick], out: &mut Vec<Tick>) {
        for tick in ticks {
            let ts = match tick {
                Tick::Quote(state) => state.quote.ts,
                Tick::Trade(print) => print.trade.ts,
            };
            self.act_before(ts.0, out);
            if ts >= self.session.close {
                self.overlay = Overlay::default();
            }
            match tick {
                Tick::Quote(state) => self.original_quote(state, out),
                Tick::Trade(print) => self.original_trade(print, out),
            }
        }
    }

    fn original_quote(&mut self, state: &State, out: &mut Vec<Tick>) {
        self.base = Some(state.quote);
        let shown = self.overlay.quote(&state.quote);
        self.count(2, shown != state.quote);
        self.emit_quote(shown, state.is_venue_only, out);
    }

    fn original_trade(&mut self, print: &Print, out: &mut Vec<Tick>) {
        let shown = self.overlay.trade(&print.trade);
        self.count(3, shown != print.trade);
        self.emit_trade(shown, out);
    }

    fn count(&mut self, what: usize, counts: bool) {
        if let Some(episode) = self.counts.get_mut(self.at) {
            episode[what] += u64::from(counts);
        }
    }

    fn emit_quote(&mut self, quote: Quote, is_venue_only: bool, out: &mut Vec<Tick>) {
        self.quotes += 1;
        out.push(Tick::Quote(State { quote, sequence: self.quotes, is_venue_only }));
    }

    fn emit_trade(&mut self, trade: Trade, out: &mut Vec<Tick>) {
        self.trades += 1;
        out.push(Tick::Trade(Print { trade, sequence: self.trades }));
    }

    fn act_before(&mut self, now: i64, out: &mut Vec<Tick>) {
        while let Some((at, episode, act)) = self.acts.pop_front_if(|(at, ..)| *at < now) {
            self.at = episode;
            self.act(Nanos(at), act, out);
        }
    }

    /// An act shows itself where there is a usable state to show it on.
    fn act(&mut self, ts: Nanos, act: Act, out: &mut Vec<Tick>) {
        match act {
            Act::Shift(shift) => self.overlay.shift = shift,
            Act::Weight { side: Sign::Buy, times } => self.overlay.bid_times = times,
            Act::Weight { times, .. } => self.overlay.ask_times = times,
            _ => {}
        }
        let Some(base) = self.base.filter(Quote::is_usable) else { return };
        let shown = Quote { ts, ..self.overlay.quote(&base) };
        match act {
            Act::Shift(_) | Act::Weight { .. } | Act::Flicker { is_on: false, .. } => {
                self.add_quote(shown, out);
            }
            Act::Flicker { side, .. } => self.add_quote(self.flickered(shown, side), out),
            Act::Print { aggressor, shares } => {
                let price = if aggressor == Sign::Buy { shown.ask } else { shown.bid };
                self.add_trade(
                    Trade { ts, price, size: Size(shares), known_side: aggressor, ..Trade::default() },
                    out,
                );
            }
            Act::InsidePrint { aggressor, shares } => {
                let price = Price(shown.mid_doubled() / 2);
                self.add_trade(
                    Trade { ts, price, size: Size(shares), known_side: aggressor, ..Trade::default() },
                    out,
                );
            }
        }
    }

    /// The side's price better by a tick, or, where the spread has no room for that, its size by half.
    fn flickered(&self, shown: Quote, side: Sign) -> Quote {
        let tick = self.scale.tick_nanos;
        let has_room = shown.spread() > tick;
        let halved = |size: Size| Size((size.0 + size.0 / 2).max(size.0 + 1));
        match (side, has_room) {
            (Sign::Buy, true) => Quote { bid: Price(shown.bid.0 + tick), ..shown },
            (_, true) => Quote { ask: Price(shown.ask.0 - tick), ..shown },
            (Sign::Buy, false) => Quote { bid_size: halved(shown.bid_size), ..shown },
            (_, false) => Quote { ask_size: halved(shown.ask_size), ..shown },
        }
    }

    fn add_quote(&mut self, quote: Quote, out: &mut Vec<Tick>) {
        self.count(0, true);
        self.emit_quote(quote, false, out);
    }

    fn add_trade(&mut self, trade: Trade, out: &mut Vec<Tick>) {
        self.count(1, true);
        self.emit_trade(trade, out);
    }

    /// The day is over: the last acts, and what was done.
    pub fn finish(mut self, out: &mut Vec<Tick>) -> (EpisodeDay, Vec<Episode>) {
        self.act_before(i64::MAX, out);
        let (symbol, date) = (self.symbol.to_string(), self.session.date.to_string());
        let width = BIN_SECONDS * NANOS_PER_SECOND;
        let bin = |ns: i64| (ns - self.session.open.0).div_euclid(width);
        let day = EpisodeDay {
            symbol: symbol.clone(),
            date: date.clone(),
            bins: self.session.length() / width,
            bins_in_episodes: self.planned.iter().map(|e| bin(e.end) - bin(e.start) + 1).sum(),
            scale: self.scale,
        };
        let episodes =
            (1..).zip(self.planned.iter().zip(&self.counts)).map(|(number, (planned, counts))| Episode {
                id: format!("{symbol}-{date}-{number}"),
                symbol: symbol.clone(),
                date: date.clone(),
                pattern: planned.pattern,
                strength: planned.strength,
                start_ns: planned.start,
                end_ns: planned.end,
                side: if planned.script.side == Sign::Buy { "buy" } else { "sell" }.to_owned(),
                injected_quotes: counts[0],
                injected_trades: counts[1],
                changed_quotes: counts[2],
                changed_trades: counts[3],
                parameters: planned.script.parameters.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect(),
            });
        (day, episodes.collect())
    }
}
