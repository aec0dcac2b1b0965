//! A text tape from its header to its end: cut into chunks, parsed side by side, joined in file order.

use std::collections::{BTreeSet, VecDeque};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel};

use super::cells::{FromCells, Layout};
use super::chunks::Chunks;
use super::delimited::{self, Parsed};
use super::dialects::header;
use super::error::IngestError;
use super::gather::{Context, Floors};
use super::raw::{Batch, RawQuote, RawTrade};
use super::sequence::{OnBadRow, ReadOptions, ReadReport, Sequencer};
use super::{Input, Kind, source};
use crate::limits::CHUNKS_IN_FLIGHT;

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
