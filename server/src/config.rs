//! The configuration: command-line options that are also `NECTO_*` variables, checked as a whole.

mod akash;
mod chain;
mod connections;
mod exposure;
mod limits;
mod model;
mod proxies;
mod running;
mod templates;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use backend::AgentLimits;
use backend::Keep;
use backend::adapters::gemini::GeminiSettings;
use backend::adapters::random::OsRandom;
use backend::adapters::template_repository::TemplateRepositorySettings;
use backend::storage::DataKeys;
use domain::ids::Address;
use domain::money::Usd;
use domain::route::AkashRules;
use domain::time::Seconds;
use http::Uri;
use secrecy::{ExposeSecret, SecretString};

use crate::site::Site;
use crate::sources::{SourceOptions, Sources};
pub(crate) use akash::AkashOptions;
pub(crate) use chain::ChainOptions;
pub(crate) use connections::{BodyPatience, ConnectionLimits, ConnectionOptions};
pub(crate) use exposure::{Exposure, ExposureOptions};
pub(crate) use limits::{LimitOptions, Limits};
pub(crate) use model::ModelOptions;
pub(crate) use proxies::TrustedProxies;
pub(crate) use running::{Running, RunningOptions};
pub(crate) use templates::TemplateOptions;

/// A century: longer than anything is kept.
const MOST_DAYS: u64 = 36_525;

/// Options of `necto serve`. Each is also an environment variable.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeOptions {
    /// Address and port to listen on.
    #[arg(long, env = "NECTO_LISTEN", default_value = "127.0.0.1:3000")]
    listen: String,
    #[command(flatten)]
    connections: ConnectionOptions,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    running: RunningOptions,
    /// Address at which people reach this server, like https://necto.example; the listen address, by http,
    /// where not set. Sign-ins are bound to it.
    #[arg(long, env = "NECTO_PUBLIC_URL")]
    public_url: Option<String>,
    /// sqlite://FILE (nothing to install) or postgres://… (several processes).
    #[arg(long, env = "NECTO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<SecretString>,
    /// Keys for what buyers write, 64 hexadecimal digits each, separated by commas: the first
    /// encrypts, all decrypt (`necto keys new` makes one).
    #[arg(long, env = "NECTO_DATA_KEYS", hide_env_values = true)]
    data_keys: Option<SecretString>,
    /// Days without a change after which a draft that nobody signed in for is deleted; 0: never.
    #[arg(long, env = "NECTO_KEEP_DRAFTS_DAYS", default_value_t = 7)]
    keep_drafts_days: u64,
    /// Days after its end after which the SDL and the logs of an order are deleted; 0: never.
    #[arg(long, env = "NECTO_KEEP_SETTLED_DAYS", default_value_t = 90)]
    keep_settled_days: u64,
    /// Folder of the built pages.
    #[arg(long, env = "NECTO_SITE_ROOT")]
    site_root: Option<PathBuf>,
    /// Base address of the Akash Console API.
    #[arg(
        long,
        env = "NECTO_CONSOLE_URL",
        default_value = "https://console-api.akash.network"
    )]
    console_url: String,
    /// Key of the operator's Console account (ac.sk.…). It spends that account's money.
    #[arg(long, env = "NECTO_CONSOLE_KEY", hide_env_values = true)]
    console_key: Option<SecretString>,
    /// Base address of the provider proxy, for logs and status.
    #[arg(
        long,
        env = "NECTO_PROVIDER_PROXY_URL",
        default_value = "https://console-provider-proxy.akash.network"
    )]
    provider_proxy_url: String,
    /// US dollars put into each deployment on the Console account when it opens.
    #[arg(long, env = "NECTO_CONSOLE_DEPOSIT", default_value = "0.50")]
    console_deposit: String,
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
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    exposure: ExposureOptions,
    /// Base address of the sandbox that plays the outside world: labels every page and offers the
    /// demo wallet. Only for runs in which everything is on this machine.
    #[arg(long, env = "NECTO_SIMULATED")]
    simulated: Option<String>,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    templates: TemplateOptions,
    #[command(flatten)]
    akash: AkashOptions,
    /// Wallet addresses, separated by commas, whose owners may open the operator's page.
    #[arg(long, env = "NECTO_OPERATORS", value_delimiter = ',')]
    operators: Vec<String>,
    /// Logs as JSON, a line each.
    #[arg(long, env = "NECTO_JSON_LOGS")]
    json_logs: bool,
    /// Fail point at which this process dies, as POINT=kill or POINT=panic. Only in builds for the fault
    /// matrix.
    #[cfg(feature = "fail-points")]
    #[arg(long, env = "NECTO_FAIL_POINT")]
    fail_point: Option<String>,
}

/// A configuration that makes sense.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) connections: ConnectionLimits,
    pub(crate) limits: Limits,
    pub(crate) running: Running,
    pub(crate) public_origin: String,
    pub(crate) database_url: SecretString,
    pub(crate) data_keys: DataKeys,
    pub(crate) keep: Keep,
    /// The built pages; none where only what needs none is served, as in tests.
    pub(crate) site: Option<Site>,
    pub(crate) console_url: String,
    pub(crate) console_key: SecretString,
    pub(crate) provider_proxy_url: String,
    pub(crate) console_deposit: Usd,
    pub(crate) chain_rpc: String,
    pub(crate) chain_id: u64,
    pub(crate) chain_confirmations: u64,
    pub(crate) escrow: Address,
    pub(crate) token: Address,
    pub(crate) operator_key: SecretString,
    pub(crate) payee: Option<Address>,
    pub(crate) fee_bps: u16,
    pub(crate) heartbeat_window: Seconds,
    /// Model that reads requests; `None` without a key, so that the built-in rules do.
    pub(crate) model: Option<GeminiSettings>,
    pub(crate) agent_limits: AgentLimits,
    pub(crate) sources: Sources,
    /// `None` where nobody is asked for templates.
    pub(crate) templates: Option<TemplateRepositorySettings>,
    pub(crate) akash_rules: AkashRules,
    pub(crate) exposure: Exposure,
    pub(crate) operators: Vec<Address>,
    /// Origin of the sandbox; `None` outside of simulated runs.
    pub(crate) simulated: Option<String>,
    pub(crate) json_logs: bool,
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Necto cannot start. {} to mend:",
            match self.0.len() {
                1 => "One setting".to_owned(),
                n => format!("{n} settings"),
            }
        )?;
        for problem in &self.0 {
            writeln!(f, "  - {problem}")?;
        }
        write!(
            f,
            "Each is an option of `necto serve` (--help) and a variable; see docs/operating.md."
        )
    }
}

impl Problems {
    fn note<T>(&mut self, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|problem| self.0.push(problem)).ok()
    }
}

impl ServeOptions {
    /// Reads every setting and looks for the built pages, and lists all that is wrong.
    pub(crate) fn check_with_site(self) -> Result<Config, Problems> {
        let site = Site::find(self.site_root.as_deref());
        match (self.check(), site) {
            (Ok(config), Ok(site)) => Ok(Config {
                site: Some(site),
                ..config
            }),
            (Ok(_), Err(problem)) => Err(Problems(vec![problem])),
            (Err(mut problems), site) => {
                problems.0.extend(site.err());
                Err(problems)
            }
        }
    }

    /// Reads every setting and lists all that is wrong.
    pub(crate) fn check(self) -> Result<Config, Problems> {
        let mut problems = Problems::default();
        let listen = problems.note(parse(
            "NECTO_LISTEN",
            &self.listen,
            "an address with a port, like 127.0.0.1:3000",
        ));
        let connections = problems.note(self.connections.check());
        let public_origin = match &self.public_url {
            Some(url) => problems.note(origin("NECTO_PUBLIC_URL", url)),
            None => listen.map(|listen: SocketAddr| format!("http://{listen}")),
        };
        if let Some(origin) = &public_origin {
            problems.note(encrypted_on_its_way(origin));
        }
        let is_local = public_origin.as_deref().is_none_or(is_loopback);
        let limits = problems.note(self.limits.check(is_local));
        let database_url = problems.note(
            present(
                "NECTO_DATABASE_URL",
                self.database_url,
                "sqlite://necto.db for one process, or postgres://…",
            )
            .and_then(database_url),
        );
        let console_url = problems.note(origin("NECTO_CONSOLE_URL", &self.console_url));
        let console_key = problems.note(
            present(
                "NECTO_CONSOLE_KEY",
                self.console_key,
                "the key of the operator's Console account",
            )
            .and_then(console_key),
        );
        let provider_proxy_url =
            problems.note(origin("NECTO_PROVIDER_PROXY_URL", &self.provider_proxy_url));
        let console_deposit = problems.note(
            self.console_deposit
                .parse::<Usd>()
                .map_err(|error| format!("NECTO_CONSOLE_DEPOSIT: {error}")),
        );
        let chain_rpc = problems.note(urls("NECTO_CHAIN_RPC", &self.chain.chain_rpc));
        let escrow = problems.note(address(
            "NECTO_ESCROW_ADDRESS",
            self.escrow_address.as_deref(),
        ));
        let token = problems.note(address("NECTO_USDC_ADDRESS", self.usdc_address.as_deref()));
        let operator_key = problems.note(present(
            "NECTO_OPERATOR_KEY",
            self.operator_key,
            "0x and 64 hexadecimal digits",
        ));
        let payee = self
            .payee
            .as_deref()
            .map(|payee| problems.note(address("NECTO_PAYEE", Some(payee))));
        let operators = self
            .operators
            .iter()
            .filter(|text| !text.trim().is_empty())
            .filter_map(|text| problems.note(address("NECTO_OPERATORS", Some(text.trim()))))
            .collect();
        if self.fee_bps > 1000 {
            problems.0.push(format!(
                "NECTO_FEE_BPS is {}: at most 1000 (10 %).",
                self.fee_bps
            ));
        }
        if self.heartbeat_hours == 0 || self.heartbeat_hours > 24 * 30 {
            problems
                .0
                .push("NECTO_HEARTBEAT_HOURS must be between 1 and 720.".to_owned());
        }
        let exposure = self
            .exposure
            .check()
            .map_err(|wrong| problems.0.extend(wrong))
            .ok();
        let simulated = self
            .simulated
            .as_deref()
            .and_then(|url| problems.note(origin("NECTO_SIMULATED", url)));
        let running = problems.note(self.running.check(simulated.is_some()));
        let data_keys = problems.note(data_keys(self.data_keys, simulated.is_some()));
        let agent_limits = self.model.limits();
        let model = problems.note(self.model.check(simulated.as_deref()));
        if simulated.is_some() {
            let places = [
                ("NECTO_SIMULATED", self.simulated.as_deref()),
                ("NECTO_PUBLIC_URL", public_origin.as_deref()),
                ("NECTO_CONSOLE_URL", Some(self.console_url.as_str())),
                (
                    "NECTO_PROVIDER_PROXY_URL",
                    Some(self.provider_proxy_url.as_str()),
                ),
                (
                    "NECTO_MODEL_URL",
                    model
                        .as_ref()
                        .and_then(|model| model.as_ref())
                        .map(|model| model.base_url.as_str()),
                ),
            ];
            let nodes = self.chain.chain_rpc.split(',');
            let nodes = nodes.map(|node| ("NECTO_CHAIN_RPC", Some(node.trim())));
            for (name, place) in places.into_iter().chain(nodes) {
                if place.is_some_and(|place| !is_loopback(place)) {
                    problems.0.push(format!("NECTO_SIMULATED is only for runs on one machine, but {name} is not on it. Unset NECTO_SIMULATED in production."));
                }
            }
        }
        #[cfg(feature = "fail-points")]
        if let Some(wish) = &self.fail_point {
            problems.note(backend::fail_points::arm(wish));
        }
        let sources = problems.note(self.sources.check(simulated.as_deref()));
        let templates = problems.note(self.templates.check(simulated.as_deref()));
        let akash_rules = problems.note(self.akash.check());
        let config = (|| {
            Some(Config {
                sources: sources?,
                templates: templates?,
                akash_rules: akash_rules?,
                listen: listen?,
                connections: connections?,
                limits: limits?,
                running: running?,
                public_origin: public_origin?,
                database_url: database_url?,
                data_keys: data_keys?,
                keep: Keep {
                    drafts: Seconds::days(self.keep_drafts_days.min(MOST_DAYS)),
                    over: Seconds::days(self.keep_settled_days.min(MOST_DAYS)),
                },
                site: None,
                console_url: console_url?,
                console_key: console_key?,
                provider_proxy_url: provider_proxy_url?,
                console_deposit: console_deposit?,
                chain_rpc: chain_rpc?,
                chain_id: self.chain.chain_id,
                chain_confirmations: self.chain_confirmations.max(1),
                escrow: escrow?,
                token: token?,
                operator_key: operator_key?,
                payee: payee.flatten(),
                fee_bps: self.fee_bps,
                heartbeat_window: Seconds::hours(self.heartbeat_hours),
                model: model?,
                agent_limits,
                exposure: exposure?,
                operators,
                simulated,
                json_logs: self.json_logs,
            })
        })();
        match config {
            Some(config) if problems.0.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

fn parse<T: FromStr>(name: &str, text: &str, expected: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{name} is “{text}”: expected {expected}."))
}

fn present(
    name: &str,
    secret: Option<SecretString>,
    expected: &str,
) -> Result<SecretString, String> {
    secret
        .filter(|secret| !secret.expose_secret().trim().is_empty())
        .ok_or_else(|| format!("{name} is not set: {expected}."))
}

fn database_url(url: SecretString) -> Result<SecretString, String> {
    let text = url.expose_secret();
    if text.starts_with("sqlite:")
        || text.starts_with("postgres://")
        || text.starts_with("postgresql://")
    {
        Ok(url)
    } else {
        Err("NECTO_DATABASE_URL must begin with sqlite:// or postgres://.".to_owned())
    }
}

/// What people send and get is encrypted, unless it never leaves this machine.
fn encrypted_on_its_way(origin: &str) -> Result<(), String> {
    if origin.starts_with("https://") || is_loopback(origin) {
        return Ok(());
    }
    Err(format!(
        "NECTO_PUBLIC_URL is {origin}: off this machine, sessions and secrets need https. Put a proxy with a certificate in front, and name its https address here."
    ))
}

/// The keys that were given; none only where nothing is real.
pub(crate) fn data_keys(keys: Option<SecretString>, simulated: bool) -> Result<DataKeys, String> {
    let random = Arc::new(OsRandom);
    match keys.filter(|keys| !keys.expose_secret().trim().is_empty()) {
        Some(keys) => {
            DataKeys::parse(&keys, random).map_err(|error| format!("NECTO_DATA_KEYS: {error}."))
        }
        None if simulated => Ok(DataKeys::none(random)),
        None => Err(
            "NECTO_DATA_KEYS is not set: 64 hexadecimal digits (`necto keys new` makes a key). What buyers write, their passwords included, is encrypted with it."
                .to_owned(),
        ),
    }
}

fn console_key(key: SecretString) -> Result<SecretString, String> {
    if key.expose_secret().starts_with("ac.sk.") {
        Ok(key)
    } else {
        Err("NECTO_CONSOLE_KEY is not a Console key: those begin with ac.sk.".to_owned())
    }
}

fn address(name: &str, text: Option<&str>) -> Result<Address, String> {
    let text = text.ok_or_else(|| {
        format!("{name} is not set: the contract's address (`necto chain deploy` prints it).")
    })?;
    text.parse().map_err(|error| format!("{name}: {error}."))
}

fn url(name: &str, text: &str) -> Result<String, String> {
    let problem = || format!("{name} is “{text}”: expected an address like https://host.");
    let uri: Uri = text.parse().map_err(|_| problem())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some() => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(problem()),
    }
}

/// One address or several, separated by commas.
fn urls(name: &str, text: &str) -> Result<String, String> {
    let urls: Result<Vec<_>, _> = text.split(',').map(|one| url(name, one.trim())).collect();
    Ok(urls?.join(","))
}

/// Scheme, host and port alone.
fn origin(name: &str, text: &str) -> Result<String, String> {
    let url = url(name, text)?;
    let uri: Uri = url
        .parse()
        .map_err(|_| format!("{name} is “{text}”: expected an address like https://host."))?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(format!(
            "{name} is “{text}”: expected scheme, host and port only, like https://host."
        ));
    }
    Ok(url)
}

/// Whether an address is one of this machine.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Some(host) = url
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
    else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::Parser;

    use super::{Config, ServeOptions};

    const KEYS: &str =
        "--data-keys=0101010101010101010101010101010101010101010101010101010101010101";

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: ServeOptions,
    }

    pub(crate) fn options(extra: &[&str]) -> ServeOptions {
        let base = [
            "serve",
            "--database-url=sqlite://necto.db",
            "--console-key=ac.sk.production.00",
            "--escrow-address=0x0101010101010101010101010101010101010101",
            "--usdc-address=0x0202020202020202020202020202020202020202",
            "--operator-key=0x03",
            KEYS,
        ];
        // All requests of a test come from one place.
        let said = ["--limits", "--public-url", "--listen"];
        let is_said = |option: &&str| said.iter().any(|name| option.starts_with(name));
        let local: &[&str] = if extra.iter().any(is_said) {
            &[]
        } else {
            &["--limits=local"]
        };
        Line::try_parse_from(base.iter().chain(local).chain(extra))
            .unwrap()
            .options
    }

    /// What is wrong with a configuration.
    pub(crate) fn problems(extra: &[&str]) -> String {
        options(extra).check().unwrap_err().to_string()
    }

    /// A configuration for tests of what is served.
    pub(crate) fn config(extra: &[&str]) -> Config {
        options(extra).check().unwrap()
    }

    #[test]
    fn all_problems_are_listed_at_once_and_no_secret_is_repeated() {
        let line = [
            "serve",
            "--listen=nowhere",
            "--console-key=hunter2",
            "--fee-bps=5000",
            "--relay-day-budget=lots",
        ];
        let problems = Line::try_parse_from(line)
            .unwrap()
            .options
            .check()
            .unwrap_err()
            .to_string();
        for name in [
            "NECTO_LISTEN",
            "NECTO_CONSOLE_KEY",
            "NECTO_FEE_BPS",
            "NECTO_DATABASE_URL",
            "NECTO_DATA_KEYS is not set",
            "NECTO_ESCROW_ADDRESS",
            "NECTO_USDC_ADDRESS",
            "NECTO_OPERATOR_KEY",
            "NECTO_RELAY_DAY_BUDGET",
        ] {
            assert!(problems.contains(name), "{name} is missing in: {problems}");
        }
        assert!(!problems.contains("hunter2"));
    }

    #[test]
    fn a_production_configuration_refuses_to_simulate() {
        assert!(options(&[]).check().unwrap().simulated.is_none());
        let problems = options(&["--simulated=http://127.0.0.1:4010"])
            .check()
            .unwrap_err()
            .to_string();
        assert!(
            problems.contains("but NECTO_CONSOLE_URL is not on it"),
            "{problems}"
        );
        let local = [
            "--simulated=http://127.0.0.1:4010",
            "--console-url=http://127.0.0.1:4010",
            "--provider-proxy-url=http://127.0.0.1:4010",
            "--chain-rpc=http://127.0.0.1:8545",
        ];
        assert_eq!(
            options(&local).check().unwrap().simulated.as_deref(),
            Some("http://127.0.0.1:4010")
        );
        let public = [local.as_slice(), &["--public-url=https://necto.example"]].concat();
        assert!(options(&public).check().is_err());
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        let problem = |arguments: &[&str]| match options(arguments).check() {
            Ok(_) => String::new(),
            Err(problems) => problems.to_string(),
        };
        for local in [
            "--public-url=http://127.0.0.1:3000",
            "--public-url=http://localhost:3000",
            "--public-url=http://[::1]:3000",
            "--public-url=https://necto.example",
        ] {
            assert_eq!(problem(&[local]), "", "{local}");
        }
        for open in ["--public-url=http://necto.example", "--listen=0.0.0.0:3000"] {
            let problem = problem(&[open]);
            assert!(problem.contains("need https"), "{open}: {problem}");
        }
        let behind_a_proxy = [
            "--listen=0.0.0.0:3000",
            "--public-url=https://necto.example",
        ];
        assert_eq!(problem(&behind_a_proxy), "");
    }
}
