//! An Ethereum node, as far as needed to read price feeds: two Chainlink feeds and Pyth's contract,
//! by plain `eth_call`.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{Tide, feeds};
use crate::state::Shared;

/// Contract, pair and token of each Chainlink feed.
const CHAINLINK: [(&str, &str, &str); 2] = [
    (
        "0x4ffc43a60e009b551865a93d232e33fce9f01507",
        "SOL / USD",
        "SOL",
    ),
    (
        "0x3e7d1eab13ad0104d2750b8863b489d65364e32d",
        "USDT / USD",
        "USDT",
    ),
];

const PYTH: &str = "0x4305fb66699c3b2702d4d05cf36551390a4c69c6";

/// Pyth's ids and their tokens.
const PYTH_IDS: [(&str, &str); 2] = [
    (
        "4ea5bb4d2f5900cc2e97ba534240950740b4d3b89fe712a94a7304fd2fd92702",
        "AKT",
    ),
    (
        "3d4a2bd9535be6ce8059d75eadeba507b043257321aa544717c56fa19b49e35d",
        "RENDER",
    ),
];

/// Maximum age of a Chainlink price, even if prices barely move.
const HEARTBEAT_S: u64 = 3_600;

/// Answers the JSON-RPC calls with which price feeds are read from Ethereum.
pub(super) async fn call(State(shared): State<Shared>, Json(request): Json<Value>) -> Json<Value> {
    let now = shared.clock.now().console_ms / 1000;
    let answer = match request["method"].as_str() {
        Some("eth_chainId") => Some("0x1".to_owned()),
        Some("eth_call") => eth_call(super::tide(&shared), now, &request["params"][0]),
        _ => None,
    };
    let id = &request["id"];
    Json(match answer {
        Some(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        None => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": 3, "message": "execution reverted" } })
        }
    })
}

fn eth_call(tide: Tide, now: u64, call: &Value) -> Option<String> {
    let to = call["to"].as_str()?.to_lowercase();
    let data = call["data"].as_str().or_else(|| call["input"].as_str())?;
    let (selector, rest) = data.strip_prefix("0x")?.split_at_checked(8)?;
    if to == PYTH && selector == "96834ad3" {
        let (_, symbol) = PYTH_IDS.iter().find(|(id, _)| *id == rest)?;
        // Eight decimals, an uncertainty of one thousandth, pushed two minutes ago.
        let price = u128::from(feeds::price(tide, symbol)) * 100;
        let exponent = format!("{}f8", "f".repeat(62));
        let words = [
            word(price),
            word(price / 1_000),
            exponent,
            word(u128::from(now - 120)),
        ];
        return Some(format!("0x{}", words.concat()));
    }
    let (_, pair, symbol) = CHAINLINK.iter().find(|(address, ..)| *address == to)?;
    match selector {
        "313ce567" => Some(format!("0x{}", word(8))),
        "7284e416" => Some(format!(
            "0x{}{}{:0<64}",
            word(32),
            word(pair.len() as u128),
            hex::encode(pair)
        )),
        "feaf968c" => {
            let at = u128::from(now - now % HEARTBEAT_S);
            let round = (7_u128 << 64) + at / u128::from(HEARTBEAT_S);
            let price = u128::from(feeds::price(tide, symbol)) * 100;
            Some(format!(
                "0x{}",
                [round, price, at, at, round].map(word).concat()
            ))
        }
        _ => None,
    }
}

fn word(number: u128) -> String {
    format!("{number:064x}")
}
