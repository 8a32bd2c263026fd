//! The simulated chain's answers to each port.

use async_trait::async_trait;
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;

use super::{FEE, FakeChain, escrow_id, signature, top_up_signature};
use crate::fakes::chain_call::{ChainCall, Transaction, call};
use crate::ports::{
    Authorization, BlockSource, Broadcast, ChainBlock, ChainError, ChainIdentity, EscrowChain,
    EscrowOnChain, FollowedBlock, GasPrice, Inclusion, Nonces, OperatorAccount, OperatorCall,
    SignedTransaction, TxOutcome,
};

#[async_trait]
impl BlockSource for FakeChain {
    async fn newest(&self) -> Result<u64, ChainError> {
        let state = self.state();
        state.check("newest")?;
        Ok(state.newest_said.unwrap_or_else(|| state.newest()))
    }

    async fn hash_at(&self, number: u64) -> Result<Option<Hash32>, ChainError> {
        let state = self.state();
        state.check("hash_at")?;
        let newest = state.newest_said.unwrap_or_else(|| state.newest());
        let known = state.blocks.iter().find(|block| block.number == number);
        Ok(known
            .filter(|block| block.number <= newest && !state.elsewhere)
            .map(|block| block.hash))
    }

    async fn blocks(&self, from: u64, to: u64) -> Result<Vec<FollowedBlock>, ChainError> {
        let state = self.state();
        state.check("blocks")?;
        let wanted = state
            .blocks
            .iter()
            .filter(|block| (from..=to).contains(&block.number));
        Ok(wanted.cloned().collect())
    }

    async fn verify(&self) -> Result<(), ChainError> {
        match self.state().elsewhere {
            true => Err(ChainError::Unavailable("the node is on chain 1".to_owned())),
            false => Ok(()),
        }
    }

    fn distrust(&self) {
        self.state().distrusted += 1;
    }
}

#[async_trait]
impl OperatorAccount for FakeChain {
    async fn estimate(&self, call: &OperatorCall) -> Result<u64, ChainError> {
        let now = self.clock.now();
        self.state().would_take(&ChainCall::of(call), now)?;
        Ok(30_000)
    }

    async fn gas_price(&self) -> Result<GasPrice, ChainError> {
        let state = self.state();
        state.check("gas_price")?;
        Ok(GasPrice {
            max_fee_wei: state.market_wei.max(1_000_000_000),
            priority_wei: 0,
        })
    }

    async fn sign(
        &self,
        call: &OperatorCall,
        nonce: u64,
        _gas: u64,
        price: GasPrice,
    ) -> Result<SignedTransaction, ChainError> {
        let transaction = Transaction {
            nonce,
            call: ChainCall::of(call),
            max_fee_wei: price.max_fee_wei,
        };
        Ok(SignedTransaction {
            hash: transaction.hash(),
            raw: transaction.raw(),
        })
    }

    async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError> {
        let now = self.clock.now();
        let mut state = self.state();
        state.check("broadcast")?;
        let transaction: Transaction = serde_json::from_slice(raw).unwrap();
        if transaction.nonce < state.nonce {
            return Ok(Broadcast::NonceUsed);
        }
        if let Some(known) = state.waiting.get(&transaction.nonce)
            && *known != transaction
            && transaction.max_fee_wei < known.max_fee_wei * 11 / 10
        {
            return Ok(Broadcast::Underpriced);
        }
        state.waiting.insert(transaction.nonce, transaction);
        state.include(now);
        Ok(Broadcast::Taken)
    }

    async fn pending_nonce(&self) -> Result<u64, ChainError> {
        let state = self.state();
        state.check("pending_nonce")?;
        let mut nonce = state.nonce;
        while state.waiting.contains_key(&nonce) {
            nonce += 1;
        }
        Ok(nonce)
    }

    async fn nonces(&self) -> Result<Nonces, ChainError> {
        let state = self.state();
        state.check("nonces")?;
        Ok(Nonces {
            mined: state.nonce,
            settled: state.nonce,
        })
    }

    async fn inclusion(&self, tx: TxHash) -> Result<Option<Inclusion>, ChainError> {
        let state = self.state();
        state.check("inclusion")?;
        Ok(state.included.get(&tx).map(|worked| Inclusion {
            worked: *worked,
            counts: true,
            fee: FEE,
        }))
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
            number: state.newest(),
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
        escrow_id(terms)
    }

    fn approve_call(&self, amount: TokenAmount) -> PreparedCall {
        call(format!("Approve exactly {amount} tUSDC"), "0xa1")
    }

    fn fund_call(&self, terms: &Terms) -> PreparedCall {
        call(format!("Deposit {} tUSDC", terms.deposit), "0xf1")
    }

    fn top_up_call(&self, top_up: &TopUp) -> PreparedCall {
        call(format!("Add {} tUSDC", top_up.amount), "0xf2")
    }

    fn faucet_call(&self, _to: Address) -> PreparedCall {
        call("Get test USDC".to_owned(), "0xf3")
    }

    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError> {
        let state = self.state();
        state.check("escrow")?;
        Ok(state.escrows.get(&id).map(|(_, on_chain)| on_chain.clone()))
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

    fn activate_call(&self, id: EscrowId, rate: ScaledRate) -> OperatorCall {
        ChainCall::Activate { id, rate }.as_call()
    }

    fn end_call(&self, id: EscrowId, ended_at: UnixSeconds) -> OperatorCall {
        ChainCall::End { id, ended_at }.as_call()
    }

    fn heartbeat_call(&self, id: EscrowId) -> OperatorCall {
        ChainCall::Heartbeat { id }.as_call()
    }

    fn gas_gift_call(&self, to: Address) -> OperatorCall {
        ChainCall::Gift { to }.as_call()
    }

    async fn authorization(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        self.state().check("authorization")?;
        Ok(Authorization {
            typed_data: signature(terms, valid_before),
            decoded: Vec::new(),
        })
    }

    async fn relay_call(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
        signed: &str,
    ) -> Result<OperatorCall, ChainError> {
        if signed != signature(terms, valid_before) {
            return Err(ChainError::Invalid("Not the buyer's signature.".to_owned()));
        }
        Ok(ChainCall::Fund {
            terms: terms.clone(),
        }
        .as_call())
    }

    async fn is_contract(&self, account: Address) -> Result<bool, ChainError> {
        let state = self.state();
        state.check("is_contract")?;
        Ok(state.contracts.contains(&account))
    }

    /// Here, a contract's signature is its address twice.
    async fn signed_by_contract(
        &self,
        account: Address,
        _message: &str,
        signature: &str,
    ) -> Result<bool, ChainError> {
        let state = self.state();
        state.check("signed_by_contract")?;
        Ok(state.contracts.contains(&account) && signature == format!("{account}{account}"))
    }

    async fn top_up_authorization(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        self.state().check("top_up_authorization")?;
        Ok(Authorization {
            typed_data: top_up_signature(top_up, valid_before),
            decoded: Vec::new(),
        })
    }

    async fn relay_top_up_call(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
        signed: &str,
    ) -> Result<OperatorCall, ChainError> {
        if signed != top_up_signature(top_up, valid_before) {
            return Err(ChainError::Invalid("Not the buyer's signature.".to_owned()));
        }
        Ok(ChainCall::TopUp { top_up: *top_up }.as_call())
    }

    /// Here, a signature is the signer's address.
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
