//! Where trades wait for the next price that differs, so that rules that look ahead can tell.
//!
//! In: ticks in order. Out: the same ticks in the same order, later, their trades with all signs. All that wait have
//! one price: the first other price settles them together. Where the price never changes again, the session's end
//! does, and the rules that look ahead stay silent.

use super::{SignedTrade, Signer};
use crate::tape::{Price, Quote, Sign};

/// What waits.
#[derive(Clone, Copy, Debug)]
pub enum Tick {
    /// A state of the book behind a trade that waits.
    Quote(Quote),
    /// A trade.
    Trade(SignedTrade),
}

/// The ticks that wait.
#[derive(Debug, Default)]
pub struct Ahead {
    price: Option<Price>,
    waiting: Vec<Tick>,
}

impl Ahead {
    /// Whether no tick waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A tick goes to the end of the queue; before a trade does, [`Ahead::settle`] is asked with its price.
    pub fn wait(&mut self, tick: Tick) {
        if let Tick::Trade(signed) = &tick {
            self.price = Some(signed.trade.price);
        }
        self.waiting.push(tick);
    }

    /// The next price, or the session's end: gives the ticks that need wait no longer. Their place is to be given back.
    pub fn settle(&mut self, next: Option<Price>, signer: &Signer) -> Vec<Tick> {
        if self.waiting.is_empty() || (next.is_some() && next == self.price) {
            return Vec::new();
        }
        let change = self.price.zip(next).map_or(0, |(price, next)| price.0 - next.0);
        let mut settled = std::mem::take(&mut self.waiting);
        for tick in &mut settled {
            if let Tick::Trade(signed) = tick {
                signer.settle(signed, Sign::of(change));
            }
        }
        settled
    }

    /// Takes back the place of ticks that were settled, so that it need not be asked for again.
    pub fn reuse(&mut self, mut settled: Vec<Tick>) {
        settled.clear();
        if self.waiting.capacity() == 0 {
            self.waiting = settled;
        }
    }
}
