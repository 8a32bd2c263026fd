//! The escrow contract, played in memory: the rules that jobs rely on, and no others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use domain::escrow::{ScaledRate, Terms};
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};
use sha2::{Digest as _, Sha256};

use crate::ports::{
    ChainBlock, ChainError, ChainIdentity, Clock, EscrowChain, EscrowOnChain, EscrowStatus,
    TxOutcome,
};

/// The escrow contract's chain, played.
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
}

impl FakeChain {
    /// An empty chain.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The buyer's wallet funds the escrow of `terms`.
    pub(crate) fn fund(&self, terms: &Terms) -> TxHash {
        let id = self.escrow_id(terms);
        let mut state = self.state();
        let tx = state.send("fund");
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
            funded_block: Some(7),
            activated_tx: None,
            closed_tx: None,
        };
        state.escrows.insert(id, (terms.clone(), on_chain));
        tx
    }

    /// The buyer's wallet adds to an escrow.
    pub(crate) fn top_up(&self, id: EscrowId, amount: TokenAmount) {
        let mut state = self.state();
        state.send("top_up");
        let (_, on_chain) = state.escrows.get_mut(&id).unwrap();
        on_chain.deposited = on_chain.deposited.saturating_add(amount);
    }

    /// The buyer closes the escrow on chain, past Necto.
    pub(crate) fn close_by_buyer(&self, id: EscrowId) {
        let now = self.clock.now();
        self.state().end(id, now, now, "close");
    }

    /// From now on the chain does not answer, or answers again.
    pub(crate) fn set_unreachable(&self, unreachable: bool) {
        self.state().unreachable = unreachable;
    }

    /// The contract refuses calls of this name.
    pub(crate) fn refuse(&self, call: &str) {
        self.state().refused.push(call.to_owned());
    }

    /// How often a call of this name was sent.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.state()
            .calls
            .iter()
            .filter(|sent| *sent == call)
            .count()
    }

    /// An escrow, as everybody sees it.
    pub(crate) fn on_chain(&self, id: EscrowId) -> EscrowOnChain {
        self.state().escrows[&id].1.clone()
    }
}

impl State {
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
        tx
    }
}

fn call(title: String, data: &str) -> PreparedCall {
    PreparedCall {
        title,
        to: Address::from_bytes([0xe5; 20]),
        data: data.to_owned(),
        decoded: Vec::new(),
    }
}

#[async_trait]
impl EscrowChain for FakeChain {
    fn chain_id(&self) -> u64 {
        99_999
    }

    fn escrow_contract(&self) -> Address {
        Address::from_bytes([0xe5; 20])
    }

    fn token_contract(&self) -> Address {
        Address::from_bytes([0x70; 20])
    }

    async fn head(&self) -> Result<ChainBlock, ChainError> {
        let state = self.state();
        state.check("head")?;
        Ok(ChainBlock {
            number: 100 + state.sent,
            hash: Hash32::from_bytes([9; 32]),
            timestamp: self.clock.now(),
        })
    }

    async fn identity(&self) -> Result<ChainIdentity, ChainError> {
        self.state().check("identity")?;
        Ok(ChainIdentity {
            escrow_code_hash: Hash32::from_bytes([1; 32]),
            known_block: 1,
            known_block_hash: Hash32::from_bytes([2; 32]),
        })
    }

    fn escrow_id(&self, terms: &Terms) -> EscrowId {
        let text = serde_json::to_string(terms).unwrap();
        Hash32::from_bytes(Sha256::digest(text).into())
    }

    fn approve_call(&self, amount: TokenAmount) -> PreparedCall {
        call(format!("Approve exactly {amount} tUSDC"), "0xa1")
    }

    fn fund_call(&self, terms: &Terms) -> PreparedCall {
        call(format!("Deposit {} tUSDC", terms.deposit), "0xf1")
    }

    fn top_up_call(&self, _id: EscrowId, amount: TokenAmount) -> PreparedCall {
        call(format!("Add {amount} tUSDC"), "0xf2")
    }

    fn faucet_call(&self, _to: Address) -> PreparedCall {
        call("Get test USDC".to_owned(), "0xf3")
    }

    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError> {
        let state = self.state();
        state.check("escrow")?;
        Ok(state.escrows.get(&id).map(|(_, on_chain)| on_chain.clone()))
    }

    async fn activate(&self, id: EscrowId, rate: ScaledRate) -> Result<TxHash, ChainError> {
        let now = self.clock.now();
        let mut state = self.state();
        state.check("activate")?;
        let (terms, on_chain) = state.escrows.get(&id).cloned().unwrap();
        if on_chain.status != EscrowStatus::Funded {
            return Err(ChainError::Refused("WrongStatus".to_owned()));
        }
        if rate > terms.max_rate || rate == ScaledRate::default() {
            return Err(ChainError::Refused("RateOutOfRange".to_owned()));
        }
        let tx = state.send("activate");
        let (_, on_chain) = state.escrows.get_mut(&id).unwrap();
        on_chain.status = EscrowStatus::Active;
        on_chain.rate = rate;
        on_chain.activated_at = Some(now);
        on_chain.last_sign_of_life = Some(now);
        on_chain.activated_tx = Some(tx);
        Ok(tx)
    }

    async fn end(&self, id: EscrowId, ended_at: UnixSeconds) -> Result<TxHash, ChainError> {
        let now = self.clock.now();
        let mut state = self.state();
        state.check("end")?;
        if state.escrows[&id].1.status == EscrowStatus::Closed {
            return Err(ChainError::Refused("WrongStatus".to_owned()));
        }
        if ended_at > now {
            return Err(ChainError::Refused("EndInFuture".to_owned()));
        }
        Ok(state.end(id, ended_at, now, "end"))
    }

    async fn heartbeat(&self, id: EscrowId) -> Result<TxHash, ChainError> {
        let now = self.clock.now();
        let mut state = self.state();
        state.check("heartbeat")?;
        let (terms, on_chain) = state.escrows.get(&id).cloned().unwrap();
        let last = on_chain.last_sign_of_life.unwrap_or_default();
        if now.since(last) > terms.heartbeat_window {
            return Err(ChainError::Refused("Silent".to_owned()));
        }
        let tx = state.send("heartbeat");
        state.escrows.get_mut(&id).unwrap().1.last_sign_of_life = Some(now);
        Ok(tx)
    }

    async fn outcome(&self, tx: TxHash) -> Result<TxOutcome, ChainError> {
        let state = self.state();
        state.check("outcome")?;
        Ok(state
            .outcomes
            .get(&tx)
            .cloned()
            .unwrap_or(TxOutcome::Unknown))
    }

    async fn drip_gas(&self, _to: Address) -> Result<TxHash, ChainError> {
        let mut state = self.state();
        state.check("drip_gas")?;
        Ok(state.send("drip_gas"))
    }

    /// A signature here is the signer's address.
    fn recover_personal_sign(
        &self,
        _message: &str,
        signature: &str,
    ) -> Result<Address, ChainError> {
        signature
            .parse()
            .map_err(|_| ChainError::Invalid("This is not a signature.".to_owned()))
    }
}

/// How long the contract of these tests bears silence.
pub(crate) const HEARTBEAT_WINDOW: Seconds = Seconds::minutes(30);
