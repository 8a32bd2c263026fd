//! Switches the wallet to the right chain, and verifies that it is the one that Necto uses. A local chain may
//! share its id with a public one, so the id alone proves nothing.

use domain::ids::Hash32;
use domain::journey::ChainView;
use evm_types::alloy_primitives::{hex, keccak256};
use serde_json::{Value, json};

use super::state::chain_number;
use super::{Asking, Connected, Wallet, WalletError, provider};

/// Reason why nothing may be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The wallet is on another chain.
    OtherChain {
        /// Id of the wallet's chain.
        found: u64,
    },
    /// The escrow's address holds another contract, or none.
    OtherContract,
    /// The chain has the same id but another history.
    OtherHistory,
    /// The wallet did not answer the checks.
    Unanswered(WalletError),
}

impl Doubt {
    /// Explains to the buyer what is wrong and what to do.
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
            Self::Unanswered(error @ (WalletError::Cancelled | WalletError::Locked)) => {
                error.sentence()
            }
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

/// Verifies the chain through the wallet itself, by the escrow's code and a known block. Called before every
/// signature.
pub(crate) async fn verify_chain(
    asking: Asking,
    connected: &Connected,
    chain: &ChainView,
) -> Result<(), Doubt> {
    let (uuid, view) = (connected.uuid.clone(), chain.clone());
    // A wallet may leave even requests unanswered that do not need its window.
    asking
        .wait(
            &connected.name,
            async move { Ok(examine(&uuid, &view).await) },
        )
        .await
        .unwrap_or_else(|given_up| Err(Doubt::Unanswered(given_up)))
}

async fn examine(uuid: &str, chain: &ChainView) -> Result<(), Doubt> {
    let ask = |method, params| provider::request(uuid, method, params);
    let found = ask("eth_chainId", json!([]))
        .await
        .map_err(Doubt::Unanswered)?;
    let found = chain_number(&found).unwrap_or_default();
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

/// Switches the wallet to the chain, adding the chain if the wallet does not know it.
pub(crate) async fn add_or_switch(
    asking: Asking,
    wallet: Wallet,
    connected: &Connected,
    chain: &ChainView,
    add: Adding,
) -> Result<Added, WalletError> {
    let ask = |method: &'static str, params: Value| {
        let uuid = connected.uuid.clone();
        asking.wait(&connected.name, async move {
            provider::request(&uuid, method, params).await
        })
    };
    let is_there = async || {
        let found = wallet.refresh_chain(&connected.uuid).await?;
        Ok(if found == chain.chain_id {
            Added::Chosen
        } else {
            Added::NotChosen
        })
    };
    if matches!(add, Adding::IfUnknown) {
        let switch = json!([{ "chainId": format!("{:#x}", chain.chain_id) }]);
        match ask("wallet_switchEthereumChain", switch).await {
            Err(WalletError::UnknownChain) => {}
            switched => {
                switched?;
                return is_there().await;
            }
        }
    }
    ask("wallet_addEthereumChain", json!([network(chain)])).await?;
    // Adding may not switch (EIP-3085), so the wallet's chain is checked.
    is_there().await
}

/// The chain as EIP-3085 parameters. Wallets reject an empty list of explorers and explorers without TLS, so
/// a chain without one leaves the key out.
fn network(chain: &ChainView) -> Value {
    let mut network = json!({
        "chainId": format!("{:#x}", chain.chain_id),
        "chainName": chain.name,
        "nativeCurrency": { "name": chain.gas_symbol, "symbol": chain.gas_symbol, "decimals": 18 },
        "rpcUrls": chain.rpc_urls,
    });
    if let Some(explorer) = explorer(chain) {
        network["blockExplorerUrls"] = json!([explorer]);
    }
    network
}

fn explorer(chain: &ChainView) -> Option<&str> {
    chain
        .explorer_url
        .as_deref()
        .filter(|url| url.starts_with("https://"))
}

/// Values to enter into the wallet by hand, as pairs of label and value, in the words of its form.
pub(crate) fn by_hand(chain: &ChainView) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Network name", chain.name.clone())];
    lines.extend(chain.rpc_urls.first().map(|url| ("RPC URL", url.clone())));
    lines.push(("Chain ID", chain.chain_id.to_string()));
    lines.push(("Currency symbol", chain.gas_symbol.clone()));
    lines.extend(explorer(chain).map(|url| ("Block explorer URL", url.to_owned())));
    lines
}

/// Result after the wallet agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// The wallet is on the chain.
    Chosen,
    /// The wallet knows the chain but is still on another.
    NotChosen,
}

/// Order of the attempts to switch and to add the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adding {
    /// Switches first, and adds the chain only if it is unknown.
    IfUnknown,
    /// Adds the chain first.
    Now,
}

/// Asks the wallet to show the token's balance.
pub(crate) async fn watch_asset(
    asking: Asking,
    connected: &Connected,
    chain: &ChainView,
) -> Result<(), WalletError> {
    let token = json!({
        "type": "ERC20",
        "options": { "address": chain.token, "symbol": "tUSDC", "decimals": 6 },
    });
    let uuid = connected.uuid.clone();
    let question = async move { provider::request(&uuid, "wallet_watchAsset", token).await };
    asking.wait(&connected.name, question).await?;
    Ok(())
}

fn code_hash(code: &Value) -> Option<Hash32> {
    let bytes = hex::decode(code.as_str()?).ok()?;
    Some(Hash32::from_bytes(keccak256(bytes).0))
}

#[cfg(test)]
mod tests {
    use super::{by_hand, code_hash, network};
    use domain::ids::{Address, Hash32};
    use domain::journey::ChainView;
    use serde_json::json;

    fn chain(explorer_url: Option<&str>) -> ChainView {
        ChainView {
            chain_id: 99_999,
            name: "ADI Testnet".to_owned(),
            rpc_urls: vec!["http://127.0.0.1:8545".to_owned()],
            explorer_url: explorer_url.map(str::to_owned),
            gas_symbol: "ADI".to_owned(),
            escrow: Address::from_bytes([1; 20]),
            token: Address::from_bytes([2; 20]),
            escrow_code_hash: Hash32::from_bytes([3; 32]),
            known_block: 1,
            known_block_hash: Hash32::from_bytes([4; 32]),
            gas_drip: true,
            relays_deposits: true,
            faucet_url: None,
        }
    }

    #[test]
    fn a_network_without_a_safe_explorer_names_none() {
        for none in [None, Some(""), Some("http://127.0.0.1:4000")] {
            let asked = network(&chain(none));
            assert!(asked.get("blockExplorerUrls").is_none(), "{asked}");
            assert!(asked.get("iconUrls").is_none(), "{asked}");
            assert_eq!(asked["chainId"], "0x1869f");
            assert_eq!(by_hand(&chain(none)).len(), 4);
        }
        let asked = network(&chain(Some("https://explorer.example")));
        assert_eq!(
            asked["blockExplorerUrls"],
            json!(["https://explorer.example"])
        );
        assert_eq!(by_hand(&chain(Some("https://explorer.example"))).len(), 5);
    }

    #[test]
    fn code_is_hashed_as_bytes_and_not_as_text() {
        // keccak256 of the empty string, and of the one byte 0x00.
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
