//! Access to gateways of the sandbox, which counts the calls.

use futures::future::join_all;
use sandbox::{Config, DEFAULT_API_KEY, Handle, Sandbox};
use secrecy::SecretString;
use serde_json::Value;

use super::*;
use crate::adapters::akash::{ConsoleMarket, ConsoleSettings};

struct Stage {
    market: ConsoleMarket,
    sandbox: Handle,
    provider: ProviderAddress,
}

async fn stage() -> Stage {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let settings = ConsoleSettings {
        console_url: sandbox.base_url.clone(),
        provider_proxy_url: sandbox.base_url.clone(),
        key: SecretString::from(DEFAULT_API_KEY),
    };
    let http = reqwest::Client::builder().build().unwrap();
    let market = ConsoleMarket::connect(&settings, http).unwrap();
    let all = market.client.providers(&[]).await.unwrap();
    let provider = all.first().unwrap().owner.clone();
    Stage {
        market,
        sandbox,
        provider,
    }
}

impl Stage {
    async fn access(&self, scope: AccessScope) -> Access {
        let (market, provider) = (&self.market, &self.provider);
        let access = market
            .gateways
            .access(&market.client, provider, scope)
            .await;
        access.unwrap()
    }

    /// Returns how often a token was requested.
    async fn tokens(&self) -> usize {
        let url = format!("{}/__sim/requests", self.sandbox.base_url);
        let answer = reqwest::get(url).await.unwrap();
        let noted: Vec<Value> = answer.json().await.unwrap();
        let paths = noted.iter().filter_map(|one| one["path"].as_str());
        paths.filter(|path| *path == "/v1/create-jwt-token").count()
    }
}

#[tokio::test]
async fn all_streams_at_a_provider_share_its_address_and_a_token() {
    let stage = stage().await;
    let many = join_all((0..50).map(|_| stage.access(AccessScope::Logs))).await;
    assert!(many.iter().all(|one| !one.host_uri.is_empty()));
    assert_eq!(stage.tokens().await, 1);
    stage.access(AccessScope::Events).await;
    assert_eq!(stage.tokens().await, 2, "a token allows one thing only");
}

#[tokio::test]
async fn access_that_failed_is_requested_again() {
    let stage = stage().await;
    stage.access(AccessScope::Logs).await;
    stage
        .market
        .gateways
        .failed(&stage.provider, AccessScope::Logs);
    stage.access(AccessScope::Logs).await;
    assert_eq!(stage.tokens().await, 2);
}

#[test]
fn a_stream_that_broke_off_says_nothing_against_its_access() {
    let broke = StreamEnd::Disconnected("reset".to_owned());
    assert!(!doubts_access(&broke, true));
    assert!(doubts_access(&broke, false), "the gateway may have moved");
    assert!(doubts_access(&StreamEnd::TokenExpired, true));
    assert!(!doubts_access(&StreamEnd::Finished, false));
    assert!(!doubts_access(&StreamEnd::NoRunningPods, false));
}
