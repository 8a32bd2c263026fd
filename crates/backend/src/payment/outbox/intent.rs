//! An intent: one transaction of the operator's account, from the decision to its end.

use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, OrderId, TxHash};
use domain::money::TokenAmount;
use domain::network::AddressPrefix;
use domain::time::{Seconds, UnixSeconds};

use crate::ports::OperatorCall;

/// Time within which every node that does not lag behind sees an effect on the chain.
const SEEN_WITHIN: Seconds = Seconds::minutes(2);

/// Purpose of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// Funds an escrow with its buyer's signature.
    Fund,
    /// Funds an escrow from its buyer's kept balance, within a policy the buyer signed.
    Spend,
    /// Adds to an escrow with its buyer's signature.
    TopUp,
    /// Starts an escrow's stream.
    Activate,
    /// Sends a heartbeat.
    Heartbeat,
    /// Ends an escrow.
    End,
    /// Returns a deposit that no order waits for.
    Return,
    /// Gives gas away (a simulated chain only).
    Gift,
}

impl Purpose {
    const ALL: [Self; 8] = [
        Self::Fund,
        Self::Spend,
        Self::TopUp,
        Self::Activate,
        Self::Heartbeat,
        Self::End,
        Self::Return,
        Self::Gift,
    ];

    /// Name of the purpose in the database and in an order's list of transactions.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fund => "fund",
            Self::Spend => "spend",
            Self::TopUp => "top_up",
            Self::Activate => "activate",
            Self::Heartbeat => "heartbeat",
            Self::End => "end",
            Self::Return => "return",
            Self::Gift => "gift",
        }
    }

    /// Returns the purpose with this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// The status of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing has been signed for it yet.
    Waiting,
    /// It has a nonce, and something signed for it may take effect at any time.
    Sent,
    /// It took effect, in a block that counts.
    Done,
    /// The contract does not accept it: nothing was sent, or the sent transaction had no effect.
    Refused,
    /// It came too late or is no longer needed: nothing was sent.
    Void,
}

impl Status {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Sent,
        Self::Done,
        Self::Refused,
        Self::Void,
    ];

    /// Name of the status in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Void => "void",
        }
    }

    /// Returns the status with this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// An action that must happen on chain.
#[derive(Debug, Clone)]
pub(crate) struct NewIntent {
    /// Purpose of the transaction; an intent is unique for its purpose and subject.
    pub(crate) purpose: Purpose,
    /// Name of what the transaction acts on, as text: usually an escrow's id.
    pub(crate) subject: String,
    /// Order that the transaction is for; `None` for one that belongs to no order.
    pub(crate) order: Option<OrderId>,
    /// Buyer for whom Necto pays the gas; `None` if the operator acts on its own account.
    pub(crate) buyer: Option<Address>,
    /// Network from which the buyer requested it; `None` if it is unknown or no buyer requested it.
    pub(crate) source: Option<AddressPrefix>,
    /// Call to be signed and sent: contract, data and value.
    pub(crate) call: OperatorCall,
    /// Time from which it is void if nothing has been signed for it by then; `None` if it may wait
    /// for ever.
    pub(crate) expires_at: Option<UnixSeconds>,
    /// Gas cost reserved for it until it is signed; zero for a call that counts against no budget
    /// for buyers' gas.
    pub(crate) reserved: Gwei,
}

impl NewIntent {
    /// Returns the intent for an order's call on its escrow.
    pub(crate) fn for_escrow(
        purpose: Purpose,
        order: OrderId,
        escrow: EscrowId,
        call: OperatorCall,
    ) -> Self {
        Self {
            purpose,
            subject: escrow.to_string(),
            order: Some(order),
            buyer: None,
            source: None,
            call,
            expires_at: None,
            reserved: Gwei::ZERO,
        }
    }
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Key of the row: purpose, subject and round, separated by colons.
    pub(crate) id: String,
    /// Purpose of the transaction.
    pub(crate) purpose: Purpose,
    /// Name of what the transaction acts on, as text: usually an escrow's id.
    pub(crate) subject: String,
    /// Number of earlier intents with this purpose and subject.
    pub(crate) round: u64,
    /// Order that the transaction is for; `None` for one that belongs to no order.
    pub(crate) order: Option<OrderId>,
    /// Call to be signed and sent: contract, data and value.
    pub(crate) call: OperatorCall,
    /// Time from which it is void if nothing has been signed for it by then; `None` if it may wait
    /// for ever.
    pub(crate) expires_at: Option<UnixSeconds>,
    /// Stage that the intent has reached, from waiting to its end.
    pub(crate) status: Status,
    /// Nonce of everything signed for it; `None` while nothing is signed.
    pub(crate) nonce: Option<u64>,
    /// Gas limit of the transaction, in units of gas; `None` before it was first signed.
    pub(crate) gas: Option<u64>,
    /// Hash of the included transaction; `None` before that, or if nothing was included.
    pub(crate) tx: Option<TxHash>,
    /// Reason why it had no effect, for people; `None` if it had an effect or has not ended.
    pub(crate) reason: Option<String>,
    /// Time at which it was done, refused or made void; `None` before its end.
    pub(crate) finished_at: Option<UnixSeconds>,
}

impl Intent {
    /// Whether it ended without effect.
    pub(crate) const fn failed(&self) -> bool {
        matches!(self.status, Status::Refused | Status::Void)
    }

    /// Whether its effect counted and must have been undone since: it is not on the chain long
    /// after. The chain was reorganised more deeply than any confirmation depth in use.
    pub(crate) fn was_undone(&self, now: UnixSeconds) -> bool {
        let finished = self.finished_at.unwrap_or(now);
        self.status == Status::Done && now.since(finished) >= SEEN_WITHIN
    }
}

/// Returns the subject of a top-up in the outbox: the escrow in its state before the top-up.
pub(crate) fn top_up_subject(escrow: EscrowId, deposited: TokenAmount) -> String {
    format!("{escrow}:{}", deposited.micros())
}
