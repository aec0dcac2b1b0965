//! Raw ticks to ticks worth believing. Every tick is either kept or counted under one [`Reason`].
//!
//! In: [`RawQuote`]s and [`RawTrade`]s of one symbol-day, in time order. Out: [`Quote`]s that are states of the
//! best bid and offer, and [`Trade`]s, all inside the session. Invariant: kept + dropped = seen.

mod bnhls;
mod conditions;
mod halts;
mod holden_jacobsen;
mod national;
mod prints;
mod reasons;

pub use bnhls::{merge_quotes, merge_trades};
pub use halts::Halts;
pub use national::Nbbo;
pub use prints::{Kind, Kinds, Prints, Tally};
pub use reasons::{Counts, Reason};

use crate::ingest::{QuoteKind, RawQuote, RawTrade};
use crate::tape::{Calendar, Nanos, Quote, Session, Trade};
use holden_jacobsen::NbboFilter;
use national::Venues;

/// Which set of rules decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Session, and positive price and size of trades; flags ignored, repeated states and equal stamps kept.
    #[default]
    None,
    /// Holden and Jacobsen (Journal of Finance 2014), with their complete NBBO.
    HoldenJacobsen,
    /// Barndorff-Nielsen, Hansen, Lunde and Shephard (Econometrics Journal 2009), rules P, Q and T.
    Bnhls,
}

/// What `clean` is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rules {
    /// The rule set.
    pub profile: Profile,
    /// The trading days, and the hours of each that count.
    #[serde(skip)]
    pub calendar: Calendar,
    /// Only this venue's quotes and trades.
    pub venue: Option<char>,
    /// Whose quotes are the national best bid and offer.
    #[serde(skip_serializing_if = "Nbbo::is_usual")]
    pub nbbo: Nbbo,
    /// Sale-condition letters whose trades are left out.
    pub excluded_conditions: String,
    /// Kinds of prints that are left out; with [`Kind::Halted`] the quotes of a halt too.
    #[serde(skip_serializing_if = "excludes_nothing")]
    pub excluded: Kinds,
    /// Seed the book with the last state before the open.
    pub carry_open: bool,
}

/// The gate of one symbol-day.
#[derive(Debug)]
pub struct Cleaner {
    rules: Rules,
    session: Session,
    counts: Counts,
    nbbo: NbboFilter,
    /// Where the national best bid and offer is made of the venues' quotes.
    venues: Venues,
    /// Under Holden-Jacobsen the last state of a stamp wins: this one waits for its stamp to pass.
    held: Option<Quote>,
    /// The last state before the open.
    opening: Option<Quote>,
    /// Under BNHLS the day is judged as a whole at its end.
    day: bnhls::Day,
    /// Under BNHLS the empty states by which halts begin, which no rule of the day may judge.
    emptied: Vec<Quote>,
    halts: Halts,
    prints: Prints,
}

fn excludes_nothing(kinds: &Kinds) -> bool {
    kinds.is_empty()
}

impl Cleaner {
    /// A gate that has let nothing pass.
    #[must_use]
    pub fn new(rules: Rules, session: Session) -> Self {
        Self {
            rules,
            session,
            counts: Counts::default(),
            nbbo: NbboFilter::default(),
            venues: Venues::default(),
            held: None,
            opening: None,
            day: bnhls::Day::default(),
            emptied: Vec::new(),
            halts: Halts::default(),
            prints: Prints::default(),
        }
    }

    /// Judges a quote; gives a state that is certain by now, which may be an earlier one.
    #[inline]
    pub fn quote(&mut self, raw: &RawQuote) -> Option<Quote> {
        self.counts.quotes_seen += 1;
        let begins = self.halts.see(raw, &self.session);
        // Venues' quotes stand from before the open on, and through a halt.
        let national = (self.rules.nbbo == Nbbo::Venues).then(|| self.national(raw));
        if self.halts.is_on() && self.rules.excluded.has(Kind::Halted) {
            return self.halted(raw.quote.ts, begins);
        }
        let judged = match national {
            None => self.judge_quote(raw),
            Some(Ok(national)) => self.judge_quote(&national),
            Some(Err(_)) if !self.session.contains(raw.quote.ts) => Err(Reason::OutsideSession),
            Some(Err(reason)) => Err(reason),
        };
        match judged {
            Err(reason) => {
                self.counts.drop_quote(reason);
                None
            }
            Ok(quote) => match self.rules.profile {
                Profile::None => {
                    self.counts.quotes_kept += 1;
                    Some(quote)
                }
                Profile::HoldenJacobsen => self.hold(quote),
                Profile::Bnhls => {
                    self.day.quotes.push(quote);
                    None
                }
            },
        }
    }

    /// The national best bid and offer after a venue's quote, where that changed it.
    fn national(&mut self, raw: &RawQuote) -> Result<RawQuote, Reason> {
        if self.is_other_venue(raw.venue) {
            return Err(Reason::OtherVenue);
        }
        if !national::is_venues(raw) {
            return Err(Reason::NotVenues);
        }
        // A quote that does not stand has still taken the place of the one before it.
        let stands = self.rules.profile != Profile::HoldenJacobsen || holden_jacobsen::is_eligible(raw);
        let own = if stands { raw.quote } else { Quote::halt(raw.quote.ts) };
        let quote = self.venues.take(raw.venue, own).ok_or(Reason::NotNational)?;
        Ok(RawQuote { quote, venue: raw.venue, ..RawQuote::default() })
    }

    /// A quote of a halt that is left out. The row by which it begins becomes a state without sides: from then on no
    /// quote is in force.
    fn halted(&mut self, ts: Nanos, begins: bool) -> Option<Quote> {
        self.opening = None;
        // After the halt a state is news, be it the one that stood before.
        self.venues.tell_again();
        if !self.session.contains(ts) || !begins {
            let is_outside = !self.session.contains(ts);
            self.counts.drop_quote(if is_outside { Reason::OutsideSession } else { Reason::Halted });
            return None;
        }
        let nothing = Quote::halt(ts);
        match self.rules.profile {
            Profile::None => {
                self.counts.quotes_kept += 1;
                Some(nothing)
            }
            Profile::HoldenJacobsen => {
                // Likewise.
                self.nbbo = NbboFilter::default();
                self.hold(nothing)
            }
            Profile::Bnhls => {
                self.counts.quotes_kept += 1;
                self.emptied.push(nothing);
                None
            }
        }
    }

    /// Judges a trade.
    #[inline]
    pub fn trade(&mut self, raw: &RawTrade) -> Option<Trade> {
        self.counts.trades_seen += 1;
        let kinds = Kinds::of(raw, self.halts.is_on());
        self.prints.add(raw, kinds);
        match self.judge_trade(raw, kinds) {
            Err(reason) => {
                self.counts.drop_trade(reason);
                None
            }
            Ok(trade) if self.rules.profile == Profile::Bnhls => {
                self.day.trades.push(trade);
                None
            }
            Ok(trade) => {
                self.counts.trades_kept += 1;
                Some(trade)
            }
        }
    }

    /// The held state, once a tick at `now` proves that its stamp is complete: quotes of a stamp come before
    /// its trades.
    pub fn release(&mut self, now: Nanos) -> Option<Quote> {
        if self.held.is_some_and(|held| held.ts <= now) {
            self.counts.quotes_kept += 1;
            return self.held.take();
        }
        None
    }

    /// The last state before the open, when the book is to be seeded with it.
    pub fn opening(&mut self) -> Option<Quote> {
        self.opening.take()
    }

    /// What could only be judged at the day's end, in time order.
    #[must_use]
    pub fn finish(&mut self) -> (Vec<Quote>, Vec<Trade>) {
        let day = std::mem::take(&mut self.day);
        let (mut quotes, trades) = day.judge(&mut self.counts);
        quotes.extend(self.release(Nanos(i64::MAX)));
        if !self.emptied.is_empty() {
            quotes.append(&mut self.emptied);
            quotes.sort_by_key(|quote| quote.ts);
        }
        self.halts.end(self.session.close, &self.session);
        (quotes, trades)
    }

    /// The prints seen so far, by kind.
    #[must_use]
    pub fn prints(&self) -> &Prints {
        &self.prints
    }

    /// The halts so far.
    #[must_use]
    pub fn halts(&self) -> &Halts {
        &self.halts
    }

    /// Ticks seen, kept and dropped so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether a row lies in the session, is of the venue asked for where one is, and of no halt that is left out.
    #[must_use]
    pub fn is_within(&self, raw: &RawQuote) -> bool {
        let is_left_out = self.halts.is_on() && self.rules.excluded.has(Kind::Halted);
        !is_left_out && self.session.contains(raw.quote.ts) && !self.is_other_venue(raw.venue)
    }

    #[inline]
    fn judge_quote(&mut self, raw: &RawQuote) -> Result<Quote, Reason> {
        let bnhls = self.rules.profile == Profile::Bnhls;
        if bnhls && (raw.quote.bid.0 <= 0 || raw.quote.ask.0 <= 0) {
            return Err(Reason::NonPositive);
        }
        let has_session = self.session.open < self.session.close;
        let early = raw.quote.ts < self.session.open && self.rules.carry_open && has_session;
        if !early && !self.session.contains(raw.quote.ts) {
            return Err(Reason::OutsideSession);
        }
        if self.is_other_venue(raw.venue) {
            return Err(Reason::OtherVenue);
        }
        // A venue's own quote is no state of the national book unless the tape says that it is.
        if raw.kind == QuoteKind::Venue && !holden_jacobsen::is_national(raw) {
            return Err(Reason::NotNational);
        }
        let quote = match self.rules.profile {
            Profile::HoldenJacobsen => self.nbbo.judge(raw)?,
            Profile::Bnhls if raw.quote.ask < raw.quote.bid => return Err(Reason::Crossed),
            _ => raw.quote,
        };
        if early {
            self.opening = Some(quote);
            return Err(Reason::OutsideSession);
        }
        Ok(quote)
    }

    fn judge_trade(&self, raw: &RawTrade, kinds: Kinds) -> Result<Trade, Reason> {
        let trade = raw.trade;
        let profile = self.rules.profile;
        if trade.price.0 <= 0 || trade.size.0 <= 0 {
            return Err(Reason::NonPositive);
        }
        if !self.session.contains(trade.ts) {
            return Err(Reason::OutsideSession);
        }
        if self.is_other_venue(raw.venue) {
            return Err(Reason::OtherVenue);
        }
        if profile != Profile::None && raw.correction != 0 {
            return Err(Reason::Corrected);
        }
        let excluded = kinds.and(self.rules.excluded);
        if !excluded.is_empty() {
            return Err(excluded.iter().next().map_or(Reason::SaleCondition, Kind::reason));
        }
        let barred = &self.rules.excluded_conditions;
        if (profile == Profile::Bnhls && !conditions::is_regular(raw.conditions))
            || conditions::has_any(raw.conditions, barred)
        {
            return Err(Reason::SaleCondition);
        }
        Ok(Trade { venue: raw.venue, is_odd_lot: kinds.has(Kind::OddLot), ..trade })
    }

    fn is_other_venue(&self, venue: u8) -> bool {
        self.rules.venue.is_some_and(|only| only != char::from(venue))
    }

    fn hold(&mut self, quote: Quote) -> Option<Quote> {
        let before = self.held.replace(quote)?;
        if before.ts == quote.ts {
            self.counts.drop_quote(Reason::SameStamp);
            return None;
        }
        self.counts.quotes_kept += 1;
        Some(before)
    }
}
