//! One batch into the open transaction: known already, unfit, or its new events and its receipt written.

use std::collections::BTreeMap;
use std::time::SystemTime;

use chrono::{Datelike, NaiveDate};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::chunk::{Chunk, Fresh, checksum};
use super::receipt::{Appended, Receipt, Refused};
use super::sequences::Sequences;
use crate::ingest::{Event, Events};
use crate::limits::{BATCH_DATES_MAX, SEQUENCE_RANGES_MAX};
use crate::store::crash;
use crate::tape::{Day, Nanos, hex};

/// What became of a batch; for a new one also what flows on.
pub type Outcome = Result<(Appended, Option<Fresh>), Refused>;

/// A batch's events by session date, each in the order sent.
pub fn by_date(batch: &Events) -> BTreeMap<NaiveDate, Vec<Event>> {
    let mut day = Day::default();
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
    let mut receipt = Receipt {
        position: 0,
        source: batch.source.clone(),
        batch_id: batch.batch_id.clone(),
        accepted: accepted as u64,
        duplicates: (batch.events.len() - accepted) as u64,
        sha256,
        durable_at: durable_at.to_string(),
    };
    receipt.position = put_batch(step, &receipt, durable_at)?;
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
    let mut known = step.prepare_cached(
        "SELECT position, source, batch_id, accepted, duplicates, sha256, durable_at FROM batches
            WHERE source = ?1 AND batch_id = ?2",
    )?;
    known.query_row(params![batch.source, id], receipt).optional()
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    Ok(Receipt {
        position: row.get::<_, i64>(0)?.unsigned_abs(),
        source: row.get(1)?,
        batch_id: row.get(2)?,
        accepted: row.get::<_, i64>(3)?.unsigned_abs(),
        duplicates: row.get::<_, i64>(4)?.unsigned_abs(),
        sha256: row.get(5)?,
        durable_at: Nanos(row.get(6)?).to_string(),
    })
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

/// Writes the batch's row; gives its place.
fn put_batch(step: &Connection, receipt: &Receipt, durable_at: Nanos) -> rusqlite::Result<u64> {
    let mut put = step.prepare_cached(
        "INSERT INTO batches (source, batch_id, accepted, duplicates, sha256, durable_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let Receipt { source, batch_id, sha256, .. } = receipt;
    let (accepted, duplicates) = (receipt.accepted.cast_signed(), receipt.duplicates.cast_signed());
    put.insert(params![source, batch_id, accepted, duplicates, sha256, durable_at.0]).map(i64::unsigned_abs)
}

fn put_chunk(step: &Connection, chunk: &Chunk) -> rusqlite::Result<()> {
    let bytes = chunk.encoded();
    let sum = checksum(chunk.position, chunk.date, &bytes);
    let place = (chunk.position.cast_signed(), chunk.date.num_days_from_ce());
    let mut put = step.prepare_cached("INSERT INTO chunks VALUES (?1, ?2, ?3, ?4)")?;
    put.execute(params![place.0, place.1, sum, bytes]).map(drop)
}

fn now() -> Nanos {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
