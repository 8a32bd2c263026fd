//! Settings of a connection.

use std::time::Duration;

use secrecy::SecretString;

use crate::Pace;

/// Addresses of the Console API and the provider proxy, with key, time limits and pace.
#[derive(Debug, Clone)]
pub struct Config {
    /// Root of the Console API, for example `https://console-api.akash.network`.
    pub base_url: reqwest::Url,
    /// Root of the provider proxy; `http`, `https`, `ws` and `wss` are all understood, and the
    /// other scheme of the pair is derived.
    pub provider_proxy_url: reqwest::Url,
    /// Key sent as `x-api-key` to the Console API only. Without one only public market data
    /// can be read. Never printed: [`SecretString`] redacts itself.
    pub api_key: Option<SecretString>,
    /// Longest wait for an answer, for each kind of call.
    pub timeouts: Timeouts,
    /// Highest rate of calls to the service; `None` sets no limit. Calls wait for their turn before their time
    /// limit begins to count.
    pub pace: Option<Pace>,
}

/// Time limits per kind of call. The defaults follow the service: writes wait for a block,
/// a lease also waits for up to three manifest deliveries.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Market data, bids, balances, lists.
    pub read: Duration,
    /// One deployment with the status of its leases, which asks every provider in turn.
    pub deployment: Duration,
    /// Create, deposit, update, close: signed, broadcast and included before the answer.
    pub transaction: Duration,
    /// Create leases and deliver the manifest.
    pub lease: Duration,
    /// Opening a stream through the provider proxy.
    pub stream_open: Duration,
    /// Silence after which the proxy is pinged.
    pub stream_ping: Duration,
    /// Silence, including on our pings, after which a stream counts as stalled.
    pub stream_stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(20),
            deployment: Duration::from_secs(90),
            transaction: Duration::from_secs(80),
            lease: Duration::from_secs(130),
            stream_open: Duration::from_secs(20),
            stream_ping: Duration::from_secs(25),
            stream_stall: Duration::from_secs(70),
        }
    }
}
