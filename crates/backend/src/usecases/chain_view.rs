//! Shows which chain and contracts hold the money.

use domain::journey::ChainView;

use crate::Backend;
use crate::error::UsecaseError;

/// Returns the chain, with the facts that tell it from another chain with the same id.
///
/// # Errors
/// [`UsecaseError::Unavailable`] while the chain does not answer.
pub async fn chain_view(backend: &Backend) -> Result<ChainView, UsecaseError> {
    let chain = &backend.ports().chain;
    let identity = chain.identity().await?;
    let settings = backend.settings();
    let facts = settings.chain.clone();
    Ok(ChainView {
        chain_id: chain.chain_id(),
        name: facts.name,
        rpc_urls: facts.rpc_urls,
        explorer_url: facts.explorer_url,
        gas_symbol: facts.gas_symbol,
        escrow: chain.escrow_contract(),
        token: chain.token_contract(),
        escrow_code_hash: identity.escrow_code_hash,
        known_block: identity.known_block,
        known_block_hash: identity.known_block_hash,
        gas_drip: settings.gas_drip,
        relays_deposits: settings.relay.is_on(),
        faucet_url: facts.faucet_url,
    })
}
