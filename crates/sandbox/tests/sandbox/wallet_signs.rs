//! The demo wallet's whole path, from a page's request to the chain, on a chain that only listens.

use std::sync::{Arc, Mutex};

use alloy::consensus::{Transaction, TxEnvelope};
use alloy::eips::Decodable2718;
use alloy::primitives::{Address, Signature, TxKind, U256, eip191_hash_message};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use sandbox::{Config, Profile};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::{Stage, frozen};

const APP: &str = "http://127.0.0.1:3999";

/// A JSON-RPC server that records its requests.
#[derive(Clone)]
pub(crate) struct Listener {
    chain_id: &'static str,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Listener {
    pub(crate) async fn start(chain_id: &'static str) -> (Self, String) {
        let listener = Self {
            chain_id,
            calls: Arc::default(),
        };
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let app = Router::new()
            .route("/", post(answer))
            .with_state(listener.clone());
        tokio::spawn(async move { axum::serve(socket, app).await });
        (listener, url)
    }

    pub(crate) fn called(&self, method: &str) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        let found = calls.iter().filter(|(name, _)| name == method);
        found.map(|(_, params)| params.clone()).collect()
    }
}

async fn answer(State(listener): State<Listener>, Json(call): Json<Value>) -> Json<Value> {
    let method = call["method"].as_str().unwrap().to_owned();
    let result = match method.as_str() {
        "eth_chainId" => json!(listener.chain_id),
        "eth_getBalance" | "eth_getTransactionCount" => json!("0x0"),
        "eth_estimateGas" => json!("0x10000"),
        "eth_gasPrice" | "eth_maxPriorityFeePerGas" => json!("0x3b9aca00"),
        "eth_feeHistory" => json!({ "oldestBlock": "0x1", "gasUsedRatio": [0.5],
            "baseFeePerGas": ["0x3b9aca00", "0x3b9aca00"], "reward": [["0x1"]] }),
        "eth_sendRawTransaction" => json!(format!("0x{}", "11".repeat(32))),
        _ => Value::Null,
    };
    listener
        .calls
        .lock()
        .unwrap()
        .push((method, call["params"].clone()));
    Json(json!({ "jsonrpc": "2.0", "id": call["id"], "result": result }))
}

/// A browser with its pages: the one that asks, and the wallet's own.
struct Browser {
    stage: Stage,
    token: Option<String>,
    asked: u32,
}

impl Browser {
    async fn on(chain: &str) -> Self {
        let config = Config {
            app_origins: vec![APP.to_owned()],
            chain_rpc: Some(chain.to_owned()),
            ..frozen(Profile::Latest)
        };
        Self {
            stage: Stage::with(config).await,
            token: None,
            asked: 0,
        }
    }

    async fn post(&self, path: &str, origin: &str, body: Value) -> Value {
        let request = self.stage.http.post(self.stage.url(path)).json(&body);
        let response = request.header("origin", origin).send().await.unwrap();
        response.json().await.unwrap()
    }

    /// Asks, reads the confirm page, and accepts; returns what was shown and the answer.
    async fn confirm(&mut self, method: &str, params: Value) -> (Value, Value) {
        self.asked += 1;
        let id = format!("{:032x}", self.asked);
        let path = format!("/wallet/requests/{id}");
        let call = json!({ "method": method, "params": params });
        self.post(&path, APP, call).await;
        let own = self.stage.handle.base_url.clone();
        let wish = json!({ "id": id, "token": self.token });
        let view = self.post("/wallet/view", &own, wish).await;
        if let Some(token) = view["token"].as_str() {
            self.token = Some(token.to_owned());
        }
        if view["error"].is_null() {
            let yes = json!({ "id": id, "token": self.token, "approve": true });
            self.post("/wallet/decide", &own, yes).await;
        }
        let answer = self.post(&format!("{path}/result"), APP, json!({})).await;
        (view, answer)
    }

    async fn connect(&mut self) -> Address {
        let (_, answer) = self.confirm("eth_requestAccounts", json!([])).await;
        answer["result"][0].as_str().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn a_new_browser_gets_one_account_with_gas_and_keeps_it() {
    let (chain, url) = Listener::start("0x1869f").await;
    let mut browser = Browser::on(&url).await;
    let first = browser.connect().await;
    assert_eq!(browser.connect().await, first);
    let given = chain.called("anvil_setBalance");
    assert_eq!(
        given[0][0].as_str().unwrap().parse::<Address>().unwrap(),
        first
    );
    browser.token = None;
    assert_ne!(
        browser.connect().await,
        first,
        "another browser, another account"
    );
}

#[tokio::test]
async fn a_message_is_signed_by_the_account_that_is_shown() {
    let (_, url) = Listener::start("0x1869f").await;
    let mut browser = Browser::on(&url).await;
    let account = browser.connect().await;
    let params = json!(["0x68656c6c6f", account]);
    let (view, answer) = browser.confirm("personal_sign", params).await;
    assert!(
        view["facts"]
            .as_array()
            .unwrap()
            .contains(&json!(["Message", "hello"]))
    );
    let signature: Signature = answer["result"].as_str().unwrap().parse().unwrap();
    let signer = signature
        .recover_address_from_prehash(&eip191_hash_message("hello"))
        .unwrap();
    assert_eq!(signer, account);
}

#[tokio::test]
async fn a_transaction_is_signed_for_the_local_chain_and_sent_once() {
    let (chain, url) = Listener::start("0x1869f").await;
    let mut browser = Browser::on(&url).await;
    let account = browser.connect().await;
    let to = Address::repeat_byte(7);
    let params = json!([{ "from": account, "to": to, "value": "0x5", "nonce": "0x99" }]);
    let (view, answer) = browser.confirm("eth_sendTransaction", params).await;
    assert_eq!(view["title"], "Send coins?");
    assert_eq!(answer["result"], format!("0x{}", "11".repeat(32)));
    let sent = chain.called("eth_sendRawTransaction");
    assert_eq!(sent.len(), 1);
    let raw = sent[0][0]
        .as_str()
        .unwrap()
        .trim_start_matches("0x")
        .to_owned();
    let bytes = hex::decode(raw).unwrap();
    let transaction = TxEnvelope::decode_2718(&mut bytes.as_slice()).unwrap();
    assert_eq!(transaction.chain_id(), Some(99_999));
    assert_eq!(transaction.nonce(), 0, "the chain's count, not the page's");
    assert_eq!(transaction.kind(), TxKind::Call(to));
    assert_eq!(transaction.value(), U256::from(5));
    let hash = transaction.signature_hash();
    let signature = transaction.signature();
    let signer = signature.recover_address_from_prehash(&hash).unwrap();
    assert_eq!(signer, account);
}

#[tokio::test]
async fn nothing_is_signed_for_another_account_or_another_chain() {
    let (chain, url) = Listener::start("0x1869f").await;
    let mut browser = Browser::on(&url).await;
    let account = browser.connect().await;
    let other = Address::repeat_byte(9);
    let typed = |chain_id: u64| {
        json!({ "types": { "EIP712Domain": [{ "name": "chainId", "type": "uint256" }],
                "Note": [{ "name": "text", "type": "string" }] },
            "primaryType": "Note", "domain": { "chainId": chain_id }, "message": { "text": "hi" } })
        .to_string()
    };
    for (method, params, code) in [
        ("personal_sign", json!(["0x00", other]), 4100),
        (
            "eth_sendTransaction",
            json!([{ "from": other, "to": other }]),
            4100,
        ),
        (
            "eth_sendTransaction",
            json!([{ "from": account, "to": other, "chainId": "0x1" }]),
            4901,
        ),
        ("eth_signTypedData_v4", json!([account, typed(1)]), -32602),
        ("eth_sign", json!([account, "0x00"]), 4200),
    ] {
        let (_, answer) = browser.confirm(method, params).await;
        assert_eq!(answer["error"]["code"], code, "{method}");
    }
    assert!(chain.called("eth_sendRawTransaction").is_empty());
    let (_, answer) = browser
        .confirm("eth_signTypedData_v4", json!([account, typed(99_999)]))
        .await;
    assert_eq!(answer["result"].as_str().unwrap().len(), 132);
}

#[tokio::test]
async fn a_chain_with_another_id_gets_neither_gas_nor_signatures() {
    let (chain, url) = Listener::start("0x1").await;
    let mut browser = Browser::on(&url).await;
    let (view, answer) = browser.confirm("eth_requestAccounts", json!([])).await;
    assert_eq!(view["error"]["code"], 4901);
    assert_eq!(answer["error"]["code"], 4901);
    assert!(chain.called("anvil_setBalance").is_empty());
}

#[tokio::test]
async fn pages_read_the_chain_through_an_allow_list() {
    let (chain, url) = Listener::start("0x1869f").await;
    let browser = Browser::on(&url).await;
    let read = async |method: &str| {
        let call = json!({ "method": method, "params": [] });
        browser.post("/wallet/rpc", APP, call).await
    };
    assert_eq!(read("eth_chainId").await, json!({ "result": "0x1869f" }));
    for method in [
        "anvil_setBalance",
        "eth_sendRawTransaction",
        "eth_sendTransaction",
        "debug_traceCall",
    ] {
        assert_eq!(read(method).await["error"]["code"], 4200, "{method}");
    }
    assert!(chain.called("anvil_setBalance").is_empty());
}
