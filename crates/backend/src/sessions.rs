//! Sessions: an anonymous visitor from the first page on, an account after signing in.
//!
//! The browser holds 32 random bytes; the database holds only their SHA-256, so a stolen database
//! opens no session. Signing in and out replaces the session and keeps the visitor, and so the
//! drafts. An anonymous session that was left by signing in lasts ten minutes more, for a page that
//! was loaded again meanwhile; it never becomes signed in and reaches nothing that a wallet pays.

mod siwe;

use domain::ids::Address;
use domain::time::Seconds;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use siwe::{Challenge, SignInError, SignInMessage};

use crate::ports::ChainError;
use crate::storage::sessions::{self as rows, Asked, StoredChallenge};
use crate::{Backend, SessionId, UsecaseError, Visitor, VisitorId};

/// How long a session lasts.
const SESSION_LASTS: Seconds = Seconds::days(30);
/// A message Necto wrote is far shorter; anything longer is not worth reading.
const LONGEST_MESSAGE: usize = 2000;
/// 8 kB in hexadecimal and the prefix: what accounts that are contracts sign carries keys, proofs and
/// the making of the account.
const LONGEST_SIGNATURE: usize = 2 + 2 * 8 * 1024;

/// A session's secret, shown to the browser once.
#[derive(Debug, Clone)]
pub struct NewToken(SecretString);

impl NewToken {
    /// The value for the session cookie; it belongs nowhere else.
    #[must_use]
    pub fn cookie_value(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The visitor behind a cookie; a fresh anonymous one, with the token to set, where there is no
/// valid session.
///
/// # Errors
/// When the database fails.
pub async fn open(
    backend: &Backend,
    token: Option<&str>,
) -> Result<(Visitor, Option<NewToken>), UsecaseError> {
    let now = backend.ports().clock.now();
    if let Some(token) = token.filter(|token| is_token(token))
        && let Some(visitor) = rows::find(backend.storage(), &hash_of(token), now).await?
    {
        return Ok((visitor, None));
    }
    let random = &backend.ports().random;
    let visitor = Visitor {
        visitor: VisitorId::from_bytes(random.bytes16()),
        session: SessionId::from_bytes(random.bytes16()),
        address: None,
        has_left: false,
    };
    let (token, hash) = fresh_token(backend);
    let expires_at = now.after(SESSION_LASTS);
    rows::insert(backend.storage(), &visitor, &hash, now, expires_at).await?;
    Ok((visitor, Some(token)))
}

/// The complete message for the wallet to sign with `personal_sign`: for this site, this chain,
/// this account, once, within five minutes.
///
/// # Errors
/// When the database fails.
pub async fn challenge(
    backend: &Backend,
    visitor: &Visitor,
    address: Address,
) -> Result<String, UsecaseError> {
    let issued_at = backend.ports().clock.now();
    let challenge = Challenge {
        nonce: hex::encode(backend.ports().random.bytes16()),
        address,
        issued_at,
        expires_at: issued_at.after(siwe::VALID_FOR),
    };
    let stored = StoredChallenge {
        address,
        issued_at,
        expires_at: challenge.expires_at,
    };
    let nonce_hash = hash_of(&challenge.nonce);
    rows::ask(backend.storage(), visitor.session, &nonce_hash, &stored).await?;
    Ok(expected_message(backend, &challenge).text())
}

/// Signs the visitor in with a signed challenge. The session is replaced, the visitor stays.
///
/// # Errors
/// One sentence for each way a sign-in can be wrong: not ours, used, expired, another site,
/// account or chain, changed, signed by another account.
pub async fn sign_in(
    backend: &Backend,
    visitor: &Visitor,
    message: &str,
    signature: &str,
) -> Result<(Visitor, NewToken), UsecaseError> {
    let address = check(backend, visitor, message, signature).await?;
    replace_session(backend, visitor, Some(address)).await
}

/// Signs the visitor out. The session is replaced, the visitor and its drafts stay.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(backend: &Backend, visitor: &Visitor) -> Result<NewToken, UsecaseError> {
    let (_, token) = replace_session(backend, visitor, None).await?;
    Ok(token)
}

async fn check(
    backend: &Backend,
    visitor: &Visitor,
    text: &str,
    signature: &str,
) -> Result<Address, UsecaseError> {
    if text.len() > LONGEST_MESSAGE {
        return Err(SignInError::Malformed("the domain").into());
    }
    if signature.len() > LONGEST_SIGNATURE {
        return Err(SignInError::NotASignature.into());
    }
    let message = SignInMessage::parse(text)?;
    let now = backend.ports().clock.now();
    let nonce_hash = hash_of(&message.nonce);
    // From here on the nonce is spent, whatever comes: a second guess needs a second question.
    let stored = match rows::answer(backend.storage(), visitor.session, &nonce_hash, now).await? {
        Asked::Open(stored) => stored,
        Asked::Answered => return Err(SignInError::Reused.into()),
        Asked::Unknown => return Err(SignInError::UnknownNonce.into()),
    };
    let challenge = Challenge {
        nonce: message.nonce.clone(),
        address: stored.address,
        issued_at: stored.issued_at,
        expires_at: stored.expires_at,
    };
    if now >= challenge.expires_at {
        return Err(SignInError::Expired.into());
    }
    message.must_equal(&expected_message(backend, &challenge))?;
    let (chain, account) = (&backend.ports().chain, challenge.address);
    let no = match chain.recover_personal_sign(text, signature) {
        Ok(signer) if signer == account => return Ok(account),
        Ok(_) => SignInError::OtherSigner(siwe::checksummed(account)),
        Err(ChainError::Invalid(_)) => SignInError::NotASignature,
        Err(error) => return Err(error.into()),
    };
    // No key's signature, or not this account's key: the account may be a contract, and says itself.
    match chain.signed_by_contract(account, text, signature).await {
        Ok(true) => Ok(account),
        Ok(false) | Err(ChainError::Invalid(_)) => Err(no.into()),
        Err(error) => Err(error.into()),
    }
}

fn expected_message(backend: &Backend, challenge: &Challenge) -> SignInMessage {
    let origin = &backend.settings().public_origin;
    SignInMessage::new(challenge, origin, backend.ports().chain.chain_id())
}

async fn replace_session(
    backend: &Backend,
    old: &Visitor,
    address: Option<Address>,
) -> Result<(Visitor, NewToken), UsecaseError> {
    let now = backend.ports().clock.now();
    let visitor = Visitor {
        visitor: old.visitor,
        session: SessionId::from_bytes(backend.ports().random.bytes16()),
        address,
        has_left: false,
    };
    let (token, hash) = fresh_token(backend);
    let expires_at = now.after(SESSION_LASTS);
    let storage = backend.storage();
    rows::replace(storage, old, &visitor, &hash, now, expires_at).await?;
    Ok((visitor, token))
}

fn fresh_token(backend: &Backend) -> (NewToken, String) {
    let token = hex::encode(backend.ports().random.bytes32());
    let hash = hash_of(&token);
    (NewToken(token.into()), hash)
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

impl From<SignInError> for UsecaseError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Reused | SignInError::Expired => Self::Conflict(error.to_string()),
            other => Self::Invalid(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
