//! Whether an account that is a contract has signed: it is asked itself (ERC-1271), and one that is
//! not there yet is made for the question alone (ERC-6492). All of it is one call that changes
//! nothing (`contracts/src/SignatureVerdict.sol`).

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

/// Longest signature that is asked about, in bytes. One that names its account's factory carries
/// that factory's call: a few hundred bytes, a few thousand with keys of passkeys.
pub const LONGEST_CONTRACT_SIGNATURE: usize = 8 * 1024;
/// Most gas an account may use to look at a signature, its making included.
const MOST_GAS: u64 = 5_000_000;
/// Longest wait for the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The last 32 bytes of a signature that names its account's factory.
const NAMES_A_FACTORY: [u8; 2] = [0x64, 0x92];
/// How the code of a plain account begins that has lent itself a contract's (EIP-7702).
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
    /// Whether `account` is a contract. A plain account that has lent itself code is none: its key
    /// signs as before.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn is_contract(&self, account: Address) -> Result<bool, ChainError> {
        let code = self.provider.get_code_at(account).await?;
        Ok(!code.is_empty() && !code.starts_with(&LENT_CODE))
    }

    /// Whether `account`, a contract, says that `signature` of `digest` is its own.
    ///
    /// # Errors
    /// When the node does not answer. An account that fails, loops or is none says no.
    pub async fn signed_by_contract(
        &self,
        account: Address,
        digest: B256,
        signature: &[u8],
    ) -> Result<bool, ChainError> {
        if signature.len() > LONGEST_CONTRACT_SIGNATURE {
            return Ok(false);
        }
        let names_factory = signature
            .last_chunk::<32>()
            .is_some_and(|end| end.chunks(2).all(|pair| pair == NAMES_A_FACTORY));
        // A plain account cannot be asked anything: no call for every mistyped signature.
        if !names_factory && self.provider.get_code_at(account).await?.is_empty() {
            return Ok(false);
        }
        let code = VERDICT.as_ref().map_err(|error| {
            ChainError::Config(format!("SignatureVerdict.json cannot be read: {error}"))
        })?;
        let asked = (account, digest, Bytes::copy_from_slice(signature)).abi_encode_params();
        let question = TransactionRequest::default()
            .with_deploy_code([code.to_vec(), asked].concat())
            .with_gas_limit(MOST_GAS);
        let answer = tokio::time::timeout(PATIENCE, self.provider.call(question));
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

/// Whether the call was made and failed, in the words of the nodes there are.
fn failed(message: &str) -> bool {
    let message = message.to_lowercase();
    ["revert", "out of gas", "outofgas", "invalid opcode"]
        .iter()
        .any(|words| message.contains(words))
}
