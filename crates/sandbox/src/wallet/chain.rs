//! The local chain, as far as the demo wallet needs it.

use std::net::IpAddr;

use alloy::network::EthereumWallet;
use alloy::primitives::{Address, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionRequest;
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest::Url;
use alloy::transports::{RpcError, TransportErrorKind};
use serde_json::Value;

use super::error::WalletError;

/// Id of the only chain for which the wallet signs.
pub(super) const CHAIN_ID: u64 = 99_999;

/// Gas money given to an account, in wei: ten coins without value.
const GAS_ALLOWANCE: u128 = 10_000_000_000_000_000_000;
/// Balance below which an account is topped up again.
const GAS_LOW: u128 = 1_000_000_000_000_000_000;

/// Read calls that pages may make.
const READS: [&str; 21] = [
    "eth_blockNumber",
    "eth_call",
    "eth_chainId",
    "eth_estimateGas",
    "eth_feeHistory",
    "eth_gasPrice",
    "eth_getBalance",
    "eth_getBlockByHash",
    "eth_getBlockByNumber",
    "eth_getBlockReceipts",
    "eth_getCode",
    "eth_getLogs",
    "eth_getStorageAt",
    "eth_getTransactionByHash",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
    "eth_maxPriorityFeePerGas",
    "eth_syncing",
    "net_version",
    "web3_clientVersion",
    "web3_sha3",
];

/// A connection to the local chain.
#[derive(Debug)]
pub(super) struct Chain {
    url: Url,
    provider: DynProvider,
}

impl Chain {
    /// # Errors
    /// If the URL is not that of a chain on this machine.
    pub(super) fn connect(url: &str) -> Result<Self, String> {
        let url: Url = url
            .parse()
            .map_err(|error| format!("{url:?} is not a URL ({error})"))?;
        let is_local = url.host_str().is_some_and(is_this_machine);
        if url.scheme() != "http" || !is_local {
            return Err(format!(
                "{url} is not on this machine; the demo wallet signs for a local chain only"
            ));
        }
        let provider = ProviderBuilder::new().connect_http(url.clone()).erased();
        Ok(Self { url, provider })
    }

    /// URL of the chain.
    pub(super) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Makes a read call for a page.
    pub(super) async fn read(&self, method: &str, params: Value) -> Result<Value, WalletError> {
        if !READS.contains(&method) {
            let message = format!("The demo wallet does not support {method}.");
            return Err(WalletError::new(4200, message));
        }
        self.call(method, params).await
    }

    async fn call(&self, method: &str, params: Value) -> Result<Value, WalletError> {
        self.provider
            .raw_request(method.to_owned().into(), params)
            .await
            .map_err(wallet_error)
    }

    /// Refuses to sign for anything but the local chain.
    pub(super) async fn ensure_local(&self) -> Result<(), WalletError> {
        let chain_id = self.provider.get_chain_id().await.map_err(wallet_error)?;
        if chain_id == CHAIN_ID {
            return Ok(());
        }
        Err(WalletError::new(
            4901,
            format!(
                "The chain on this machine has the id {chain_id}, not {CHAIN_ID}: the demo wallet does not sign for it."
            ),
        ))
    }

    /// Makes sure that an account can pay for gas, and gives it nothing else.
    pub(super) async fn ensure_gas(&self, address: Address) -> Result<(), WalletError> {
        self.ensure_local().await?;
        let balance = self
            .provider
            .get_balance(address)
            .await
            .map_err(wallet_error)?;
        if balance < U256::from(GAS_LOW) {
            let params = serde_json::json!([address, U256::from(GAS_ALLOWANCE)]);
            self.call("anvil_setBalance", params).await?;
        }
        Ok(())
    }

    /// Returns why a transaction would fail, if it would.
    pub(super) async fn objection(&self, transaction: &TransactionRequest) -> Option<String> {
        let estimate = self.provider.estimate_gas(transaction.clone()).await;
        estimate.err().map(|error| wallet_error(error).message)
    }

    /// Signs and sends a transaction; returns its hash.
    pub(super) async fn send(
        &self,
        signer: PrivateKeySigner,
        mut transaction: TransactionRequest,
    ) -> Result<String, WalletError> {
        self.ensure_local().await?;
        let gas = match transaction.gas {
            Some(gas) => gas,
            // The gas that it needs can grow until the block that includes it.
            None => {
                let estimate = self.provider.estimate_gas(transaction.clone()).await;
                estimate.map_err(wallet_error)? * 5 / 4
            }
        };
        transaction.gas = Some(gas);
        transaction.chain_id = Some(CHAIN_ID);
        let sending = ProviderBuilder::new()
            .wallet(EthereumWallet::from(signer))
            .connect_http(self.url.clone());
        let sent = sending
            .send_transaction(transaction)
            .await
            .map_err(wallet_error)?;
        Ok(sent.tx_hash().to_string())
    }

    /// Returns the symbol and decimals of a token, if it reports them.
    pub(super) async fn token(&self, token: Address) -> Option<(String, u8)> {
        let ask = async |selector: &str| {
            let call = serde_json::json!([{ "to": token, "data": selector }, "latest"]);
            let answer = self.call("eth_call", call).await.ok()?;
            hex::decode(answer.as_str()?.strip_prefix("0x")?).ok()
        };
        let decimals = *ask("0x313ce567").await?.last()?;
        let symbol = ask("0x95d89b41").await?;
        // A string: offset, length, bytes.
        let length = usize::from(*symbol.get(63)?);
        let text = symbol.get(64..64 + length)?;
        Some((String::from_utf8_lossy(text).into_owned(), decimals))
    }
}

fn is_this_machine(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || ip.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Keeps the chain's own error if it returned one, so that a page can decode a revert.
fn wallet_error(error: RpcError<TransportErrorKind>) -> WalletError {
    match error.as_error_resp() {
        Some(payload) => WalletError {
            code: payload.code,
            message: payload.message.to_string(),
            data: payload
                .data
                .as_ref()
                .and_then(|raw| serde_json::from_str(raw.get()).ok()),
        },
        None => WalletError::new(4900, "The local chain does not answer."),
    }
}
