//! The checks, one by one, and the verdict they lead to.

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
    assert_eq!(one("max_order_notional", &order(), &facts(), &none), (Status::NotEvaluated, Verdict::Allow));
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
    let account = Account { credit_used_usd: Some(0.0), orders_last_minute: Some(0), ..Account::default() };
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
    let own =
        |code: &str, warn, block| limit(code, warn, block).replace("account = \"*\"", "account = \"RETAIL\"");
    let limits = limits(&(own("max_order_quantity", 50.0, 100.0) + &limit("max_order_quantity", 5e3, 1e4)));
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
    assert_eq!(one("restricted_symbol", &order(), &facts(), &limits(&text)), (Status::Fail, Verdict::Block));
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
