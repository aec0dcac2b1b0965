//! Telling the river that time has passed changes nothing of the day, and what it closes early is what it closes late.

use proptest::prelude::*;

use super::*;
use crate::clean::{Kinds, Profile};
use crate::estimators::Measures;
use crate::flow::{Bucketings, Roll};
use crate::ingest::{EXCHANGE, Rung};
use crate::tape::{NANOS_PER_SECOND, NYSE, Price, Size};

const SECOND: i64 = NANOS_PER_SECOND;

/// A tick: nanoseconds after the open in tenths of a second, quote or trade, price in cents, shares.
#[derive(Clone, Copy, Debug)]
struct Tick(i64, bool, i64, i64);

fn session() -> Session {
    // The last half hour: an opening quote may come before it.
    let hours = NYSE.narrowed("15:30-16:00").expect("hours");
    hours.session("2013-10-07".parse().expect("a date"))
}

fn settings(profile: Profile, carry_open: bool) -> Settings {
    Settings {
        rules: Rules { profile, carry_open, ..Rules::default() },
        sign: Layers::default(),
        matching: Match::Before,
        quote_lag: 0,
        widths: Widths::parse("1s,7s,60s").expect("widths"),
        levels: 1,
        buckets: Bucketings::parse("volume:1000,trades:3,dollars:30000").expect("buckets"),
        scale: Scale::default(),
        horizons: Horizons::parse("1s,20s").expect("horizons"),
        measures: Measures::All,
        keep_signed: true,
        keep_quotes: true,
        watch: true,
    }
}

fn feed(river: &mut River, Tick(at, is_trade, cents, shares): Tick) {
    let ts = Nanos(session().open.0 + at * SECOND / 10);
    let (price, size) = (|cents: i64| Price(cents * 10_000_000), Size(shares));
    if is_trade {
        river.trade(&RawTrade {
            trade: Trade { ts, price: price(cents), size, ..Trade::default() },
            ..RawTrade::default()
        });
    } else {
        let (bid, ask) = (price(cents), price(cents + 1 + shares % 3));
        let quote = Quote { ts, bid, ask, bid_size: size, ask_size: Size(shares + 1) };
        river.quote(&RawQuote { quote, condition: b'R', ..RawQuote::default() });
    }
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let tick = (-40_i64..18_020, any::<bool>(), 5_000_i64..5_004, 0_i64..900);
    prop::collection::vec(tick.prop_map(|(a, b, c, d)| Tick(a, b, c, d)), 0..160).prop_map(|mut ticks| {
        ticks.sort_by_key(|tick| (tick.0, tick.1));
        ticks
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn telling_the_time_changes_nothing_and_closed_bars_stay(
        ticks in ticks(),
        told in prop::collection::vec((0_usize..161, 0_i64..400), 0..40),
        strict in any::<bool>(),
        carry_open in any::<bool>(),
    ) {
        let settings = settings(if strict { Profile::HoldenJacobsen } else { Profile::None }, carry_open);
        let mut plain = River::new(&settings, session());
        ticks.iter().for_each(|tick| feed(&mut plain, *tick));
        let plain = plain.finish();

        let mut river = River::new(&settings, session());
        let mut features = Vec::new();
        for (index, tick) in ticks.iter().enumerate() {
            // At most up to the tick that comes next.
            for (_, back) in told.iter().filter(|(at, _)| *at == index) {
                river.advance(Nanos(session().open.0 + (tick.0 - back) * SECOND / 10));
                let early = river.closed().len();
                prop_assert_eq!(river.closed(), &plain_fine(&plain)[..early]);
                features.extend(river.take_features());
            }
            feed(&mut river, *tick);
        }
        river.advance(session().close);
        prop_assert_eq!(river.closed(), &plain_fine(&plain)[..]);
        for width in settings.widths.iter() {
            let roll = Roll::new(width, settings.widths.divisor(), river.opening());
            prop_assert_eq!(roll.closed(river.closed(), true), plain.bars.bars(width));
        }
        features.extend(river.take_features());
        prop_assert_eq!(&features, &plain.features);
        let mut told = river.finish();
        told.features = features;
        prop_assert_eq!(format!("{told:?}"), format!("{plain:?}"));
    }
}

proptest! {
    /// Rules that look ahead see the next price of the session and no more; all that counts signs counts theirs, and
    /// all else is as it is without them.
    #[test]
    fn rules_that_look_ahead_change_signs_alone(ticks in ticks()) {
        let settings = settings(Profile::None, false);
        let ahead = Settings { sign: Layers::parse("quote,rev-tick").expect("layers"), ..settings.clone() };
        let [plain, ahead] = [settings, ahead].map(|settings| {
            let mut river = River::new(&settings, session());
            ticks.iter().for_each(|tick| feed(&mut river, *tick));
            river.finish()
        });
        prop_assert_eq!(plain.signed.len(), ahead.signed.len());
        for (index, (one, other)) in plain.signed.iter().zip(&ahead.signed).enumerate() {
            prop_assert_eq!((one.trade, one.quote, one.signs), (other.trade, other.quote, other.signs));
            let price = one.trade.price.0;
            let next = plain.signed[index..].iter().map(|s| s.trade.price.0).find(|next| *next != price);
            let rev_tick = Sign::of(next.map_or(0, |next| price - next));
            prop_assert_eq!(other.signs.rev_tick, rev_tick);
            let by_quote = other.signs.quote;
            prop_assert_eq!(other.sign, if by_quote == Sign::Unknown { rev_tick } else { by_quote });
        }
        let flow: i128 = ahead.signed.iter().map(|s| i128::from(s.sign.value() * s.trade.size.0)).sum();
        let (one, other) = (plain.bars.whole(), ahead.bars.whole());
        prop_assert_eq!(other.trade_imbalance(), flow);
        prop_assert_eq!((one.ofi, one.spread_time, one.trades), (other.ofi, other.spread_time, other.trades));
        let unsigned = |day: &SymbolDay| -> Vec<Measure> {
            let is_unsigned = |m: &&Measure| m.name.starts_with("effective") || m.name.contains("time");
            day.liquidity.iter().filter(is_unsigned).cloned().collect()
        };
        prop_assert_eq!(unsigned(&plain), unsigned(&ahead));
    }
}

fn plain_fine(day: &SymbolDay) -> Vec<Bar> {
    day.bars.fine().to_vec()
}

/// Levels behind the best quotes stand still over a halt that is left out, as the best quotes do.
#[test]
fn levels_have_no_flow_within_or_over_a_halt_that_is_left_out() {
    let excluded = Kinds::parse("halted").expect("kinds");
    for (rules, flow) in [(Rules { excluded, ..Rules::default() }, 0), (Rules::default(), 40)] {
        let settings = Settings { rules, levels: 2, ..settings(Profile::None, false) };
        let mut river = River::new(&settings, session());
        for (at, deeper, condition, is_behind) in
            [(1, 100, 0, false), (10, 100, b'H', false), (11, 130, 0, true), (20, 140, b'T', false)]
        {
            let ts = Nanos(session().open.0 + at * SECOND);
            let size = Size(100);
            let quote = Quote { ts, bid: Price(100), ask: Price(102), bid_size: size, ask_size: size };
            let source = if condition == 0 { 0 } else { EXCHANGE };
            let quote = RawQuote { quote, condition, source, ..RawQuote::default() };
            let mut row = RawDepth { quote, is_behind, ..RawDepth::default() };
            row.deeper[0] =
                Rung { bid: Price(99), ask: Price(103), bid_size: Size(deeper), ask_size: Size(100) };
            river.depth(&row);
        }
        assert_eq!(river.finish().levels[0].whole().ofi, flow);
    }
}
