//! The fields of an event, by the names that every format spells them with.

/// A field of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// `quote`, `trade` or `end`.
    Type,
    /// The instrument.
    Symbol,
    /// When it happened.
    Ts,
    /// The session that is over.
    Date,
    /// The feed's own number of the event.
    Sequence,
    /// Best bid, dollars.
    Bid,
    /// Shares at the bid.
    BidSize,
    /// Best offer, dollars.
    Ask,
    /// Shares at the offer.
    AskSize,
    /// Trade price, dollars.
    Price,
    /// Trade size, shares.
    Size,
    /// The aggressor, where the feed names it.
    Side,
    /// Exchange letter.
    Venue,
    /// Sale-condition letters of a trade, in the tape's positions.
    Conditions,
    /// Correction code of a trade.
    Correction,
    /// Condition letter of a quote.
    Condition,
    /// Cancel or correction letter of a quote.
    Cancel,
    /// Which tape association's quote it is, `C` or `N`.
    Tape,
    /// National best-bid-and-offer indicator of a quote.
    National,
    /// Which book a quote speaks of, `national` or `venue`.
    Book,
}

/// Name and field.
pub const FIELDS: [(&str, Field); 20] = [
    ("type", Field::Type),
    ("symbol", Field::Symbol),
    ("ts", Field::Ts),
    ("date", Field::Date),
    ("sequence", Field::Sequence),
    ("bid", Field::Bid),
    ("bid_size", Field::BidSize),
    ("ask", Field::Ask),
    ("ask_size", Field::AskSize),
    ("price", Field::Price),
    ("size", Field::Size),
    ("side", Field::Side),
    ("venue", Field::Venue),
    ("conditions", Field::Conditions),
    ("correction", Field::Correction),
    ("condition", Field::Condition),
    ("cancel", Field::Cancel),
    ("tape", Field::Tape),
    ("national", Field::National),
    ("book", Field::Book),
];

/// How like a name must be to one that there is, to be taken for a slip of the pen.
const NEAR: f64 = 0.8;

impl Field {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS[self as usize].0
    }

    /// Its place among the bits of a set of fields.
    #[must_use]
    pub const fn bit(self) -> u32 {
        1 << self as u8
    }

    /// The field of a name.
    ///
    /// # Errors
    /// A sentence that names the nearest field, or all of them.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = FIELDS.iter().find(|(known, _)| *known == name);
        found.map(|(_, field)| *field).ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> String {
    let likeness = |known: &str| strsim::jaro_winkler(&name.to_ascii_lowercase(), known);
    let nearest = FIELDS.iter().map(|(known, _)| (likeness(known), *known));
    match nearest.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((alike, known)) if alike >= NEAR && name.len() <= 32 => {
            format!("is not a field of an event; '{known}' is")
        }
        _ => {
            let all: Vec<&str> = FIELDS.iter().map(|(known, _)| *known).collect();
            format!("is not a field of an event; those are {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_at_its_own_place() {
        for (name, field) in FIELDS {
            assert_eq!(field.name(), name);
            assert_eq!(Field::named(name), Ok(field));
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_told_the_name_that_was_meant() {
        for (slip, meant) in [("bidsize", "bid_size"), ("Price", "price"), ("seqence", "sequence")] {
            let what = Field::named(slip).expect_err("no field");
            assert!(what.contains(&format!("'{meant}' is")), "{slip}: {what}");
        }
        assert!(Field::named("qwertz").expect_err("no field").contains("those are type, symbol"));
    }
}
