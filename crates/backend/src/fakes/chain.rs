//! The escrow contract, simulated in memory: only the rules that jobs rely on.

mod answers;
pub(crate) mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};
use sha2::{Digest as _, Sha256};

use super::chain_call::{ChainCall, Transaction};
use crate::ports::{
    ChainError, Clock, EscrowOnChain, EscrowStatus, FollowedBlock, Happening, TxOutcome, What,
};
use kept::Keeping;

/// The simulated chain of the escrow contract.
#[derive(Debug)]
pub(crate) struct FakeChain {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    escrows: BTreeMap<EscrowId, (Terms, EscrowOnChain)>,
    outcomes: BTreeMap<TxHash, TxOutcome>,
    calls: Vec<String>,
    sent: u64,
    unreachable: bool,
    refused: Vec<String>,
    /// Next nonce of the operator.
    nonce: u64,
    /// The operator's transactions that wait for a block, by nonce.
    waiting: BTreeMap<u64, Transaction>,
    /// Transactions in blocks, by hash; `true` for those that succeeded.
    included: BTreeMap<TxHash, bool>,
    holds: bool,
    /// Name of the call whose effect a reorganisation undoes after it counted; `None` to undo none.
    undoes: Option<&'static str>,
    /// Balances that buyers keep with the contract, by account.
    kept: BTreeMap<Address, Keeping>,
    market_wei: u128,
    /// All blocks, the first at height 0.
    blocks: Vec<FollowedBlock>,
    /// Number of reorganisations: the same height has a different hash after each.
    fork: u64,
    /// False height that a node reports for its newest block; `None` if it reports the true one.
    newest_said: Option<u64>,
    /// `true` if the node reports that it is on another chain.
    elsewhere: bool,
    distrusted: usize,
    /// Accounts that are contracts.
    contracts: BTreeSet<Address>,
}

impl FakeChain {
    /// Makes a chain with one empty block.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let mut state = State::default();
        state.mine(None);
        Self {
            clock,
            state: Mutex::new(state),
        }
    }

    /// Adds empty blocks.
    pub(crate) fn mine(&self, blocks: usize) {
        let mut state = self.state();
        for _ in 0..blocks {
            state.mine(None);
        }
    }

    /// Replaces the last `depth` blocks with empty ones, one more than before; deposits in them are
    /// undone.
    pub(crate) fn reorganise(&self, depth: usize) {
        let mut state = self.state();
        state.fork += 1;
        let kept = state.blocks.len() - depth;
        state.blocks.truncate(kept);
        let below = u64::try_from(kept).unwrap();
        state
            .escrows
            .retain(|_, (_, one)| one.funded_block.is_some_and(|block| block < below));
        for _ in 0..=depth {
            state.mine(None);
        }
    }

    /// Sends tokens to the contract without calling it.
    pub(crate) fn stray(&self, token: Address, from: Address, amount: u64) {
        let amount = amount.to_string();
        self.state().mine(Some(What::Strayed {
            token,
            from,
            amount,
        }));
    }

    /// Makes the node report this height for its newest block; `None` for the true one.
    pub(crate) fn say_newest(&self, newest: Option<u64>) {
        self.state().newest_said = newest;
    }

    /// Sets whether the node reports that it is on another chain.
    pub(crate) fn say_elsewhere(&self, elsewhere: bool) {
        self.state().elsewhere = elsewhere;
    }

    /// Returns how often a node was reported as untrustworthy.
    pub(crate) fn distrusted(&self) -> usize {
        self.state().distrusted
    }

    /// Makes this account a contract from now on.
    pub(crate) fn make_contract(&self, account: Address) {
        self.state().contracts.insert(account);
    }

    /// Height of the newest block.
    pub(crate) fn newest_block(&self) -> u64 {
        self.state().newest()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Funds the escrow of `terms` from the buyer's wallet.
    pub(crate) fn fund(&self, terms: &Terms) -> TxHash {
        let mut state = self.state();
        let tx = state.send("fund");
        state.fund(terms, tx);
        tx
    }

    /// Adds to an escrow from the buyer's wallet.
    pub(crate) fn top_up(&self, id: EscrowId, amount: TokenAmount) {
        let mut state = self.state();
        state.send("top_up");
        state.add(id, amount);
    }

    /// Makes the chain revert a transaction of the buyer.
    pub(crate) fn revert(&self, tx: TxHash) {
        let reason = "refused".to_owned();
        let reverted = TxOutcome::Reverted { reason };
        self.state().outcomes.insert(tx, reverted);
    }

    /// Has the buyer close the escrow on chain, without Necto.
    pub(crate) fn close_by_buyer(&self, id: EscrowId) {
        let now = self.clock.now();
        self.state().end(id, now, now, "close");
    }

    /// Makes a reorganisation undo the next call with this name, after it counted.
    pub(crate) fn undo_next(&self, call: &'static str) {
        self.state().undoes = Some(call);
    }

    /// Sets whether the chain answers from now on.
    pub(crate) fn set_unreachable(&self, unreachable: bool) {
        self.state().unreachable = unreachable;
    }

    /// Sets whether blocks leave out the operator's transactions.
    pub(crate) fn hold(&self, holds: bool) {
        let mut state = self.state();
        state.holds = holds;
        state.include(self.clock.now());
    }

    /// Makes the node forget its pending transactions.
    pub(crate) fn forget_waiting(&self) {
        self.state().waiting.clear();
    }

    /// Sets the gas price.
    pub(crate) fn set_gas_price(&self, wei: u128) {
        self.state().market_wei = wei;
    }

    /// Uses up a nonce, as another process with the operator's key would.
    pub(crate) fn use_nonce(&self) {
        let mut state = self.state();
        state.nonce += 1;
        let next = state.nonce;
        state.waiting.retain(|nonce, _| *nonce >= next);
    }

    /// Number of nonces that the operator's account has used.
    pub(crate) fn nonce(&self) -> u64 {
        self.state().nonce
    }

    /// The pending transactions.
    pub(crate) fn waiting(&self) -> Vec<Transaction> {
        self.state().waiting.values().cloned().collect()
    }

    /// Changes the kept balance of `buyer`.
    pub(crate) fn keeping<T>(&self, buyer: Address, change: impl FnOnce(&mut Keeping) -> T) -> T {
        change(self.state().kept.entry(buyer).or_default())
    }

    /// Makes the contract refuse calls with this name.
    pub(crate) fn refuse(&self, call: &str) {
        self.state().refused.push(call.to_owned());
    }

    /// Makes the contract accept all calls again.
    pub(crate) fn accept_all(&self) {
        self.state().refused.clear();
    }

    /// Returns how often a call with this name was sent.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.state()
            .calls
            .iter()
            .filter(|sent| *sent == call)
            .count()
    }

    /// Returns an escrow as every reader sees it.
    pub(crate) fn on_chain(&self, id: EscrowId) -> EscrowOnChain {
        self.state().escrows[&id].1.clone()
    }
}

impl State {
    fn newest(&self) -> u64 {
        self.blocks.last().map_or(0, |block| block.number)
    }

    /// Adds a block with this event in it; returns the block's height.
    fn mine(&mut self, what: Option<What>) -> u64 {
        let number = u64::try_from(self.blocks.len()).unwrap();
        let identity = (number, self.fork);
        let happening = |what: What| Happening {
            index: 0,
            tx: digest(&(identity, "tx")),
            what,
        };
        self.blocks.push(FollowedBlock {
            number,
            hash: digest(&identity),
            parent: self
                .blocks
                .last()
                .map_or(Hash32::from_bytes([0; 32]), |last| last.hash),
            at: UnixSeconds(number),
            happenings: what.map(happening).into_iter().collect(),
        });
        number
    }

    fn send(&mut self, call: &str) -> TxHash {
        self.sent += 1;
        self.calls.push(call.to_owned());
        let tx = Hash32::from_bytes(Sha256::digest(self.sent.to_be_bytes()).into());
        let at = UnixSeconds(0);
        self.outcomes.insert(
            tx,
            TxOutcome::Confirmed {
                block: self.sent,
                at,
            },
        );
        tx
    }

    fn check(&self, call: &str) -> Result<(), ChainError> {
        if self.unreachable {
            return Err(ChainError::Unavailable("no route to the chain".to_owned()));
        }
        if self.refused.iter().any(|refused| refused == call) {
            return Err(ChainError::Refused(format!("{call} refused")));
        }
        Ok(())
    }

    fn end(&mut self, id: EscrowId, ended_at: UnixSeconds, now: UnixSeconds, call: &str) -> TxHash {
        let tx = self.send(call);
        let (_, on_chain) = self.escrows.get_mut(&id).unwrap();
        let active = on_chain.activated_at.unwrap_or(now);
        let used = ended_at.since(active);
        let owed = match on_chain.status {
            EscrowStatus::Active => on_chain.rate.accrued_over(used),
            _ => TokenAmount::ZERO,
        };
        on_chain.released = owed.min(on_chain.deposited);
        on_chain.refunded = on_chain.deposited.saturating_sub(on_chain.released);
        on_chain.status = EscrowStatus::Closed;
        on_chain.ended_at = Some(ended_at.max(active));
        on_chain.closed_tx = Some(tx);
        self.mine(Some(What::Closed { escrow: id }));
        tx
    }
}

impl State {
    /// Checks that the contract would accept the call now.
    fn would_take(&self, call: &ChainCall, now: UnixSeconds) -> Result<(), ChainError> {
        self.check(call.name())?;
        let refused = |why: &str| Err(ChainError::Refused(why.to_owned()));
        let escrow = |id: &EscrowId| {
            let known = self.escrows.get(id);
            known.ok_or_else(|| ChainError::Refused("WrongStatus".to_owned()))
        };
        match call {
            ChainCall::Fund { terms } if self.escrows.values().any(|(known, _)| known == terms) => {
                refused("AlreadyFunded")
            }
            ChainCall::Fund { .. } | ChainCall::Gift { .. } => Ok(()),
            ChainCall::Spend {
                terms,
                policy,
                signature,
            } => {
                if self.escrows.values().any(|(known, _)| known == terms) {
                    return refused("AlreadyFunded");
                }
                self.kept
                    .get(&policy.buyer)
                    .cloned()
                    .unwrap_or_default()
                    .allows(terms, policy, signature, now)
            }
            ChainCall::Activate { id, rate } => {
                let (terms, on_chain) = escrow(id)?;
                if on_chain.status != EscrowStatus::Funded {
                    return refused("WrongStatus");
                }
                if *rate > terms.max_rate || *rate == ScaledRate::default() {
                    return refused("RateOutOfRange");
                }
                Ok(())
            }
            ChainCall::End { id, ended_at } => {
                if escrow(id)?.1.status == EscrowStatus::Closed {
                    return refused("WrongStatus");
                }
                if *ended_at > now {
                    return refused("EndInFuture");
                }
                Ok(())
            }
            ChainCall::TopUp { top_up } => {
                let (_, on_chain) = escrow(&top_up.escrow)?;
                if on_chain.status == EscrowStatus::Closed {
                    return refused("WrongStatus");
                }
                if on_chain.deposited != top_up.deposited {
                    return refused("DepositChanged");
                }
                Ok(())
            }
            ChainCall::Heartbeat { id } => {
                let (terms, on_chain) = escrow(id)?;
                let last = on_chain.last_sign_of_life.unwrap_or_default();
                if now.since(last) > terms.heartbeat_window {
                    return refused("Silent");
                }
                Ok(())
            }
        }
    }

    /// Includes in a block all transactions that can be included.
    fn include(&mut self, now: UnixSeconds) {
        while !self.holds
            && let Some(transaction) = self.waiting.remove(&self.nonce)
        {
            self.nonce += 1;
            let worked = self.would_take(&transaction.call, now).is_ok();
            if worked {
                self.play(&transaction.call, transaction.hash(), now);
            }
            self.included.insert(transaction.hash(), worked);
        }
    }

    fn play(&mut self, call: &ChainCall, tx: TxHash, now: UnixSeconds) {
        if let Some(undone) = self.undoes.take_if(|undone| *undone == call.name()) {
            self.calls.push(undone.to_owned());
            return;
        }
        match call {
            ChainCall::Fund { terms } => {
                self.calls.push("fund".to_owned());
                self.fund(terms, tx);
            }
            ChainCall::Spend { terms, .. } => {
                self.calls.push("spend".to_owned());
                self.kept
                    .entry(terms.buyer)
                    .or_default()
                    .spend(terms.deposit, now);
                self.fund(terms, tx);
            }
            ChainCall::Gift { .. } => self.calls.push("gift".to_owned()),
            ChainCall::Activate { id, rate } => {
                self.calls.push("activate".to_owned());
                let (_, on_chain) = self.escrows.get_mut(id).unwrap();
                on_chain.status = EscrowStatus::Active;
                on_chain.rate = *rate;
                on_chain.activated_at = Some(now);
                on_chain.last_sign_of_life = Some(now);
                on_chain.activated_tx = Some(tx);
                self.mine(Some(What::Activated { escrow: *id }));
            }
            ChainCall::End { id, ended_at } => {
                self.end(*id, *ended_at, now, "end");
            }
            ChainCall::TopUp { top_up } => {
                self.calls.push("top_up".to_owned());
                self.add(top_up.escrow, top_up.amount);
            }
            ChainCall::Heartbeat { id } => {
                self.calls.push("heartbeat".to_owned());
                self.escrows.get_mut(id).unwrap().1.last_sign_of_life = Some(now);
            }
        }
    }

    fn add(&mut self, id: EscrowId, amount: TokenAmount) {
        let (_, on_chain) = self.escrows.get_mut(&id).unwrap();
        on_chain.deposited = on_chain.deposited.saturating_add(amount);
        self.mine(Some(What::ToppedUp { escrow: id, amount }));
    }

    fn fund(&mut self, terms: &Terms, tx: TxHash) {
        let block = self.mine(Some(What::Funded {
            escrow: escrow_id(terms),
            buyer: terms.buyer,
            payee: terms.payee,
            order_hash: terms.order_hash,
            amount: terms.deposit,
        }));
        let on_chain = EscrowOnChain {
            status: EscrowStatus::Funded,
            deposited: terms.deposit,
            rate: ScaledRate::default(),
            activated_at: None,
            last_sign_of_life: None,
            accrued: TokenAmount::ZERO,
            released: TokenAmount::ZERO,
            refunded: TokenAmount::ZERO,
            ended_at: None,
            funded_tx: Some(tx),
            funded_block: Some(block),
            activated_tx: None,
            closed_tx: None,
        };
        self.escrows
            .insert(escrow_id(terms), (terms.clone(), on_chain));
    }
}

/// Returns the wallet's answer when the buyer signs these terms.
pub(crate) fn signature(terms: &Terms, valid_before: UnixSeconds) -> String {
    format!("{} until {}", escrow_id(terms), valid_before.0)
}

/// Returns the wallet's answer when the buyer signs this top-up.
pub(crate) fn top_up_signature(top_up: &TopUp, valid_before: UnixSeconds) -> String {
    format!("{top_up:?} until {}", valid_before.0)
}

fn digest(of: &impl std::fmt::Debug) -> Hash32 {
    Hash32::from_bytes(Sha256::digest(format!("{of:?}")).into())
}

fn escrow_id(terms: &Terms) -> EscrowId {
    let text = serde_json::to_string(terms).unwrap();
    Hash32::from_bytes(Sha256::digest(text).into())
}

/// Fee of every transaction on this chain.
pub(crate) const FEE: Gwei = Gwei(30_000);

/// Heartbeat window of the contract in these tests.
pub(crate) const HEARTBEAT_WINDOW: Seconds = Seconds::minutes(30);
