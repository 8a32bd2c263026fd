//! `necto chain …`: deploying the contracts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use backend::adapters::contracts::{AddressBook, deploy};
use clap::Subcommand;
use secrecy::SecretString;
use serde_json::json;

use super::{CommandError, output};

#[derive(Debug, Subcommand)]
pub(crate) enum ChainCommand {
    /// Deploys token and escrow unless they are there, and prints their addresses as JSON.
    Deploy {
        /// The node's HTTP address.
        #[arg(long)]
        rpc: String,
        /// The chain the node must be on.
        #[arg(long, default_value_t = 99_999)]
        chain_id: u64,
        /// A file that keeps the addresses by chain id; without it an earlier run's contracts are
        /// found among the account's own.
        #[arg(long)]
        addresses: Option<PathBuf>,
        /// The key that pays and becomes operator and admin.
        #[arg(long, env = "NECTO_OPERATOR_KEY", hide_env_values = true)]
        key: SecretString,
    },
}

/// Runs a chain command.
pub(crate) async fn run(command: ChainCommand) -> Result<ExitCode, CommandError> {
    let ChainCommand::Deploy {
        rpc,
        chain_id,
        addresses,
        key,
    } = command;
    let mut book = addresses
        .as_deref()
        .map(read_book)
        .transpose()?
        .unwrap_or_default();
    let known = book.get(&chain_id).copied();
    let (contracts, fresh) = deploy(rpc, chain_id, key, known)
        .await
        .map_err(|error: String| capitalised(&error))?;
    if let Some(path) = addresses {
        book.insert(chain_id, contracts);
        let text = serde_json::to_string_pretty(&book)? + "\n";
        std::fs::write(&path, text)
            .map_err(|error| format!("Cannot write {}: {error}.", path.display()))?;
    }
    let printed = json!({
        "chain_id": chain_id,
        "escrow": contracts.escrow,
        "usdc": contracts.usdc,
        "deployed": fresh,
    });
    output::line(printed)?;
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
