//! The frames of an Arrow stream, looked at before any of them is decoded.
//!
//! A decoder believes the lengths that a stream states, and sets memory aside for them: a few hostile bytes would end
//! the process. So the stream is walked first, and one whose lengths, types or nesting are not those of a flat table
//! within its own bytes is refused. Packed buffers are refused too: a body is packed as a whole, by
//! `Content-Encoding`, where its bound is known.

use polars_arrow_format::ipc::planus::{self, ReadAsRoot};
use polars_arrow_format::ipc::{
    Endianness, MessageHeaderRef, MessageRef, RecordBatchRef, SchemaRef, TypeRef,
};

use super::fields::FIELDS;
use super::unread::{Unread, quoted};
use crate::limits::{LIVE_ARROW_HEAD_MAX_BYTES, LIVE_BATCH_EVENTS_MAX};

const CONTINUED: [u8; 4] = [0xff; 4];

/// Looks at every frame.
///
/// # Errors
/// At the first that no flat table of events has.
pub fn check(bytes: &[u8]) -> Result<(), Unread> {
    let mut rest = bytes;
    let Some((schema, body)) = next(&mut rest)? else {
        return Err(damaged("it is empty"));
    };
    let Some(MessageHeaderRef::Schema(schema)) = schema.header().map_err(broken)? else {
        return Err(damaged("it does not begin with a schema"));
    };
    if !body.is_empty() {
        return Err(damaged("its schema has a body"));
    }
    let columns = check_schema(schema)?;
    let mut rows = 0;
    while let Some((message, body)) = next(&mut rest)? {
        match message.header().map_err(broken)? {
            Some(MessageHeaderRef::RecordBatch(batch)) => {
                rows += check_batch(batch, body.len() as u64, columns)?;
            }
            Some(MessageHeaderRef::DictionaryBatch(_)) => return Err(dictionary()),
            _ => return Err(damaged("a frame is neither a schema nor a record batch")),
        }
        if rows > LIVE_BATCH_EVENTS_MAX as u64 {
            let what = format!("a batch may hold {LIVE_BATCH_EVENTS_MAX} events at most; send it in parts");
            return Err(Unread::TooMuch(what));
        }
    }
    Ok(())
}

/// Takes a frame off the front: its head and its body; none at the stream's end.
fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<(MessageRef<'a>, &'a [u8])>, Unread> {
    if rest.is_empty() {
        return Ok(None);
    }
    let mut length = four(rest)?;
    if length == CONTINUED {
        length = four(rest)?;
    }
    let length = usize::try_from(i32::from_le_bytes(length)).map_err(|_| damaged("a length is negative"))?;
    if length == 0 {
        return Ok(None);
    }
    if length > LIVE_ARROW_HEAD_MAX_BYTES {
        return Err(damaged("a frame's head is too long"));
    }
    let head = take(rest, length)?;
    let message = MessageRef::read_as_root(head).map_err(broken)?;
    let body = message.body_length().map_err(broken)?;
    let body = take(rest, usize::try_from(body).map_err(|_| damaged("a length is negative"))?)?;
    Ok(Some((message, body)))
}

fn four(rest: &mut &[u8]) -> Result<[u8; 4], Unread> {
    let (four, after) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
    *rest = after;
    Ok(*four)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Unread> {
    let (front, after) = rest.split_at_checked(length).ok_or_else(cut_off)?;
    *rest = after;
    Ok(front)
}

/// The number of columns.
fn check_schema(schema: SchemaRef<'_>) -> Result<u64, Unread> {
    if schema.endianness().map_err(broken)? != Endianness::Little {
        return Err(damaged("its numbers are big-endian"));
    }
    let fields = schema.fields().map_err(broken)?;
    let mut columns = 0;
    for field in fields.into_iter().flatten() {
        let field = field.map_err(broken)?;
        if columns >= FIELDS.len() as u64 {
            return Err(damaged("it has more columns than an event has fields"));
        }
        columns += 1;
        let name = quoted(field.name().map_err(broken)?.unwrap_or_default().as_bytes());
        if field.dictionary().map_err(broken)?.is_some() {
            return Err(dictionary());
        }
        if field.children().map_err(broken)?.is_some_and(|children| !children.is_empty()) {
            return Err(damaged(format!("column {name} is nested")));
        }
        use TypeRef as T;
        let flat = [field.type_().map_err(broken)?].into_iter().flatten().all(|kind| {
            matches!(
                kind,
                T::Null(_)
                    | T::Int(_)
                    | T::FloatingPoint(_)
                    | T::Utf8(_)
                    | T::LargeUtf8(_)
                    | T::Utf8View(_)
                    | T::Timestamp(_)
                    | T::Date(_)
            )
        });
        if !flat {
            let what = "is of a type that no field has; numbers, texts and timestamps are read";
            return Err(damaged(format!("column {name} {what}")));
        }
    }
    Ok(columns)
}

/// The number of rows.
fn check_batch(batch: RecordBatchRef<'_>, body: u64, columns: u64) -> Result<u64, Unread> {
    if batch.compression().map_err(broken)?.is_some() {
        let what = "its buffers are compressed; write them plain and compress the body with gzip";
        return Err(damaged(what));
    }
    let whole = |number: i64| u64::try_from(number).map_err(|_| damaged("a length is negative"));
    let rows = whole(batch.length().map_err(broken)?)?;
    let mut nodes = 0;
    for node in batch.nodes().map_err(broken)?.into_iter().flatten() {
        nodes += 1;
        if whole(node.length())? != rows || whole(node.null_count())? > rows {
            return Err(damaged("a column is longer or shorter than its batch"));
        }
    }
    if nodes != columns {
        return Err(damaged("a batch has more or fewer columns than the schema"));
    }
    let (mut buffers, mut held) = (0_u64, 0_u64);
    for buffer in batch.buffers().map_err(broken)?.into_iter().flatten() {
        buffers += 1;
        let (offset, length) = (whole(buffer.offset())?, whole(buffer.length())?);
        held = held.saturating_add(length);
        if offset.saturating_add(length) > body || held > body {
            return Err(damaged("a column reaches beyond its batch"));
        }
    }
    for count in batch.variadic_buffer_counts().map_err(broken)?.into_iter().flatten() {
        if whole(count)? > buffers {
            return Err(damaged("a column has more buffers than its batch"));
        }
    }
    Ok(rows)
}

fn dictionary() -> Unread {
    damaged("a column is dictionary-encoded; write its values out as plain text")
}

fn cut_off() -> Unread {
    damaged("it ends inside a frame")
}

fn broken(error: planus::Error) -> Unread {
    damaged(format!("a frame's head is broken ({error})"))
}

/// The refusal of a stream.
pub fn damaged(what: impl std::fmt::Display) -> Unread {
    Unread::Body(format!("the Arrow stream cannot be read: {what}"))
}
