//! The text formats side by side: which names they use, and what kind of file a header announces.

use std::collections::{BTreeSet, VecDeque};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel};

use super::chunks::Chunks;
use super::columns::{self, Column, Names};
use super::delimited::{self, FromCells, Layout, Parsed};
use super::error::IngestError;
use super::gather::{Context, Floors};
use super::raw::{Batch, QuoteKind, RawQuote, RawTrade};
use super::sequence::{OnBadRow, ReadOptions, ReadReport, Sequencer};
use super::{Format, Input, Kind, Reading, csv, nyse_taq, source, wrds_taq};
use crate::limits::CHUNKS_IN_FLIGHT;
use crate::tape::local_midnight;

/// The header of an opened file: what it holds and how to read it.
pub struct Header {
    /// What the rows are.
    pub kind: Kind,
    layout: Layout,
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
        quote_kind: match dialect.kind {
            Kind::VenueQuotes => QuoteKind::Venue,
            _ => QuoteKind::National,
        },
        trailer: reading.format == Format::NyseTaq,
    };
    Ok(Header { kind: dialect.kind, layout })
}

/// Reads a text tape from its header to its end: cut into chunks on this thread, parsed on the worker pool,
/// joined in file order on this thread again.
///
/// # Errors
/// As [`header`]; at the first bad row under [`OnBadRow::Fail`]; when the stream fails; when a trailer is missing
/// or counts other rows than stand there.
pub fn read(
    input: &Input,
    options: &ReadOptions,
    sender: &SyncSender<Batch>,
) -> Result<ReadReport, IngestError> {
    let path = &input.path;
    let (stream, hash) = source::open_text(path, Arc::clone(&options.bytes_seen))?;
    let mut chunks = Chunks::new(stream);
    let (line, rest) = first_line(path, &mut chunks)?;
    let header = header(path, &line, &input.reading)?;
    let sequencer = Sequencer::new(path, options, sender);
    let mut report = match header.kind {
        Kind::Trades => Pass::<RawTrade>::new(header.layout, sequencer, options).run(path, rest, &mut chunks),
        _ => Pass::<RawQuote>::new(header.layout, sequencer, options).run(path, rest, &mut chunks),
    }?;
    report.sha256 = Some(hash.finish(chunks.into_inner()).map_err(|e| IngestError::io(path, "reading", e))?);
    Ok(report)
}

/// The header line of a text stream, and the lines that came with it.
///
/// # Errors
/// When there is none.
pub fn first_line(path: &Path, chunks: &mut Chunks<impl Read>) -> Result<(Vec<u8>, Vec<u8>), IngestError> {
    let chunk = chunks.next_chunk().map_err(|e| IngestError::io(path, "reading its header", e))?;
    let mut line = chunk.ok_or_else(|| IngestError::file(path, "is empty; fetch it again"))?;
    let end = memchr::memchr(b'\n', &line).map_or(line.len(), |at| at + 1);
    let rest = line.split_off(end);
    line.truncate(line.trim_ascii_end().len());
    Ok((line, rest))
}

/// Chunks being parsed, in file order.
type Pending<R> = VecDeque<Receiver<Parsed<R>>>;

/// One pass over a file's rows.
struct Pass<'a, R> {
    layout: Arc<Layout>,
    sequencer: Sequencer<'a>,
    options: &'a ReadOptions,
    wanted: Arc<BTreeSet<String>>,
    pending: Pending<R>,
    /// The next line of the file.
    line: u64,
    rows: u64,
    trailer: Option<(u64, Vec<u8>)>,
}

impl<'a, R: FromCells + Send + 'static> Pass<'a, R> {
    fn new(layout: Layout, sequencer: Sequencer<'a>, options: &'a ReadOptions) -> Self {
        Self {
            layout: Arc::new(layout),
            sequencer,
            options,
            wanted: Arc::new(options.symbols.clone()),
            pending: VecDeque::new(),
            line: 2,
            rows: 0,
            trailer: None,
        }
    }

    fn run(
        mut self,
        path: &Path,
        rest: Vec<u8>,
        chunks: &mut Chunks<impl Read>,
    ) -> Result<ReadReport, IngestError> {
        let mut next = Some(rest);
        while let Some(chunk) = next {
            if self.options.on_bad_row == OnBadRow::Skip {
                // What is skipped depends on what went before: no reading side by side here.
                let parsed = delimited::parse(&chunk, &self.layout, self.sequencer.context());
                self.join(parsed)?;
            } else {
                self.spawn(chunk);
                while self.pending.len() > CHUNKS_IN_FLIGHT {
                    self.join_next(path)?;
                }
            }
            next = chunks.next_chunk().map_err(|e| IngestError::io(path, "reading", e))?;
        }
        while !self.pending.is_empty() {
            self.join_next(path)?;
        }
        if self.layout.trailer {
            let line = self.trailer.as_ref().map_or(self.line, |(line, _)| *line);
            let stated = self.trailer.as_ref().map(|(_, stated)| stated.as_slice());
            delimited::trailer_fault(stated, self.rows)
                .map_or(Ok(()), |fault| self.sequencer.bad(line, fault))?;
        }
        Ok(self.sequencer.finish())
    }

    fn spawn(&mut self, chunk: Vec<u8>) {
        let (layout, wanted) = (Arc::clone(&self.layout), Arc::clone(&self.wanted));
        let (sender, receiver) = channel();
        rayon::spawn(move || {
            let context = Context { wanted: &wanted, floors: &Floors::new() };
            // A pass that ended early no longer wants it.
            let _ = sender.send(delimited::parse(&chunk, &layout, context));
        });
        self.pending.push_back(receiver);
    }

    fn join_next(&mut self, path: &Path) -> Result<(), IngestError> {
        match self.pending.pop_front().map(|receiver| receiver.recv()) {
            None => Ok(()),
            Some(Ok(parsed)) => self.join(parsed),
            Some(Err(_)) => Err(IngestError::file(path, "parsing broke off; this is a defect, report it")),
        }
    }

    fn join(&mut self, parsed: Parsed<R>) -> Result<(), IngestError> {
        self.sequencer.take(self.line, parsed.gathered)?;
        self.trailer =
            self.trailer.take().or(parsed.trailer.map(|(line, stated)| (self.line + line - 1, stated)));
        self.line += parsed.lines;
        self.rows += parsed.rows;
        Ok(())
    }
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
