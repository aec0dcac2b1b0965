//! Inputs to units of work: which files belong together, and whether anything is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::unit::file_name;
use super::{BatchError, Request};
use crate::clean::{Nbbo, Profile};
use crate::ingest::{self, DBN_SCHEMAS_READ, Format, Input, Kind};
use crate::sign::{Layers, Rule};
use crate::store::{Manifest, UnitRecord};
use crate::tape::{Scale, hex};

/// Files that are read together: all of one date, or all files whose rows carry their dates.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The date, where file names tell it.
    pub date: Option<NaiveDate>,
    /// Its files.
    pub inputs: Vec<Input>,
}

/// What a batch will do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The work, by date.
    pub units: Vec<Unit>,
    /// The cleaning profile: the one asked for, or the formats' own.
    pub profile: Profile,
    /// Which sign counts: the one asked for, or the formats' own.
    pub sign: Layers,
    /// What a unit of all inputs' sizes is.
    pub scale: Scale,
}

/// Looks into every input and groups them.
///
/// # Errors
/// When an input cannot be read, is given twice, lacks its counterpart, or the formats disagree on how to clean or
/// to sign.
pub fn plan(request: &Request) -> Result<Plan, BatchError> {
    let mut inputs = Vec::new();
    let mut seen = BTreeSet::new();
    for path in &request.inputs {
        let input = inspect(request, path)?;
        if !seen.insert(whole(path)) {
            return Err(BatchError::Plan(format!("{}: is given twice; name it once", path.display())));
        }
        inputs.push(input);
    }
    read_books_from_messages(&mut inputs)?;
    let profile = profile(request, &inputs)?;
    let sign = sign(request, &inputs)?;
    let scale = scale(&inputs)?;
    request.buckets.check(scale).map_err(|error| BatchError::Plan(error.to_string()))?;
    let dated = inputs.iter().all(|input| input.reading.date.is_some());
    let mut by_date: BTreeMap<Option<NaiveDate>, Vec<Input>> = BTreeMap::new();
    for input in inputs {
        let date = input.reading.date.filter(|_| dated);
        let wanted = input.reading.date.is_none_or(|d| request.dates.contains(&d));
        let symbol_wanted =
            request.symbols.is_empty() || input.symbol.as_ref().is_none_or(|s| request.symbols.contains(s));
        if wanted && symbol_wanted {
            by_date.entry(date).or_default().push(input);
        }
    }
    let units: Vec<Unit> = by_date.into_iter().map(|(date, inputs)| Unit { date, inputs }).collect();
    if units.is_empty() {
        let what = "no input is left after --symbols, --from and --to; widen them";
        return Err(BatchError::Plan(what.into()));
    }
    units.iter().try_for_each(Unit::check_stamps)?;
    units.iter().try_for_each(Unit::check_ticks)?;
    units.iter().try_for_each(|unit| unit.check_trades(request))?;
    if !request.ticks {
        // Ticks may be kept of either kind alone.
        units.iter().try_for_each(|unit| unit.check_pairs(request.nbbo))?;
    }
    Ok(Plan { units, profile, sign, scale })
}

/// Looks into one input, and adds what the request says of it.
fn inspect(request: &Request, path: &Path) -> Result<Input, BatchError> {
    let mut input = ingest::inspect(path, request.format, &request.map, request.quote_lot)?;
    if let Some(decimals) = request.size_decimals {
        input = input.with_size_decimals(decimals)?;
    }
    if let Some(clock) = request.clock {
        input = input.with_clock(clock)?;
    }
    if input.reading.format == Format::Parquet && input.reading.market != request.calendar.market() {
        // Its folder names another calendar's date.
        input.reading.date = None;
    }
    Ok(input)
}

/// What all inputs' sizes are in: what is added up must be of one kind.
fn scale(inputs: &[Input]) -> Result<Scale, BatchError> {
    let mut all = inputs.iter().map(|input| (input, input.reading.scale));
    let Some((_, first)) = all.next() else { return Ok(Scale::WHOLE) };
    match all.find(|(_, scale)| *scale != first) {
        None => Ok(first),
        Some((other, scale)) => Err(BatchError::Plan(format!(
            "{}: its sizes have {} decimals and those of {} have {}; run a batch for each, or say --size-decimals of \
             csv and parquet files",
            other.path.display(),
            scale.decimals(),
            inputs[0].path.display(),
            first.decimals()
        ))),
    }
}

/// A LOBSTER message file whose orderbook is not among the inputs gives quotes too, where its messages tell all.
fn read_books_from_messages(inputs: &mut [Input]) -> Result<(), BatchError> {
    let books: Vec<PathBuf> = inputs.iter().filter_map(|i| i.stamps_from.as_deref().map(whole)).collect();
    for input in inputs {
        let is_message = input.reading.format == Format::Lobster && input.kind == Kind::Trades;
        if is_message && !books.contains(&whole(&input.path)) && ingest::messages_tell_all(&input.path)? {
            (input.kind, input.has_levels) = (Kind::Ticks, true);
        }
    }
    Ok(())
}

/// A path by which a file is known, however it is named.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn profile(request: &Request, inputs: &[Input]) -> Result<Profile, BatchError> {
    let own = |format| match format {
        Format::NyseTaq | Format::WrdsTaq => Profile::HoldenJacobsen,
        Format::Lean
        | Format::Lobster
        | Format::Itch
        | Format::Dbn
        | Format::Binance
        | Format::BinanceVision
        | Format::Csv
        | Format::Parquet => Profile::None,
    };
    let differ = "the inputs' formats are cleaned by different rules; name one set with --clean";
    named_or_own(request.profile, inputs, own, differ)
}

fn sign(request: &Request, inputs: &[Input]) -> Result<Layers, BatchError> {
    // No rule guesses better than a feed that tells.
    let own = |format| Layers::from(if tells_aggressor(format) { Rule::Known } else { Rule::LeeReady });
    let differ = "lobster, itch, dbn, binance and binance-vision files tell the aggressor and other inputs do not, so \
                  they are signed by different rules; name one with --sign, or run a batch for each";
    named_or_own(request.sign, inputs, own, differ)
}

/// Whether a format's trades say who began them: those of orders know whose was resting, DBN names the side.
fn tells_aggressor(format: Format) -> bool {
    matches!(format, Format::Lobster | Format::Itch | Format::Dbn | Format::Binance | Format::BinanceVision)
}

/// What was asked for, or what all inputs' formats have as their own.
fn named_or_own<T: Copy + Default + PartialEq>(
    named: Option<T>,
    inputs: &[Input],
    own: impl Fn(Format) -> T,
    differ: &str,
) -> Result<T, BatchError> {
    let mut all = inputs.iter().map(|input| own(input.reading.origin));
    let first = all.next().unwrap_or_default();
    match named {
        Some(named) => Ok(named),
        None if all.all(|other| other == first) => Ok(first),
        None => Err(BatchError::Plan(differ.into())),
    }
}

impl Plan {
    /// Refuses fractional sizes where something is made of whole shares.
    ///
    /// # Errors
    /// Naming what is.
    pub fn check_whole(&self, what: &str) -> Result<(), BatchError> {
        if self.scale.is_whole() {
            return Ok(());
        }
        let decimals = self.scale.decimals();
        Err(BatchError::Plan(format!(
            "{what} of whole shares, and the sizes of these inputs have {decimals} decimals"
        )))
    }

    /// What a user should know before believing the results.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let alone = |unit: &&Unit| {
            let has = |kind| unit.inputs.iter().any(|input| input.kind == kind);
            has(Kind::Nbbo) && !has(Kind::VenueQuotes)
        };
        let when = |unit: &Unit| unit.date.map_or_else(String::new, |date| format!("{date}: "));
        let warn = |unit: &Unit| {
            format!(
                "{}the NBBO file alone misses changes that stand only in the quote files of all venues; \
                 name those too for the complete NBBO",
                when(unit)
            )
        };
        self.units.iter().filter(alone).map(warn).collect()
    }

    /// What a manifest says of this work.
    pub fn made<'m>(&self, manifest: &'m Manifest) -> impl Iterator<Item = &'m UnitRecord> {
        self.units.iter().filter_map(|unit| unit.made(manifest))
    }
}

impl Unit {
    /// Its name in staging folders: what decides its result, short of reading the bytes.
    #[must_use]
    pub fn id(&self, parameters: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(parameters);
        for input in &self.inputs {
            let meta = std::fs::metadata(&input.path);
            let changed = meta.and_then(|m| m.modified()).ok();
            hash.update(format!("{:?} {} {changed:?}\n", input.path, input.bytes));
        }
        hex(&hash.finalize()[..8])
    }

    /// The format by whose rules its rows are read, where it is the same for all.
    #[must_use]
    pub fn origin(&self) -> Option<Format> {
        let mut all = self.inputs.iter().map(|input| input.reading.origin);
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// What a manifest says of a unit of files with the same names and lengths.
    #[must_use]
    pub fn made<'m>(&self, manifest: &'m Manifest) -> Option<&'m UnitRecord> {
        let asked: BTreeSet<(String, u64)> =
            self.inputs.iter().map(|input| (file_name(&input.path), input.bytes)).collect();
        let same = |made: &&UnitRecord| {
            asked == made.inputs.iter().map(|input| (input.name.clone(), input.bytes)).collect()
        };
        manifest.units.iter().find(same)
    }

    /// Whose quotes are national is told, or can be made.
    fn check_national(&self, nbbo: Nbbo) -> Result<(), BatchError> {
        let of = |kind| self.inputs.iter().find(|input| input.kind == kind).map(|input| input.path.display());
        let what = match (nbbo, of(Kind::VenueQuotes), of(Kind::Nbbo)) {
            (Nbbo::Tape, Some(venues), None) => format!(
                "{venues}: holds each venue's own quotes, and no NBBO file goes with it; name that file too, or have \
                 the NBBO made with --nbbo venues"
            ),
            (Nbbo::Venues, None, Some(national)) => format!(
                "{national}: holds the NBBO, which --nbbo venues makes of each venue's own quotes; name their file, or \
                 leave the option out"
            ),
            _ => return Ok(()),
        };
        Err(BatchError::Plan(what))
    }

    fn check_pairs(&self, nbbo: Nbbo) -> Result<(), BatchError> {
        self.check_national(nbbo)?;
        // Lean's, LOBSTER's and Binance's public files hold one symbol each; all others are matched within the date.
        let mut sets: BTreeMap<Option<&str>, (Vec<&PathBuf>, Vec<&PathBuf>)> = BTreeMap::new();
        for input in &self.inputs {
            let set = sets.entry(input.symbol.as_deref()).or_default();
            if matches!(input.kind, Kind::Trades | Kind::Ticks) {
                set.0.push(&input.path);
            }
            if !matches!(input.kind, Kind::Trades | Kind::NoTicks) {
                set.1.push(&input.path);
            }
        }
        for (symbol, (trades, quotes)) in sets {
            let (there, missing) = match (trades.first(), quotes.first()) {
                // There is a trade imbalance without any quote.
                (Some(_), None) if self.inputs.iter().all(|i| tells_aggressor(i.reading.origin)) => continue,
                (None, Some(there)) => (there, "trade"),
                (Some(there), None) => (there, "quote"),
                _ => continue,
            };
            let whose = symbol.map(|s| format!("{s} ")).unwrap_or_default();
            let when = self.date.map(|d| format!("of {d} ")).unwrap_or_default();
            return Err(BatchError::Plan(format!(
                "{}: no {whose}{missing} file {when}goes with it; name that file too",
                there.display()
            )));
        }
        Ok(())
    }

    /// There is something to read.
    fn check_ticks(&self) -> Result<(), BatchError> {
        match self.inputs.first() {
            Some(first) if self.inputs.iter().all(|input| input.kind == Kind::NoTicks) => {
                let path = first.path.display();
                let what = format!(
                    "{path}: holds neither trades nor quotes, nor does any file that goes with it; {DBN_SCHEMAS_READ}"
                );
                Err(BatchError::Plan(what))
            }
            _ => Ok(()),
        }
    }

    /// No two files tell the same trades: each would count twice.
    fn check_trades(&self, request: &Request) -> Result<(), BatchError> {
        let told: Vec<_> = self.inputs.iter().filter_map(|i| Some((&i.path, i.trades.as_ref()?))).collect();
        for (at, (path, trades)) in told.iter().enumerate() {
            for (other, more) in &told[..at] {
                let Some(symbol) = trades.shared(more, &request.symbols) else { continue };
                return Err(BatchError::Plan(format!(
                    "{}: tells the trades of {symbol} that {} tells too, and each would count twice; leave one of the \
                     two out, that of trades where the other has the quotes",
                    path.display(),
                    other.display()
                )));
            }
        }
        Ok(())
    }

    /// A file whose rows take their times from another is only read together with that: what results depend on
    /// are the bytes of named inputs, and nothing else.
    fn check_stamps(&self) -> Result<(), BatchError> {
        for input in &self.inputs {
            let Some(stamps) = &input.stamps_from else { continue };
            if !self.inputs.iter().any(|other| whole(&other.path) == whole(stamps)) {
                return Err(BatchError::Plan(format!(
                    "{}: takes its times from {}, which is not among the inputs; name that file too",
                    input.path.display(),
                    stamps.display()
                )));
            }
        }
        Ok(())
    }
}
