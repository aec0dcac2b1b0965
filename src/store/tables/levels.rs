//! `bars_levels`: flow and depth of each level of the book, a row a bar and level; `ofi_weights`: the weights of the
//! integrated flow, a row a window and level.

use polars::prelude::*;

use super::columns::{repeat, seconds, sizes, stamps};
use crate::flow::{Bar, LevelFlow};
use crate::impact::LevelFit;
use crate::tape::{NANOS_PER_SECOND, Nanos, Scale, Symbol};

/// The bars of one width, those of the best quotes and those of each deeper level, as rows of `bars_levels`.
///
/// # Errors
/// When polars refuses the columns.
pub fn bars_levels(
    symbol: &Symbol,
    width: i64,
    scale: Scale,
    (best, deeper): (&[Bar], &[Vec<Bar>]),
) -> PolarsResult<DataFrame> {
    let of = |index: usize| {
        let behind = deeper.iter().filter_map(move |level| level.get(index));
        (1_i64..).zip(best.get(index).into_iter().chain(behind))
    };
    let rows: Vec<(i64, &Bar)> = (0..best.len()).flat_map(of).collect();
    let levels: Vec<i64> = rows.iter().map(|(level, _)| *level).collect();
    let depth: Vec<Option<f64>> = rows.iter().map(|(_, bar)| bar.depth_mean_shares()).collect();
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            seconds("bar_seconds", width, rows.len()),
            stamps("ts_start", rows.iter().map(|(_, bar)| bar.start)),
            Column::new("level".into(), levels),
            sizes("ofi_shares", scale, rows.iter().map(|(_, bar)| bar.ofi)),
            Column::new("depth_mean_shares".into(), depth),
        ],
    )
}

/// The flows of a bar, level by level.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelRow {
    /// When the bar begins.
    pub start: Nanos,
    /// Its levels, the best first.
    pub levels: Vec<LevelFlow>,
}

/// The bars of one width among rows of `bars_levels`, in their order.
///
/// # Errors
/// When a column is missing or of another type.
pub fn read_levels(rows: &DataFrame, width: i64) -> PolarsResult<Vec<LevelRow>> {
    let bar_seconds = width as f64 / NANOS_PER_SECOND as f64;
    let rows = rows.filter(&rows.column("bar_seconds")?.f64()?.equal(bar_seconds))?;
    let starts = rows.column("ts_start")?.datetime()?.physical();
    let ofi = rows.column("ofi_shares")?.cast(&DataType::Float64)?;
    let (ofi, depth) = (ofi.f64()?, rows.column("depth_mean_shares")?.f64()?);
    let mut all: Vec<LevelRow> = Vec::new();
    for at in 0..rows.height() {
        let start = Nanos(starts.get(at).unwrap_or_default());
        let flow = LevelFlow { ofi: ofi.get(at).unwrap_or_default(), depth: depth.get(at) };
        match all.last_mut().filter(|row| row.start == start) {
            Some(row) => row.levels.push(flow),
            None => all.push(LevelRow { start, levels: vec![flow] }),
        }
    }
    Ok(all)
}

/// The weights of integrated fits as rows of `ofi_weights`.
///
/// # Errors
/// When polars refuses the columns.
pub fn ofi_weights(symbol: &Symbol, width: i64, fits: &[LevelFit]) -> PolarsResult<DataFrame> {
    let of = |fit| Some((fit, fit_weights(fit)?));
    let rows: Vec<(&LevelFit, (i64, f64, f64))> =
        fits.iter().filter_map(of).flat_map(|(fit, weights)| weights.map(move |row| (fit, row))).collect();
    let whole = |name: &str, values: Vec<i64>| Column::new(name.into(), values);
    let real = |name: &str, values: Vec<f64>| Column::new(name.into(), values);
    let windows: Vec<&str> = rows.iter().map(|(fit, _)| fit.window.name()).collect();
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            seconds("bar_seconds", width, rows.len()),
            Column::new("window".into(), windows),
            stamps("window_start", rows.iter().map(|(fit, _)| fit.start)),
            stamps("window_end", rows.iter().map(|(fit, _)| fit.end)),
            whole("level", rows.iter().map(|(_, row)| row.0).collect()),
            real("weight", rows.iter().map(|(_, row)| row.1).collect()),
            real("explained_share", rows.iter().map(|(_, row)| row.2).collect()),
            whole("n", rows.iter().map(|(fit, _)| fit.regression.n as i64).collect()),
        ],
    )
}

/// Level, weight and explained share, level by level.
fn fit_weights(fit: &LevelFit) -> Option<impl Iterator<Item = (i64, f64, f64)>> {
    let principal = fit.principal.as_ref()?;
    let weights = (1_i64..).zip(&principal.weights);
    Some(weights.map(|(level, weight)| (level, *weight, principal.explained_share)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_written_bar_by_bar_and_read_back() {
        let bar = |start: i64, ofi: i128, depth: i64| Bar {
            start: Nanos(start),
            ofi,
            depth_time: i128::from(2 * depth),
            usable_time: i64::from(depth > 0),
            ..Bar::default()
        };
        let (best, deeper) = ([bar(0, 5, 100), bar(10, -7, 50)], [vec![bar(0, 3, 200), bar(10, 4, 0)]]);
        let rows = bars_levels(&Symbol::new("AMZN"), 10, Scale::WHOLE, (&best, &deeper)).expect("rows");
        let flow = |ofi, depth| LevelFlow { ofi, depth };
        let expected = [
            LevelRow { start: Nanos(0), levels: vec![flow(5.0, Some(100.0)), flow(3.0, Some(200.0))] },
            LevelRow { start: Nanos(10), levels: vec![flow(-7.0, Some(50.0)), flow(4.0, None)] },
        ];
        assert_eq!(read_levels(&rows, 10).expect("read"), expected);
        assert!(read_levels(&rows, 20).expect("read").is_empty());
    }
}
