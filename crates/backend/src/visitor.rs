//! The visitor of a request: the browser's visitor id, its session, and the wallet address that it
//! has proven.

use std::fmt;
use std::str::FromStr;

use domain::ids::Address;
use domain::network::AddressPrefix;
use thiserror::Error;

/// A text that is not the id of a visitor or session.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an id of 32 hexadecimal digits")]
pub struct VisitorIdError;

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes an id from sixteen random bytes.
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
    /// A browser between two sign-ins; anonymous drafts belong to it. Signing in, signing out and
    /// changing the account each start a new one.
    VisitorId
}
hex_id! {
    /// One session of a visitor; replaced when the visitor signs in or out.
    SessionId
}

/// The owner of an order or a saved template: the account that made it or later signed in with it,
/// otherwise a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// An anonymous visitor.
    Browser(VisitorId),
    /// The holder of this address, in any browser.
    Account(Address),
}

impl Owner {
    /// The account, if there is one, otherwise the browser that made it.
    #[must_use]
    pub const fn strongest(made_by: VisitorId, account: Option<Address>) -> Self {
        match account {
            Some(address) => Self::Account(address),
            None => Self::Browser(made_by),
        }
    }

    /// Whether `visitor` may see and change what belongs to this owner. This is the only rule: all
    /// access to orders and templates is decided here.
    #[must_use]
    pub fn is(self, visitor: &Visitor) -> bool {
        visitor.acts_for() == Some(self)
    }
}

/// The sender of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The browser's id until it signs in or out.
    pub visitor: VisitorId,
    /// Session to which the request belongs.
    pub session: SessionId,
    /// The wallet address that it signed in with; `None` while it is not signed in.
    pub address: Option<Address>,
    /// `true` if the visitor left this session by signing in: for the short rest of its lifetime it
    /// shows its drafts as they were then, and changes nothing.
    pub has_left: bool,
    /// Network from which this request came; `None` if there is no request behind it.
    pub from: Option<AddressPrefix>,
}

impl Visitor {
    /// The owner whose orders the visitor may see and change, and to whom new orders belong; `None`
    /// for a session that was left.
    #[must_use]
    pub const fn acts_for(&self) -> Option<Owner> {
        if self.has_left {
            return None;
        }
        Some(Owner::strongest(self.visitor, self.address))
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::Address;

    use super::{Owner, SessionId, Visitor, VisitorId};

    const HERE: VisitorId = VisitorId::from_bytes([1; 16]);
    const ALICE: Address = Address::from_bytes([0xa1; 20]);
    const BOB: Address = Address::from_bytes([0xb0; 20]);

    fn visitor(address: Option<Address>, has_left: bool) -> Visitor {
        Visitor {
            visitor: HERE,
            session: SessionId::from_bytes([2; 16]),
            address,
            has_left,
            from: None,
        }
    }

    #[test]
    fn the_strongest_proof_owns_and_nothing_weaker_does() {
        let drafts = Owner::strongest(HERE, None);
        let alices = Owner::strongest(HERE, Some(ALICE));
        let cases = [
            (visitor(None, false), true, false),
            (visitor(Some(ALICE), false), false, true),
            (visitor(Some(BOB), false), false, false),
            (visitor(None, true), false, false),
        ];
        for (who, has_drafts, has_alices) in cases {
            assert_eq!(
                (drafts.is(&who), alices.is(&who)),
                (has_drafts, has_alices),
                "{who:?}"
            );
        }
    }
}
