//! `impactd openapi`: what `api.yaml` holds.

use super::{Failure, exit, print};

/// Runs the command.
///
/// # Errors
/// One message and the exit code that goes with it.
pub fn run() -> Result<(), Failure> {
    let text = crate::http::description().map_err(|message| Failure { message, code: exit::BAD_DATA })?;
    print(text.as_bytes())
}
