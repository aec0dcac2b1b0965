//! Nothing is lost between buckets, all but the last are exactly full, and both sides are treated alike.

use proptest::prelude::*;

use super::*;
use crate::flow::BarBuilder;
use crate::sign::Signs;
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Price, Sign, Size, Trade};

/// A tick: tenths of a second after the open, what it is, cents, shares.
type Tick = (i64, Option<Sign>, i64, i64);

fn session() -> Session {
    let hours = NYSE.narrowed("15:30-16:00").expect("hours");
    hours.session("2013-10-07".parse().expect("a date"))
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let what =
        prop_oneof![Just(None), Just(Some(Sign::Buy)), Just(Some(Sign::Sell)), Just(Some(Sign::Unknown))];
    let tick = (0_i64..18_000, what, 4_990_i64..5_010, 1_i64..3_000);
    prop::collection::vec(tick, 0..120).prop_map(|mut ticks| {
        ticks.sort_by_key(|tick| (tick.0, tick.1.is_some()));
        ticks
    })
}

fn quote((at, _, cents, shares): Tick) -> Quote {
    let price = |cents: i64| Price(cents * 10_000_000);
    Quote {
        ts: Nanos(session().open.0 + at * NANOS_PER_SECOND / 10),
        bid: price(cents),
        // One in four is locked, and not usable.
        ask: price(cents + shares % 4),
        bid_size: Size(shares),
        ask_size: Size(3_001 - shares),
    }
}

fn trade((at, sign, cents, shares): Tick) -> SignedTrade {
    let ts = Nanos(session().open.0 + at * NANOS_PER_SECOND / 10);
    let trade = Trade { ts, price: Price(cents * 10_000_000), size: Size(shares), ..Trade::default() };
    SignedTrade { trade, quote: None, sign: sign.unwrap_or_default(), signs: Signs::default() }
}

fn cut(ticks: &[Tick], of: Bucketing) -> Vec<Bucket> {
    let mut builder = BucketBuilder::new(of, session(), Scale::WHOLE);
    for tick in ticks {
        match tick.1 {
            None => builder.quote(&quote(*tick)),
            Some(_) => builder.trade(&trade(*tick)),
        }
    }
    builder.finish().all
}

fn whole_day(ticks: &[Tick]) -> Bar {
    let mut builder = BarBuilder::new(session(), 60 * NANOS_PER_SECOND, Scale::WHOLE);
    for tick in ticks {
        match tick.1 {
            None => builder.quote(&quote(*tick)),
            Some(_) => builder.trade(&trade(*tick)),
        }
    }
    builder.finish().whole()
}

/// The size that a bucket holds, in its own measure.
fn held(bucket: &Bucket, kind: BucketKind) -> i128 {
    let bar = &bucket.bar;
    match kind {
        BucketKind::Volume => bar.buy + bar.sell + bar.unsigned,
        BucketKind::Trades => i128::from(bar.trades),
        BucketKind::Dollars => bucket.value,
    }
}

fn bucketing() -> impl Strategy<Value = Bucketing> {
    (0_usize..3, 1_i64..5_000).prop_map(|(kind, size)| {
        let kind = BucketKind::ALL[kind];
        let size = match kind {
            BucketKind::Volume => size,
            BucketKind::Trades => 1 + size % 9,
            BucketKind::Dollars => 40 * size,
        };
        Bucketing::whole(kind, size)
    })
}

#[test]
fn a_trade_is_cut_at_the_edges_of_buckets_and_counted_once() {
    let of = Bucketing::whole(BucketKind::Volume, 10);
    let ticks =
        [(0, Some(Sign::Buy), 5_000, 6), (1, Some(Sign::Sell), 5_000, 17), (2, Some(Sign::Buy), 5_000, 3)];
    let told: Vec<_> =
        cut(&ticks, of).iter().map(|b| (b.bar.buy, b.bar.sell, b.bar.trades, b.is_full, b.value)).collect();
    let usd = 50_000_000_000;
    assert_eq!(told, [(6, 4, 2, true, 10 * usd), (0, 10, 0, true, 10 * usd), (3, 3, 1, false, 6 * usd)]);
}

#[test]
fn a_bucket_begins_where_the_one_before_ends_and_keeps_its_mid() {
    let of = Bucketing::whole(BucketKind::Trades, 1);
    let ticks = [
        (0, None, 5_000, 1),
        (10, Some(Sign::Buy), 5_001, 7),
        (20, None, 5_002, 1),
        (30, Some(Sign::Buy), 5_003, 7),
    ];
    let all = cut(&ticks, of);
    let (open, tenth) = (session().open.0, NANOS_PER_SECOND / 10);
    let bounds: Vec<_> =
        all.iter().map(|b| ((b.bar.start.0 - open) / tenth, (b.bar.end.0 - open) / tenth)).collect();
    assert_eq!(bounds, [(0, 10), (10, 30), (30, 18_000)]);
    let changes: Vec<_> = all.iter().map(|b| b.bar.mid_change_doubled).collect();
    assert_eq!(changes, [None, Some(40_000_000), Some(0)]);
}

#[test]
fn buckets_that_are_too_many_are_told() {
    let mut builder = BucketBuilder::new(Bucketing::whole(BucketKind::Volume, 1), session(), Scale::WHOLE);
    builder.trade(&trade((0, Some(Sign::Buy), 5_000, 2 * BARS_PER_DAY_MAX)));
    let made = builder.finish();
    assert!(made.is_too_many);
    assert_eq!(made.all.iter().map(|b| b.bar.buy).sum::<i128>(), i128::from(2 * BARS_PER_DAY_MAX));
}

proptest! {
    #[test]
    fn buckets_add_up_to_the_day_and_all_but_the_last_are_exactly_full(ticks in ticks(), of in bucketing()) {
        let all = cut(&ticks, of);
        let joined = all.iter().map(|b| b.bar).reduce(|mut so_far, next| { so_far.extend(&next); so_far });
        let (day, joined) = (whole_day(&ticks), joined.unwrap_or_default());
        let sums = |b: &Bar| (
            (b.ofi, b.buy, b.sell, b.unsigned, b.signed_value, b.quotes, b.trades),
            (b.depth_time, b.spread_time, b.usable_time, b.mid_close_doubled),
        );
        prop_assert_eq!(sums(&joined), sums(&day));
        let size = of.capacity(Scale::WHOLE);
        for (index, bucket) in all.iter().enumerate() {
            prop_assert!(bucket.is_full || index + 1 == all.len());
            let amount = held(bucket, of.kind);
            prop_assert!(if bucket.is_full { amount == size } else { amount < size }, "{bucket:?}");
        }
        let value: i128 = all.iter().map(|b| b.value).sum();
        let paid = |tick: &Tick| i128::from(tick.2 * 10_000_000) * i128::from(tick.3);
        prop_assert_eq!(value, ticks.iter().filter(|tick| tick.1.is_some()).map(paid).sum::<i128>());
    }

    /// A trade told in pieces fills the same buckets by volume; only the count of trades tells them apart.
    #[test]
    fn a_trade_told_in_pieces_fills_the_same_buckets(ticks in ticks(), size in 1_i64..5_000, at in 1_i64..3_000) {
        let of = Bucketing::whole(BucketKind::Volume, size);
        let pieces = |tick: &Tick| match tick.1 {
            Some(_) if tick.3 > at => vec![(tick.0, tick.1, tick.2, at), (tick.0, tick.1, tick.2, tick.3 - at)],
            _ => vec![*tick],
        };
        let pieced: Vec<Tick> = ticks.iter().flat_map(pieces).collect();
        let uncounted = |ticks: &[Tick]| {
            let all = cut(ticks, of).into_iter();
            all.map(|mut b| { b.bar.trades = 0; b }).collect::<Vec<_>>()
        };
        prop_assert_eq!(uncounted(&ticks), uncounted(&pieced));
    }

    /// Bids for offers and buys for sells: flows change their sign and nothing else.
    #[test]
    fn both_sides_are_treated_alike(ticks in ticks(), of in bucketing()) {
        let mut mirrored = BucketBuilder::new(of, session(), Scale::WHOLE);
        for tick in &ticks {
            if let Some(sign) = tick.1 {
                mirrored.trade(&trade((tick.0, Some(Sign::of(-sign.value())), tick.2, tick.3)));
                continue;
            }
            let q = quote(*tick);
            let across = |price: Price| Price(100_000_000_000 - price.0);
            let (bid, ask) = (across(q.ask), across(q.bid));
            mirrored.quote(&Quote { bid, ask, bid_size: q.ask_size, ask_size: q.bid_size, ..q });
        }
        let flows = |all: &[Bucket], sign: i64| {
            let of = |b: &Bucket| {
                let (buy, sell) = if sign > 0 { (b.bar.buy, b.bar.sell) } else { (b.bar.sell, b.bar.buy) };
                let change = b.bar.mid_change_doubled.map(|c| sign * c);
                let [ofi, signed_value] = [b.bar.ofi, b.bar.signed_value].map(|flow| i128::from(sign) * flow);
                (ofi, buy, sell, signed_value, change, b.bar.start, b.value)
            };
            all.iter().map(of).collect::<Vec<_>>()
        };
        prop_assert_eq!(flows(&cut(&ticks, of), 1), flows(&mirrored.finish().all, -1));
    }
}
