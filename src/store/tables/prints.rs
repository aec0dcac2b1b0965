//! `prints`: how much of a symbol's day is not ordinary trading, a row a kind of print.

use polars::prelude::*;

use super::columns::{repeat, sizes};
use crate::clean::{Halts, Kind, Kinds, Prints, Tally};
use crate::tape::{NANOS_PER_SECOND, Scale, Symbol};

/// Rows of `prints`: all, those of no kind, then every kind. A print of several kinds is in each of them, so that the
/// kinds do not add up to all; `excluded` are those that were left out of everything else.
///
/// # Errors
/// When polars refuses the columns.
pub fn prints(
    symbol: &Symbol,
    scale: Scale,
    (prints, halts): (&Prints, &Halts),
    excluded: Kinds,
) -> PolarsResult<DataFrame> {
    let fixed = [("all", &prints.all, false), ("ordinary", &prints.ordinary, false)];
    let kinds = Kind::ALL.iter().map(|kind| (kind.code(), prints.of(*kind), excluded.has(*kind)));
    let rows: Vec<(&str, &Tally, bool)> = fixed.into_iter().chain(kinds).collect();
    let real = |name: &str, of: &dyn Fn(&Tally) -> Option<f64>| {
        Column::new(name.into(), rows.iter().map(|(_, tally, _)| of(tally)).collect::<Vec<_>>())
    };
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let of_halts = |name: &str, value: f64| {
        let only = |code: &str| (code == Kind::Halted.code()).then_some(value);
        Column::new(name.into(), rows.iter().map(|(code, ..)| only(code)).collect::<Vec<_>>())
    };
    let all = &prints.all;
    DataFrame::new(
        rows.len(),
        vec![
            repeat("symbol", symbol.as_str(), rows.len()),
            Column::new("kind".into(), rows.iter().map(|(code, ..)| *code).collect::<Vec<_>>()),
            Column::new("prints".into(), rows.iter().map(|(_, t, _)| t.prints as i64).collect::<Vec<_>>()),
            sizes("shares", scale, rows.iter().map(|(_, tally, _)| tally.units)),
            real("dollars", &|tally| Some(dollars(scale, tally))),
            real("share_of_prints", &|tally| share(tally.prints as f64, all.prints as f64)),
            real("share_of_shares", &|tally| share(tally.units as f64, all.units as f64)),
            real("share_of_dollars", &|tally| share(tally.value as f64, all.value as f64)),
            Column::new("excluded".into(), rows.iter().map(|(.., excluded)| *excluded).collect::<Vec<_>>()),
            of_halts("halts", halts.count() as f64),
            of_halts("halted_seconds", halts.nanos() as f64 / NANOS_PER_SECOND as f64),
            of_halts("halted_quotes", halts.quotes() as f64),
        ],
    )
}

fn dollars(scale: Scale, tally: &Tally) -> f64 {
    scale.shares(tally.value) / 1e9
}
