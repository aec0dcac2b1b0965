//! The way back from a manifest's parameters to a request: so that live tape joins a folder's results in their own way.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use clap::ValueEnum;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{BatchError, Request};
use crate::clean::{Kinds, Nbbo};
use crate::estimators::Measures;
use crate::flow::{Bucketings, Widths};
use crate::ingest::OnBadRow;
use crate::liquidity::Horizons;
use crate::sign::Layers;
use crate::store::Manifest;
use crate::tape::{Calendar, Market};

/// Names of settings that were stated otherwise than the folder has them.
#[derive(Default)]
struct Differing(Vec<&'static str>);

impl Differing {
    /// What nobody stated gives way to the folder's.
    fn settle<T: PartialEq>(&mut self, name: &'static str, ours: &mut T, usual: &T, theirs: Option<T>) {
        match theirs {
            Some(theirs) if *ours == *usual || *ours == theirs => *ours = theirs,
            _ => self.0.push(name),
        }
    }
}

impl Request {
    /// Takes over how the results in a folder were made, wherever this request leaves it open.
    ///
    /// # Errors
    /// When the request states something else than the folder has, naming it.
    pub fn take_over(&mut self, manifest: &Manifest) -> Result<(), BatchError> {
        let theirs = &manifest.parameters;
        let folder = self.out.display().to_string();
        let refuse = |what: String| Err(BatchError::Plan(format!("{folder}: {what}")));
        if theirs.contains_key("ticks") {
            return refuse(
                "holds converted ticks, not results; run a batch over them, or choose another folder".into(),
            );
        }
        if theirs.contains_key("features") {
            return refuse("holds features, which live tape does not add to; choose another folder".into());
        }
        if theirs.contains_key("size_decimals") {
            return refuse(
                "holds results of fractional sizes, which live tape does not add to; choose another folder"
                    .into(),
            );
        }
        if let (Some(model), None) = (theirs.get("fraud_model"), &self.surveillance) {
            let named = model.get("name").and_then(Value::as_str).unwrap_or("?");
            return refuse(format!(
                "its results were scored by the model {named}; name it for surveillance too, or choose another folder"
            ));
        }
        let differing = self.settle_all(theirs)?;
        if !differing.0.is_empty() {
            return refuse(format!(
                "holds results made with other settings ({}); leave those out, and the folder's are used, or choose \
                 another folder",
                differing.0.join(", ")
            ));
        }
        let now = self.parameters(&self.live_plan());
        if now != *theirs {
            let message = super::up_to_date::different_parameters(&self.out, manifest, &now);
            return Err(BatchError::Plan(message));
        }
        Ok(())
    }

    fn settle_all(&mut self, theirs: &BTreeMap<String, Value>) -> Result<Differing, BatchError> {
        let usual = Self::new(Vec::new(), self.out.clone()).map_err(|e| BatchError::Plan(e.to_string()))?;
        let mut differing = Differing::default();
        let of = |name: &'static str| (name, theirs.get(name).cloned().unwrap_or_default());
        let named = |(name, value): (&'static str, Value)| (name, value.as_str().map(str::to_owned));
        let (name, widths) = of("bar_nanoseconds");
        let widths = read::<Vec<i64>>(&widths).and_then(|all| Widths::new(all).ok());
        differing.settle(name, &mut self.widths, &usual.widths, widths);
        let (name, horizons) = of("horizon_nanoseconds");
        let horizons = read::<Vec<i64>>(&horizons).and_then(|all| Horizons::new(all).ok());
        differing.settle(name, &mut self.horizons, &usual.horizons, horizons);
        let market = read::<Option<Market>>(&of("calendar").1).map(Option::unwrap_or_default);
        let (name, hours) = named(of("session"));
        let calendar = market.zip(hours).and_then(|(market, text)| Calendar::of(market).narrowed(&text).ok());
        differing.settle(name, &mut self.calendar, &usual.calendar, calendar);
        let (name, profile) = named(of("clean"));
        differing.settle(name, &mut self.profile, &usual.profile, chosen(profile).map(Some));
        let (name, sign) = named(of("sign"));
        let sign = sign.and_then(|text| Layers::parse(&text).ok());
        differing.settle(name, &mut self.sign, &usual.sign, sign.map(Some));
        let (name, matching) = named(of("match"));
        differing.settle(name, &mut self.matching, &usual.matching, chosen(matching));
        let (name, measures) = named(of("measures"));
        let measures = measures.map_or(Some(Measures::Spot), |named| chosen(Some(named)));
        differing.settle(name, &mut self.measures, &usual.measures, measures);
        let (name, buckets) = of("buckets");
        let buckets = if buckets.is_null() { Some(Bucketings::default()) } else { read(&buckets) };
        differing.settle(name, &mut self.buckets, &usual.buckets, buckets);
        let (name, excluded) = of("excluded_prints");
        let excluded = if excluded.is_null() { Some(Kinds::default()) } else { read(&excluded) };
        differing.settle(name, &mut self.excluded, &usual.excluded, excluded);
        let (name, nbbo) = named(of("nbbo"));
        let nbbo = nbbo.map_or(Some(Nbbo::Tape), |named| chosen(Some(named)));
        differing.settle(name, &mut self.nbbo, &usual.nbbo, nbbo);
        let (name, levels) = of("levels");
        let levels = if levels.is_null() { Some(1) } else { read(&levels) };
        differing.settle(name, &mut self.levels, &usual.levels, levels);
        let (name, bad) = named(of("on_bad_row"));
        differing.settle(name, &mut self.on_bad_row, &usual.on_bad_row, chosen::<OnBadRow>(bad));
        let (name, dates) = of("dates");
        differing.settle(name, &mut self.dates, &usual.dates, range(&dates));
        let (name, symbols) = of("symbols");
        differing.settle(name, &mut self.symbols, &usual.symbols, read::<BTreeSet<String>>(&symbols));
        macro_rules! plain {
            ($($name:literal => $field:ident),* $(,)?) => {$(
                let (name, value) = of($name);
                differing.settle(name, &mut self.$field, &usual.$field, read(&value));
            )*};
        }
        plain! {
            "carry_open" => carry_open,
            "excluded_conditions" => excluded_conditions,
            "map" => map,
            "quote_lag_nanoseconds" => quote_lag,
            "quote_lot" => quote_lot,
            "signed_trades" => signed_trades,
            "summary" => summary,
            "venue" => venue,
        }
        Ok(differing)
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// A choice by its name on the command line, which is its name in manifests.
fn chosen<T: ValueEnum>(name: Option<String>) -> Option<T> {
    T::from_str(&name?, false).ok()
}

/// `2013-10-07 to 2013-10-08`; all dates where nothing is said.
fn range(value: &Value) -> Option<RangeInclusive<NaiveDate>> {
    let Some(text) = value.as_str() else { return Some(NaiveDate::MIN..=NaiveDate::MAX) };
    let (from, to) = text.split_once(" to ")?;
    Some(from.parse().ok()?..=to.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;
    use crate::clean::Profile;
    use crate::ingest::ColumnMap;
    use crate::sign::{Match, Rule};

    fn manifest(request: &Request) -> Manifest {
        let parameters = request.parameters(&request.live_plan());
        Manifest { version: String::new(), parameters, units: Vec::new() }
    }

    fn plain() -> Request {
        Request::new(Vec::new(), PathBuf::from("out")).expect("built-in widths")
    }

    proptest! {
        /// A request with nothing stated takes over all of another's parameters, and keeps them.
        #[test]
        fn parameters_come_back_as_they_went(
            (widths, lag, lot) in (prop::collection::vec(1_i64..500, 1..4), 0_i64..99, prop::option::of(1_i64..200)),
            flags in prop::array::uniform4(any::<bool>()),
            (profile, rules) in (0_usize..3, prop::collection::btree_set(0_usize..Rule::COUNT, 1..4)),
            (letters, venue) in ("[A-Z]{0,3}", prop::option::of(prop::char::range('A', 'Z'))),
            symbols in prop::collection::btree_set("[A-Z]{1,4}", 0..3),
            dated in any::<bool>(),
        ) {
            let mut request = plain();
            request.widths = Widths::new(widths.iter().map(|s| s * 1_000_000_000).collect()).expect("widths");
            (request.quote_lag, request.quote_lot) = (lag, lot);
            [request.carry_open, request.signed_trades, request.summary, _] = flags;
            request.measures = if flags[3] { Measures::Spot } else { Measures::All };
            if flags[0] {
                request.buckets = Bucketings::parse("volume:10000,dollars:1e6").expect("buckets");
            }
            request.nbbo = if flags[2] { Nbbo::Venues } else { Nbbo::Tape };
            request.levels = if flags[1] { 10 } else { 1 };
            request.excluded = Kinds::parse(if flags[2] { "late,halted" } else { "" }).expect("kinds");
            request.matching = if flags[3] { Match::AtOrBefore } else { Match::Before };
            request.on_bad_row = if flags[3] { OnBadRow::Skip } else { OnBadRow::Fail };
            request.profile = Some(Profile::value_variants()[profile]);
            let rules: Vec<&str> = rules.iter().map(|rule| Rule::ALL[*rule].name()).collect();
            request.sign = Some(Layers::parse(&rules.join(",")).expect("layers"));
            (request.excluded_conditions, request.venue, request.symbols) = (letters, venue, symbols);
            let calendar = Calendar::of(Market::value_variants()[profile]);
            request.calendar = calendar.narrowed("10:00-15:30").expect("hours");
            request.horizons = Horizons::new(widths.clone()).expect("horizons");
            request.map = ColumnMap::parse("ts=TIME").expect("a map");
            if dated {
                request.dates = "2013-10-07".parse().expect("a date")..="2013-10-09".parse().expect("a date");
            }
            let mut taken = plain();
            taken.take_over(&manifest(&request)).expect("taken over");
            prop_assert_eq!(manifest(&taken), manifest(&request));
        }
    }

    #[test]
    fn what_is_stated_otherwise_is_refused_by_name() {
        let mut ours = plain();
        ours.widths = Widths::parse("7s").expect("a width");
        ours.quote_lag = 5;
        let refused = ours.take_over(&manifest(&plain())).expect_err("refused").to_string();
        assert!(refused.contains("(bar_nanoseconds, quote_lag_nanoseconds)"), "{refused}");
    }
}
