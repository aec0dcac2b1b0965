//! Laws of the river that hold for every tape.

use impactd::clean::{Profile, Rules};
use impactd::estimators::Measures;
use impactd::flow::{Bucketings, Widths};
use impactd::impact::{Model, fit};
use impactd::ingest::{RawQuote, RawTrade};
use impactd::liquidity::Horizons;
use impactd::pipeline::{River, Settings, SymbolDay};
use impactd::sign::{Match, Rule};
use impactd::tape::{NYSE, Nanos, Price, Quote, Size, Trade};
use proptest::prelude::*;

use crate::support::{OPEN, SECOND};

const CENT: i64 = 10_000_000;

/// A tick of a tape, in cents and seconds after 09:29:50.
#[derive(Clone, Copy, Debug)]
enum Tick {
    Quote { bid: i64, spread: i64, bid_size: i64, ask_size: i64 },
    Trade { price: i64, size: i64 },
}

fn ticks() -> impl Strategy<Value = Vec<(i64, Tick)>> {
    let quote = (995_i64..1005, -1_i64..6, 0_i64..5, 0_i64..5).prop_map(|(bid, spread, b, a)| Tick::Quote {
        bid,
        spread,
        bid_size: 100 * b,
        ask_size: 100 * a,
    });
    let trade = (994_i64..1008, 1_i64..9).prop_map(|(price, size)| Tick::Trade { price, size: 100 * size });
    let tick = (0_i64..700, prop_oneof![3 => quote, 1 => trade]);
    prop::collection::vec(tick, 0..250).prop_map(|mut ticks| {
        ticks.sort_by_key(|(at, tick)| (*at, matches!(tick, Tick::Trade { .. })));
        ticks
    })
}

fn settings(profile: Profile) -> Settings {
    Settings {
        rules: Rules { profile, ..Rules::default() },
        sign: Rule::LeeReady.into(),
        matching: Match::Before,
        quote_lag: 0,
        widths: Widths::parse("1s,10s").expect("widths"),
        buckets: Bucketings::default(),
        levels: 1,
        scale: Default::default(),
        horizons: Horizons::parse("1s,60s").expect("horizons"),
        keep_signed: true,
        measures: Measures::Spot,
        keep_quotes: false,
        watch: false,
    }
}

/// The day of a tape after `price` and `size` were put over its numbers; `mirror` turns prices about 10 dollars.
fn run(ticks: &[(i64, Tick)], profile: Profile, (price, size): (i64, i64), mirror: bool) -> SymbolDay {
    let date = "2013-10-07".parse().expect("a date");
    let session = NYSE.session(date);
    let mut river = River::new(&settings(profile), session);
    let usd = |cents: i64| Price(cents * CENT * price);
    for (at, tick) in ticks {
        let ts = Nanos(OPEN + (at - 10) * SECOND);
        match *tick {
            Tick::Quote { bid, spread, bid_size, ask_size } => {
                let (mut bid, mut ask) = (bid, bid + spread);
                let (mut bid_size, mut ask_size) = (Size(bid_size * size), Size(ask_size * size));
                if mirror {
                    (bid, ask) = (2000 - ask, 2000 - bid);
                    (bid_size, ask_size) = (ask_size, bid_size);
                }
                let quote = Quote { ts, bid: usd(bid), ask: usd(ask), bid_size, ask_size };
                river.quote(&RawQuote { quote, condition: b'R', ..RawQuote::default() });
            }
            Tick::Trade { price, size: shares } => {
                let cents = if mirror { 2000 - price } else { price };
                let trade = Trade { ts, price: usd(cents), size: Size(shares * size), ..Trade::default() };
                river.trade(&RawTrade { trade, conditions: [b' '; 4], ..RawTrade::default() });
            }
        }
    }
    river.finish()
}

fn slope(day: &SymbolDay, model: Model) -> Option<f64> {
    let bars = day.bars.bars(10 * SECOND);
    fit(&model.design(&bars)).ok().map(|fitted| fitted.terms[1].coefficient)
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) + 1e-18,
        (a, b) => a.is_none() && b.is_none(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Turning prices upside down turns every side and every flow, and leaves both slopes.
    #[test]
    fn mirrored_prices_flip_every_sign_and_leave_lambda(ticks in ticks()) {
        let (day, turned) = (run(&ticks, Profile::None, (1, 1), false), run(&ticks, Profile::None, (1, 1), true));
        for (a, b) in day.signed.iter().zip(&turned.signed) {
            for rule in Rule::ALL.into_iter().filter(|rule| ![Rule::TradeSize, Rule::Depth].contains(rule)) {
                prop_assert_eq!(a.signs.by(rule).value(), -b.signs.by(rule).value());
            }
        }
        for (a, b) in day.bars.bars(10 * SECOND).iter().zip(turned.bars.bars(10 * SECOND)) {
            prop_assert_eq!(a.ofi, -b.ofi);
            prop_assert_eq!(a.trade_imbalance(), -b.trade_imbalance());
            prop_assert_eq!(a.mid_change_doubled, b.mid_change_doubled.map(|c| -c));
            prop_assert_eq!(a.depth_time, b.depth_time);
            prop_assert_eq!(a.spread_time, b.spread_time);
        }
        for model in [Model::Ofi, Model::Kyle] {
            prop_assert!(close(slope(&day, model), slope(&turned, model)));
        }
    }

    /// Prices times c make lambda c times as large, sizes times c make it c times smaller.
    #[test]
    fn lambda_scales_with_price_over_size(ticks in ticks(), price in 1_i64..5, size in 1_i64..5) {
        let day = run(&ticks, Profile::None, (1, 1), false);
        let scaled = run(&ticks, Profile::None, (price, size), false);
        for model in [Model::Ofi, Model::Kyle] {
            let expected = slope(&day, model).map(|s| s * price as f64 / size as f64);
            prop_assert!(close(expected, slope(&scaled, model)));
        }
    }

    /// What is added up in a coarse bar is the sum over its fine bars.
    #[test]
    fn a_coarse_bar_is_the_sum_of_its_fine_ones(ticks in ticks()) {
        let day = run(&ticks, Profile::None, (1, 1), false);
        let (fine, coarse) = (day.bars.bars(SECOND), day.bars.bars(10 * SECOND));
        prop_assert_eq!(fine.len(), 23_400);
        for (ten, one) in fine.chunks(10).zip(coarse) {
            prop_assert_eq!(ten.iter().map(|b| b.ofi).sum::<i128>(), one.ofi);
            prop_assert_eq!(ten.iter().map(|b| b.buy).sum::<i128>(), one.buy);
            prop_assert_eq!(ten.iter().map(|b| b.quotes).sum::<i64>(), one.quotes);
            prop_assert_eq!(ten.iter().map(|b| b.depth_time).sum::<i128>(), one.depth_time);
            prop_assert_eq!(ten.last().expect("ten").mid_close_doubled, one.mid_close_doubled);
            prop_assert_eq!(ten[0].mid_open_doubled.or(one.mid_open_doubled), one.mid_open_doubled);
        }
    }

    /// Every tick is kept or dropped for one reason, whatever the rules.
    #[test]
    fn kept_and_dropped_are_all_that_was_seen(ticks in ticks()) {
        for profile in [Profile::None, Profile::HoldenJacobsen, Profile::Bnhls] {
            let day = run(&ticks, profile, (1, 1), false);
            prop_assert!(day.counts.balance(), "{:?} {:?}", profile, day.counts);
            let seen = day.counts.quotes_seen + day.counts.trades_seen;
            prop_assert_eq!(seen, ticks.len() as u64);
            prop_assert_eq!(day.counts.trades_kept, day.signed.len() as u64);
            let quotes: i64 = day.bars.bars(10 * SECOND).iter().map(|b| b.quotes).sum();
            prop_assert_eq!(quotes, day.counts.quotes_kept as i64);
        }
    }

    /// No trade meets a quote that came later, and its parts of the spread add up.
    #[test]
    fn effective_spread_is_realized_spread_plus_price_impact(ticks in ticks()) {
        let day = run(&ticks, Profile::None, (1, 1), false);
        for signed in &day.signed {
            prop_assert!(signed.quote.is_none_or(|q| q.ts < signed.trade.ts && q.is_usable()));
        }
        let value = |name: &str| {
            day.liquidity.iter().find(|m| m.name == name).expect("a measure").value
        };
        let parts = value("realized_spread_60s").zip(value("price_impact_60s")).map(|(r, p)| r + p);
        let whole = value("signed_effective_spread_60s");
        prop_assert!(whole.zip(parts).is_none_or(|(w, p)| (w - p).abs() < 1e-12));
        prop_assert_eq!(whole.is_some(), parts.is_some());
    }
}
