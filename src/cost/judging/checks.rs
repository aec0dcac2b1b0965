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
mod tests {
    use super::*;
    use crate::cost::judging::limits_file::parse;
    use crate::cost::orders::order_draft::Draft;
    use crate::cost::{Overrides, Side, only_tighter, rule};

    const AT: Nanos = Nanos(1_381_156_200_000_000_000);

    fn order() -> Order {
        let draft = Draft {
            symbol: Some("IBM".into()),
            side: Some(Side::Buy),
            quantity: Some(1_000.0),
            horizon_seconds: Some(600.0),
            overrides: Overrides::default(),
            ..Draft::default()
        };
        draft.check(AT).expect("an order")
    }

    fn facts() -> Facts {
        Facts {
            quantity: Some(1_000),
            notional_usd: Some(100_000.0),
            pct_adv: Some(1.0),
            participation_percent: Some(5.0),
            cost_bps: Some(4.0),
            arrival_usd: Some(100.0),
            previous_close_usd: Some(99.0),
            spread_now_usd: Some(0.02),
            spread_usual_usd: Some(0.02),
            quote_age_seconds: Some(10.0),
            session_seconds: Some(3_600.0),
            session_words: "the session is open".into(),
            bars_without_quote: Some(0),
        }
    }

    fn limit(code: &str, warn: f64, block: f64) -> String {
        let unit = rule(code).expect("a rule").unit;
        format!(
            "[[limit]]\ncode = \"{code}\"\nsymbol = \"*\"\naccount = \"*\"\nwarn = {warn}\nblock = {block}\n\
             unit = \"{unit}\"\nowner = \"desk\"\nreason = \"tests\"\napproved_by = \"risk\"\n\
             effective = 2013-01-01\nexpires = 2014-01-01\n"
        )
    }

    fn limits(text: &str) -> Limits {
        parse(text).expect("sound")
    }

    fn one(code: &str, order: &Order, facts: &Facts, limits: &Limits) -> (Status, Verdict) {
        let checks = judge(order, facts, &Earlier::default(), limits);
        assert_eq!(checks.len(), RULES.len(), "all are listed");
        let check = checks.iter().find(|check| check.rule.code == code).expect("the check");
        (check.status, verdict(&checks))
    }

    #[test]
    fn two_levels_pass_warn_and_block() {
        let limits = limits(&limit("max_order_quantity", 500.0, 5_000.0));
        for (quantity, status, verdict) in [
            (500, Status::Pass, Verdict::Allow),
            (501, Status::Warn, Verdict::Warn),
            (5_000, Status::Warn, Verdict::Warn),
            (5_001, Status::Fail, Verdict::Block),
        ] {
            let facts = Facts { quantity: Some(quantity), ..facts() };
            assert_eq!(one("max_order_quantity", &order(), &facts, &limits), (status, verdict), "{quantity}");
        }
        let checks = judge(&order(), &facts(), &Earlier::default(), &limits);
        assert_eq!((checks[0].headroom, checks[0].limit), (Some(4_000.0), Some(5_000.0)));
        assert_eq!(checks[0].authority.as_ref().map(|a| a.entry.owner.as_str()), Some("desk"));
    }

    #[test]
    fn without_a_limit_nothing_is_held_back() {
        let none = Limits::default();
        assert_eq!(
            one("max_order_notional", &order(), &facts(), &none),
            (Status::NotEvaluated, Verdict::Allow)
        );
    }

    #[test]
    fn what_is_lacking_fails_closed() {
        let set = |code: &str| limits(&limit(code, 1.0, 1e9));
        let lost = Facts { pct_adv: None, cost_bps: None, notional_usd: None, ..facts() };
        for code in
            ["max_pct_adv", "max_expected_cost_bps", "max_order_notional", "credit_remaining", "message_rate"]
        {
            let found = one(code, &order(), &lost, &set(code));
            assert_eq!(found, (Status::NotEvaluated, Verdict::Indeterminate), "{code}");
        }
        let stale = Facts { quote_age_seconds: Some(301.0), ..facts() };
        let none = Limits::default();
        assert_eq!(one("reference_data", &order(), &stale, &none).1, Verdict::Indeterminate);
        let unquoted = Facts { quote_age_seconds: None, ..facts() };
        assert_eq!(one("halted", &order(), &unquoted, &none), (Status::NotEvaluated, Verdict::Indeterminate));
        let shut = Facts { session_seconds: None, ..facts() };
        assert_eq!(one("session_open", &order(), &shut, &none), (Status::Fail, Verdict::Block));
        let silent = Facts { bars_without_quote: Some(HALTED_BARS), ..facts() };
        assert_eq!(one("halted", &order(), &silent, &none), (Status::Fail, Verdict::Block));
        let told = Order { halted: true, ..order() };
        assert_eq!(one("halted", &told, &facts(), &none), (Status::Fail, Verdict::Block));
        assert_eq!(verdict(&[]), Verdict::Indeterminate);
    }

    #[test]
    fn an_expired_limit_is_not_a_missing_one() {
        let limits = limits(&limit("max_order_quantity", 500.0, 5_000.0).replace("2014-01-01", "2013-02-01"));
        let found = one("max_order_quantity", &order(), &facts(), &limits);
        assert_eq!(found, (Status::NotEvaluated, Verdict::Indeterminate));
        let tightened = Order { limits: vec![("max_order_quantity".into(), 1e6)], ..order() };
        assert_eq!(one("max_order_quantity", &tightened, &facts(), &limits).1, Verdict::Indeterminate);
    }

    #[test]
    fn a_request_may_tighten_and_never_loosen() {
        let limits = limits(&limit("max_order_quantity", 5_000.0, 10_000.0));
        let with = |level: f64| Order { limits: vec![("max_order_quantity".into(), level)], ..order() };
        assert_eq!(one("max_order_quantity", &with(999.0), &facts(), &limits).1, Verdict::Block);
        assert!(only_tighter(&with(10_000.0), &limits).is_ok());
        let faults = only_tighter(&with(10_001.0), &limits).expect_err("refused");
        assert_eq!(faults[0].pointer, "/limits/max_order_quantity");
    }

    #[test]
    fn the_collar_minds_the_side_that_hurts_and_turns_soft_on_a_wide_spread() {
        let limits = limits(&limit("price_collar", 150.0, 300.0));
        let at = |price: f64, side: Side| Order { limit_price: Some(price), side, ..order() };
        let found = |order: &Order, facts: &Facts| one("price_collar", order, facts, &limits);
        assert_eq!(found(&at(100.0, Side::Buy), &facts()), (Status::Pass, Verdict::Allow));
        // 102.5 is 250 bps above the mid, but 354 above the previous close.
        assert_eq!(found(&at(102.5, Side::Buy), &facts()), (Status::Fail, Verdict::Block));
        assert_eq!(found(&at(90.0, Side::Buy), &facts()), (Status::Pass, Verdict::Allow));
        assert_eq!(found(&at(90.0, Side::Sell), &facts()), (Status::Fail, Verdict::Block));
        let wide = Facts { spread_now_usd: Some(0.2), ..facts() };
        assert_eq!(found(&at(102.5, Side::Buy), &wide), (Status::Fail, Verdict::Warn));
        let stale = Facts { quote_age_seconds: Some(1e6), ..facts() };
        assert_eq!(found(&at(100.0, Side::Buy), &stale), (Status::NotEvaluated, Verdict::Indeterminate));
    }

    #[test]
    fn the_same_order_again_warns_and_then_blocks() {
        let limits = limits(&limit("duplicate_order", 60.0, 5.0));
        let sent = |seconds: i64, quantity: i64| RecentOrder {
            symbol: "IBM".into(),
            side: Side::Buy,
            quantity,
            limit_price: None,
            at: Nanos(AT.0 - seconds * NANOS_PER_SECOND),
        };
        let after = |recent: Vec<RecentOrder>| {
            let account = Account { recent_orders: Some(recent), ..Account::default() };
            one("duplicate_order", &Order { account, ..order() }, &facts(), &limits)
        };
        assert_eq!(after(vec![]), (Status::Pass, Verdict::Allow));
        assert_eq!(after(vec![sent(1, 999)]), (Status::Pass, Verdict::Allow));
        assert_eq!(after(vec![sent(90, 1_000)]), (Status::Pass, Verdict::Allow));
        assert_eq!(after(vec![sent(90, 1_000), sent(30, 1_000)]), (Status::Warn, Verdict::Warn));
        assert_eq!(after(vec![sent(2, 1_000)]), (Status::Fail, Verdict::Block));
        assert_eq!(one("duplicate_order", &order(), &facts(), &limits).1, Verdict::Indeterminate);
        let earlier = Earlier { orders: vec![sent(0, 1_000)], notional_usd: 1.0, beside: vec![] };
        let checks = judge(&order(), &facts(), &earlier, &limits);
        assert_eq!(verdict(&checks), Verdict::Block);
    }

    #[test]
    fn credit_and_messages_count_earlier_lines() {
        let text = limit("credit_remaining", 150_000.0, 250_000.0) + &limit("message_rate", 2.0, 3.0);
        let limits = limits(&text);
        let account =
            Account { credit_used_usd: Some(0.0), orders_last_minute: Some(0), ..Account::default() };
        let order = Order { account, ..order() };
        let earlier = |count: usize, usd: f64| Earlier {
            orders: vec![
                RecentOrder {
                    symbol: "X".into(),
                    side: Side::Buy,
                    quantity: 1,
                    limit_price: None,
                    at: AT
                };
                count
            ],
            notional_usd: usd,
            beside: vec![],
        };
        let of = |count, usd| verdict(&judge(&order, &facts(), &earlier(count, usd), &limits));
        assert_eq!(of(0, 0.0), Verdict::Allow);
        assert_eq!(of(0, 100_000.0), Verdict::Warn);
        assert_eq!(of(0, 200_000.0), Verdict::Block);
        assert_eq!(of(2, 0.0), Verdict::Warn);
        assert_eq!(of(3, 0.0), Verdict::Block);
    }

    #[test]
    fn an_account_is_not_evaded_by_silence_or_spelling() {
        let of = |id: Option<&str>| Order {
            account: Account { id: id.map(str::to_owned), ..Account::default() },
            ..order()
        };
        let own = |code: &str, warn, block| {
            limit(code, warn, block).replace("account = \"*\"", "account = \"RETAIL\"")
        };
        let limits =
            limits(&(own("max_order_quantity", 50.0, 100.0) + &limit("max_order_quantity", 5e3, 1e4)));
        let found = |id, quantity| {
            let facts = Facts { quantity: Some(quantity), ..facts() };
            one("max_order_quantity", &of(id), &facts, &limits)
        };
        for id in ["RETAIL", "retail", " Retail "] {
            assert_eq!(found(Some(id), 101), (Status::Fail, Verdict::Block), "{id}");
        }
        assert_eq!(found(Some("other"), 101), (Status::Pass, Verdict::Allow));
        assert_eq!(found(None, 101), (Status::NotEvaluated, Verdict::Indeterminate));
        assert_eq!(found(None, 50), (Status::Pass, Verdict::Allow), "whoever it is");
        assert_eq!(found(None, 10_001), (Status::Fail, Verdict::Block), "whoever it is");
    }

    #[test]
    fn a_restricted_symbol_blocks() {
        let text = limit("message_rate", 1e6, 1e7).replace("\"*\"\naccount", "\"XYZ\"\naccount")
            + "[[restricted]]\nsymbol = \"IBM\"\naccount = \"*\"\nowner = \"compliance\"\nreason = \"deal\"\n\
                    approved_by = \"risk\"\neffective = 2013-01-01\nexpires = 2014-01-01\n";
        assert_eq!(
            one("restricted_symbol", &order(), &facts(), &limits(&text)),
            (Status::Fail, Verdict::Block)
        );
        let gone = text.replace("2014-01-01", "2013-02-01");
        assert_eq!(one("restricted_symbol", &order(), &facts(), &limits(&gone)).1, Verdict::Allow);
        let of_one = text.replace("account = \"*\"", "account = \"A1\"").replace("IBM", "ibm");
        let by = |id: Option<&str>| {
            let account = Account { id: id.map(str::to_owned), ..Account::default() };
            one("restricted_symbol", &Order { account, ..order() }, &facts(), &limits(&of_one)).1
        };
        let found = [Some("a1"), Some("B2"), None].map(by);
        assert_eq!(found, [Verdict::Block, Verdict::Allow, Verdict::Indeterminate]);
    }
}
