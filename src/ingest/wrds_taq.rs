//! Daily TAQ as WRDS exports it: CSV, upper-case names, date and `H:MM:SS.nnnnnnnnn` in New York time.
//!
//! Quoted sizes are round lots of 100 shares. The symbol is its root and, behind a blank, its suffix.

use super::columns::{Column, Names};

/// Between cells.
pub const DELIMITER: char = ',';

/// Names in all three files.
pub const NAMES: &Names = &[
    ("date", Column::Date),
    ("time_m", Column::ColonTime),
    ("ex", Column::Venue),
    ("sym_root", Column::Symbol),
    ("sym_suffix", Column::Suffix),
];

/// Names in the trade file.
pub const TRADE: &Names = &[
    ("tr_scond", Column::Condition),
    ("size", Column::Size),
    ("price", Column::Price),
    ("tr_corr", Column::Correction),
    ("tr_seqnum", Column::Sequence),
    ("tr_source", Column::Source),
];

/// Names in the NBBO file.
pub const NBBO: &Names = &[
    ("best_bid", Column::Bid),
    ("best_bidsiz", Column::BidSize),
    ("best_ask", Column::Ask),
    ("best_asksiz", Column::AskSize),
    ("qu_cond", Column::Condition),
    ("qu_cancel", Column::Cancel),
    ("qu_seqnum", Column::Sequence),
    ("qu_source", Column::Source),
];

/// Names in the quote file of all venues.
pub const BBO: &Names = &[
    ("bid", Column::Bid),
    ("bidsiz", Column::BidSize),
    ("ask", Column::Ask),
    ("asksiz", Column::AskSize),
    ("qu_cond", Column::Condition),
    ("qu_cancel", Column::Cancel),
    ("qu_seqnum", Column::Sequence),
    ("qu_source", Column::Source),
    ("natbbo_ind", Column::National),
];
