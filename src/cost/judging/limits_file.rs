//! A limits file (TOML) to [`Limits`]: read whole, and every fault told with its line.
//!
//! `[[limit]]`, `[[override]]` and `[[restricted]]` tables; `data/limits.toml` shows each key. Unknown keys are
//! refused: a limit that is spelled wrong is not enforced.

use chrono::{DateTime, NaiveDate};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::limits::{Limit, Limits, Restriction, Scope, keeps};
use super::limits_rules::{Rule, limited_codes, rule};
use crate::limits::{LIMITS_ENTRIES_MAX, LIMITS_OVERRIDE_DAYS_MAX, ORDER_TEXT_MAX_CHARS};
use crate::tape::{NANOS_PER_SECOND, NYSE, Nanos};

/// Something wrong in a limits file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsFault {
    /// In which line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

impl std::fmt::Display for LimitsFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

const LIMIT_KEYS: [&str; 11] = [
    "code",
    "symbol",
    "account",
    "warn",
    "block",
    "unit",
    "owner",
    "reason",
    "approved_by",
    "effective",
    "expires",
];
const OVERRIDE_KEYS: [&str; 10] =
    ["code", "symbol", "account", "warn", "block", "unit", "approver", "reason", "effective", "expires"];
const RESTRICTED_KEYS: [&str; 7] =
    ["symbol", "account", "owner", "reason", "approved_by", "effective", "expires"];

/// Reads a limits file.
///
/// # Errors
/// Every fault, by line.
pub fn parse(text: &str) -> Result<Limits, Vec<LimitsFault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, faults: Vec::new() };
    for error in errors {
        reader.fault(error.span().map_or(0, |span| span.start), error.message().to_owned());
    }
    if !reader.faults.is_empty() {
        return Err(reader.faults);
    }
    let mut limits = Limits::default();
    for (name, value) in table.get_ref() {
        let at = name.span().start;
        let kind = name.get_ref().as_ref();
        if !["limit", "override", "restricted"].contains(&kind) {
            reader.fault(
                at,
                format!("'{kind}' is not a key here; there are [[limit]], [[override]] and [[restricted]]"),
            );
            continue;
        }
        let Some(entries) = value.get_ref().as_array() else {
            reader.fault(at, format!("write [[{kind}]] with two brackets: there may be several"));
            continue;
        };
        if entries.len() > LIMITS_ENTRIES_MAX {
            reader.fault(at, format!("there are more than {LIMITS_ENTRIES_MAX} of [[{kind}]]"));
            continue;
        }
        for entry in entries.iter() {
            match kind {
                "limit" => limits.limits.extend(reader.limit(entry)),
                "override" => limits.overrides.extend(reader.exception(entry)),
                _ => limits.restricted.extend(reader.restriction(entry)),
            }
        }
    }
    if reader.faults.is_empty() && limits.limits.is_empty() {
        let what = "there is no [[limit]]: a file without one would lift them all; copy data/limits.toml";
        reader.fault(0, what.to_owned());
    }
    reader.beside_each_other(&table, &limits);
    reader.faults.sort_by_key(|fault| fault.line);
    if reader.faults.is_empty() { Ok(limits) } else { Err(reader.faults) }
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<LimitsFault>,
}

/// One table of the file.
struct Entry<'a> {
    at: usize,
    keys: &'a DeTable<'a>,
}

impl<'a> Entry<'a> {
    fn find(&self, name: &str) -> Option<(usize, &'a DeValue<'a>)> {
        self.keys
            .iter()
            .find(|(key, _)| key.get_ref() == name)
            .map(|(key, v)| (key.span().start, v.get_ref()))
    }

    fn place(&self, name: &str) -> usize {
        self.find(name).map_or(self.at, |(at, _)| at)
    }
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, what: String) {
        let line = 1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        self.faults.push(LimitsFault { line, what });
    }

    fn entry<'a>(&mut self, value: &'a Spanned<DeValue<'a>>, known: &[&str]) -> Option<Entry<'a>> {
        let Some(keys) = value.get_ref().as_table() else {
            self.fault(value.span().start, "is not a table".to_owned());
            return None;
        };
        for (key, _) in keys {
            if !known.contains(&key.get_ref().as_ref()) {
                let what = format!("'{}' is not a key here; there are {}", key.get_ref(), known.join(", "));
                self.fault(key.span().start, what);
            }
        }
        Some(Entry { at: value.span().start, keys })
    }

    fn limit(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Limit> {
        let entry = self.entry(value, &LIMIT_KEYS)?;
        let owner = self.text(&entry, "owner");
        let approved_by = self.text(&entry, "approved_by");
        self.levels(&entry, owner, approved_by)
    }

    fn exception(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Limit> {
        let entry = self.entry(value, &OVERRIDE_KEYS)?;
        let approver = self.text(&entry, "approver");
        let made = self.levels(&entry, approver.clone(), approver)?;
        let longest = LIMITS_OVERRIDE_DAYS_MAX * 86_400 * NANOS_PER_SECOND;
        if made.expires.0 - made.effective.0 > longest {
            let what = format!(
                "an override lasts {LIMITS_OVERRIDE_DAYS_MAX} days at most; change the limit instead"
            );
            self.fault(entry.place("expires"), what);
        }
        Some(made)
    }

    fn restriction(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Restriction> {
        let entry = self.entry(value, &RESTRICTED_KEYS)?;
        let scope = self.scope(&entry);
        let owner = self.text(&entry, "owner");
        let approved_by = self.text(&entry, "approved_by");
        let reason = self.text(&entry, "reason");
        let (effective, expires) = self.span(&entry)?;
        Some(Restriction {
            scope: scope?,
            owner: owner?,
            reason: reason?,
            approved_by: approved_by?,
            effective,
            expires,
        })
    }

    /// What limits and overrides share.
    fn levels(
        &mut self,
        entry: &Entry<'_>,
        owner: Option<String>,
        approved: Option<String>,
    ) -> Option<Limit> {
        let rule = self.rule(entry);
        let scope = self.scope(entry);
        let reason = self.text(entry, "reason");
        let (warn, block) = (self.number(entry, "warn"), self.number(entry, "block"));
        let span = self.span(entry);
        let (rule, warn, block) = (rule?, warn?, block?);
        if warn == block || !keeps(rule.direction, warn, block) {
            let what = format!("warn ({warn}) is not stricter than block ({block}): it would never be heard");
            self.fault(entry.place("warn"), what);
            return None;
        }
        let (effective, expires) = span?;
        Some(Limit {
            rule,
            scope: scope?,
            warn,
            block,
            owner: owner?,
            reason: reason?,
            approved_by: approved?,
            effective,
            expires,
        })
    }

    fn rule(&mut self, entry: &Entry<'_>) -> Option<&'static Rule> {
        let code = self.text(entry, "code")?;
        let Some(rule) = rule(&code).filter(|rule| rule.limited) else {
            let what =
                format!("'{code}' is not a check with levels; there are {}", limited_codes().join(", "));
            self.fault(entry.place("code"), what);
            return None;
        };
        let unit = self.text(entry, "unit")?;
        if unit != rule.unit {
            self.fault(entry.place("unit"), format!("{code} is in '{}', not in '{unit}'", rule.unit));
            return None;
        }
        Some(rule)
    }

    fn scope(&mut self, entry: &Entry<'_>) -> Option<Scope> {
        let symbol = self.text(entry, "symbol")?;
        let account = self.text(entry, "account")?;
        let own = |text: String| Some(text).filter(|text| text != "*");
        Some(Scope { symbol: own(symbol), account: own(account) })
    }

    fn text(&mut self, entry: &Entry<'_>, name: &str) -> Option<String> {
        match entry.find(name) {
            None => self.fault(entry.at, format!("'{name}' is missing")),
            Some((at, value)) => match value.as_str().map(str::trim) {
                None => self.fault(at, format!("'{name}' is {}, not text in quotes", value.type_str())),
                Some("") => self.fault(at, format!("'{name}' is empty")),
                Some(text) if text.chars().count() > 4 * ORDER_TEXT_MAX_CHARS => {
                    self.fault(
                        at,
                        format!("'{name}' is longer than {} characters", 4 * ORDER_TEXT_MAX_CHARS),
                    );
                }
                Some(text) => return Some(text.to_owned()),
            },
        }
        None
    }

    fn number(&mut self, entry: &Entry<'_>, name: &str) -> Option<f64> {
        let Some((at, value)) = entry.find(name) else {
            self.fault(entry.at, format!("'{name}' is missing"));
            return None;
        };
        let number = match value {
            DeValue::Integer(whole) => {
                i64::from_str_radix(whole.as_str(), whole.radix()).ok().map(|n| n as f64)
            }
            DeValue::Float(real) => real.as_str().parse().ok(),
            _ => None,
        };
        let sound = number.filter(|n: &f64| n.is_finite() && *n >= 0.0);
        if sound.is_none() {
            self.fault(at, format!("'{name}' is not a number of 0 or more"));
        }
        sound
    }

    fn span(&mut self, entry: &Entry<'_>) -> Option<(Nanos, Nanos)> {
        let (effective, expires) = (self.moment(entry, "effective"), self.moment(entry, "expires"));
        let (effective, expires) = (effective?, expires?);
        if expires <= effective {
            self.fault(
                entry.place("expires"),
                "expires is not after effective: it would never be in force".into(),
            );
            return None;
        }
        Some((effective, expires))
    }

    /// A date is its midnight in New York; a moment names its offset from UTC.
    fn moment(&mut self, entry: &Entry<'_>, name: &str) -> Option<Nanos> {
        let Some((at, value)) = entry.find(name) else {
            self.fault(entry.at, format!("'{name}' is missing"));
            return None;
        };
        let spelled = value.as_datetime().map(ToString::to_string).unwrap_or_default();
        let date = spelled.parse::<NaiveDate>().ok().map(|date| NYSE.bounds(date).0);
        let moment = || DateTime::parse_from_rfc3339(&spelled).ok()?.timestamp_nanos_opt().map(Nanos);
        let found = date.or_else(moment);
        if found.is_none() {
            let what = format!(
                "'{name}' is neither a date such as 2026-01-31 nor a moment such as 2026-01-31T14:30:00Z"
            );
            self.fault(at, what);
        }
        found
    }

    /// Two limits for one thing at one time, and overrides of nothing.
    fn beside_each_other(&mut self, table: &Spanned<DeTable<'_>>, limits: &Limits) {
        let starts = |kind: &str| -> Vec<usize> {
            let found = table.get_ref().iter().find(|(key, _)| key.get_ref() == kind);
            let entries = found.and_then(|(_, value)| value.get_ref().as_array());
            entries.into_iter().flat_map(|all| all.iter()).map(|entry| entry.span().start).collect()
        };
        let (limit_starts, override_starts) = (starts("limit"), starts("override"));
        // Places are known only when every entry was sound.
        if limit_starts.len() != limits.limits.len() || override_starts.len() != limits.overrides.len() {
            return;
        }
        let mut order: Vec<usize> = (0..limits.limits.len()).collect();
        let key = |index: usize| (limits.limits[index].rule.code, limits.limits[index].scope.folded());
        order.sort_by_key(|&index| (key(index), limits.limits[index].effective));
        for pair in order.windows(2) {
            if key(pair[0]) == key(pair[1])
                && limits.limits[pair[0]].expires > limits.limits[pair[1]].effective
            {
                let code = limits.limits[pair[1]].rule.code;
                self.fault(limit_starts[pair[1]], format!("a second {code} for the same scope and time"));
            }
        }
        for (made, at) in limits.overrides.iter().zip(override_starts) {
            let code = made.rule.code;
            let mut own = limits.limits.iter().filter(|limit| limit.rule.code == code).peekable();
            if own.peek().is_none() {
                self.fault(at, format!("overrides {code}, for which there is no limit"));
            } else if !own.any(|limit| limit.scope.includes(&made.scope)) {
                self.fault(at, format!("overrides {code}, which has no limit of the same or a wider scope"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::judging::limits::InForce;

    const SOUND: &str = r#"
[[limit]]
code = "max_order_quantity"
symbol = "*"
account = "*"
warn = 10_000
block = 20_000
unit = "shares"
owner = "desk"
reason = "ten times the usual order"
approved_by = "risk"
effective = 2013-01-01
expires = 2014-01-01
"#;

    fn moment(text: &str) -> Nanos {
        Nanos(DateTime::parse_from_rfc3339(text).expect("a moment").timestamp_nanos_opt().expect("near"))
    }

    fn told(text: &str) -> Vec<String> {
        parse(text).expect_err("refused").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        assert_eq!(parse(SOUND).expect("sound").limits.len(), 1);
        let cases = [
            (SOUND.replace("warn = 10_000", "warn = 30_000"), "line 6: warn (30000) is not stricter"),
            (SOUND.replace("warn = 10_000", "warn = 20_000"), "line 6: warn (20000) is not stricter"),
            (SOUND.replace("owner = \"desk\"", "owner = \" \""), "line 9: 'owner' is empty"),
            (SOUND.replace("owner = \"desk\"\n", ""), "line 2: 'owner' is missing"),
            (SOUND.replace("reason", "raison"), "line 10: 'raison' is not a key here"),
            (SOUND.replace("\"shares\"", "\"lots\""), "line 8: max_order_quantity is in 'shares'"),
            (SOUND.replace("_quantity", "_quantiy"), "line 3: 'max_order_quantiy' is not a check"),
            (SOUND.replace("20_000", "nan"), "line 7: 'block' is not a number"),
            (SOUND.replace("20_000", "-1"), "line 7: 'block' is not a number"),
            (SOUND.replace("2014-01-01", "\"soon\""), "line 13: 'expires' is neither"),
            (SOUND.replace("2014-01-01", "2012-01-01"), "line 13: expires is not after"),
            (SOUND.replace("[[limit]]", "[limit]"), "line 2: write [[limit]]"),
            (SOUND.replace("[[limit]]", "[[limits]]"), "line 2: 'limits' is not a key"),
            (SOUND.replace("\"desk\"", "desk\""), "line 9:"),
            (format!("{SOUND}{SOUND}"), "line 15: a second max_order_quantity"),
            (
                SOUND.replace("account = \"*\"", "account = \"A\"")
                    + &SOUND.replace("account = \"*\"", "account = \"a\""),
                "line 15: a second max_order_quantity",
            ),
        ];
        for (text, words) in cases {
            let told = told(&text);
            assert!(told.iter().any(|fault| fault.starts_with(words)), "{words}: {told:?}");
        }
    }

    #[test]
    fn a_file_without_a_limit_is_refused() {
        let restricted = "[[restricted]]\nsymbol = \"IBM\"\naccount = \"*\"\nowner = \"o\"\nreason = \"r\"\n\
                          approved_by = \"a\"\neffective = 2013-01-01\nexpires = 2014-01-01\n";
        for text in ["", "# nothing\n", "limit = []\n", restricted] {
            assert!(told(text)[0].starts_with("line 1: there is no [[limit]]"), "{text}");
        }
        assert!(parse(&format!("{SOUND}{restricted}")).is_ok());
    }

    #[test]
    fn a_limit_begins_and_runs_out() {
        let limits = parse(SOUND).expect("sound");
        let rule = rule("max_order_quantity").expect("a rule");
        let at = |text: &str| limits.in_force(rule, "IBM", None, moment(text));
        assert!(matches!(at("2012-12-31T23:00:00Z"), InForce::Later(_)));
        assert!(matches!(at("2013-01-01T05:00:00Z"), InForce::Set { .. }));
        assert!(matches!(at("2014-01-01T04:59:59Z"), InForce::Set { .. }));
        assert!(matches!(at("2014-01-01T05:00:00Z"), InForce::Expired(_)));
    }

    #[test]
    fn an_override_replaces_limits_of_its_own_and_wider_scopes_only() {
        let scoped = |text: &str, symbol: &str, account: &str| {
            text.replace("symbol = \"*\"", &format!("symbol = \"{symbol}\""))
                .replace("account = \"*\"", &format!("account = \"{account}\""))
        };
        let made = SOUND
            .replace("[[limit]]", "[[override]]")
            .replace("owner", "approver")
            .replace("approved_by = \"risk\"\n", "")
            .replace("20_000", "900_000")
            .replace("2013-01-01", "2013-10-07")
            .replace("2014-01-01", "2013-10-08");
        let rule = rule("max_order_quantity").expect("a rule");
        // Scopes of the limit in force and of the override; whether the override counts for IBM in account A1.
        for (limit, over, counts) in [
            (("IBM", "*"), ("*", "*"), false),
            (("IBM", "*"), ("IBM", "*"), true),
            (("IBM", "*"), ("IBM", "A1"), true),
            (("IBM", "*"), ("*", "A1"), false),
            (("*", "A1"), ("IBM", "*"), false),
            (("*", "A1"), ("IBM", "A1"), true),
            (("IBM", "A1"), ("*", "A1"), false),
        ] {
            let of = scoped(&SOUND.replace("20_000", "11_000"), limit.0, limit.1);
            let text = format!("{SOUND}{of}{}", scoped(&made, over.0, over.1));
            let limits = parse(&text).expect("sound");
            let at = moment("2013-10-07T14:00:00Z");
            let block = limits.in_force(rule, "IBM", Some("A1"), at).levels().map(|limit| limit.block);
            assert_eq!(block, Some(if counts { 900_000.0 } else { 11_000.0 }), "{limit:?} {over:?}");
        }
        let lone = format!("{}{made}", scoped(SOUND, "IBM", "*"));
        assert!(told(&lone)[0].contains("no limit of the same or a wider scope"), "{:?}", told(&lone));
    }

    #[test]
    fn an_override_holds_for_its_time_only() {
        let text = format!(
            "{SOUND}{}\n{}",
            SOUND.replace("symbol = \"*\"", "symbol = \"IBM\"").replace("20_000", "50_000"),
            SOUND
                .replace("[[limit]]", "[[override]]")
                .replace("owner", "approver")
                .replace("approved_by = \"risk\"\n", "")
                .replace("20_000", "90_000")
                .replace("2013-01-01", "2013-10-07T14:00:00Z")
                .replace("2014-01-01", "2013-10-07T15:00:00Z")
        );
        let limits = parse(&text).expect("sound");
        let rule = rule("max_order_quantity").expect("a rule");
        let block = |symbol: &str, at: &str| {
            limits.in_force(rule, symbol, Some("A1"), moment(at)).levels().map(|limit| limit.block)
        };
        assert_eq!(block("BAC", "2013-10-07T13:59:59Z"), Some(20_000.0));
        assert_eq!(block("BAC", "2013-10-07T14:00:00Z"), Some(90_000.0));
        assert_eq!(block("BAC", "2013-10-07T15:00:00Z"), Some(20_000.0));
        assert_eq!(block("IBM", "2013-10-07T14:00:00Z"), Some(50_000.0), "the closer limit stands");
        let long = text.replace("2013-10-07T15:00:00Z", "2013-12-07T15:00:00Z");
        assert!(told(&long)[0].contains("31 days at most"));
    }
}
