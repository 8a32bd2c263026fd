//! `necto chain …`: deploys the contracts, manages listed providers, and probes a chain's capabilities.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use backend::adapters::contracts::{
    AddressBook, RegisterAccess, approve_providers, deploy, list_provider, probe, withdraw_provider,
};
use backend::ports::ListedCapacity;
use clap::Subcommand;
use domain::ids::{Address, Hash32};
use domain::money::Usd;
use secrecy::SecretString;
use serde_json::json;

use super::output;
use crate::error::CommandError;

#[derive(Debug, Subcommand)]
pub(crate) enum ChainCommand {
    /// Deploys the contracts that are not there yet, and prints their addresses as JSON.
    Deploy {
        /// The node's HTTP address.
        #[arg(long)]
        rpc: String,
        /// The chain the node must be on.
        #[arg(long, default_value_t = 99_999)]
        chain_id: u64,
        /// The file that keeps the addresses by chain id (contracts/deployments.json); without it
        /// an earlier run's contracts are found among the account's own.
        #[arg(long)]
        addresses: Option<PathBuf>,
        /// Writes the addresses of a local development chain into the file too.
        #[arg(long)]
        record_local: bool,
        /// The key that pays and becomes operator and admin.
        #[arg(long, env = "NECTO_OPERATOR_KEY", hide_env_values = true)]
        key: SecretString,
    },
    /// Lists a provider on Akash at a fixed price, or changes what it lists; prints its id and the
    /// SHA-256 that the description must be published under. It is shown once a curator approves.
    List {
        #[command(flatten)]
        register: RegisterOptions,
        /// The provider's address on Akash.
        #[arg(long)]
        account: String,
        /// The file that describes what is offered (docs/listing.md).
        #[arg(long)]
        description: PathBuf,
        /// Dollars an hour for all of it.
        #[arg(long, value_name = "USD")]
        per_hour: String,
        /// Free capacity to announce: offline, full, limited or available.
        #[arg(long, default_value = "available", value_parser = capacity)]
        capacity: ListedCapacity,
    },
    /// Approves the offers of listed providers as they are now. Curators only.
    Approve {
        #[command(flatten)]
        register: RegisterOptions,
        /// The providers' ids.
        #[arg(required = true)]
        ids: Vec<Hash32>,
    },
    /// Withdraws the approval of a listed provider: it leaves the market. Curators only.
    Withdraw {
        #[command(flatten)]
        register: RegisterOptions,
        /// The provider's id.
        id: Hash32,
    },
    /// Asks a node what its chain can do, and prints what it found. Needs no key, sends nothing.
    Probe {
        /// The node's HTTP address.
        #[arg(long)]
        rpc: String,
        /// Prints the findings as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Location of the provider register, and the key that acts on it.
#[derive(Debug, clap::Args)]
pub(crate) struct RegisterOptions {
    /// The node's HTTP address.
    #[arg(long)]
    rpc: String,
    /// The chain the node must be on.
    #[arg(long, default_value_t = 99_999)]
    chain_id: u64,
    /// Address of the ProviderRegistry contract.
    #[arg(long, env = "NECTO_REGISTRY_ADDRESS")]
    registry: Address,
    /// The seller's or the curator's key.
    #[arg(long, env = "NECTO_REGISTER_KEY", hide_env_values = true)]
    key: SecretString,
}

impl RegisterOptions {
    fn access(self) -> RegisterAccess {
        RegisterAccess {
            rpc_url: self.rpc,
            chain_id: self.chain_id,
            registry: self.registry,
            key: self.key,
        }
    }
}

fn capacity(text: &str) -> Result<ListedCapacity, String> {
    match text {
        "offline" => Ok(ListedCapacity::Offline),
        "full" => Ok(ListedCapacity::Full),
        "limited" => Ok(ListedCapacity::Limited),
        "available" => Ok(ListedCapacity::Available),
        _ => Err("write offline, full, limited or available".to_owned()),
    }
}

/// Runs a chain command.
pub(crate) async fn run(command: ChainCommand) -> Result<ExitCode, CommandError> {
    match command {
        ChainCommand::Deploy {
            rpc,
            chain_id,
            addresses,
            record_local,
            key,
        } => put(rpc, chain_id, addresses.as_deref(), record_local, key).await,
        ChainCommand::List {
            register,
            account,
            description,
            per_hour,
            capacity,
        } => {
            list(
                register.access(),
                &account,
                &description,
                &per_hour,
                capacity,
            )
            .await
        }
        ChainCommand::Approve { register, ids } => {
            let approved = approve_providers(&register.access(), &ids).await;
            done(approved)
        }
        ChainCommand::Withdraw { register, id } => {
            let withdrawn = withdraw_provider(&register.access(), id).await;
            done(withdrawn)
        }
        ChainCommand::Probe { rpc, json } => ask(&rpc, json).await,
    }
}

async fn list(
    access: RegisterAccess,
    account: &str,
    description: &Path,
    per_hour: &str,
    capacity: ListedCapacity,
) -> Result<ExitCode, CommandError> {
    let hourly: Usd = per_hour
        .parse()
        .map_err(|error| format!("--per-hour: {error}"))?;
    let text = std::fs::read_to_string(description)
        .map_err(|error| format!("Cannot read {}: {error}.", description.display()))?;
    let (id, hash) = list_provider(&access, account, &text, hourly, capacity)
        .await
        .map_err(|error| format!("It cannot be listed: {error}."))?;
    let digits = hash.to_string();
    output::line(json!({ "id": id, "description": digits.trim_start_matches("0x") }))?;
    Ok(ExitCode::SUCCESS)
}

fn done(outcome: Result<(), String>) -> Result<ExitCode, CommandError> {
    outcome.map_err(|error| capitalised(&error))?;
    Ok(ExitCode::SUCCESS)
}

async fn put(
    rpc: String,
    chain_id: u64,
    addresses: Option<&Path>,
    record_local: bool,
    key: SecretString,
) -> Result<ExitCode, CommandError> {
    let mut book = addresses.map(read_book).transpose()?.unwrap_or_default();
    let known = book.get(&chain_id).copied();
    let deployment = deploy(rpc, chain_id, key, known)
        .await
        .map_err(|error: String| capitalised(&error))?;
    let contracts = deployment.contracts;
    // A local chain shares its id with the real one: its addresses mean nothing to anyone else.
    let recorded = addresses.filter(|_| record_local || !deployment.is_local);
    if let Some(path) = recorded {
        book.insert(chain_id, contracts);
        let text = serde_json::to_string_pretty(&book)? + "\n";
        std::fs::write(path, text)
            .map_err(|error| format!("Cannot write {}: {error}.", path.display()))?;
    } else if let Some(path) = addresses {
        eprintln!(
            "This is a local chain, so {} is left as it is (--record-local writes it).",
            path.display()
        );
    }
    let printed = json!({
        "chain_id": chain_id,
        "escrow": contracts.escrow,
        "usdc": contracts.usdc,
        "router": contracts.router,
        "registry": contracts.registry,
        "deployed": deployment.fresh,
    });
    output::line(printed)?;
    Ok(ExitCode::SUCCESS)
}

async fn ask(rpc: &str, as_json: bool) -> Result<ExitCode, CommandError> {
    let findings = probe(rpc).await.map_err(|error| capitalised(&error))?;
    if as_json {
        let lines: Vec<_> = findings
            .iter()
            .map(|(question, answer)| json!({ "question": question, "answer": answer }))
            .collect();
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else {
        for (question, answer) in findings {
            println!("{question} {answer}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read_book(path: &Path) -> Result<AddressBook, CommandError> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| {
            format!("{} is not a file of addresses: {error}.", path.display()).into()
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(AddressBook::new()),
        Err(error) => Err(format!("Cannot read {}: {error}.", path.display()).into()),
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).chain(['.']).collect(),
        None => String::new(),
    }
}
