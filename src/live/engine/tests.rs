//! What the engine tells hangs on the ticks alone: not on their cutting, nor on their order within the lateness.

use proptest::prelude::*;

use super::*;
use crate::flow::Widths;
use crate::ingest::{Event, RawQuote, RawTrade};
use crate::store::ledger::Chunk;
use crate::tape::{NANOS_PER_SECOND, NYSE, Price, Quote, Size, Trade};

const SECOND: i64 = NANOS_PER_SECOND;
const LATENESS: i64 = 3 * SECOND;
const SYMBOLS: [&str; 2] = ["AA", "BB"];

fn session() -> Session {
    NYSE.narrowed("15:00-16:00").expect("hours").session("2013-10-07".parse().expect("a date"))
}

fn engine() -> Engine {
    let data = PathBuf::from("no such folder");
    let mut request = Request::new(Vec::new(), data.clone()).expect("built-in widths");
    request.widths = Widths::parse("10s,70s").expect("widths");
    request.calendar = NYSE.narrowed("15:00-16:00").expect("hours");
    Engine::new(data, request, LATENESS, BTreeMap::new()).expect("an engine")
}

/// A tick of a symbol: tenths of a second after the open, quote or trade, cents over fifty dollars, hundreds of shares.
type Row = (i64, bool, u32, i64, i64);

fn event(number: u64, (at, is_trade, symbol, cents, lots): Row) -> Event {
    let ts = Nanos(session().open.0 + at * SECOND / 10);
    let price = |cents: i64| Price((5_000 + cents) * 10_000_000);
    if is_trade {
        let trade = Trade { ts, price: price(cents), size: Size(100 * lots), ..Trade::default() };
        return Event::Trade(RawTrade { symbol, trade, sequence: number, ..RawTrade::default() });
    }
    let (bid, ask) = (price(cents), price(cents + 1));
    let quote = Quote { ts, bid, ask, bid_size: Size(100 * lots), ask_size: Size(300) };
    Event::Quote(RawQuote { symbol, quote, sequence: number, ..RawQuote::default() })
}

fn fresh(position: u64, events: &[Event]) -> Fresh {
    let chunk = Chunk {
        position,
        date: session().date,
        source: "tape".into(),
        sequenced: true,
        symbols: SYMBOLS.iter().map(|name| Symbol::new(name)).collect(),
        events: events.to_vec(),
        duplicates: 0,
    };
    Fresh { position, source: "tape".into(), durable_at: Nanos(0), chunks: vec![chunk] }
}

/// What an engine tells of batches, by symbol and in order; and the engine.
fn told(batches: &[&[Event]]) -> (BTreeMap<Option<Symbol>, Vec<String>>, Engine) {
    let mut engine = engine();
    let mut by_symbol: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mut last = None;
    for (position, events) in (1..).zip(batches) {
        for message in engine.take(&fresh(position, events)).expect("taken") {
            assert!(Some(message.id) > last, "places ascend");
            last = Some(message.id);
            let told = by_symbol.entry(message.news.symbol().cloned()).or_default();
            told.push(format!("{:?}", message.news));
        }
    }
    (by_symbol, engine)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((-20_i64..35_900, any::<bool>(), 0_u32..2, 0_i64..9, 1_i64..9), 1..250).prop_map(
        |mut rows| {
            rows.sort_unstable();
            rows
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_hangs_on_the_ticks_alone(
        rows in rows(),
        delays in prop::collection::vec(0_i64..LATENESS / (SECOND / 10), 250),
        cut in 1_usize..60,
    ) {
        let end = Event::End { date: session().date, sequence: 999 };
        let mut events: Vec<Event> = (1..).zip(&rows).map(|(number, row)| event(number, *row)).collect();
        let mut arrivals: Vec<usize> = (0..events.len()).collect();
        arrivals.sort_by_key(|at| rows[*at].0 + delays[*at]);
        let mut shuffled: Vec<Event> = arrivals.into_iter().map(|at| events[at]).collect();
        events.push(end);
        shuffled.push(end);
        let (whole, _) = told(&[&events]);
        let batches: Vec<&[Event]> = shuffled.chunks(cut).collect();
        let (cut, engine) = told(&batches);
        prop_assert_eq!(engine.sessions()[0].late, 0);
        prop_assert_eq!(cut, whole);
    }

    /// A late tick is counted, and changes nothing that is told.
    #[test]
    fn late_ticks_are_counted_and_left_out(rows in rows(), late in prop::collection::vec(0_usize..250, 0..20)) {
        let last = rows[rows.len() - 1].0;
        let events: Vec<Event> = (1..).zip(&rows).map(|(number, row)| event(number, *row)).collect();
        let is_late = |at: &usize| rows[*at].0 + LATENESS / (SECOND / 10) < last;
        let chosen: std::collections::BTreeSet<usize> =
            late.into_iter().filter(|at| *at < rows.len()).filter(is_late).collect();
        let of = |late: bool| -> Vec<Event> {
            (0..events.len()).filter(|at| chosen.contains(at) == late).map(|at| events[at]).collect()
        };
        let (on_time, behind) = (of(false), of(true));
        let (expected, _) = told(&[&on_time]);
        let (found, engine) = told(&[&on_time, &behind]);
        prop_assert_eq!(found, expected);
        prop_assert_eq!(engine.sessions()[0].late, behind.len() as u64);
        prop_assert_eq!(engine.feeds()[0].events, events.len() as u64);
    }
}

#[test]
fn a_session_ends_once_a_tick_lies_far_enough_behind_its_close() {
    let close = session().length() / (SECOND / 10);
    let quote = |number, at| event(number, (at, false, 0, 0, 1));
    let far = 2 * LATENESS / (SECOND / 10);
    let (_, engine) = told(&[&[quote(1, 5), quote(2, close + far - 1)]]);
    assert_eq!(engine.sessions()[0].state, SessionState::Open);
    let (news, engine) = told(&[&[quote(1, 5), quote(2, close + far), quote(3, close + 9_999), quote(4, 7)]]);
    assert_eq!(news[&None].len(), 1);
    let status = engine.sessions()[0];
    // What lies behind the close is not late; what lies inside is.
    assert_eq!((status.state, status.late), (SessionState::Ended, 1));
    assert_eq!(engine.days()[&session().date].behind(), (1, 0));
    assert!(engine.day("AA").is_some_and(|day| day.ended && day.bars[&(10 * SECOND)].len() == 360));
}
