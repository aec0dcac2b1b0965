//! Limits, their overrides and restricted symbols, and which of them are in force at a moment.
//!
//! Scope: the most specific limit counts: symbol and account, then account, then symbol, then all. A limit that
//! has run out and was not renewed counts as *expired*, never as absent. An override replaces a limit's levels while
//! it is in force, and no longer, and only those of a limit of its own or a wider scope: a desk's exception never
//! loosens what was set for one symbol or one account.

use std::collections::BTreeSet;

use super::limits_rules::{Direction, Rule};
use crate::tape::Nanos;

/// Of which symbol and account; `None` is all.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// Of which account.
    pub account: Option<String>,
    /// Of which symbol.
    pub symbol: Option<String>,
}

impl Scope {
    fn holds(&self, symbol: &str, account: Option<&str>) -> bool {
        let of_symbol = self.symbol.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(symbol));
        let is_own = |own: &str| account.is_some_and(|account| own.eq_ignore_ascii_case(account.trim()));
        let of_account = self.account.as_deref().is_none_or(is_own);
        of_symbol && of_account
    }

    /// Whether all that `other` is of is this scope's as well.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let (own, other) = (self.folded(), other.folded());
        let wider = |own: &Option<String>, of: &Option<String>| own.is_none() || own == of;
        wider(&own.symbol, &other.symbol) && wider(&own.account, &other.account)
    }

    /// The same of two scopes that mean the same: letter case does not count.
    pub(super) fn folded(&self) -> Self {
        let fold = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_uppercase());
        Self { account: fold(&self.account), symbol: fold(&self.symbol) }
    }

    /// Larger is more specific.
    fn rank(&self) -> u8 {
        2 * u8::from(self.account.is_some()) + u8::from(self.symbol.is_some())
    }
}

/// A limit or an override: two levels, and who answers for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Which check.
    pub rule: &'static Rule,
    /// Of which symbol and account.
    pub scope: Scope,
    /// Beyond this: warn.
    pub warn: f64,
    /// Beyond this: block.
    pub block: f64,
    /// Who keeps it; of an override, who approved it.
    pub owner: String,
    /// Why it is what it is.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// First moment in force.
    pub effective: Nanos,
    /// First moment no longer in force.
    pub expires: Nanos,
}

/// A symbol that is not to be traded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// Of which symbol and account.
    pub scope: Scope,
    /// Who keeps it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// First moment in force.
    pub effective: Nanos,
    /// First moment no longer in force.
    pub expires: Nanos,
}

/// A limits file that was found sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// The limits.
    pub limits: Vec<Limit>,
    /// What replaces them for a while.
    pub overrides: Vec<Limit>,
    /// What is not to be traded.
    pub restricted: Vec<Restriction>,
}

/// What is written about a check at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InForce<'a> {
    /// Nothing.
    Unset,
    /// Only a limit that begins later.
    Later(&'a Limit),
    /// A limit that ran out and was not renewed.
    Expired(&'a Limit),
    /// Levels.
    Set {
        /// The limit.
        limit: &'a Limit,
        /// What replaces its levels for now.
        instead: Option<&'a Limit>,
    },
}

impl<'a> InForce<'a> {
    /// Whose levels count.
    #[must_use]
    pub fn levels(self) -> Option<&'a Limit> {
        match self {
            Self::Set { limit, instead } => Some(instead.unwrap_or(limit)),
            _ => None,
        }
    }
}

impl Limit {
    fn is_in_force(&self, at: Nanos) -> bool {
        self.effective <= at && at < self.expires
    }
}

impl Limits {
    /// What is in force for a check at a moment.
    #[must_use]
    pub fn in_force(&self, rule: &Rule, symbol: &str, account: Option<&str>, at: Nanos) -> InForce<'_> {
        let holds = |limit: &&Limit| limit.rule.code == rule.code && limit.scope.holds(symbol, account);
        let mut later = None;
        for rank in (0..=3).rev() {
            let own = || self.limits.iter().filter(holds).filter(|limit| limit.scope.rank() == rank);
            if let Some(limit) = own().find(|limit| limit.is_in_force(at)) {
                let replacing = self.overrides.iter().filter(holds).filter(|o| o.is_in_force(at));
                let replacing = replacing.filter(|o| limit.scope.includes(&o.scope));
                let instead = replacing.max_by_key(|o| (o.scope.rank(), o.effective));
                return InForce::Set { limit, instead };
            }
            if let Some(limit) = own().filter(|limit| limit.expires <= at).max_by_key(|limit| limit.expires) {
                return InForce::Expired(limit);
            }
            later = later.or_else(|| own().min_by_key(|limit| limit.effective));
        }
        later.map_or(InForce::Unset, InForce::Later)
    }

    /// The accounts that entries about a check and a symbol name, each once.
    pub(super) fn accounts(&self, rule: &Rule, symbol: &str) -> BTreeSet<String> {
        let levels = self.limits.iter().chain(&self.overrides);
        let levels = levels.filter(|limit| limit.rule.code == rule.code).map(|limit| &limit.scope);
        let restricted = self.restricted.iter().map(|restriction| &restriction.scope);
        let scopes = levels.chain(restricted.filter(|_| rule.code == "restricted_symbol"));
        let folded = scopes.map(Scope::folded);
        folded
            .filter_map(|scope| scope.account.clone().filter(|own| scope.holds(symbol, Some(own))))
            .collect()
    }

    /// What restricts a symbol at a moment.
    pub fn restrictions<'a>(
        &'a self,
        symbol: &'a str,
        account: Option<&'a str>,
        at: Nanos,
    ) -> impl Iterator<Item = &'a Restriction> {
        self.restricted.iter().filter(move |restriction| {
            restriction.scope.holds(symbol, account)
                && restriction.effective <= at
                && at < restriction.expires
        })
    }
}

/// The stricter of two levels.
#[must_use]
pub fn stricter(direction: Direction, a: f64, b: f64) -> f64 {
    match direction {
        Direction::Ceiling => a.min(b),
        Direction::Floor => a.max(b),
    }
}

/// Whether a value stays on the good side of a level.
#[must_use]
pub fn keeps(direction: Direction, value: f64, level: f64) -> bool {
    match direction {
        Direction::Ceiling => value <= level,
        Direction::Floor => value >= level,
    }
}
