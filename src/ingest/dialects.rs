//! The text formats side by side: which names they use, and what kind of file a header announces.

use std::path::Path;

use super::cells::Layout;
use super::columns::{self, Column, Names};
use super::error::IngestError;
use super::raw::QuoteKind;
use super::{Format, Kind, Reading, csv, nyse_taq, wrds_taq};
use crate::tape::local_midnight;

/// The header of an opened file: what it holds and how to read it.
pub struct Header {
    /// What the rows are.
    pub kind: Kind,
    /// How its rows are laid out.
    pub layout: Layout,
}

/// Binds a header line.
///
/// # Errors
/// When it announces no known kind of file, or lacks a column.
pub fn header(path: &Path, line: &[u8], reading: &Reading) -> Result<Header, IngestError> {
    let delimiter = match reading.format {
        Format::NyseTaq => nyse_taq::DELIMITER,
        Format::WrdsTaq => wrds_taq::DELIMITER,
        _ => csv::DELIMITER,
    };
    let names = columns::header_names(line, delimiter);
    let dialects = dialects(reading);
    let announced: Vec<&Dialect> = dialects.iter().filter(|d| d.is_announced(&names)).collect();
    let dialect = match announced.as_slice() {
        [one, ..] if reading.format != Format::Csv => one,
        [one] => one,
        [] => &dialects[0],
        _ => {
            let what = "line 1: the header has both trade and quote columns; split the file in two, \
                        or map the unwanted names away with --map";
            return Err(IngestError::file(path, what));
        }
    };
    let columns = columns::bind(path, &names, delimiter, &dialect.names, &dialect.required)?;
    let layout = Layout {
        delimiter: delimiter as u8,
        columns,
        names,
        midnight: reading.date.map(local_midnight),
        quote_lot: reading.quote_lot(),
        scale: reading.scale,
        quote_kind: match dialect.kind {
            Kind::VenueQuotes => QuoteKind::Venue,
            _ => QuoteKind::National,
        },
        trailer: reading.format == Format::NyseTaq,
    };
    Ok(Header { kind: dialect.kind, layout })
}

/// One kind of file a format knows.
struct Dialect {
    kind: Kind,
    names: Vec<(String, Column)>,
    required: Vec<Column>,
    /// Columns whose presence announces this kind.
    telling: &'static [Column],
}

impl Dialect {
    fn is_announced(&self, header: &[String]) -> bool {
        let tells = |cell: &String| {
            self.names.iter().any(|(name, column)| name == cell && self.telling.contains(column))
        };
        header.iter().any(tells)
    }
}

const TELLS_TRADES: &[Column] = &[Column::Price, Column::Size];
const TELLS_QUOTES: &[Column] = &[Column::Bid, Column::Ask, Column::BidSize, Column::AskSize];
const TRADE_NEEDS: [Column; 2] = [Column::Price, Column::Size];
const QUOTE_NEEDS: [Column; 4] = [Column::Bid, Column::BidSize, Column::Ask, Column::AskSize];

fn dialects(reading: &Reading) -> Vec<Dialect> {
    let (common, trade, nbbo, bbo, time): (&Names, &Names, &Names, &Names, &[Column]) = match reading.format {
        Format::NyseTaq => {
            (nyse_taq::NAMES, nyse_taq::TRADE, nyse_taq::NBBO, nyse_taq::BBO, &[Column::CompactTime])
        }
        Format::WrdsTaq => (
            wrds_taq::NAMES,
            wrds_taq::TRADE,
            wrds_taq::NBBO,
            wrds_taq::BBO,
            &[Column::Date, Column::ColonTime],
        ),
        _ => return csv_dialects(reading),
    };
    let dialect = |kind, own: &Names, needs: &[Column], telling| Dialect {
        kind,
        names: columns::owned(&[common, own].concat()),
        required: [time, &[Column::Symbol], needs].concat(),
        telling,
    };
    vec![
        dialect(Kind::Trades, trade, &TRADE_NEEDS, TELLS_TRADES),
        dialect(Kind::Nbbo, nbbo, &QUOTE_NEEDS, TELLS_QUOTES),
        dialect(Kind::VenueQuotes, bbo, &QUOTE_NEEDS, TELLS_QUOTES),
    ]
}

fn csv_dialects(reading: &Reading) -> Vec<Dialect> {
    let dialect = |kind, needs: &[Column], telling| Dialect {
        kind,
        names: reading.map.names(),
        required: [&[Column::Moment, Column::Symbol], needs].concat(),
        telling,
    };
    vec![dialect(Kind::Trades, &TRADE_NEEDS, TELLS_TRADES), dialect(Kind::Quotes, &QUOTE_NEEDS, TELLS_QUOTES)]
}
