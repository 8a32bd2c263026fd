//! Deployments, bids, leases, their escrow accounts, and providers.

use serde::Deserialize;

use super::{number, states};
use crate::address::Address;
use crate::coin::{Coin, DecCoin, Denom};
use crate::ids::{BidId, DeploymentId, EscrowId, GroupId};
use crate::messages::DepositSource;

/// Deployments of an account: `/akash/deployment/v1beta4/deployments/list`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeploymentPage {
    /// Deployments on this page.
    pub deployments: Vec<DeploymentAnswer>,
}

/// A deployment with its groups and its money: `/akash/deployment/v1beta4/deployments/info`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeploymentAnswer {
    /// Deployment itself.
    pub deployment: DeploymentRecord,
    /// Groups of the deployment.
    pub groups: Vec<GroupRecord>,
    /// Escrow account of the deployment.
    pub escrow_account: EscrowAccount,
}

/// A deployment as it is on chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeploymentRecord {
    /// Name of the deployment.
    pub id: DeploymentId,
    /// State of the deployment.
    pub state: DeploymentState,
    /// SHA-256 of its manifest, in base64.
    pub hash: String,
    /// Height at which it was created.
    #[serde(deserialize_with = "number")]
    pub created_at: u64,
}

states! {
    /// The state of a deployment.
    DeploymentState {
        /// It exists.
        Active = "active",
        /// It has ended.
        Closed = "closed",
    }
}

/// A group as it is on chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GroupRecord {
    /// Name of the group.
    pub id: GroupId,
    /// State of the group.
    pub state: GroupState,
}

states! {
    /// The state of a group.
    GroupState {
        /// It has an order or a lease.
        Open = "open",
        /// Its owner has paused it.
        Paused = "paused",
        /// The money has run out.
        InsufficientFunds = "insufficient_funds",
        /// It has ended.
        Closed = "closed",
    }
}

/// The least deposits: `/akash/deployment/v1beta4/params`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeploymentParams {
    params: MinDeposits,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct MinDeposits {
    min_deposits: Vec<Coin>,
}

impl DeploymentParams {
    /// The least deposit in uact; `None` where there is none.
    #[must_use]
    pub fn min_deposit_uact(&self) -> Option<u128> {
        let mut minima = self.params.min_deposits.iter();
        minima
            .find(|coin| coin.denom == Denom::Uact)
            .map(|coin| coin.amount)
    }
}

/// Bids: `/akash/market/v1beta5/bids/list`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BidPage {
    /// Bids on this page.
    pub bids: Vec<BidWithEscrow>,
}

/// A bid: `/akash/market/v1beta5/bids/info`.
pub type BidAnswer = BidWithEscrow;

/// A bid with its deposit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BidWithEscrow {
    /// Bid itself.
    pub bid: BidRecord,
    /// Escrow account with the provider's deposit.
    pub escrow_account: EscrowAccount,
}

/// A bid as it is on chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BidRecord {
    /// Name of the bid.
    pub id: BidId,
    /// State of the bid.
    pub state: BidState,
    /// Price of the whole group per block.
    pub price: DecCoin,
    /// Height at which it was made.
    #[serde(deserialize_with = "number")]
    pub created_at: u64,
}

states! {
    /// The state of a bid.
    BidState {
        /// It can be accepted.
        Open = "open",
        /// It has become a lease.
        Active = "active",
        /// Another bid was accepted.
        Lost = "lost",
        /// It has ended.
        Closed = "closed",
    }
}

/// Leases: `/akash/market/v1beta5/leases/list`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LeasePage {
    /// Leases on this page.
    pub leases: Vec<LeaseWithPayment>,
}

/// A lease with what its provider is paid.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LeaseWithPayment {
    /// Lease itself.
    pub lease: LeaseRecord,
    /// Payment to the provider.
    pub escrow_payment: Payment,
}

/// A lease as it is on chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LeaseRecord {
    /// Name of the lease.
    pub id: BidId,
    /// State of the lease.
    pub state: LeaseState,
    /// Price of the whole group per block.
    pub price: DecCoin,
    /// Height at which it began.
    #[serde(deserialize_with = "number")]
    pub created_at: u64,
    /// Height at which it ended; 0 while it has not.
    #[serde(deserialize_with = "number")]
    pub closed_on: u64,
    /// The chain's word for the reason of its end; `lease_closed_invalid` while there is none.
    pub reason: String,
}

states! {
    /// The state of a lease.
    LeaseState {
        /// It is in force.
        Active = "active",
        /// The money has run out.
        InsufficientFunds = "insufficient_funds",
        /// It has ended.
        Closed = "closed",
        /// The provider has given notice.
        Reclaiming = "reclaiming",
    }
}

/// Escrow accounts: `/akash/escrow/v1/types/accounts`, whose filter also finds longer names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowAccounts {
    /// Accounts on this page.
    pub accounts: Vec<EscrowAccount>,
}

impl EscrowAccounts {
    /// The account with exactly this name; `None` where the page does not have it.
    #[must_use]
    pub fn account(&self, id: &EscrowId) -> Option<&EscrowAccount> {
        self.accounts.iter().find(|account| account.id == *id)
    }
}

/// An escrow account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowAccount {
    /// Name of the account.
    pub id: EscrowId,
    /// Money of the account.
    pub state: EscrowMoney,
}

/// The money of an escrow account, as it was when the chain last settled it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowMoney {
    /// Account that the money belongs to.
    pub owner: Address,
    /// State of the escrow account.
    pub state: EscrowState,
    /// Money that providers have been credited.
    pub transferred: Vec<DecCoin>,
    /// Height of the last settlement.
    #[serde(deserialize_with = "number")]
    pub settled_at: u64,
    /// Money that was left then.
    pub funds: Vec<DecCoin>,
    /// Deposits, the oldest first; what is left of them returns to their owners.
    pub deposits: Vec<EscrowDeposit>,
}

/// A deposit into an escrow account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowDeposit {
    /// Account that paid, and that is refunded.
    pub owner: Address,
    /// Height at which it was paid.
    #[serde(deserialize_with = "number")]
    pub height: u64,
    /// Source of the money.
    pub source: DepositSource,
    /// Money that is left of it.
    pub balance: DecCoin,
}

states! {
    /// The state of an escrow account.
    EscrowState {
        /// It takes deposits and pays.
        Open = "open",
        /// It has ended.
        Closed = "closed",
        /// The money has run out.
        Overdrawn = "overdrawn",
    }
}

/// Payments to providers: `/akash/escrow/v1/types/payments`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentPage {
    /// Payments on this page.
    pub payments: Vec<Payment>,
}

/// The payment of one lease.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Payment {
    /// Name of the payment.
    pub id: PaymentId,
    /// Money of the payment.
    pub state: PaymentMoney,
}

/// The name of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentId {
    /// Escrow account that pays.
    pub aid: EscrowId,
    /// Name of the lease within its deployment: `gseq/oseq/provider`.
    pub xid: String,
}

/// The money of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaymentMoney {
    /// Provider that is paid.
    pub owner: Address,
    /// State of the payment.
    pub state: EscrowState,
    /// Price per block.
    pub rate: DecCoin,
    /// Money that the provider can withdraw.
    pub balance: DecCoin,
    /// Money that the escrow account could not pay.
    pub unsettled: DecCoin,
    /// Money that the provider has withdrawn.
    pub withdrawn: Coin,
}

/// A provider: `/akash/provider/v1beta4/providers/{address}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderAnswer {
    /// Provider as it is on chain.
    pub provider: ProviderRecord,
}

/// A provider as it is on chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderRecord {
    /// Account of the provider.
    pub owner: Address,
    /// Address of its gateway.
    pub host_uri: String,
}
