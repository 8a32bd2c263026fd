//! Feeds of token prices: CoinGecko in one batched request, exchange tickers ([`exchanges`]), and
//! the Akash oracle. An id missing from an answer means that there is no price, never that it is
//! zero.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::tokens::{Token, Vote};
use domain::time::UnixSeconds;
use domain::time::read_iso_8601;
use serde_json::Value;

use super::exchanges;
use super::feed::{decimal, vote};
use crate::ports::{Clock, TokenFeed, Word};

/// Converts an answer to prices.
type Parse = fn(&Value) -> Result<Vec<Word>, String>;

/// A feed queried over HTTP.
#[derive(Debug)]
struct HttpFeed {
    name: &'static str,
    url: String,
    parse: Parse,
    http: reqwest::Client,
}

/// Time limit for one feed.
const DEADLINE: Duration = Duration::from_secs(4);

/// Name, address and parser of each feed that needs one request.
#[rustfmt::skip]
const FEEDS: [(&str, &str, Parse); 2] = [
    ("coingecko", "https://api.coingecko.com/api/v3/simple/price?ids=akash-network,render-token,nosana,io-net,solana,tether&vs_currencies=usd&include_last_updated_at=true&precision=full", coingecko),
    ("akash oracle", "https://rest.cosmos.directory/akash/akash/oracle/v2/aggregated_price/akt", akash_oracle),
];

/// Returns every feed, below `simulated` if a sandbox simulates them.
#[must_use]
pub fn http_feeds(
    simulated: Option<&str>,
    http: &reqwest::Client,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn TokenFeed>> {
    let mut feeds = exchanges::exchange_feeds(simulated, http, clock);
    feeds.extend(FEEDS.into_iter().map(|(name, url, parse)| {
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
        });
        feed
    }));
    feeds
}

#[async_trait]
impl TokenFeed for HttpFeed {
    fn name(&self) -> &str {
        self.name
    }

    async fn votes(&self) -> Result<Vec<Word>, String> {
        let kind = |error: reqwest::Error| error.without_url().to_string();
        let request = self.http.get(&self.url).timeout(DEADLINE);
        let response = request.send().await.map_err(kind)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("it answered with status {}", status.as_u16()));
        }
        let answer: Value = response.json().await.map_err(kind)?;
        (self.parse)(&answer)
    }
}

fn in_dollars(token: Token, vote: Vote) -> Word {
    Word {
        token,
        quoted_in: None,
        vote,
    }
}

fn not_empty(words: Vec<Word>) -> Result<Vec<Word>, String> {
    if words.is_empty() {
        Err("the answer has no price".to_owned())
    } else {
        Ok(words)
    }
}

/// Parses prices; without `last_updated_at` a price has no age and does not count.
fn coingecko(answer: &Value) -> Result<Vec<Word>, String> {
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
        let vote = vote("coingecko", decimal(&entry["usd"])?, at);
        Some(in_dollars(token, vote))
    });
    not_empty(votes.collect())
}

/// Parses the oracle's prices; an oracle that reports itself unhealthy gives none.
fn akash_oracle(answer: &Value) -> Result<Vec<Word>, String> {
    if answer["price_health"]["is_healthy"] != Value::Bool(true) {
        return Err("the oracle calls itself unhealthy".to_owned());
    }
    let price = &answer["aggregated_price"];
    let read = || {
        let at = read_iso_8601(price["timestamp"].as_str()?)?;
        let vote = vote("akash oracle", decimal(&price["median_price"])?, at);
        Some(in_dollars(Token::Akt, vote))
    };
    not_empty(read().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use domain::offers::tokens::Token;
    use domain::time::UnixSeconds;
    use serde_json::json;

    use super::{akash_oracle, coingecko};

    #[test]
    fn feeds_are_read_with_the_time_they_state() {
        let answer = json!({ "akash-network": { "usd": 0.543761, "last_updated_at": 1_799_999_980 }, "nosana": { "usd": 0.3 } });
        let words = coingecko(&answer).unwrap();
        assert_eq!(words.len(), 1, "a word without a time does not count");
        assert_eq!(
            (words[0].token, words[0].vote.usd.to_string().as_str()),
            (Token::Akt, "0.543761")
        );
        assert_eq!(words[0].vote.at, UnixSeconds(1_799_999_980));

        let oracle = |healthy| {
            json!({
                "aggregated_price": { "median_price": "0.5431", "timestamp": "2027-01-15T08:00:00Z" },
                "price_health": { "is_healthy": healthy },
            })
        };
        let words = akash_oracle(&oracle(true)).unwrap();
        assert_eq!(words[0].vote.usd.to_string(), "0.5431");
        assert_eq!(
            akash_oracle(&oracle(false)).unwrap_err(),
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
            assert!(coingecko(&answer).is_err());
            assert!(akash_oracle(&answer).is_err());
        }
    }
}
