//! Connection to the chain that holds the escrow and the register of listed providers.

/// Options for reading that chain.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ChainOptions {
    /// HTTP address of a node of the escrow's chain; or several, separated by commas, the preferred one first: the
    /// others are asked while it does not answer, is behind or contradicts itself.
    #[arg(
        long,
        env = "NECTO_CHAIN_RPC",
        default_value = "https://rpc.ab.testnet.adifoundation.ai"
    )]
    pub(crate) chain_rpc: String,
    /// Id of that chain.
    #[arg(long, env = "NECTO_CHAIN_ID", default_value_t = 99_999)]
    pub(crate) chain_id: u64,
}
