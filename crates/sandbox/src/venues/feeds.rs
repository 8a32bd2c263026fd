//! Token prices: CoinGecko, three exchanges, and the oracle on Akash's chain. All reflect one
//! market, each with a slightly different price and a timestamp of its own.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Tide;
use crate::amount::{six_decimals, usd};
use crate::clock::iso_date;
use crate::state::Shared;

/// Symbol, CoinGecko's id, micro-dollars, and the swing of the price in thousandths.
const TOKENS: [(&str, &str, u64, u64); 6] = [
    ("AKT", "akash-network", 552_000, 60),
    ("RENDER", "render-token", 2_140_000, 50),
    ("NOS", "nosana", 309_000, 60),
    ("IO", "io-net", 284_000, 60),
    ("SOL", "solana", 151_000_000, 40),
    ("USDT", "tether", 1_000_100, 0),
];

/// Returns the price of a token in micro-dollars.
pub(super) fn price(tide: Tide, symbol: &str) -> u64 {
    let (_, _, usual, swing) = TOKENS
        .iter()
        .find(|(known, ..)| *known == symbol)
        .expect("only tokens of the table are asked for");
    tide.price(&format!("token {symbol}"), *usual, *swing)
}

/// Returns the price from one source, within two thousandths of the others.
fn told(tide: Tide, symbol: &str, source: &str) -> u64 {
    let skew = tide.dice(&["feed", source, symbol]).between(998, 1_002);
    price(tide, symbol) * skew / 1_000
}

/// Returns the timestamp of a source in milliseconds: some seconds before the prices were
/// requested.
fn as_of(shared: &Shared, lag_ms: u64) -> u64 {
    shared.clock.now().console_ms.saturating_sub(lag_ms)
}

/// `GET /api/v3/simple/price` for all tokens at once.
pub(super) async fn coingecko(State(shared): State<Shared>) -> Json<Value> {
    let tide = super::tide(&shared);
    let at = as_of(&shared, 21_000) / 1000;
    let prices: Map<String, Value> = TOKENS
        .iter()
        .map(|(symbol, id, ..)| {
            let usd = usd(u128::from(told(tide, symbol, "coingecko")));
            (
                (*id).to_owned(),
                json!({ "usd": usd, "last_updated_at": at }),
            )
        })
        .collect();
    Json(Value::Object(prices))
}

/// Tokens among the relevant ones that Coinbase trades for dollars.
const ON_COINBASE: [&str; 4] = ["AKT", "RENDER", "SOL", "USDT"];

/// Tokens that Kraken trades for dollars, with its own names for the pairs.
const ON_KRAKEN: [(&str, &str); 4] = [
    ("AKTUSD", "AKT"),
    ("RENDERUSD", "RENDER"),
    ("SOLUSD", "SOL"),
    ("USDTZUSD", "USDT"),
];

/// Tokens that Binance trades for USDT, and whether it currently does so.
const ON_BINANCE: [(&str, &str); 4] = [
    ("AKT", "BREAK"),
    ("RENDER", "TRADING"),
    ("IO", "TRADING"),
    ("SOL", "TRADING"),
];

/// `GET /products`
pub(super) async fn coinbase_products() -> Json<Value> {
    let product = |base: &str, quote: &str| {
        json!({
            "id": format!("{base}-{quote}"), "base_currency": base, "quote_currency": quote,
            "status": "online", "trading_disabled": false, "post_only": false,
        })
    };
    let mut products: Vec<Value> = ON_COINBASE.map(|base| product(base, "USD")).into();
    products.push(product("AKT", "EUR"));
    products.push(product("BTC", "USD"));
    Json(Value::Array(products))
}

/// `GET /products/{id}/ticker`
pub(super) async fn coinbase_ticker(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Response {
    let symbol = id.strip_suffix("-USD");
    let Some(symbol) = symbol.filter(|symbol| ON_COINBASE.contains(symbol)) else {
        return (
            StatusCode::NOT_FOUND,
            Json(json!({ "message": "NotFound" })),
        )
            .into_response();
    };
    let price = text(told(super::tide(&shared), symbol, "coinbase"));
    Json(json!({
        "trade_id": as_of(&shared, 0) / 7_000, "price": price, "bid": price, "ask": price,
        "size": "12.5", "volume": "182000.5", "time": iso_date(as_of(&shared, 4_000)),
    }))
    .into_response()
}

/// `GET /0/public/AssetPairs`
pub(super) async fn kraken_pairs() -> Json<Value> {
    let pair = |(id, base): (&str, &str)| {
        let listed = json!({
            "altname": format!("{base}USD"), "wsname": format!("{base}/USD"), "base": base,
            "quote": "ZUSD", "pair_decimals": 4, "status": "online",
        });
        (id.to_owned(), listed)
    };
    let pairs: Map<String, Value> = ON_KRAKEN.map(pair).into_iter().collect();
    Json(json!({ "error": [], "result": pairs }))
}

/// Query parameters of Kraken's ticker.
#[derive(Debug, Deserialize)]
pub(super) struct KrakenQuestion {
    pair: String,
}

/// `GET /0/public/Ticker?pair=AKTUSD,RENDERUSD`
pub(super) async fn kraken_ticker(
    State(shared): State<Shared>,
    Query(asked): Query<KrakenQuestion>,
) -> Json<Value> {
    let tide = super::tide(&shared);
    let mut told_of = Map::new();
    for id in asked.pair.split(',') {
        let Some((_, symbol)) = ON_KRAKEN.iter().find(|(known, _)| *known == id) else {
            return Json(json!({ "error": ["EQuery:Unknown asset pair"] }));
        };
        let price = text(told(tide, symbol, "kraken"));
        let ticker = json!({ "a": [price, "10", "10.000"], "b": [price, "10", "10.000"], "c": [price, "12.0"] });
        told_of.insert(id.to_owned(), ticker);
    }
    Json(json!({ "error": [], "result": told_of }))
}

/// `GET /api/v3/exchangeInfo`
pub(super) async fn binance_info(State(shared): State<Shared>) -> Json<Value> {
    let symbols = ON_BINANCE.map(|(base, status)| {
        json!({
            "symbol": format!("{base}USDT"), "status": status, "baseAsset": base,
            "quoteAsset": "USDT", "isSpotTradingAllowed": status == "TRADING",
        })
    });
    Json(json!({ "timezone": "UTC", "serverTime": as_of(&shared, 0), "symbols": symbols }))
}

/// Query parameters of Binance's ticker: a JSON list.
#[derive(Debug, Deserialize)]
pub(super) struct BinanceQuestion {
    symbols: String,
}

/// `GET /api/v3/ticker/24hr?symbols=["IOUSDT"]`
pub(super) async fn binance_ticker(
    State(shared): State<Shared>,
    Query(asked): Query<BinanceQuestion>,
) -> Response {
    let tide = super::tide(&shared);
    let ids: Vec<String> = serde_json::from_str(&asked.symbols).unwrap_or_default();
    let known = |id: &String| {
        let base = id.strip_suffix("USDT")?;
        let (symbol, _) = ON_BINANCE.iter().find(|(known, _)| *known == base)?;
        // Quoted in USDT: correspondingly less if a USDT is worth more than a dollar.
        let micros = told(tide, symbol, "binance") * 1_000_000 / price(tide, "USDT");
        Some(json!({ "symbol": id, "lastPrice": text(micros), "closeTime": as_of(&shared, 2_000) }))
    };
    let rows: Vec<Value> = ids.iter().filter_map(known).collect();
    if rows.len() < ids.len() || ids.is_empty() {
        let refusal = json!({ "code": -1121, "msg": "Invalid symbol." });
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    }
    Json(Value::Array(rows)).into_response()
}

/// `GET /akash/oracle/v2/aggregated_price/akt`
pub(super) async fn akash_oracle(State(shared): State<Shared>) -> Json<Value> {
    let price = text(told(super::tide(&shared), "AKT", "oracle"));
    Json(json!({
        "aggregated_price": {
            "denom": "akt", "twap": price, "median_price": price, "min_price": price, "max_price": price,
            "timestamp": iso_date(as_of(&shared, 6_000)), "num_sources": 2, "deviation_bps": "12",
        },
        "price_health": {
            "is_healthy": true, "has_min_sources": true, "deviation_ok": true, "failure_reason": [],
        },
    }))
}

fn text(micros: u64) -> String {
    six_decimals(u128::from(micros))
}
