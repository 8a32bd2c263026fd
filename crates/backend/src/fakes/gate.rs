//! A gate in front of the outside world: it cuts a worker off just before or just after a call
//! takes effect, as a crash would.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::auto_sign::{KeptBalance, SpendPolicy};
use domain::batch::ClusterNote;
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::{TokenAmount, Usd};
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::time::UnixSeconds;

use super::{FakeChain, FakeMarket};
use crate::ports::{
    Authorization, Broadcast, ChainBlock, ChainError, ChainIdentity, ComputeMarket, ComputeSpec,
    Created, Declared, EscrowChain, EscrowOnChain, GasPrice, Inclusion, KeptBalances, Listed,
    LogStream, MarketError, MarketStatus, Nonces, OperatorAccount, OperatorCall, ScreenedProvider,
    SignedTransaction, TxOutcome,
};

/// The moment at which a call is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before it takes effect.
    Before,
    /// After it takes effect, before the answer.
    After,
}

/// Counts the calls, and hangs at one of them.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Passing>);

#[derive(Debug, Default)]
struct Passing {
    calls: Vec<&'static str>,
    cut: Option<(usize, Cut)>,
    hangs: bool,
}

impl Gate {
    fn passing(&self) -> MutexGuard<'_, Passing> {
        self.0.lock().unwrap()
    }

    /// Cuts off the call with this number, counted from zero.
    pub(crate) fn cut(&self, call: usize, cut: Cut) {
        self.passing().cut = Some((call, cut));
    }

    /// Whether a caller is held in the gate.
    pub(crate) fn hangs(&self) -> bool {
        self.passing().hangs
    }

    /// Lets all calls pass from now on.
    pub(crate) fn open(&self) {
        let mut passing = self.passing();
        passing.cut = None;
        passing.hangs = false;
    }

    /// Returns all calls so far.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.passing().calls.clone()
    }

    async fn through<T>(&self, name: &'static str, call: impl Future<Output = T>) -> T {
        let number = {
            let mut passing = self.passing();
            passing.calls.push(name);
            passing.calls.len() - 1
        };
        self.hang_if((number, Cut::Before)).await;
        let answer = call.await;
        self.hang_if((number, Cut::After)).await;
        answer
    }

    async fn hang_if(&self, here: (usize, Cut)) {
        let hang = {
            let mut passing = self.passing();
            passing.hangs |= passing.cut == Some(here);
            passing.cut == Some(here)
        };
        if hang {
            futures::future::pending::<()>().await;
        }
    }
}

/// The market behind the gate.
#[derive(Debug)]
pub(crate) struct GatedMarket(pub(crate) Arc<FakeMarket>, pub(crate) Arc<Gate>);

/// The chain behind the gate.
#[derive(Debug)]
pub(crate) struct GatedChain(pub(crate) Arc<FakeChain>, pub(crate) Arc<Gate>);

#[async_trait]
impl ComputeMarket for GatedMarket {
    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError> {
        self.1.through("gpu_prices", self.0.gpu_prices()).await
    }

    async fn compute_price(&self, spec: ComputeSpec) -> Result<Usd, MarketError> {
        self.1
            .through("compute_price", self.0.compute_price(spec))
            .await
    }

    async fn screen(
        &self,
        groups: &[sdl::GroupSpec],
        region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError> {
        self.1
            .through("screen", self.0.screen(groups, region))
            .await
    }

    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError> {
        self.1
            .through("providers", self.0.providers(addresses))
            .await
    }

    async fn gateway(&self, provider: &ProviderAddress) -> Result<String, MarketError> {
        self.1.through("gateway", self.0.gateway(provider)).await
    }

    async fn declared(&self) -> Result<Declared, MarketError> {
        self.1.through("declared", self.0.declared()).await
    }

    async fn create(
        &self,
        sdl: &str,
        name: &str,
        deposit: Usd,
        limit: Option<u32>,
    ) -> Result<Created, MarketError> {
        let call = self.0.create(sdl, name, deposit, limit);
        self.1.through("create", call).await
    }

    async fn find(
        &self,
        name: &str,
        sdl: &str,
        since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError> {
        self.1.through("find", self.0.find(name, sdl, since)).await
    }

    async fn list(&self) -> Result<Vec<Listed>, MarketError> {
        self.1.through("list", self.0.list()).await
    }

    async fn bids(&self, dseq: Dseq) -> Result<Vec<Bid>, MarketError> {
        self.1.through("bids", self.0.bids(dseq)).await
    }

    async fn lease(&self, dseq: Dseq, manifest: &str, bids: &[BidId]) -> Result<(), MarketError> {
        self.1
            .through("lease", self.0.lease(dseq, manifest, bids))
            .await
    }

    async fn update(&self, dseq: Dseq, sdl: &str) -> Result<(), MarketError> {
        self.1.through("update", self.0.update(dseq, sdl)).await
    }

    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError> {
        self.1.through("status", self.0.status(dseq)).await
    }

    async fn balance(&self) -> Result<Usd, MarketError> {
        self.1.through("balance", self.0.balance()).await
    }

    async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), MarketError> {
        self.1
            .through("limit_runtime", self.0.limit_runtime(dseq, hours))
            .await
    }

    async fn close(&self, dseq: Dseq) -> Result<(), MarketError> {
        self.1.through("close", self.0.close(dseq)).await
    }

    async fn notes(
        &self,
        lease: &LeaseId,
        services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError> {
        self.1.through("notes", self.0.notes(lease, services)).await
    }

    async fn logs(&self, lease: &LeaseId, services: &[String]) -> Result<LogStream, MarketError> {
        self.1.through("logs", self.0.logs(lease, services)).await
    }
}

#[async_trait]
impl EscrowChain for GatedChain {
    fn chain_id(&self) -> u64 {
        self.0.chain_id()
    }

    fn escrow_contract(&self) -> Address {
        self.0.escrow_contract()
    }

    fn token_contract(&self) -> Address {
        self.0.token_contract()
    }

    async fn head(&self) -> Result<ChainBlock, ChainError> {
        self.1.through("head", self.0.head()).await
    }

    async fn identity(&self) -> Result<ChainIdentity, ChainError> {
        self.1.through("identity", self.0.identity()).await
    }

    fn escrow_id(&self, terms: &Terms) -> EscrowId {
        self.0.escrow_id(terms)
    }

    fn approve_call(&self, amount: TokenAmount) -> PreparedCall {
        self.0.approve_call(amount)
    }

    fn fund_call(&self, terms: &Terms) -> PreparedCall {
        self.0.fund_call(terms)
    }

    fn top_up_call(&self, top_up: &TopUp) -> PreparedCall {
        self.0.top_up_call(top_up)
    }

    fn faucet_call(&self, to: Address) -> PreparedCall {
        self.0.faucet_call(to)
    }

    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError> {
        self.1.through("escrow", self.0.escrow(id)).await
    }

    async fn outcome(&self, tx: TxHash) -> Result<TxOutcome, ChainError> {
        self.1.through("outcome", self.0.outcome(tx)).await
    }

    fn activate_call(&self, id: EscrowId, rate: ScaledRate) -> OperatorCall {
        self.0.activate_call(id, rate)
    }

    fn end_call(&self, id: EscrowId, ended_at: UnixSeconds) -> OperatorCall {
        self.0.end_call(id, ended_at)
    }

    fn heartbeat_call(&self, id: EscrowId) -> OperatorCall {
        self.0.heartbeat_call(id)
    }

    fn gas_gift_call(&self, to: Address) -> OperatorCall {
        self.0.gas_gift_call(to)
    }

    async fn authorization(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        self.1
            .through("authorization", self.0.authorization(terms, valid_before))
            .await
    }

    async fn relay_call(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError> {
        let call = self.0.relay_call(terms, valid_before, signature);
        self.1.through("relay_call", call).await
    }

    async fn is_contract(&self, account: Address) -> Result<bool, ChainError> {
        self.1
            .through("is_contract", self.0.is_contract(account))
            .await
    }

    async fn signed_by_contract(
        &self,
        account: Address,
        message: &str,
        signature: &str,
    ) -> Result<bool, ChainError> {
        let verdict = self.0.signed_by_contract(account, message, signature);
        self.1.through("signed_by_contract", verdict).await
    }

    async fn top_up_authorization(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        let signed = self.0.top_up_authorization(top_up, valid_before);
        self.1.through("top_up_authorization", signed).await
    }

    async fn relay_top_up_call(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError> {
        let call = self.0.relay_top_up_call(top_up, valid_before, signature);
        self.1.through("relay_top_up_call", call).await
    }

    fn recover_personal_sign(&self, message: &str, signature: &str) -> Result<Address, ChainError> {
        self.0.recover_personal_sign(message, signature)
    }
}

#[async_trait]
impl OperatorAccount for GatedChain {
    async fn estimate(&self, call: &OperatorCall) -> Result<u64, ChainError> {
        self.1.through("estimate", self.0.estimate(call)).await
    }

    async fn gas_price(&self) -> Result<GasPrice, ChainError> {
        self.1.through("gas_price", self.0.gas_price()).await
    }

    async fn sign(
        &self,
        call: &OperatorCall,
        nonce: u64,
        gas: u64,
        price: GasPrice,
    ) -> Result<SignedTransaction, ChainError> {
        let signed = self.0.sign(call, nonce, gas, price);
        self.1.through("sign", signed).await
    }

    async fn broadcast(&self, raw: &[u8]) -> Result<Broadcast, ChainError> {
        self.1.through("broadcast", self.0.broadcast(raw)).await
    }

    async fn pending_nonce(&self) -> Result<u64, ChainError> {
        self.1
            .through("pending_nonce", self.0.pending_nonce())
            .await
    }

    async fn nonces(&self) -> Result<Nonces, ChainError> {
        self.1.through("nonces", self.0.nonces()).await
    }

    async fn inclusion(&self, tx: TxHash) -> Result<Option<Inclusion>, ChainError> {
        self.1.through("inclusion", self.0.inclusion(tx)).await
    }
}

#[async_trait]
impl KeptBalances for GatedChain {
    async fn kept(&self, buyer: Address, now: UnixSeconds) -> Result<KeptBalance, ChainError> {
        self.1.through("kept", self.0.kept(buyer, now)).await
    }

    fn keep_call(&self, amount: TokenAmount) -> PreparedCall {
        self.0.keep_call(amount)
    }

    fn withdraw_kept_call(&self, amount: TokenAmount) -> PreparedCall {
        self.0.withdraw_kept_call(amount)
    }

    fn revoke_policies_call(&self) -> PreparedCall {
        self.0.revoke_policies_call()
    }

    fn policy_message(&self, policy: &SpendPolicy) -> Authorization {
        self.0.policy_message(policy)
    }

    fn policy_digest(&self, policy: &SpendPolicy) -> Hash32 {
        self.0.policy_digest(policy)
    }

    fn policy_signature(&self, policy: &SpendPolicy, signed: &str) -> Result<Vec<u8>, ChainError> {
        self.0.policy_signature(policy, signed)
    }

    fn fund_from_kept_call(
        &self,
        terms: &Terms,
        policy: &SpendPolicy,
        signature: &[u8],
    ) -> OperatorCall {
        self.0.fund_from_kept_call(terms, policy, signature)
    }
}
