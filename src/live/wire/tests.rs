//! What is written is read back; all formats say the same; broken bytes are refused with their place.

use super::*;
use crate::ingest::{QuoteKind, RawQuote, RawTrade};
use crate::limits::{LIVE_BATCH_DATES_MAX, LIVE_LINE_MAX_BYTES};
use crate::live::Event;
use crate::tape::{Price, Quote, Sign, Size, Symbol, Trade};
use proptest::prelude::*;

const OPEN: i64 = 1_381_152_600_000_000_000;
const NOW: Nanos = Nanos(OPEN + 86_400_000_000_000);

fn origin() -> Origin {
    Origin::new("feed", Some("batch-1")).expect("names")
}

fn read_text(format: Format, text: &str) -> Result<Events, Unread> {
    read(format, text.as_bytes(), &origin(), (NOW, crate::tape::NYSE))
}

fn write(format: Format, events: &[Event], symbols: &[Symbol], sequenced: bool) -> Vec<u8> {
    let mut encoder = Encoder::new(format, sequenced);
    for event in events {
        let symbol = match event {
            Event::Quote(row) => symbols[row.symbol as usize].as_str(),
            Event::Trade(row) => symbols[row.symbol as usize].as_str(),
            Event::End { .. } => "",
        };
        encoder.add(event, symbol).expect("written");
    }
    encoder.finish().expect("written")
}

fn letter() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0_u8), b'A'..=b'Z', Just(b','), Just(b'"'), Just(0xe9_u8)]
}

prop_compose! {
    fn quote()(
        ts in OPEN..OPEN + 1_000_000_000_000, symbol in 0_u32..3, sequence in 1_u64..1 << 40,
        bid in 0_i64..5_000_000_000_000_000, ask in 0_i64..1_000_000_000_000,
        sizes in (0_i64..1_000_000, 0_i64..9), letters in [letter(), letter(), letter(), letter(), letter()],
        own in any::<bool>(),
    ) -> Event {
        let [venue, condition, cancel, source, national] = letters;
        let quote = Quote {
            ts: Nanos(ts), bid: Price(bid), ask: Price(ask), bid_size: Size(sizes.0), ask_size: Size(sizes.1),
        };
        let kind = if own { QuoteKind::Venue } else { QuoteKind::National };
        let received = Nanos(0);
        Event::Quote(RawQuote {
            symbol, quote, received, sequence, kind, venue, condition, cancel, source, national,
        })
    }
}

prop_compose! {
    fn trade()(
        ts in OPEN..OPEN + 1_000_000_000_000, symbol in 0_u32..3, sequence in 1_u64..1 << 40,
        price in -5_i64..9_999_999_000_000_000, size in 0_i64..1_000_000, venue in letter(), correction in any::<u8>(),
        conditions in prop_oneof![Just([0; 4]), Just(*b"    "), Just(*b"@F I"), Just(*b" ,\"\xff")],
        side in prop_oneof![Just(Sign::Buy), Just(Sign::Sell), Just(Sign::Unknown)],
    ) -> Event {
        let (price, size) = (Price(price), Size(size));
        let trade = Trade { ts: Nanos(ts), price, size, known_side: side, ..Trade::default() };
        Event::Trade(RawTrade { symbol, trade, received: Nanos(0), sequence, venue, correction, conditions })
    }
}

fn end() -> impl Strategy<Value = Event> {
    (1_u64..9).prop_map(|sequence| Event::End { date: "2013-10-07".parse().expect("a date"), sequence })
}

/// The same batch with symbols in the order in which they are met, as reading gives them.
fn as_read(events: Vec<Event>, sequenced: bool) -> (Vec<Event>, Vec<Symbol>) {
    let names = ["IBM", "BRK A", "Ü,\"X"];
    let mut met: Vec<u32> = Vec::new();
    let mut index = |old: u32| {
        if !met.contains(&old) {
            met.push(old);
        }
        met.iter().position(|known| *known == old).expect("met") as u32
    };
    let events = events.into_iter().map(|mut event| {
        match &mut event {
            Event::Quote(row) => {
                (row.symbol, row.sequence) = (index(row.symbol), row.sequence * u64::from(sequenced));
            }
            Event::Trade(row) => {
                (row.symbol, row.sequence) = (index(row.symbol), row.sequence * u64::from(sequenced));
            }
            Event::End { sequence, .. } => *sequence *= u64::from(sequenced),
        }
        event
    });
    let events = events.collect();
    (events, met.iter().map(|old| Symbol::new(names[*old as usize])).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_is_written_is_read_back_in_every_format(
        events in prop::collection::vec(prop_oneof![4 => quote(), 2 => trade(), 1 => end()], 1..40),
        sequenced in any::<bool>(),
    ) {
        let (events, symbols) = as_read(events, sequenced);
        for format in Format::ALL {
            let bytes = write(format, &events, &symbols, sequenced);
            let back = read(format, &bytes, &origin(), (NOW, crate::tape::NYSE));
            let back = back.map_err(|e| TestCaseError::fail(format!("{format:?} {e}")))?;
            prop_assert_eq!(&back.events, &events, "{:?}", format);
            prop_assert_eq!(&back.symbols, &symbols);
            prop_assert_eq!(back.sequenced, sequenced);
            prop_assert_eq!(back.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
        }
    }

    /// One byte is another, or bytes are missing: an answer, never a panic, and never more events than were sent.
    #[test]
    fn broken_bytes_never_panic(
        events in prop::collection::vec(prop_oneof![quote(), trade(), end()], 1..12),
        at in any::<prop::sample::Index>(), byte in any::<u8>(),
        cut in any::<prop::sample::Index>(), whole in any::<bool>(),
    ) {
        let (events, symbols) = as_read(events, true);
        for format in Format::ALL {
            let mut bytes = write(format, &events, &symbols, true);
            let place = at.index(bytes.len());
            bytes[place] = byte;
            if !whole {
                bytes.truncate(cut.index(bytes.len()));
            }
            if let Ok(read) = read(format, &bytes, &origin(), (NOW, crate::tape::NYSE)) {
                prop_assert!(read.events.len() <= events.len() + 1);
            }
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in Format::ALL {
            let _ = read(format, &bytes, &origin(), (NOW, crate::tape::NYSE));
        }
    }
}

#[test]
fn numbers_are_exact_as_numbers_and_as_text() {
    let text = "{\"type\":\"quote\",\"symbol\":\"I\\u0042M\",\"ts\":\"2013-10-07T13:30:00.000000001Z\",\"bid\":185.01,\
                \"bid_size\":300,\"ask\":\"4000000.000000001\",\"ask_size\":\"100\",\"sequence\":1,\"venue\":null}\n\n\
                {\"type\":\"trade\",\"symbol\":\"IBM\",\"ts\":1381152600000000002,\"price\":0.000000001,\"size\":1,\
                \"side\":\"sell\",\"sequence\":2}\r\n{\"type\":\"end\",\"date\":\"2013-10-07\",\"sequence\":3}";
    let batch = read_text(Format::Ndjson, text).expect("read");
    let Event::Quote(quote) = batch.events[0] else { panic!("a quote") };
    assert_eq!((quote.quote.ts.0, quote.quote.bid.0), (OPEN + 1, 185_010_000_000));
    assert_eq!(quote.quote.ask.0, 4_000_000_000_000_001);
    let Event::Trade(trade) = batch.events[1] else { panic!("a trade") };
    assert_eq!((trade.trade.price.0, trade.trade.known_side), (1, Sign::Sell));
    assert_eq!(batch.events[2], Event::End { date: "2013-10-07".parse().expect("a date"), sequence: 3 });
    assert_eq!(batch.symbols, [Symbol::new("IBM")]);
}

const QUOTE: &str = "\"type\":\"quote\",\"symbol\":\"IBM\",\"ts\":1381152600000000001";

#[test]
fn what_cannot_be_meant_is_told_with_line_and_field() {
    let ahead = NOW.0 + 61_000_000_000;
    let long = "x".repeat(LIVE_LINE_MAX_BYTES + 1);
    for (line, told) in [
        (
            format!("{{{QUOTE},\"bidsize\":1}}"),
            "line 2, 'bidsize': is not a field of an event; 'bid_size' is",
        ),
        (format!("{{{QUOTE},\"bid\":1e2}}"), "line 2, bid: '1e2' is not a decimal price"),
        (format!("{{{QUOTE},\"bid\":[1]}}"), "line 2, bid: '[1]' is not a number or text"),
        (format!("{{{QUOTE},\"bid\":1,\"bid\":1}}"), "line 2, bid: stands twice"),
        (format!("{{{QUOTE},\"price\":1}}"), "line 2, price: is not a field of a quote"),
        (format!("{{{QUOTE},\"bid_size\":-1}}"), "line 2, bid_size: '-1' is a negative size"),
        (format!("{{{QUOTE},\"sequence\":7}}"), "line 2, sequence: is given here, and earlier events"),
        (format!("{{{QUOTE},\"venue\":\"NY\"}}"), "line 2, venue: 'NY' is not one letter"),
        (format!("{{{QUOTE}"), "line 2, column 55: is no JSON object: EOF"),
        ("[]".to_owned(), "line 2, column 1: is no JSON object: invalid type: sequence"),
        ("{\"symbol\":\"IBM\"}".to_owned(), "line 2, type: is missing"),
        (
            "{\"type\":\"trade\",\"symbol\":\"IBM\",\"ts\":1381152600000000001,\"size\":1}".to_owned(),
            "price: is missing",
        ),
        ("{\"type\":\"tick\"}".to_owned(), "line 2, type: 'tick' is not quote, trade or end"),
        (format!("{{\"type\":\"quote\",\"symbol\":\"A\",\"ts\":{ahead}}}"), "ts: lies more than 60 s ahead"),
        ("{\"type\":\"quote\",\"symbol\":\"A\",\"ts\":1381152600}".to_owned(), "ts: lies before 1990"),
        ("{\"type\":\"quote\",\"symbol\":7,\"ts\":1}".to_owned(), "symbol: '7' is not a text"),
        ("{\"type\":\"quote\",\"symbol\":\" A\"}".to_owned(), "symbol: ' A' begins or ends with a blank"),
        ("{\"type\":\"end\",\"date\":\"2013-10-09\"}".to_owned(), "date: '2013-10-09' lies in the future"),
        (
            "{\"type\":\"end\",\"date\":\"2013-10-07\",\"ts\":1381152600000000001}".to_owned(),
            "ts: is not a field of an end",
        ),
        (long, "line 2, column 1: the line is longer"),
    ] {
        let error = read_text(Format::Ndjson, &format!("{{{QUOTE}}}\n{line}")).expect_err(&line);
        assert!(error.to_string().contains(told), "{line}: {error}");
    }
}

#[test]
fn a_csv_says_where_it_is_wrong_too() {
    let head = "type,symbol,ts,bid,ask\n";
    for (text, told) in [
        (format!("{head}quote,A,{OPEN},1"), "line 2, ask: is not there: the line has fewer cells"),
        (format!("{head}quote,A,{OPEN},1,2,3"), "line 2, cell 6: is one too many"),
        (format!("{head}quote,\"A,{OPEN},1,2"), "line 2, symbol: has a quote that is not closed"),
        (format!("{head}quote,\"A\"B,{OPEN},1,2"), "line 2, symbol: has text behind its closing quote"),
        (format!("{head}quote,A,{OPEN},x,2"), "line 2, bid: 'x' is not a decimal price"),
        ("symbol,ts\n".to_owned(), "line 1, type: the header has no such column"),
        ("type,Symbol\n".to_owned(), "line 1, 'Symbol': is not a field of an event; 'symbol' is"),
        ("type,bid,bid\n".to_owned(), "line 1, 'bid': stands twice in the header"),
        (head.to_owned(), "the body holds no event"),
        (String::new(), "the body holds no event"),
    ] {
        let error = read_text(Format::Csv, &text).expect_err(&text);
        assert!(error.to_string().contains(told), "{text}: {error}");
    }
}

#[test]
fn a_batch_is_numbered_or_named_and_keeps_its_bounds() {
    let unnamed = Origin::new("feed", None).expect("names");
    let text = format!("{{{QUOTE}}}");
    let error =
        read(Format::Ndjson, text.as_bytes(), &unnamed, (NOW, crate::tape::NYSE)).expect_err("neither");
    assert!(error.to_string().contains("needs an id"), "{error}");
    let day = 86_400_000_000_000;
    let days: String = (0..=LIVE_BATCH_DATES_MAX as i64)
        .map(|back| format!("{{\"type\":\"quote\",\"symbol\":\"A\",\"ts\":{}}}\n", OPEN - back * day))
        .collect();
    let error = read_text(Format::Ndjson, &days).expect_err("too many dates");
    assert!(error.to_string().contains("dates at most"), "{error}");
}

#[test]
fn a_hostile_arrow_stream_sets_no_memory_aside() {
    let (events, symbols) = (vec![Event::Quote(RawQuote::default()); 4], [Symbol::new("IBM")]);
    let sound = write(Format::Arrow, &events, &symbols, true);
    // Every eight bytes that could be a length are made a huge one.
    for at in (0..sound.len().saturating_sub(8)).step_by(4) {
        for huge in [i64::MAX, 1 << 46, 1 << 31, -1] {
            let mut bytes = sound.clone();
            bytes[at..at + 8].copy_from_slice(&huge.to_le_bytes());
            let _ = read(Format::Arrow, &bytes, &origin(), (NOW, crate::tape::NYSE));
        }
    }
}
