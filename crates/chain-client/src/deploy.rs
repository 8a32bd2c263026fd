//! Deploying the contracts, once: a second run finds and verifies what the first one deployed.

use alloy::eips::BlockNumberOrTag;
use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::TransactionRequest;
use evm_types::alloy_sol_types::SolValue;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::client::{connect, receipt_of, signer, submit};
use crate::error::ChainError;

/// The addresses of the contracts on one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractAddresses {
    /// Address of the test token.
    pub token: Address,
    /// Address of the escrow contract.
    pub escrow: Address,
    /// Address of the registry of jobs and routing decisions.
    pub router: Address,
    /// Address of the registry of providers.
    pub registry: Address,
}

/// A block that distinguishes a chain from another one with the same id, such as a local one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBlock {
    /// Height of the block.
    pub number: u64,
    /// Hash that the block must have.
    pub hash: B256,
}

/// Chain, account and earlier results for a deployment of the contracts.
#[derive(Debug)]
pub struct DeployRequest {
    /// HTTP address of the node.
    pub rpc_url: String,
    /// Id of the chain that the node must be on.
    pub chain_id: u64,
    /// Private key of the account that pays for the deployment and becomes operator, pauser, admin, fee
    /// recipient, recorder of decisions and curator of providers.
    pub key: SecretString,
    /// Addresses of an earlier run on this chain; `None` searches the account's first contracts.
    pub known: Option<ContractAddresses>,
    /// A block that the chain must have, as an earlier run recorded it; `None` skips that check.
    pub block: Option<KnownBlock>,
}

/// The result of [`deploy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployed {
    /// Addresses of the four contracts.
    pub addresses: ContractAddresses,
    /// `true` if any contract was deployed now; `false` if an earlier run's contracts were verified.
    pub fresh: bool,
    /// Newest block after the deployment, by which the chain can be recognised later.
    pub block: KnownBlock,
    /// `true` if the node is a development node (anvil, hardhat, ganache), whose chain is not
    /// shared.
    pub is_local: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artefact {
    bytecode: Bytes,
    deployed_bytecode: Bytes,
    immutables: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    start: usize,
    length: usize,
}

const TOKEN: &str = include_str!("../../../contracts/abi/TestnetUSDC.json");
const ESCROW: &str = include_str!("../../../contracts/abi/AkashEscrow.json");
const ROUTER: &str = include_str!("../../../contracts/abi/ComputeRouter.json");
const REGISTRY: &str = include_str!("../../../contracts/abi/ProviderRegistry.json");

/// Minimum delay of an admin hand-over, in seconds: time to notice a stolen key.
const ADMIN_DELAY_SECONDS: u64 = 2 * 86_400;

/// Deploys the four contracts, each unless it already exists with exactly the code that this was
/// built with. An escrow accepts one token for good, so a new token requires a new escrow.
///
/// # Errors
/// A wrong chain, different code at a known address, or a node that refuses.
pub async fn deploy(request: DeployRequest) -> Result<Deployed, ChainError> {
    let signer = signer(&request.key)?;
    let from = signer.address();
    let provider = connect(&request.rpc_url, signer)?;
    let found = provider.get_chain_id().await?;
    if found != request.chain_id {
        return Err(ChainError::WrongChain {
            expected: request.chain_id,
            found,
        });
    }
    if let Some(known) = request.block {
        let found = provider.get_block_by_number(known.number.into()).await?;
        if found.is_none_or(|block| block.header.hash != known.hash) {
            return Err(ChainError::OtherChain {
                chain: request.chain_id,
                block: known.number,
            });
        }
    }
    let version = provider.get_client_version().await.unwrap_or_default();
    let is_local = LOCAL_NODES
        .iter()
        .any(|name| version.to_ascii_lowercase().starts_with(name));
    let wanted = Wanted {
        token: artefact(TOKEN)?,
        escrow: artefact(ESCROW)?,
        router: artefact(ROUTER)?,
        registry: artefact(REGISTRY)?,
    };
    let found = match request.known {
        Some(known) => Found {
            token: Some(known.token),
            escrow: Some(known.escrow),
            router: Some(known.router),
            registry: Some(known.registry),
        },
        None => earlier_run(&provider, from, &wanted).await?,
    };
    let mut yard = Yard {
        provider: &provider,
        from,
        fresh: false,
    };
    let addresses = yard.put_all(&found, &wanted).await?;
    let fresh = yard.fresh;
    Ok(Deployed {
        addresses,
        fresh,
        block: head(&provider).await?,
        is_local,
    })
}

/// Expected contracts.
struct Wanted {
    token: Artefact,
    escrow: Artefact,
    router: Artefact,
    registry: Artefact,
}

/// Addresses at which the contracts may already be.
#[derive(Debug, Default)]
struct Found {
    token: Option<Address>,
    escrow: Option<Address>,
    router: Option<Address>,
    registry: Option<Address>,
}

/// Context in which contracts are deployed.
struct Yard<'p> {
    provider: &'p DynProvider,
    from: Address,
    fresh: bool,
}

impl Yard<'_> {
    async fn put_all(
        &mut self,
        found: &Found,
        wanted: &Wanted,
    ) -> Result<ContractAddresses, ChainError> {
        let from = self.from;
        let token = self
            .put("TestnetUSDC", found.token, &wanted.token, Vec::new())
            .await?;
        let its_escrow = found.escrow.filter(|_| found.token == Some(token));
        let arguments = (token, from, from, from, from, ADMIN_DELAY_SECONDS).abi_encode_params();
        let escrow = self
            .put("AkashEscrow", its_escrow, &wanted.escrow, arguments)
            .await?;
        let arguments = || (from, from, ADMIN_DELAY_SECONDS).abi_encode_params();
        let router = self
            .put("ComputeRouter", found.router, &wanted.router, arguments())
            .await?;
        let registry = self
            .put(
                "ProviderRegistry",
                found.registry,
                &wanted.registry,
                arguments(),
            )
            .await?;
        Ok(ContractAddresses {
            token,
            escrow,
            router,
            registry,
        })
    }

    /// Returns the address of the contract that was found, or deploys it.
    async fn put(
        &mut self,
        what: &'static str,
        found: Option<Address>,
        artefact: &Artefact,
        arguments: Vec<u8>,
    ) -> Result<Address, ChainError> {
        if let Some(address) = found
            && is_there(self.provider, what, address, artefact).await?
        {
            return Ok(address);
        }
        self.fresh = true;
        let code = [artefact.bytecode.to_vec(), arguments].concat();
        create(self.provider, self.from, what, code).await
    }
}

/// Development nodes, each with a chain of its own, by the name that they report.
const LOCAL_NODES: [&str; 3] = ["anvil", "hardhat", "ganache"];

async fn head(provider: &DynProvider) -> Result<KnownBlock, ChainError> {
    let block = provider
        .get_block_by_number(BlockNumberOrTag::Latest)
        .await?
        .ok_or_else(|| ChainError::Unreachable("the node has no newest block".to_owned()))?;
    Ok(KnownBlock {
        number: block.header.number,
        hash: block.header.hash,
    })
}

/// Number of an account's first contracts that are searched for those of an earlier run.
const NONCES_LOOKED_AT: u64 = 16;

/// Searches the contracts of an earlier run: a contract's address follows from its creator and the
/// creator's nonce, so no record is needed.
async fn earlier_run(
    provider: &DynProvider,
    from: Address,
    wanted: &Wanted,
) -> Result<Found, ChainError> {
    let used = provider.get_transaction_count(from).await?;
    let mut found = Found::default();
    for nonce in 0..used.min(NONCES_LOOKED_AT) {
        let address = from.create(nonce);
        let code = provider.get_code_at(address).await?;
        if code.is_empty() {
            continue;
        }
        let places = [
            (&wanted.token, &mut found.token),
            (&wanted.escrow, &mut found.escrow),
            (&wanted.router, &mut found.router),
            (&wanted.registry, &mut found.registry),
        ];
        for (artefact, place) in places {
            if matches(&code, artefact) {
                *place = Some(address);
            }
        }
    }
    Ok(found)
}

fn matches(code: &[u8], artefact: &Artefact) -> bool {
    masked(code, artefact) == masked(&artefact.deployed_bytecode, artefact)
}

fn artefact(json: &str) -> Result<Artefact, ChainError> {
    serde_json::from_str(json).map_err(|error| {
        ChainError::Config(format!(
            "a committed contract artefact cannot be read: {error}"
        ))
    })
}

/// Whether exactly this contract is at `address`; an empty account means "not yet" (a chain that
/// was reset), different code is an error.
async fn is_there(
    provider: &DynProvider,
    what: &'static str,
    address: Address,
    artefact: &Artefact,
) -> Result<bool, ChainError> {
    let code = provider.get_code_at(address).await?;
    if code.is_empty() {
        return Ok(false);
    }
    if matches(&code, artefact) {
        Ok(true)
    } else {
        Err(ChainError::WrongCode {
            what,
            address: address.to_string(),
        })
    }
}

/// Code with its immutables blanked: they are filled in at deployment.
fn masked(code: &[u8], artefact: &Artefact) -> Vec<u8> {
    let mut code = code.to_vec();
    for span in &artefact.immutables {
        if let Some(bytes) = code.get_mut(span.start..span.start + span.length) {
            bytes.fill(0);
        }
    }
    code
}

async fn create(
    provider: &DynProvider,
    from: Address,
    what: &'static str,
    code: Vec<u8>,
) -> Result<Address, ChainError> {
    let request = TransactionRequest::default().with_deploy_code(code);
    let hash = submit(provider, from, request).await?;
    let receipt = receipt_of(provider, hash, what).await?;
    match receipt.contract_address {
        Some(address) if receipt.status() => Ok(address),
        _ => Err(ChainError::Refused {
            name: "DeploymentFailed",
            sentence: format!("The chain refused to deploy {what} (transaction {hash})."),
        }),
    }
}
