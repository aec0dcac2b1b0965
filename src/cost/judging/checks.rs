//! What must be true of an order before it is sent. Every check is always listed, whatever became of it.
//!
//! In: the order, [`Facts`] about it and the market, and the [`Limits`]. Out: thirteen [`Check`]s. A what-if of the
//! caller (`overrides`) never turns a check towards passing: where tape and caller differ, the harder number counts.

use super::checks_level::{Found, Leveled, shown};
use super::limits::{InForce, Limit, Limits};
use super::limits_rules::{RULES, Rule};
use super::verdict::{Verdict, verdict};
use crate::cost::orders::order::{Account, Order, RecentOrder};
use crate::limits::{HALTED_BARS, QUOTE_STALE_SECONDS, SPREAD_WIDE_TIMES};
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// How heavy a failed check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It blocks.
    Hard,
    /// It warns.
    Soft,
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Pass,
    /// Beyond the warning level.
    Warn,
    /// Beyond the blocking level.
    Fail,
    /// It could not be looked at, or nothing is set to look at.
    NotEvaluated,
}

/// Where the levels of a check come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Authority {
    /// The entry of the limits file: the limit, or the override in force instead of it.
    pub entry: Limit,
    /// Whether it is an override.
    pub is_override: bool,
    /// Whether the caller's own, tighter level counts.
    pub tightened: bool,
}

/// A check and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Which.
    pub rule: &'static Rule,
    /// How heavy.
    pub severity: Severity,
    /// What became of it.
    pub status: Status,
    /// Whether the verdict waits for it: when it is not evaluated, the verdict is indeterminate.
    pub required: bool,
    /// What was seen.
    pub observed: Option<f64>,
    /// Level that warns.
    pub warn: Option<f64>,
    /// Level that blocks.
    pub limit: Option<f64>,
    /// What is left until it blocks; below 0 it is overstepped.
    pub headroom: Option<f64>,
    /// Where the levels come from.
    pub authority: Option<Authority>,
    /// A sentence for a person.
    pub message: String,
}

/// What earlier lines of the same basket add to the account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    /// Orders that would be sent before this one.
    pub orders: Vec<RecentOrder>,
    /// Their dollars.
    pub notional_usd: f64,
    /// Lines of the same symbol and side, of whatever account: they meet the same market.
    pub beside: Vec<Beside>,
}

/// A line that is worked in the same market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// Shares asked for.
    pub shares: i64,
    /// From when.
    pub start: Nanos,
    /// Until when.
    pub end: Nanos,
}

/// What the checks look at. `None` is unknown.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Whole shares.
    pub quantity: Option<i64>,
    /// Dollars, at the dearest price that is known.
    pub notional_usd: Option<f64>,
    /// Of the smaller of the tape's and the caller's daily volume.
    pub pct_adv: Option<f64>,
    /// Highest share of the expected volume on the way, percent.
    pub participation_percent: Option<f64>,
    /// Expected cost.
    pub cost_bps: Option<f64>,
    /// Mid of the tape on arrival.
    pub arrival_usd: Option<f64>,
    /// Last mid of the session before.
    pub previous_close_usd: Option<f64>,
    /// Spread of the last bar.
    pub spread_now_usd: Option<f64>,
    /// Usual spread of the symbol.
    pub spread_usual_usd: Option<f64>,
    /// Age of the last usable quote.
    pub quote_age_seconds: Option<f64>,
    /// Time left in the session from the order's start; none when it is closed for it.
    pub session_seconds: Option<f64>,
    /// Why it is closed.
    pub session_words: String,
    /// Bars at the end of the tape without a usable quote; none when there are no bars.
    pub bars_without_quote: Option<u64>,
}

/// Looks at everything.
#[must_use]
pub fn judge(order: &Order, facts: &Facts, earlier: &Earlier, limits: &Limits) -> Vec<Check> {
    let account = order.account.id.as_deref().filter(|id| !id.trim().is_empty());
    let desk = Desk { order, facts, earlier, limits, account };
    RULES.iter().map(|rule| desk.check_whoever(rule)).collect()
}

#[derive(Clone, Copy)]
struct Desk<'a> {
    order: &'a Order,
    facts: &'a Facts,
    earlier: &'a Earlier,
    limits: &'a Limits,
    account: Option<&'a str>,
}

impl Desk<'_> {
    /// The check; of an order that leaves its account out, only what holds for every account that entries name: an
    /// entry must not be evaded by silence.
    fn check_whoever(&self, rule: &'static Rule) -> Check {
        let mut own = self.check(rule);
        let of = |check: &Check| verdict(std::slice::from_ref(check));
        if self.account.is_some() || of(&own) >= Verdict::Indeterminate {
            return own;
        }
        let named = self.limits.accounts(rule, &self.order.symbol);
        let of_named = |account: &String| of(&Desk { account: Some(account.as_str()), ..*self }.check(rule));
        if named.iter().any(|account| of_named(account) > of(&own)) {
            (own.status, own.required) = (Status::NotEvaluated, true);
            own.message = "account.id is needed: entries for some accounts do not let this pass".to_owned();
        }
        own
    }

    fn check(&self, rule: &'static Rule) -> Check {
        let facts = self.facts;
        let seen = |value: Option<f64>, lacking: &str| Found::of(value, lacking);
        let found = match rule.code {
            "max_order_quantity" => {
                seen(facts.quantity.map(|q| q as f64), "there is no price to turn dollars into shares")
            }
            "max_order_notional" => seen(facts.notional_usd, "there is no price to value the order at"),
            "max_pct_adv" => seen(facts.pct_adv, "daily volume is not known"),
            "max_participation" => seen(facts.participation_percent, "the market's volume is not known"),
            "max_expected_cost_bps" => seen(facts.cost_bps, "the cost could not be estimated"),
            "credit_remaining" => self.credit(),
            "message_rate" => self.messages(),
            "duplicate_order" => self.duplicate(),
            "price_collar" => return self.collar(rule),
            "restricted_symbol" => return self.restricted(rule),
            "reference_data" => return self.reference_data(rule),
            "session_open" => return self.session(rule),
            _ => return self.halted(rule),
        };
        self.leveled(rule).judge(found, Severity::Hard)
    }

    fn account(&self) -> &Account {
        &self.order.account
    }

    fn in_force(&self, rule: &Rule) -> InForce<'_> {
        self.limits.in_force(rule, &self.order.symbol, self.account, self.order.as_of)
    }

    fn leveled(&self, rule: &'static Rule) -> Leveled<'_> {
        let tighter = self.order.limits.iter().find(|(code, _)| code == rule.code).map(|(_, level)| *level);
        Leveled { rule, in_force: self.in_force(rule), tighter }
    }

    /// Dollars in use after this order.
    fn credit(&self) -> Found {
        let used = self.account().credit_used_usd.map(|used| used + self.earlier.notional_usd);
        let after = used.zip(self.facts.notional_usd).map(|(used, more)| used + more);
        Found::of(after, "account.credit_used_usd is not given, or there is no price")
    }

    fn messages(&self) -> Found {
        let sent =
            self.account().orders_last_minute.map(|n| n as f64 + self.earlier.orders.len() as f64 + 1.0);
        Found::of(sent, "account.orders_last_minute is not given")
    }

    /// Seconds since the same order; without one, nothing that any level could mind.
    fn duplicate(&self) -> Found {
        let Some(given) = &self.account().recent_orders else {
            // Earlier lines of the basket are known even then; of other orders nothing is.
            let inside = self.age_of_same(&self.earlier.orders);
            return Found::of(inside, "account.recent_orders is not given");
        };
        let ages = [self.age_of_same(given), self.age_of_same(&self.earlier.orders)];
        let youngest = ages.into_iter().flatten().min_by(f64::total_cmp);
        youngest.map_or_else(
            || Found::Fine("the same order is not among the recent ones".to_owned()),
            |age| Found::of(Some(age), ""),
        )
    }

    fn age_of_same(&self, orders: &[RecentOrder]) -> Option<f64> {
        let same = |recent: &&RecentOrder| {
            recent.symbol == self.order.symbol
                && recent.side == self.order.side
                && Some(recent.quantity) == self.facts.quantity
                && recent.limit_price == self.order.limit_price
        };
        let ages = orders.iter().filter(same).map(|recent| seconds(self.order.as_of, recent.at).max(0.0));
        ages.min_by(f64::total_cmp)
    }

    /// How far beyond its references the price lies on the side that hurts. Soft while the spread is unusually
    /// wide: then the mid says little (a collar on a wide quote stops nothing, or everything).
    fn collar(&self, rule: &'static Rule) -> Check {
        let facts = self.facts;
        let leveled = self.leveled(rule);
        if let Some(words) = self.stale() {
            return leveled.judge(Found::Lacking(words), Severity::Hard);
        }
        let (Some(arrival), side) = (facts.arrival_usd, self.order.side.sign()) else {
            return leveled.judge(Found::of(None, "there is no mid to compare with"), Severity::Hard);
        };
        let expected = facts.cost_bps.map(|bps| arrival * (1.0 + side * bps / 1e4));
        let Some(price) = self.order.limit_price.or(expected) else {
            return leveled
                .judge(Found::of(None, "the price to be paid could not be estimated"), Severity::Hard);
        };
        let beyond = |reference: f64| side * (price / reference - 1.0) * 1e4;
        let by_close = facts.previous_close_usd.map(beyond);
        let worst = by_close.map_or(beyond(arrival), |close| close.max(beyond(arrival)));
        let wide = facts.spread_now_usd.zip(facts.spread_usual_usd);
        let is_wide = wide.is_some_and(|(now, usual)| now > SPREAD_WIDE_TIMES * usual);
        let severity = if is_wide { Severity::Soft } else { Severity::Hard };
        let mut check = leveled.judge(Found::of(Some(worst), ""), severity);
        let of = if self.order.limit_price.is_some() { "limit price" } else { "expected price" };
        check.message += &format!("; {of} {}, arrival mid {}", shown(price), shown(arrival));
        match facts.previous_close_usd {
            Some(close) => check.message += &format!(", previous close {}", shown(close)),
            None => check.message += ", no previous close is known",
        }
        if is_wide {
            check.message += "; soft, since the spread is unusually wide";
        }
        check
    }

    fn restricted(&self, rule: &'static Rule) -> Check {
        let mut check = plain(rule, Status::Pass, "is not on the restricted list".to_owned());
        let mut found = self.limits.restrictions(&self.order.symbol, self.account, self.order.as_of);
        (check.observed, check.limit) = (Some(0.0), Some(0.0));
        if let Some(entry) = found.next() {
            check.observed = Some(1.0 + found.count() as f64);
            check.status = Status::Fail;
            check.message = format!("is restricted by {}: {}", entry.owner, entry.reason);
        }
        check.headroom = check.observed.map(|observed| -observed);
        check
    }

    /// Why nothing should be judged by the last quote.
    fn stale(&self) -> Option<String> {
        let rule = RULES.iter().find(|rule| rule.code == "reference_data")?;
        let bound = self.leveled(rule).levels().map_or(QUOTE_STALE_SECONDS, |(_, block)| block);
        match self.facts.quote_age_seconds {
            None => Some("there is no usable quote up to as_of".to_owned()),
            Some(age) if age > bound => Some(format!(
                "the last usable quote is {} s old; beyond {} s nothing is judged by it",
                shown(age),
                shown(bound)
            )),
            Some(_) => None,
        }
    }

    /// A quote too old is no measured breach but a lack of knowledge: the verdict becomes indeterminate.
    fn reference_data(&self, rule: &'static Rule) -> Check {
        let leveled = self.leveled(rule);
        let mut check = match leveled.in_force {
            InForce::Unset | InForce::Later(_) if leveled.levels().is_none() => {
                let words = format!("the last usable quote is younger than {QUOTE_STALE_SECONDS} s");
                let age = self.facts.quote_age_seconds;
                Check {
                    observed: age,
                    limit: Some(QUOTE_STALE_SECONDS),
                    headroom: age.map(|age| QUOTE_STALE_SECONDS - age),
                    ..plain(rule, Status::Pass, words)
                }
            }
            _ => leveled
                .judge(Found::of(self.facts.quote_age_seconds, "there is no usable quote"), Severity::Hard),
        };
        check.required = true;
        if let Some(words) = self.stale() {
            (check.status, check.message) = (Status::NotEvaluated, words);
        }
        check
    }

    fn session(&self, rule: &'static Rule) -> Check {
        let words = self.facts.session_words.clone();
        let open = self.facts.session_seconds;
        let status = if open.is_some() { Status::Pass } else { Status::Fail };
        Check { observed: Some(open.unwrap_or(0.0)), headroom: open, ..plain(rule, status, words) }
    }

    fn halted(&self, rule: &'static Rule) -> Check {
        if self.order.halted {
            return plain(rule, Status::Fail, "the caller says that trading is halted".to_owned());
        }
        if let Some(words) = self.stale() {
            return plain(rule, Status::NotEvaluated, words);
        }
        let Some(bars) = self.facts.bars_without_quote else {
            return plain(rule, Status::NotEvaluated, "there are no bars of this session".to_owned());
        };
        let (status, words) = match bars {
            0 => (Status::Pass, "the last bar has a usable quote".to_owned()),
            _ if bars < HALTED_BARS => (Status::Warn, format!("the last {bars} bars have no usable quote")),
            _ => (Status::Fail, format!("the last {bars} bars have no usable quote: trading seems halted")),
        };
        Check {
            observed: Some(bars as f64),
            warn: Some(0.0),
            limit: Some((HALTED_BARS - 1) as f64),
            headroom: Some((HALTED_BARS - 1) as f64 - bars as f64),
            ..plain(rule, status, words)
        }
    }
}

/// A required, hard check without levels from a file.
fn plain(rule: &'static Rule, status: Status, message: String) -> Check {
    Check {
        rule,
        severity: Severity::Hard,
        status,
        required: true,
        observed: None,
        warn: None,
        limit: None,
        headroom: None,
        authority: None,
        message,
    }
}

fn seconds(later: Nanos, earlier: Nanos) -> f64 {
    (later.0 - earlier.0) as f64 / NANOS_PER_SECOND as f64
}

#[cfg(test)]
mod tests;
