//! Past orders at hand, for what similar ones did cost. The post-trade side puts them in.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{PoisonError, RwLock};

use super::answer::Comparables;
use crate::cost::{PastOrder, comparables};
use crate::limits::EXECUTIONS_COMPARED_MAX;
use crate::tape::Nanos;

/// Past orders by symbol; of too many, those put in first are let go.
#[derive(Debug, Default)]
pub struct Past(RwLock<Held>);

#[derive(Debug, Default)]
struct Held {
    by_symbol: BTreeMap<String, VecDeque<PastOrder>>,
    symbols: VecDeque<String>,
}

impl Past {
    /// Puts an order in.
    pub fn put(&self, symbol: &str, order: PastOrder) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.by_symbol.entry(symbol.to_owned()).or_default().push_back(order);
        held.symbols.push_back(symbol.to_owned());
        if held.symbols.len() > EXECUTIONS_COMPARED_MAX
            && let Some(first) = held.symbols.pop_front()
            && let Some(orders) = held.by_symbol.get_mut(&first)
        {
            orders.pop_front();
        }
    }

    /// What orders like one did cost that were done by a moment.
    #[must_use]
    pub fn like(&self, symbol: &str, shares: i64, duration_nanos: i64, as_of: Nanos) -> Option<Comparables> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = comparables(held.by_symbol.get(symbol)?, shares, duration_nanos, as_of)?;
        Some(Comparables {
            n: found.n as u64,
            p25_bps: found.p25_bps,
            p50_bps: found.p50_bps,
            p75_bps: found.p75_bps,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_let_go_and_symbols_are_kept_apart() {
        let past = Past::default();
        let order = |cost_bps| PastOrder { shares: 100, duration_nanos: 60, end: Nanos(1), cost_bps };
        let n = |symbol| past.like(symbol, 100, 60, Nanos(1)).map_or(0, |found| found.n);
        past.put("A", order(1.0));
        for _ in 0..EXECUTIONS_COMPARED_MAX - 1 {
            past.put("B", order(2.0));
        }
        assert_eq!((n("A"), n("B"), n("C")), (1, EXECUTIONS_COMPARED_MAX as u64 - 1, 0));
        past.put("B", order(3.0));
        assert_eq!((n("A"), n("B")), (0, EXECUTIONS_COMPARED_MAX as u64));
    }
}
