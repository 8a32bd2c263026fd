//! Feeds of token prices: CoinGecko in one batched question, exchange tickers, the Akash oracle.
//! An id missing from an answer is no price; it is never zero.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::Decimal;
use domain::offers::tokens::{Token, Vote};
use domain::time::UnixSeconds;
use domain::time::read_iso_8601;
use serde_json::Value;

use crate::market::tokens::TokenFeed;
use crate::ports::Clock;

/// Turns an answer into words; the time is that of the answer, for feeds that state none.
type Parse = fn(&Value, UnixSeconds) -> Result<Vec<(Token, Vote)>, String>;

/// A feed asked over HTTP.
#[derive(Debug)]
struct HttpFeed {
    name: &'static str,
    url: String,
    parse: Parse,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// How long one feed may take.
const DEADLINE: Duration = Duration::from_secs(4);

/// Name, address and reader of each feed. Pairs are those the exchanges were seen to list; one that
/// is gone answers with an error and is reported as missing.
#[rustfmt::skip]
const FEEDS: [(&str, &str, Parse); 5] = [
    ("coingecko", "https://api.coingecko.com/api/v3/simple/price?ids=akash-network,render-token,nosana,io-net,solana,tether&vs_currencies=usd&include_last_updated_at=true&precision=full", coingecko),
    ("coinbase AKT-USD", "https://api.exchange.coinbase.com/products/AKT-USD/ticker", coinbase_akt),
    ("coinbase RENDER-USD", "https://api.exchange.coinbase.com/products/RENDER-USD/ticker", coinbase_render),
    ("kraken", "https://api.kraken.com/0/public/Ticker?pair=AKTUSD,RENDERUSD", kraken),
    ("akash oracle", "https://rest.cosmos.directory/akash/akash/oracle/v2/aggregated_price/akt", akash_oracle),
];

/// Every feed, below `simulated` where a sandbox plays them.
#[must_use]
pub fn http_feeds(
    simulated: Option<&str>,
    http: &reqwest::Client,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn TokenFeed>> {
    FEEDS
        .into_iter()
        .map(|(name, url, parse)| {
            let url = match simulated {
                Some(sandbox) => {
                    format!("{sandbox}/feeds/{}", name.replace(' ', "-").to_lowercase())
                }
                None => url.to_owned(),
            };
            let feed: Arc<dyn TokenFeed> = Arc::new(HttpFeed {
                name,
                url,
                parse,
                http: http.clone(),
                clock: Arc::clone(clock),
            });
            feed
        })
        .collect()
}

#[async_trait]
impl TokenFeed for HttpFeed {
    fn name(&self) -> &str {
        self.name
    }

    async fn votes(&self) -> Result<Vec<(Token, Vote)>, String> {
        let kind = |error: reqwest::Error| error.without_url().to_string();
        let request = self.http.get(&self.url).timeout(DEADLINE);
        let response = request.send().await.map_err(kind)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("it answered with status {}", status.as_u16()));
        }
        let answer: Value = response.json().await.map_err(kind)?;
        (self.parse)(&answer, self.clock.now())
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn vote(source: &str, usd: Decimal, at: UnixSeconds) -> Vote {
    Vote {
        source: source.to_owned(),
        usd,
        at,
    }
}

fn not_empty(votes: Vec<(Token, Vote)>) -> Result<Vec<(Token, Vote)>, String> {
    if votes.is_empty() {
        Err("the answer has no price".to_owned())
    } else {
        Ok(votes)
    }
}

/// Without `last_updated_at` a word has no age and does not count.
fn coingecko(answer: &Value, _now: UnixSeconds) -> Result<Vec<(Token, Vote)>, String> {
    let ids = [
        (Token::Akt, "akash-network"),
        (Token::Render, "render-token"),
        (Token::Nos, "nosana"),
        (Token::Io, "io-net"),
        (Token::Sol, "solana"),
        (Token::Usdt, "tether"),
    ];
    let votes = ids.into_iter().filter_map(|(token, id)| {
        let entry = &answer[id];
        let at = entry["last_updated_at"].as_u64().map(UnixSeconds)?;
        Some((token, vote("coingecko", decimal(&entry["usd"])?, at)))
    });
    not_empty(votes.collect())
}

fn coinbase_akt(answer: &Value, now: UnixSeconds) -> Result<Vec<(Token, Vote)>, String> {
    coinbase(Token::Akt, answer, now)
}

fn coinbase_render(answer: &Value, now: UnixSeconds) -> Result<Vec<(Token, Vote)>, String> {
    coinbase(Token::Render, answer, now)
}

/// `{"price":"0.5437","time":"2026-07-17T10:00:00.123Z"}`, the time being that of the last trade.
fn coinbase(token: Token, answer: &Value, _now: UnixSeconds) -> Result<Vec<(Token, Vote)>, String> {
    let read = || {
        let at = read_iso_8601(answer["time"].as_str()?)?;
        Some((token, vote("coinbase", decimal(&answer["price"])?, at)))
    };
    not_empty(read().into_iter().collect())
}

/// `{"error":[],"result":{"AKTUSD":{"c":["0.5437","12.0"]}}}`: the last trade, without its time.
fn kraken(answer: &Value, now: UnixSeconds) -> Result<Vec<(Token, Vote)>, String> {
    let pairs = [(Token::Akt, "AKTUSD"), (Token::Render, "RENDERUSD")];
    let votes = pairs.into_iter().filter_map(|(token, pair)| {
        let usd = decimal(&answer["result"][pair]["c"][0])?;
        Some((token, vote("kraken", usd, now)))
    });
    not_empty(votes.collect())
}

/// An oracle that calls itself unhealthy has no word.
fn akash_oracle(answer: &Value, _now: UnixSeconds) -> Result<Vec<(Token, Vote)>, String> {
    if answer["price_health"]["is_healthy"] != Value::Bool(true) {
        return Err("the oracle calls itself unhealthy".to_owned());
    }
    let price = &answer["aggregated_price"];
    let read = || {
        let at = read_iso_8601(price["timestamp"].as_str()?)?;
        Some((
            Token::Akt,
            vote("akash oracle", decimal(&price["median_price"])?, at),
        ))
    };
    not_empty(read().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use domain::offers::tokens::Token;
    use domain::time::UnixSeconds;
    use serde_json::json;

    use super::{akash_oracle, coinbase_akt, coingecko, kraken};

    const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

    #[test]
    fn feeds_are_read_with_the_time_they_state() {
        let answer = json!({ "akash-network": { "usd": 0.543761, "last_updated_at": 1_799_999_980 }, "nosana": { "usd": 0.3 } });
        let votes = coingecko(&answer, NOW).unwrap();
        assert_eq!(votes.len(), 1, "a word without a time does not count");
        assert_eq!(
            (votes[0].0, votes[0].1.usd.to_string().as_str()),
            (Token::Akt, "0.543761")
        );
        assert_eq!(votes[0].1.at, UnixSeconds(1_799_999_980));

        let answer = json!({ "price": "0.5437", "time": "2027-01-15T08:00:00.123456Z" });
        assert_eq!(coinbase_akt(&answer, NOW).unwrap()[0].1.at, NOW);

        let answer = json!({ "error": [], "result": { "AKTUSD": { "c": ["0.5440", "12.0"] } } });
        assert_eq!(kraken(&answer, NOW).unwrap()[0].1.usd.to_string(), "0.544");

        let oracle = |healthy| {
            json!({
                "aggregated_price": { "median_price": "0.5431", "timestamp": "2027-01-15T08:00:00Z" },
                "price_health": { "is_healthy": healthy },
            })
        };
        assert_eq!(
            akash_oracle(&oracle(true), NOW).unwrap()[0]
                .1
                .usd
                .to_string(),
            "0.5431"
        );
        assert_eq!(
            akash_oracle(&oracle(false), NOW).unwrap_err(),
            "the oracle calls itself unhealthy"
        );
    }

    #[test]
    fn an_answer_without_prices_is_an_error() {
        for answer in [
            json!({}),
            json!([]),
            json!("x"),
            json!({ "akash-network": {} }),
        ] {
            assert!(coingecko(&answer, NOW).is_err());
            assert!(kraken(&answer, NOW).is_err());
            assert!(coinbase_akt(&answer, NOW).is_err());
        }
    }
}
