//! `cargo xtask run`: a complete Necto on one machine, without questions and without leftovers.
//!
//! Chain, sandbox and database keep their state in `.necto/` and are only ever reset together: a database that
//! remembers deposits which the chain has forgotten would be inconsistent.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result, bail};

use self::ports::Ports;
use self::services::Services;
use crate::clock::POLL_INTERVAL;
use crate::clock::{Stopwatch, spoken};
use crate::loopback;
use crate::server::{self, Alongside, Profile, Programs};
use crate::site::{self, Flavour, Site};
use crate::stop;
use crate::tools;
use crate::workspace::Workspace;

pub(crate) mod chain;
mod leftovers;
mod ports;
pub(crate) mod sandbox_model;
pub(crate) mod services;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Forgets chain, sandbox and database of earlier runs.
    #[arg(long)]
    fresh: bool,
    /// Port of the page; the next free one is taken where it is in use.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Port of the sandbox.
    #[arg(long, default_value_t = 4010)]
    sandbox_port: u16,
    /// Port of the local chain.
    #[arg(long, default_value_t = 8545)]
    chain_port: u16,
    /// Seed of the simulated market.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Has the model that the sandbox simulates read what is written, instead of the built-in rules.
    #[arg(long)]
    model: bool,
    /// Folder for logs and for what is kept between runs.
    #[arg(long, default_value = ".necto")]
    state: PathBuf,
    /// Builds nothing and serves this browser part, as it was built last. For journeys that drive this very command.
    #[arg(long, value_enum, hide = true)]
    as_built: Option<Flavour>,
}

/// Key that the sandbox accepts in place of a Console key. It gives access to nothing else.
const SANDBOX_KEY: &str =
    "ac.sk.sandbox.0000000000000000000000000000000000000000000000000000000000000000";

/// Number of confirmations after which an event on the local chain counts.
const CONFIRMATIONS: &str = "2";

/// State files of the three parts that are reset together.
const STATE_FILES: [&str; 5] = [
    "chain.json",
    "sandbox.json",
    "necto.db",
    "necto.db-wal",
    "necto.db-shm",
];

/// Builds and starts everything, then waits until asked to stop or until a part ends by itself.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let whole = Stopwatch::start();
    let workspace = &workspace.keeping_state_in(&arguments.state);
    let logs = workspace.state("logs");
    fs::create_dir_all(&logs)
        .with_context(|| format!("could not create {}", workspace.shown(&logs)))?;
    fs::set_permissions(workspace.state(""), Permissions::from_mode(0o700))
        .context("could not keep the state from other users")?;
    let _only_one = lock(workspace)?;
    leftovers::end(workspace)?;

    let (site, programs) = match arguments.as_built {
        Some(flavour) => (
            Site::as_built(workspace, flavour),
            Programs::as_built(workspace, Profile::Debug),
        ),
        None => build(workspace)?,
    };
    println!("[4/4] Starting");
    reset_where_due(workspace, arguments.fresh)?;
    let ports = Ports::choose(arguments.port, arguments.sandbox_port, arguments.chain_port)?;

    let mut services = Services::new(workspace.clone());
    let outcome = start(
        &mut services,
        &Plan {
            workspace,
            arguments,
            ports,
            site,
            programs,
        },
    )
    .and_then(|()| {
        println!(
            "\nNecto is ready after {}: http://127.0.0.1:{}",
            spoken(whole.elapsed()),
            ports.page
        );
        println!(
            "  Market and deployments are simulated (sandbox on port {}).",
            ports.sandbox
        );
        if arguments.model {
            println!("  A model reads what is written; it is simulated too (by the sandbox).");
        }
        println!(
            "  The chain is local (port {}); its money has no value.",
            ports.chain
        );
        println!(
            "  Logs are in {}. Ctrl-C stops everything and keeps its state.",
            workspace.shown(&logs)
        );
        stay(&mut services)
    });
    let stopped = services.stop();
    leftovers::forget(workspace)?;
    if stop::requested() {
        stopped?;
        println!("Stopped. The next `cargo xtask run` continues from here.");
        return Ok(ExitCode::SUCCESS);
    }
    outcome?;
    stopped?;
    Ok(ExitCode::SUCCESS)
}

fn build(workspace: &Workspace) -> Result<(Site, Programs)> {
    println!("[1/4] Checking this machine");
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    tools::require_packages(workspace, "contracts")?;
    tools::require_packages(workspace, "frontend")?;
    println!("[2/4] Building the browser part");
    let site = site::build(workspace, Flavour::Dev)?;
    println!("[3/4] Building server and sandbox (the first time takes minutes)");
    let programs = server::build(workspace, Profile::Debug, Alongside::Nothing)?;
    Ok((site, programs))
}

/// The parts to start, with their settings.
struct Plan<'a> {
    workspace: &'a Workspace,
    arguments: &'a Arguments,
    ports: Ports,
    site: Site,
    programs: Programs,
}

impl Plan<'_> {
    fn page_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.page)
    }

    fn sandbox_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.sandbox)
    }

    fn chain_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.chain)
    }

    fn state(&self, name: &str) -> PathBuf {
        self.workspace.state(name)
    }
}

fn start(services: &mut Services, plan: &Plan) -> Result<()> {
    let behind = loopback::hidden_address()?;
    chain::start(services, plan.workspace, behind)?;
    let behind = format!("http://{behind}");
    let contracts = chain::deploy_contracts(&plan.programs, &behind)?;

    let mut sandbox = std::process::Command::new(plan.programs.sandbox());
    sandbox
        .args(["--listen", &format!("127.0.0.1:{}", plan.ports.sandbox)])
        .args(["--seed", &plan.arguments.seed.to_string()])
        .arg("--state")
        .arg(plan.state("sandbox.json"))
        .args(["--chain-rpc", &behind])
        .args(["--chain-door", &format!("127.0.0.1:{}", plan.ports.chain)])
        .args(["--app-origin", &plan.page_url()])
        .args(["--api-key", SANDBOX_KEY]);
    services.start("sandbox", &mut sandbox)?;
    services.wait_until_answers("sandbox", plan.ports.sandbox, "/__sim/state")?;
    chain::list_sellers(
        &plan.programs,
        plan.workspace,
        &plan.chain_url(),
        &contracts,
        plan.ports.sandbox,
    )?;

    let mut server = std::process::Command::new(plan.programs.necto());
    server
        .arg("serve")
        .current_dir(plan.workspace.root())
        .env("NECTO_LISTEN", format!("127.0.0.1:{}", plan.ports.page))
        .env(
            "NECTO_DATABASE_URL",
            format!("sqlite://{}?mode=rwc", plan.state("necto.db").display()),
        )
        .env("NECTO_DATA_KEYS", data_key(plan.workspace)?)
        .env("NECTO_PUBLIC_URL", plan.page_url())
        .env("NECTO_CONSOLE_URL", plan.sandbox_url())
        .env("NECTO_CONSOLE_KEY", SANDBOX_KEY)
        .env("NECTO_PROVIDER_PROXY_URL", plan.sandbox_url())
        .env("NECTO_CHAIN_RPC", plan.chain_url())
        .env("NECTO_CHAIN_ID", chain::ID.to_string())
        .env("NECTO_CHAIN_CONFIRMATIONS", CONFIRMATIONS)
        .env("NECTO_ESCROW_ADDRESS", &contracts.escrow)
        .env("NECTO_USDC_ADDRESS", &contracts.usdc)
        .env("NECTO_REGISTRY_ADDRESS", &contracts.registry)
        .env("NECTO_OPERATOR_KEY", chain::OPERATOR_KEY)
        .env("NECTO_SIMULATED", plan.sandbox_url())
        // All browsers in this run share one address.
        .env("NECTO_LIMITS", "local")
        .envs(plan.site.environment());
    if plan.arguments.model {
        server.envs(sandbox_model::settings(&plan.sandbox_url()));
    }
    services.start("server", &mut server)?;
    services.wait_until_answers("server", plan.ports.page, "/healthz")
}

/// Returns the key for the encrypted data in this checkout's database: generated once, and stored next to it.
fn data_key(workspace: &Workspace) -> Result<String> {
    let path = workspace.state("data-key");
    match fs::read_to_string(&path) {
        Ok(key) => return Ok(key.trim().to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error)
                .with_context(|| format!("could not read {}", workspace.shown(&path)));
        }
    }
    let mut bytes = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("could not draw a key")?;
    let key = hex::encode(bytes);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(key.as_bytes()))
        .with_context(|| format!("could not keep a key in {}", workspace.shown(&path)))?;
    Ok(key)
}

/// Waits until asked to stop; it is an error if a part ends before that.
fn stay(services: &mut Services) -> Result<()> {
    while !stop::requested() {
        services.check()?;
        thread::sleep(POLL_INTERVAL * 10);
    }
    println!();
    Ok(())
}

fn lock(workspace: &Workspace) -> Result<File> {
    let path = workspace.state("lock");
    let file = File::create(&path)
        .with_context(|| format!("could not open {}", workspace.shown(&path)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "Necto already runs from this checkout: stop that one first (Ctrl-C where it runs)."
            )
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("could not lock {}", workspace.shown(&path)))
        }
    }
}

/// Removes the state if that was requested, or if one of the three parts has lost its own.
fn reset_where_due(workspace: &Workspace, fresh: bool) -> Result<()> {
    let kept: Vec<&str> = STATE_FILES[..3]
        .iter()
        .copied()
        .filter(|name| workspace.state(name).exists())
        .collect();
    let torn = !kept.is_empty() && kept.len() < 3;
    if torn && !fresh {
        println!(
            "      An earlier run left only {}: chain, sandbox and database start afresh together",
            kept.join(" and ")
        );
    }
    if !fresh && !torn {
        return Ok(());
    }
    for name in STATE_FILES {
        let path = workspace.state(name);
        if path.exists() {
            fs::remove_file(&path)
                .with_context(|| format!("could not remove {}", workspace.shown(&path)))?;
        }
    }
    Ok(())
}
