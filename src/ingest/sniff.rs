//! Which format a file has, by its first bytes, its header and its name.

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;

use super::chunks::Chunks;
use super::csv::ColumnMap;
use super::error::IngestError;
use super::{
    Format, Input, Kind, Reading, binance, binance_vision, columns, databento, dialects, fields, itch, lean,
    lobster_name, parquet, source, text,
};
use crate::tape::{Market, Scale};

/// Looks into a file: its format (unless named), what its rows are, its date and symbol where the name tells.
///
/// # Errors
/// When it cannot be opened, is of no known format, or lacks what its format requires.
pub fn inspect(
    path: &Path,
    format: Option<Format>,
    map: &ColumnMap,
    quote_lot: Option<i64>,
) -> Result<Input, IngestError> {
    let bytes =
        source::open(path)?.metadata().map_err(|e| IngestError::io(path, "asking for its size", e))?.len();
    let format = match format {
        Some(named) => named,
        None => sniff(path, map)?,
    };
    let mut reading = Reading {
        format,
        origin: format,
        date: None,
        map: map.clone(),
        quote_lot,
        scale: Scale::WHOLE,
        clock: None,
        market: Market::default(),
    };
    let (mut stamps_from, mut has_levels, mut trades) = (None, false, None);
    let (kind, symbol) = match format {
        Format::Binance => {
            reading.scale = Scale::new(binance::SCALE);
            let head = binance::head(path)?;
            reading.clock = Some(head.clock);
            has_levels = !head.booked.is_empty();
            (Kind::Ticks, None)
        }
        Format::BinanceVision => {
            reading.scale = Scale::new(binance::SCALE);
            let name = binance_vision::describe(path)?;
            trades = name.trades();
            (name.table.kind(), Some(name.symbol))
        }
        Format::Lean => {
            let (date, symbol, kind) = lean::describe(path)?;
            reading.date = Some(date);
            (kind, Some(symbol))
        }
        Format::Lobster => {
            let name = lobster_name::describe(path)?;
            reading.date = Some(name.date);
            stamps_from = name.stamps_from(path)?;
            has_levels = stamps_from.is_some();
            (name.kind, Some(name.symbol))
        }
        Format::Itch => {
            reading.date = Some(itch::date_in_name(path)?);
            has_levels = true;
            (Kind::Ticks, None)
        }
        Format::Dbn => {
            let head = databento::head(path)?;
            (has_levels, trades) = (head.has_levels, head.trades);
            (head.kind, None)
        }
        Format::Parquet => {
            let origin = parquet::origin(path)?;
            reading.origin = origin.format.unwrap_or(format);
            (reading.scale, reading.market) = (origin.scale, origin.market);
            reading.date = date_of_folder(path);
            (parquet::kind(path, map)?, None)
        }
        Format::NyseTaq => {
            reading.date = Some(date_in_name(path)?);
            (text_kind(path, &reading)?, None)
        }
        Format::WrdsTaq | Format::Csv => (text_kind(path, &reading)?, None),
    };
    Ok(Input { path: path.to_owned(), bytes, kind, symbol, stamps_from, has_levels, trades, reading })
}

fn sniff(path: &Path, map: &ColumnMap) -> Result<Format, IngestError> {
    let mut magic = [0; 4];
    let mut file = source::open(path)?;
    let got = source::read_up_to(&mut file, &mut magic)
        .map_err(|e| IngestError::io(path, "reading its first bytes", e))?;
    match &magic[..got] {
        b"PK\x03\x04" if binance_vision::is_zip_of(path) => return Ok(Format::BinanceVision),
        b"PK\x03\x04" => return Ok(Format::Lean),
        b"PAR1" => return Ok(Format::Parquet),
        magic if databento::is_announced(magic) => return Ok(Format::Dbn),
        _ => {}
    }
    if itch::is_announced(&unpacked_head(path)?) {
        return Ok(Format::Itch);
    }
    let line = open_header(path)?;
    if line.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
        let what = "is of no known format; name it with --format (lean, nyse-taq, wrds-taq, lobster, itch, dbn, \
                    binance, binance-vision, csv, parquet)";
        return Err(IngestError::file(path, what));
    }
    if binance::is_announced(&line) {
        return Ok(Format::Binance);
    }
    if lobster_name::is_announced(path, &line) {
        return Ok(Format::Lobster);
    }
    if binance_vision::is_announced(path, &line) {
        return Ok(Format::BinanceVision);
    }
    let cells = |delimiter| columns::header_names(&line, delimiter);
    let has = |cells: &[String], name: &str| cells.iter().any(|c| c == name);
    let mapped_time = columns::folded(map.own("ts"));
    Ok(if line.contains(&b'|') && has(&cells('|'), "time") {
        Format::NyseTaq
    } else if has(&cells(','), "time_m") && !has(&cells(','), &mapped_time) {
        Format::WrdsTaq
    } else {
        Format::Csv
    })
}

fn unpacked_head(path: &Path) -> Result<Vec<u8>, IngestError> {
    let mut head = vec![0; itch::HEAD_BYTES];
    let (mut stream, _) = source::open_text(path, Arc::default())?;
    let got = source::read_up_to(&mut stream, &mut head)
        .map_err(|e| IngestError::io(path, "reading its first bytes", e))?;
    head.truncate(got);
    Ok(head)
}

fn open_header(path: &Path) -> Result<Vec<u8>, IngestError> {
    let (stream, _) = source::open_text(path, Arc::default())?;
    Ok(text::first_line(path, &mut Chunks::new(stream))?.0)
}

fn text_kind(path: &Path, reading: &Reading) -> Result<Kind, IngestError> {
    let line = open_header(path)?;
    dialects::header(path, &line, reading).map(|header| header.kind)
}

/// The date of a folder such as `date=2018-01-02`, in which every row is of that date.
fn date_of_folder(path: &Path) -> Option<NaiveDate> {
    let folder = path.parent()?.file_name()?.to_str()?;
    folder.strip_prefix("date=")?.parse().ok()
}

/// The eight digits of a date in a file name such as `EQY_US_ALL_TRADE_20180102.gz`.
fn date_in_name(path: &Path) -> Result<NaiveDate, IngestError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let runs = name.split(|c: char| !c.is_ascii_digit());
    let mut dates = runs.filter(|run| run.len() == 8).filter_map(|run| fields::date(run.as_bytes()).ok());
    dates.next_back().ok_or_else(|| {
        let what = "has no date in its name, and its rows carry only a time of day; \
                    name it as NYSE does, EQY_US_ALL_TRADE_YYYYMMDD.gz";
        IngestError::file(path, what)
    })
}
