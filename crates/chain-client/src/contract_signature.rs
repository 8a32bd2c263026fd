//! Signatures of accounts that are contracts. The contract itself is asked (ERC-1271); one that
//! does not exist yet is deployed for the query only (ERC-6492). All of it is one read-only call
//! (`contracts/src/SignatureVerdict.sol`).

use std::sync::LazyLock;
use std::time::Duration;

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use evm_types::alloy_sol_types::SolValue;
use serde::Deserialize;

use crate::client::ChainClient;
use crate::error::ChainError;

/// Longest signature that is checked, in bytes. One that names its account's factory carries that
/// factory's call: a few hundred bytes, a few thousand with passkeys.
pub const MAX_CONTRACT_SIGNATURE_BYTES: usize = 8 * 1024;
/// The most gas that an account may use to check a signature, its deployment included.
const MAX_CHECK_GAS: u64 = 5_000_000;
/// Longest wait for the answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The last 32 bytes of a signature that names its account's factory.
const NAMES_A_FACTORY: [u8; 2] = [0x64, 0x92];
/// Prefix of the code of a plain account that has delegated to a contract (EIP-7702).
const LENT_CODE: [u8; 3] = [0xef, 0x01, 0x00];

static VERDICT: LazyLock<Result<Bytes, String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Artefact {
        bytecode: Bytes,
    }
    let text = include_str!("../../../contracts/abi/SignatureVerdict.json");
    serde_json::from_str(text)
        .map(|artefact: Artefact| artefact.bytecode)
        .map_err(|error| error.to_string())
});

impl ChainClient {
    /// Whether `account` is a contract. A plain account with delegated code is not: its key still
    /// signs for it.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn is_contract(&self, account: Address) -> Result<bool, ChainError> {
        let code = self.provider.get_code_at(account).await?;
        Ok(!code.is_empty() && !code.starts_with(&LENT_CODE))
    }

    /// Whether `account`, a contract, confirms `signature` of `digest` as its own.
    ///
    /// # Errors
    /// When the node does not answer. An account that fails, loops or is not a contract counts as a
    /// refusal.
    pub async fn signed_by_contract(
        &self,
        account: Address,
        digest: B256,
        signature: &[u8],
    ) -> Result<bool, ChainError> {
        if signature.len() > MAX_CONTRACT_SIGNATURE_BYTES {
            return Ok(false);
        }
        let names_factory = signature
            .last_chunk::<32>()
            .is_some_and(|end| end.chunks(2).all(|pair| pair == NAMES_A_FACTORY));
        // A plain account cannot confirm anything, so no call is made for a mistyped signature.
        if !names_factory && self.provider.get_code_at(account).await?.is_empty() {
            return Ok(false);
        }
        let code = VERDICT.as_ref().map_err(|error| {
            ChainError::Config(format!("SignatureVerdict.json cannot be read: {error}"))
        })?;
        let asked = (account, digest, Bytes::copy_from_slice(signature)).abi_encode_params();
        let question = TransactionRequest::default()
            .with_deploy_code([code.to_vec(), asked].concat())
            .with_gas_limit(MAX_CHECK_GAS);
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, self.provider.call(question));
        match answer.await {
            Ok(Ok(answer)) => Ok(answer.as_ref() == [1]),
            Ok(Err(error))
                if error
                    .as_error_resp()
                    .is_some_and(|said| failed(&said.message)) =>
            {
                Ok(false)
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(ChainError::Unreachable(
                "no answer about a signature in time".to_owned(),
            )),
        }
    }
}

/// Whether the call was made and failed, judged by the known nodes' messages.
fn failed(message: &str) -> bool {
    let message = message.to_lowercase();
    ["revert", "out of gas", "outofgas", "invalid opcode"]
        .iter()
        .any(|words| message.contains(words))
}
