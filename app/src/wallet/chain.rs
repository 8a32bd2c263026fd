//! The right chain, and proof that the wallet's is the one Necto means. A local chain may share its
//! id with a public one, so the id alone proves nothing.

use domain::ids::Hash32;
use domain::journey::ChainView;
use evm_types::alloy_primitives::{hex, keccak256};
use serde_json::{Value, json};

use super::{Connected, Wallet, WalletError, provider};

/// Why nothing may be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The wallet is on another chain.
    OtherChain {
        /// The chain it is on.
        found: u64,
    },
    /// There is another contract, or none, where the escrow should be.
    OtherContract,
    /// The chain has the same id but another history.
    OtherHistory,
    /// The wallet did not answer the questions.
    Unanswered(WalletError),
}

impl Doubt {
    /// What is wrong and what to do, for the buyer.
    pub(crate) fn sentence(&self, chain: &ChainView) -> String {
        match self {
            Self::OtherChain { found } => format!(
                "The wallet is on chain {found}; the deposit is on {} ({}).",
                chain.name, chain.chain_id
            ),
            Self::OtherContract => format!(
                "Nothing was signed: through your wallet, {} is not Necto’s escrow contract. The wallet’s network “{}” likely points to another chain with the same id. Change its RPC address to {} and try again.",
                chain.escrow.shortened(),
                chain.name,
                rpc(chain)
            ),
            Self::OtherHistory => format!(
                "Nothing was signed: your wallet sees another chain with the id {} (block {} differs). Change its RPC address to {} and try again.",
                chain.chain_id,
                chain.known_block,
                rpc(chain)
            ),
            Self::Unanswered(error) => format!(
                "The chain could not be checked, so nothing was signed. {}",
                error.sentence()
            ),
        }
    }
}

fn rpc(chain: &ChainView) -> &str {
    chain
        .rpc_urls
        .first()
        .map_or("the one in the documentation", String::as_str)
}

/// Compares the escrow's code and a known block through the wallet itself. Called before every
/// signature.
pub(crate) async fn verify_chain(connected: &Connected, chain: &ChainView) -> Result<(), Doubt> {
    let ask = |method, params| provider::request(&connected.uuid, method, params);
    let found = ask("eth_chainId", json!([]))
        .await
        .map_err(Doubt::Unanswered)?;
    let found = super::state::hex_number(&found).unwrap_or_default();
    if found != chain.chain_id {
        return Err(Doubt::OtherChain { found });
    }
    let code = ask("eth_getCode", json!([chain.escrow, "latest"]))
        .await
        .map_err(Doubt::Unanswered)?;
    if code_hash(&code) != Some(chain.escrow_code_hash) {
        return Err(Doubt::OtherContract);
    }
    let number = format!("{:#x}", chain.known_block);
    let block = ask("eth_getBlockByNumber", json!([number, false]))
        .await
        .map_err(Doubt::Unanswered)?;
    let hash: Option<Hash32> = block
        .get("hash")
        .and_then(Value::as_str)
        .and_then(|hash| hash.parse().ok());
    if hash != Some(chain.known_block_hash) {
        return Err(Doubt::OtherHistory);
    }
    Ok(())
}

/// Brings the wallet to the chain, adding it where the wallet does not know it.
pub(crate) async fn add_or_switch(
    wallet: Wallet,
    connected: &Connected,
    chain: &ChainView,
    add: Adding,
) -> Result<(), WalletError> {
    let id = format!("{:#x}", chain.chain_id);
    if matches!(add, Adding::IfUnknown) {
        let switch = json!([{ "chainId": id }]);
        match provider::request(&connected.uuid, "wallet_switchEthereumChain", switch).await {
            Err(WalletError::UnknownChain) => {}
            switched => {
                switched?;
                wallet.refresh_chain(&connected.uuid).await?;
                return Ok(());
            }
        }
    }
    let explorers: Vec<&String> = chain.explorer_url.iter().collect();
    let added = json!([{
        "chainId": id,
        "chainName": chain.name,
        "nativeCurrency": { "name": chain.gas_symbol, "symbol": chain.gas_symbol, "decimals": 18 },
        "rpcUrls": chain.rpc_urls,
        "blockExplorerUrls": explorers,
    }]);
    provider::request(&connected.uuid, "wallet_addEthereumChain", added).await?;
    // Adding need not switch: look where the wallet is now.
    match wallet.refresh_chain(&connected.uuid).await? {
        found if found == chain.chain_id => Ok(()),
        _ => Err(WalletError::Other {
            code: 0,
            message: "the network was added but not chosen".to_owned(),
        }),
    }
}

/// Whether the chain is added at once or only when switching shows that it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adding {
    /// Switch first.
    IfUnknown,
    /// Add first.
    Now,
}

/// Asks the wallet to show the token's balance.
pub(crate) async fn watch_asset(
    connected: &Connected,
    chain: &ChainView,
) -> Result<(), WalletError> {
    let token = json!({
        "type": "ERC20",
        "options": { "address": chain.token, "symbol": "tUSDC", "decimals": 6 },
    });
    provider::request(&connected.uuid, "wallet_watchAsset", token).await?;
    Ok(())
}

fn code_hash(code: &Value) -> Option<Hash32> {
    let bytes = hex::decode(code.as_str()?).ok()?;
    Some(Hash32::from_bytes(keccak256(bytes).0))
}

#[cfg(test)]
mod tests {
    use super::code_hash;
    use serde_json::json;

    #[test]
    fn code_is_hashed_as_bytes_and_not_as_text() {
        // keccak256 of nothing, and of the one byte 0x00.
        let cases = [
            (
                "0x",
                "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            ),
            (
                "0x00",
                "0xbc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a",
            ),
        ];
        for (code, hash) in cases {
            assert_eq!(code_hash(&json!(code)).unwrap().to_string(), hash);
        }
        assert_eq!(code_hash(&json!(null)), None);
    }
}
