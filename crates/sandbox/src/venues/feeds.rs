//! Token prices: CoinGecko, two exchanges, the oracle on Akash's chain. All tell of one market, each
//! a little differently and with a time of its own.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::Tide;
use crate::amount::usd;
use crate::clock::iso_date;
use crate::state::Shared;

/// Symbol, CoinGecko's id, micro-dollars, and how far the price swings in thousandths.
const TOKENS: [(&str, &str, u64, u64); 6] = [
    ("AKT", "akash-network", 552_000, 60),
    ("RENDER", "render-token", 2_140_000, 50),
    ("NOS", "nosana", 309_000, 60),
    ("IO", "io-net", 284_000, 60),
    ("SOL", "solana", 151_000_000, 40),
    ("USDT", "tether", 1_000_100, 0),
];

/// What a token costs, in micro-dollars.
pub(super) fn price(tide: Tide, symbol: &str) -> u64 {
    let (_, _, usual, swing) = TOKENS
        .iter()
        .find(|(known, ..)| *known == symbol)
        .expect("only tokens of the table are asked for");
    tide.price(&format!("token {symbol}"), *usual, *swing)
}

/// What one source says: within two thousandths of the others.
fn told(tide: Tide, symbol: &str, source: &str) -> u64 {
    let skew = tide.dice(&["feed", source, symbol]).between(998, 1_002);
    price(tide, symbol) * skew / 1_000
}

/// When a source says it was, in milliseconds: some seconds before the prices were asked for.
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

/// `GET /products/AKT-USD/ticker`
pub(super) async fn coinbase_akt(State(shared): State<Shared>) -> Json<Value> {
    ticker(&shared, "AKT")
}

/// `GET /products/RENDER-USD/ticker`
pub(super) async fn coinbase_render(State(shared): State<Shared>) -> Json<Value> {
    ticker(&shared, "RENDER")
}

fn ticker(shared: &Shared, symbol: &str) -> Json<Value> {
    let price = text(told(super::tide(shared), symbol, "coinbase"));
    Json(json!({
        "trade_id": as_of(shared, 0) / 7_000, "price": price, "bid": price, "ask": price,
        "size": "12.5", "volume": "182000.5", "time": iso_date(as_of(shared, 4_000)),
    }))
}

/// `GET /0/public/Ticker?pair=AKTUSD,RENDERUSD`
pub(super) async fn kraken(State(shared): State<Shared>) -> Json<Value> {
    let tide = super::tide(&shared);
    let pair = |symbol| {
        let price = text(told(tide, symbol, "kraken"));
        json!({ "a": [price, "10", "10.000"], "b": [price, "10", "10.000"], "c": [price, "12.0"] })
    };
    Json(json!({ "error": [], "result": { "AKTUSD": pair("AKT"), "RENDERUSD": pair("RENDER") } }))
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
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
