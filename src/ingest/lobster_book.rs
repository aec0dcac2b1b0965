//! A row of a LOBSTER orderbook file: `ask*10000,ask size,bid*10000,bid size` a level, best first.

use super::depth::{RawDepth, Rung};
use super::error::Fault;
use super::fields::{self, Why};
use super::positional::{self, fault};
use super::quick;
use super::raw::RawQuote;
use crate::tape::{Nanos, Price, Quote, Scale, Size};

const COLUMNS: [&str; 4] = ["ask price", "ask size", "bid price", "bid size"];
/// Stands where a level is not occupied.
const NO_PRICE: u64 = 9_999_999_999;

/// The first level of a book that has `levels`.
pub fn quote(line: &[u8], ts: Nanos, levels: u16) -> Result<RawQuote, Fault> {
    let plain = plain_rung(line).filter(|_| levels == 1);
    if let Some(rung) = plain {
        return Ok(as_quote(&rung, ts));
    }
    check_length(line, levels)?;
    let cells = positional::cells(line).and_then(|cells| rung(cells, 0));
    let rung = cells.map_err(|(at, why)| at_level(line, at, why))?;
    Ok(as_quote(&rung, ts))
}

/// The first `wanted` levels, two or more, of a book that has `levels`.
pub fn depth(line: &[u8], ts: Nanos, (levels, wanted): (u16, usize)) -> Result<RawDepth, Fault> {
    check_length(line, levels)?;
    let mut row = RawDepth::default();
    let mut cells = line.split(|b| *b == b',');
    for level in 0..wanted {
        let four = std::array::from_fn(|_| cells.next().unwrap_or_default());
        let rung = rung(four, 4 * level).map_err(|(at, why)| at_level(line, at, why))?;
        match level.checked_sub(1).and_then(|at| row.deeper.get_mut(at)) {
            Some(deeper) => *deeper = rung,
            None => row.quote = as_quote(&rung, ts),
        }
    }
    Ok(row)
}

/// A line that is one level, both sides there, spelt as nearly all are; none for the careful reader.
fn plain_rung(line: &[u8]) -> Option<Rung> {
    let mut rest = line;
    let mut numbers = [0; 4];
    for (at, number) in numbers.iter_mut().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b",")?;
        }
        let (value, length) = quick::leading_digits(rest)?;
        (*number, rest) = (value, &rest[length..]);
    }
    let [ask, ask_size, bid, bid_size] = numbers;
    let price = |units: i64| positional::price(units.unsigned_abs()).ok();
    let (ask, bid) = (price(ask)?, price(bid)?);
    rest.is_empty().then_some(Rung { bid, ask, bid_size: Size(bid_size), ask_size: Size(ask_size) })
}

fn as_quote(rung: &Rung, ts: Nanos) -> RawQuote {
    let Rung { bid, ask, bid_size, ask_size } = *rung;
    RawQuote { quote: Quote { ts, bid, ask, bid_size, ask_size }, ..RawQuote::default() }
}

fn check_length(line: &[u8], levels: u16) -> Result<(), Fault> {
    let cells = 1 + memchr::memchr_iter(b',', line).count();
    if cells == 4 * usize::from(levels) {
        return Ok(());
    }
    Err(Fault {
        column: "(all)".into(),
        value: format!("{cells} cells"),
        why: "are not four for each of the levels that the file's name states",
    })
}

/// A level's four cells, the first of which is the `from`-th of the row.
fn rung([ask, ask_size, bid, bid_size]: [&[u8]; 4], from: usize) -> Result<Rung, (usize, Why)> {
    let ((ask, ask_size), (bid, bid_size)) = (side(ask, ask_size, from)?, side(bid, bid_size, from + 2)?);
    Ok(Rung { bid, ask, bid_size, ask_size })
}

fn side(price: &[u8], size: &[u8], index: usize) -> Result<(Price, Size), (usize, Why)> {
    let (digits, is_negative) = match price.strip_prefix(b"-") {
        Some(digits) => (digits, true),
        None => (price, false),
    };
    let units = fields::digits(digits).map_err(|why| (index, why))?;
    let size = fields::digits(size).and_then(|n| fields::credible_size(i64::try_from(n).ok(), Scale::WHOLE));
    let size = size.map_err(|why| (index + 1, why))?;
    if units == NO_PRICE {
        return Ok((Price(0), Size(0)));
    }
    if is_negative {
        return Err((index, "is a negative price, and not -9999999999, which stands for no order"));
    }
    Ok((positional::price(units).map_err(|why| (index, why))?, size))
}

fn at_level(line: &[u8], at: usize, why: Why) -> Fault {
    Fault { column: format!("{} {}", COLUMNS[at % 4], 1 + at / 4), ..fault(line, &[], at, why) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plain_level_is_what_the_careful_reader_makes_of_it(
            line in "[0-9]{0,9},[0-9]{1,8},[0-9]{1,9},[0-9]{0,8},?"
        ) {
            let careful = positional::cells(line.as_bytes()).and_then(|cells| rung(cells, 0));
            if let Some(plain) = plain_rung(line.as_bytes()) {
                prop_assert_eq!(Ok(plain), careful);
            }
        }
    }

    #[test]
    fn levels_are_read_by_rank_and_empty_ones_are_none() {
        let line = b"1002000,5,1001000,7,1003000,50,1000000,70,9999999999,0,-9999999999,0";
        let row = depth(line, Nanos(9), (3, 3)).expect("a row");
        let told: Vec<_> = row.deeper().map(|q| (q.bid.0, q.bid_size.0, q.ask.0, q.ask_size.0)).collect();
        assert_eq!(told[0], (100_000_000_000, 70, 100_300_000_000, 50));
        assert!(told[1..].iter().all(|level| *level == (0, 0, 0, 0)));
        assert_eq!(row.quote, quote(line, Nanos(9), 3).expect("a row"));
        assert!(plain_rung(b"1002000,5,1001000,7").is_some() && plain_rung(line).is_none());
        assert_eq!(depth(line, Nanos(9), (3, 2)).expect("a row").deeper[1], Rung::default());
    }

    #[test]
    fn a_fault_names_its_level() {
        let bad = depth(b"1002000,5,1001000,7,1003000,50,1000000,x", Nanos(9), (2, 2)).expect_err("a fault");
        assert_eq!((bad.column.as_str(), bad.value.as_str()), ("bid size 2", "x"));
        assert_eq!(depth(b"1,2,3", Nanos(9), (1, 1)).expect_err("a fault").column, "(all)");
    }
}
