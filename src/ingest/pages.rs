//! A Parquet file's footer and the heads of its pages, looked at before any of them is decoded.
//!
//! A decoder believes the counts and lengths that a file states, and sets memory aside for them: a few hostile bytes
//! would end the process, past any handler of panics. So the footer is read within a bound first, then the head of each
//! page, and a file is refused whose pages do not fit their column, or whose columns do not fit the file.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{ColumnMetaData, FieldRepetitionType, FileMetaData, PageHeader, SchemaElement};

use crate::limits::{PARQUET_FOOTER_MAX_BYTES, PARQUET_PAGE_MAX_BYTES};

/// Looks at the footer and at every page of every column.
///
/// # Errors
/// A phrase about the first thing in it that no sound file has.
pub fn check<R: Read + Seek>(file: R) -> Result<(), String> {
    let mut file = BufReader::new(file);
    let length = file.seek(SeekFrom::End(0)).map_err(|e| e.to_string())?;
    let footer = footer(&mut file, length)?;
    let flat = flat_leaves(&footer.schema)?;
    for group in &footer.row_groups {
        if group.columns.len() != flat.len() || group.num_rows < 0 {
            let (columns, rows) = (group.columns.len(), group.num_rows);
            return Err(format!("a row group has {columns} columns of {} and {rows} rows", flat.len()));
        }
        for (chunk, is_flat) in group.columns.iter().zip(&flat) {
            let column = chunk.meta_data.as_ref().ok_or("a column has no metadata")?;
            if column.num_values < 0 || *is_flat && column.num_values != group.num_rows {
                return Err(format!(
                    "a column states {} values in {} rows",
                    column.num_values, group.num_rows
                ));
            }
            check_column(&mut file, place(column, length)?, column.num_values)?;
        }
    }
    let rows = footer.row_groups.iter().try_fold(0_i64, |sum, group| sum.checked_add(group.num_rows));
    if rows == Some(footer.num_rows) { Ok(()) } else { Err("its rows do not add up".to_owned()) }
}

/// The footer, whose lists may state no more elements than its bytes can hold.
fn footer<R: Read + Seek>(file: &mut R, length: u64) -> Result<FileMetaData, String> {
    let io = |e: std::io::Error| e.to_string();
    let mut tail = [0; 8];
    let end = length.checked_sub(8).ok_or("it is too short")?;
    file.seek(SeekFrom::Start(end)).map_err(io)?;
    file.read_exact(&mut tail).map_err(io)?;
    let bytes = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    let start = end.checked_sub(bytes).filter(|_| bytes <= PARQUET_FOOTER_MAX_BYTES as u64);
    let start = start.ok_or_else(|| format!("its footer states {bytes} bytes"))?;
    file.seek(SeekFrom::Start(start)).map_err(io)?;
    // An element of a list is counted as eight bytes, and takes two or more in the file.
    let bound = 4 * bytes as usize + 1024;
    FileMetaData::read_from_in_protocol(&mut TCompactInputProtocol::new(file.take(bytes), bound))
        .map_err(|e| format!("its footer cannot be read: {e}"))
}

/// For each column in order, whether it has one value, or none, in each row.
fn flat_leaves(schema: &[SchemaElement]) -> Result<Vec<bool>, String> {
    // The groups that are open: children still to come, and whether nothing on the way repeats.
    let mut open = vec![(1_i64, true)];
    let mut leaves = Vec::new();
    for element in schema {
        while open.last().is_some_and(|(left, _)| *left == 0) {
            open.pop();
        }
        let is_below_root = open.len() > 1;
        let (left, is_flat) = open.last_mut().ok_or("its schema has more than one root")?;
        *left -= 1;
        // What the root states of itself counts for nothing.
        let repeats = element.repetition_type == Some(FieldRepetitionType::REPEATED);
        let is_flat = *is_flat && !(repeats && is_below_root);
        match element.num_children {
            Some(children) if children > 0 => open.push((i64::from(children), is_flat)),
            _ => leaves.push(is_flat),
        }
    }
    if open.iter().any(|(left, _)| *left != 0) {
        return Err("its schema is not whole".to_owned());
    }
    Ok(leaves)
}

/// Where a column lies, its dictionary first.
fn place(column: &ColumnMetaData, length: u64) -> Result<Range<u64>, String> {
    let start = column.dictionary_page_offset.filter(|at| *at > 0).unwrap_or(column.data_page_offset);
    let end = start.checked_add(column.total_compressed_size);
    let range = u64::try_from(start).ok().zip(end.and_then(|end| u64::try_from(end).ok()));
    let range = range.filter(|(start, end)| start <= end && *end <= length);
    range.map(|(start, end)| start..end).ok_or_else(|| "a column does not lie within the file".to_owned())
}

fn check_column<R: Read + Seek>(file: &mut R, place: Range<u64>, values: i64) -> Result<(), String> {
    let (mut at, mut seen) = (place.start, 0);
    while seen < values {
        file.seek(SeekFrom::Start(at)).map_err(|e| e.to_string())?;
        let mut rest = file.by_ref().take(place.end - at);
        let room = rest.limit();
        let bound = usize::try_from(room).unwrap_or(usize::MAX).min(PARQUET_FOOTER_MAX_BYTES);
        let head = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut rest, bound));
        let head = head.map_err(|e| format!("a page has no head: {e}"))?;
        let packed = length_of(head.compressed_page_size)?;
        let told = values_of(&head)?;
        if packed > rest.limit() || told > values - seen {
            return Err("a page states more than its column holds".to_owned());
        }
        at += room - rest.limit() + packed;
        seen += told;
    }
    Ok(())
}

/// The values of a page that count for its column; none of a dictionary.
fn values_of(head: &PageHeader) -> Result<i64, String> {
    let unpacked = length_of(head.uncompressed_page_size)?;
    if let Some(page) = &head.dictionary_page_header {
        // A value takes a byte at least.
        let fits = count(page.num_values)?.unsigned_abs() <= unpacked;
        return if fits { Ok(0) } else { Err("a dictionary states more values than bytes".to_owned()) };
    }
    if let Some(page) = &head.data_page_header_v2 {
        let levels =
            length_of(page.definition_levels_byte_length)? + length_of(page.repetition_levels_byte_length)?;
        let told = count(page.num_values)?;
        let fits = count(page.num_nulls)? <= told && count(page.num_rows)? <= told;
        if levels > unpacked || levels > length_of(head.compressed_page_size)? || !fits {
            return Err("a page's levels do not fit it".to_owned());
        }
        return Ok(told);
    }
    head.data_page_header.as_ref().map_or(Ok(0), |page| count(page.num_values))
}

fn count(stated: i32) -> Result<i64, String> {
    if stated < 0 { Err(format!("a page states {stated} values")) } else { Ok(i64::from(stated)) }
}

fn length_of(stated: i32) -> Result<u64, String> {
    let bytes = u64::try_from(stated).ok().filter(|bytes| *bytes <= PARQUET_PAGE_MAX_BYTES as u64);
    bytes.ok_or_else(|| format!("a page states {stated} bytes, of at most {PARQUET_PAGE_MAX_BYTES}"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use polars::prelude::*;
    use proptest::prelude::*;

    use super::*;

    fn file(rows: i64) -> Vec<u8> {
        let names: Vec<Option<&str>> = (0..rows).map(|n| (n % 3 > 0).then_some("IBM")).collect();
        let numbers: Vec<i64> = (0..rows).collect();
        let columns = vec![Column::new("symbol".into(), names), Column::new("size".into(), numbers)];
        let mut frame = DataFrame::new(rows as usize, columns).expect("a frame");
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).with_row_group_size(Some(1_000)).finish(&mut frame).expect("written");
        bytes
    }

    #[test]
    fn sound_files_pass_and_cut_ones_do_not() {
        for rows in [0, 1, 999, 2_500] {
            assert_eq!(check(Cursor::new(file(rows))), Ok(()));
        }
        let whole = file(10);
        assert!((0..whole.len()).all(|end| check(Cursor::new(&whole[..end])).is_err()));
    }

    #[test]
    fn a_page_that_states_more_or_less_than_nothing_is_refused() {
        let page = |values| PageHeader {
            type_: polars_parquet_format::PageType::DATA_PAGE,
            uncompressed_page_size: 8,
            compressed_page_size: 8,
            crc: None,
            data_page_header: Some(polars_parquet_format::DataPageHeader {
                num_values: values,
                encoding: polars_parquet_format::Encoding::PLAIN,
                definition_level_encoding: polars_parquet_format::Encoding::RLE,
                repetition_level_encoding: polars_parquet_format::Encoding::RLE,
                statistics: None,
            }),
            index_page_header: None,
            dictionary_page_header: None,
            data_page_header_v2: None,
        };
        assert_eq!(values_of(&page(1)), Ok(1));
        assert_eq!(values_of(&page(-1)), Err("a page states -1 values".to_owned()));
        let long = PageHeader { uncompressed_page_size: i32::MAX, ..page(1) };
        assert!(values_of(&long).is_err());
    }

    proptest! {
        #[test]
        fn broken_bytes_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = file(20);
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
            let _ = check(Cursor::new(bytes));
        }
    }
}
