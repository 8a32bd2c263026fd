//! Sign-In with Ethereum (EIP-4361): the message that a wallet signs, parsed strictly.
//!
//! The server writes the complete message and expects exactly that text back. It is still parsed
//! field by field, because "the chain id is not ours" helps a person and "the texts differ" does
//! not. Nothing here reads a clock, draws a nonce or checks a signature.

use domain::ids::Address;
use domain::time::{Seconds, UnixSeconds, iso_8601};
use evm_types::alloy_primitives;
use thiserror::Error;

/// Time for which a sign-in message can be used.
pub(super) const VALID_FOR: Seconds = Seconds::minutes(5);

const OPENING: &str = " wants you to sign in with your Ethereum account:";
const STATEMENT: &str = "Sign in to Necto. This is free and moves no money.";
const VERSION: &str = "1";

/// A requested sign-in, as the server remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    /// Random text that makes the message unique; valid for one sign-in only.
    pub(super) nonce: String,
    /// Address of the account that wants to sign in.
    pub(super) address: Address,
    /// Unix time at which the sign-in was requested.
    pub(super) issued_at: UnixSeconds,
    /// Unix time after which the sign-in can no longer be answered.
    pub(super) expires_at: UnixSeconds,
}

/// The fields of a sign-in message, as written in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignInMessage {
    domain: String,
    address: String,
    statement: String,
    uri: String,
    version: String,
    chain_id: String,
    pub(super) nonce: String,
    issued_at: String,
    expires_at: String,
}

/// Why a sign-in is refused. Every text tells the person what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum SignInError {
    /// The text is not a message of this form.
    #[error("This is not a sign-in message of Necto ({0} is missing). Ask for a new one.")]
    Malformed(&'static str),
    /// The nonce was never given to this browser.
    #[error("Necto did not ask this browser for this sign-in. Ask for a new one.")]
    UnknownNonce,
    /// The nonce was used before.
    #[error("This sign-in was used already, and each can be used once. Ask for a new one.")]
    Reused,
    /// The message has expired.
    #[error("This sign-in expired: it can be signed for 5 minutes. Ask for a new one.")]
    Expired,
    /// The message is for another site.
    #[error(
        "This sign-in is for “{found}”, not for “{expected}”. Do not sign it; reload the page."
    )]
    WrongDomain {
        /// Domain in the signed message, shortened.
        found: String,
        /// Domain of this Necto.
        expected: String,
    },
    /// The message is for another account.
    #[error("This sign-in is for the account {found}, not for {expected}. Ask for a new one.")]
    WrongAddress {
        /// Address in the signed message.
        found: String,
        /// Address for which the sign-in was requested.
        expected: String,
    },
    /// The message is for another chain.
    #[error(
        "This sign-in is for chain {found}, not for {expected}. Switch the chain and try again."
    )]
    WrongChain {
        /// Chain id in the signed message.
        found: String,
        /// Id of the chain that this Necto uses.
        expected: String,
    },
    /// Some other difference from the requested text.
    #[error("The {0} of this sign-in was changed. Ask for a new one.")]
    Changed(&'static str),
    /// Not signed by the account that it names.
    #[error("The signature is not by {0}. Choose that account in the wallet and try again.")]
    OtherSigner(String),
    /// Not a signature.
    #[error("The wallet's answer is not a signature. Sign the message again.")]
    NotASignature,
}

impl SignInError {
    /// The kind of refusal, as a stable word that reveals nothing of the signed text.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::UnknownNonce => "unknown_nonce",
            Self::Reused => "reused",
            Self::Expired => "expired",
            Self::WrongDomain { .. } => "wrong_domain",
            Self::WrongAddress { .. } => "wrong_address",
            Self::WrongChain { .. } => "wrong_chain",
            Self::Changed(_) => "changed",
            Self::OtherSigner(_) => "other_signer",
            Self::NotASignature => "not_a_signature",
        }
    }
}

impl SignInMessage {
    /// The message for `challenge` at the site `public_origin` (`https://host[:port]`).
    pub(super) fn new(challenge: &Challenge, public_origin: &str, chain_id: u64) -> Self {
        let uri = public_origin.trim_end_matches('/');
        let domain = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        Self {
            domain: domain.to_owned(),
            address: checksummed(challenge.address),
            statement: STATEMENT.to_owned(),
            uri: uri.to_owned(),
            version: VERSION.to_owned(),
            chain_id: chain_id.to_string(),
            nonce: challenge.nonce.clone(),
            issued_at: iso_8601(challenge.issued_at),
            expires_at: iso_8601(challenge.expires_at),
        }
    }

    /// The text that a wallet shows and signs.
    pub(super) fn text(&self) -> String {
        let Self {
            domain,
            address,
            statement,
            uri,
            version,
            chain_id,
            nonce,
            issued_at,
            expires_at,
        } = self;
        format!(
            "{domain}{OPENING}\n{address}\n\n{statement}\n\nURI: {uri}\nVersion: {version}\n\
             Chain ID: {chain_id}\nNonce: {nonce}\nIssued At: {issued_at}\n\
             Expiration Time: {expires_at}"
        )
    }

    /// Parses a message: the fields in the standard's order, with nothing between or after them.
    pub(super) fn parse(text: &str) -> Result<Self, SignInError> {
        let mut lines = text.split('\n');
        let mut line = |what| lines.next().ok_or(SignInError::Malformed(what));
        let domain = line("the domain")?
            .strip_suffix(OPENING)
            .ok_or(SignInError::Malformed("the domain"))?
            .to_owned();
        let address = line("the account")?.to_owned();
        blank(line("the statement")?, "the statement")?;
        let statement = line("the statement")?.to_owned();
        blank(line("the URI")?, "the URI")?;
        let mut field = |label: &'static str, what: &'static str| {
            line(what)?
                .strip_prefix(label)
                .map(str::to_owned)
                .ok_or(SignInError::Malformed(what))
        };
        let message = Self {
            domain,
            address,
            statement,
            uri: field("URI: ", "the URI")?,
            version: field("Version: ", "the version")?,
            chain_id: field("Chain ID: ", "the chain id")?,
            nonce: field("Nonce: ", "the nonce")?,
            issued_at: field("Issued At: ", "the time of issue")?,
            expires_at: field("Expiration Time: ", "the expiry")?,
        };
        match lines.next() {
            None => Ok(message),
            Some(_) => Err(SignInError::Changed("end")),
        }
    }

    /// Compares every field with the requested one.
    pub(super) fn must_equal(&self, expected: &Self) -> Result<(), SignInError> {
        let (found, expected) = (self.clone(), expected.clone());
        if found.domain != expected.domain {
            return Err(SignInError::WrongDomain {
                found: shortened(&found.domain),
                expected: expected.domain,
            });
        }
        if found.address != expected.address {
            return Err(SignInError::WrongAddress {
                found: shortened(&found.address),
                expected: expected.address,
            });
        }
        if found.chain_id != expected.chain_id {
            return Err(SignInError::WrongChain {
                found: shortened(&found.chain_id),
                expected: expected.chain_id,
            });
        }
        let rest = [
            ("statement", found.statement == expected.statement),
            ("URI", found.uri == expected.uri),
            ("version", found.version == expected.version),
            ("nonce", found.nonce == expected.nonce),
            ("time of issue", found.issued_at == expected.issued_at),
            ("expiry", found.expires_at == expected.expires_at),
        ];
        match rest.into_iter().find(|(_, same)| !same) {
            None => Ok(()),
            Some((field, _)) => Err(SignInError::Changed(field)),
        }
    }
}

/// An address in the mixed case of EIP-55, which the standard requires.
pub(super) fn checksummed(address: Address) -> String {
    alloy_primitives::Address::from(*address.bytes()).to_checksum(None)
}

fn blank(line: &str, what: &'static str) -> Result<(), SignInError> {
    if line.is_empty() {
        Ok(())
    } else {
        Err(SignInError::Malformed(what))
    }
}

/// Shortens text from outside to the length of a name before it goes into a sentence.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use domain::ids::Address;
    use domain::time::UnixSeconds;

    use super::{Challenge, SignInError, SignInMessage, VALID_FOR};

    const ORIGIN: &str = "https://necto.example:8443";

    fn expected() -> SignInMessage {
        let issued_at = UnixSeconds(1_795_240_512);
        let challenge = Challenge {
            nonce: "0123456789abcdef0123456789abcdef".to_owned(),
            address: "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
                .parse()
                .unwrap(),
            issued_at,
            expires_at: issued_at.after(VALID_FOR),
        };
        SignInMessage::new(&challenge, ORIGIN, 99_999)
    }

    #[test]
    fn the_message_has_the_standard_s_form() {
        assert_eq!(
            expected().text(),
            "necto.example:8443 wants you to sign in with your Ethereum account:\n\
             0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\n\
             \n\
             Sign in to Necto. This is free and moves no money.\n\
             \n\
             URI: https://necto.example:8443\n\
             Version: 1\n\
             Chain ID: 99999\n\
             Nonce: 0123456789abcdef0123456789abcdef\n\
             Issued At: 2026-11-21T05:55:12Z\n\
             Expiration Time: 2026-11-21T06:00:12Z"
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        let message = expected();
        assert_eq!(SignInMessage::parse(&message.text()), Ok(message.clone()));
        assert_eq!(message.must_equal(&message), Ok(()));
    }

    #[test]
    fn the_account_is_written_with_its_checksum() {
        // The first two examples of EIP-55.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(super::checksummed(address), text);
        }
    }

    #[test]
    fn every_changed_field_has_its_own_sentence() {
        let cases = [
            (
                "necto.example:8443 wants",
                "evil.example wants",
                "This sign-in is for “evil.example”, not for “necto.example:8443”. Do not sign it; reload the page.",
            ),
            (
                "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
                "0xf39fd6e51aad88F6F4ce6aB8827279cffFb92266",
                "This sign-in is for the account 0xf39fd6e51aad88F6F4ce6aB8827279cffFb92266, not for 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266. Ask for a new one.",
            ),
            (
                "moves no money",
                "moves all money",
                "The statement of this sign-in was changed. Ask for a new one.",
            ),
            (
                "URI: https:",
                "URI: http:",
                "The URI of this sign-in was changed. Ask for a new one.",
            ),
            (
                "Version: 1",
                "Version: 2",
                "The version of this sign-in was changed. Ask for a new one.",
            ),
            (
                "Chain ID: 99999",
                "Chain ID: 1",
                "This sign-in is for chain 1, not for 99999. Switch the chain and try again.",
            ),
            (
                "Nonce: 01",
                "Nonce: 11",
                "The nonce of this sign-in was changed. Ask for a new one.",
            ),
            (
                "Issued At: 2026",
                "Issued At: 2025",
                "The time of issue of this sign-in was changed. Ask for a new one.",
            ),
            (
                "Expiration Time: 2026",
                "Expiration Time: 2027",
                "The expiry of this sign-in was changed. Ask for a new one.",
            ),
        ];
        for (from, to, sentence) in cases {
            let text = expected().text();
            assert!(text.contains(from), "{from}");
            let changed = SignInMessage::parse(&text.replace(from, to)).unwrap();
            let error = changed.must_equal(&expected()).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
    }

    #[test]
    fn what_is_not_such_a_message_is_refused_by_its_first_missing_part() {
        let text = expected().text();
        let without_nonce: String = text
            .lines()
            .filter(|line| !line.starts_with("Nonce"))
            .collect::<Vec<_>>()
            .join("\n");
        let cases = [
            (String::new(), SignInError::Malformed("the domain")),
            ("hello".to_owned(), SignInError::Malformed("the domain")),
            (without_nonce, SignInError::Malformed("the nonce")),
            (format!("{text}\n"), SignInError::Changed("end")),
            (
                format!("{text}\nResources:\n- https://evil.example"),
                SignInError::Changed("end"),
            ),
            (
                text.replace('\n', "\r\n"),
                SignInError::Malformed("the domain"),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(SignInMessage::parse(&text), Err(expected), "{text}");
        }
    }
}
