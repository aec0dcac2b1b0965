//! Things held for those who ask again, the least recently used let go first.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// A bounded cache.
#[derive(Debug)]
pub struct Kept<K, V> {
    most: usize,
    held: Mutex<Held<K, V>>,
}

#[derive(Debug)]
struct Held<K, V> {
    clock: u64,
    by_key: HashMap<K, (u64, V)>,
    by_age: BTreeMap<u64, K>,
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    /// Holds so many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let held = Held { clock: 0, by_key: HashMap::new(), by_age: BTreeMap::new() };
        Self { most, held: Mutex::new(held) }
    }

    /// The thing of a key.
    pub fn get(&self, key: &K) -> Option<V> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clock += 1;
        let now = held.clock;
        let (age, value) = held.by_key.get_mut(key)?;
        let (before, value) = (std::mem::replace(age, now), value.clone());
        if let Some(key) = held.by_age.remove(&before) {
            held.by_age.insert(now, key);
        }
        Some(value)
    }

    /// Holds a thing under a key.
    pub fn put(&self, key: K, value: V) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clock += 1;
        let now = held.clock;
        if let Some((before, _)) = held.by_key.insert(key.clone(), (now, value)) {
            held.by_age.remove(&before);
        }
        held.by_age.insert(now, key);
        while held.by_key.len() > self.most {
            let Some((_, oldest)) = held.by_age.pop_first() else { break };
            held.by_key.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let kept = Kept::new(2);
        kept.put("a", 1);
        kept.put("b", 2);
        assert_eq!(kept.get(&"a"), Some(1));
        kept.put("c", 3);
        assert_eq!((kept.get(&"a"), kept.get(&"b"), kept.get(&"c")), (Some(1), None, Some(3)));
        kept.put("a", 4);
        assert_eq!(kept.get(&"a"), Some(4));
        assert_eq!(kept.get(&"c"), Some(3));
    }
}
