//! A quantity against its two levels.

use super::checks::{Authority, Check, Severity, Status};
use super::limits::{InForce, Limits, keeps, stricter};
use super::limits_rules::{Direction, Rule, rule};
use crate::cost::orders::order::Order;
use crate::cost::orders::order_draft::Fault;

/// What a check found to compare.
pub(in crate::cost) enum Found {
    /// A quantity.
    Value(f64),
    /// Nothing that any level could mind, and why.
    Fine(String),
    /// Nothing, and what is lacking.
    Lacking(String),
}

impl Found {
    /// A finite quantity, or what is lacking.
    pub fn of(value: Option<f64>, lacking: &str) -> Self {
        value.filter(|value| value.is_finite()).map_or_else(|| Self::Lacking(lacking.to_owned()), Self::Value)
    }
}

/// A rule with what is in force for it.
pub(in crate::cost) struct Leveled<'a> {
    pub rule: &'static Rule,
    pub in_force: InForce<'a>,
    /// The caller's own blocking level.
    pub tighter: Option<f64>,
}

impl Leveled<'_> {
    /// The levels that warn and block: the file's, tightened by the caller's.
    pub fn levels(&self) -> Option<(f64, f64)> {
        let own = self.in_force.levels().map(|limit| (limit.warn, limit.block));
        match (own, self.tighter) {
            (Some((warn, block)), Some(level)) => {
                let direction = self.rule.direction;
                Some((stricter(direction, warn, level), stricter(direction, block, level)))
            }
            (None, Some(level)) => Some((level, level)),
            (own, None) => own,
        }
    }

    /// The check. A limit that ran out is not evaluated and is waited for, whatever the caller adds.
    pub fn judge(&self, found: Found, severity: Severity) -> Check {
        let levels = self.levels();
        let mut check = Check {
            rule: self.rule,
            severity,
            status: Status::NotEvaluated,
            required: levels.is_some(),
            observed: None,
            warn: levels.map(|(warn, _)| warn),
            limit: levels.map(|(_, block)| block),
            headroom: None,
            authority: self.authority(),
            message: String::new(),
        };
        if let Found::Value(value) = found {
            check.observed = Some(value);
        }
        if let InForce::Expired(limit) = self.in_force {
            let day = crate::tape::NYSE.date_of(limit.expires);
            check.required = true;
            check.message =
                format!("its limit of {} ran out on {day} and was not renewed", shown(limit.block));
            return check;
        }
        let Some((warn, block)) = levels else {
            check.message = match self.in_force {
                InForce::Later(limit) => {
                    format!("its limit begins on {}", crate::tape::NYSE.date_of(limit.effective))
                }
                _ => "no limit is set".to_owned(),
            };
            return check;
        };
        match found {
            Found::Lacking(what) => check.message = what,
            Found::Fine(why) => (check.status, check.message) = (Status::Pass, why),
            Found::Value(value) => self.compare(&mut check, value, warn, block),
        }
        check
    }

    fn compare(&self, check: &mut Check, value: f64, warn: f64, block: f64) {
        let direction = self.rule.direction;
        let (beyond, room) = match direction {
            Direction::Ceiling => ("above", block - value),
            Direction::Floor => ("below", value - block),
        };
        check.headroom = Some(room);
        let unit = self.rule.unit.replace('_', " ");
        let (status, words) = if !keeps(direction, value, block) {
            (Status::Fail, format!("{beyond} the limit of {}", shown(block)))
        } else if !keeps(direction, value, warn) {
            (Status::Warn, format!("{beyond} the warning level of {}; {} blocks", shown(warn), shown(block)))
        } else {
            (Status::Pass, format!("keeps to {}", shown(block)))
        };
        check.status = status;
        check.message =
            format!("{} {unit} {}{words}", shown(value), if status == Status::Pass { "" } else { "is " });
    }

    fn authority(&self) -> Option<Authority> {
        let (entry, is_override) = match self.in_force {
            InForce::Unset => return None,
            InForce::Later(limit) | InForce::Expired(limit) => (limit, false),
            InForce::Set { limit, instead } => (instead.unwrap_or(limit), instead.is_some()),
        };
        Some(Authority { entry: entry.clone(), is_override, tightened: self.tighter.is_some() })
    }
}

/// Refuses levels of the caller that would loosen the file's.
///
/// # Errors
/// A fault for each.
pub fn only_tighter(order: &Order, limits: &Limits) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    for (code, level) in &order.limits {
        let Some(rule) = rule(code) else { continue };
        let account = order.account.id.as_deref();
        let in_force = limits.in_force(rule, &order.symbol, account, order.as_of);
        if let Some(own) = in_force.levels().filter(|own| !keeps(rule.direction, *level, own.block)) {
            let message =
                format!("{} would loosen the limit of {}; it may only be tightened", level, own.block);
            faults.push(Fault::new(format!("/limits/{code}"), message));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// A number for a sentence: whole, or with up to four decimals.
pub(in crate::cost) fn shown(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
