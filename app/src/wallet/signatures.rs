//! Signatures without a transaction: the server's sign-in message, and deposits.

use evm_types::alloy_primitives::hex;
use serde_json::{Value, json};

use super::{Asking, Connected, WalletError, provider};

/// Asks the wallet to sign `message` (EIP-191). Returns the signature as hex.
pub(crate) async fn prove_address(
    asking: Asking,
    connected: &Connected,
    message: &str,
) -> Result<String, WalletError> {
    let params = json!([hex::encode_prefixed(message), connected.account]);
    signature(asking, connected, "personal_sign", params).await
}

/// Asks the wallet to sign typed data (EIP-712), given as JSON. Returns the signature as hex.
pub(crate) async fn sign_typed_data(
    asking: Asking,
    connected: &Connected,
    typed_data: &str,
) -> Result<String, WalletError> {
    let params = json!([connected.account, typed_data]);
    signature(asking, connected, "eth_signTypedData_v4", params).await
}

async fn signature(
    asking: Asking,
    connected: &Connected,
    method: &'static str,
    params: Value,
) -> Result<String, WalletError> {
    let uuid = connected.uuid.clone();
    let question = async move { provider::request(&uuid, method, params).await };
    let signature = asking.wait(&connected.name, question).await?;
    signature
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| WalletError::Other {
            code: 0,
            message: "it answered without a signature".to_owned(),
        })
}
