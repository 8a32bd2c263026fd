//! Sessions: anonymous from a visitor's first page on, and with an account after signing in.
//!
//! The browser holds 32 random bytes; the database holds only their SHA-256, so a stolen database
//! gives access to no session. A page gives an anonymous browser its token, and nothing is stored
//! for it: the session begins ([`begin`]) with the first thing worth keeping. The token is handed
//! out that early so that two tabs that both send a first request are one visitor, and neither
//! loses its order.
//!
//! Signing in, signing out and changing the account replace the session *and* the visitor: an
//! earlier cookie of this browser gives no access to a later session. Signing in gives the account
//! only the drafts of the session in which it happened.
//!
//! An anonymous session that was left by signing in lasts ten more minutes: a page that was being
//! reloaded meanwhile never got the new cookie, and must show its draft rather than claim that
//! there is none. For this the session only needs to read its drafts. So a left session shows the
//! drafts that it had, each until its first change (the version is recorded at sign-in), and
//! answers everything else with the request to sign in again.

mod browser;
mod siwe;

use domain::ids::Address;
use domain::journey::{SessionEntry, SessionList};
use domain::time::{Seconds, UnixSeconds};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use siwe::{Challenge, SignInError, SignInMessage};

use crate::audit::{self, SecurityEvent};
use crate::ports::ChainError;
use crate::storage::StorageError;
use crate::storage::sessions::{self as rows, Asked, Now, StoredChallenge};
use crate::{Backend, SessionId, UsecaseError, Visitor, VisitorId};

/// The longest lifetime of a session.
const SESSION_LASTS: Seconds = Seconds::days(30);
/// Time that a signed-in session lasts without use.
const SESSION_IDLES: Seconds = Seconds::days(7);
/// Precision with which the last use of a session is recorded: each update is a write.
const SEEN_EVERY: Seconds = Seconds::minutes(5);
/// Messages that Necto writes are far shorter; anything longer is rejected unread.
const LONGEST_MESSAGE: usize = 2000;
/// 8 kB in hexadecimal and the prefix: signatures of contract accounts carry keys, proofs and the
/// code that creates the account.
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

/// A session that is not stored, because the visitor has nothing worth keeping yet.
#[derive(Debug, Clone)]
pub struct Unstored {
    /// Secret in the session cookie.
    pub token: NewToken,
    /// `true` if the browser sent the token; `false` if it was generated just now.
    pub is_known: bool,
}

/// Returns the visitor behind a cookie. Without a valid session this is a fresh anonymous visitor
/// with its session to [`begin`], for whom nothing is stored.
///
/// # Errors
/// If the database fails.
pub async fn open(
    backend: &Backend,
    token: Option<&str>,
    user_agent: Option<&str>,
) -> Result<(Visitor, Option<Unstored>), UsecaseError> {
    let now = now(backend);
    let storage = backend.storage();
    if let Some(token) = token.filter(|token| is_token(token))
        && let Some(found) = rows::find(storage, &hash_of(token), now).await?
    {
        if now.at.since(found.seen_at) >= SEEN_EVERY {
            let browser = user_agent.and_then(browser::named);
            rows::seen(storage, found.visitor.session, browser.as_deref(), now.at).await?;
        }
        return Ok((found.visitor, None));
    }
    // Only a token that came from a page begins a session: the token of an ended session is
    // worthless.
    let unstored = match token.filter(|token| begins_a_session(token)) {
        Some(known) => Unstored {
            token: NewToken(known.to_owned().into()),
            is_known: true,
        },
        None => Unstored {
            token: NewToken(format!("{OF_A_PAGE}{}", fresh_secret(backend)).into()),
            is_known: false,
        },
    };
    Ok((fresh_visitor(backend, None), Some(unstored)))
}

/// Stores an anonymous session and returns its visitor. If several requests begin the same session
/// at the same time, all get the same visitor.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    backend: &Backend,
    unstored: &Unstored,
    visitor: &Visitor,
    user_agent: Option<&str>,
) -> Result<Visitor, UsecaseError> {
    let now = now(backend);
    let hash = hash_of(unstored.token.cookie_value());
    let browser = user_agent.and_then(browser::named);
    let expires_at = now.at.after(SESSION_LASTS);
    let storage = backend.storage();
    rows::begin(storage, visitor, &hash, browser.as_deref(), now, expires_at).await?;
    let found = rows::find(storage, &hash, now).await?;
    let found = found.ok_or(UsecaseError::SignInAgain)?;
    Ok(Visitor {
        from: visitor.from,
        ..found.visitor
    })
}

/// Returns the current time and the idle limit of signed-in sessions.
pub(crate) fn now(backend: &Backend) -> Now {
    let at = backend.ports().clock.now();
    Now {
        at,
        idle_since: UnixSeconds(at.0.saturating_sub(SESSION_IDLES.0)),
    }
}

/// Returns whether the session in which `visitor` asked is still valid. It ends when it expires, by
/// signing in or out, and when it is ended from another session. Streams, which outlive their
/// request, check this before each message.
///
/// # Errors
/// If the database fails.
pub async fn stands(backend: &Backend, visitor: &Visitor) -> Result<bool, UsecaseError> {
    Ok(rows::stands(backend.storage(), visitor, now(backend)).await?)
}

/// Lists the sessions of the signed-in account.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without one.
pub async fn list(backend: &Backend, visitor: &Visitor) -> Result<SessionList, UsecaseError> {
    let account = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let now = now(backend);
    let found = rows::of_account(backend.storage(), account, now).await?;
    let mut sessions: Vec<SessionEntry> = found
        .into_iter()
        .map(|(session, entry)| SessionEntry {
            is_this: session == visitor.session,
            ..entry
        })
        .collect();
    sessions.sort_by_key(|entry| !entry.is_this);
    Ok(SessionList {
        sessions,
        lasts: SESSION_LASTS,
        idle: SESSION_IDLES,
        now: now.at,
    })
}

/// Signs out one session of the account, wherever it is. Ending one that has already ended is no
/// error.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without an account, [`UsecaseError::Missing`] if it is not one of
/// the account's sessions.
pub async fn end(
    backend: &Backend,
    visitor: &Visitor,
    session: SessionId,
) -> Result<(), UsecaseError> {
    let account = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let ended = rows::end_of_account(backend.storage(), account, Some(session)).await?;
    if ended.is_empty() {
        return Err(UsecaseError::Missing(
            "That session has ended already.".to_owned(),
        ));
    }
    announce_ends(backend, visitor, ended);
    Ok(())
}

/// Signs out every session of the account, including this one.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without an account.
pub async fn end_all(backend: &Backend, visitor: &Visitor) -> Result<(), UsecaseError> {
    let account = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let ended = rows::end_of_account(backend.storage(), account, None).await?;
    announce_ends(backend, visitor, ended);
    Ok(())
}

fn announce_ends(backend: &Backend, visitor: &Visitor, ended: Vec<SessionId>) {
    let number = ended.len();
    audit::of_visitor(backend, visitor, SecurityEvent::SessionsEnded { number });
    ended.into_iter().for_each(|one| backend.announce_end(one));
}

/// Returns the complete message for the wallet to sign with `personal_sign`: for this site, this
/// chain and this account, once, within five minutes.
///
/// # Errors
/// If the database fails.
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

/// Signs in with a signed challenge: starts a new session and a new visitor, who acts for the
/// account. Drafts and templates of this session become the account's.
///
/// One sentence for each way a sign-in can be wrong: not ours, used, expired, another site, account
/// or chain, changed, signed by another account.
pub async fn sign_in(
    backend: &Backend,
    visitor: &Visitor,
    message: &str,
    signature: &str,
) -> Result<(Visitor, NewToken), UsecaseError> {
    let address = check(backend, visitor, message, signature)
        .await
        .map_err(|refused| refused.noted(backend, visitor))?;
    let signed_in = replace_session(backend, visitor, Some(address)).await?;
    audit::of_visitor(backend, visitor, SecurityEvent::SignedIn(address));
    Ok(signed_in)
}

/// Why a sign-in was refused.
enum NotSignedIn {
    /// The answer is wrong.
    Refused(SignInError),
    /// The answer could not be checked.
    Failed(UsecaseError),
}

impl NotSignedIn {
    fn noted(self, backend: &Backend, visitor: &Visitor) -> UsecaseError {
        match self {
            Self::Refused(why) => {
                let reason = why.reason();
                let event = SecurityEvent::SignInRefused { reason };
                audit::of_visitor(backend, visitor, event);
                why.into()
            }
            Self::Failed(error) => error,
        }
    }
}

impl From<SignInError> for NotSignedIn {
    fn from(why: SignInError) -> Self {
        Self::Refused(why)
    }
}

impl From<StorageError> for NotSignedIn {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ChainError> for NotSignedIn {
    fn from(error: ChainError) -> Self {
        Self::Failed(error.into())
    }
}

/// Signs out: starts a new session and a new visitor who owns nothing. An anonymous visitor has
/// nothing to sign out of and keeps its session, along with its drafts.
///
/// # Errors
/// If the database fails.
pub async fn sign_out(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<Option<NewToken>, UsecaseError> {
    if visitor.address.is_none() && !visitor.has_left {
        return Ok(None);
    }
    let (_, token) = replace_session(backend, visitor, None).await?;
    audit::of_visitor(backend, visitor, SecurityEvent::SignedOut);
    Ok(Some(token))
}

async fn check(
    backend: &Backend,
    visitor: &Visitor,
    text: &str,
    signature: &str,
) -> Result<Address, NotSignedIn> {
    if text.len() > LONGEST_MESSAGE {
        return Err(SignInError::Malformed("the domain").into());
    }
    if signature.len() > LONGEST_SIGNATURE {
        return Err(SignInError::NotASignature.into());
    }
    let message = SignInMessage::parse(text)?;
    let now = backend.ports().clock.now();
    let nonce_hash = hash_of(&message.nonce);
    // From here on the nonce is spent, whatever happens: a second guess needs a second challenge.
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
    // Not a key's signature, or not by this account's key: the account may be a contract, so it is
    // asked.
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
    let visitor = fresh_visitor(backend, address);
    let (token, hash) = fresh_token(backend);
    let expires_at = now.after(SESSION_LASTS);
    let storage = backend.storage();
    rows::replace(storage, old, &visitor, &hash, now, expires_at).await?;
    backend.announce_end(old.session);
    let visitor = Visitor {
        from: old.from,
        ..visitor
    };
    Ok((visitor, token))
}

fn fresh_visitor(backend: &Backend, address: Option<Address>) -> Visitor {
    let random = &backend.ports().random;
    Visitor {
        visitor: VisitorId::from_bytes(random.bytes16()),
        session: SessionId::from_bytes(random.bytes16()),
        address,
        has_left: false,
        from: None,
    }
}

fn fresh_secret(backend: &Backend) -> String {
    hex::encode(backend.ports().random.bytes32())
}

fn fresh_token(backend: &Backend) -> (NewToken, String) {
    let token = fresh_secret(backend);
    let hash = hash_of(&token);
    (NewToken(token.into()), hash)
}

/// Prefix of a token that a page gave to an anonymous browser; its 32 bytes follow.
const OF_A_PAGE: &str = "p";

fn is_token(text: &str) -> bool {
    is_secret(text) || begins_a_session(text)
}

fn begins_a_session(text: &str) -> bool {
    text.strip_prefix(OF_A_PAGE).is_some_and(is_secret)
}

fn is_secret(text: &str) -> bool {
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
