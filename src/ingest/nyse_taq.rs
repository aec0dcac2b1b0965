//! NYSE Daily TAQ: `EQY_US_ALL_TRADE`, `EQY_US_ALL_NBBO` and `SPLITS_US_ALL_BBO`, plain or gzip.
//!
//! Cells are parted by `|` and bound by header name (the columns moved in 2015, 2016, 2017 and 2018); times are
//! New York time of day, the date stands only in the file name; the last line is `END|YYYYMMDD|rows`. Quoted
//! sizes are round lots of 100 shares.

use super::columns::{Column, Names};

/// Between cells.
pub const DELIMITER: char = '|';

/// Names in all three files.
pub const NAMES: &Names = &[
    ("time", Column::CompactTime),
    ("exchange", Column::Venue),
    ("symbol", Column::Symbol),
    ("sequence_number", Column::Sequence),
];

/// Names in the trade file.
pub const TRADE: &Names = &[
    ("sale_condition", Column::Condition),
    ("trade_volume", Column::Size),
    ("trade_price", Column::Price),
    ("trade_correction_indicator", Column::Correction),
    ("source_of_trade", Column::Source),
];

/// Names in the NBBO file, where the plain bid and offer are the quoting venue's and the best ones the nation's.
pub const NBBO: &Names = &[
    ("best_bid_price", Column::Bid),
    ("best_bid_size", Column::BidSize),
    ("best_offer_price", Column::Ask),
    ("best_offer_size", Column::AskSize),
    ("quote_condition", Column::Condition),
    ("quote_cancel_correction", Column::Cancel),
    ("source_of_quote", Column::Source),
    ("national_bbo_ind", Column::National),
];

/// Names in the quote file of all venues.
pub const BBO: &Names = &[
    ("bid_price", Column::Bid),
    ("bid_size", Column::BidSize),
    ("offer_price", Column::Ask),
    ("offer_size", Column::AskSize),
    ("quote_condition", Column::Condition),
    ("quote_cancel_correction", Column::Cancel),
    ("source_of_quote", Column::Source),
    ("national_bbo_ind", Column::National),
];
