//! Probes a chain's capabilities through its node, for questions that documentation leaves open.

use alloy::eips::BlockNumberOrTag;
use alloy::network::TransactionBuilder as _;
use alloy::primitives::{Address, U256, address};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{Filter, TransactionRequest};
use serde::Serialize;
use serde_json::Value;

use crate::error::ChainError;

/// One question and the node's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Question that was put to the node.
    pub question: &'static str,
    /// Answer of the node; a refusal in its own words.
    pub answer: String,
}

/// Contracts that have the same address on many chains.
const EVERYWHERE: [(&str, Address); 5] = [
    (
        "Is there the usual CREATE2 deployer?",
        address!("4e59b44847b379578588920cA78FbF26c0B4956C"),
    ),
    (
        "Is there Multicall3?",
        address!("cA11bde05977b3631167028862bE2a173976CA11"),
    ),
    (
        "Is there Permit2?",
        address!("000000000022D473030F116dDEE9F6B43aC78BA3"),
    ),
    (
        "Is there the ERC-4337 entry point 0.7?",
        address!("0000000071727De22E5E9d8BAf0edAc6f37da032"),
    ),
    (
        "Is there the ERC-4337 entry point 0.8?",
        address!("4337084d9e255ff0702461cf8895ce9e3b5ff108"),
    ),
];

/// Programs that use one instruction each and then return nothing.
const INSTRUCTIONS: [(&str, &[u8]); 4] = [
    ("Does it know PUSH0 (Shanghai)?", &[0x5f, 0x5f, 0xf3]),
    (
        "Does it know MCOPY (Cancun)?",
        &[0x5f, 0x5f, 0x5f, 0x5e, 0x5f, 0x5f, 0xf3],
    ),
    (
        "Does it know TLOAD (Cancun)?",
        &[0x5f, 0x5c, 0x50, 0x5f, 0x5f, 0xf3],
    ),
    (
        "Does it know CLZ (Osaka)?",
        &[0x5f, 0x1e, 0x50, 0x5f, 0x5f, 0xf3],
    ),
];

/// The widest range of blocks that documentation promises for one query of events.
const WIDEST_RANGE: u64 = 100_000;

/// The number of blocks over which the block time is measured.
const BLOCKS_MEASURED: u64 = 50;

/// Asks all questions. Sends no transaction and needs no key.
///
/// # Errors
/// When the address is invalid, or the node does not even report its chain.
pub async fn probe(rpc_url: &str) -> Result<Vec<Finding>, ChainError> {
    let url = rpc_url.parse().map_err(|error| {
        ChainError::Config(format!("“{rpc_url}” is not an RPC address: {error}"))
    })?;
    let node = ProviderBuilder::new().connect_http(url).erased();
    let chain = node.get_chain_id().await?;
    let mut findings = vec![Finding {
        question: "Which chain is it?",
        answer: chain.to_string(),
    }];
    let mut note = |question, answer: Result<String, ChainError>| {
        let answer = answer.unwrap_or_else(|error| format!("refused: {error}"));
        findings.push(Finding { question, answer });
    };
    let version = node.get_client_version().await.map_err(ChainError::from);
    note("Which node is it?", version);
    note("How far apart are blocks?", block_distance(&node).await);
    note("What does gas cost?", gas_price(&node).await);
    note("What is the gas limit of a block?", gas_limit(&node).await);
    note(
        "What does a plain transfer need?",
        transfer_gas(&node).await,
    );
    for (question, at) in EVERYWHERE {
        let code = node.get_code_at(at).await.map_err(ChainError::from);
        note(
            question,
            code.map(|code| match code.len() {
                0 => "no".to_owned(),
                length => format!("yes, {length} bytes"),
            }),
        );
    }
    for (question, program) in INSTRUCTIONS {
        let request = TransactionRequest::default().with_deploy_code(program.to_vec());
        let ran = node.call(request).await;
        note(
            question,
            ran.map(|_| "yes".to_owned()).map_err(ChainError::from),
        );
    }
    note("Where is “safe”?", tag(&node, BlockNumberOrTag::Safe).await);
    note(
        "Where is “finalized”?",
        tag(&node, BlockNumberOrTag::Finalized).await,
    );
    note(
        "How many blocks of events come at once?",
        events(&node).await,
    );
    let finality = node
        .raw_request::<_, Value>("zks_getTransactionFinality".into(), [U256::ZERO])
        .await;
    note(
        "Does it tell a transaction's finality (zks_getTransactionFinality)?",
        finality
            .map(|answer| format!("yes: {answer}"))
            .map_err(ChainError::from),
    );
    Ok(findings)
}

async fn block_distance(node: &DynProvider) -> Result<String, ChainError> {
    let head = node.get_block_number().await?;
    let first = head.saturating_sub(BLOCKS_MEASURED);
    let time = async |number: u64| {
        let block = node.get_block_by_number(number.into()).await?;
        Ok::<_, ChainError>(block.map_or(0, |block| block.header.timestamp))
    };
    let seconds = time(head).await?.saturating_sub(time(first).await?);
    Ok(format!("{seconds} s over {} blocks", head - first))
}

async fn gas_price(node: &DynProvider) -> Result<String, ChainError> {
    let fees = node.estimate_eip1559_fees().await?;
    Ok(format!(
        "at most {} wei a unit, {} of it to the block's maker",
        fees.max_fee_per_gas, fees.max_priority_fee_per_gas
    ))
}

async fn gas_limit(node: &DynProvider) -> Result<String, ChainError> {
    let block = node.get_block_by_number(BlockNumberOrTag::Latest).await?;
    Ok(block.map_or_else(
        || "the node has no newest block".to_owned(),
        |block| block.header.gas_limit.to_string(),
    ))
}

async fn transfer_gas(node: &DynProvider) -> Result<String, ChainError> {
    let request = TransactionRequest::default()
        .with_from(Address::repeat_byte(0x11))
        .with_to(Address::repeat_byte(0x22))
        .with_value(U256::ZERO);
    let gas = node.estimate_gas(request).await?;
    Ok(format!("{gas} (21000 where nothing is charged on top)"))
}

async fn tag(node: &DynProvider, tag: BlockNumberOrTag) -> Result<String, ChainError> {
    let head = node.get_block_number().await?;
    Ok(match node.get_block_by_number(tag).await? {
        Some(block) => format!(
            "{} blocks behind the newest",
            head.saturating_sub(block.header.number)
        ),
        None => "nowhere".to_owned(),
    })
}

async fn events(node: &DynProvider) -> Result<String, ChainError> {
    let head = node.get_block_number().await?;
    let first = head.saturating_sub(WIDEST_RANGE - 1);
    // An address without any logs: the range is tested, not the amount.
    let filter = Filter::new()
        .address(Address::repeat_byte(0x33))
        .from_block(first)
        .to_block(head);
    node.get_logs(&filter).await?;
    Ok(format!("{} at least", head - first + 1))
}
