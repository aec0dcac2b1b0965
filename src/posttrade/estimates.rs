//! The forecast beside an order: the one that was given, or its request asked again as of the order's arrival.

use serde_json::Value;

use super::answer::side;
use super::request::{Posted, Wanted};
use crate::cost::{Earlier, Fault, Source};
use crate::pretrade::{Desk, Estimate, Input, LimitsState, Refused, Stamp, read_order};
use crate::store::{Archive, EstimateRecord, StoreError};
use crate::tape::{NANOS_PER_SECOND, Nanos};

const MINUTE_NANOS: i64 = 60 * NANOS_PER_SECOND;

/// The forecast beside an order, or why there is none although one was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// The forecast.
    pub estimate: Option<EstimateRecord>,
    /// Why there is none.
    pub warning: Option<String>,
}

/// What forecasts come from.
#[derive(Clone, Copy, Debug)]
pub struct Forecasts<'a> {
    /// The desk that gives them and holds those it gave.
    pub desk: &'a Desk,
    /// The results; without any, none can be made again.
    pub archive: Option<&'a Archive>,
    /// The limits in force: an estimate names them.
    pub limits: &'a LimitsState,
}

impl Forecasts<'_> {
    /// The forecast that was asked for beside an order that stands at a pointer. Blocks on the disk.
    ///
    /// A forecast that had no cost leaves a warning: the order's fills are worth keeping without it.
    ///
    /// # Errors
    /// When a table cannot be read; a forecast that is not to be had, or was for another order, is told by its faults.
    pub fn find(&self, posted: &Posted, at: &str) -> Result<Result<Beside, Vec<Fault>>, StoreError> {
        Ok(match &posted.wanted {
            Wanted::Nothing => Ok(Beside::default()),
            Wanted::Given(id) => self.given(posted, id).map_err(|why| fault(at, "estimate_id", why)),
            Wanted::Again(request) => return self.again(posted, request, at),
        })
    }

    fn given(&self, posted: &Posted, id: &str) -> Result<Beside, String> {
        let estimate = self.desk.recall(id).ok_or_else(|| {
            "is not held here, or no more: post the order again with what was asked then as estimate_request in its \
             place, or without either; nothing of this request was recorded"
                .to_owned()
        })?;
        // It knows nothing after the minute it was made in began: clocks may differ by that much.
        let Stamp(Nanos(as_of)) = estimate.meta.as_of;
        if as_of - as_of.rem_euclid(MINUTE_NANOS) > posted.execution.arrival.0 {
            return Err(format!(
                "is of {}, after the order had arrived: that is no forecast",
                estimate.meta.as_of
            ));
        }
        for_order(&estimate, posted)?;
        if let Some(other) = another_quantity(&estimate, posted) {
            return Err(format!("is for {other}"));
        }
        Ok(beside(&estimate, false))
    }

    fn again(
        &self,
        posted: &Posted,
        request: &Value,
        at: &str,
    ) -> Result<Result<Beside, Vec<Fault>>, StoreError> {
        let arrival = posted.execution.arrival;
        let mut request = request.clone();
        if let Value::Object(fields) = &mut request {
            fields.insert("as_of".into(), Value::String(Stamp(arrival).to_string()));
        }
        let below = format!("{at}/estimate_request");
        let order = match read_order(&request, &below, arrival) {
            Ok(order) => order,
            Err(faults) => return Ok(Err(faults)),
        };
        let prepared = self.archive.map(|archive| self.desk.prepare(archive, &order)).transpose()?;
        let Some(Ok(prepared)) = prepared else {
            let why = format!("cannot be made again: there are no results for '{}'", order.symbol);
            return Ok(Err(fault(at, "estimate_request", why)));
        };
        let made = self.desk.estimate(self.limits, &order, &Earlier::default(), &prepared);
        Ok(match made {
            Ok(estimate) => match (for_order(&estimate, posted), another_quantity(&estimate, posted)) {
                (Err(why), _) => Err(fault(at, "estimate_request", why)),
                (Ok(()), Some(other)) => {
                    // Dollars come to other shares at another price: only shares name this order again.
                    let name = if request.get("notional").is_some() { "notional" } else { "quantity" };
                    Err(fault(&below, name, format!("comes to {other}; give the shares as quantity")))
                }
                (Ok(()), None) => Ok(beside(&estimate, true)),
            },
            Err(Refused::Faults(faults)) => Err(faults.into_iter().map(|f| moved(f, &below)).collect()),
            Err(Refused::UnknownSymbol) => {
                Err(fault(at, "estimate_request", "names a symbol without results".to_owned()))
            }
        })
    }
}

fn fault(at: &str, name: &str, why: String) -> Vec<Fault> {
    vec![Fault::new(format!("{at}/{name}"), why)]
}

fn moved(mut fault: Fault, below: &str) -> Fault {
    fault.pointer = format!("{below}{}", fault.pointer);
    fault
}

/// A sentence when an estimate is for another symbol or side.
fn for_order(estimate: &Estimate, posted: &Posted) -> Result<(), String> {
    let (execution, resolved) = (&posted.execution, &estimate.resolved);
    if resolved.symbol == execution.symbol && resolved.side == side(execution.side) {
        return Ok(());
    }
    let other = format!("{} {}", resolved.side, resolved.symbol);
    Err(format!("is for another order: {other}, not {} {}", side(execution.side), execution.symbol))
}

/// The shares of an estimate, where they are not the order's: its cost is that of another order.
fn another_quantity(estimate: &Estimate, posted: &Posted) -> Option<String> {
    let wanted = posted.execution.quantity;
    let other = estimate.resolved.quantity.filter(|quantity| *quantity != wanted)?;
    Some(format!("{other} shares, the order for {wanted}"))
}

/// What is kept of an estimate.
fn beside(estimate: &Estimate, recomputed: bool) -> Beside {
    let kept = costed(estimate, recomputed);
    let warning = kept.is_none().then(|| {
        let (id, changes) = (&estimate.estimate_id, estimate.resolved.adjustments.join("; "));
        let why = if changes.is_empty() { &estimate.why } else { &changes };
        format!("recorded without an estimate: {id} has no expected cost ({why})")
    });
    Beside { estimate: kept, warning }
}

fn costed(estimate: &Estimate, recomputed: bool) -> Option<EstimateRecord> {
    let (components, interval, model) = (estimate.components?, estimate.interval?, estimate.model.as_ref()?);
    let Stamp(Nanos(as_of_nanos)) = estimate.meta.as_of;
    Some(EstimateRecord {
        estimate_id: estimate.estimate_id.clone(),
        recomputed,
        as_of_nanos,
        model: model.id.to_owned(),
        model_sha256: model.sha256.clone(),
        spread_bps: components.spread_bps,
        temporary_impact_bps: components.temporary_impact_bps,
        permanent_impact_bps: components.permanent_impact_bps,
        timing_drift_bps: components.timing_drift_bps,
        timing_risk_bps: estimate.timing_risk_bps?,
        model_error_bps: interval.model_error_bps,
        level: interval.level,
        low_bps: interval.low_bps,
        high_bps: interval.high_bps,
        volatility_daily_bps: estimate.inputs_used.volatility_daily.value?,
        adv_shares: estimate.inputs_used.adv.value?,
        caller_inputs: caller_inputs(estimate),
    })
}

/// Which numbers of an estimate were the caller's. Shares outstanding are not among them: no tape tells those.
fn caller_inputs(estimate: &Estimate) -> Vec<String> {
    let used = &estimate.inputs_used;
    let inputs = [
        ("arrival_price", &used.arrival_price),
        ("spread_bps", &used.spread),
        ("volatility_daily_bps", &used.volatility_daily),
        ("adv_shares", &used.adv),
    ];
    let own = |input: &Input| input.source == Some(Source::Caller.name());
    let mut names: Vec<String> =
        inputs.iter().filter(|(_, input)| own(input)).map(|(name, _)| (*name).to_owned()).collect();
    if estimate.components.is_some_and(|components| components.timing_drift_bps != 0.0) {
        names.push("alpha_bps".to_owned());
    }
    names
}
