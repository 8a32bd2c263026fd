//! The escrow: its contracts, the operator's account on their chain, and the terms offered to buyers.

use domain::ids::Address;
use domain::time::Seconds;
use secrecy::SecretString;

use super::chain::ChainOptions;
use super::problems::Problems;
use super::values::{address, contract, present, urls};

/// Highest fee allowed, in hundredths of a per cent.
const MOST_FEE_BPS: u16 = 1000;

/// Longest configurable silence of the operator, in hours, after which an escrow can be closed.
const MOST_HEARTBEAT_HOURS: u64 = 24 * 30;

/// The escrow of `necto serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct EscrowOptions {
    #[command(flatten)]
    chain: ChainOptions,
    /// Blocks, counting its own, before a deposit counts.
    #[arg(long, env = "NECTO_CHAIN_CONFIRMATIONS", default_value_t = 12)]
    chain_confirmations: u64,
    /// Address of the AkashEscrow contract.
    #[arg(long, env = "NECTO_ESCROW_ADDRESS")]
    escrow_address: Option<String>,
    /// Address of the token contract in which deposits are paid.
    #[arg(long, env = "NECTO_USDC_ADDRESS")]
    usdc_address: Option<String>,
    /// Private key of the operator's account on that chain.
    #[arg(long, env = "NECTO_OPERATOR_KEY", hide_env_values = true)]
    operator_key: Option<SecretString>,
    /// Account that is paid for usage; the operator's own where not set.
    #[arg(long, env = "NECTO_PAYEE")]
    payee: Option<String>,
    /// Necto's fee, in hundredths of a per cent of what is used.
    #[arg(long, env = "NECTO_FEE_BPS", default_value_t = 0)]
    fee_bps: u16,
    /// Hours the operator may be silent before anyone may close an escrow.
    #[arg(long, env = "NECTO_HEARTBEAT_HOURS", default_value_t = 24)]
    heartbeat_hours: u64,
}

/// The escrow's contracts, accounts and terms.
#[derive(Debug, Clone)]
pub(crate) struct Escrow {
    /// HTTP addresses of nodes of the escrow's chain, separated by commas, the preferred one first.
    pub(crate) chain_rpc: String,
    /// Id of that chain.
    pub(crate) chain_id: u64,
    /// Confirmations, counting the deposit's own block, before a deposit counts; at least 1.
    pub(crate) confirmations: u64,
    /// Address of the AkashEscrow contract.
    pub(crate) contract: Address,
    /// Address of the token contract in which deposits are paid.
    pub(crate) token: Address,
    /// Private key of the operator's account.
    pub(crate) operator_key: SecretString,
    /// Account that is paid for usage; `None` for the operator's own account.
    pub(crate) payee: Option<Address>,
    /// Necto's fee, in hundredths of a per cent of what is used.
    pub(crate) fee_bps: u16,
    /// Silence of the operator after which anyone may close an escrow.
    pub(crate) heartbeat_window: Seconds,
}

impl EscrowOptions {
    /// Parses the options.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<Escrow> {
        let chain_rpc = problems.note(urls("NECTO_CHAIN_RPC", &self.chain.chain_rpc));
        let escrow = contract("NECTO_ESCROW_ADDRESS", self.escrow_address.as_deref());
        let escrow = problems.note(escrow);
        let token = problems.note(contract("NECTO_USDC_ADDRESS", self.usdc_address.as_deref()));
        let expected = "0x and 64 hexadecimal digits";
        let operator_key = present("NECTO_OPERATOR_KEY", self.operator_key.clone(), expected);
        let operator_key = problems.note(operator_key);
        let payee = self.payee.as_deref();
        let payee = payee.and_then(|payee| problems.note(address("NECTO_PAYEE", payee)));
        if self.fee_bps > MOST_FEE_BPS {
            problems.add(format!(
                "NECTO_FEE_BPS is {}: at most {MOST_FEE_BPS} (10 %).",
                self.fee_bps
            ));
        }
        if !(1..=MOST_HEARTBEAT_HOURS).contains(&self.heartbeat_hours) {
            problems.add(format!(
                "NECTO_HEARTBEAT_HOURS must be between 1 and {MOST_HEARTBEAT_HOURS}."
            ));
        }
        Some(Escrow {
            chain_rpc: chain_rpc?,
            chain_id: self.chain.chain_id,
            confirmations: self.chain_confirmations.max(1),
            contract: escrow?,
            token: token?,
            operator_key: operator_key?,
            payee,
            fee_bps: self.fee_bps,
            heartbeat_window: Seconds::hours(self.heartbeat_hours),
        })
    }

    /// Unparsed addresses of the chain's nodes, each with its variable.
    pub(super) fn places(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let nodes = self.chain.chain_rpc.split(',');
        nodes.map(|node| ("NECTO_CHAIN_RPC", node.trim()))
    }
}
