//! Sale conditions of trades, by table.

/// Conditions under which a trade is an ordinary one: none (`@` or blank), automatic execution (`E`),
/// intermarket sweep (`F`), odd lot (`I`). The table of Barndorff-Nielsen et al. (2009, rule T2) with the odd
/// lots that the tape reports since December 2013. Single exchanges' feeds have no sale conditions; the two letters by
/// which their hidden executions and unnamed auctions are told bar nothing.
const REGULAR: &[u8] = b" @EFIhx\0";

/// Whether every letter is in the table of ordinary conditions.
pub fn is_regular(conditions: [u8; 4]) -> bool {
    conditions.iter().all(|letter| REGULAR.contains(letter))
}

/// Whether any of the letters is among `barred`.
pub fn has_any(conditions: [u8; 4], barred: &str) -> bool {
    conditions.iter().any(|letter| letter.is_ascii_graphic() && barred.as_bytes().contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_looked_up_wherever_they_stand() {
        assert!(is_regular(*b"@F I"));
        assert!(is_regular([0; 4]));
        assert!(!is_regular(*b"@ TI"));
        assert!(has_any(*b" 4 B", "B"));
        assert!(!has_any(*b"    ", " "));
    }
}
