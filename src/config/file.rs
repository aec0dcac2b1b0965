//! A TOML file: sections of keys, each fault on its line.

use std::path::Path;

use super::ConfigError;
use super::layers::{Layers, Origin};
use crate::limits::CONFIG_FILE_MAX_BYTES;

/// Says what a file says.
///
/// # Errors
/// When it cannot be read, or says something that cannot be taken.
pub fn read(path: &Path, layers: &mut Layers) -> Result<(), ConfigError> {
    let refused = |why: String| ConfigError::File { path: path.to_owned(), why };
    let about = std::fs::metadata(path).map_err(|e| refused(format!("cannot be read: {e}")))?;
    if about.len() > CONFIG_FILE_MAX_BYTES {
        return Err(refused(format!(
            "is longer than {CONFIG_FILE_MAX_BYTES} bytes; that is no configuration"
        )));
    }
    let text = std::fs::read_to_string(path).map_err(|e| refused(format!("cannot be read: {e}")))?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map_or(1, |span| line_of(&text, span.start));
        refused(format!("line {line}: {}", e.message()))
    })?;
    for (section, said) in &table {
        let toml::Value::Table(keys) = said else {
            let line = line_of_key(&text, None, section);
            let what = format!("'{section}' stands outside of a section such as [server]");
            return Err(ConfigError::Said { origin: Origin::File(path.to_owned(), line), what });
        };
        for (key, said) in keys {
            let origin = Origin::File(path.to_owned(), line_of_key(&text, Some(section), key));
            layers.say_toml(&format!("{section}.{key}"), said, origin)?;
        }
    }
    Ok(())
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The line on which a key is set, from 1; the file is known to be sound.
fn line_of_key(text: &str, section: Option<&str>, key: &str) -> usize {
    let mut inside = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            inside = Some(name.trim().trim_matches('"'));
        } else if let Some((name, _)) = line.split_once('=') {
            let name = name.trim().trim_matches('"');
            let dotted = section.is_some_and(|section| name == format!("{section}.{key}"));
            if (inside == section && name == key) || (inside.is_none() && dotted) {
                return index + 1;
            }
        }
    }
    1
}
