//! Every rule against the side that the feed itself knows, overall and by where a trade stood against its quote.
//!
//! In: signed trades, in any order; those whose side the feed does not know are passed over. Out: exact counts.

use super::{Rule, SignedTrade, quote_rule};
use crate::tape::{Quote, Sign};

/// Where a trade's price stood against the usable quote it met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Anywhere: every trade stands here too.
    All,
    /// At the ask.
    AtAsk,
    /// At the bid.
    AtBid,
    /// At the mid.
    AtMid,
    /// Between bid and ask, but not at the mid.
    Inside,
    /// Above the ask or below the bid.
    Outside,
    /// It met no usable quote.
    NoQuote,
}

impl Place {
    /// How many there are.
    const COUNT: usize = 7;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] =
        [Self::All, Self::AtAsk, Self::AtBid, Self::AtMid, Self::Inside, Self::Outside, Self::NoQuote];

    /// As it is called in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::AtAsk => "at_ask",
            Self::AtBid => "at_bid",
            Self::AtMid => "at_mid",
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::NoQuote => "no_quote",
        }
    }

    /// Where a trade stood.
    #[must_use]
    pub fn of(signed: &SignedTrade) -> Self {
        let Some(quote) = &signed.quote else { return Self::NoQuote };
        let price = signed.trade.price;
        let Quote { bid, ask, .. } = *quote;
        if price == ask {
            Self::AtAsk
        } else if price == bid {
            Self::AtBid
        } else if quote_rule(price, quote) == Sign::Unknown {
            Self::AtMid
        } else if bid < price && price < ask {
            Self::Inside
        } else {
            Self::Outside
        }
    }
}

/// How often a rule spoke, and how often it was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Trades whose side is known.
    pub trades: u64,
    /// Of them, trades of which the rule named a side.
    pub classified: u64,
    /// Of those, trades of which it named the known side.
    pub right: u64,
}

impl Score {
    fn count(&mut self, said: Sign, known: Sign) {
        self.trades += 1;
        self.classified += u64::from(said != Sign::Unknown);
        self.right += u64::from(said == known);
    }

    /// Share of trades of which the rule named a side; none of no trades.
    #[must_use]
    pub fn share_classified(&self) -> Option<f64> {
        (self.trades > 0).then(|| self.classified as f64 / self.trades as f64)
    }

    /// Share of the sides that it named which are right; none where it named none.
    #[must_use]
    pub fn share_right(&self) -> Option<f64> {
        (self.classified > 0).then(|| self.right as f64 / self.classified as f64)
    }
}

/// Scores of every rule but the known side itself, and of the layers that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accuracy {
    scores: [[Score; Place::COUNT]; Rule::COUNT],
}

/// Where the layers that count have their scores: the known side needs none.
const COUNTED: usize = Rule::Known as usize;

impl Accuracy {
    /// Takes in a trade with all its signs.
    pub fn add(&mut self, signed: &SignedTrade) {
        let known = signed.trade.known_side;
        if known == Sign::Unknown {
            return;
        }
        let place = Place::of(signed);
        for (rule, scores) in Rule::ALL.iter().zip(&mut self.scores) {
            let said = if *rule == Rule::Known { signed.sign } else { signed.signs.by(*rule) };
            scores[Place::All as usize].count(said, known);
            scores[place as usize].count(said, known);
        }
    }

    /// Trades whose side is known.
    #[must_use]
    pub fn trades(&self) -> u64 {
        self.counted(Place::All).trades
    }

    /// How the layers that count did.
    #[must_use]
    pub fn counted(&self, place: Place) -> Score {
        self.scores[COUNTED][place as usize]
    }

    /// How each rule did, but for the known side.
    pub fn rules(&self) -> impl Iterator<Item = (Rule, &[Score; Place::COUNT])> {
        Rule::ALL.into_iter().zip(&self.scores).filter(|(rule, _)| *rule != Rule::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::Signer;
    use crate::tape::{Price, Size, Trade};

    #[test]
    fn scores_tell_where_trades_stood() {
        let quote = Quote {
            bid: Price(100),
            ask: Price(110),
            bid_size: Size(1),
            ask_size: Size(2),
            ..Quote::default()
        };
        let mut signer = Signer::default();
        let mut accuracy = Accuracy::default();
        for (price, known_side) in [
            (110, Sign::Buy),
            (100, Sign::Buy),
            (105, Sign::Buy),
            (107, Sign::Unknown),
            (108, Sign::Buy),
            (99, Sign::Sell),
        ] {
            let trade = Trade { price: Price(price), size: Size(1), known_side, ..Trade::default() };
            accuracy.add(&signer.sign(trade, Some(quote)));
        }
        let counted = |place| {
            let Score { trades, classified, right } = accuracy.counted(place);
            (trades, classified, right)
        };
        assert_eq!(
            Place::ALL.map(counted),
            [(5, 5, 4), (1, 1, 1), (1, 1, 0), (1, 1, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0)]
        );
        let (rule, scores) = accuracy.rules().find(|(rule, _)| *rule == Rule::Quote).expect("the quote rule");
        let all = scores[Place::All as usize];
        assert_eq!(
            (rule.name(), all.share_classified(), all.share_right()),
            ("quote", Some(0.8), Some(0.75))
        );
    }
}
