//! A key as its holder has it: `impactd_<id>_<secret>_<checksum>`. In: random bytes, or a text that somebody sent.
//! Out: the text, once, or its id and its SHA-256; a secret itself is kept nowhere.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::tape::{hex, sha256};

/// How every key begins, so that scanners of repositories and logs find one that leaked.
const PREFIX: &str = "impactd";
const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;
const CHECKSUM_CHARS: usize = 8;

/// SHA-256 of a key's text.
pub type KeyHash = [u8; 32];

/// A key's whole text. Only its last five characters show in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

impl KeyText {
    /// A new key: a random id, and a secret of 256 random bits.
    ///
    /// # Errors
    /// When the operating system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let (mut id, mut secret) = ([0; ID_BYTES], [0; SECRET_BYTES]);
        getrandom::fill(&mut id)?;
        getrandom::fill(&mut secret)?;
        let body = format!("{PREFIX}_{}_{}", hex(&id), hex(&secret));
        let checksum = checksum(&body);
        Ok(Self(format!("{body}_{checksum}")))
    }

    /// Reads a key; `None` for a text that cannot be one: another form, or a checksum that says it was mistyped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (body, said) = text.rsplit_once('_')?;
        let mut parts = body.split('_');
        let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = parts.next().is_none() && prefix == PREFIX;
        let sound = whole && is_hex(id, 2 * ID_BYTES) && is_hex(secret, 2 * SECRET_BYTES);
        (sound && said == checksum(body)).then(|| Self(text.to_owned()))
    }

    /// Which key: no secret, and named in lists and in the audit.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split('_').nth(1).unwrap_or_default()
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        Sha256::digest(&self.0).into()
    }

    /// All of it, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.len().saturating_sub(5);
        write!(f, "KeyText(…{})", self.0.get(tail..).unwrap_or_default())
    }
}

/// The first characters of the SHA-256 of what stands before.
fn checksum(body: &str) -> String {
    sha256(body).chars().take(CHECKSUM_CHARS).collect()
}

fn is_hex(text: &str, chars: usize) -> bool {
    text.len() == chars && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_never_shown() {
        let key = KeyText::random().expect("random bytes");
        assert_eq!(KeyText::parse(key.reveal()), Some(key.clone()));
        assert!(key.reveal().starts_with(&format!("impactd_{}_", key.id())));
        let shown = format!("{key:?}");
        assert!(shown.ends_with(&format!("{})", &key.reveal()[key.reveal().len() - 5..])), "{shown}");
        assert!(shown.chars().count() < 20 && !shown.contains(key.id()));
        assert_ne!(KeyText::random().expect("random bytes").hash(), key.hash());
    }

    #[test]
    fn a_mistyped_key_is_told_by_its_checksum() {
        let text = KeyText::random().expect("random bytes").reveal().to_owned();
        for place in 0..text.len() {
            let mut typed = text.clone().into_bytes();
            typed[place] = if typed[place] == b'0' { b'1' } else { b'0' };
            let typed = String::from_utf8(typed).expect("text");
            assert_eq!(KeyText::parse(&typed), None, "{place}");
        }
        for bad in ["", "impactd", "impactd___", "impactd_a_b_c", &format!("{text}_"), &text.to_uppercase()] {
            assert_eq!(KeyText::parse(bad), None, "{bad}");
        }
    }
}
