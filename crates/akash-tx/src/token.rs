//! The token with which a buyer's account identifies itself to a provider (AEP-64).
//!
//! The buyer signs one text, free of charge, and the provider checks the signature with the public key that the
//! chain has for the account. The account must therefore have sent a transaction before.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::time::{Seconds, UnixSeconds};
use thiserror::Error;

use crate::address::Address;
use crate::adr36;

mod claims;

pub use claims::{
    Access, Claims, ClaimsError, DeploymentAccess, Part, Permission, ProviderAccess, Scope,
};

/// The lifetime of a token; the specification advises a quarter of an hour.
pub const LIFETIME: Seconds = Seconds::minutes(15);

/// The way in which a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// The signature is made over the text itself: for programs that hold the key.
    Es256k,
    /// The signature is made over the text's ADR-36 document: for wallets.
    Es256kAdr36,
}

impl Algorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Es256k => "ES256K",
            Self::Es256kAdr36 => "ES256KADR36",
        }
    }
}

/// A token that lacks only its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedToken {
    text: String,
    issuer: Address,
    algorithm: Algorithm,
}

/// A signature that is not 64 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature is not 64 bytes in base64")]
pub struct SignatureError;

impl Claims {
    /// The token of these claims before it is signed.
    #[must_use]
    pub fn unsigned(&self, algorithm: Algorithm) -> UnsignedToken {
        let header = format!("{{\"alg\":\"{}\",\"typ\":\"JWT\"}}", algorithm.name());
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(self.to_json())
        );
        UnsignedToken {
            text,
            issuer: self.issuer().clone(),
            algorithm,
        }
    }

    /// The claims for managing deployments at one provider, from now on for [`LIFETIME`].
    #[must_use]
    pub fn for_provider(issuer: Address, provider: Address, now: UnixSeconds) -> Self {
        Self::of_one_provider(issuer, provider, now, now.after(LIFETIME))
    }
}

impl UnsignedToken {
    /// The text that a wallet is asked to sign.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes whose SHA-256 the key signs.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        match self.algorithm {
            Algorithm::Es256k => self.text.clone().into_bytes(),
            Algorithm::Es256kAdr36 => adr36::document(&self.issuer, &self.text).into_bytes(),
        }
    }

    /// The token with the signature as a wallet gives it: r and s in base64.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] where the signature has another length or is no base64.
    pub fn signed(&self, signature: &str) -> Result<Token, SignatureError> {
        let signature = STANDARD
            .decode(signature)
            .ok()
            .filter(|bytes| bytes.len() == 64)
            .ok_or(SignatureError)?;
        Ok(Token(format!(
            "{}.{}",
            self.text,
            URL_SAFE_NO_PAD.encode(signature)
        )))
    }
}

/// A signed token: a secret until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The text for the provider, which is never logged or shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
