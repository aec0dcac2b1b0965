//! The rules by name, and stacks of them.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A rule that names a trade's aggressor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Rule {
    /// By the last price that differs.
    Tick,
    /// By the next price that differs: looks ahead.
    RevTick,
    /// By the mid, silent at the mid.
    Quote,
    /// Lee and Ready (1991): by the mid, at the mid by the tick rule.
    #[default]
    LeeReady,
    /// The same with the reverse tick rule.
    RevLeeReady,
    /// Ellis, Michaely and O'Hara (2000): at the quotes by side, elsewhere by the tick rule.
    Emo,
    /// The same with the reverse tick rule.
    RevEmo,
    /// Chakrabarty, Li, Nguyen and Van Ness (2007): near the quotes by side, elsewhere by the tick rule.
    Clnv,
    /// The same with the reverse tick rule.
    RevClnv,
    /// Grauer, Schuster and Uhrig-Homburg (2023): by the quoted size that the trade's equals, else silent.
    TradeSize,
    /// The same authors: at the mid by the larger quoted size, else silent.
    Depth,
    /// As the feed itself says.
    Known,
}

impl Rule {
    /// How many there are.
    pub const COUNT: usize = 12;

    /// All of them, in the order of the type.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Tick,
        Self::RevTick,
        Self::Quote,
        Self::LeeReady,
        Self::RevLeeReady,
        Self::Emo,
        Self::RevEmo,
        Self::Clnv,
        Self::RevClnv,
        Self::TradeSize,
        Self::Depth,
        Self::Known,
    ];

    /// As it is called everywhere.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tick => "tick",
            Self::RevTick => "rev-tick",
            Self::Quote => "quote",
            Self::LeeReady => "lee-ready",
            Self::RevLeeReady => "rev-lee-ready",
            Self::Emo => "emo",
            Self::RevEmo => "rev-emo",
            Self::Clnv => "clnv",
            Self::RevClnv => "rev-clnv",
            Self::TradeSize => "trade-size",
            Self::Depth => "depth",
            Self::Known => "known",
        }
    }

    /// Whether it needs prices that come after the trade.
    #[must_use]
    pub const fn looks_ahead(self) -> bool {
        matches!(self, Self::RevTick | Self::RevLeeReady | Self::RevEmo | Self::RevClnv)
    }
}

/// Rules in layers: the first that can tell counts. One rule is one layer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layers {
    /// The layers, of which `count` are there; the others are at their default.
    rules: [Rule; Rule::COUNT],
    count: u8,
}

impl Layers {
    /// The layers, the first asked first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules[..usize::from(self.count)]
    }

    /// Whether any of them needs prices that come after the trade.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        self.rules().iter().any(|rule| rule.looks_ahead())
    }

    /// Reads names that are parted by commas.
    ///
    /// # Errors
    /// A sentence that says what was wrong, when a name is no rule or stands twice.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut layers = Self { rules: [Rule::default(); Rule::COUNT], count: 0 };
        for name in text.split(',') {
            let rule = Rule::from_str(name, false).map_err(|_| {
                let names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
                format!("'{name}' is not one of the rules {}", names.join(", "))
            })?;
            if layers.rules().contains(&rule) {
                return Err(format!("'{name}' stands twice; a second asking changes nothing"));
            }
            layers.rules[usize::from(layers.count)] = rule;
            layers.count += 1;
        }
        Ok(layers)
    }
}

impl From<Rule> for Layers {
    fn from(rule: Rule) -> Self {
        let mut rules = [Rule::default(); Rule::COUNT];
        rules[0] = rule;
        Self { rules, count: 1 }
    }
}

impl Default for Layers {
    /// Lee and Ready.
    fn default() -> Self {
        Rule::default().into()
    }
}

impl fmt::Display for Layers {
    /// The names, parted by commas: what [`Layers::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.rules().iter().map(|rule| rule.name()).collect();
        f.write_str(&names.join(","))
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Layers {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Layers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_read_as_they_are_written() {
        for text in ["quote,depth,tick", "lee-ready", "known,rev-clnv"] {
            assert_eq!(Layers::parse(text).map(|layers| layers.to_string()), Ok(text.to_owned()));
        }
        assert!(Layers::parse("known,rev-clnv").is_ok_and(|layers| layers.looks_ahead()));
        assert_eq!(Layers::from(Rule::Emo), Layers::parse("emo").expect("a rule"));
        for (bad, word) in [("", "''"), ("quote,", "''"), ("best", "'best'"), ("tick,quote,tick", "twice")] {
            assert!(Layers::parse(bad).is_err_and(|e| e.contains(word)), "{bad}");
        }
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        let spelled = |rule: &Rule| rule.to_possible_value().map(|value| value.get_name().to_owned());
        assert_eq!(Rule::value_variants(), Rule::ALL);
        for rule in Rule::ALL {
            assert_eq!(spelled(&rule).as_deref(), Some(rule.name()));
        }
    }
}
