//! What was said of each key, by whom, and what holds.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::ConfigError;
use super::keys::{self, KEYS};
use super::value::Value;

/// Who said something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program.
    Default,
    /// A file, on a line.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// What holds for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The value; none where nothing holds.
    pub value: Option<Value>,
    /// Who said so last.
    pub origin: Origin,
}

/// What holds for every key.
#[derive(Clone, Debug)]
pub struct Layers(BTreeMap<&'static str, Said>);

impl Layers {
    /// What holds where nobody says anything.
    ///
    /// # Errors
    /// Never for the built-in defaults.
    pub fn of_defaults() -> Result<Self, ConfigError> {
        let mut layers = Self(BTreeMap::new());
        for key in KEYS {
            layers.0.insert(key.name, Said { value: None, origin: Origin::Default });
            if let Some(default) = key.default {
                layers.say_text(key.name, default, Origin::Default)?;
            }
        }
        Ok(layers)
    }

    /// Somebody says something in text.
    ///
    /// # Errors
    /// When the key is not known, or the value is not of its kind.
    pub fn say_text(&mut self, name: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        let read = keys::find(name).and_then(|key| {
            let value = Value::of_text(key.kind, text).map_err(|what| format!("{name}: {what}"))?;
            Ok((key.name, value))
        });
        self.put(read, origin)
    }

    /// A TOML file says something.
    ///
    /// # Errors
    /// When the key is not known, or the value is not of its kind.
    pub fn say_toml(&mut self, name: &str, said: &toml::Value, origin: Origin) -> Result<(), ConfigError> {
        let read = keys::find(name).and_then(|key| {
            let value = Value::of_toml(key.kind, said).map_err(|what| format!("{name}: {what}"))?;
            Ok((key.name, value))
        });
        self.put(read, origin)
    }

    fn put(
        &mut self,
        read: Result<(&'static str, Value), String>,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        match read {
            Ok((name, value)) => {
                self.0.insert(name, Said { value: Some(value), origin });
                Ok(())
            }
            Err(what) => Err(ConfigError::Said { origin, what }),
        }
    }

    /// Every key in the order of [`KEYS`], with what holds.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Said)> {
        KEYS.iter().filter_map(|key| Some((key.name, self.0.get(key.name)?)))
    }

    /// The text, path or choice of a key.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The path of a key.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Flag(true)))
    }

    /// The number of a key: a count, nanoseconds, bytes.
    #[must_use]
    pub fn whole(&self, name: &str) -> u64 {
        match self.value(name) {
            Some(Value::Whole { number, .. }) => *number,
            _ => 0,
        }
    }

    /// The parts of a list.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Some(Value::List(parts)) => parts.clone(),
            _ => Vec::new(),
        }
    }

    /// Who said what holds for a key.
    #[must_use]
    pub fn origin(&self, name: &str) -> Origin {
        self.0.get(name).map_or(Origin::Default, |said| said.origin.clone())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)?.value.as_ref()
    }
}
