//! A sandbox with a stopped clock, and a client for it.

use std::time::Duration;

use akash_client::{BidWithEscrow, Client, CreatedDeployment, Deployment, NewDeployment, Timeouts};
use domain::akash::{BidId, Dseq};
use domain::money::Usd;
use sandbox::{Config, DEFAULT_API_KEY, Handle, Profile, Sandbox};
use secrecy::SecretString;
use serde_json::{Value, json};

/// One web service on half a CPU.
pub(crate) const WEB: &str = r#"version: "2.0"
services:
  web:
    image: nginx:1.27.4
    expose:
      - port: 80
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
          size: 512Mi
  placement:
    akash:
      pricing:
        web:
          denom: uact
          amount: 10000
deployment:
  web:
    akash:
      profile: web
      count: 1
"#;

/// Both states of the real service.
pub(crate) const PROFILES: [Profile; 2] = [Profile::August2026, Profile::Latest];

pub(crate) struct Stage {
    pub(crate) handle: Handle,
    pub(crate) client: Client,
    pub(crate) http: reqwest::Client,
}

pub(crate) fn frozen(profile: Profile) -> Config {
    Config {
        speed: 0,
        profile,
        ..Config::default()
    }
}

/// Timeouts short enough to wait for in a test.
pub(crate) fn short_timeouts() -> Timeouts {
    Timeouts {
        transaction: Duration::from_millis(400),
        stream_ping: Duration::from_millis(200),
        stream_stall: Duration::from_millis(600),
        ..Timeouts::default()
    }
}

impl Stage {
    pub(crate) async fn new(profile: Profile) -> Self {
        Self::with(frozen(profile)).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let handle = Sandbox::start(config).await.unwrap();
        let http = reqwest::Client::builder().build().unwrap();
        let client = client_for(&handle.base_url, DEFAULT_API_KEY, &http);
        Self {
            handle,
            client,
            http,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.handle.base_url)
    }

    /// Controls the sandbox.
    pub(crate) async fn sim(&self, path: &str, body: Value) -> Value {
        let response = self
            .http
            .post(self.url(&format!("/__sim/{path}")))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{path}: {response:?}");
        response.json().await.unwrap()
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.sim("advance", json!({ "seconds": seconds })).await;
    }

    pub(crate) async fn arm(&self, name: &str) {
        self.sim("scenario", json!({ "name": name })).await;
    }

    pub(crate) async fn state(&self) -> Value {
        let response = self.http.get(self.url("/__sim/state")).send().await;
        response.unwrap().json().await.unwrap()
    }

    pub(crate) async fn create(&self) -> CreatedDeployment {
        self.client.create_deployment(&new(WEB)).await.unwrap()
    }

    /// A deployment that has all its bids.
    pub(crate) async fn with_bids(&self) -> (CreatedDeployment, Vec<BidWithEscrow>) {
        let created = self.create().await;
        self.advance(60).await;
        let bids = self.client.bids(created.dseq).await.unwrap();
        assert!(!bids.is_empty());
        (created, bids)
    }

    /// A deployment whose cheapest bid was accepted; nothing has started yet.
    pub(crate) async fn leased(&self) -> (CreatedDeployment, Deployment) {
        let (created, bids) = self.with_bids().await;
        self.lease(&created, &bids[0]).await;
        let deployment = self.client.get_deployment(created.dseq).await.unwrap();
        (created, deployment)
    }

    /// Accepts a bid and waits until the provider has the manifest.
    pub(crate) async fn lease(&self, created: &CreatedDeployment, bid: &BidWithEscrow) {
        let wish = wish(bid);
        // Here the provider learns of the lease within a second.
        if self
            .client
            .create_lease(&created.manifest, std::slice::from_ref(&wish))
            .await
            .is_err()
        {
            self.advance(2).await;
            self.client
                .create_lease(&created.manifest, &[wish])
                .await
                .unwrap();
        }
    }

    /// A running deployment.
    pub(crate) async fn running(&self) -> (CreatedDeployment, Deployment) {
        let (created, _) = self.leased().await;
        self.advance(30).await;
        let deployment = self.client.get_deployment(created.dseq).await.unwrap();
        (created, deployment)
    }
}

pub(crate) fn new(sdl: &str) -> NewDeployment {
    NewDeployment {
        sdl: sdl.to_owned(),
        deposit: Usd::from_micros(500_000),
        name: Some("a-test".to_owned()),
        runtime_limit_hours: None,
    }
}

pub(crate) fn wish(bid: &BidWithEscrow) -> BidId {
    bid.bid.id.clone()
}

pub(crate) fn client_for(base_url: &str, key: &str, http: &reqwest::Client) -> Client {
    client_with(base_url, key, http, Timeouts::default())
}

pub(crate) fn client_with(
    base_url: &str,
    key: &str,
    http: &reqwest::Client,
    timeouts: Timeouts,
) -> Client {
    let config = akash_client::Config {
        base_url: base_url.parse().unwrap(),
        provider_proxy_url: base_url.parse().unwrap(),
        api_key: Some(SecretString::from(key)),
        timeouts,
        pace: None,
    };
    Client::new(config, http.clone())
}

pub(crate) fn dseq_text(dseq: Dseq) -> String {
    dseq.to_string()
}
