//! Keys for encrypted data in the database.
//!
//! The first key encrypts; any key decrypts the values that name it. A sealed value states in clear
//! text which key it needs, and is bound to the place it was written to: it cannot be opened
//! anywhere else.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox, SecretString};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::{StorageError, unreadable};
use crate::ports::Random;

/// Prefix of a value that is not encrypted because no key was given.
const IN_CLEAR: &str = "clear:";
/// Prefix of an encrypted value; the key's id and the rest follow.
const SEALED: &str = "sealed:";
/// Key id of unencrypted values.
pub(super) const NO_KEY: &str = "clear";
/// Length of a nonce in bytes: long enough to be drawn at random for every value.
const NONCE: usize = 24;
/// Length of a key in bytes.
const KEY: usize = 32;

/// The keys of a database. Cheap to clone; prints no key.
#[derive(Clone)]
pub struct DataKeys(Arc<Parts>);

struct Parts {
    keys: Vec<DataKey>,
    random: Arc<dyn Random>,
}

struct DataKey {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// Why keys cannot be parsed. Reveals nothing of their content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataKeysError {
    /// One of them is not a valid key.
    #[error("key {at} of {of} is not 64 hexadecimal digits")]
    NotAKey {
        /// Position of the key in the list, from 1.
        at: usize,
        /// Number of keys in the list.
        of: usize,
    },
    /// One of them occurs twice.
    #[error("key {at} is the same as an earlier one")]
    Twice {
        /// Position of the repeated key in the list, from 1.
        at: usize,
    },
}

/// The place in the database that a value is bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    /// Primary key of the row.
    pub(crate) row: &'a str,
}

impl DataKeys {
    /// No key: everything is unencrypted. Only for setups in which everything is on one machine.
    #[must_use]
    pub fn none(random: Arc<dyn Random>) -> Self {
        Self(Arc::new(Parts {
            keys: Vec::new(),
            random,
        }))
    }

    /// Generates a key, in the form used in the configuration.
    #[must_use]
    pub fn fresh_key(random: &dyn Random) -> String {
        hex::encode(random.bytes32())
    }

    /// Parses keys of 64 hexadecimal digits each, separated by commas; the first one encrypts.
    ///
    /// # Errors
    /// The position of the key that cannot be parsed.
    pub fn parse(text: &SecretString, random: Arc<dyn Random>) -> Result<Self, DataKeysError> {
        let words: Vec<&str> = text.expose_secret().split(',').map(str::trim).collect();
        let mut keys: Vec<DataKey> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let mut bytes = SecretBox::new(Box::new([0; KEY]));
            if hex::decode_to_slice(word, bytes.expose_secret_mut()).is_err() {
                return Err(DataKeysError::NotAKey {
                    at: at + 1,
                    of: words.len(),
                });
            }
            let key = DataKey::new(bytes.expose_secret());
            if keys.iter().any(|known| known.id == key.id) {
                return Err(DataKeysError::Twice { at: at + 1 });
            }
            keys.push(key);
        }
        Ok(Self(Arc::new(Parts { keys, random })))
    }

    /// Id of the key that encrypts.
    pub(crate) fn id(&self) -> &str {
        self.0.keys.first().map_or(NO_KEY, |key| &key.id)
    }

    /// Whether values that name this key can be opened.
    pub(crate) fn knows(&self, id: &str) -> bool {
        id == NO_KEY || self.0.keys.iter().any(|key| key.id == id)
    }

    /// Encrypts a text for one place.
    pub(crate) fn seal(&self, place: Place<'_>, text: &str) -> String {
        let Some(key) = self.0.keys.first() else {
            return format!("{IN_CLEAR}{text}");
        };
        let sealed = key.encrypt(place, text.as_bytes(), self.0.random.as_ref());
        format!("{SEALED}{}:{}", key.id, STANDARD_NO_PAD.encode(sealed))
    }

    /// Decrypts a text that was sealed for this place.
    ///
    /// # Errors
    /// If its key is unknown, or the text was sealed for another place or with another key.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &str) -> Result<String, StorageError> {
        if let Some(text) = sealed.strip_prefix(IN_CLEAR) {
            return Ok(text.to_owned());
        }
        let parts = sealed
            .strip_prefix(SEALED)
            .and_then(|it| it.split_once(':'));
        let (id, coded) =
            parts.ok_or_else(|| unreadable(place.column, "it is not a sealed value"))?;
        let key = self.key(id)?;
        let bytes = STANDARD_NO_PAD
            .decode(coded)
            .map_err(|error| unreadable(place.column, error))?;
        let opened = key.decrypt(place, &bytes)?;
        String::from_utf8(opened).map_err(|error| unreadable(place.column, error))
    }

    /// Encrypts bytes for one place. A column beside them must name the key: [`Self::id`].
    pub(crate) fn seal_bytes(&self, place: Place<'_>, bytes: &[u8]) -> Vec<u8> {
        match self.0.keys.first() {
            Some(key) => key.encrypt(place, bytes, self.0.random.as_ref()),
            None => bytes.to_vec(),
        }
    }

    /// Decrypts bytes that were sealed for this place with the key `id`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn open_bytes(
        &self,
        place: Place<'_>,
        id: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, StorageError> {
        if id == NO_KEY {
            return Ok(sealed.to_vec());
        }
        self.key(id)?.decrypt(place, sealed)
    }

    fn key(&self, id: &str) -> Result<&DataKey, StorageError> {
        let key = self.0.keys.iter().find(|key| key.id == id);
        key.ok_or_else(|| StorageError::KeyMissing { id: id.to_owned() })
    }
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.0.keys.iter().map(|key| &key.id);
        f.debug_list().entries(ids).finish()
    }
}

impl DataKey {
    fn new(bytes: &[u8; KEY]) -> Self {
        let digest = Sha256::new()
            .chain_update(b"necto data key")
            .chain_update(bytes)
            .finalize();
        Self {
            id: hex::encode(&digest[..4]),
            cipher: XChaCha20Poly1305::new(bytes.into()),
        }
    }

    /// Encrypts `bytes` with a fresh nonce; returns the nonce followed by the result.
    fn encrypt(&self, place: Place<'_>, bytes: &[u8], random: &dyn Random) -> Vec<u8> {
        let drawn = random.bytes32();
        let nonce: [u8; NONCE] = std::array::from_fn(|at| drawn[at]);
        let payload = Payload {
            msg: bytes,
            aad: &place.bytes(),
        };
        let mut sealed = nonce.to_vec();
        sealed.extend(
            self.cipher
                .encrypt(&XNonce::from(nonce), payload)
                .expect("a value in memory is shorter than the cipher's limit of 256 GiB"),
        );
        sealed
    }

    fn decrypt(&self, place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, StorageError> {
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE>()
            .ok_or_else(|| unreadable(place.column, "it is too short"))?;
        let payload = Payload {
            msg: sealed,
            aad: &place.bytes(),
        };
        self.cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| unreadable(place.column, "it was not sealed for this place"))
    }
}

impl Place<'_> {
    /// The bytes that bind a value to the place. No name contains the separator.
    fn bytes(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use secrecy::SecretString;

    use super::{DataKeys, DataKeysError, Place};
    use crate::fakes::FakeRandom;

    const HERE: Place<'_> = Place {
        table: "orders",
        column: "sealed",
        row: "0a",
    };

    fn keys(text: &str) -> Result<DataKeys, DataKeysError> {
        let random = Arc::new(FakeRandom::default());
        DataKeys::parse(&SecretString::from(text), random)
    }

    fn key(digit: char) -> String {
        digit.to_string().repeat(64)
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let keys = keys(&key('1')).unwrap();
        let sealed = keys.seal(HERE, "hunter2 is the secret");
        assert!(!sealed.contains("hunter2"), "{sealed}");
        assert_eq!(keys.open(HERE, &sealed).unwrap(), "hunter2 is the secret");
        for elsewhere in [
            Place { row: "0b", ..HERE },
            Place {
                column: "name",
                ..HERE
            },
            Place {
                table: "events",
                ..HERE
            },
        ] {
            assert!(keys.open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        let (head, _) = sealed.split_at(sealed.len() - 8);
        assert!(keys.open(HERE, &format!("{head}AAAAAAAA")).is_err());
        assert_ne!(keys.seal(HERE, "a"), keys.seal(HERE, "a"), "a nonce each");
    }

    #[test]
    fn the_first_key_seals_and_every_key_opens() {
        let old = keys(&key('1')).unwrap();
        let both = keys(&format!("{},{}", key('2'), key('1'))).unwrap();
        let new = keys(&key('2')).unwrap();
        let before = old.seal(HERE, "a");
        assert_eq!(both.open(HERE, &before).unwrap(), "a");
        let after = both.seal(HERE, "a");
        assert_eq!(new.open(HERE, &after).unwrap(), "a");
        let why = new.open(HERE, &before).unwrap_err().to_string();
        assert!(why.contains(old.id()), "{why}");
    }

    #[test]
    fn keys_are_read_exactly_and_never_printed() {
        let text = key('a');
        let shown = format!("{:?}", keys(&text).unwrap());
        assert!(!shown.contains("aaaa"), "{shown}");
        let bad = keys(&format!("{text}, 12ab")).unwrap_err().to_string();
        assert_eq!(bad, "key 2 of 2 is not 64 hexadecimal digits");
        assert!(keys(&format!("{text},{text}")).is_err());
    }
}
