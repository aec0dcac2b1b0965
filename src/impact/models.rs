//! Which flow explains the price, and in which units.

use super::Design;
use crate::flow::{Bar, BarRecord};

/// What regressions look at in a bar, fresh or read back.
pub trait Observed {
    /// Change of the mid, cents; none where the bar has no usable quote or is the first with one.
    fn change_cents(&self) -> Option<f64>;
    /// The same, basis points of the mid before.
    fn change_bp(&self) -> Option<f64>;
    /// Mid at the end, dollars; none before the first usable quote.
    fn mid_close_usd(&self) -> Option<f64>;
    /// Order-flow imbalance, shares.
    fn ofi_shares(&self) -> f64;
    /// Signed traded volume, shares.
    fn imbalance_shares(&self) -> f64;
    /// Signed traded value, thousands of dollars.
    fn imbalance_kusd(&self) -> f64;
}

impl Observed for Bar {
    fn change_cents(&self) -> Option<f64> {
        self.mid_change_cents()
    }
    fn change_bp(&self) -> Option<f64> {
        self.mid_change_bp()
    }
    fn mid_close_usd(&self) -> Option<f64> {
        self.mid_close_usd()
    }
    fn ofi_shares(&self) -> f64 {
        self.ofi_shares()
    }
    fn imbalance_shares(&self) -> f64 {
        self.trade_imbalance_shares()
    }
    fn imbalance_kusd(&self) -> f64 {
        self.signed_value_kusd()
    }
}

impl Observed for BarRecord {
    fn change_cents(&self) -> Option<f64> {
        self.mid_change_cents
    }
    fn change_bp(&self) -> Option<f64> {
        self.mid_change_bp
    }
    fn mid_close_usd(&self) -> Option<f64> {
        self.mid_close_usd
    }
    fn ofi_shares(&self) -> f64 {
        self.ofi_shares as f64
    }
    fn imbalance_shares(&self) -> f64 {
        self.trade_imbalance_shares() as f64
    }
    fn imbalance_kusd(&self) -> f64 {
        self.trade_imbalance_kusd
    }
}

/// A regression of the mid's change on flows of the same bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Mid change, cents, on order-flow imbalance, shares (Cont, Kukanov and Stoikov 2014).
    Ofi,
    /// Mid change, cents, on trade imbalance, shares (Kyle 1985).
    Kyle,
    /// Mid change, cents, on both.
    OfiKyle,
    /// Mid change, basis points of the mid before, on signed traded value, thousands of dollars.
    KyleRelative,
}

impl Model {
    /// Every model, in the order of the `fits` table.
    pub const ALL: [Self; 4] = [Self::Ofi, Self::Kyle, Self::OfiKyle, Self::KyleRelative];

    /// Its name in tables; both units of Kyle's model bear one name and differ by unit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ofi => "ofi",
            Self::Kyle | Self::KyleRelative => "kyle",
            Self::OfiKyle => "ofi+kyle",
        }
    }

    /// Names of its terms, intercept first.
    #[must_use]
    pub fn terms(self) -> &'static [&'static str] {
        match self {
            Self::Ofi => &["intercept", "ofi"],
            Self::Kyle | Self::KyleRelative => &["intercept", "trade_imbalance"],
            Self::OfiKyle => &["intercept", "ofi", "trade_imbalance"],
        }
    }

    /// Units of the intercept and of the slopes.
    #[must_use]
    pub fn units(self) -> (&'static str, &'static str) {
        match self {
            Self::KyleRelative => ("bp", "bp_per_kusd"),
            _ => ("cents", "cents_per_share"),
        }
    }

    /// Whether the price's change is in cents, and so has ticks and basis points beside it.
    #[must_use]
    pub fn is_in_cents(self) -> bool {
        self != Self::KyleRelative
    }

    /// The observations among some bars: those with a price change, empty ones included.
    #[must_use]
    pub fn design(self, bars: &[impl Observed]) -> Design {
        let observed = bars.iter().filter(|bar| bar.change_cents().is_some());
        let mut design = Design {
            y: Vec::with_capacity(bars.len()),
            x: vec![Vec::with_capacity(bars.len()); self.terms().len() - 1],
        };
        for bar in observed {
            let change = if self.is_in_cents() { bar.change_cents() } else { bar.change_bp() };
            design.y.extend(change);
            let flows = match self {
                Self::Ofi => [Some(bar.ofi_shares()), None],
                Self::Kyle => [Some(bar.imbalance_shares()), None],
                Self::OfiKyle => [Some(bar.ofi_shares()), Some(bar.imbalance_shares())],
                Self::KyleRelative => [Some(bar.imbalance_kusd()), None],
            };
            let columns = design.x.iter_mut().zip(flows.into_iter().flatten());
            columns.for_each(|(column, flow)| column.push(flow));
        }
        design
    }
}
