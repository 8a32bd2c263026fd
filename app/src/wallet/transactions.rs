//! Sending a prepared call through the wallet, and following it to its end.

use domain::ids::{Address, OrderId, TxHash};
use domain::journey::PreparedCall;
use gloo_timers::future::TimeoutFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::receipts::{Look, judge};
use super::state::hex_number;
use super::{Connected, TxState, WalletError, provider};
use crate::browser;

/// How often a transaction is looked for.
const LOOK_EVERY_MS: u32 = 1_500;
/// How far back a replacement is searched, in blocks.
const RIVAL_BLOCKS: u64 = 64;

/// A transaction the wallet sent, with what is needed to follow it after a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// "approve", "fund", "top_up".
    pub(crate) kind: String,
    /// Its hash.
    pub(crate) hash: TxHash,
    /// Who sent it.
    pub(crate) from: Address,
    /// The account's next nonce when it was sent: this one's, unless others were waiting.
    pub(crate) nonce: u64,
    /// The contract.
    pub(crate) to: Address,
    /// The call's data.
    pub(crate) data: String,
}

/// Asks the wallet to sign and send `call`.
pub(crate) async fn send(
    connected: &Connected,
    kind: &str,
    call: &PreparedCall,
) -> Result<Sent, WalletError> {
    let count = json!([connected.address, "latest"]);
    let nonce = provider::request(&connected.uuid, "eth_getTransactionCount", count).await?;
    let asked = json!([{ "from": connected.address, "to": call.to, "data": call.data }]);
    let hash = provider::request(&connected.uuid, "eth_sendTransaction", asked).await?;
    let hash = hash.as_str().and_then(|hash| hash.parse().ok());
    Ok(Sent {
        kind: kind.to_owned(),
        hash: hash.ok_or_else(|| {
            WalletError::Internal("it answered without a transaction hash".to_owned())
        })?,
        from: connected.address,
        nonce: hex_number(&nonce).unwrap_or_default(),
        to: call.to,
        data: call.data.clone(),
    })
}

/// Follows a transaction until its end is known, telling each state. Stops early when `tell`
/// answers `false`: nobody listens any more.
pub(crate) async fn watch(uuid: &str, sent: &Sent, tell: impl Fn(TxState) -> bool) -> TxState {
    let mut misses = 0;
    loop {
        let state = match look(uuid, sent).await {
            Ok(look) => {
                misses = if look.known || look.receipt.is_some() {
                    0
                } else {
                    misses + 1
                };
                judge(&look, misses)
            }
            Err(_) => TxState::Unknown,
        };
        if !tell(state.clone()) || state.is_final() {
            return state;
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
}

async fn look(uuid: &str, sent: &Sent) -> Result<Look, WalletError> {
    if let Some(worked) = receipt(uuid, sent.hash).await? {
        return Ok(Look {
            receipt: Some(worked),
            known: true,
            ..Look::default()
        });
    }
    let known = provider::request(uuid, "eth_getTransactionByHash", json!([sent.hash])).await?;
    let nonce = hex_number(&known["nonce"]).unwrap_or(sent.nonce);
    let count = provider::request(
        uuid,
        "eth_getTransactionCount",
        json!([sent.from, "latest"]),
    )
    .await?;
    let nonce_used = hex_number(&count).is_some_and(|count| count > nonce);
    // The nonce may have passed because the transaction just got its block: look for the receipt
    // once more before looking for a rival.
    let receipt_now = if nonce_used {
        receipt(uuid, sent.hash).await?
    } else {
        None
    };
    let rival = match receipt_now {
        None if nonce_used => rival(uuid, sent, nonce).await?,
        _ => None,
    };
    Ok(Look {
        receipt: receipt_now,
        known: !known.is_null(),
        nonce_used,
        rival,
    })
}

async fn receipt(uuid: &str, hash: TxHash) -> Result<Option<bool>, WalletError> {
    let receipt = provider::request(uuid, "eth_getTransactionReceipt", json!([hash])).await?;
    Ok(hex_number(&receipt["status"]).map(|status| status == 1))
}

/// The transaction in a block that used the nonce instead.
async fn rival(
    uuid: &str,
    sent: &Sent,
    nonce: u64,
) -> Result<Option<(TxHash, bool, bool)>, WalletError> {
    let head = provider::request(uuid, "eth_blockNumber", json!([])).await?;
    let head = hex_number(&head).unwrap_or_default();
    for number in (head.saturating_sub(RIVAL_BLOCKS)..=head).rev() {
        let params = json!([format!("{number:#x}"), true]);
        let block = provider::request(uuid, "eth_getBlockByNumber", params).await?;
        let found = block["transactions"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|transaction| {
                is(&transaction["from"], sent.from)
                    && hex_number(&transaction["nonce"]) == Some(nonce)
            });
        let hash: Option<TxHash> = found.and_then(|found| found["hash"].as_str()?.parse().ok());
        if let (Some(found), Some(hash)) = (found, hash) {
            let same = is(&found["to"], sent.to) && found["input"].as_str() == Some(&sent.data);
            let worked = receipt(uuid, hash).await?.unwrap_or(false);
            return Ok((hash != sent.hash).then_some((hash, worked, same)));
        }
    }
    Ok(None)
}

fn is(text: &Value, address: Address) -> bool {
    text.as_str().and_then(|text| text.parse().ok()) == Some(address)
}

/// What this browser sent for an order.
pub(crate) fn recall_sent(order: OrderId) -> Vec<Sent> {
    browser::recall(&key(order))
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Keeps what was sent for an order, so that a reload goes on following it.
pub(crate) fn remember_sent(order: OrderId, sent: &Sent) {
    let mut all = recall_sent(order);
    all.retain(|known| known.kind != sent.kind || known.hash == sent.hash);
    if !all.contains(sent) {
        all.push(sent.clone());
    }
    if let Ok(text) = serde_json::to_string(&all) {
        browser::remember(&key(order), &text);
    }
}

fn key(order: OrderId) -> String {
    format!("necto.sent.{order}")
}
