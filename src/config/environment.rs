//! The environment: `IMPACTD__SECTION__KEY`.

use super::ConfigError;
use super::layers::{Layers, Origin};

const PREFIX: &str = "IMPACTD__";

/// Says what variables say, in the order of their names.
///
/// # Errors
/// When one names no key, or its value is not of the key's kind.
pub fn read(
    variables: impl IntoIterator<Item = (String, String)>,
    layers: &mut Layers,
) -> Result<(), ConfigError> {
    let mut ours: Vec<(String, String)> =
        variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    for (variable, text) in ours {
        let key = variable[PREFIX.len()..].to_ascii_lowercase().replacen("__", ".", 1);
        layers.say_text(&key, &text, Origin::Environment(variable.clone()))?;
    }
    Ok(())
}
