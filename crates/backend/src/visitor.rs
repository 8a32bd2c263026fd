//! Who asks: a browser's visitor, its session, and the wallet address it has proven.

use std::fmt;
use std::str::FromStr;

use domain::ids::Address;
use thiserror::Error;

/// A text that is not an id of a visitor or session.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an id of 32 hexadecimal digits")]
pub struct VisitorIdError;

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From sixteen random bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = VisitorIdError;

            fn from_str(text: &str) -> Result<Self, VisitorIdError> {
                let mut bytes = [0; 16];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| VisitorIdError)?;
                Ok(Self(bytes))
            }
        }
    };
}

hex_id! {
    /// One browser's owner, signed in or not: drafts belong to it and survive signing in.
    VisitorId
}
hex_id! {
    /// One session of a visitor; rotated when the visitor signs in or out.
    SessionId
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Whose drafts.
    pub visitor: VisitorId,
    /// In which session.
    pub session: SessionId,
    /// The wallet address it signed in with.
    pub address: Option<Address>,
    /// Whether it left this session by signing in: for the little time that is left to the session,
    /// it shows what nobody has begun to pay for, and no more.
    pub has_left: bool,
}
