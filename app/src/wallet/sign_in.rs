//! Sign-In with Ethereum: the wallet signs the server's message.

use evm_types::alloy_primitives::hex;
use serde_json::json;

use super::{Connected, WalletError, provider};

/// Asks the wallet to sign `message` (EIP-191); the signature as hex.
pub(crate) async fn prove_address(
    connected: &Connected,
    message: &str,
) -> Result<String, WalletError> {
    let params = json!([hex::encode_prefixed(message), connected.address]);
    let signature = provider::request(&connected.uuid, "personal_sign", params).await?;
    signature
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| WalletError::Other {
            code: 0,
            message: "it answered without a signature".to_owned(),
        })
}
