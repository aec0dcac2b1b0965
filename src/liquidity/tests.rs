//! Measures worked out by hand, and what holds of them whatever the tape.

use proptest::prelude::*;

use super::*;
use crate::sign::{AsOf, Match, Signer};
use crate::tape::{NANOS_PER_SECOND, NYSE, Price, Size, Trade};

const SECOND: i64 = NANOS_PER_SECOND;

fn session() -> Session {
    NYSE.session("2013-10-07".parse().expect("a date"))
}

fn quote(at: i64, bid: i64, ask: i64, bid_size: i64, ask_size: i64) -> Quote {
    let price = |cents: i64| Price(cents * 10_000_000);
    Quote {
        ts: Nanos(session().open.0 + at),
        bid: price(bid),
        ask: price(ask),
        bid_size: Size(bid_size),
        ask_size: Size(ask_size),
    }
}

fn trade(at: i64, cents: i64, size: i64) -> Trade {
    let ts = Nanos(session().open.0 + at);
    Trade { ts, price: Price(cents * 10_000_000), size: Size(size), ..Trade::default() }
}

/// Quotes and trades, in order of time, through the measures.
fn run(quotes: &[Quote], trades: &[Trade], horizons: &str) -> Liquidity {
    let mut all = Liquidity::new(session(), &Horizons::parse(horizons).expect("horizons"), Scale::WHOLE);
    let (mut book, mut signer, mut coming) =
        (AsOf::new(Match::Before, 0), Signer::default(), quotes.iter().peekable());
    for trade in trades {
        while let Some(quote) = coming.next_if(|quote| quote.ts <= trade.ts) {
            book.quote(*quote);
            all.quote(quote);
        }
        all.trade(&signer.sign(*trade, book.at(trade.ts)));
    }
    coming.for_each(|quote| all.quote(quote));
    all
}

fn found(measures: &[Measure], name: &str) -> (f64, u64) {
    let measure = measures.iter().find(|measure| measure.name == name);
    let measure = measure.unwrap_or_else(|| panic!("no {name}"));
    (measure.value.unwrap_or_else(|| panic!("{name} is empty")), measure.n)
}

/// Two trades: 100 shares bought at the ask of 10.00 at 10.04, 300 sold at the bid of 10.02 at 10.06.
#[test]
fn two_trades_by_hand() {
    let quotes = [quote(0, 1000, 1004, 200, 800), quote(2 * SECOND, 1002, 1006, 400, 100)];
    let trades = [trade(SECOND, 1004, 100), trade(3 * SECOND, 1002, 300)];
    let measures = run(&quotes, &trades, "1s,2s").finish();
    let (first, second) = (10.02, 10.04);
    let (dollars, of_second) = (1004.0 + 3006.0, 3006.0);
    let log_sizes = [(800.0_f64 * 200.0).ln(), (100.0_f64 * 400.0).ln()];
    for (name, expected, n) in [
        ("effective_spread_simple", 0.04, 2),
        ("signed_effective_spread_dollar_weighted", 0.04, 2),
        ("half_traded_spread_share_weighted", 0.02, 2),
        ("quoted_spread_simple", 0.04, 2),
        ("proportional_effective_spread_simple", 0.5 * (0.04 / first + 0.04 / second), 2),
        ("proportional_half_traded_spread_simple", 0.25 * (0.04 / first + 0.04 / second), 2),
        (
            "log_effective_spread_share_weighted",
            { (2.0 * (10.04_f64 / first).ln() * 100.0 - 2.0 * (10.02_f64 / second).ln() * 300.0) / 400.0 },
            2,
        ),
        ("log_quoted_spread_simple", 0.5 * ((10.04_f64 / 10.0).ln() + (10.06_f64 / 10.02).ln()), 2),
        ("log_quoted_size_simple", 0.5 * (log_sizes[0] + log_sizes[1]), 2),
        ("quoted_slope_simple", 0.5 * (0.04 / log_sizes[0] + 0.04 / log_sizes[1]), 2),
        ("depth_imbalance_difference_simple", 0.5 * (600.0 / 1000.0 + 300.0 / 500.0), 2),
        ("depth_imbalance_ratio_simple", 4.0, 2),
        ("trade_value_simple", dollars / 2.0, 2),
        ("trade_value_share_weighted", (1004.0 * 100.0 + 3006.0 * 300.0) / 400.0, 2),
        ("signed_trade_size_dollar_weighted", (1004.0 * 100.0 - of_second * 300.0) / dollars, 2),
        ("abs_log_return_simple", (10.04_f64 / 10.02).ln(), 1),
        ("mid_quote_squared_return_simple", (second / first).ln().powi(2), 1),
        // The first meets itself a second on: a quote of that stamp is in force.
        ("realized_spread_1s", 0.5 * (2.0 * (10.04 - second) + 2.0 * (second - 10.02)), 2),
        ("price_impact_1s_share_weighted", (2.0 * (second - first) * 100.0) / 400.0, 2),
        ("proportional_price_impact_1s", (second - first) / first, 2),
        ("log_price_impact_2s", (second / first).ln(), 2),
        (
            "proportional_quoted_spread_time_weighted",
            { (2.0 * 0.04 / first + 23_398.0 * 0.04 / second) / 23_400.0 },
            2,
        ),
        ("bid_depth_time_weighted", (2.0 * 200.0 + 23_398.0 * 400.0) / 23_400.0, 2),
        ("ask_dollar_depth_time_weighted", (2.0 * 800.0 * 10.04 + 23_398.0 * 100.0 * 10.06) / 23_400.0, 2),
        ("locked_time_share", 0.0, 2),
    ] {
        let (value, observations) = found(&measures, name);
        assert!((value - expected).abs() <= 1e-12 * expected.abs(), "{name}: {value} for {expected}");
        assert_eq!(observations, n, "{name}");
    }
}

#[test]
fn states_without_a_spread_are_left_out_and_their_time_told() {
    let quotes = [
        quote(0, 1000, 1004, 200, 800),
        quote(100 * SECOND, 1004, 1004, 200, 800),
        quote(200 * SECOND, 1005, 1004, 200, 800),
        quote(400 * SECOND, 1000, 0, 200, 0),
        quote(800 * SECOND, 1000, 1004, 600, 800),
    ];
    let measures = run(&quotes, &[], "300s").finish();
    let share = |name| found(&measures, name).0 * 23_400.0;
    assert!((share("locked_time_share") - 100.0).abs() < 1e-9);
    assert!((share("crossed_time_share") - 200.0).abs() < 1e-9);
    assert!((share("one_sided_time_share") - 400.0).abs() < 1e-9);
    let usable = 23_400.0 - 700.0;
    let expected = (100.0 * 200.0 + (usable - 100.0) * 600.0) / usable;
    assert!((found(&measures, "bid_depth_time_weighted").0 - expected).abs() < 1e-9);
    let proportional = found(&measures, "proportional_quoted_spread_time_weighted").0;
    assert!((proportional - 0.04 / 10.02).abs() < 1e-15);
}

type Row = (i64, bool, i64, i64, i64);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0_i64..23_400, any::<bool>(), 995_i64..1_005, 0_i64..4, 1_i64..2_000_000);
    prop::collection::vec(row, 0..80).prop_map(|mut rows| {
        rows.sort_by_key(|row| (row.0, row.1));
        rows
    })
}

proptest! {
    /// Signed effective spread is realized spread plus price impact, in whole numbers, at every horizon and under every
    /// weighting; and every value is a number.
    #[test]
    fn the_parts_of_the_spread_add_up_exactly(rows in rows()) {
        let quotes: Vec<Quote> = rows.iter().filter(|row| !row.1)
            .map(|row| quote(row.0 * SECOND, row.2, row.2 + row.3, row.4, row.4 / 2)).collect();
        let trades: Vec<Trade> = rows.iter().filter(|row| row.1)
            .map(|row| trade(row.0 * SECOND, row.2, row.4)).collect();
        let mut all = run(&quotes, &trades, "1s,5s,30s,60s,300s");
        all.advance(session().close);
        for at in &all.realized {
            let [effective, realized, impact] = at.sums();
            prop_assert_eq!(*effective, realized.plus(impact));
        }
        for measure in all.finish() {
            prop_assert!(measure.value.is_none_or(f64::is_finite), "{measure:?}");
        }
    }
}
