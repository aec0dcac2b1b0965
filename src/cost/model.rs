//! The cost models under one roof: a schedule in, expected cost by parts and its error out.

use super::blend::Blend;
use super::market::Market;
use super::priors::{Almgren2005, SquareRoot, VALID_TO_ADV};
use super::schedule::Schedule;
use super::tape_model::TapeModel;

/// Expected cost by parts, basis points of the arrival mid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Components {
    /// Half the quoted spread.
    pub spread_bps: f64,
    /// What trading moves and what comes back afterwards.
    pub temporary_bps: f64,
    /// What trading moves and what stays.
    pub permanent_bps: f64,
}

impl Components {
    /// The whole cost.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.spread_bps + self.temporary_bps + self.permanent_bps
    }
}

/// A way to say what a schedule costs.
#[derive(Clone, Debug, PartialEq)]
pub enum CostModel {
    /// Almgren, Thum, Hauptmann and Li 2005.
    Almgren2005(Almgren2005),
    /// The square-root law.
    SquareRoot(SquareRoot),
    /// Coefficients of the user's own tape.
    Tape(TapeModel),
    /// Tape and square root, weighted by how sure each is: the default.
    Blend(Blend),
}

impl CostModel {
    /// Its name in requests and answers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Almgren2005(_) => "almgren2005",
            Self::SquareRoot(_) => "square_root",
            Self::Tape(_) => "tape",
            Self::Blend(_) => "blend",
        }
    }

    /// Part of a day's volume up to which it is taken as valid; beyond, it extrapolates.
    #[must_use]
    pub fn valid_to_adv(&self) -> f64 {
        VALID_TO_ADV
    }

    /// Expected cost by parts.
    #[must_use]
    pub fn components(&self, market: &Market, schedule: &Schedule) -> Components {
        let impact = match self {
            Self::Almgren2005(model) => model.impact(market, schedule),
            Self::SquareRoot(model) => model.impact(market, schedule),
            Self::Tape(model) => model.impact(market, schedule),
            Self::Blend(model) => model.impact(market, schedule),
        };
        Components { spread_bps: market.half_spread_bps(), ..impact }
    }

    /// One standard deviation of the model's own error, by part, basis points; none of the spread, which is seen.
    #[must_use]
    pub fn errors(&self, market: &Market, schedule: &Schedule) -> Components {
        match self {
            Self::Almgren2005(model) => model.errors(market, schedule),
            Self::SquareRoot(model) => model.errors(market, schedule),
            Self::Tape(model) => model.errors(market, schedule),
            Self::Blend(model) => model.errors(market, schedule),
        }
    }

    /// One standard deviation of the model's own error, basis points. Parts err independently, but for the square
    /// root, whose parts err by one and the same Y.
    #[must_use]
    pub fn error_bps(&self, market: &Market, schedule: &Schedule) -> f64 {
        let errors = self.errors(market, schedule);
        if let Self::SquareRoot(_) = self {
            return errors.total();
        }
        errors.temporary_bps.hypot(errors.permanent_bps)
    }
}
