//! An order, checked before anything is asked of it.

pub(super) mod order;
pub(super) mod order_draft;
