//! The river: the one file that names all stages in order. Batch and live both drive it.
//!
//! In: the raw ticks of one symbol-day, in time order, at equal stamps quotes before trades. Out: a
//! [`SymbolDay`]. Nothing here does I/O, reads a clock or takes a lock.

use crate::clean::{Cleaner, Counts, Halts, Prints, Rules};
use crate::estimators::{Measures, Trades};
use crate::flow::{Bar, BarBuilder, BucketBuilder, Bucketings, Buckets, FineBars, LevelsBuilder, Widths};
use crate::fraud::watching::{FeatureRow, Watch};
use crate::ingest::{RawDepth, RawQuote, RawTrade};
use crate::liquidity::{Horizons, Liquidity, Measure, Venues, quoted_spread};
use crate::sign::{Accuracy, Ahead, AsOf, Layers, Match, SignedTrade, Signer, Tick};
use crate::tape::{Nanos, Price, Quote, Scale, Session, Sign, Trade};

/// What the stages are told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For `clean`.
    pub rules: Rules,
    /// For `sign`: which rules count.
    pub sign: Layers,
    /// For `sign`: which quote is in force at equal stamps.
    pub matching: Match,
    /// For `sign`: nanoseconds until a quote takes effect.
    pub quote_lag: i64,
    /// For `flow`.
    pub widths: Widths,
    /// For `flow`: which buckets of trading are wanted.
    pub buckets: Bucketings,
    /// For `flow`: levels of the book whose flow is wanted; 1 for the best quotes alone.
    pub levels: usize,
    /// What a unit of a size is.
    pub scale: Scale,
    /// For `liquidity`.
    pub horizons: Horizons,
    /// For `estimators`: whether the trades are kept in columns.
    pub measures: Measures,
    /// Whether every signed trade is wanted.
    pub keep_signed: bool,
    /// Whether every kept quote is wanted.
    pub keep_quotes: bool,
    /// For `fraud`: whether the features of manipulation are wanted.
    pub watch: bool,
}

/// Signs and shares added up over a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignSums {
    /// Sum of the tick rule's signs.
    pub tick: i64,
    /// Sum of Lee and Ready's signs.
    pub lee_ready: i64,
    /// Sum of EMO's signs.
    pub emo: i64,
    /// Sum of CLNV's signs.
    pub clnv: i64,
    /// Signed volume by Lee and Ready, units.
    pub lee_ready_units: i128,
    /// All volume, units.
    pub units: i128,
}

impl SignSums {
    fn add(&mut self, signed: &SignedTrade) {
        let (trade, signs) = (&signed.trade, &signed.signs);
        self.tick += signs.tick.value();
        self.lee_ready += signs.lee_ready.value();
        self.emo += signs.emo.value();
        self.clnv += signs.clnv.value();
        self.lee_ready_units += i128::from(signs.lee_ready.value()) * i128::from(trade.size.0);
        self.units += i128::from(trade.size.0);
    }
}

/// What the river makes of a symbol's day, before any regression.
#[derive(Clone, Debug)]
pub struct SymbolDay {
    /// Bars of the finest common width.
    pub bars: FineBars,
    /// Bars of the second and further levels of the book, where they are asked for and told.
    pub levels: Vec<FineBars>,
    /// Buckets of trading, for each kind asked for.
    pub buckets: Vec<Buckets>,
    /// Ticks seen, kept and dropped.
    pub counts: Counts,
    /// Kept quotes that are usable.
    pub quotes_usable: u64,
    /// Trades with a usable quote in force.
    pub trades_with_quote: u64,
    /// Sums of signs.
    pub signs: SignSums,
    /// Every rule against the known side, where the feed knows it.
    pub accuracy: Accuracy,
    /// Liquidity measures.
    pub liquidity: Vec<Measure>,
    /// The trades in columns, when every measure is asked for.
    pub trades: Option<Trades>,
    /// Every signed trade, when asked for.
    pub signed: Vec<SignedTrade>,
    /// Every kept quote, when asked for.
    pub quotes: Vec<Quote>,
    /// The trades by venue.
    pub venues: Venues,
    /// The prints that came, by kind.
    pub prints: Prints,
    /// The trading halts that the tape tells.
    pub halts: Halts,
    /// The features of manipulation by bin, when asked for.
    pub features: Vec<FeatureRow>,
}

/// One symbol's day on its way through the stages.
#[derive(Debug)]
pub struct River {
    session: Session,
    keep_signed: bool,
    keep_quotes: bool,
    cleaner: Cleaner,
    book: AsOf,
    signer: Signer,
    ahead: Ahead,
    /// Whether the sign that counts waits for the next price, and all that counts it with it.
    waits: bool,
    accuracy: Accuracy,
    bars: BarBuilder,
    buckets: Vec<BucketBuilder>,
    levels: LevelsBuilder,
    liquidity: Liquidity,
    venues: Venues,
    opening: Option<Quote>,
    seeded: bool,
    quotes_usable: u64,
    signs: SignSums,
    trades: Option<Trades>,
    signed: Vec<SignedTrade>,
    quotes: Vec<Quote>,
    watch: Option<Box<Watch>>,
}

impl River {
    /// A dry river bed.
    #[must_use]
    pub fn new(settings: &Settings, session: Session) -> Self {
        Self {
            session,
            trades: (settings.measures == Measures::All).then(Trades::default),
            keep_signed: settings.keep_signed,
            keep_quotes: settings.keep_quotes,
            watch: settings.watch.then(|| Box::new(Watch::new(session))),
            quotes: Vec::new(),
            cleaner: Cleaner::new(settings.rules.clone(), session),
            book: AsOf::new(settings.matching, settings.quote_lag),
            signer: Signer::new(settings.sign),
            ahead: Ahead::default(),
            waits: settings.sign.looks_ahead(),
            accuracy: Accuracy::default(),
            bars: BarBuilder::new(session, settings.widths.divisor(), settings.scale),
            buckets: settings
                .buckets
                .iter()
                .map(|of| BucketBuilder::new(of, session, settings.scale))
                .collect(),
            levels: LevelsBuilder::new(settings.levels, session, settings.widths.divisor(), settings.scale),
            liquidity: Liquidity::new(session, &settings.horizons, settings.scale),
            venues: Venues::default(),
            opening: None,
            seeded: false,
            quotes_usable: 0,
            signs: SignSums::default(),
            signed: Vec::new(),
        }
    }

    /// A quote row arrives.
    #[inline]
    pub fn quote(&mut self, raw: &RawQuote) {
        if let Some(quote) = self.cleaner.quote(raw) {
            self.kept_quote(&quote);
        }
    }

    /// A quote row with the levels behind it arrives. Deeper levels are those of the row that made the state, so that
    /// nothing may wait in between: they go with the rules that let every state pass at once ([`Profile::None`]).
    ///
    /// A row that tells of those alone is no quote: it is not counted, and changes nothing of the best quotes.
    ///
    /// [`Profile::None`]: crate::clean::Profile::None
    pub fn depth(&mut self, row: &RawDepth) {
        if row.is_behind {
            return self.behind(row);
        }
        if let Some(quote) = self.cleaner.quote(&row.quote) {
            self.kept_quote(&quote);
            let halted = || RawDepth { quote: RawQuote { quote, ..row.quote }, ..RawDepth::default() };
            if quote.is_halt() { self.levels.row(&halted()) } else { self.levels.row(row) }
        } else if row.quote.quote.ts < self.session.open {
            self.levels.early(row);
        }
    }

    /// The levels behind the best quotes have changed, and those have not.
    fn behind(&mut self, row: &RawDepth) {
        if row.quote.quote.ts < self.session.open {
            self.levels.early(row);
        } else if self.cleaner.is_within(&row.quote) {
            self.seed();
            self.levels.row(row);
        }
    }

    /// A trade row arrives.
    #[inline]
    pub fn trade(&mut self, raw: &RawTrade) {
        if let Some(quote) = self.cleaner.release(raw.trade.ts) {
            self.kept_quote(&quote);
        }
        if let Some(trade) = self.cleaner.trade(raw) {
            self.kept_trade(trade);
        }
    }

    /// No tick before `now` will come: what waited for that is certain, and bars and bins that end by then are
    /// closed. Without effect on what [`River::finish`] gives. Rules that judge the whole day (BNHLS) or wait for the
    /// next price let nothing be certain.
    pub fn advance(&mut self, now: Nanos) {
        if let Some(quote) = self.cleaner.release(Nanos(now.0 - 1)) {
            self.kept_quote(&quote);
        }
        if now <= self.session.open || self.waits {
            return;
        }
        self.seed();
        self.bars.advance(now);
        self.liquidity.advance(now.min(self.session.close));
        if let Some(watch) = &mut self.watch {
            watch.advance(now);
        }
    }

    /// The closed bars of the finest common width so far, as they will stand in [`SymbolDay::bars`].
    #[must_use]
    pub fn closed(&self) -> &[Bar] {
        self.bars.closed()
    }

    /// The state that seeded the book; certain once the open has passed.
    #[must_use]
    pub fn opening(&self) -> Option<Quote> {
        self.opening
    }

    /// The last state of the best bid and offer that is certain.
    #[must_use]
    pub fn state(&self) -> Option<Quote> {
        self.bars.state()
    }

    /// Feature rows of bins that ended since they were last taken; they are not in [`SymbolDay::features`] then.
    pub fn take_features(&mut self) -> Vec<FeatureRow> {
        self.watch.as_mut().map_or_else(Vec::new, |watch| watch.take())
    }

    /// The day is over.
    #[must_use]
    pub fn finish(mut self) -> SymbolDay {
        let (quotes, trades) = self.cleaner.finish();
        let mut quotes = quotes.into_iter().peekable();
        for trade in trades {
            while let Some(quote) = quotes.next_if(|q| q.ts <= trade.ts) {
                self.kept_quote(&quote);
            }
            self.kept_trade(trade);
        }
        quotes.for_each(|quote| self.kept_quote(&quote));
        self.seed();
        self.settle(None);

        let mut bars = self.bars.finish();
        bars.set_opening(self.opening);
        let mut liquidity = vec![quoted_spread(&bars.whole())];
        let trades_with_quote = self.liquidity.trades_with_quote();
        liquidity.extend(self.liquidity.finish());
        SymbolDay {
            bars,
            levels: self.levels.finish(),
            buckets: self.buckets.into_iter().map(BucketBuilder::finish).collect(),
            counts: self.cleaner.counts().clone(),
            quotes_usable: self.quotes_usable,
            trades_with_quote,
            signs: self.signs,
            accuracy: self.accuracy,
            liquidity,
            trades: self.trades,
            signed: self.signed,
            quotes: self.quotes,
            venues: self.venues,
            prints: self.cleaner.prints().clone(),
            halts: self.cleaner.halts().clone(),
            features: self.watch.map_or_else(Vec::new, |watch| watch.finish()),
        }
    }

    #[inline]
    fn kept_quote(&mut self, quote: &Quote) {
        self.seed();
        self.quotes_usable += u64::from(quote.is_usable());
        self.book.quote(*quote);
        if self.keep_quotes {
            self.quotes.push(*quote);
        }
        if self.waits && !self.ahead.is_empty() {
            self.ahead.wait(Tick::Quote(*quote));
        } else {
            self.count_quote(quote);
        }
    }

    fn kept_trade(&mut self, trade: Trade) {
        self.seed();
        let in_force: Option<Quote> = self.book.at(Nanos(trade.ts.0));
        let signed = self.signer.sign(trade, in_force);
        if !self.waits {
            self.count_trade(&signed);
        }
        // Only who wants to know of rules that look ahead waits for them.
        if self.waits || self.keep_signed || trade.known_side != Sign::Unknown {
            self.settle(Some(trade.price));
            self.ahead.wait(Tick::Trade(signed));
        }
    }

    /// The next price is known, or none will come: ticks that waited for it go on.
    fn settle(&mut self, next: Option<Price>) {
        let settled = self.ahead.settle(next, &self.signer);
        for tick in &settled {
            match tick {
                Tick::Quote(quote) => self.count_quote(quote),
                Tick::Trade(signed) => {
                    if self.waits {
                        self.count_trade(signed);
                    }
                    self.accuracy.add(signed);
                    if self.keep_signed {
                        self.signed.push(*signed);
                    }
                }
            }
        }
        self.ahead.reuse(settled);
    }

    #[inline]
    fn count_quote(&mut self, quote: &Quote) {
        self.bars.quote(quote);
        self.buckets.iter_mut().for_each(|buckets| buckets.quote(quote));
        self.liquidity.quote(quote);
        if let Some(watch) = &mut self.watch {
            watch.quote(quote);
        }
    }

    #[inline]
    fn count_trade(&mut self, signed: &SignedTrade) {
        self.bars.trade(signed);
        self.buckets.iter_mut().for_each(|buckets| buckets.trade(signed));
        self.liquidity.trade(signed);
        self.venues.trade(signed);
        self.signs.add(signed);
        if let Some(trades) = &mut self.trades {
            trades.trade(signed);
        }
        if let Some(watch) = &mut self.watch {
            watch.trade(signed);
        }
    }

    /// Before the session's first tick the last state from before the open takes its place in the books.
    #[inline]
    fn seed(&mut self) {
        if !self.seeded {
            self.seeded = true;
            self.seed_books();
        }
    }

    fn seed_books(&mut self) {
        if let Some(quote) = self.cleaner.opening() {
            self.opening = Some(quote);
            self.book.quote(quote);
            self.bars.seed(quote);
            self.levels.seed(quote);
            self.buckets.iter_mut().for_each(|buckets| buckets.seed(quote));
            self.liquidity.seed(&quote);
            if let Some(watch) = &mut self.watch {
                watch.seed(quote);
            }
        }
    }
}

#[cfg(test)]
mod tests;
