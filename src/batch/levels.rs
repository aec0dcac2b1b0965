//! Which levels of the book a request may ask for.

use super::{BatchError, Plan, Request};
use crate::clean::Profile;

impl Request {
    /// Levels that are wanted where anything but features or ticks is.
    pub(super) fn deep_levels(&self) -> usize {
        if self.features.is_some() || self.ticks { 1 } else { self.levels }
    }

    /// Deeper levels come from files of books, and only rules that let every state pass keep them with their quotes.
    pub(super) fn check_levels(&self, plan: &Plan) -> Result<(), BatchError> {
        if self.deep_levels() < 2 {
            return Ok(());
        }
        if plan.profile != Profile::None {
            let what = "deeper levels belong to the states of one book, which other rules than none choose among; \
                        choose --clean none, or leave --levels out";
            return Err(BatchError::Plan(what.into()));
        }
        let mut inputs = plan.units.iter().flat_map(|unit| &unit.inputs);
        if !inputs.any(|input| input.has_levels) {
            let what = "none of the inputs tells of deeper levels, as LOBSTER files, ITCH, DBN's mbp-10 and mbo, and \
                        captures with @depth do; leave --levels out";
            return Err(BatchError::Plan(what.into()));
        }
        Ok(())
    }
}
