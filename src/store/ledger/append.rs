//! One batch into the open transaction: known already, unfit, or its new events and its receipt written.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, OptionalExtension, params};

use super::chunk::{Chunk, Fresh, checksum};
use super::read::{RECEIPT, last_position, receipt};
use super::receipt::{Appended, Receipt, Refused};
use super::sequences::Sequences;
use crate::clock::now;
use crate::ingest::{Event, Events};
use crate::limits::{BATCH_DATES_MAX, SEQUENCE_RANGES_MAX};
use crate::store::crash;
use crate::tape::{Calendar, Nanos, hex};

/// What became of a batch; for a new one also what flows on.
pub type Outcome = Result<(Appended, Option<Fresh>), Refused>;

/// A batch's events by session date, each in the order sent.
pub fn by_date(batch: &Events, calendar: Calendar) -> BTreeMap<NaiveDate, Vec<Event>> {
    let mut day = calendar.days();
    let mut parts = BTreeMap::<_, Vec<_>>::new();
    for event in &batch.events {
        let date = match event {
            Event::End { date, .. } => *date,
            Event::Quote(row) => day.of(row.quote.ts),
            Event::Trade(row) => day.of(row.trade.ts),
        };
        parts.entry(date).or_default().push(*event);
    }
    parts
}

/// Writes one batch within a transaction.
pub fn append(
    step: &Connection,
    sequences: &mut Sequences,
    batch: &Events,
    mut parts: BTreeMap<NaiveDate, Vec<Event>>,
) -> rusqlite::Result<Outcome> {
    let sha256 = hex(&batch.sha256);
    if let Some(receipt) = find(step, batch)? {
        let same = receipt.sha256 == sha256;
        let id = receipt.batch_id.clone().unwrap_or_default();
        return Ok(if same { Ok((Appended::Again(receipt), None)) } else { Err(Refused::Conflict(id)) });
    }
    if let Some(refused) = unfit(step, sequences, batch, &parts)? {
        return Ok(Err(refused));
    }
    let sent: Vec<_> = parts.values().map(Vec::len).collect();
    if batch.sequenced {
        for (date, events) in &mut parts {
            let key = (batch.source.clone(), *date);
            let seen = sequences.of(step, &key)?;
            events.retain(|event| seen.insert(event.sequence()));
            sequences.save(step, &key)?;
        }
    }
    let accepted: usize = parts.values().map(Vec::len).sum();
    let durable_at = now();
    let receipt = Receipt {
        position: last_position(step)? + 1,
        source: batch.source.clone(),
        batch_id: batch.batch_id.clone(),
        accepted: accepted as u64,
        duplicates: (batch.events.len() - accepted) as u64,
        sha256,
        durable_at: durable_at.to_string(),
    };
    put_batch(step, &receipt, durable_at)?;
    let chunk = |((date, events), sent): ((_, Vec<_>), usize)| Chunk {
        position: receipt.position,
        date,
        source: batch.source.clone(),
        sequenced: batch.sequenced,
        symbols: batch.symbols.clone(),
        duplicates: (sent - events.len()) as u64,
        events,
    };
    let chunks: Vec<_> = parts.into_iter().zip(sent).map(chunk).collect();
    chunks.iter().try_for_each(|chunk| put_chunk(step, chunk))?;
    crash::point("in_transaction");
    let fresh = Fresh { position: receipt.position, source: batch.source.clone(), durable_at, chunks };
    Ok(Ok((Appended::Durable(receipt), Some(fresh))))
}

/// The receipt of the batch of this id, where there is one.
fn find(step: &Connection, batch: &Events) -> rusqlite::Result<Option<Receipt>> {
    let Some(id) = &batch.batch_id else { return Ok(None) };
    let mut known =
        step.prepare_cached(&format!("SELECT {RECEIPT} FROM batches WHERE source = ?1 AND batch_id = ?2"))?;
    known.query_row(params![batch.source, id], receipt).optional()
}

/// Why a batch cannot be kept.
fn unfit(
    step: &Connection,
    sequences: &mut Sequences,
    batch: &Events,
    parts: &BTreeMap<NaiveDate, Vec<Event>>,
) -> rusqlite::Result<Option<Refused>> {
    if parts.is_empty() {
        return Ok(Some(Refused::Unfit("a batch has at least one event".into())));
    }
    if parts.len() > BATCH_DATES_MAX {
        let what = format!("a batch has events of at most {BATCH_DATES_MAX} session dates");
        return Ok(Some(Refused::Unfit(what)));
    }
    let mut gone = step.prepare_cached("SELECT 1 FROM gone WHERE date = ?1")?;
    for date in parts.keys() {
        if gone.exists([date.num_days_from_ce()])? {
            return Ok(Some(Refused::Gone(*date)));
        }
        let key = (batch.source.clone(), *date);
        if batch.sequenced && sequences.of(step, &key)?.len() > SEQUENCE_RANGES_MAX {
            let what = format!(
                "source '{}' left more than {SEQUENCE_RANGES_MAX} gaps in its numbers of {date}; \
                 number events one after the other",
                batch.source
            );
            return Ok(Some(Refused::Unfit(what)));
        }
    }
    Ok(None)
}

/// Writes the batch's row.
fn put_batch(step: &Connection, receipt: &Receipt, durable_at: Nanos) -> rusqlite::Result<()> {
    let mut put = step.prepare_cached(
        "INSERT INTO batches (position, source, batch_id, accepted, duplicates, sha256, durable_at, checksum)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let Receipt { position, source, batch_id, accepted, duplicates, sha256, .. } = receipt;
    let (accepted, duplicates) = (accepted.cast_signed(), duplicates.cast_signed());
    let position = position.cast_signed();
    let (at, sum) = (durable_at.0, receipt.checksum());
    put.execute(params![position, source, batch_id, accepted, duplicates, sha256, at, sum]).map(drop)
}

fn put_chunk(step: &Connection, chunk: &Chunk) -> rusqlite::Result<()> {
    let bytes = chunk.encoded();
    let sum = checksum(chunk.position, chunk.date, &bytes);
    let place = (chunk.position.cast_signed(), chunk.date.num_days_from_ce());
    let mut put = step.prepare_cached("INSERT INTO chunks VALUES (?1, ?2, ?3, ?4)")?;
    put.execute(params![place.0, place.1, sum, bytes]).map(drop)
}
