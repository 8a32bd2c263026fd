//! Sends a prepared call through the wallet, and follows the transaction to its outcome.

use domain::ids::{Address, OrderId, TxHash};
use domain::journey::PreparedCall;
use domain::time::{Seconds, UnixSeconds};
use gloo_timers::future::TimeoutFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::receipts::{Look, Receipt, judge};
use super::state::hex_number;
use super::{Asking, Connected, TxState, WalletError, provider};
use crate::browser;

/// Polling interval for a transaction.
const LOOK_EVERY_MS: u32 = 1_500;
/// Time without a sign of a transaction after which it counts as not sent. Stated to the buyer.
const UNSEEN_AFTER: Seconds = Seconds(30);
/// Minimum number of consecutive polls without a sign of it: a page that was just opened has not polled yet.
const UNSEEN_LOOKS: u32 = 3;
/// Number of past blocks that are searched for a replacement.
const RIVAL_BLOCKS: u64 = 64;

/// A transaction that the wallet sent, with everything needed to follow it after a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Kind of call, like `approve`, `fund` or `top_up`.
    pub(crate) kind: String,
    /// Hash of the transaction, as the wallet returned it.
    pub(crate) hash: TxHash,
    /// Account that sent it.
    pub(crate) from: Address,
    /// The account's next nonce at the time of sending: that of this transaction, unless others were pending.
    pub(crate) nonce: u64,
    /// Contract that it calls.
    pub(crate) to: Address,
    /// Call data, in hexadecimal.
    pub(crate) data: String,
    /// Time, by the browser's clock, at which the wallet returned the hash; 0 if none was stored.
    #[serde(default)]
    pub(crate) at: UnixSeconds,
}

/// Explains why a call of this kind can be sent again although the first may still arrive; `None` if both
/// would count.
pub(crate) fn why_repeatable(kind: &str) -> Option<&'static str> {
    match kind {
        "fund" => Some(
            "You can send it again: both would be for the same escrow, which takes one deposit, so you cannot pay twice.",
        ),
        "approve" | "approve-keep" => {
            Some("You can send it again: an approval sets an amount and adds nothing to it.")
        }
        "faucet" => Some("You can send it again: the faucet gives one share a day."),
        "cancel" | "close" | "revoke" => Some("You can send it again: it has its effect once."),
        _ => None,
    }
}

/// Asks the wallet to sign and send `call`. `kept` is called with the transaction even if nobody waits for it
/// any more, because it is on the chain all the same.
pub(crate) async fn send(
    asking: Asking,
    connected: &Connected,
    kind: &str,
    call: &PreparedCall,
    kept: impl FnOnce(&Sent) + 'static,
    late: impl FnOnce(Sent) + 'static,
) -> Result<Sent, WalletError> {
    let (from, call, kind) = (connected.clone(), call.clone(), kind.to_owned());
    let question = async move {
        let sent = ask_to_send(&from, kind, call).await?;
        kept(&sent);
        Ok(sent)
    };
    let answer = asking.wait_or(&connected.name, question, late).await;
    answer.map_err(|error| match error {
        WalletError::Cancelled => WalletError::LeftOpen,
        other => other,
    })
}

async fn ask_to_send(
    connected: &Connected,
    kind: String,
    call: PreparedCall,
) -> Result<Sent, WalletError> {
    let count = json!([connected.account, "latest"]);
    let nonce = provider::request(&connected.uuid, "eth_getTransactionCount", count).await?;
    let asked = json!([{ "from": connected.account, "to": call.to, "data": call.data }]);
    let hash = provider::request(&connected.uuid, "eth_sendTransaction", asked).await?;
    let hash = hash.as_str().and_then(|hash| hash.parse().ok());
    Ok(Sent {
        kind,
        hash: hash.ok_or_else(|| {
            WalletError::Internal("it answered without a transaction hash".to_owned())
        })?,
        from: connected.address,
        nonce: hex_number(&nonce).unwrap_or_default(),
        to: call.to,
        data: call.data,
        at: browser::now(),
    })
}

/// Follows a transaction until its outcome is known, reporting each state. Stops early when `tell` returns
/// `false`, because nobody listens any more.
pub(crate) async fn watch(uuid: &str, sent: &Sent, tell: impl Fn(TxState) -> bool) -> TxState {
    let mut misses = 0;
    loop {
        let is_late = browser::now().since(sent.at) >= UNSEEN_AFTER;
        let state = match look(uuid, sent).await {
            Ok(look) => {
                misses = if look.known || look.receipt.is_some() {
                    0
                } else {
                    misses + 1
                };
                judge(&look, is_late && misses >= UNSEEN_LOOKS)
            }
            Err(_) if is_late => TxState::Unknown,
            Err(_) => TxState::Pending,
        };
        if !tell(state.clone()) || state.is_final() {
            return state;
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
}

async fn look(uuid: &str, sent: &Sent) -> Result<Look, WalletError> {
    let known = provider::request(uuid, "eth_getTransactionByHash", json!([sent.hash])).await?;
    if let Some(receipt) = receipt(uuid, sent, &known).await? {
        return Ok(Look {
            receipt: Some(receipt),
            known: true,
            ..Look::default()
        });
    }
    let nonce = hex_number(&known["nonce"]).unwrap_or(sent.nonce);
    let count = provider::request(
        uuid,
        "eth_getTransactionCount",
        json!([sent.from, "latest"]),
    )
    .await?;
    let nonce_used = hex_number(&count).is_some_and(|count| count > nonce);
    // The nonce may be used because the transaction was just included in a block: check for the receipt once
    // more before searching for a rival.
    let receipt_now = if nonce_used {
        receipt(uuid, sent, &known).await?
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

/// The verdict of the receipt, if there is one. It counts only for the requested call: a wallet or its node
/// may name any hash.
async fn receipt(uuid: &str, sent: &Sent, known: &Value) -> Result<Option<Receipt>, WalletError> {
    let receipt = provider::request(uuid, "eth_getTransactionReceipt", json!([sent.hash])).await?;
    let Some(status) = hex_number(&receipt["status"]) else {
        return Ok(None);
    };
    Ok(Some(if !is_ours(sent, known, &receipt) {
        Receipt::OfAnother
    } else if status == 1 {
        Receipt::Worked
    } else {
        Receipt::Refused
    }))
}

/// Whether this is the requested call, or a transaction from another sender in which the called contract
/// logged an event about this account: some accounts are contracts, and others send their transactions.
fn is_ours(sent: &Sent, known: &Value, receipt: &Value) -> bool {
    if known.is_null() {
        // If a node returns only the receipt, sender and contract are all that can be compared.
        return is(&receipt["from"], sent.from) && is(&receipt["to"], sent.to);
    }
    if is(&known["from"], sent.from) {
        return makes_the_call(sent, known);
    }
    let account = format!("0x{:0>64}", sent.from.to_string().trim_start_matches("0x"));
    receipt["logs"].as_array().into_iter().flatten().any(|log| {
        is(&log["address"], sent.to)
            && log["topics"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|topic| topic.as_str().map(str::to_lowercase).as_ref() == Some(&account))
    })
}

fn makes_the_call(sent: &Sent, transaction: &Value) -> bool {
    let input = transaction["input"].as_str();
    is(&transaction["to"], sent.to)
        && input.is_some_and(|input| input.eq_ignore_ascii_case(&sent.data))
}

/// Finds the transaction in a block that used the nonce instead.
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
            let same = makes_the_call(sent, found);
            let asked = json!([hash]);
            let receipt = provider::request(uuid, "eth_getTransactionReceipt", asked).await?;
            let worked = hex_number(&receipt["status"]) == Some(1);
            return Ok((hash != sent.hash).then_some((hash, worked, same)));
        }
    }
    Ok(None)
}

fn is(text: &Value, address: Address) -> bool {
    text.as_str().and_then(|text| text.parse().ok()) == Some(address)
}

/// The transactions that this browser sent for an order.
pub(crate) fn recall_sent(order: OrderId) -> Vec<Sent> {
    browser::recall(&key(order))
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Stores a transaction for an order, so that it is still followed after a reload.
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

/// Removes the stored transactions of this kind for an order; the chain is checked all the same.
pub(crate) fn forget_sent(order: OrderId, kind: &str) {
    let mut all = recall_sent(order);
    all.retain(|known| known.kind != kind);
    if let Ok(text) = serde_json::to_string(&all) {
        browser::remember(&key(order), &text);
    }
}

fn key(order: OrderId) -> String {
    format!("necto.sent.{order}")
}

#[cfg(test)]
mod tests {
    use super::{Sent, is_ours, why_repeatable};
    use domain::ids::{Address, TxHash};
    use domain::time::UnixSeconds;
    use serde_json::json;

    #[test]
    fn a_strangers_transaction_is_not_taken_for_ours() {
        let me = Address::from_bytes([0xab; 20]);
        let other = Address::from_bytes([2; 20]);
        let escrow = Address::from_bytes([3; 20]);
        let sent = Sent {
            kind: "fund".to_owned(),
            hash: TxHash::from_bytes([9; 32]),
            from: me,
            nonce: 0,
            to: escrow,
            data: "0xabcd".to_owned(),
            at: UnixSeconds(0),
        };
        let call = |from: Address, to: Address, input: &str| json!({ "from": from, "to": to, "input": input });
        let log = |of: Address, topic: Address| {
            let topic = format!("0x{:0>64}", topic.to_string()[2..].to_uppercase());
            json!({ "logs": [{ "address": of, "topics": ["0x01", topic] }] })
        };
        let nothing = json!({ "logs": [] });
        assert!(is_ours(&sent, &call(me, escrow, "0xABCD"), &nothing));
        assert!(!is_ours(&sent, &call(me, escrow, "0xabce"), &nothing));
        assert!(!is_ours(&sent, &call(me, other, "0xabcd"), &nothing));
        assert!(!is_ours(&sent, &call(other, escrow, "0xabcd"), &nothing));
        // Sent by another account on behalf of one that is a contract.
        assert!(is_ours(&sent, &call(other, other, "0x"), &log(escrow, me)));
        assert!(!is_ours(&sent, &call(other, other, "0x"), &log(other, me)));
        assert!(!is_ours(
            &sent,
            &call(other, other, "0x"),
            &log(escrow, other)
        ));
        // The same account's earlier deposit is another call.
        assert!(!is_ours(&sent, &call(me, escrow, "0x01"), &log(escrow, me)));
    }

    #[test]
    fn money_that_is_added_is_not_safe_to_repeat() {
        assert!(why_repeatable("fund").is_some() && why_repeatable("approve").is_some());
        for adds in ["top_up", "keep", "withdraw-kept", "something else"] {
            assert_eq!(why_repeatable(adds), None, "{adds}");
        }
    }
}
