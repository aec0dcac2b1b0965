//! Kinds of prints that are not ordinary trading, told by sale conditions, venue, correction and trading halts.
//!
//! In: a trade row and whether trading is halted. Out: its [`Kinds`], and how many prints and shares each kind has.
//! Source of the letters: the sale conditions of the CTA and UTP plans, as the NYSE Daily TAQ Client Specification
//! lists them. The plans agree on all letters used here but two: `B` is an average price on CTA and a bunched trade on
//! UTP, and `P` (prior reference price), `W` (average price) and `1` to `3` are UTP's alone. `docs/prints.md` is the
//! table in words.

use super::Reason;
use crate::ingest::RawTrade;

/// FINRA's letter, under which trade reporting facilities and its own facility report.
const FINRA: u8 = b'D';

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $letters:literal, $reason:ident);* $(;)?) => {
        /// What a print is beside, or instead of, ordinary trading.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name on command lines and in tables.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The sale-condition letters that tell it.
            #[must_use]
            pub const fn letters(self) -> &'static [u8] {
                match self { $(Self::$name => $letters),* }
            }

            /// What such a print is dropped for, where the kind is left out.
            #[must_use]
            pub const fn reason(self) -> Reason {
                match self { $(Self::$name => Reason::$reason),* }
            }
        }
    };
}

kinds! {
    /// The opening auction (`O`), and the official open that repeats its price (`Q`).
    OpeningAuction = "opening_auction", b"OQ", OpeningAuction;
    /// The closing auction (`6`), the official close (`M`) and the corrected consolidated close (`9`).
    ClosingAuction = "closing_auction", b"6M9", ClosingAuction;
    /// The auction after a halt (`5`).
    ReopeningAuction = "reopening_auction", b"5", ReopeningAuction;
    /// An auction or cross whose kind the tape does not name.
    Auction = "auction", b"x", Auction;
    /// Reported late or out of sequence: `Z`, `U`, `L` (sold last), `P` (prior reference price), `G` (bunched sold),
    /// `2` and `3` (stopped stock, sold last or out of sequence).
    Late = "late", b"ZULPG23", Late;
    /// Below the round lot (`I`).
    OddLot = "odd_lot", b"I", OddLot;
    /// Reported to FINRA, not executed on an exchange: venue `D`.
    OffExchange = "off_exchange", b"", OffExchange;
    /// Outside regular hours by its own letter (`T`, `U`).
    ExtendedHours = "extended_hours", b"TU", ExtendedHours;
    /// At a price that another price, date, or trade sets: average (`B`, `W`), derivative (`4`), contingent (`7`,
    /// `V`), varied or prior (`H`, `P`), crossed (`X`), by rule (`K`), stopped (`1`, `2`, `3`), cash, next-day or
    /// seller's settlement (`C`, `N`, `R`), acquisition, distribution (`A`, `D`).
    SpecialPrice = "special_price", b"BW47VHPXK123CNRAD", SpecialPrice;
    /// An execution against a hidden order.
    Hidden = "hidden", b"h", Hidden;
    /// Later corrected or cancelled, by the tape's correction indicator.
    Corrected = "corrected", b"", Corrected;
    /// Printed while trading was halted.
    Halted = "halted", b"", Halted;
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u16);

/// The kinds of every letter.
const OF_LETTER: [u16; 256] = {
    let mut table = [0; 256];
    let mut kind = 0;
    while kind < Kind::ALL.len() {
        let letters = Kind::ALL[kind].letters();
        let mut at = 0;
        while at < letters.len() {
            table[letters[at] as usize] |= 1 << kind;
            at += 1;
        }
        kind += 1;
    }
    table
};

impl Kinds {
    /// What a print is, by its letters, venue and correction, and by whether trading is halted.
    #[must_use]
    #[inline]
    pub fn of(raw: &RawTrade, is_halted: bool) -> Self {
        let letters = raw.conditions.iter().fold(0, |kinds, letter| kinds | OF_LETTER[usize::from(*letter)]);
        let flag = |is: bool, kind: Kind| u16::from(is) << kind as u16;
        Self(
            letters
                | flag(raw.venue == FINRA, Kind::OffExchange)
                | flag(raw.correction != 0, Kind::Corrected)
                | flag(is_halted, Kind::Halted),
        )
    }

    /// Reads names parted by commas.
    ///
    /// # Errors
    /// When a name is none of a kind.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::named(text.split(',').map(str::trim).filter(|name| !name.is_empty()))
    }

    /// The kinds of these names.
    ///
    /// # Errors
    /// When a name is none of a kind.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        names.into_iter().try_fold(Self::default(), |set, name| {
            let kind = Kind::ALL.iter().find(|kind| kind.code() == name);
            let listed = || Kind::ALL.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ");
            let kind =
                kind.ok_or_else(|| format!("'{name}' is no kind of print: name some of {}", listed()))?;
            Ok(Self(set.0 | 1 << *kind as u16))
        })
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a kind is among them.
    #[must_use]
    #[inline]
    pub fn has(self, kind: Kind) -> bool {
        self.0 >> kind as u16 & 1 == 1
    }

    /// Those that are in both.
    #[must_use]
    #[inline]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The kinds, in their order.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| self.has(*kind))
    }
}

impl serde::Serialize for Kinds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Kind::code))
    }
}

impl<'de> serde::Deserialize<'de> for Kinds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::named(names.iter().map(String::as_str)).map_err(serde::de::Error::custom)
    }
}

/// Some prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub prints: u64,
    /// Their units of size.
    pub units: i128,
    /// Nano-dollars times units in a share.
    pub value: i128,
}

impl Tally {
    #[inline]
    fn add(&mut self, raw: &RawTrade) {
        // What has no positive price or size is a print, but nothing changed hands.
        let (price, size) = (i128::from(raw.trade.price.0.max(0)), i128::from(raw.trade.size.0.max(0)));
        self.prints += 1;
        self.units += size;
        self.value = self.value.saturating_add(price * size);
    }
}

/// The prints of a symbol's day, by kind; a print is in each of its kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prints {
    /// Every print.
    pub all: Tally,
    /// Those of no kind.
    pub ordinary: Tally,
    kinds: [Tally; Kind::ALL.len()],
}

impl Prints {
    /// Takes in a print.
    #[inline]
    pub fn add(&mut self, raw: &RawTrade, kinds: Kinds) {
        self.all.add(raw);
        if kinds.is_empty() {
            self.ordinary.add(raw);
        } else {
            kinds.iter().for_each(|kind| self.kinds[kind as usize].add(raw));
        }
    }

    /// Those of a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &Tally {
        &self.kinds[kind as usize]
    }

    /// Whether any print is more than ordinary.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.ordinary != self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{AUCTION, HIDDEN};
    use crate::tape::{Price, Size, Trade};
    use proptest::prelude::*;

    fn print(conditions: [u8; 4]) -> RawTrade {
        let trade = Trade { price: Price(2_000_000_000), size: Size(30), ..Trade::default() };
        RawTrade { trade, conditions, venue: b'N', ..RawTrade::default() }
    }

    fn names(raw: &RawTrade) -> Vec<&'static str> {
        Kinds::of(raw, false).iter().map(Kind::code).collect()
    }

    #[test]
    fn letters_tell_kinds_wherever_they_stand() {
        for (letters, kinds) in [
            (*b"@F  ", &[][..]),
            (*b"@ E ", &[]),
            ([0; 4], &[]),
            (*b"@O  ", &["opening_auction"]),
            (*b"@  Q", &["opening_auction"]),
            (*b"@6  ", &["closing_auction"]),
            (*b"   M", &["closing_auction"]),
            (*b"@5  ", &["reopening_auction"]),
            (*b"@ Z ", &["late"]),
            (*b"@ TI", &["odd_lot", "extended_hours"]),
            (*b"@ U ", &["late", "extended_hours"]),
            (*b"@4 I", &["odd_lot", "special_price"]),
            (*b"@  P", &["late", "special_price"]),
            (*b"@7 V", &["special_price"]),
            (*b"C   ", &["special_price"]),
            ([HIDDEN, 0, 0, 0], &["hidden"]),
            ([AUCTION, 0, 0, 0], &["auction"]),
        ] {
            assert_eq!(names(&print(letters)), kinds, "{}", String::from_utf8_lossy(&letters));
        }
    }

    #[test]
    fn venue_correction_and_halts_are_kinds_too() {
        let raw = RawTrade { venue: b'D', correction: 8, ..print(*b"@  I") };
        assert_eq!(names(&raw), ["odd_lot", "off_exchange", "corrected"]);
        assert!(Kinds::of(&print([0; 4]), true).has(Kind::Halted));
    }

    #[test]
    fn names_are_read_and_a_wrong_one_is_told() {
        let kinds = Kinds::parse("late, odd_lot").expect("kinds");
        assert_eq!(serde_json::to_string(&kinds).expect("JSON"), r#"["late","odd_lot"]"#);
        assert_eq!(serde_json::from_str::<Kinds>(r#"["odd_lot","late"]"#).expect("kinds"), kinds);
        assert_eq!(Kinds::parse(""), Ok(Kinds::default()));
        let error = Kinds::parse("late,blocks").expect_err("no kind");
        assert!(error.starts_with("'blocks' is no kind of print: name some of opening_auction, "), "{error}");
    }

    proptest! {
        /// Every print is counted once among all, and once in each of its kinds or as an ordinary one.
        #[test]
        fn every_print_is_counted_in_each_of_its_kinds_once(
            rows in prop::collection::vec((prop::array::uniform4(b' '..b'z'), 0_u8..2, any::<bool>()), 0..50),
        ) {
            let mut prints = Prints::default();
            let mut by_hand = [0_u64; Kind::ALL.len()];
            let mut ordinary = 0;
            for (conditions, correction, halted) in rows.iter().copied() {
                let raw = RawTrade { correction, ..print(conditions) };
                let kinds = Kinds::of(&raw, halted);
                prints.add(&raw, kinds);
                for kind in Kind::ALL {
                    let by_letter = conditions.iter().any(|letter| kind.letters().contains(letter));
                    let is = by_letter
                        || (*kind == Kind::Corrected && correction != 0)
                        || (*kind == Kind::Halted && halted);
                    by_hand[*kind as usize] += u64::from(is);
                }
                ordinary += u64::from(kinds.is_empty());
            }
            for kind in Kind::ALL {
                prop_assert_eq!(prints.of(*kind).prints, by_hand[*kind as usize]);
                prop_assert_eq!(prints.of(*kind).units, 30 * i128::from(by_hand[*kind as usize]));
            }
            prop_assert_eq!(prints.ordinary.prints, ordinary);
            prop_assert_eq!(prints.all.prints, rows.len() as u64);
        }
    }
}
