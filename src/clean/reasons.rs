//! Why a tick was dropped, and how many were.

use std::collections::BTreeMap;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        /// The one reason a tick was dropped for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason { $($(#[$doc])* $name),* }

        impl Reason {
            /// Every reason, in the order the rules ask.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name used in manifests and on terminals.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

reasons! {
    /// A trade without positive price and size; under BNHLS also a quote without two positive prices (P2).
    NonPositive = "non_positive",
    /// Before the open, at or after the close, or on a day without a session (P1).
    OutsideSession = "outside_session",
    /// Not from the venue asked for (P3).
    OtherVenue = "other_venue",
    /// A venue's quote that is not the national best, or does not change it where it is made of the venues' quotes.
    NotNational = "not_national",
    /// A row of the national best where that is made of the venues' quotes.
    NotVenues = "not_venues",
    /// A trade later corrected or cancelled (T1).
    Corrected = "corrected",
    /// A print of the opening auction, where those are left out.
    OpeningAuction = "opening_auction",
    /// A print of the closing auction.
    ClosingAuction = "closing_auction",
    /// A print of the auction after a halt.
    ReopeningAuction = "reopening_auction",
    /// A print of an auction whose kind the tape does not name.
    Auction = "auction",
    /// A late print.
    Late = "late",
    /// An odd lot.
    OddLot = "odd_lot",
    /// A print from off the exchanges.
    OffExchange = "off_exchange",
    /// A print of extended hours.
    ExtendedHours = "extended_hours",
    /// A print at a special price.
    SpecialPrice = "special_price",
    /// An execution against a hidden order.
    Hidden = "hidden",
    /// A quote or trade while trading was halted.
    Halted = "halted",
    /// A trade under a sale condition that is left out (T2).
    SaleCondition = "sale_condition",
    /// A quote condition other than A, B, H, O, R, W.
    QuoteCondition = "quote_condition",
    /// A cancelled quote.
    Cancelled = "cancelled",
    /// A quote with no side left.
    NoSide = "no_side",
    /// A venue's quote with a side withdrawn.
    Withdrawn = "withdrawn",
    /// Bid above ask (Q2).
    Crossed = "crossed",
    /// A venue's quote wider than five dollars.
    WideSpread = "wide_spread",
    /// Neither price nor size changed.
    Unchanged = "unchanged",
    /// Another row of the same stamp stands for it (Q1, T3).
    SameStamp = "same_stamp",
    /// Spread above fifty times the day's median (Q3).
    SpreadOverMedian = "spread_over_median",
    /// Mid too far from its neighbours (Q4).
    Outlier = "outlier",
    /// Price more than a spread outside the quote (T4).
    OffQuote = "off_quote",
}

/// Ticks seen, kept and dropped, of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Quotes that came.
    pub quotes_seen: u64,
    /// Quotes that passed.
    pub quotes_kept: u64,
    /// Trades that came.
    pub trades_seen: u64,
    /// Trades that passed.
    pub trades_kept: u64,
    quotes_dropped: [u64; Reason::ALL.len()],
    trades_dropped: [u64; Reason::ALL.len()],
}

impl Counts {
    pub(super) fn drop_quote(&mut self, reason: Reason) {
        self.quotes_dropped[reason as usize] += 1;
    }

    pub(super) fn drop_trade(&mut self, reason: Reason) {
        self.trades_dropped[reason as usize] += 1;
    }

    /// Quotes dropped, by reason, without the reasons that never applied.
    #[must_use]
    pub fn quotes_dropped(&self) -> BTreeMap<&'static str, u64> {
        named(&self.quotes_dropped)
    }

    /// Trades dropped, by reason, without the reasons that never applied.
    #[must_use]
    pub fn trades_dropped(&self) -> BTreeMap<&'static str, u64> {
        named(&self.trades_dropped)
    }

    /// Whether every tick that came was kept or dropped.
    #[must_use]
    pub fn balance(&self) -> bool {
        let sum = |dropped: &[u64]| dropped.iter().sum::<u64>();
        self.quotes_seen == self.quotes_kept + sum(&self.quotes_dropped)
            && self.trades_seen == self.trades_kept + sum(&self.trades_dropped)
    }

    /// Adds another symbol-day's counts.
    pub fn add(&mut self, other: &Self) {
        self.quotes_seen += other.quotes_seen;
        self.quotes_kept += other.quotes_kept;
        self.trades_seen += other.trades_seen;
        self.trades_kept += other.trades_kept;
        let add = |mine: &mut [u64], theirs: &[u64]| {
            mine.iter_mut().zip(theirs).for_each(|(m, t)| *m += t);
        };
        add(&mut self.quotes_dropped, &other.quotes_dropped);
        add(&mut self.trades_dropped, &other.trades_dropped);
    }
}

fn named(dropped: &[u64]) -> BTreeMap<&'static str, u64> {
    let counted = Reason::ALL.iter().zip(dropped).filter(|(_, n)| **n > 0);
    counted.map(|(reason, n)| (reason.code(), *n)).collect()
}
