//! What impact costs: priors from the literature, the tape's own coefficients, and the blend of both.

pub(super) mod blend;
pub(super) mod calibrate;
pub(super) mod model;
pub(super) mod priors;
pub(super) mod propagator;
pub(super) mod tape_model;
pub(super) mod transient;
