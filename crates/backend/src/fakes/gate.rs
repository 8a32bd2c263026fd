//! A gate in front of the world outside: cuts a worker off right before or right after a call
//! takes effect, as a crash would.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::escrow::{ScaledRate, Terms};
use domain::ids::{Address, EscrowId, TxHash};
use domain::journey::PreparedCall;
use domain::money::{TokenAmount, Usd};
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::time::{Seconds, UnixSeconds};

use super::{FakeChain, FakeMarket};
use crate::ports::{
    ChainBlock, ChainError, ChainIdentity, ComputeMarket, ComputeSpec, Created, Declared,
    EscrowChain, EscrowOnChain, Listed, LogStream, MarketError, MarketStatus, ScreenedProvider,
    TxOutcome,
};

/// When a call is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before it takes effect.
    Before,
    /// After it took effect, before the answer.
    After,
}

/// Counts the calls and hangs at one of them.
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

    /// Cuts off the call of this number, counted from zero.
    pub(crate) fn cut(&self, call: usize, cut: Cut) {
        self.passing().cut = Some((call, cut));
    }

    /// Whether somebody hangs in the gate.
    pub(crate) fn hangs(&self) -> bool {
        self.passing().hangs
    }

    /// Lets everybody pass from now on.
    pub(crate) fn open(&self) {
        let mut passing = self.passing();
        passing.cut = None;
        passing.hangs = false;
    }

    /// All calls so far.
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

    async fn declared(&self) -> Result<Declared, MarketError> {
        self.1.through("declared", self.0.declared()).await
    }

    async fn create(
        &self,
        sdl: &str,
        name: &str,
        deposit: Usd,
        limit: Seconds,
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

    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError> {
        self.1.through("status", self.0.status(dseq)).await
    }

    async fn close(&self, dseq: Dseq) -> Result<(), MarketError> {
        self.1.through("close", self.0.close(dseq)).await
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

    fn top_up_call(&self, id: EscrowId, amount: TokenAmount) -> PreparedCall {
        self.0.top_up_call(id, amount)
    }

    fn faucet_call(&self, to: Address) -> PreparedCall {
        self.0.faucet_call(to)
    }

    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError> {
        self.1.through("escrow", self.0.escrow(id)).await
    }

    async fn activate(&self, id: EscrowId, rate: ScaledRate) -> Result<TxHash, ChainError> {
        self.1.through("activate", self.0.activate(id, rate)).await
    }

    async fn end(&self, id: EscrowId, ended_at: UnixSeconds) -> Result<TxHash, ChainError> {
        self.1.through("end", self.0.end(id, ended_at)).await
    }

    async fn heartbeat(&self, id: EscrowId) -> Result<TxHash, ChainError> {
        self.1.through("heartbeat", self.0.heartbeat(id)).await
    }

    async fn outcome(&self, tx: TxHash) -> Result<TxOutcome, ChainError> {
        self.1.through("outcome", self.0.outcome(tx)).await
    }

    async fn drip_gas(&self, to: Address) -> Result<TxHash, ChainError> {
        self.1.through("drip_gas", self.0.drip_gas(to)).await
    }

    fn recover_personal_sign(&self, message: &str, signature: &str) -> Result<Address, ChainError> {
        self.0.recover_personal_sign(message, signature)
    }
}
