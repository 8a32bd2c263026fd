//! Tickers of exchanges. Each exchange is asked which pairs it trades, and the answer is kept for a
//! day: no price is taken for a pair that was delisted or never existed.
//!
//! To add an exchange, add its parsers here and a line in [`EXCHANGES`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::tokens::{Token, Vote};
use domain::time::{Seconds, UnixSeconds, read_iso_8601};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::feed::{decimal, vote};
use super::http::body;
use super::payload::escaped;
use crate::ports::{Clock, TokenFeed, Word};

/// Time for which the list of pairs is valid.
const LISTED_FOR: Seconds = Seconds::hours(24);

/// Time limit for reading that list: one exchange's is ten megabytes.
const LIST_DEADLINE: Duration = Duration::from_secs(30);

/// Time limit for a price.
const DEADLINE: Duration = Duration::from_secs(4);

/// A pair that an exchange trades.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    token: Token,
    /// Token in which it is quoted; `None` for dollars.
    quote: Option<Token>,
    /// Name of the pair at the exchange.
    id: String,
}

/// A request for prices: its path and the pairs in it.
type Question = (String, Vec<Pair>);

/// Fixed properties of an exchange.
#[derive(Debug)]
struct Exchange {
    name: &'static str,
    base: &'static str,
    /// Path, below `base`, of the list of all its pairs.
    list: &'static str,
    /// Parser of that list.
    pairs: fn(&str) -> Result<Vec<Pair>, serde_json::Error>,
    /// Function that builds the requests for the prices of these pairs.
    questions: fn(&[Pair]) -> Vec<Question>,
    /// Parser of one pair's price from an answer; the given time is that of the answer, for
    /// exchanges that state none.
    price: fn(&Value, &Pair, UnixSeconds) -> Option<Vote>,
}

#[rustfmt::skip]
const EXCHANGES: [Exchange; 3] = [
    Exchange { name: "coinbase", base: "https://api.exchange.coinbase.com", list: "/products", pairs: coinbase_pairs, questions: coinbase_questions, price: coinbase_price },
    Exchange { name: "kraken", base: "https://api.kraken.com", list: "/0/public/AssetPairs", pairs: kraken_pairs, questions: kraken_questions, price: kraken_price },
    Exchange { name: "binance", base: "https://api.binance.com", list: "/api/v3/exchangeInfo?permissions=SPOT", pairs: binance_pairs, questions: binance_questions, price: binance_price },
];

/// Returns every exchange, below `simulated` if a sandbox simulates them.
pub(super) fn exchange_feeds(
    simulated: Option<&str>,
    http: &reqwest::Client,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn TokenFeed>> {
    EXCHANGES
        .iter()
        .map(|exchange| {
            let feed: Arc<dyn TokenFeed> = Arc::new(ExchangeFeed(Arc::new(Parts {
                exchange,
                base: match simulated {
                    Some(sandbox) => format!("{sandbox}/feeds/{}", exchange.name),
                    None => exchange.base.to_owned(),
                },
                http: http.clone(),
                clock: Arc::clone(clock),
                listed: Mutex::new(None),
            })));
            feed
        })
        .collect()
}

#[derive(Debug)]
struct ExchangeFeed(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    exchange: &'static Exchange,
    base: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    listed: Mutex<Option<Listed>>,
}

#[derive(Debug)]
struct Listed {
    at: UnixSeconds,
    pairs: Vec<Pair>,
}

#[async_trait]
impl TokenFeed for ExchangeFeed {
    fn name(&self) -> &str {
        self.0.exchange.name
    }

    async fn votes(&self) -> Result<Vec<Word>, String> {
        // The list may take longer than callers wait for prices: it is still read to the end, and
        // the next request finds it.
        // the next request finds it.
        let parts = Arc::clone(&self.0);
        let pairs = tokio::spawn(async move { parts.pairs().await });
        let pairs = pairs.await.map_err(|error| error.to_string())??;
        if pairs.is_empty() {
            return Err("it trades none of these tokens for dollars".to_owned());
        }
        let questions = (self.0.exchange.questions)(&pairs);
        let answers = questions.iter().map(|question| self.0.words(question));
        let mut words = Vec::new();
        let mut trouble = None;
        for answer in futures::future::join_all(answers).await {
            match answer {
                Ok(said) => words.extend(said),
                Err(reason) => trouble = Some(reason),
            }
        }
        match trouble {
            Some(reason) if words.is_empty() => Err(reason),
            _ if words.is_empty() => Err("the answer has no price".to_owned()),
            _ => Ok(words),
        }
    }
}

impl Parts {
    /// Returns the pairs, read again once a day. An older list is used until there is a newer one.
    async fn pairs(&self) -> Result<Vec<Pair>, String> {
        // Locked during the request, so that only one is made at a time.
        let mut listed = self.listed.lock().await;
        let now = self.clock.now();
        if let Some(listed) = listed.as_ref()
            && now.since(listed.at) < LISTED_FOR
        {
            return Ok(listed.pairs.clone());
        }
        let read = self.text(self.exchange.list, LIST_DEADLINE).await;
        let read = read.and_then(|text| {
            (self.exchange.pairs)(&text)
                .map_err(|error| format!("its list of pairs is not readable: {error}"))
        });
        match (read, listed.as_ref()) {
            (Ok(pairs), _) => {
                let pairs = one_each(pairs);
                *listed = Some(Listed {
                    at: now,
                    pairs: pairs.clone(),
                });
                Ok(pairs)
            }
            (Err(_), Some(older)) => Ok(older.pairs.clone()),
            (Err(reason), None) => Err(reason),
        }
    }

    async fn words(&self, (path, pairs): &Question) -> Result<Vec<Word>, String> {
        let text = self.text(path, DEADLINE).await?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let now = self.clock.now();
        let words = pairs.iter().filter_map(|pair| {
            Some(Word {
                token: pair.token,
                quoted_in: pair.quote,
                vote: (self.exchange.price)(&answer, pair, now)?,
            })
        });
        Ok(words.collect())
    }

    async fn text(&self, path: &str, deadline: Duration) -> Result<String, String> {
        let kind = |error: reqwest::Error| error.without_url().to_string();
        let url = format!("{}{path}", self.base);
        let response = self.http.get(url).timeout(deadline).send().await;
        let response = response.map_err(kind)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("it answered with status {}", status.as_u16()));
        }
        body(response).await.map_err(|error| error.to_string())
    }
}

/// Returns one pair per token, preferring dollars to a token worth about one dollar.
fn one_each(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by(|a, b| (a.token, a.quote, &a.id).cmp(&(b.token, b.quote, &b.id)));
    pairs.dedup_by_key(|pair| pair.token);
    pairs
}

/// Returns the pair with these symbols, if its token is relevant and is quoted in something that
/// has a dollar price.
fn pair(base: &str, quote: &str, id: &str) -> Option<Pair> {
    let token = Token::ALL
        .into_iter()
        .find(|token| token.symbol() == base)?;
    let quote = match quote {
        "USD" => None,
        "USDT" if token != Token::Usdt => Some(Token::Usdt),
        _ => return None,
    };
    let id = id.to_owned();
    Some(Pair { token, quote, id })
}

#[derive(Debug, Deserialize)]
struct CoinbaseProduct {
    id: String,
    base_currency: String,
    quote_currency: String,
    status: String,
    #[serde(default)]
    trading_disabled: bool,
}

fn coinbase_pairs(text: &str) -> Result<Vec<Pair>, serde_json::Error> {
    let products: Vec<CoinbaseProduct> = serde_json::from_str(text)?;
    let traded = products
        .into_iter()
        .filter(|product| product.status == "online" && !product.trading_disabled);
    Ok(traded
        .filter_map(|p| pair(&p.base_currency, &p.quote_currency, &p.id))
        .collect())
}

fn coinbase_questions(pairs: &[Pair]) -> Vec<Question> {
    let question = |pair: &Pair| {
        let path = format!("/products/{}/ticker", escaped(&pair.id));
        (path, vec![pair.clone()])
    };
    pairs.iter().map(question).collect()
}

/// Parses `{"price":"0.5437","time":"2026-07-17T10:00:00.123Z"}`, with the time of the last trade.
fn coinbase_price(answer: &Value, _pair: &Pair, _now: UnixSeconds) -> Option<Vote> {
    let at = read_iso_8601(answer["time"].as_str()?)?;
    Some(vote("coinbase", decimal(&answer["price"])?, at))
}

#[derive(Debug, Deserialize)]
struct KrakenPairs {
    result: std::collections::BTreeMap<String, KrakenPair>,
}

#[derive(Debug, Deserialize)]
struct KrakenPair {
    /// Name of the pair, such as `AKT/USD`; the key may call the same pair `XXBTZUSD`.
    wsname: Option<String>,
    status: Option<String>,
}

fn kraken_pairs(text: &str) -> Result<Vec<Pair>, serde_json::Error> {
    let pairs: KrakenPairs = serde_json::from_str(text)?;
    let read = |(id, listed): (String, KrakenPair)| {
        if listed.status.is_some_and(|status| status != "online") {
            return None;
        }
        let (base, quote) = listed.wsname.as_deref()?.split_once('/')?;
        pair(base, quote, &id)
    };
    Ok(pairs.result.into_iter().filter_map(read).collect())
}

fn kraken_questions(pairs: &[Pair]) -> Vec<Question> {
    let ids: Vec<&str> = pairs.iter().map(|pair| pair.id.as_str()).collect();
    let path = format!("/0/public/Ticker?pair={}", escaped(&ids.join(",")));
    vec![(path, pairs.to_vec())]
}

/// Parses `{"error":[],"result":{"AKTUSD":{"c":["0.5437","12.0"]}}}`: the last trade, without its
/// time.
fn kraken_price(answer: &Value, pair: &Pair, now: UnixSeconds) -> Option<Vote> {
    let usd = decimal(&answer["result"][&pair.id]["c"][0])?;
    Some(vote("kraken", usd, now))
}

#[derive(Debug, Deserialize)]
struct BinancePairs {
    symbols: Vec<BinanceSymbol>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BinanceSymbol {
    symbol: String,
    status: String,
    base_asset: String,
    quote_asset: String,
}

fn binance_pairs(text: &str) -> Result<Vec<Pair>, serde_json::Error> {
    let listed: BinancePairs = serde_json::from_str(text)?;
    let traded = listed
        .symbols
        .into_iter()
        .filter(|symbol| symbol.status == "TRADING");
    Ok(traded
        .filter_map(|s| pair(&s.base_asset, &s.quote_asset, &s.symbol))
        .collect())
}

fn binance_questions(pairs: &[Pair]) -> Vec<Question> {
    let ids: Vec<String> = pairs
        .iter()
        .map(|pair| format!("\"{}\"", pair.id))
        .collect();
    let symbols = escaped(&format!("[{}]", ids.join(",")));
    let path = format!("/api/v3/ticker/24hr?symbols={symbols}");
    vec![(path, pairs.to_vec())]
}

/// Parses `[{"symbol":"IOUSDT","lastPrice":"0.2840","closeTime":1784282400123}]`, in milliseconds.
fn binance_price(answer: &Value, pair: &Pair, _now: UnixSeconds) -> Option<Vote> {
    let mut rows = answer.as_array()?.iter();
    let row = rows.find(|row| row["symbol"] == pair.id.as_str())?;
    let at = UnixSeconds(row["closeTime"].as_u64()? / 1000);
    Some(vote("binance", decimal(&row["lastPrice"])?, at))
}

#[cfg(test)]
mod tests {
    use domain::offers::tokens::Token;
    use domain::time::UnixSeconds;
    use serde_json::json;

    use super::{EXCHANGES, Exchange, Pair, one_each};

    const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

    fn exchange(name: &str) -> &'static Exchange {
        EXCHANGES.iter().find(|known| known.name == name).unwrap()
    }

    fn pair(token: Token, quote: Option<Token>, id: &str) -> Pair {
        let id = id.to_owned();
        Pair { token, quote, id }
    }

    fn listed(name: &str, list: &serde_json::Value) -> Vec<Pair> {
        one_each((exchange(name).pairs)(&list.to_string()).unwrap())
    }

    #[test]
    fn only_pairs_that_are_traded_for_dollars_are_asked_for() {
        let products = json!([
            { "id": "AKT-USD", "base_currency": "AKT", "quote_currency": "USD", "status": "online", "trading_disabled": false },
            { "id": "AKT-USDT", "base_currency": "AKT", "quote_currency": "USDT", "status": "online", "trading_disabled": false },
            { "id": "IO-USD", "base_currency": "IO", "quote_currency": "USD", "status": "delisted", "trading_disabled": true },
            { "id": "BTC-USD", "base_currency": "BTC", "quote_currency": "USD", "status": "online" },
        ]);
        let pairs = listed("coinbase", &products);
        assert_eq!(pairs, [pair(Token::Akt, None, "AKT-USD")]);
        let asked = (exchange("coinbase").questions)(&pairs);
        assert_eq!(asked[0].0, "/products/AKT-USD/ticker");

        let pairs = listed(
            "kraken",
            &json!({ "error": [], "result": {
                "AKTUSD": { "altname": "AKTUSD", "wsname": "AKT/USD", "status": "online" },
                "USDTZUSD": { "altname": "USDTUSD", "wsname": "USDT/USD", "status": "online" },
                "NOSUSD": { "altname": "NOSUSD", "wsname": "NOS/USD", "status": "cancel_only" },
                "AKTEUR": { "altname": "AKTEUR", "wsname": "AKT/EUR", "status": "online" },
            } }),
        );
        assert_eq!(
            pairs,
            [
                pair(Token::Akt, None, "AKTUSD"),
                pair(Token::Usdt, None, "USDTZUSD")
            ]
        );
        let asked = (exchange("kraken").questions)(&pairs);
        assert_eq!(asked[0].0, "/0/public/Ticker?pair=AKTUSD%2CUSDTZUSD");

        let pairs = listed(
            "binance",
            &json!({ "symbols": [
                { "symbol": "IOUSDT", "status": "TRADING", "baseAsset": "IO", "quoteAsset": "USDT" },
                { "symbol": "AKTUSDT", "status": "BREAK", "baseAsset": "AKT", "quoteAsset": "USDT" },
                { "symbol": "IOBTC", "status": "TRADING", "baseAsset": "IO", "quoteAsset": "BTC" },
            ] }),
        );
        assert_eq!(pairs, [pair(Token::Io, Some(Token::Usdt), "IOUSDT")]);
        let asked = (exchange("binance").questions)(&pairs);
        assert_eq!(asked[0].0, "/api/v3/ticker/24hr?symbols=%5B%22IOUSDT%22%5D");
        for known in &EXCHANGES {
            assert!((known.pairs)("<html>").is_err(), "{}", known.name);
        }
    }

    #[test]
    fn a_price_is_read_with_the_time_it_states() {
        let read = |name: &str, answer: serde_json::Value, id: &str| {
            let vote = (exchange(name).price)(&answer, &pair(Token::Akt, None, id), NOW);
            vote.map(|vote| (vote.usd.to_string(), vote.at))
        };
        let ticker = json!({ "price": "0.5437", "time": "2027-01-15T08:00:00.123456Z" });
        let said = |usd: &str, at| Some((usd.to_owned(), at));
        assert_eq!(read("coinbase", ticker, "AKT-USD"), said("0.5437", NOW));
        let ticker = json!({ "error": [], "result": { "AKTUSD": { "c": ["0.5440", "12.0"] } } });
        assert_eq!(read("kraken", ticker.clone(), "AKTUSD"), said("0.544", NOW));
        assert_eq!(read("kraken", ticker, "NOSUSD"), None);
        let ticker = json!([{ "symbol": "AKTUSDT", "lastPrice": "0.5430", "closeTime": 1_799_999_990_999_u64 }]);
        assert_eq!(
            read("binance", ticker, "AKTUSDT"),
            said("0.543", UnixSeconds(1_799_999_990))
        );
        for name in ["coinbase", "kraken", "binance"] {
            for answer in [json!({}), json!([]), json!("x"), json!([{}])] {
                assert_eq!(read(name, answer, "AKT-USD"), None, "{name}");
            }
        }
    }
}
