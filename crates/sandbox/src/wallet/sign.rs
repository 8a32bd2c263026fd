//! Carries out confirmed requests of the demo wallet.

use alloy::primitives::Address;
use alloy::rpc::types::TransactionRequest;
use alloy::signers::Signer;
use alloy::signers::local::PrivateKeySigner;
use alloy_dyn_abi::TypedData;
use serde_json::{Value, json};

use super::call::Call;
use super::chain::{CHAIN_ID, Chain};
use super::error::WalletError;

/// Carries out a confirmed request with the key of this browser's account.
pub(super) async fn carry_out(
    chain: &Chain,
    signer: PrivateKeySigner,
    call: &Call,
) -> Result<Value, WalletError> {
    let own = signer.address();
    chain.ensure_local().await?;
    match call.method.as_str() {
        "eth_requestAccounts" => Ok(json!([own])),
        "wallet_watchAsset" => Ok(json!(true)),
        "personal_sign" => {
            let message = personal_message(call, own)?;
            let signature = signer.sign_message(&message).await.map_err(failed)?;
            Ok(json!(prefixed(&signature.as_bytes())))
        }
        "eth_signTypedData_v4" => {
            let typed = typed_data(call, own)?;
            let hash = typed.eip712_signing_hash().map_err(|error| {
                WalletError::invalid(format!("The typed data is wrong: {error}."))
            })?;
            let signature = signer.sign_hash(&hash).await.map_err(failed)?;
            Ok(json!(prefixed(&signature.as_bytes())))
        }
        "eth_sendTransaction" => {
            let transaction = transaction(call, own)?;
            chain.send(signer, transaction).await.map(Value::String)
        }
        method => Err(WalletError::new(
            4200,
            format!("The demo wallet does not support {method}."),
        )),
    }
}

fn failed(error: alloy::signers::Error) -> WalletError {
    WalletError::new(-32603, format!("Signing failed: {error}."))
}

fn prefixed(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn same_account(text: Option<&str>, own: Address) -> Result<(), WalletError> {
    let named: Option<Address> = text.and_then(|text| text.parse().ok());
    if named == Some(own) {
        return Ok(());
    }
    Err(WalletError::new(
        4100,
        "The request names another account than this browser has in the demo wallet. Connect again.",
    ))
}

/// Returns the bytes of a message: decoded if it is hexadecimal, otherwise the text itself.
pub(super) fn personal_message(call: &Call, own: Address) -> Result<Vec<u8>, WalletError> {
    let text = call
        .params
        .get(0)
        .and_then(Value::as_str)
        .ok_or_else(|| WalletError::invalid("personal_sign needs a message."))?;
    same_account(call.params.get(1).and_then(Value::as_str), own)?;
    let from_hex = text
        .strip_prefix("0x")
        .and_then(|digits| hex::decode(digits).ok());
    Ok(from_hex.unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// Parses typed data for the local chain.
pub(super) fn typed_data(call: &Call, own: Address) -> Result<TypedData, WalletError> {
    same_account(call.params.get(0).and_then(Value::as_str), own)?;
    let value = match call.params.get(1) {
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|_| WalletError::invalid("The typed data is not JSON."))?,
        Some(value @ Value::Object(_)) => value.clone(),
        _ => {
            return Err(WalletError::invalid(
                "eth_signTypedData_v4 needs typed data.",
            ));
        }
    };
    let typed: TypedData = serde_json::from_value(value)
        .map_err(|error| WalletError::invalid(format!("The typed data is wrong: {error}.")))?;
    let chain_id = typed.domain.chain_id.and_then(|id| u64::try_from(id).ok());
    if chain_id == Some(CHAIN_ID) {
        return Ok(typed);
    }
    Err(WalletError::invalid(format!(
        "The typed data is not for the local chain ({CHAIN_ID}): the demo wallet does not sign it."
    )))
}

/// Parses a transaction of this browser's account on the local chain.
pub(super) fn transaction(call: &Call, own: Address) -> Result<TransactionRequest, WalletError> {
    let value = call
        .params
        .get(0)
        .cloned()
        .ok_or_else(|| WalletError::invalid("eth_sendTransaction needs a transaction."))?;
    same_account(value.get("from").and_then(Value::as_str), own)?;
    let mut transaction: TransactionRequest = serde_json::from_value(value)
        .map_err(|error| WalletError::invalid(format!("The transaction is wrong: {error}.")))?;
    if transaction.chain_id.is_some_and(|id| id != CHAIN_ID) {
        return Err(WalletError::new(
            4901,
            format!("The transaction is not for the local chain ({CHAIN_ID})."),
        ));
    }
    // The wallet determines the nonce itself, because a page's is often stale.
    transaction.nonce = None;
    Ok(transaction)
}
