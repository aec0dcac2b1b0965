//! Episodes leave every original message in its place, and change no more of it than they say.

use proptest::prelude::*;

use super::super::tape::Tick;
use super::super::walk::Walk;
use super::super::{Law, session};
use super::*;
use crate::tape::{NANOS_PER_SECOND, Symbol};

fn day() -> chrono::NaiveDate {
    super::super::tests::day("2018-01-02")
}

fn original(seed: u64) -> Vec<Tick> {
    let (mut all, mut ticks) = (Vec::new(), Vec::new());
    let mut walk = Walk::new(&Law::default(), seed, &Symbol::new("A"), day()).expect("a law");
    while walk.next(&mut ticks).expect("a step") {
        all.append(&mut ticks);
    }
    all
}

fn injected(original: &[Tick], injection: &Injection) -> (Vec<Tick>, EpisodeDay, Vec<Episode>) {
    let symbol = Symbol::new("A");
    let mut injector =
        Injector::new(injection, &symbol, session(day()), scale_of(&Law::default())).expect("they fit");
    let mut out = Vec::new();
    original.chunks(97).for_each(|some| injector.pass(some, &mut out));
    let (day, episodes) = injector.finish(&mut out);
    (out, day, episodes)
}

fn at(tick: &Tick) -> i64 {
    match tick {
        Tick::Quote(state) => state.quote.ts.0,
        Tick::Trade(print) => print.trade.ts.0,
    }
}

/// The original messages' stamps, kinds and counts stay; outside episodes, all of them. The rest was injected.
fn is_conserved(original: &[Tick], out: &[Tick], episodes: &[Episode]) {
    assert!(out.windows(2).all(|pair| at(&pair[0]) <= at(&pair[1])), "time runs backwards");
    let mut kept = out.iter();
    let (mut changed_quotes, mut changed_trades) = (0, 0);
    for tick in original {
        let same = kept.find(|other| {
            at(other) == at(tick) && std::mem::discriminant(*other) == std::mem::discriminant(tick)
        });
        let is_inside = episodes.iter().any(|e| e.start_ns <= at(tick) && at(tick) <= e.end_ns);
        match (tick, same.expect("no original message is gone")) {
            (Tick::Quote(a), Tick::Quote(b)) => {
                assert_eq!(a.is_venue_only, b.is_venue_only);
                assert!(a.quote == b.quote || is_inside, "{a:?} {b:?}");
                assert_eq!(a.quote.spread(), b.quote.spread());
                changed_quotes += u64::from(a.quote != b.quote);
            }
            (Tick::Trade(a), Tick::Trade(b)) => {
                assert_eq!((a.trade.size, a.trade.known_side), (b.trade.size, b.trade.known_side));
                assert!(a.trade == b.trade || is_inside, "{a:?} {b:?}");
                changed_trades += u64::from(a.trade != b.trade);
            }
            other => panic!("{other:?}"),
        }
    }
    let sum = |of: fn(&Episode) -> u64| episodes.iter().map(of).sum::<u64>();
    assert_eq!(sum(|e| e.changed_quotes), changed_quotes);
    assert_eq!(sum(|e| e.changed_trades), changed_trades);
    let added = sum(|e| e.injected_quotes) + sum(|e| e.injected_trades);
    assert_eq!(out.len() as u64, original.len() as u64 + added);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn injection_keeps_every_original_message(
        seed in 0_u64..1_000,
        per_day in 1_usize..12,
        only in prop::option::of(0_usize..5),
    ) {
        let patterns = only.map_or(Pattern::ALL.to_vec(), |at| vec![Pattern::ALL[at]]);
        let injection = Injection { seed, per_day, patterns, strength: STRENGTH, disguise: Disguise::default() };
        let original = original(seed);
        let (out, told, episodes) = injected(&original, &injection);
        is_conserved(&original, &out, &episodes);
        let marking = only == Some(4);
        prop_assert_eq!(episodes.len(), if marking { 1 } else { per_day });
        let session = session(day());
        let first = session.open.0 + WARM_UP_SECONDS * NANOS_PER_SECOND;
        prop_assert!(episodes.iter().all(|e| e.start_ns >= first && e.end_ns < session.close.0));
        let gap = GAP_SECONDS * NANOS_PER_SECOND;
        prop_assert!(episodes.windows(2).all(|pair| pair[1].start_ns - pair[0].end_ns >= gap));
        prop_assert!(told.bins == 2_340 && told.bins_in_episodes >= episodes.len() as i64);
        prop_assert!(episodes.iter().all(|e| e.injected_quotes + e.injected_trades > 0));
    }
}

#[test]
fn the_same_seed_gives_the_same_episodes_and_another_gives_others() {
    let original = original(4);
    let with = |seed| {
        let injection = Injection {
            seed,
            per_day: 5,
            patterns: Pattern::ALL.to_vec(),
            strength: STRENGTH,
            disguise: Disguise::default(),
        };
        injected(&original, &injection)
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1).2, with(2).2);
}

#[test]
fn strengths_cover_two_decades_evenly() {
    let mut strengths = Vec::new();
    for seed in 0..200 {
        let injection = Injection {
            seed,
            per_day: 5,
            patterns: vec![Pattern::WashTrades],
            strength: STRENGTH,
            disguise: Disguise::default(),
        };
        let planned = plan::plan(&injection, &Symbol::new("A"), session(day()), &scale_of(&Law::default()));
        strengths.extend(planned.expect("they fit").iter().map(|episode| episode.strength));
    }
    let below = strengths.iter().filter(|s| **s < 1.0).count() as f64 / strengths.len() as f64;
    assert!((below - 0.5).abs() < 0.05, "{below}");
    assert!(strengths.iter().all(|s| (0.1..=10.0).contains(s)));
}

#[test]
fn too_many_episodes_and_impossible_strengths_are_refused() {
    let injection = Injection {
        seed: 1,
        per_day: 90,
        patterns: Pattern::ALL.to_vec(),
        strength: STRENGTH,
        disguise: Disguise::default(),
    };
    let planned = plan::plan(&injection, &Symbol::new("A"), session(day()), &scale_of(&Law::default()));
    assert!(planned.expect_err("too many").to_string().contains("fit into the session"));
    for strength in [(0.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0)] {
        assert!(Injection { strength, ..injection.clone() }.check().is_err(), "{strength:?}");
    }
}
