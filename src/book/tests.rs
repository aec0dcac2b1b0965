//! Books against a list of orders that is searched from its front.

use proptest::prelude::*;

use super::*;
use crate::tape::{Price, Sign, Size};

#[derive(Clone, Copy, Debug)]
enum Change {
    Add(Order),
    Reduce(u64, Size),
    Execute(u64, Size),
    Delete(u64),
    Replace(u64, u64, Price, Size),
    Modify(u64, Price, Size),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

/// Few ids and prices, so that changes meet; sizes that are none among them.
fn change() -> impl Strategy<Value = Change> {
    let (id, price) = (0..12_u64, (95..105_i64).prop_map(Price));
    let size = (-1..20_i64).prop_map(Size);
    prop_oneof![
        4 => (id.clone(), side(), price.clone(), size.clone())
            .prop_map(|(id, side, price, size)| Change::Add(Order { id, side, price, size })),
        1 => (id.clone(), size.clone()).prop_map(|(id, by)| Change::Reduce(id, by)),
        1 => (id.clone(), size.clone()).prop_map(|(id, by)| Change::Execute(id, by)),
        1 => id.clone().prop_map(Change::Delete),
        1 => (id.clone(), id.clone(), price.clone(), size.clone())
            .prop_map(|(old, new, price, size)| Change::Replace(old, new, price, size)),
        1 => (id, price, size).prop_map(|(id, price, size)| Change::Modify(id, price, size)),
    ]
}

/// Orders in the order of their priority.
#[derive(Default)]
struct Naive(Vec<Order>);

impl Naive {
    fn at(&self, id: u64) -> Result<usize, Reason> {
        self.0.iter().position(|order| order.id == id).ok_or(Reason::UnknownOrder)
    }

    fn apply(&mut self, change: Change) -> Result<(), Reason> {
        let sized = |size: Size| if size.0 > 0 { Ok(()) } else { Err(Reason::NoSize) };
        match change {
            Change::Add(order) => {
                sized(order.size)?;
                if self.at(order.id).is_ok() {
                    return Err(Reason::DuplicateOrder);
                }
                self.0.push(order);
            }
            Change::Reduce(id, by) | Change::Execute(id, by) => {
                sized(by)?;
                let at = self.at(id)?;
                let left = self.0[at].size.0 - by.0;
                self.0[at].size.0 = left;
                if left <= 0 {
                    self.0.remove(at);
                }
                if left < 0 {
                    return Err(Reason::TooMuch);
                }
            }
            Change::Delete(id) => {
                let at = self.at(id)?;
                self.0.remove(at);
            }
            Change::Replace(old, new, price, size) => {
                sized(size)?;
                let at = self.at(old)?;
                if new != old && self.at(new).is_ok() {
                    return Err(Reason::DuplicateOrder);
                }
                let side = self.0.remove(at).side;
                self.0.push(Order { id: new, side, price, size });
            }
            Change::Modify(id, price, size) => {
                sized(size)?;
                let at = self.at(id)?;
                let was = self.0[at];
                if price == was.price && size <= was.size {
                    self.0[at].size = size;
                } else {
                    self.0.remove(at);
                    self.0.push(Order { price, size, ..was });
                }
            }
        }
        Ok(())
    }

    fn queue(&self, side: Side, price: Price) -> Vec<Order> {
        self.0.iter().filter(|o| o.side == side && o.price == price).copied().collect()
    }

    fn levels(&self, side: Side) -> Vec<Level> {
        let mut prices: Vec<Price> = self.0.iter().filter(|o| o.side == side).map(|o| o.price).collect();
        prices.sort();
        prices.dedup();
        if side == Side::Bid {
            prices.reverse();
        }
        let level = |price| {
            let queue = self.queue(side, price);
            Level { price, size: Size(queue.iter().map(|o| o.size.0).sum()), orders: queue.len() as u32 }
        };
        prices.into_iter().map(level).collect()
    }
}

fn apply(book: &mut OrderBook, change: Change) -> Result<(), Reason> {
    match change {
        Change::Add(order) => book.add(order),
        Change::Reduce(id, by) => book.reduce(id, by).map(drop),
        Change::Execute(id, by) => book.execute(id, by).map(drop),
        Change::Delete(id) => book.delete(id).map(drop),
        Change::Replace(old, new, price, size) => book.replace(old, new, price, size).map(drop),
        Change::Modify(id, price, size) => book.modify(id, price, size).map(drop),
    }
}

proptest! {
    #[test]
    fn any_changes_give_the_book_of_a_list_of_orders(changes in prop::collection::vec(change(), 0..200)) {
        let (mut book, mut naive, mut faults) = (OrderBook::new(), Naive::default(), Faults::default());
        for change in changes {
            let (found, expected) = (apply(&mut book, change), naive.apply(change));
            prop_assert_eq!(found, expected, "{:?}", change);
            expected.err().into_iter().for_each(|reason| faults.count(reason));
            prop_assert_eq!(book.len(), naive.0.len());
            let best = book.best();
            for (side, first) in [(Side::Bid, best.bid), (Side::Ask, best.ask)] {
                let levels = naive.levels(side);
                prop_assert_eq!(book.levels(side, 2), levels.iter().take(2).copied().collect::<Vec<_>>());
                prop_assert_eq!(first, levels.first().copied().unwrap_or_default());
                for level in &levels {
                    prop_assert_eq!(book.queue(side, level.price), naive.queue(side, level.price));
                }
                prop_assert_eq!(book.levels(side, usize::MAX), levels);
            }
        }
        prop_assert_eq!(book.faults(), &faults);
        for order in naive.0 {
            prop_assert_eq!(book.get(order.id), Some(order));
            prop_assert_eq!(book.delete(order.id), Ok(order));
        }
        prop_assert!(book.is_empty() && book.best() == Best::default());
    }

    #[test]
    fn a_book_of_levels_is_the_last_size_told_at_each_price(
        told in prop::collection::vec((side(), 95..105_i64, -1..20_i64), 0..200),
    ) {
        let mut book = LevelBook::new();
        let mut expected = [vec![0; 10], vec![0; 10]];
        for (side, price, size) in told {
            let slot = &mut expected[usize::from(side == Side::Ask)][price as usize - 95];
            let reason = match (size, *slot) {
                (-1, _) => Err(Reason::NoSize),
                (0, 0) => Err(Reason::UnknownLevel),
                _ => {
                    *slot = size;
                    Ok(())
                }
            };
            prop_assert_eq!(book.set(side, Price(price), Size(size)), reason);
        }
        let rows = |sizes: &[i64]| -> Vec<Level> {
            let row = |(at, size): (usize, &i64)| Level { price: Price(at as i64 + 95), size: Size(*size), orders: 0 };
            sizes.iter().enumerate().filter(|(_, size)| **size > 0).map(row).collect()
        };
        let (mut bids, asks) = (rows(&expected[0]), rows(&expected[1]));
        bids.reverse();
        prop_assert_eq!(book.best().bid, bids.first().copied().unwrap_or_default());
        prop_assert_eq!(book.levels(Side::Bid, 10), bids);
        prop_assert_eq!(book.levels(Side::Ask, 10), asks);
    }
}

#[test]
fn a_crossed_book_is_told_as_it_is_and_mends_itself() {
    let mut book = OrderBook::new();
    let order = |id, side, price| Order { id, side, price: Price(price), size: Size(5) };
    book.add(order(1, Side::Bid, 101)).expect("added");
    book.add(order(2, Side::Ask, 100)).expect("added");
    let quote = book.best().quote(crate::tape::Nanos(7));
    assert_eq!((quote.bid.0, quote.ask.0, quote.is_usable()), (101, 100, false));
    assert_eq!(book.execute(1, Size(5)).expect("known").side.aggressor(), Sign::Sell);
    assert_eq!(book.best().bid, Level::default());
}

#[test]
fn fewer_shares_keep_the_place_in_the_queue_and_more_or_another_price_lose_it() {
    let mut book = OrderBook::new();
    for id in 1..=3 {
        book.add(Order { id, side: Side::Bid, price: Price(100), size: Size(10) }).expect("added");
    }
    let ids = |book: &OrderBook| -> Vec<u64> {
        book.queue(Side::Bid, Price(100)).iter().map(|order| order.id).collect()
    };
    book.modify(1, Price(100), Size(4)).expect("known");
    assert_eq!(ids(&book), [1, 2, 3]);
    book.modify(1, Price(100), Size(5)).expect("known");
    assert_eq!(ids(&book), [2, 3, 1]);
    book.modify(2, Price(99), Size(10)).expect("known");
    book.modify(2, Price(100), Size(10)).expect("known");
    assert_eq!(ids(&book), [3, 1, 2]);
    assert_eq!(book.best().bid, Level { price: Price(100), size: Size(25), orders: 3 });
}
