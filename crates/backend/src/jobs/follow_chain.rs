//! Follows the escrow's chain block by block, and records every event of the escrow contract.
//!
//! Each block is stored together with its events in one transaction and then serves as the cursor,
//! so a crash neither repeats nor skips anything. A block counts only on top of its parent; after a
//! reorganisation, everything above the last common block is undone, and the affected orders are
//! checked again. Impossible answers from a node are not recorded; another node is asked instead.

use std::time::Duration;

use domain::ids::{EscrowId, OrderId};
use domain::time::Seconds;

use crate::fail_points::{Side, reach};
use crate::ports::{ChainError, FollowedBlock, What};
use crate::queue::{self, Claim, Kind, Outcome};
use crate::storage::chain::{self, KnownBlock};
use crate::storage::{Connection, StorageError, orders};
use crate::{Backend, observe};

/// Number of blocks whose hashes are kept: reorganisations up to this depth can be followed.
pub(crate) const WINDOW: u64 = 512;

/// Number of blocks requested at once.
const BATCH: u64 = 64;

/// After this long without a new block, another node is asked if there is one.
const STALLED: Seconds = Seconds::minutes(1);

/// Number of batches that one run catches up on before other jobs get their turn.
const BATCHES_A_RUN: usize = 16;

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("the node is behind: its newest block is {newest}, and {known} was seen already")]
    Behind { newest: u64, known: u64 },
    #[error("block {number} does not follow the one before it: the chain is being reorganised")]
    NotLinked { number: u64 },
    #[error(
        "none of the last {WINDOW} blocks is on the node's chain: check whether it is the right \
         chain; a new chain needs a new database"
    )]
    OtherChain,
    #[error("the claim was lost")]
    ClaimLost,
}

/// Enqueues the follower when this process starts.
pub(crate) async fn enqueue(backend: &Backend) -> Result<(), StorageError> {
    let mut transaction = backend.storage().begin_write().await?;
    let now_ms = backend.ports().clock.now_ms();
    queue::enqueue(&mut transaction, Kind::FollowChain, None, now_ms).await?;
    transaction.commit().await?;
    Ok(())
}

/// Runs the follower once.
pub(crate) async fn run(backend: &Backend, claim: &Claim) -> Outcome {
    for _ in 0..BATCHES_A_RUN {
        match follow(backend, claim).await {
            Ok(Caught::Up) => return Outcome::Again(backend.settings().poll.blocks),
            Ok(Caught::Some) => {}
            Err(error) => {
                let doubtful = matches!(
                    error,
                    FollowError::Behind { .. }
                        | FollowError::OtherChain
                        | FollowError::NotLinked { .. }
                        | FollowError::Chain(ChainError::Unavailable(_))
                );
                if doubtful {
                    backend.ports().blocks.distrust();
                }
                return Outcome::Failed(error.to_string());
            }
        }
    }
    Outcome::Again(Duration::ZERO)
}

/// The progress of one batch.
enum Caught {
    /// To the newest block.
    Up,
    /// Not that far yet.
    Some,
}

async fn follow(backend: &Backend, claim: &Claim) -> Result<Caught, FollowError> {
    let source = &backend.ports().blocks;
    let newest = source.newest().await?;
    let known = chain::cursor(&mut backend.storage().read().await?).await?;
    let cursor = match known {
        Some(cursor) => Some(agreed(backend, claim, cursor, newest).await?),
        // No payment was requested before the database was created, so no earlier block matters.
        None => None,
    };
    let from = match cursor {
        Some(cursor) => cursor.number + 1,
        None => newest.saturating_sub(WINDOW),
    };
    if let Some(cursor) = cursor
        && newest <= cursor.number
    {
        // A node that has a block and reports an earlier one as its newest is not trusted.
        if newest < cursor.number {
            return Err(FollowError::Behind {
                newest,
                known: cursor.number,
            });
        }
        // No block for this long: either the chain is idle or this node is stuck. Another node
        // would know.
        if backend.ports().clock.now().since(cursor.at) > STALLED {
            source.distrust();
        }
        return Ok(Caught::Up);
    }
    let to = newest.min(from.saturating_add(BATCH - 1));
    let mut before = cursor.map(|cursor| cursor.hash);
    let blocks = source.blocks(from, to).await?;
    for block in &blocks {
        if before.is_some_and(|before| before != block.parent) {
            return Err(FollowError::NotLinked {
                number: block.number,
            });
        }
        store(backend, claim, block).await?;
        before = Some(block.hash);
    }
    // Fewer than announced: the node reported a newest block that it does not have yet.
    let all = u64::try_from(blocks.len()).unwrap_or(u64::MAX) == to - from + 1;
    Ok(if all && to < newest {
        Caught::Some
    } else {
        Caught::Up
    })
}

/// Returns the newest followed block that is on the node's chain, and undoes everything above it.
async fn agreed(
    backend: &Backend,
    claim: &Claim,
    cursor: KnownBlock,
    newest: u64,
) -> Result<KnownBlock, FollowError> {
    let source = &backend.ports().blocks;
    if source.hash_at(cursor.number).await? == Some(cursor.hash) {
        return Ok(cursor);
    }
    // A different chain would look like a very deep reorganisation.
    source.verify().await?;
    let kept = chain::kept(&mut backend.storage().read().await?).await?;
    // The chain agrees with the followed blocks up to some height and not beyond: bisect to the
    // last common block.
    let (mut common, mut apart) = (0, kept.len());
    while common < apart {
        let middle = common.midpoint(apart);
        let Some(one) = kept.get(middle) else {
            break;
        };
        if source.hash_at(one.number).await? == Some(one.hash) {
            common = middle + 1;
        } else {
            apart = middle;
        }
    }
    let ancestor = common.checked_sub(1).and_then(|index| kept.get(index));
    let Some(ancestor) = ancestor.copied() else {
        return Err(FollowError::OtherChain);
    };
    if ancestor.number == newest {
        // All of its blocks are known, so it has reorganised nothing and merely lags behind.
        return Err(FollowError::Behind {
            newest,
            known: cursor.number,
        });
    }
    let transaction = claim.begin_write(backend).await?;
    let mut transaction = transaction.ok_or(FollowError::ClaimLost)?;
    let orders = chain::revert(&mut transaction, ancestor.number).await?;
    for order in &orders {
        let now_ms = backend.ports().clock.now_ms();
        queue::enqueue(&mut transaction, Kind::Drive, Some(*order), now_ms).await?;
    }
    transaction.commit().await?;
    observe::chain_reorganised(
        ancestor.number,
        cursor.number - ancestor.number,
        orders.len(),
    );
    tell(backend, &orders);
    Ok(ancestor)
}

async fn store(backend: &Backend, claim: &Claim, block: &FollowedBlock) -> Result<(), FollowError> {
    let transaction = claim.begin_write(backend).await?;
    let mut transaction = transaction.ok_or(FollowError::ClaimLost)?;
    let keep_from = block.number.saturating_sub(WINDOW);
    let token = backend.ports().chain.token_contract();
    let orders = chain::append(&mut transaction, block, keep_from, token).await?;
    for order in &orders {
        let now_ms = backend.ports().clock.now_ms();
        queue::enqueue(&mut transaction, Kind::Drive, Some(*order), now_ms).await?;
    }
    let confirmations = backend.settings().confirmations;
    if counts_for_nobody(&mut transaction, block.number, confirmations).await? {
        let now_ms = backend.ports().clock.now_ms();
        queue::enqueue(&mut transaction, Kind::Sweep, None, now_ms).await?;
    }
    // Blocks without events have no fail points of their own.
    let happened = !block.happenings.is_empty();
    if happened {
        reach(Side::Before, "block");
    }
    transaction.commit().await?;
    if happened {
        reach(Side::After, "block");
    }
    tell(backend, &orders);
    Ok(())
}

/// Announces the change to those watching these orders; a job was enqueued for each of them.
fn tell(backend: &Backend, orders: &[OrderId]) {
    if !orders.is_empty() {
        backend.wake_worker();
    }
    orders.iter().for_each(|order| backend.announce(*order));
}

/// Returns whether the block that begins to count with `newest` brought money that no order waits
/// for. Checked when the block counts rather than when it arrives: at its arrival a sweep would
/// come too early, and the next regular one comes late.
async fn counts_for_nobody(
    connection: &mut Connection,
    newest: u64,
    confirmations: u64,
) -> Result<bool, StorageError> {
    let Some(counted) = depth_below(newest, confirmations) else {
        return Ok(false);
    };
    for recorded in chain::money_to_look_at(connection, counted).await? {
        if recorded.block != counted {
            continue;
        }
        let (Some(order), What::Funded { escrow, .. }) = (recorded.order, &recorded.what) else {
            return Ok(true);
        };
        let order = orders::load(connection, order).await?;
        if order.is_some_and(|order| order.state.escrow() != Some(*escrow)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The height up to which events count: blocks there have as many confirmations, counting their own
/// block, as the operator requires. `None` before any block was followed.
pub(crate) async fn counts_up_to(
    connection: &mut Connection,
    confirmations: u64,
) -> Result<Option<u64>, StorageError> {
    let cursor = chain::cursor(connection).await?;
    Ok(cursor.and_then(|cursor| depth_below(cursor.number, confirmations)))
}

/// The newest block with at least `confirmations` confirmations, counting itself.
fn depth_below(newest: u64, confirmations: u64) -> Option<u64> {
    (newest + 1).checked_sub(confirmations.max(1))
}

/// Returns whether the funding of `escrow` was seen by the follower and counts.
pub(crate) async fn saw_funding(backend: &Backend, escrow: EscrowId) -> Result<bool, StorageError> {
    let mut connection = backend.storage().read().await?;
    let block = chain::funded_in(&mut connection, escrow).await?;
    let counts = counts_up_to(&mut connection, backend.settings().confirmations).await?;
    Ok(block.is_some_and(|block| counts.is_some_and(|counts| block <= counts)))
}
