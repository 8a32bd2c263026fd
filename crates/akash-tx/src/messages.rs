//! The messages that a buyer's own account signs.

use serde::Deserialize;

use crate::address::Address;
use crate::any::Any;
use crate::coin::Coin;
use crate::groups::GroupSpec;
use crate::ids::{BidId, DeploymentId, EscrowId, EscrowScope, GroupId};
use crate::wire::{DecodeError, Wire, wire, wire_enum};

/// Opens a deployment and one order for each of its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgCreateDeployment {
    /// Name of the deployment; its number must be new for the owner.
    pub id: DeploymentId,
    /// Groups of the deployment, with distinct names and prices in uact.
    pub groups: Vec<GroupSpec>,
    /// SHA-256 of the manifest.
    pub hash: [u8; 32],
    /// Money that the deployment starts with.
    pub deposit: Deposit,
    /// Terms under which a provider may take the resources back; `None` for no such right.
    pub reclamation: Option<Reclamation>,
}

wire!(MsgCreateDeployment {
    id: 1,
    groups: 2,
    hash: 3,
    deposit: 4,
    reclamation: 5
});

/// Money for an escrow account, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Amount of the deposit.
    pub amount: Coin,
    /// Sources in the order in which they are used, each at most once.
    pub sources: Vec<DepositSource>,
}

wire!(Deposit {
    amount: 1,
    sources: 5
});

impl Deposit {
    /// A deposit from the signer's own balance alone.
    #[must_use]
    pub fn from_balance(amount: Coin) -> Self {
        Self {
            amount,
            sources: vec![DepositSource::Balance],
        }
    }
}

/// A source of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositSource {
    /// The signer's own balance.
    Balance,
    /// An authorisation that somebody else has given the signer.
    Grant,
}

wire_enum!(DepositSource {
    Balance = 1,
    Grant = 2
});

/// The shortest notice of a provider who takes resources back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reclamation {
    /// Shortest time between notice and end.
    pub min_window: SecondsAndNanos,
}

wire!(Reclamation { min_window: 1 });

/// Seconds with a part of nanoseconds: a length of time, or an instant since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondsAndNanos {
    /// Whole seconds.
    pub seconds: u64,
    /// Further nanoseconds, below 10^9.
    pub nanos: u32,
}

wire!(SecondsAndNanos {
    seconds: 1,
    nanos: 2
});

/// Changes the manifest that a deployment runs; its groups stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgUpdateDeployment {
    /// Name of the deployment.
    pub id: DeploymentId,
    /// SHA-256 of the new manifest, other than the present one.
    pub hash: [u8; 32],
}

wire!(MsgUpdateDeployment { id: 1, hash: 3 });

/// Closes a deployment with its leases; unused money returns to its depositors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgCloseDeployment {
    /// Name of the deployment.
    pub id: DeploymentId,
}

wire!(MsgCloseDeployment { id: 1 });

/// Closes, pauses or starts a group, by the variant of [`Message`] that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgGroup {
    /// Name of the group.
    pub id: GroupId,
}

wire!(MsgGroup { id: 1 });

/// Accepts a bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgCreateLease {
    /// Name of the accepted bid.
    pub bid_id: BidId,
}

wire!(MsgCreateLease { bid_id: 1 });

/// Ends a lease; an open group is then put up for bids again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgCloseLease {
    /// Name of the lease.
    pub id: BidId,
    /// Number of the reason; 0 where none is given.
    pub reason: u32,
}

wire!(MsgCloseLease { id: 1, reason: 2 });

/// Adds money to an escrow account; anyone may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgAccountDeposit {
    /// Account that pays.
    pub signer: Address,
    /// Name of the escrow account.
    pub id: EscrowId,
    /// Money to add.
    pub deposit: Deposit,
}

wire!(MsgAccountDeposit {
    signer: 1,
    id: 2,
    deposit: 3
});

/// Burns one coin to mint the other: AKT for ACT or ACT for AKT, by the variant of [`Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgBurnMint {
    /// Account whose coins are burnt.
    pub owner: Address,
    /// Account that receives the minted coins; the chain demands the owner.
    pub to: Address,
    /// Coins to burn.
    pub coins_to_burn: Coin,
}

wire!(MsgBurnMint {
    owner: 1,
    to: 2,
    coins_to_burn: 3
});

/// Stores a client certificate; tokens have taken its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgCreateCertificate {
    /// Account that the certificate is for.
    pub owner: Address,
    /// Certificate as PEM text.
    pub cert: Vec<u8>,
    /// Public key as PEM text.
    pub pubkey: Vec<u8>,
}

wire!(MsgCreateCertificate {
    owner: 1,
    cert: 2,
    pubkey: 3
});

/// Revokes a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgRevokeCertificate {
    /// Name of the certificate.
    pub id: CertificateId,
}

wire!(MsgRevokeCertificate { id: 1 });

/// The name of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateId {
    /// Account that the certificate is for.
    pub owner: Address,
    /// Serial number as decimal text.
    pub serial: String,
}

wire!(CertificateId {
    owner: 1,
    serial: 2
});

/// Sends coins to another account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgSend {
    /// Account that pays.
    pub from_address: Address,
    /// Account that receives.
    pub to_address: Address,
    /// Coins to send.
    pub amount: Vec<Coin>,
}

wire!(MsgSend {
    from_address: 1,
    to_address: 2,
    amount: 3
});

/// Lets another account act for this one, within an authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgGrant {
    /// Account that gives the right.
    pub granter: Address,
    /// Account that receives it.
    pub grantee: Address,
    /// The right itself.
    pub grant: Grant,
}

wire!(MsgGrant {
    granter: 1,
    grantee: 2,
    grant: 3
});

/// A right with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Allowed action, a [`DepositAuthorization`] as a rule.
    pub authorization: Any,
    /// End of the right since 1970; `None` for no end.
    pub expiration: Option<SecondsAndNanos>,
}

wire!(Grant {
    authorization: 1,
    expiration: 2
});

/// The right to deposit the granter's money for one's own deployments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositAuthorization {
    /// Most that may be deposited in one coin; the older of the two limits.
    pub spend_limit: Coin,
    /// Kinds of escrow account that may receive the money.
    pub scopes: Vec<EscrowScope>,
    /// Most that may be deposited, coin by coin.
    pub spend_limits: Vec<Coin>,
}

wire!(DepositAuthorization {
    spend_limit: 1,
    scopes: 2,
    spend_limits: 3
});

impl DepositAuthorization {
    /// The name of the type on chain.
    pub const TYPE_URL: &str = "/akash.escrow.v1.DepositAuthorization";

    /// The authorisation with the name of its type.
    #[must_use]
    pub fn to_any(&self) -> Any {
        Any {
            type_url: Self::TYPE_URL.to_owned(),
            value: self.encode(),
        }
    }
}

/// Takes a right back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgRevoke {
    /// Account that gave the right.
    pub granter: Address,
    /// Account that received it.
    pub grantee: Address,
    /// Type of the messages that were allowed.
    pub msg_type_url: String,
}

wire!(MsgRevoke {
    granter: 1,
    grantee: 2,
    msg_type_url: 3
});

/// Lets another account's fees be paid by this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsgGrantAllowance {
    /// Account that pays the fees.
    pub granter: Address,
    /// Account whose fees are paid.
    pub grantee: Address,
    /// The allowance, a [`BasicAllowance`] as a rule.
    pub allowance: Any,
}

wire!(MsgGrantAllowance {
    granter: 1,
    grantee: 2,
    allowance: 3
});

/// An allowance for fees up to a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicAllowance {
    /// Most that may be spent; empty for no limit.
    pub spend_limit: Vec<Coin>,
    /// End of the allowance since 1970; `None` for no end.
    pub expiration: Option<SecondsAndNanos>,
}

wire!(BasicAllowance {
    spend_limit: 1,
    expiration: 2
});

impl BasicAllowance {
    /// The name of the type on chain.
    pub const TYPE_URL: &str = "/cosmos.feegrant.v1beta1.BasicAllowance";

    /// The allowance with the name of its type.
    #[must_use]
    pub fn to_any(&self) -> Any {
        Any {
            type_url: Self::TYPE_URL.to_owned(),
            value: self.encode(),
        }
    }
}

/// Declares [`Message`] with the names of the types on chain.
macro_rules! messages {
    ($($(#[$doc:meta])* $variant:ident($message:ident) = $type_url:literal,)+) => {
        /// Any message that this crate knows.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Message {
            $($(#[$doc])* $variant($message),)+
        }

        impl Message {
            /// The name of its type on chain.
            #[must_use]
            pub const fn type_url(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $type_url,)+
                }
            }

            /// The message with the name of its type, as a transaction holds it.
            #[must_use]
            pub fn to_any(&self) -> Any {
                let value = match self {
                    $(Self::$variant(message) => message.encode(),)+
                };
                Any { type_url: self.type_url().to_owned(), value }
            }

            /// The message in an element of a transaction.
            ///
            /// # Errors
            ///
            /// [`DecodeError`] where the type is unknown, or the bytes are not exactly such a message.
            pub fn from_any(any: &Any) -> Result<Self, DecodeError> {
                match any.type_url.as_str() {
                    $($type_url => $message::read_fields(&any.value).map(Self::$variant),)+
                    other => Err(DecodeError::UnknownType(other.chars().take(100).collect())),
                }
            }
        }
    };
}

messages! {
    /// Mints ACT by burning AKT.
    MintAct(MsgBurnMint) = "/akash.bme.v1.MsgMintACT",
    /// Turns ACT back into AKT.
    BurnAct(MsgBurnMint) = "/akash.bme.v1.MsgBurnACT",
    /// Opens a deployment.
    CreateDeployment(MsgCreateDeployment) = "/akash.deployment.v1beta4.MsgCreateDeployment",
    /// Changes a deployment's manifest.
    UpdateDeployment(MsgUpdateDeployment) = "/akash.deployment.v1beta4.MsgUpdateDeployment",
    /// Closes a deployment.
    CloseDeployment(MsgCloseDeployment) = "/akash.deployment.v1beta4.MsgCloseDeployment",
    /// Closes a group for good.
    CloseGroup(MsgGroup) = "/akash.deployment.v1beta4.MsgCloseGroup",
    /// Takes a group's orders back until it is started again.
    PauseGroup(MsgGroup) = "/akash.deployment.v1beta4.MsgPauseGroup",
    /// Starts a paused group.
    StartGroup(MsgGroup) = "/akash.deployment.v1beta4.MsgStartGroup",
    /// Accepts a bid.
    CreateLease(MsgCreateLease) = "/akash.market.v1beta5.MsgCreateLease",
    /// Ends a lease.
    CloseLease(MsgCloseLease) = "/akash.market.v1beta5.MsgCloseLease",
    /// Adds money to an escrow account.
    AccountDeposit(MsgAccountDeposit) = "/akash.escrow.v1.MsgAccountDeposit",
    /// Stores a client certificate.
    CreateCertificate(MsgCreateCertificate) = "/akash.cert.v1.MsgCreateCertificate",
    /// Revokes a client certificate.
    RevokeCertificate(MsgRevokeCertificate) = "/akash.cert.v1.MsgRevokeCertificate",
    /// Sends coins.
    Send(MsgSend) = "/cosmos.bank.v1beta1.MsgSend",
    /// Gives another account a right.
    Grant(MsgGrant) = "/cosmos.authz.v1beta1.MsgGrant",
    /// Takes a right back.
    Revoke(MsgRevoke) = "/cosmos.authz.v1beta1.MsgRevoke",
    /// Pays another account's fees.
    GrantAllowance(MsgGrantAllowance) = "/cosmos.feegrant.v1beta1.MsgGrantAllowance",
}

impl Message {
    /// The burning of AKT for ACT, which the same account receives at the chain's next epoch.
    #[must_use]
    pub fn mint_act(owner: Address, uakt: u128) -> Self {
        Self::MintAct(MsgBurnMint {
            to: owner.clone(),
            owner,
            coins_to_burn: Coin::uakt(uakt),
        })
    }

    /// The burning of ACT for AKT, which the same account receives at the chain's next epoch.
    #[must_use]
    pub fn burn_act(owner: Address, uact: u128) -> Self {
        Self::BurnAct(MsgBurnMint {
            to: owner.clone(),
            owner,
            coins_to_burn: Coin::uact(uact),
        })
    }

    /// A deposit for one's own deployment, from one's own balance.
    #[must_use]
    pub fn top_up(deployment: &DeploymentId, uact: u128) -> Self {
        Self::AccountDeposit(MsgAccountDeposit {
            signer: deployment.owner.clone(),
            id: EscrowId::of_deployment(deployment),
            deposit: Deposit::from_balance(Coin::uact(uact)),
        })
    }
}
