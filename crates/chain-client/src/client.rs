//! Blocks, transactions and the operator's account.

use std::fmt;
use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::network::{EthereumWallet, TransactionBuilder};
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest;
use secrecy::{ExposeSecret, SecretString};

use crate::error::ChainError;
use crate::nodes::Nodes;

/// The configuration of a client.
#[derive(Debug, Clone)]
pub struct Config {
    /// HTTP address of the node; or several, separated by commas: the later ones are asked while the earlier
    /// ones do not answer.
    pub rpc_url: String,
    /// Id of the chain that the node must be on.
    pub chain_id: u64,
    /// Address of the escrow contract.
    pub escrow: Address,
    /// Address of the token that the escrow accepts.
    pub token: Address,
    /// The operator's private key, `0x` and 64 hexadecimal digits.
    pub operator_key: SecretString,
}

/// One connection to a chain, with the operator's account for signing.
pub struct ChainClient {
    pub(crate) provider: DynProvider,
    pub(crate) wallet: EthereumWallet,
    pub(crate) nodes: Nodes,
    chain_id: u64,
    escrow: Address,
    token: Address,
    operator: Address,
}

impl fmt::Debug for ChainClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainClient")
            .field("chain_id", &self.chain_id)
            .field("escrow", &self.escrow)
            .field("operator", &self.operator)
            .finish_non_exhaustive()
    }
}

/// The fields of a block that are used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Height of the block.
    pub number: u64,
    /// Hash of the block.
    pub hash: B256,
    /// Unix time of the block, in seconds.
    pub timestamp: u64,
}

/// The state of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The node knows the transaction but has not put it into a block.
    Pending,
    /// The transaction is in a block.
    Included(Block),
    /// The transaction is in a block, and the contract reverted.
    Reverted(Block),
    /// The node does not know the transaction: it was not sent, dropped, or replaced.
    Unknown,
}

impl ChainClient {
    /// Connects without sending the node any request; [`ChainClient::verify`] does.
    ///
    /// # Errors
    /// When the address or the key cannot be read.
    pub fn new(config: Config) -> Result<Self, ChainError> {
        let signer = signer(&config.operator_key)?;
        let operator = signer.address();
        let wallet = EthereumWallet::from(signer.clone());
        let nodes = nodes(&config.rpc_url, Some(config.chain_id))?;
        let provider = provider(nodes.clone(), signer);
        Ok(Self {
            provider,
            wallet,
            nodes,
            chain_id: config.chain_id,
            escrow: config.escrow,
            token: config.token,
            operator,
        })
    }

    /// Id of the configured chain.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Address of the escrow contract.
    #[must_use]
    pub const fn escrow_contract(&self) -> Address {
        self.escrow
    }

    /// Address of the token contract.
    #[must_use]
    pub const fn token_contract(&self) -> Address {
        self.token
    }

    /// Address of the account that signs.
    #[must_use]
    pub const fn operator(&self) -> Address {
        self.operator
    }

    /// Checks that the node is on the configured chain and that both contracts have code.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`], [`ChainError::WrongCode`], or the node does not answer.
    pub async fn verify(&self) -> Result<(), ChainError> {
        let found = self.provider.get_chain_id().await?;
        if found != self.chain_id {
            return Err(ChainError::WrongChain {
                expected: self.chain_id,
                found,
            });
        }
        for (what, address) in [("AkashEscrow", self.escrow), ("TestnetUSDC", self.token)] {
            if self.provider.get_code_at(address).await?.is_empty() {
                return Err(ChainError::WrongCode {
                    what,
                    address: address.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The newest block.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn head(&self) -> Result<Block, ChainError> {
        self.block_by(BlockNumberOrTag::Latest)
            .await?
            .ok_or_else(|| ChainError::Unreachable("the node has no newest block".to_owned()))
    }

    /// The block at a height, if it exists.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        self.block_by(BlockNumberOrTag::Number(number)).await
    }

    async fn block_by(&self, which: BlockNumberOrTag) -> Result<Option<Block>, ChainError> {
        block_by(&self.provider, which).await
    }

    /// Keccak-256 of the code at an address.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn code_hash(&self, address: Address) -> Result<B256, ChainError> {
        Ok(keccak256(self.provider.get_code_at(address).await?))
    }

    /// An account's balance for gas, in the smallest unit.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn gas_balance(&self, address: Address) -> Result<U256, ChainError> {
        Ok(self.provider.get_balance(address).await?)
    }

    /// Makes a read-only call to `to` and returns the answer.
    ///
    /// # Errors
    /// When the contract refuses or the node does not answer.
    pub async fn call(&self, to: Address, data: Vec<u8>) -> Result<Bytes, ChainError> {
        let request = TransactionRequest::default().with_to(to).with_input(data);
        Ok(self.provider.call(request).await?)
    }

    /// The state of a transaction.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn outcome(&self, hash: B256) -> Result<Outcome, ChainError> {
        let Some(receipt) = self.provider.get_transaction_receipt(hash).await? else {
            let known = self.provider.get_transaction_by_hash(hash).await?.is_some();
            return Ok(if known {
                Outcome::Pending
            } else {
                Outcome::Unknown
            });
        };
        let Some(block) = self.block(receipt.block_number.unwrap_or_default()).await? else {
            return Ok(Outcome::Pending);
        };
        Ok(if receipt.status() {
            Outcome::Included(block)
        } else {
            Outcome::Reverted(block)
        })
    }
}

/// Longest wait for one answer of the node.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Gas allowed above the estimate, in per cent: ADI charges proving and published data on top of
/// EVM gas, and both change between estimate and block.
const GAS_MARGIN_PERCENT: u64 = 25;

/// An estimate with its margin.
pub(crate) const fn with_margin(gas: u64) -> u64 {
    gas.saturating_add(gas / 100 * GAS_MARGIN_PERCENT)
}

pub(crate) async fn submit(
    provider: &DynProvider,
    from: Address,
    request: TransactionRequest,
) -> Result<B256, ChainError> {
    let request = request.with_from(from);
    let gas = provider.estimate_gas(request.clone()).await?;
    let request = request.with_gas_limit(with_margin(gas));
    Ok(*provider.send_transaction(request).await?.tx_hash())
}

/// Waits until a transaction is in a block; `what` names it in the error if it never is.
pub(crate) async fn receipt_of(
    provider: &DynProvider,
    hash: B256,
    what: &str,
) -> Result<TransactionReceipt, ChainError> {
    for _ in 0..240 {
        if let Some(receipt) = provider.get_transaction_receipt(hash).await? {
            return Ok(receipt);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(ChainError::Unreachable(format!(
        "{what} was sent in {hash} and is in no block after two minutes"
    )))
}

pub(crate) fn signer(key: &SecretString) -> Result<PrivateKeySigner, ChainError> {
    key.expose_secret()
        .trim()
        .parse()
        // The parser's own message could quote the key.
        .map_err(|_| {
            ChainError::Config(
                "the operator key is not a private key: 0x and 64 hexadecimal digits".to_owned(),
            )
        })
}

/// One node or several, whose addresses are separated by commas; those that report a chain other
/// than `chain_id` are skipped.
pub(crate) fn nodes(rpc_urls: &str, chain_id: Option<u64>) -> Result<Nodes, ChainError> {
    let urls = rpc_urls
        .split(',')
        .map(|url| {
            let url = url.trim();
            url.parse().map_err(|error| {
                ChainError::Config(format!("“{url}” is not an RPC address: {error}"))
            })
        })
        .collect::<Result<Vec<reqwest::Url>, _>>()?;
    // A node that accepts a call and falls silent must not block a caller for ever, and signed
    // bytes are sent to no other node.
    let http = reqwest::Client::builder()
        .timeout(ANSWER_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| ChainError::Config(format!("no HTTP client: {error}")))?;
    Ok(Nodes::new(chain_id, &http, urls))
}

pub(crate) fn provider(nodes: Nodes, signer: PrivateKeySigner) -> DynProvider {
    let provider = ProviderBuilder::new()
        .with_simple_nonce_management()
        .wallet(EthereumWallet::from(signer))
        .connect_client(RpcClient::new(nodes, false))
        .erased();
    // The default of seven seconds between polls is longer than the block time of many chains.
    provider
        .client()
        .set_poll_interval(Duration::from_millis(500));
    provider
}

/// A connection that only reads, to one node or several.
pub(crate) fn connect_reading(rpc_urls: &str) -> Result<DynProvider, ChainError> {
    let client = RpcClient::new(nodes(rpc_urls, None)?, false);
    Ok(ProviderBuilder::new().connect_client(client).erased())
}

/// A connection that signs as well.
pub(crate) fn connect(rpc_urls: &str, signer: PrivateKeySigner) -> Result<DynProvider, ChainError> {
    Ok(provider(nodes(rpc_urls, None)?, signer))
}

pub(crate) async fn block_by(
    provider: &DynProvider,
    which: BlockNumberOrTag,
) -> Result<Option<Block>, ChainError> {
    let block = provider.get_block_by_number(which).await?;
    Ok(block.map(|block| Block {
        number: block.header.number,
        hash: block.header.hash,
        timestamp: block.header.timestamp,
    }))
}
