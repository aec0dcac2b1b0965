//! What holds of every drawn tape, and which laws are refused.

use std::collections::HashSet;

use super::tests::{bars, day, drawn};
use super::*;
use crate::tape::{Nanos, Quote, Sign};

#[test]
fn trades_print_at_the_quote_strictly_before_them() {
    let law = Law { mis_sign: 0.2, ..Law::default() };
    let tape = drawn(&law, 15);
    for trade in &tape.trades {
        let before = tape.quotes.partition_point(|q| q.ts < trade.ts);
        let quote = tape.quotes[before - 1];
        let shown = if trade.known_side == Sign::Buy { quote.ask } else { quote.bid };
        assert_eq!(trade.price, shown);
    }
}

#[test]
fn ticks_have_distinct_stamps_and_round_numbers() {
    let tape = drawn(&Law::default(), 16);
    let quotes = tape.quotes.iter().map(|q| q.ts);
    let stamps: Vec<Nanos> = quotes.chain(tape.trades.iter().map(|t| t.ts)).collect();
    assert_eq!(stamps.iter().collect::<HashSet<_>>().len(), stamps.len());
    assert!(stamps.iter().all(|ts| ts.0 % 1_000_000 == 0));
    for quote in &tape.quotes {
        assert!(quote.is_usable() && quote.spread() == 20_000_000);
        assert!(quote.bid.0 % 100_000 == 0 && quote.ask.0 % 100_000 == 0);
        assert!(quote.bid_size.0 % 100 == 0 && quote.ask_size.0 % 100 == 0);
    }
    for pair in tape.quotes.windows(2) {
        assert!(pair[0].ts < pair[1].ts);
        assert_ne!(Quote { ts: pair[1].ts, ..pair[0] }, pair[1]);
    }
    let session = session(tape.date);
    let first = tape.quotes.iter().find(|q| session.contains(q.ts)).expect("a quote");
    assert_eq!(first.ts.0 - session.open.0, 3_000_000);
    assert!(tape.quotes[0].ts < session.open && tape.trades[0].ts < session.open);
    assert!(tape.quotes.iter().any(|q| q.ts == session.close), "a tick on the close itself");
    assert!(tape.trades.last().expect("trades").ts > session.close);
}

#[test]
fn the_nbbo_file_never_repeats_itself() {
    let tape = drawn(&Law::default(), 17);
    let national: Vec<Quote> = std::iter::zip(&tape.quotes, &tape.venue_only)
        .filter(|(_, venue_only)| !**venue_only)
        .map(|(quote, _)| *quote)
        .collect();
    assert!(national.len() > tape.quotes.len() / 3 && national.len() < tape.quotes.len());
    for pair in national.windows(2) {
        assert_ne!(Quote { ts: pair[1].ts, ..pair[0] }, pair[1]);
    }
}

#[test]
fn a_seed_is_a_tape_and_purposes_do_not_mix() {
    let law = Law::default();
    assert_eq!(drawn(&law, 18), drawn(&law, 18));
    assert_ne!(drawn(&law, 18).quotes, drawn(&law, 19).quotes);
    let other = simulate(&law, 18, &Symbol::new("BAC"), day("2018-01-02")).expect("a tape");
    assert_ne!(other.quotes, drawn(&law, 18).quotes);
    let lively = Law { flickers_per_step: 20, ..law.clone() };
    let flow = |law: &Law| -> Vec<(i64, i64)> {
        bars(&drawn(law, 18), law).iter().map(|b| (b.flow, b.ofi)).collect()
    };
    assert_eq!(flow(&lively), flow(&law));
}

#[test]
fn half_days_are_short_and_holidays_have_no_tape() {
    let law = Law::default();
    let half = simulate(&law, 1, &Symbol::new("IBM"), day("2018-07-03")).expect("a tape");
    assert_eq!(bars(&half, &law).len(), 1260);
    let shut = simulate(&law, 1, &Symbol::new("IBM"), day("2018-07-04"));
    assert!(matches!(shut, Err(SimulateError::NoSession(_))));
}

#[test]
fn impossible_laws_are_refused() {
    let refuse = |change: fn(&mut Law)| {
        let mut law = Law::default();
        change(&mut law);
        simulate(&law, 1, &Symbol::new("IBM"), day("2018-01-02")).expect_err("no such tape").to_string()
    };
    for (change, word) in [
        ((|l| l.lambda_usd_per_share = f64::NAN) as fn(&mut Law), "lambda"),
        (|l| l.flow_autocorrelation = 1.0, "flow_autocorrelation"),
        (|l| l.mis_sign = 1.5, "mis_sign"),
        (|l| l.step_ns = 7_000_000_000, "step"),
        (|l| l.stamp_ns = 0, "stamp"),
        (|l| l.depth_shares = 150, "depth"),
        (|l| l.tick.0 = 1, "tick"),
        (|l| l.spread_ticks = 0, "spread"),
        (|l| l.start_price.0 = 0, "start_price"),
        (|l| l.flickers_per_step = 10_000, "finer stamp"),
        (|l| l.lambda_usd_per_share = 1.0, "finer stamp"),
        (|l| l.noise_usd = 1e300, "finer stamp"),
        (|l| l.quote_noise_usd = 1e9, "price left"),
    ] {
        assert!(refuse(change).contains(word), "{}", refuse(change));
    }
}

#[test]
fn a_big_day_gets_the_stamps_it_needs() {
    let date = day("2018-01-02");
    let small = Law::default().with_quotes(30_000, date);
    assert_eq!((small.flickers_per_step, small.stamp_ns), (7, 1_000_000));
    let big = Law::default().with_quotes(20_000_000, date);
    assert_eq!((big.flickers_per_step, big.stamp_ns), (4_274, 1_000));
}
