//! Many denials as few lines. In: denials as they come. Out: the first of each address and kind at once; how many more
//! there were, once a minute. What is held and what is written has a bound, however many strangers knock.

use std::collections::HashMap;

use super::Action;
use crate::limits::{AUDIT_DENIALS_MAX, AUDIT_FOLD_SECONDS, AUDIT_FOLDED_MAX};
use crate::store::ledger::NewEntry;
use crate::tape::{NANOS_PER_SECOND, Nanos};

/// Denials that are counted and not yet written.
#[derive(Debug, Default)]
pub struct Fold {
    since: Option<Nanos>,
    lines: usize,
    repeated: HashMap<(String, String), (NewEntry, u64)>,
    others: u64,
}

impl Fold {
    /// Takes a denial; what of it is to be written now.
    pub fn take(&mut self, entry: NewEntry) -> Vec<NewEntry> {
        let mut out = self.due(entry.at);
        self.since.get_or_insert(entry.at);
        let key = (entry.address.clone(), entry.detail.clone());
        if let Some((_, more)) = self.repeated.get_mut(&key) {
            *more += 1;
        } else if self.lines < AUDIT_DENIALS_MAX && self.repeated.len() < AUDIT_FOLDED_MAX {
            self.lines += 1;
            self.repeated.insert(key, (entry.clone(), 0));
            out.push(entry);
        } else {
            self.others += 1;
        }
        out
    }

    /// What is to be written at a moment: the counts of a minute that has passed.
    pub fn due(&mut self, now: Nanos) -> Vec<NewEntry> {
        let end = |since: Nanos| Nanos(since.0.saturating_add(AUDIT_FOLD_SECONDS as i64 * NANOS_PER_SECOND));
        if self.since.is_some_and(|since| now >= end(since)) { self.close(now) } else { Vec::new() }
    }

    /// The counts so far; counting begins anew.
    pub fn close(&mut self, now: Nanos) -> Vec<NewEntry> {
        let Self { since, repeated, others, .. } = std::mem::take(self);
        let from = since.map(|since| since.to_string()).unwrap_or_default();
        let mut out: Vec<NewEntry> = repeated
            .into_values()
            .filter(|(_, more)| *more > 0)
            .map(|(first, more)| NewEntry {
                at: now,
                detail: format!("{}: {more} more since {from}", first.detail),
                ..first
            })
            .collect();
        out.sort_by(|a, b| a.detail.cmp(&b.detail).then_with(|| a.address.cmp(&b.address)));
        if others > 0 {
            let action = Action::Denied.as_str().to_owned();
            let detail = format!("{others} of other addresses and kinds since {from}");
            out.push(NewEntry { at: now, who: "nobody".into(), action, detail, ..NewEntry::default() });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(at: i64, address: &str) -> NewEntry {
        let (address, detail) = (address.to_owned(), "unknown_key".to_owned());
        NewEntry { at: Nanos(at * NANOS_PER_SECOND), address, detail, ..NewEntry::default() }
    }

    #[test]
    fn repeated_denials_of_an_address_are_two_lines_a_minute() {
        let mut fold = Fold::default();
        let lines: Vec<NewEntry> = (0..60).flat_map(|at| fold.take(denial(at, "192.0.2.1"))).collect();
        assert_eq!(lines.len(), 1);
        let lines = fold.take(denial(60, "192.0.2.1"));
        assert_eq!(lines.len(), 2, "the count, and the first of the next minute");
        assert!(lines[0].detail.starts_with("unknown_key: 59 more since 1970-"), "{}", lines[0].detail);
        assert_eq!(fold.close(Nanos(0)), [], "the one is written already");
    }

    #[test]
    fn a_crowd_of_addresses_is_few_lines_and_all_are_counted() {
        let mut fold = Fold::default();
        let crowd = (0..10_000).map(|n| denial(1, &format!("address {n}")));
        let lines: Vec<NewEntry> = crowd.flat_map(|denied| fold.take(denied)).collect();
        assert_eq!(lines.len(), AUDIT_DENIALS_MAX);
        let closing = fold.close(Nanos(0));
        assert_eq!(closing.len(), 1);
        let others = 10_000 - AUDIT_DENIALS_MAX;
        assert!(closing[0].detail.starts_with(&format!("{others} of other")), "{}", closing[0].detail);
    }
}
