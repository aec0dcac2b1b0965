//! Which trades a file tells, as its head or its name says: of what data set, which symbols, from when to when. Two
//! files of one batch that tell the same ones would count each of them twice.

use std::collections::BTreeSet;

/// The trades of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    dataset: String,
    /// All where there is none.
    symbols: BTreeSet<String>,
    from: u64,
    to: u64,
}

impl Coverage {
    /// The trades of these symbols (all where there is none), from a moment on and before another, in nanoseconds since
    /// 1970 UTC.
    pub fn new(dataset: &str, symbols: BTreeSet<String>, from: u64, to: u64) -> Self {
        Self { dataset: dataset.into(), symbols, from, to }
    }

    /// A symbol, of the wanted ones (all where none is named), whose trades another file tells of the same time too.
    #[must_use]
    pub fn shared(&self, other: &Self, wanted: &BTreeSet<String>) -> Option<String> {
        if self.dataset != other.dataset || self.from >= other.to || other.from >= self.to {
            return None;
        }
        let is_wanted = |symbol: &&String| wanted.is_empty() || wanted.contains(*symbol);
        if self.symbols.is_empty() || other.symbols.is_empty() {
            let named = self.symbols.iter().chain(&other.symbols).find(is_wanted);
            return Some(named.cloned().unwrap_or_else(|| "all symbols".into()));
        }
        self.symbols.intersection(&other.symbols).find(is_wanted).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(dataset: &str, symbols: &[&str], from: u64, to: u64) -> Coverage {
        let symbols = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
        Coverage::new(dataset, symbols, from, to)
    }

    #[test]
    fn trades_are_the_same_ones_where_data_set_symbol_and_time_are() {
        let all = BTreeSet::new();
        let orders = coverage("XNAS.ITCH", &["AAPL", "IBM"], 10, 20);
        let told = |other: &Coverage| orders.shared(other, &all);
        assert_eq!(told(&coverage("XNAS.ITCH", &["IBM"], 15, 30)), Some("IBM".into()));
        assert_eq!(told(&coverage("XNAS.ITCH", &["IBM"], 20, 30)), None);
        assert_eq!(told(&coverage("XNAS.ITCH", &["MSFT"], 10, 20)), None);
        assert_eq!(told(&coverage("ARCX.PILLAR", &["IBM"], 10, 20)), None);
        assert_eq!(told(&coverage("XNAS.ITCH", &[], 10, 20)), Some("AAPL".into()));
        let wanted = BTreeSet::from(["AAPL".to_owned()]);
        assert_eq!(orders.shared(&coverage("XNAS.ITCH", &["IBM"], 10, 20), &wanted), None);
    }
}
