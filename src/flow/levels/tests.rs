//! A level's bars are the bars that its own quotes would make as the best ones.

use proptest::prelude::*;

use super::*;
use crate::ingest::{RawQuote, Rung};
use crate::limits::DEPTH_LEVELS_MAX;
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos, Price, Size};

const SECOND: i64 = NANOS_PER_SECOND;

fn session() -> Session {
    let hours = NYSE.narrowed("15:30-16:00").expect("hours");
    hours.session("2013-10-07".parse().expect("a date"))
}

/// Tenths of a second, and for each level cents of bid, cents of spread, shares of either side; a level may be absent.
type State = (i64, Vec<(i64, i64, i64, i64)>);

fn states() -> impl Strategy<Value = Vec<State>> {
    let level = (4_998_i64..5_002, 0_i64..3, 0_i64..900, 1_i64..900);
    let state = (0_i64..18_000, prop::collection::vec(level, DEPTH_LEVELS_MAX));
    prop::collection::vec(state, 0..60).prop_map(|mut states| {
        states.sort_by_key(|state| state.0);
        states
    })
}

fn quote(at: i64, (bid, spread, bid_size, ask_size): (i64, i64, i64, i64)) -> Quote {
    let price = |cents: i64| Price(cents * 10_000_000);
    let ts = Nanos(session().open.0 + at * SECOND / 10);
    Quote {
        ts,
        bid: price(bid),
        ask: price(bid + spread),
        bid_size: Size(bid_size),
        ask_size: Size(ask_size),
    }
}

fn row((at, levels): &State) -> RawDepth {
    let rung = |level: usize| {
        let q = quote(*at, levels[level]);
        Rung { bid: q.bid, ask: q.ask, bid_size: q.bid_size, ask_size: q.ask_size }
    };
    let first = RawQuote { quote: quote(*at, levels[0]), ..RawQuote::default() };
    RawDepth { quote: first, deeper: std::array::from_fn(|index| rung(index + 1)), is_behind: false }
}

proptest! {
    #[test]
    fn a_level_is_what_its_quotes_would_be_as_the_best_ones(states in states(), levels in 2_usize..=10) {
        let mut builder = LevelsBuilder::new(levels, session(), SECOND, Scale::WHOLE);
        states.iter().for_each(|state| builder.row(&row(state)));
        let made = builder.finish();
        prop_assert_eq!(made.len(), if states.is_empty() { 0 } else { levels - 1 });
        for (index, level) in made.iter().enumerate() {
            let mut alone = BarBuilder::new(session(), SECOND, Scale::WHOLE);
            states.iter().for_each(|(at, of)| alone.quote(&quote(*at, of[index + 1])));
            let flows = |bars: &[Bar]| bars.iter().map(|b| (b.ofi, b.depth_time, b.usable_time)).collect::<Vec<_>>();
            for width in [SECOND, 60 * SECOND] {
                prop_assert_eq!(flows(&level.bars(width)), flows(&alone_bars(&states, index + 1, width)));
            }
            prop_assert_eq!(flows(level.fine()), flows(alone.finish().fine()));
        }
    }
}

fn alone_bars(states: &[State], level: usize, width: i64) -> Vec<Bar> {
    let mut alone = BarBuilder::new(session(), width, Scale::WHOLE);
    states.iter().for_each(|(at, of)| alone.quote(&quote(*at, of[level])));
    alone.finish().bars(width)
}

#[test]
fn flows_are_scaled_by_the_mean_depth_of_the_levels_that_have_one() {
    let level = |ofi, depth| LevelFlow { ofi, depth };
    let levels = [level(300.0, Some(100.0)), level(-60.0, Some(200.0)), level(0.0, None)];
    assert_eq!(scaled_flows(&levels), Some(vec![2.0, -0.4, 0.0]));
    assert_eq!(scaled_flows(&levels[2..]), None);
}

#[test]
fn the_row_that_told_the_opening_state_seeds_the_levels() {
    let early = row(&(0, vec![(5_000, 1, 100, 100); DEPTH_LEVELS_MAX]));
    let first = row(&(5, vec![(5_000, 1, 130, 100); DEPTH_LEVELS_MAX]));
    let mut builder = LevelsBuilder::new(3, session(), 60 * SECOND, Scale::WHOLE);
    builder.early(&early);
    builder.seed(early.quote.quote);
    builder.row(&first);
    assert!(builder.finish().iter().all(|level| level.whole().ofi == 30));
}
