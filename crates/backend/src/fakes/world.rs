//! A whole backend on a real database, in a simulated world.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::deployment::{Acceptance, Event, State};
use domain::escrow::Terms;
use domain::exposure::Caps;
use domain::gas::Gwei;
use domain::ids::{Address, OrderId};
use domain::journey::OrderView;
use domain::money::{UactPerBlock, Usd};
use domain::quote::{Caps as PriceCaps, CostLine, MarketView, quote};
use domain::route::AkashRules;
use domain::time::{Seconds, UnixSeconds};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::chain::HEARTBEAT_WINDOW;
use super::gate::{Gate, GatedChain, GatedMarket};
use super::{FakeChain, FakeClock, FakeMarket, FakeRandom, FakeReach};
use crate::drafting::agent::Rules;
use crate::jobs::{follow_chain, run_due, sweep};
use crate::orders::changes;
use crate::orders::order::Order;
use crate::ports::{Clock as _, Interpreter, MarketSources, Ports};
use crate::storage::{DataKeys, StorageError, create_database, sessions, stored_texts};
use crate::visitor::{SessionId, Visitor, VisitorId};
use crate::{
    AgentLimits, Backend, ChainFacts, Keep, PollIntervals, RelayBudget, Settings, Storage, queue,
    usecases,
};

/// A backend with its simulated world. Its database file is deleted along with it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) market: Arc<FakeMarket>,
    pub(crate) chain: Arc<FakeChain>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) reach: Arc<FakeReach>,
    folder: TempDir,
}

/// An SDL that can be deployed.
pub const SDL: &str = r#"version: "2.0"
services:
  web:
    image: nginx:1.27
    expose:
      - port: 80
        as: 80
        to:
          - global: true
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
          size: 1Gi
  placement:
    dcloud:
      pricing:
        web:
          denom: uact
          amount: 1000
deployment:
  web:
    dcloud:
      profile: web
      count: 1
"#;

impl World {
    /// Creates a fresh world on a fresh database.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(1_800_000_000));
        let market = Arc::new(FakeMarket::new(clock.clone()));
        let chain = Arc::new(FakeChain::new(clock.clone()));
        let gate = Arc::new(Gate::default());
        let reach = Arc::new(FakeReach::default());
        let ports = ports(&market, &chain, &clock, &gate, &reach);
        let backend = backend(&folder, ports).await;
        follow_chain::enqueue(&backend).await.unwrap();
        let world = Self {
            backend,
            market,
            chain,
            clock,
            gate,
            reach,
            folder,
        };
        for visitor in [world.buyer(), world.stranger()] {
            let token_hash = format!("of {}", visitor.session);
            let now = sessions::Now {
                at: world.clock.now(),
                idle_since: UnixSeconds(0),
            };
            let end = now.at.after(Seconds::days(366));
            let storage = world.backend.storage();
            let stored = sessions::begin(storage, &visitor, &token_hash, None, now, end).await;
            stored.unwrap();
        }
        world
    }

    /// Creates a fresh world in which a deposit counts after this many confirmations.
    pub(crate) async fn confirming(confirmations: u64) -> Self {
        let mut world = Self::new().await;
        let settings = Settings {
            confirmations,
            ..world.backend.settings().clone()
        };
        let (ports, storage) = (world.backend.ports(), world.backend.storage());
        world.backend = Backend::new(ports.clone(), storage.clone(), settings);
        world
    }

    /// Creates a fresh world with caps on the operator's money at stake.
    pub(crate) async fn with_caps(caps: Caps) -> Self {
        let mut world = Self::new().await;
        world.backend = capped(&world.backend, caps);
        world
    }

    /// Starts another server process on the same database and world, with these caps.
    pub(crate) async fn second_with_caps(&self, caps: Caps) -> Backend {
        capped(&self.second_backend().await, caps)
    }

    /// Lets sweeps run from now on.
    pub(crate) async fn sweeping(&self) {
        sweep::enqueue(&self.backend).await.unwrap();
    }

    /// Opens the same database with other keys.
    pub(crate) async fn with_keys(&self, keys: DataKeys) -> Result<Backend, StorageError> {
        let storage = Storage::connect(&database_url(&self.folder).await, keys).await?;
        let settings = self.backend.settings().clone();
        Ok(Backend::new(self.ports(), storage, settings))
    }

    /// Returns the content of all database files or, on PostgreSQL, of all text columns.
    pub(crate) async fn stored_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in ["necto.db", "necto.db-wal"] {
            match std::fs::read(self.folder.path().join(name)) {
                Ok(read) => bytes.extend(read),
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
            }
        }
        if bytes.is_empty() {
            bytes = stored_texts(self.backend.storage()).await;
        }
        bytes
    }

    /// The folder of the database's files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts another server process on the same database and world.
    pub(crate) async fn second_backend(&self) -> Backend {
        let ports = self.ports();
        backend(&self.folder, ports).await
    }

    fn ports(&self) -> Ports {
        ports(
            &self.market,
            &self.chain,
            &self.clock,
            &self.gate,
            &self.reach,
        )
    }

    /// Returns a backend in the same world with another interpreter.
    pub(crate) async fn with_interpreter(&self, interpreter: Arc<dyn Interpreter>) -> Backend {
        let mut ports = self.ports();
        ports.interpreter = interpreter;
        backend(&self.folder, ports).await
    }

    /// Returns a backend in the same world with other limits on a model's cost.
    pub(crate) async fn with_agent_limits(&self, agent: AgentLimits) -> Backend {
        let backend = self.second_backend().await;
        let settings = Settings {
            agent,
            ..backend.settings().clone()
        };
        Backend::new(backend.ports().clone(), backend.storage().clone(), settings)
    }

    /// A visitor who has signed in with a wallet.
    pub(crate) fn buyer(&self) -> Visitor {
        Visitor {
            visitor: VisitorId::from_bytes([1; 16]),
            session: SessionId::from_bytes([2; 16]),
            address: Some(Address::from_bytes([3; 20])),
            has_left: false,
            from: None,
        }
    }

    /// Another visitor.
    pub(crate) fn stranger(&self) -> Visitor {
        Visitor {
            visitor: VisitorId::from_bytes([7; 16]),
            session: SessionId::from_bytes([8; 16]),
            address: Some(Address::from_bytes([9; 20])),
            has_left: false,
            from: None,
        }
    }

    /// Creates an order of the buyer with a valid price: `hours` at $0.10 an hour typically.
    pub(crate) async fn quoted(&self, hours: u64) -> OrderId {
        self.quoted_for(&self.buyer(), Seconds::hours(hours)).await
    }

    /// Creates such an order for `visitor`.
    pub(crate) async fn quoted_for(&self, visitor: &Visitor, duration: Seconds) -> OrderId {
        let now = self.clock.now();
        let id = OrderId::from_bytes(self.backend.ports().random.bytes16());
        let mut order = Order::draft(id, visitor, now);
        order.sdl = SDL.to_owned();
        changes::create(&self.backend, visitor, &order)
            .await
            .unwrap();
        let market = MarketView {
            lines: vec![CostLine {
                what: "everything".to_owned(),
                usd_per_hour: "0.10".parse::<Usd>().unwrap(),
                source: "test".to_owned(),
            }],
            screened_providers: 5,
            sdl_cap: UactPerBlock::from_whole(1000),
            observed_at: now,
        };
        let quote = quote(&market, duration, PriceCaps::default(), now).unwrap();
        changes::edit(&self.backend, id, |_| {
            Ok(vec![Event::Quoted {
                quote: quote.clone(),
            }])
        })
        .await
        .unwrap();
        id
    }

    /// Creates an order of the buyer with its deposit on chain.
    pub(crate) async fn funded(&self, hours: u64, acceptance: Acceptance) -> OrderId {
        let id = self.quoted(hours).await;
        let terms = self.prepare(id, acceptance).await;
        self.chain.fund(&terms);
        id
    }

    /// Prepares the buyer's deposit; returns the terms.
    pub(crate) async fn prepare(&self, id: OrderId, acceptance: Acceptance) -> Terms {
        let text = sdl::text_hash(&self.order(id).await.sdl);
        usecases::prepare_deposit(&self.backend, &self.buyer(), id, text, acceptance)
            .await
            .unwrap()
            .terms
    }

    /// Returns the order as the buyer sees it.
    pub(crate) async fn order(&self, id: OrderId) -> OrderView {
        usecases::show_order(&self.backend, &self.buyer(), id)
            .await
            .unwrap()
    }

    /// Returns the state of the order.
    pub(crate) async fn state(&self, id: OrderId) -> State {
        self.order(id).await.state
    }

    /// Runs all jobs that are due.
    pub(crate) async fn work(&self) {
        run_due(&self.backend, &CancellationToken::new()).await;
    }

    /// Advances the clock by `seconds`, running jobs as they become due.
    pub(crate) async fn pass(&self, seconds: u64) {
        let end = self.clock.now_ms() + seconds * 1000;
        self.work().await;
        while self.clock.now_ms() < end {
            self.advance_to_next_job(end).await;
        }
    }

    /// Advances the clock until the order is in the state with this name; panics after `most`
    /// seconds.
    pub(crate) async fn until(&self, id: OrderId, state: &str, most: u64) {
        let end = self.clock.now_ms() + most * 1000;
        self.work().await;
        while self.state(id).await.name() != state {
            if self.clock.now_ms() >= end {
                let order = self.order(id).await;
                panic!(
                    "{}, not {state}, after {most} s: {:?}, {:?}",
                    order.state.name(),
                    order.notice,
                    order.timeline
                );
            }
            self.advance_to_next_job(end).await;
        }
    }

    /// Moves the clock to `ms`, by at least one millisecond.
    pub(crate) fn advance_to(&self, ms: u64) {
        let step = ms.saturating_sub(self.clock.now_ms()).max(1);
        self.clock.advance(Duration::from_millis(step));
    }

    async fn advance_to_next_job(&self, end: u64) {
        let now = self.clock.now_ms();
        let due = queue::next_due_ms(&self.backend).await.unwrap();
        self.advance_to(due.map_or(end, |due| due.clamp(now + 1, end)));
        self.work().await;
    }
}

fn ports(
    market: &Arc<FakeMarket>,
    chain: &Arc<FakeChain>,
    clock: &Arc<FakeClock>,
    gate: &Arc<Gate>,
    reach: &Arc<FakeReach>,
) -> Ports {
    Ports {
        market: Arc::new(GatedMarket(market.clone(), gate.clone())),
        chain: Arc::new(GatedChain(chain.clone(), gate.clone())),
        kept: Arc::new(GatedChain(chain.clone(), gate.clone())),
        // Not gated: reading blocks changes nothing, and each is stored in one transaction.
        blocks: chain.clone(),
        interpreter: Arc::new(Rules),
        operator: Arc::new(GatedChain(chain.clone(), gate.clone())),
        reach: reach.clone(),
        clock: clock.clone(),
        random: Arc::new(FakeRandom::default()),
        offers: MarketSources::default(),
        templates: None,
    }
}

/// Returns the same backend with other caps.
fn capped(backend: &Backend, caps: Caps) -> Backend {
    let settings = Settings {
        exposure: caps,
        ..backend.settings().clone()
    };
    Backend::new(backend.ports().clone(), backend.storage().clone(), settings)
}

/// The wallet of this world's operator.
pub(crate) const OPERATOR: Address = Address::from_bytes([9; 20]);

async fn backend(folder: &TempDir, ports: Ports) -> Backend {
    let url = database_url(folder).await;
    let settings = Settings {
        payee: Address::from_bytes([4; 20]),
        heartbeat_window: HEARTBEAT_WINDOW,
        fee_bps: 0,
        confirmations: 1,
        public_origin: "https://necto.example".to_owned(),
        console_deposit: Usd::from_micros(500_000),
        chain: ChainFacts {
            name: "Test".to_owned(),
            rpc_urls: Vec::new(),
            explorer_url: None,
            gas_symbol: "ADI".to_owned(),
            faucet_url: None,
        },
        simulated: true,
        gas_drip: false,
        akash_rules: AkashRules::default(),
        relay: RelayBudget {
            per_buyer: Gwei(300_000),
            per_network: Gwei(300_000),
            // Half of it goes to new wallets, which all wallets in tests are.
            per_day: Gwei(600_000),
        },
        exposure: Caps::NONE,
        least_deposit: Usd::ZERO,
        // Less often than in production: most tests let hours pass without a block.
        poll: PollIntervals {
            blocks: Duration::from_secs(6),
            ..PollIntervals::default()
        },
        operators: vec![OPERATOR],
        keep: Keep::default(),
        agent: AgentLimits::default(),
    };
    let storage = Storage::connect(&url, data_keys(&[1])).await.unwrap();
    Backend::new(ports, storage, settings)
}

/// Keys for a world's data, each a single repeated byte; the first one seals.
pub(crate) fn data_keys(bytes: &[u8]) -> DataKeys {
    let keys: Vec<String> = bytes.iter().map(|byte| hex::encode([*byte; 32])).collect();
    let random = Arc::new(FakeRandom::default());
    DataKeys::parse(&SecretString::from(keys.join(",")), random).unwrap()
}

/// A database for this world alone: a SQLite file, or a fresh database on the PostgreSQL server
/// given in `NECTO_TEST_POSTGRES` (`postgres://user@host:port/postgres`).
async fn database_url(folder: &TempDir) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests' harness says which engine they run on"
    )]
    let server = std::env::var("NECTO_TEST_POSTGRES");
    let Ok(server) = server else {
        let file = folder.path().join("necto.db");
        return format!("sqlite:{}?mode=rwc", file.display());
    };
    let (server, admin) = server.rsplit_once('/').unwrap();
    let random = folder.path().file_name().unwrap().to_str().unwrap();
    let name = format!("necto_{}", hex::encode(random));
    create_database(&format!("{server}/{admin}"), &name).await;
    format!("{server}/{name}")
}
