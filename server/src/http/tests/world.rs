//! A whole Necto whose outside world returns hostile text wherever it may return text at all.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use backend::adapters::clock;
use backend::adapters::random::OsRandom;
use backend::drafting::agent::Rules;
use backend::ports::{
    Authorization, BlockSource, Broadcast, ChainBlock, ChainError, ChainIdentity, ComputeMarket,
    ComputeSpec, Created, Declared, EscrowChain, EscrowOnChain, Fetched, FollowedBlock, GasPrice,
    Inclusion, KeptBalances, Listed, LogStream, MarketError, MarketSources, MarketStatus, Nonces,
    OperatorAccount, OperatorCall, Parsed, Ports, PriceSource, Reach, ScreenedProvider,
    SignedTransaction, SourceError, SourceFile, SourceTree, TemplateSource, TemplateSourceError,
    TxOutcome,
};
use backend::storage::DataKeys;
use backend::{
    AgentLimits, Backend, ChainFacts, Keep, PollIntervals, RelayBudget, Settings, Storage,
};
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::auto_sign::{KeptBalance, SpendPolicy};
use domain::batch::ClusterNote;
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::exposure::Caps;
use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::{TokenAmount, Usd};
use domain::offers::{ListedPrice, Listing, Provenance, Venue};
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::route::AkashRules;
use domain::time::{Seconds, UnixSeconds};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;
use tower::ServiceExt as _;

use super::corpus::{Answer, all};
use crate::config::Config;
use crate::connections::Door;
use crate::http::{router, state};
use crate::lifecycle::Lifecycle;

/// Public origin of the server under test.
pub(super) const ORIGIN: &str = "http://127.0.0.1:3000";

/// Account that signs in; also the operator.
pub(super) const ADDRESS: Address = Address::from_bytes([3; 20]);

/// The browser of one visitor, connected to that Necto.
#[derive(Debug)]
pub(super) struct World {
    pub(super) router: Router,
    pub(super) backend: Backend,
    pub(super) folder: TempDir,
    pub(super) life: Lifecycle,
    cookie: Mutex<String>,
}

impl World {
    /// Creates a world in which nobody is signed in.
    pub(super) async fn new() -> Self {
        Self::configured(crate::config::tests::config(&[])).await
    }

    /// Creates a world with its own settings.
    pub(super) async fn configured(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!(
            "sqlite:{}?mode=rwc",
            folder.path().join("necto.db").display()
        );
        let keys = DataKeys::none(Arc::new(OsRandom));
        let storage = Storage::connect(&url, keys).await.unwrap();
        let backend = Backend::new(ports(), storage, settings());
        let life = Lifecycle::default();
        let state = state(&backend, &config, &life, &Door::default()).unwrap();
        let router = router(&state, &config).unwrap();
        Self {
            router,
            backend,
            folder,
            life,
            cookie: Mutex::default(),
        }
    }

    /// Signs in; whatever the signature, the chain reports that it was made by [`ADDRESS`].
    pub(super) async fn sign_in(&self) {
        let message = self.call("challenge", &json!({ "address": ADDRESS })).await;
        let message: Value = serde_json::from_slice(&message.body).unwrap();
        let signed = json!({ "message": message, "signature": "0x00" });
        let answer = self.call("sign_in", &signed).await;
        assert!(answer.status.is_success(), "{}", answer.text());
    }

    /// Returns the browser's cookie.
    pub(super) async fn cookie(&self) -> String {
        self.cookie.lock().await.clone()
    }

    /// Restores an earlier cookie.
    pub(super) async fn take_cookie(&self, cookie: String) {
        *self.cookie.lock().await = cookie;
    }

    /// Requests a page as a browser does.
    pub(super) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT, "text/html");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Calls a server function with JSON.
    pub(super) async fn call(&self, name: &str, arguments: &Value) -> Answer {
        let request = Request::post(format!("/api/{name}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        let body = serde_json::to_vec(arguments).unwrap();
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Submits a page's plain form, as a browser without scripts does.
    pub(super) async fn submit(&self, path: &str, form: String, referer: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, referer);
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Sends a request with the browser's cookie.
    pub(super) async fn send(&self, mut request: Request<Body>) -> Answer {
        let mut cookie = self.cookie.lock().await;
        let headers = request.headers_mut();
        headers.insert(header::HOST, "127.0.0.1:3000".parse().unwrap());
        if !cookie.is_empty() {
            headers.insert(header::COOKIE, cookie.parse().unwrap());
        }
        if request.method() != Method::GET {
            let headers = request.headers_mut();
            headers.insert(header::ORIGIN, ORIGIN.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            set.split(';').next().unwrap().clone_into(&mut cookie);
        }
        Answer::read(response).await
    }
}

fn settings() -> Settings {
    Settings {
        payee: Address::from_bytes([4; 20]),
        heartbeat_window: Seconds::hours(24),
        fee_bps: 0,
        confirmations: 1,
        public_origin: ORIGIN.to_owned(),
        console_deposit: Usd::from_micros(500_000),
        chain: ChainFacts {
            name: all(),
            rpc_urls: vec![all()],
            explorer_url: Some(all()),
            gas_symbol: all(),
            faucet_url: Some(all()),
        },
        simulated: true,
        gas_drip: false,
        akash_rules: AkashRules::default(),
        relay: RelayBudget {
            per_buyer: Gwei(300_000),
            per_network: Gwei(300_000),
            // Half of it is for new wallets, which all wallets in tests are.
            per_day: Gwei(600_000),
        },
        exposure: Caps::NONE,
        least_deposit: Usd::ZERO,
        poll: PollIntervals::default(),
        operators: vec![ADDRESS],
        keep: Keep::default(),
        agent: AgentLimits::default(),
    }
}

fn ports() -> Ports {
    let clock = clock::system();
    Ports {
        market: Arc::new(Outside),
        chain: Arc::new(Outside),
        kept: Arc::new(Outside),
        blocks: Arc::new(Outside),
        interpreter: Arc::new(Rules),
        operator: Arc::new(Outside),
        reach: Arc::new(Outside),
        clock,
        random: Arc::new(OsRandom),
        offers: MarketSources {
            venues: vec![Arc::new(Outside), Arc::new(Silent)],
            ..MarketSources::default()
        },
        templates: Some(Arc::new(Outside)),
    }
}

/// All outside services. They work as far as pricing an order needs them, and return hostile text.
#[derive(Debug)]
struct Outside;

/// A venue that fails, with a message.
#[derive(Debug)]
struct Silent;

/// A provider, as identified by Akash.
pub(super) fn provider() -> ProviderAddress {
    "akash1cheap00000".parse().unwrap()
}

fn away() -> MarketError {
    MarketError::Unavailable(all())
}

fn silent() -> ChainError {
    ChainError::Unavailable(all())
}

#[async_trait]
impl ComputeMarket for Outside {
    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError> {
        let price = |model: &str| GpuPrice {
            vendor: "nvidia".to_owned(),
            model: model.to_owned(),
            vram_gib: Some(80),
            interface: Some(all()),
            available: 4,
            total: 8,
            min: Some(Usd::from_micros(500_000)),
            median: Some(Usd::from_micros(1_000_000)),
            max: Some(Usd::from_micros(2_000_000)),
        };
        Ok(vec![price("h100"), price(&all())])
    }

    async fn compute_price(&self, _spec: ComputeSpec) -> Result<Usd, MarketError> {
        Ok(Usd::from_micros(73_000_000))
    }

    async fn screen(
        &self,
        _groups: &[sdl::GroupSpec],
        _region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError> {
        Ok(vec![ScreenedProvider {
            address: provider(),
            region: Some(all()),
            audited: true,
        }])
    }

    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError> {
        let facts = ProviderFacts {
            name: Some(all()),
            region: Some(all()),
            gpu_models: vec![all()],
            ..ProviderFacts::default()
        };
        let known = addresses
            .iter()
            .map(|address| (address.clone(), facts.clone()));
        Ok(known.collect())
    }

    async fn gateway(&self, _provider: &ProviderAddress) -> Result<String, MarketError> {
        Ok(all())
    }

    async fn declared(&self) -> Result<Declared, MarketError> {
        Ok(Declared {
            regions: vec![all()],
            storage_classes: vec![all()],
        })
    }

    async fn create(
        &self,
        _sdl: &str,
        _name: &str,
        _deposit: Usd,
        _runtime_limit_hours: Option<u32>,
    ) -> Result<Created, MarketError> {
        Err(away())
    }

    async fn limit_runtime(&self, _dseq: Dseq, _hours: u32) -> Result<(), MarketError> {
        Err(away())
    }

    async fn find(
        &self,
        _name: &str,
        _sdl: &str,
        _since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError> {
        Err(away())
    }

    async fn list(&self) -> Result<Vec<Listed>, MarketError> {
        Err(away())
    }

    async fn bids(&self, _dseq: Dseq) -> Result<Vec<Bid>, MarketError> {
        Err(away())
    }

    async fn lease(
        &self,
        _dseq: Dseq,
        _manifest: &str,
        _bids: &[BidId],
    ) -> Result<(), MarketError> {
        Err(away())
    }

    async fn update(&self, _dseq: Dseq, _sdl: &str) -> Result<(), MarketError> {
        Err(away())
    }

    async fn status(&self, _dseq: Dseq) -> Result<MarketStatus, MarketError> {
        Err(away())
    }

    async fn balance(&self) -> Result<Usd, MarketError> {
        Err(away())
    }

    async fn close(&self, _dseq: Dseq) -> Result<(), MarketError> {
        Err(away())
    }

    async fn notes(
        &self,
        _lease: &LeaseId,
        _services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError> {
        Err(away())
    }

    async fn logs(&self, _lease: &LeaseId, _services: &[String]) -> Result<LogStream, MarketError> {
        Err(away())
    }
}

fn call() -> PreparedCall {
    PreparedCall {
        title: all(),
        to: ADDRESS,
        data: all(),
        decoded: vec![(all(), all())],
    }
}

fn operator_call() -> OperatorCall {
    OperatorCall {
        to: ADDRESS,
        data: Vec::new(),
        value: Gwei(0),
    }
}

fn authorization() -> Authorization {
    Authorization {
        typed_data: all(),
        decoded: vec![(all(), all())],
    }
}

#[async_trait]
impl EscrowChain for Outside {
    fn chain_id(&self) -> u64 {
        31_337
    }

    fn escrow_contract(&self) -> Address {
        ADDRESS
    }

    fn token_contract(&self) -> Address {
        ADDRESS
    }

    async fn head(&self) -> Result<ChainBlock, ChainError> {
        Err(silent())
    }

    async fn identity(&self) -> Result<ChainIdentity, ChainError> {
        Ok(ChainIdentity {
            escrow_code_hash: Hash32::from_bytes([1; 32]),
            known_block: 1,
            known_block_hash: Hash32::from_bytes([2; 32]),
        })
    }

    fn escrow_id(&self, terms: &Terms) -> EscrowId {
        EscrowId::from_bytes([u8::try_from(terms.deposit.micros() % 251).unwrap(); 32])
    }

    fn approve_call(&self, _amount: TokenAmount) -> PreparedCall {
        call()
    }

    fn fund_call(&self, _terms: &Terms) -> PreparedCall {
        call()
    }

    fn top_up_call(&self, _top_up: &TopUp) -> PreparedCall {
        call()
    }

    fn faucet_call(&self, _to: Address) -> PreparedCall {
        call()
    }

    async fn escrow(&self, _id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError> {
        Err(silent())
    }

    async fn outcome(&self, _tx: TxHash) -> Result<TxOutcome, ChainError> {
        Ok(TxOutcome::Reverted { reason: all() })
    }

    fn activate_call(&self, _id: EscrowId, _rate: ScaledRate) -> OperatorCall {
        operator_call()
    }

    fn end_call(&self, _id: EscrowId, _ended_at: UnixSeconds) -> OperatorCall {
        operator_call()
    }

    fn heartbeat_call(&self, _id: EscrowId) -> OperatorCall {
        operator_call()
    }

    fn gas_gift_call(&self, _to: Address) -> OperatorCall {
        operator_call()
    }

    async fn authorization(
        &self,
        _terms: &Terms,
        _valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        Ok(authorization())
    }

    async fn relay_call(
        &self,
        _terms: &Terms,
        _valid_before: UnixSeconds,
        _signature: &str,
    ) -> Result<OperatorCall, ChainError> {
        Err(ChainError::Invalid(all()))
    }

    async fn is_contract(&self, _account: Address) -> Result<bool, ChainError> {
        Ok(false)
    }

    async fn signed_by_contract(
        &self,
        _account: Address,
        _message: &str,
        _signature: &str,
    ) -> Result<bool, ChainError> {
        Err(ChainError::Invalid(all()))
    }

    async fn top_up_authorization(
        &self,
        _top_up: &TopUp,
        _valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        Ok(authorization())
    }

    async fn relay_top_up_call(
        &self,
        _top_up: &TopUp,
        _valid_before: UnixSeconds,
        _signature: &str,
    ) -> Result<OperatorCall, ChainError> {
        Err(ChainError::Invalid(all()))
    }

    fn recover_personal_sign(
        &self,
        _message: &str,
        _signature: &str,
    ) -> Result<Address, ChainError> {
        Ok(ADDRESS)
    }
}

#[async_trait]
impl KeptBalances for Outside {
    async fn kept(&self, _buyer: Address, now: UnixSeconds) -> Result<KeptBalance, ChainError> {
        Ok(KeptBalance {
            kept: TokenAmount::from_micros(5_000_000),
            nonce: 0,
            spent_today: TokenAmount::ZERO,
            open: 0,
            at: now,
        })
    }

    fn keep_call(&self, _amount: TokenAmount) -> PreparedCall {
        call()
    }

    fn withdraw_kept_call(&self, _amount: TokenAmount) -> PreparedCall {
        call()
    }

    fn revoke_policies_call(&self) -> PreparedCall {
        call()
    }

    fn policy_message(&self, _policy: &SpendPolicy) -> Authorization {
        authorization()
    }

    fn policy_digest(&self, policy: &SpendPolicy) -> Hash32 {
        let mut bytes = [5; 32];
        bytes[..8].copy_from_slice(&policy.nonce.to_be_bytes());
        Hash32::from_bytes(bytes)
    }

    fn policy_signature(
        &self,
        _policy: &SpendPolicy,
        _signed: &str,
    ) -> Result<Vec<u8>, ChainError> {
        Ok(vec![0; 65])
    }

    fn fund_from_kept_call(
        &self,
        _terms: &Terms,
        _policy: &SpendPolicy,
        _signature: &[u8],
    ) -> OperatorCall {
        operator_call()
    }
}

#[async_trait]
impl BlockSource for Outside {
    async fn newest(&self) -> Result<u64, ChainError> {
        Err(silent())
    }

    async fn hash_at(&self, _number: u64) -> Result<Option<Hash32>, ChainError> {
        Err(silent())
    }

    async fn blocks(&self, _from: u64, _to: u64) -> Result<Vec<FollowedBlock>, ChainError> {
        Err(silent())
    }

    async fn verify(&self) -> Result<(), ChainError> {
        Err(silent())
    }

    fn distrust(&self) {}
}

#[async_trait]
impl OperatorAccount for Outside {
    async fn estimate(&self, _call: &OperatorCall) -> Result<u64, ChainError> {
        Err(silent())
    }

    async fn gas_price(&self) -> Result<GasPrice, ChainError> {
        Err(silent())
    }

    async fn sign(
        &self,
        _call: &OperatorCall,
        _nonce: u64,
        _gas: u64,
        _price: GasPrice,
    ) -> Result<SignedTransaction, ChainError> {
        Err(silent())
    }

    async fn broadcast(&self, _raw: &[u8]) -> Result<Broadcast, ChainError> {
        Err(silent())
    }

    async fn pending_nonce(&self) -> Result<u64, ChainError> {
        Err(silent())
    }

    async fn nonces(&self) -> Result<Nonces, ChainError> {
        Err(silent())
    }

    async fn inclusion(&self, _tx: TxHash) -> Result<Option<Inclusion>, ChainError> {
        Err(silent())
    }
}

#[async_trait]
impl Reach for Outside {
    async fn answers(&self, _address: &str) -> bool {
        false
    }

    async fn serves(&self, _address: &str) -> bool {
        false
    }
}

#[async_trait]
impl PriceSource for Outside {
    fn venue(&self) -> Venue {
        Venue::VastAi
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn fetch(&self, _known: Option<&str>) -> Result<Fetched, SourceError> {
        let price = || ListedPrice::PerCardHour("1.25".parse().unwrap());
        let mut known = Listing::new(Venue::VastAi, &all(), "H100 SXM 80GB", price());
        let mut unknown = Listing::new(Venue::VastAi, &format!("2 {}", all()), &all(), price());
        let mut wild = Listing::new(
            Venue::VastAi,
            &format!("3 {}", all()),
            "H100 SXM 80GB",
            ListedPrice::PerCardHour("90000".parse().unwrap()),
        );
        for row in [&mut known, &mut unknown, &mut wild] {
            row.provider = Some(all());
            row.place = Some(all());
            row.link = Some(all());
            row.notes = vec![all()];
            row.provenance = Provenance::Live;
            row.observed_at = clock::system().now();
        }
        Ok(Fetched::Rows {
            parsed: Parsed {
                listings: vec![known, unknown, wild],
                unreadable: Vec::new(),
            },
            etag: None,
        })
    }
}

#[async_trait]
impl PriceSource for Silent {
    fn venue(&self) -> Venue {
        Venue::IoNet
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn fetch(&self, _known: Option<&str>) -> Result<Fetched, SourceError> {
        Err(SourceError::Unreachable(all()))
    }
}

/// A community template with hostile text in its metadata and document.
fn template() -> String {
    let said = serde_json::to_string(&all()).unwrap();
    format!(
        "---\nversion: \"2.0\"\nservices:\n  web:\n    image: nginx:1.27\n    env:\n      - {said}\n    expose:\n      \
         - port: 80\n        as: 80\n        to:\n          - global: true\nprofiles:\n  compute:\n    web:\n      \
         resources:\n        cpu:\n          units: 0.5\n        memory:\n          size: 512Mi\n        storage:\n          \
         size: 1Gi\n  placement:\n    dcloud:\n      pricing:\n        web:\n          denom: uact\n          amount: \
         1000\ndeployment:\n  web:\n    dcloud:\n      profile: web\n      count: 1\n# {}\n",
        all().replace(['\r', '\n', '\0'], " ")
    )
}

#[async_trait]
impl TemplateSource for Outside {
    fn home(&self) -> &str {
        "https://code.example/templates"
    }

    fn page_of(&self, folder: &str) -> String {
        format!("https://code.example/templates/{folder}")
    }

    async fn tree(&self, _known: Option<&str>) -> Result<SourceTree, TemplateSourceError> {
        let file = |path: &str| SourceFile {
            path: path.to_owned(),
            sha: path.to_owned(),
            size: 2000,
        };
        Ok(SourceTree::Files {
            files: vec![
                file("README.md"),
                file("hostile/deploy.yaml"),
                file("hostile/README.md"),
            ],
            etag: Some(all()),
        })
    }

    async fn file(&self, path: &str, _most_bytes: usize) -> Result<String, TemplateSourceError> {
        let title = "</title><necto-canary>";
        // Markdown decodes entities once, so this yields the corpus unchanged.
        let prose = all().replace('&', "&amp;");
        Ok(match path {
            "README.md" => format!("### {title}\n- [{title}](hostile)\n"),
            "hostile/README.md" => format!(
                "# {}\n\n{}\n\n[{title}](javascript:necto-canary) ![{title}](data:necto-canary) `{}`\n",
                prose,
                prose,
                all()
            ),
            _ => template(),
        })
    }
}
