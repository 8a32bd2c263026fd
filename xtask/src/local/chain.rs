//! The local EVM chain and Necto's contracts on it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::services::Services;
use crate::loopback;
use crate::process;
use crate::server::Programs;
use crate::workspace::Workspace;

/// Chain id of ADI Testnet, which the local chain shares so that wallets behave as they will there.
pub(crate) const ID: u64 = 99_999;

/// First of the keys that every local development chain funds. It is public knowledge.
pub(crate) const OPERATOR_KEY: &str =
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Addresses of the contracts on the local chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contracts {
    /// Address of the `AkashEscrow` contract.
    pub(crate) escrow: String,
    /// Address of the `TestnetUSDC` contract.
    pub(crate) usdc: String,
    /// Address of the `ProviderRegistry` contract.
    pub(crate) registry: String,
}

/// Two more of those keys, for the accounts of the sellers that the sandbox simulates.
const SELLER_KEYS: [&str; 2] = [
    "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
    "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
];

/// Starts the chain at `at`, with one-second blocks and the state of the last run.
///
/// It signs for its accounts without asking, answers under any host name and accepts a WebSocket from any page. So `at`
/// is an address that nobody is told, and the sandbox answers at the known address instead.
pub(super) fn start(services: &mut Services, workspace: &Workspace, at: SocketAddr) -> Result<()> {
    services.start(
        "chain",
        Command::new(program(workspace)?)
            .args(["--host", &at.ip().to_string()])
            .args(["--port", &at.port().to_string()])
            // Pages must not be able to read its answers.
            .arg("--no-cors")
            .args(["--chain-id", &ID.to_string()])
            .args(["--hardfork", "cancun", "--block-time", "1"])
            // The state is written at the end as well; the interval covers a machine that stops abruptly.
            .args(["--state-interval", "60", "--state"])
            .arg(workspace.state("chain.json")),
    )?;
    services.wait_until("chain", || {
        loopback::call(at, "eth_chainId", &json!([])).is_ok_and(|id| id == format!("0x{ID:x}"))
    })
}

/// Deploys the contracts, or finds those deployed by an earlier run.
pub(super) fn deploy_contracts(programs: &Programs, rpc: &str) -> Result<Contracts> {
    println!("      contracts");
    let printed = process::capture(
        Command::new(programs.necto())
            .args(["chain", "deploy", "--rpc", rpc])
            .env("NECTO_OPERATOR_KEY", OPERATOR_KEY),
    )?;
    read_contracts(&printed)
}

fn read_contracts(printed: &str) -> Result<Contracts> {
    let addresses: Value =
        serde_json::from_str(printed).context("`necto chain deploy` printed no JSON")?;
    let address = |name: &str| match addresses[name].as_str() {
        Some(address) => Ok(address.to_owned()),
        None => bail!("`necto chain deploy` printed no address named {name}: {printed}"),
    };
    Ok(Contracts {
        escrow: address("escrow")?,
        usdc: address("usdc")?,
        registry: address("registry")?,
    })
}

/// Has the simulated sellers list their offers, and approves them. Listings from an earlier run are kept.
pub(super) fn list_sellers(
    programs: &Programs,
    workspace: &Workspace,
    rpc: &str,
    contracts: &Contracts,
    sandbox: u16,
) -> Result<()> {
    println!("      sellers (simulated)");
    let answer = loopback::get(sandbox, "/__sim/sellers")?;
    let sellers: Vec<Value> =
        serde_json::from_str(&answer.body).context("the sandbox told of no sellers")?;
    let mut commands = Vec::new();
    for ((seller, key), number) in sellers.iter().zip(SELLER_KEYS).zip(1..) {
        let said = |name: &str| {
            let text = seller[name].as_str();
            text.with_context(|| format!("a seller of the sandbox has no {name}"))
        };
        let description = workspace.state(&format!("listing-{number}.json"));
        std::fs::write(&description, said("description")?)
            .with_context(|| format!("could not write {}", workspace.shown(&description)))?;
        let mut command = register(programs, rpc, contracts, "list", key);
        command
            .args(["--account", said("account")?])
            .args(["--per-hour", said("usd_per_hour")?])
            .arg("--description")
            .arg(description);
        commands.push(command);
    }
    // Each seller has an account of its own, so they need not wait for each other's blocks.
    let printed = std::thread::scope(|scope| {
        let running: Vec<_> = commands
            .iter_mut()
            .map(|command| scope.spawn(|| process::capture(command)))
            .collect();
        running
            .into_iter()
            .map(|one| one.join().expect("capturing does not panic"))
            .collect::<Result<Vec<_>>>()
    })?;
    let mut approval = register(programs, rpc, contracts, "approve", OPERATOR_KEY);
    for printed in printed {
        let listed: Value =
            serde_json::from_str(&printed).context("`necto chain list` printed no JSON")?;
        let id = listed["id"].as_str();
        approval.arg(id.context("`necto chain list` printed no id")?);
    }
    process::run(&mut approval)
}

fn register(
    programs: &Programs,
    rpc: &str,
    contracts: &Contracts,
    verb: &str,
    key: &str,
) -> Command {
    let mut command = Command::new(programs.necto());
    command
        .args(["chain", verb, "--rpc", rpc])
        .args(["--registry", &contracts.registry])
        .env("NECTO_REGISTER_KEY", key);
    command
}

/// Path of the chain's own program: the wrapper in `.bin` is a Node process that cannot be stopped by its id.
fn program(workspace: &Workspace) -> Result<PathBuf> {
    let system = match std::env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        other => bail!("There is no local chain for {other}: use Linux or macOS."),
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => bail!("There is no local chain for {other} processors."),
    };
    Ok(workspace.path(&format!(
        "contracts/node_modules/@foundry-rs/anvil-{system}-{machine}/bin/anvil"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_are_read_by_name() {
        let printed = r#"{"escrow": "0x01", "usdc": "0x02", "registry": "0x03", "deployed": true}"#;
        let contracts = read_contracts(printed).expect("reads");
        assert_eq!(
            contracts,
            Contracts {
                escrow: "0x01".to_owned(),
                usdc: "0x02".to_owned(),
                registry: "0x03".to_owned()
            }
        );
    }

    #[test]
    fn a_missing_address_is_named() {
        let error = read_contracts(r#"{"escrow": "0x01"}"#).expect_err("lacks one");
        assert!(
            error
                .to_string()
                .starts_with("`necto chain deploy` printed no address named usdc")
        );
    }
}
