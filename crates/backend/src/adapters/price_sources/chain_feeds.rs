//! Price feeds on a chain, read by `eth_call` over a node's plain JSON-RPC: their answers and their
//! descriptions. Whether these verify a price is for the domain to judge.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::Decimal;
use domain::offers::tokens::Token;
use domain::offers::verification::{
    DECIMALS, DESCRIPTION, Feed, FeedAnswer, FeedError, FeedKind, LATEST_ROUND_DATA, Verification,
    decode_decimals, decode_description, decode_pyth, decode_round, pyth_call, verify,
};
use domain::time::{Seconds, UnixSeconds};
use serde_json::{Value, json};
use thiserror::Error;

use crate::ports::PriceCheck;

/// Time limit for one call.
const DEADLINE: Duration = Duration::from_secs(5);

/// A feed and the node that is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFeed {
    /// Feed, with its contract and the limits within which its answers count.
    pub feed: Feed,
    /// The node's HTTP address.
    pub rpc_url: String,
    /// Id of the chain; a node on another chain is not asked.
    pub chain_id: u64,
    /// Id under which Pyth's contract stores the price; `None` for a feed with its own contract.
    pub feed_id: Option<[u8; 32]>,
}

/// Why a node did not answer. The price is then unverified, not wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NodeError {
    /// The node did not answer.
    #[error("the node cannot be reached: {0}")]
    Unreachable(String),
    /// The node answered with an error.
    #[error("the node refuses: {0}")]
    Refused(String),
    /// The node is on another chain.
    #[error("the node is on chain {found}, not on {expected}")]
    OtherChain {
        /// Id of the chain that the node is on.
        found: u64,
        /// Id of the chain that was expected.
        expected: u64,
    },
    /// The answer is neither of the expected form nor an error.
    #[error("the node's answer is not readable")]
    Unreadable,
}

/// Token, publisher, contract, pair, Pyth's id, and the age in seconds above which an answer is
/// ignored: Chainlink writes these at least once a day, Pyth only when an update is paid for.
type Known = (
    Token,
    FeedKind,
    &'static str,
    &'static str,
    Option<&'static str>,
    u64,
);

const PYTH: &str = "0x4305FB66699C3B2702D4d05CF36551390A4c69C6";

/// Feeds on Ethereum. No chain was found to have a feed for NOS or IO; if an exchange quotes one of
/// them in USDT, the feed for USDT verifies that leg.
#[rustfmt::skip]
const ON_ETHEREUM: [Known; 4] = [
    (Token::Akt, FeedKind::Pyth, PYTH, "AKT / USD", Some("4ea5bb4d2f5900cc2e97ba534240950740b4d3b89fe712a94a7304fd2fd92702"), 900),
    (Token::Render, FeedKind::Pyth, PYTH, "RENDER / USD", Some("3d4a2bd9535be6ce8059d75eadeba507b043257321aa544717c56fa19b49e35d"), 900),
    (Token::Sol, FeedKind::Chainlink, "0x4ffC43a60e009B551865A93d232E33Fce9f01507", "SOL / USD", None, 90_000),
    (Token::Usdt, FeedKind::Chainlink, "0x3E7d1eAB13ad0104d2750B8863b489D65364e32D", "USDT / USD", None, 90_000),
];

/// Maximum difference between our price and a feed's, in hundredths of a per cent.
const MAX_DEVIATION_BPS: u64 = 200;

/// Compares a token's price with a feed.
#[derive(Debug)]
struct FeedCheck {
    token: Token,
    feed: ChainFeed,
    http: reqwest::Client,
}

/// Returns every feed on Ethereum, read through the node at `rpc_url`.
#[must_use]
pub fn ethereum_checks(rpc_url: &str, http: &reqwest::Client) -> Vec<Arc<dyn PriceCheck>> {
    ON_ETHEREUM
        .into_iter()
        .map(|(token, kind, address, pair, feed_id, max_age_s)| {
            let feed = Feed {
                kind,
                chain: "Ethereum".to_owned(),
                address: address.to_owned(),
                pair: pair.to_owned(),
                max_age: Seconds(max_age_s),
                max_deviation_bps: MAX_DEVIATION_BPS,
            };
            let bytes = feed_id.map(|id| {
                let mut bytes = [0; 32];
                hex::decode_to_slice(id, &mut bytes).expect("the constants are 64 digits");
                bytes
            });
            let feed = ChainFeed {
                feed,
                rpc_url: rpc_url.to_owned(),
                chain_id: 1,
                feed_id: bytes,
            };
            let check: Arc<dyn PriceCheck> = Arc::new(FeedCheck {
                token,
                feed,
                http: http.clone(),
            });
            check
        })
        .collect()
}

#[async_trait]
impl PriceCheck for FeedCheck {
    fn token(&self) -> Token {
        self.token
    }

    async fn check(&self, ours: Decimal, now: UnixSeconds) -> Verification {
        verify_on_chain(&self.http, &self.feed, ours, now).await
    }
}

/// Compares `ours` with the chain's current value.
pub async fn verify_on_chain(
    http: &reqwest::Client,
    feed: &ChainFeed,
    ours: Decimal,
    now: UnixSeconds,
) -> Verification {
    match read(http, feed).await {
        Ok((described, answer)) => verify(&feed.feed, described.as_deref(), &answer, ours, now),
        Err(error) => Verification::Unverified {
            reason: error.to_string(),
        },
    }
}

type Reading = (Option<String>, Result<FeedAnswer, FeedError>);

async fn read(http: &reqwest::Client, feed: &ChainFeed) -> Result<Reading, NodeError> {
    let id = ask(http, &feed.rpc_url, "eth_chainId", json!([])).await?;
    let found =
        u64::from_str_radix(id.trim_start_matches("0x"), 16).map_err(|_| NodeError::Unreadable)?;
    if found != feed.chain_id {
        let expected = feed.chain_id;
        return Err(NodeError::OtherChain { found, expected });
    }
    match feed.feed.kind {
        FeedKind::Chainlink => {
            let (description, decimals, round) = futures::future::try_join3(
                call(http, feed, &DESCRIPTION),
                call(http, feed, &DECIMALS),
                call(http, feed, &LATEST_ROUND_DATA),
            )
            .await?;
            // A feed that does not describe itself must not pass for the intended one.
            let described = match decode_description(&description) {
                Ok(described) => described,
                Err(error) => return Ok((None, Err(error))),
            };
            let answer =
                decode_decimals(&decimals).and_then(|decimals| decode_round(&round, decimals));
            Ok((Some(described), answer))
        }
        FeedKind::Pyth => {
            let id = feed.feed_id.ok_or(NodeError::Unreadable)?;
            let answer = call(http, feed, &pyth_call(id)).await?;
            Ok((None, decode_pyth(&answer)))
        }
    }
}

async fn call(http: &reqwest::Client, feed: &ChainFeed, data: &[u8]) -> Result<Vec<u8>, NodeError> {
    let data = format!("0x{}", hex::encode(data));
    let params = json!([{ "to": feed.feed.address, "data": data }, "latest"]);
    let answer = ask(http, &feed.rpc_url, "eth_call", params).await?;
    hex::decode(answer.trim_start_matches("0x")).map_err(|_| NodeError::Unreadable)
}

async fn ask(
    http: &reqwest::Client,
    rpc_url: &str,
    method: &str,
    params: Value,
) -> Result<String, NodeError> {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    // The address may contain a key, so it is left out of the text.
    let kind = |error: reqwest::Error| NodeError::Unreachable(error.without_url().to_string());
    let call = http.post(rpc_url).timeout(DEADLINE).json(&request);
    let response = call.send().await.map_err(kind)?;
    let answer: Value = response.json().await.map_err(kind)?;
    if let Some(message) = answer["error"]["message"].as_str() {
        return Err(NodeError::Refused(message.chars().take(120).collect()));
    }
    let result = answer["result"].as_str();
    result.map(str::to_owned).ok_or(NodeError::Unreadable)
}

#[cfg(test)]
mod tests {
    use domain::offers::verification::{Feed, FeedKind};
    use domain::time::{Seconds, UnixSeconds};
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::{ChainFeed, verify_on_chain};

    const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

    fn word(number: u128) -> String {
        format!("{number:064x}")
    }

    /// Answers as a node with one feed of SOL in dollars: 150 dollars, a minute ago.
    fn answer(request: &str) -> Value {
        let result = if request.contains("eth_chainId") {
            "0x1".to_owned()
        } else if request.contains("0x7284e416") {
            format!("0x{}{}{:0<64}", word(32), word(9), hex::encode("SOL / USD"))
        } else if request.contains("0x313ce567") {
            format!("0x{}", word(8))
        } else if request.contains("0xfeaf968c") {
            let words = [7, 15_000_000_000, 1, 1_799_999_940, 7].map(word);
            format!("0x{}", words.concat())
        } else {
            return json!({ "error": { "message": "execution reverted" } });
        };
        json!({ "result": result })
    }

    async fn node() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut seen = Vec::new();
                // A request is read until its JSON body ends.
                while !seen.ends_with(b"}") {
                    let mut part = vec![0; 2048];
                    let count = stream.read(&mut part).await.unwrap();
                    seen.extend_from_slice(&part[..count]);
                }
                let body = answer(&String::from_utf8(seen).unwrap()).to_string();
                let text = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        });
        format!("http://{address}")
    }

    fn feed(rpc_url: &str, kind: FeedKind, chain_id: u64) -> ChainFeed {
        ChainFeed {
            feed: Feed {
                kind,
                chain: "ethereum".to_owned(),
                address: "0x4ffc43a60e009b551865a93d232e33fce9f01507".to_owned(),
                pair: "SOL / USD".to_owned(),
                max_age: Seconds::hours(2),
                max_deviation_bps: 200,
            },
            rpc_url: rpc_url.to_owned(),
            chain_id,
            feed_id: Some([7; 32]),
        }
    }

    #[tokio::test]
    async fn a_feed_is_read_over_json_rpc_and_what_fails_is_not_verified() {
        let url = node().await;
        #[expect(clippy::disallowed_methods, reason = "a test has no shared client")]
        let http = reqwest::Client::new();
        let check = async |feed: ChainFeed| {
            let ours = "151".parse().unwrap();
            verify_on_chain(&http, &feed, ours, NOW).await.to_string()
        };
        assert_eq!(
            check(feed(&url, FeedKind::Chainlink, 1)).await,
            "verified: SOL / USD by chainlink on ethereum at \
             0x4ffc43a60e009b551865a93d232e33fce9f01507, round 7, 1 min old, 150 there and 151 here, \
             0.66 % apart"
        );
        assert_eq!(
            check(feed(&url, FeedKind::Chainlink, 42_161)).await,
            "unverified: the node is on chain 1, not on 42161"
        );
        assert_eq!(
            check(feed(&url, FeedKind::Pyth, 1)).await,
            "unverified: the node refuses: execution reverted"
        );
        let gone = check(feed("http://127.0.0.1:1", FeedKind::Pyth, 1)).await;
        assert!(
            gone.starts_with("unverified: the node cannot be reached"),
            "{gone}"
        );
    }
}
