//! The hash at the top of a tree or of one of its parts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text that is not a root.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{text}” is not a root (0x and 64 hexadecimal digits)")]
pub struct RootError {
    text: String,
}

/// The root of a Merkle tree: of a whole file, of a segment, or of any part between them.
///
/// Text form: `0x` and 64 lower-case hexadecimal digits; upper case is read as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root([u8; 32]);

impl Root {
    /// The root with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the root, in the order of its text form.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({self})")
    }
}

impl FromStr for Root {
    type Err = RootError;

    fn from_str(text: &str) -> Result<Self, RootError> {
        let mut bytes = [0; 32];
        text.strip_prefix("0x")
            .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
            .map(|()| Self(bytes))
            .ok_or_else(|| RootError {
                text: text.chars().take(80).collect(),
            })
    }
}

impl Serialize for Root {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A part of a file's tree with a power of two of entries; `SubmissionNode` in the Flow contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subtree {
    /// The hash at the top of this part.
    pub root: Root,
    /// The number of levels below the root: the part has 2^height entries.
    pub height: u8,
}

#[cfg(test)]
mod tests {
    use super::Root;

    #[test]
    fn a_root_survives_its_text_form_and_json() {
        let root = Root::from_bytes([0xab; 32]);
        let text = format!("0x{}", "ab".repeat(32));
        assert_eq!(root.to_string(), text);
        assert_eq!(text.parse(), Ok(root));
        assert_eq!(text.replace("ab", "AB").parse(), Ok(root));
        let json = serde_json::to_string(&root).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Root>(&json).unwrap(), root);
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for wrong in [
            "",
            "0x",
            &"ab".repeat(32),
            &format!("0x{}", "ab".repeat(31)),
        ] {
            let refusal = wrong.parse::<Root>().unwrap_err();
            assert_eq!(
                refusal.to_string(),
                format!("“{wrong}” is not a root (0x and 64 hexadecimal digits)")
            );
        }
        let long = "0x".repeat(1000).parse::<Root>().unwrap_err();
        assert!(long.to_string().chars().count() < 140, "{long}");
    }
}
