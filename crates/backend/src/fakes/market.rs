//! Akash, simulated in memory and scripted by the test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use domain::akash::{Bid, BidId, BidState, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::batch::ClusterNote;
use domain::ids::Hash32;
use domain::journey::ServiceView;
use domain::money::{UactPerBlock, Usd};
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::time::UnixSeconds;
use futures::StreamExt as _;
use futures::stream;
use tokio::sync::broadcast;

use crate::ports::{
    Clock, ComputeMarket, ComputeSpec, Created, Declared, DeploymentState, LeaseState, LeaseStatus,
    Listed, LogStream, MarketError, MarketStatus, ScreenedProvider,
};

/// A simulated Akash. A test can change any field of [`Script`] at any time.
#[derive(Debug)]
pub(crate) struct FakeMarket {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Scripted behaviour of Akash.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// Prices of GPUs, as stated by the market.
    pub(crate) gpu_prices: Vec<GpuPrice>,
    /// Price of CPU, memory and storage together, per month, whatever is requested.
    pub(crate) compute_per_month: Usd,
    /// Providers that pass screening, unless `hosts` or the region rules them out.
    pub(crate) screened: Vec<ScreenedProvider>,
    /// Predicate on groups: `false` for those that no provider can host at all.
    pub(crate) hosts: fn(&[sdl::GroupSpec]) -> bool,
    /// Providers that bid on every new deployment, each with its price.
    pub(crate) bidders: Vec<(ProviderAddress, UactPerBlock)>,
    /// Facts about providers, by address; a provider without an entry is unknown.
    pub(crate) facts: BTreeMap<ProviderAddress, ProviderFacts>,
    /// Regions and storage classes that providers declare.
    pub(crate) declared: Declared,
    /// Failures of the next calls, by the call's name, first to last.
    pub(crate) failures: BTreeMap<&'static str, Vec<MarketError>>,
    /// `true` if creates take effect but their answers are lost.
    pub(crate) lose_create_answers: bool,
    /// `true` if a create takes effect and then never answers.
    pub(crate) hang_after_create: bool,
    /// `true` if updates take effect but their answers are lost.
    pub(crate) lose_update_answers: bool,
    /// `true` if updates are declared, and providers then refuse any that they do not already run.
    pub(crate) providers_refuse_updates: bool,
    /// `true` if updates are declared, but providers do not answer when they are delivered.
    pub(crate) providers_take_no_updates: bool,
    /// Lines of every log, each with its service.
    pub(crate) log: Vec<(String, String)>,
    /// `true` if the stream of a log breaks after those lines instead of ending.
    pub(crate) log_breaks: bool,
    /// Channel for further lines, on which the log stays open after those above; `None` if it ends
    /// there.
    pub(crate) log_goes_on: Option<broadcast::Sender<(String, String)>>,
    /// `true` if the list of deployments comes back empty.
    pub(crate) list_is_empty: bool,
    /// Notes that every cluster gives about containers.
    pub(crate) notes: Vec<ClusterNote>,
    /// `true` if providers do not answer when they are asked for status.
    pub(crate) providers_silent: bool,
    /// `true` if no copy of a workload stays up.
    pub(crate) crashes: bool,
}

#[derive(Debug)]
struct State {
    script: Script,
    deployments: BTreeMap<Dseq, Deployment>,
    calls: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Deployment {
    name: String,
    open: bool,
    leases: Vec<LeaseStatus>,
    closed_bids: Vec<ProviderAddress>,
    created_at: UnixSeconds,
    /// Version declared on chain; `None` if no manifest can be derived from the SDL.
    declared: Option<Hash32>,
    /// Versions that the providers ran, oldest first.
    ran: Vec<Option<Hash32>>,
    /// Lifetimes in hours, in the order in which they were set.
    limits: Vec<u32>,
}

/// Returns a provider's address for tests.
pub(crate) fn provider(name: &str) -> ProviderAddress {
    format!("akash1{name}00000").parse().unwrap()
}

impl FakeMarket {
    /// Makes a market with two good providers, a cheap and an expensive one; everything works.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let known = ["cheap", "dear"].map(provider);
        let facts = ProviderFacts {
            audited: Some(true),
            online: Some(true),
            region: Some("us-west".to_owned()),
            uptime_7d_bps: Some(9990),
            ..ProviderFacts::default()
        };
        let screened = known.clone().map(|address| ScreenedProvider {
            address,
            region: Some("us-west".to_owned()),
            audited: true,
        });
        let script = Script {
            gpu_prices: Vec::new(),
            compute_per_month: Usd::from_micros(73_000_000),
            screened: screened.to_vec(),
            hosts: |_| true,
            bidders: vec![
                (known[0].clone(), UactPerBlock::from_whole(100)),
                (known[1].clone(), UactPerBlock::from_whole(150)),
            ],
            facts: known
                .into_iter()
                .map(|address| (address, facts.clone()))
                .collect(),
            declared: Declared::default(),
            failures: BTreeMap::new(),
            lose_create_answers: false,
            hang_after_create: false,
            lose_update_answers: false,
            providers_refuse_updates: false,
            providers_take_no_updates: false,
            log: vec![("web".to_owned(), "listening".to_owned())],
            log_breaks: false,
            log_goes_on: None,
            list_is_empty: false,
            notes: Vec::new(),
            providers_silent: false,
            crashes: false,
        };
        Self {
            clock,
            state: Mutex::new(State {
                script,
                deployments: BTreeMap::new(),
                calls: Vec::new(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes Akash's behaviour from now on.
    pub(crate) fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.state().script);
    }

    /// Makes the next call with this name fail with `error`.
    pub(crate) fn fail(&self, call: &'static str, error: MarketError) {
        self.script(|script| script.failures.entry(call).or_default().push(error));
    }

    /// Returns how often a call with this name was made.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.state()
            .calls
            .iter()
            .filter(|made| **made == call)
            .count()
    }

    /// Number of deployments that were ever created.
    pub(crate) fn created(&self) -> usize {
        self.state().deployments.len()
    }

    /// Number of open deployments.
    pub(crate) fn open(&self) -> usize {
        self.state()
            .deployments
            .values()
            .filter(|one| one.open)
            .count()
    }

    /// Returns the declared version of the only deployment, and how many versions its providers
    /// ran.
    pub(crate) fn versions(&self) -> (Option<Hash32>, usize) {
        let state = self.state();
        let only = state.deployments.values().next().unwrap();
        assert_eq!(state.deployments.len(), 1);
        (only.declared, only.ran.len())
    }

    /// Returns the lifetimes in hours set for the first deployment, in order.
    pub(crate) fn limits(&self) -> Vec<u32> {
        let state = self.state();
        let first = state.deployments.values().next();
        first.map(|first| first.limits.clone()).unwrap_or_default()
    }

    /// Creates a deployment on the account, as another client would.
    pub(crate) fn add_deployment(&self, dseq: Dseq, name: &str) {
        let created_at = UnixSeconds(dseq.number() / 1000);
        self.state()
            .deployments
            .insert(dseq, Deployment::new(name, created_at));
    }

    /// Has the provider end the leases of all deployments.
    pub(crate) fn end_leases(&self, reason: &str) {
        for deployment in self.state().deployments.values_mut() {
            for lease in &mut deployment.leases {
                lease.state = LeaseState::Closed;
                lease.reason = Some(reason.to_owned());
            }
        }
    }

    /// Has the provider end the leases of the deployment with this name.
    pub(crate) fn end_leases_of(&self, name: &str, reason: &str) {
        let mut state = self.state();
        let all = state.deployments.values_mut();
        let named = all.filter(|deployment| deployment.name == name);
        for lease in named.flat_map(|deployment| &mut deployment.leases) {
            lease.state = LeaseState::Closed;
            lease.reason = Some(reason.to_owned());
        }
    }

    /// Has a provider withdraw its bids.
    pub(crate) fn withdraw_bid(&self, provider: &ProviderAddress) {
        for deployment in self.state().deployments.values_mut() {
            deployment.closed_bids.push(provider.clone());
        }
    }

    fn call(&self, name: &'static str) -> Result<MutexGuard<'_, State>, MarketError> {
        let mut state = self.state();
        state.calls.push(name);
        let failures = state.script.failures.entry(name).or_default();
        if failures.is_empty() {
            return Ok(state);
        }
        Err(failures.remove(0))
    }
}

impl Deployment {
    fn new(name: &str, created_at: UnixSeconds) -> Self {
        Self {
            name: name.to_owned(),
            open: true,
            leases: Vec::new(),
            closed_bids: Vec::new(),
            created_at,
            declared: None,
            ran: Vec::new(),
            limits: Vec::new(),
        }
    }
}

fn service() -> ServiceView {
    ServiceView {
        name: "web".to_owned(),
        available: 1,
        total: 1,
        uris: vec!["http://web.example.com".to_owned()],
        ports: Vec::new(),
    }
}

#[async_trait]
impl ComputeMarket for FakeMarket {
    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError> {
        Ok(self.call("gpu_prices")?.script.gpu_prices.clone())
    }

    async fn compute_price(&self, _spec: ComputeSpec) -> Result<Usd, MarketError> {
        Ok(self.call("compute_price")?.script.compute_per_month)
    }

    async fn screen(
        &self,
        groups: &[sdl::GroupSpec],
        region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError> {
        let state = self.call("screen")?;
        if !(state.script.hosts)(groups) {
            return Ok(Vec::new());
        }
        let fits = |provider: &&ScreenedProvider| {
            let has = provider.region.as_deref().unwrap_or_default();
            region.is_none_or(|wanted| wanted.contains(has))
        };
        Ok(state.script.screened.iter().filter(fits).cloned().collect())
    }

    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError> {
        let state = self.call("providers")?;
        let known = |address: &ProviderAddress| {
            let facts = state.script.facts.get(address)?;
            Some((address.clone(), facts.clone()))
        };
        Ok(addresses.iter().filter_map(known).collect())
    }

    async fn gateway(&self, provider: &ProviderAddress) -> Result<String, MarketError> {
        let _state = self.call("gateway")?;
        Ok(format!("https://{}.example:8443", provider.as_str()))
    }

    async fn declared(&self) -> Result<Declared, MarketError> {
        Ok(self.call("declared")?.script.declared.clone())
    }

    async fn create(
        &self,
        sdl: &str,
        name: &str,
        _deposit: Usd,
        runtime_limit_hours: Option<u32>,
    ) -> Result<Created, MarketError> {
        {
            let mut state = self.call("create")?;
            let now = self.clock.now();
            let dseq = Dseq::new(self.clock.now_ms() + state.deployments.len() as u64);
            let mut deployment = Deployment::new(name, now);
            deployment.limits.extend(runtime_limit_hours);
            deployment.declared = version(sdl);
            deployment.ran = vec![deployment.declared];
            state.deployments.insert(dseq, deployment);
            if state.script.lose_create_answers {
                return Err(MarketError::Ambiguous("the connection broke".to_owned()));
            }
            if !state.script.hang_after_create {
                return Ok(Created {
                    dseq,
                    manifest: "[]".to_owned(),
                });
            }
        }
        futures::future::pending().await
    }

    async fn find(
        &self,
        name: &str,
        _sdl: &str,
        _since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError> {
        let state = self.call("find")?;
        let found = state
            .deployments
            .iter()
            .find(|(_, deployment)| deployment.open && deployment.name == name);
        Ok(found.map(|(dseq, _)| Created {
            dseq: *dseq,
            manifest: "[]".to_owned(),
        }))
    }

    async fn list(&self) -> Result<Vec<Listed>, MarketError> {
        let state = self.call("list")?;
        if state.script.list_is_empty {
            return Ok(Vec::new());
        }
        let listed = |(dseq, deployment): (&Dseq, &Deployment)| Listed {
            dseq: *dseq,
            name: Some(deployment.name.clone()),
            state: state_of(deployment),
            created_at: Some(deployment.created_at),
            has_ended_lease: deployment
                .leases
                .iter()
                .any(|lease| lease.state != LeaseState::Active),
        };
        Ok(state.deployments.iter().map(listed).collect())
    }

    async fn bids(&self, dseq: Dseq) -> Result<Vec<Bid>, MarketError> {
        let state = self.call("bids")?;
        let Some(deployment) = state.deployments.get(&dseq) else {
            return Ok(Vec::new());
        };
        let bid = |(provider, price): &(ProviderAddress, UactPerBlock)| Bid {
            id: BidId {
                dseq,
                gseq: 1,
                oseq: 1,
                provider: provider.clone(),
            },
            state: if deployment.closed_bids.contains(provider) {
                BidState::Closed
            } else {
                BidState::Open
            },
            price: *price,
            provider: ProviderFacts::default(),
        };
        Ok(state.script.bidders.iter().map(bid).collect())
    }

    async fn lease(&self, dseq: Dseq, _manifest: &str, bids: &[BidId]) -> Result<(), MarketError> {
        let mut state = self.call("lease")?;
        let deployment = state
            .deployments
            .get_mut(&dseq)
            .filter(|deployment| deployment.open)
            .ok_or_else(|| MarketError::NotFound("no such deployment".to_owned()))?;
        deployment.leases = bids
            .iter()
            .map(|id| LeaseStatus {
                id: id.clone(),
                state: LeaseState::Active,
                reason: None,
                services: Some(vec![service()]),
            })
            .collect();
        Ok(())
    }

    async fn update(&self, dseq: Dseq, sdl: &str) -> Result<(), MarketError> {
        let mut state = self.call("update")?;
        let (lost, refused, silent) = (
            state.script.lose_update_answers,
            state.script.providers_refuse_updates,
            state.script.providers_take_no_updates,
        );
        let deployment = state
            .deployments
            .get_mut(&dseq)
            .filter(|deployment| deployment.open)
            .ok_or_else(|| MarketError::NotFound("no such deployment".to_owned()))?;
        deployment.declared = version(sdl);
        let runs_already = deployment.ran.last() == Some(&deployment.declared);
        if refused && !runs_already {
            return Err(MarketError::Refused {
                message: "manifest cross-validation error".to_owned(),
            });
        }
        if silent && !runs_already {
            let why = "the provider answered 503".to_owned();
            return Err(MarketError::ManifestNotDelivered(why));
        }
        if !runs_already {
            deployment.ran.push(deployment.declared);
        }
        match lost {
            true => Err(MarketError::Ambiguous("the connection broke".to_owned())),
            false => Ok(()),
        }
    }

    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError> {
        let state = self.call("status")?;
        let deployment = state
            .deployments
            .get(&dseq)
            .ok_or_else(|| MarketError::NotFound("no such deployment".to_owned()))?;
        let mut leases = deployment.leases.clone();
        if state.script.providers_silent {
            for lease in &mut leases {
                lease.services = None;
            }
        }
        if state.script.crashes {
            let services = leases
                .iter_mut()
                .filter_map(|lease| lease.services.as_mut());
            services.flatten().for_each(|service| service.available = 0);
        }
        Ok(MarketStatus {
            state: state_of(deployment),
            version: deployment.declared,
            leases,
            transferred: Usd::ZERO,
            funds: Usd::ZERO,
        })
    }

    async fn balance(&self) -> Result<Usd, MarketError> {
        let _state = self.call("balance")?;
        Ok(Usd::from_micros(100_000_000))
    }

    async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), MarketError> {
        let mut state = self.call("limit_runtime")?;
        if let Some(deployment) = state.deployments.get_mut(&dseq) {
            deployment.limits.push(hours);
        }
        Ok(())
    }

    async fn close(&self, dseq: Dseq) -> Result<(), MarketError> {
        let mut state = self.call("close")?;
        if let Some(deployment) = state.deployments.get_mut(&dseq) {
            deployment.open = false;
        }
        Ok(())
    }

    async fn notes(
        &self,
        _lease: &LeaseId,
        _services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError> {
        Ok(self.call("notes")?.script.notes.clone())
    }

    async fn logs(&self, _lease: &LeaseId, _services: &[String]) -> Result<LogStream, MarketError> {
        let state = self.call("logs")?;
        let mut lines: Vec<_> = state.script.log.iter().cloned().map(Ok).collect();
        if state.script.log_breaks {
            lines.push(Err(MarketError::Unavailable(
                "closed with code 1006".to_owned(),
            )));
        }
        let Some(more) = &state.script.log_goes_on else {
            return Ok(stream::iter(lines).boxed());
        };
        let more = stream::unfold(more.subscribe(), async |mut more| {
            let line = more.recv().await.ok()?;
            Some((Ok(line), more))
        });
        Ok(stream::iter(lines).chain(more).boxed())
    }
}

fn version(sdl: &str) -> Option<Hash32> {
    let derived = sdl::derive(sdl, sdl::Dialect::Console).ok()?;
    Some(Hash32::from_bytes(derived.manifest.hash()))
}

fn state_of(deployment: &Deployment) -> DeploymentState {
    if deployment.open {
        DeploymentState::Active
    } else {
        DeploymentState::Closed
    }
}
