//! What the operator's account is to do on chain, written down before anything is sent.
//!
//! An *intent* is stored by whoever decides that something is to happen, in the transaction that
//! decides it, and is unique for its purpose and subject. One job ([`crate::jobs::send_outbox`])
//! gives it a nonce, stores what it signed, sends it, repeats, pays more for what is stuck, and
//! finds out what became of it. Because a nonce counts once and what was signed is kept, an intent
//! takes effect once, whatever dies in between.

use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, OrderId, TxHash};
use domain::network::AddressPrefix;
use domain::time::{Seconds, UnixSeconds};

use crate::Backend;
use crate::jobs::queue::{self, Kind};
use crate::ports::OperatorCall;
use crate::storage::{Connection, StorageError, outbox};

/// What took effect is seen on the chain within this time by every node that is not behind.
const SEEN_WITHIN: Seconds = Seconds::minutes(2);

/// What a transaction is for.
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
    /// Gives a sign of life.
    Heartbeat,
    /// Ends an escrow.
    End,
    /// Gives a deposit back that no order waits for.
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

    /// Its name in the database and in an order's list of transactions.
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

    /// The purpose of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Where an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing was signed for it yet.
    Waiting,
    /// It has a nonce; something signed for it may take effect at any time.
    Sent,
    /// It had its effect, in a block that counts.
    Done,
    /// The contract does not take it: nothing was sent, or what was sent had no effect.
    Refused,
    /// It came too late or nobody needs it any more: nothing was sent.
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

    /// Its name in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Void => "void",
        }
    }

    /// The status of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Something that is to happen on chain.
#[derive(Debug, Clone)]
pub(crate) struct NewIntent {
    /// What for.
    pub(crate) purpose: Purpose,
    /// On what: an escrow's id, mostly.
    pub(crate) subject: String,
    /// For which order.
    pub(crate) order: Option<OrderId>,
    /// For which buyer, where gas is spent in a buyer's stead.
    pub(crate) buyer: Option<Address>,
    /// From which network the buyer asked for it, where that is known.
    pub(crate) source: Option<AddressPrefix>,
    /// The call.
    pub(crate) call: OperatorCall,
    /// After this nothing is signed for it any more.
    pub(crate) expires_at: Option<UnixSeconds>,
    /// Gas money set aside for it.
    pub(crate) reserved: Gwei,
}

impl NewIntent {
    /// An order's call on its escrow.
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

/// An intent as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Purpose, subject and round.
    pub(crate) id: String,
    /// What for.
    pub(crate) purpose: Purpose,
    /// On what.
    pub(crate) subject: String,
    /// How many intents of this purpose on this subject there were before.
    pub(crate) round: u64,
    /// For which order.
    pub(crate) order: Option<OrderId>,
    /// The call.
    pub(crate) call: OperatorCall,
    /// After this nothing is signed for it any more.
    pub(crate) expires_at: Option<UnixSeconds>,
    /// Where it is.
    pub(crate) status: Status,
    /// The nonce of everything signed for it.
    pub(crate) nonce: Option<u64>,
    /// The gas it may use.
    pub(crate) gas: Option<u64>,
    /// The transaction that is in a block.
    pub(crate) tx: Option<TxHash>,
    /// Why it had no effect.
    pub(crate) reason: Option<String>,
    /// When it ended.
    pub(crate) finished_at: Option<UnixSeconds>,
}

impl Intent {
    /// Whether it ended without effect.
    pub(crate) const fn failed(&self) -> bool {
        matches!(self.status, Status::Refused | Status::Void)
    }

    /// Whether its effect, which counted, must have been undone: whoever asks does not see it on the
    /// chain, long after. The chain was reorganised deeper than anybody waits for.
    pub(crate) fn was_undone(&self, now: UnixSeconds) -> bool {
        let finished = self.finished_at.unwrap_or(now);
        self.status == Status::Done && now.since(finished) >= SEEN_WITHIN
    }
}

/// Adds an intent, unless there is one of this purpose and subject. Answers with what counts.
///
/// Runs in the caller's transaction; the sending job is asked for in the same one.
pub(crate) async fn add(
    connection: &mut Connection,
    backend: &Backend,
    intent: &NewIntent,
) -> Result<Intent, StorageError> {
    match outbox::latest(connection, intent.purpose, &intent.subject).await? {
        Some(known) => Ok(known),
        None => begin(connection, backend, intent, 0).await,
    }
}

/// As [`add`], but begins another round after one that was refused or void, or whose effect was
/// undone.
pub(crate) async fn add_again(
    connection: &mut Connection,
    backend: &Backend,
    intent: &NewIntent,
) -> Result<Intent, StorageError> {
    match outbox::latest(connection, intent.purpose, &intent.subject).await? {
        Some(known) if known.failed() || known.was_undone(backend.ports().clock.now()) => {
            begin(connection, backend, intent, known.round + 1).await
        }
        Some(known) => Ok(known),
        None => begin(connection, backend, intent, 0).await,
    }
}

async fn begin(
    connection: &mut Connection,
    backend: &Backend,
    intent: &NewIntent,
    round: u64,
) -> Result<Intent, StorageError> {
    let clock = &backend.ports().clock;
    queue::enqueue(connection, Kind::SendOutbox, None, clock.now_ms()).await?;
    outbox::insert(connection, intent, round, clock.now()).await?;
    outbox::latest(connection, intent.purpose, &intent.subject)
        .await?
        .ok_or(StorageError::Stale)
}

/// The latest intent of this purpose on this subject.
pub(crate) async fn latest(
    backend: &Backend,
    purpose: Purpose,
    subject: &str,
) -> Result<Option<Intent>, StorageError> {
    let mut connection = backend.storage().read().await?;
    outbox::latest(&mut connection, purpose, subject).await
}
