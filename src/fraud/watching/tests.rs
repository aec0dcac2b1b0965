//! Rows rest on the past alone, are finite, and show what they are meant to show.

use proptest::prelude::*;

use super::*;
use crate::sign::{AsOf, Match, Signer};
use crate::tape::{NYSE, Nanos, Price, Quote, Session, Sign, Size, Trade};

const SECOND: i64 = 1_000_000_000;

#[derive(Clone, Copy, Debug)]
enum Tick {
    Quote(i64, i64, i64, i64, i64),
    Trade(i64, i64, i64),
}

impl Tick {
    fn at(&self) -> i64 {
        match self {
            Self::Quote(at, ..) | Self::Trade(at, ..) => *at,
        }
    }
}

fn session() -> Session {
    NYSE.narrowed("09:30-09:50").expect("hours").session("2018-01-02".parse().expect("a date"))
}

/// Ticks in milliseconds after the open and cents; at equal stamps quotes first.
fn rows(ticks: &[Tick]) -> Vec<FeatureRow> {
    let session = session();
    let (mut watch, mut book, mut signer) =
        (Watch::new(session), AsOf::new(Match::Before, 0), Signer::default());
    let mut sorted = ticks.to_vec();
    sorted.sort_by_key(|tick| (tick.at(), matches!(tick, Tick::Trade(..))));
    for tick in sorted {
        let ts = Nanos(session.open.0 + tick.at() * 1_000_000);
        match tick {
            Tick::Quote(_, bid, spread, bid_size, ask_size) => {
                let quote = Quote {
                    ts,
                    bid: Price(bid * 10_000_000),
                    ask: Price((bid + spread) * 10_000_000),
                    bid_size: Size(bid_size),
                    ask_size: Size(ask_size),
                };
                book.quote(quote);
                watch.quote(&quote);
            }
            Tick::Trade(_, price, size) => {
                let price = Price(price * 10_000_000);
                let trade =
                    Trade { ts, price, size: Size(size), known_side: Sign::Unknown, ..Trade::default() };
                watch.trade(&signer.sign(trade, book.at(ts)));
            }
        }
    }
    watch.finish()
}

fn tick(until_ms: i64) -> impl Strategy<Value = Tick> {
    let quote = (0..until_ms, 9_990_i64..10_010, -1_i64..5, 0_i64..3_000, 1_i64..3_000)
        .prop_map(|(at, bid, spread, b, a)| Tick::Quote(at, bid, spread, b, a));
    let trade = (0..until_ms, 9_990_i64..10_010, 1_i64..2_000).prop_map(|(at, p, s)| Tick::Trade(at, p, s));
    prop_oneof![2 => quote, 1 => trade]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Taking away, changing or adding ticks at or after t leaves every row that ends by t as it was, bit for bit.
    #[test]
    fn nothing_looks_ahead(
        ticks in prop::collection::vec(tick(1_200_000), 200..1_500),
        others in prop::collection::vec(tick(1_200_000), 0..300),
        cut in 300_000_i64..1_200_000,
    ) {
        let all = rows(&ticks);
        let mut changed: Vec<Tick> = ticks.iter().copied().filter(|tick| tick.at() < cut).collect();
        changed.extend(others.iter().filter(|tick| tick.at() >= cut));
        let other = rows(&changed);
        let t = session().open.0 + cut * 1_000_000;
        let known = |rows: &[FeatureRow]| -> Vec<(i64, Vec<u32>)> {
            let before = rows.iter().filter(|row| row.end.0 <= t);
            before.map(|row| (row.end.0, row.values.iter().map(|v| v.to_bits()).collect())).collect()
        };
        prop_assert_eq!(known(&all), known(&other));
        prop_assert!(all.iter().all(|row| row.values.iter().all(|v| v.is_finite() && f64::from(v.abs()) <= CLIP)));
    }
}

/// A calm tape: a quote a second whose sizes wobble, a trade every two seconds, sides in turn.
fn calm() -> Vec<Tick> {
    let mut ticks = Vec::new();
    for second in 0..1_200 {
        ticks.push(Tick::Quote(
            second * 1_000,
            10_000,
            2,
            500 + 10 * (second * 7 % 5),
            500 + 10 * (second * 3 % 5),
        ));
        if second % 2 == 0 {
            let price = if second % 4 == 0 { 10_002 } else { 10_000 };
            ticks.push(Tick::Trade(second * 1_000 + 500, price, 100 + second % 3));
        }
    }
    ticks
}

fn value(rows: &[FeatureRow], at_second: i64, feature: Feature) -> f32 {
    let ts = session().open.0 + at_second * SECOND;
    let row = rows.iter().find(|row| row.start.0 <= ts && ts < row.end.0).expect("a row");
    row.values[feature as usize]
}

#[test]
fn every_bin_after_the_start_up_has_a_row() {
    let rows = rows(&calm());
    assert_eq!(rows.len(), 120 - START_UP_BINS);
    assert!(rows.windows(2).all(|pair| pair[0].end == pair[1].start));
}

#[test]
fn a_burst_of_quotes_shows_where_it_is_and_nowhere_else() {
    let mut ticks = calm();
    for k in 0..60 {
        ticks.push(Tick::Quote(800_300 + 2 * k, 10_000, 2 - k % 2, 500, 500));
    }
    let rows = rows(&ticks);
    for feature in
        [Feature::Quotes, Feature::QuotesMax, Feature::QuoteBurst, Feature::ShortLived, Feature::Flicker]
    {
        assert!(value(&rows, 800, feature) > 4.0, "{feature:?} {}", value(&rows, 800, feature));
        assert!(value(&rows, 780, feature).abs() < 3.0, "{feature:?}");
    }
}

#[test]
fn a_size_that_stands_out_and_vanishes_shows() {
    let mut ticks = calm();
    ticks.push(Tick::Quote(800_200, 10_000, 2, 8_000, 500));
    ticks.push(Tick::Quote(800_900, 10_000, 2, 500, 500));
    let rows = rows(&ticks);
    for feature in [Feature::SizeSpike, Feature::SizeVanished, Feature::Reversal] {
        assert!(value(&rows, 800, feature) > 4.0, "{feature:?} {}", value(&rows, 800, feature));
        assert!(value(&rows, 780, feature).abs() < 3.0, "{feature:?}");
    }
}

#[test]
fn equal_prints_between_the_quotes_show() {
    let mut ticks = calm();
    ticks.extend((0..20).map(|k| Tick::Trade(800_010 + 20 * k, 10_001, 700)));
    let rows = rows(&ticks);
    for feature in [Feature::EqualPrints, Feature::Inside, Feature::Trades] {
        assert!(value(&rows, 800, feature) > 4.0, "{feature:?} {}", value(&rows, 800, feature));
    }
}

#[test]
fn a_return_that_no_flow_explains_is_a_residual() {
    let mut ticks = calm();
    for tick in &mut ticks {
        if let Tick::Quote(at, bid, ..) = tick
            && (800_000..810_000).contains(at)
        {
            *bid += 20;
        }
    }
    let rows = rows(&ticks);
    assert!(value(&rows, 800, Feature::ResidualT).abs() > 5.0);
    assert!(value(&rows, 800, Feature::Return) > 5.0 && value(&rows, 815, Feature::Reversal600) > 5.0);
}

#[test]
fn rows_come_out_as_bins_end() {
    let mut watch = Watch::new(session());
    watch.advance(Nanos(session().open.0 + 310 * SECOND - 1));
    assert!(watch.take().is_empty());
    watch.advance(Nanos(session().open.0 + 310 * SECOND));
    assert_eq!(watch.take().len(), 1);
    watch.advance(Nanos(i64::MAX));
    assert_eq!(watch.take().len(), 120 - START_UP_BINS - 1);
}
