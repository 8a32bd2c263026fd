//! The configuration: command-line options that can also be set as `NECTO_*` variables, validated as a whole.
//!
//! Each section has a file with its options, their validated form, and the validation.

mod akash;
mod chain;
mod connections;
mod console;
mod database;
mod escrow;
mod exposure;
mod http;
mod limits;
mod model;
mod operators;
mod problems;
mod proxies;
mod running;
mod simulation;
mod templates;
mod values;

use backend::AgentLimits;
use backend::adapters::gemini::GeminiSettings;
use backend::adapters::template_repository::TemplateRepositorySettings;
use domain::ids::Address;
use domain::route::AkashRules;

use crate::site::Site;
use crate::sources::{SourceOptions, Sources};
pub(crate) use akash::AkashOptions;
pub(crate) use chain::ChainOptions;
pub(crate) use connections::{BodyPatience, ConnectionLimits, ConnectionOptions};
pub(crate) use console::{Console, ConsoleOptions};
pub(crate) use database::{Database, DatabaseOptions};
pub(crate) use escrow::{Escrow, EscrowOptions};
pub(crate) use exposure::{Exposure, ExposureOptions};
pub(crate) use http::{Http, HttpOptions};
pub(crate) use limits::{LimitOptions, Limits};
pub(crate) use model::ModelOptions;
pub(crate) use operators::OperatorOptions;
pub(crate) use problems::Problems;
pub(crate) use proxies::TrustedProxies;
pub(crate) use running::{Running, RunningOptions};
pub(crate) use simulation::SimulationOptions;
pub(crate) use templates::TemplateOptions;
pub(crate) use values::is_loopback;

/// Options of `necto serve`. Each is also an environment variable.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    http: HttpOptions,
    #[command(flatten)]
    connections: ConnectionOptions,
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    running: RunningOptions,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(flatten)]
    console: ConsoleOptions,
    #[command(flatten)]
    escrow: EscrowOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    exposure: ExposureOptions,
    #[command(flatten)]
    simulation: SimulationOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    templates: TemplateOptions,
    #[command(flatten)]
    akash: AkashOptions,
    #[command(flatten)]
    operators: OperatorOptions,
    /// Logs as JSON, a line each.
    #[arg(long, env = "NECTO_JSON_LOGS")]
    json_logs: bool,
    /// Fail point at which this process dies, as POINT=kill or POINT=panic. Only in builds for the fault
    /// matrix.
    #[cfg(feature = "fail-points")]
    #[arg(long, env = "NECTO_FAIL_POINT")]
    fail_point: Option<String>,
}

/// A validated configuration.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) http: Http,
    /// The built pages; `None` where only routes that need no pages are served, as in tests.
    pub(crate) site: Option<Site>,
    pub(crate) connections: ConnectionLimits,
    pub(crate) limits: Limits,
    pub(crate) running: Running,
    pub(crate) database: Database,
    pub(crate) console: Console,
    pub(crate) escrow: Escrow,
    /// Model that reads requests; `None` if no key is set, so that the built-in rules are used.
    pub(crate) model: Option<GeminiSettings>,
    pub(crate) agent_limits: AgentLimits,
    pub(crate) exposure: Exposure,
    /// Origin of the sandbox; `None` unless the run is simulated.
    pub(crate) simulated: Option<String>,
    pub(crate) sources: Sources,
    /// Repository of the community's templates; `None` if no repository is set.
    pub(crate) templates: Option<TemplateRepositorySettings>,
    pub(crate) akash_rules: AkashRules,
    pub(crate) operators: Vec<Address>,
    /// `true` for logs as JSON, one object per line.
    pub(crate) json_logs: bool,
}

impl ServeOptions {
    /// Validates every setting, locates the built pages, and reports every problem at once.
    pub(crate) fn check_with_site(self) -> Result<Config, Problems> {
        let mut problems = Problems::default();
        let site = Site::find(self.http.site_root());
        let config = self.check_sections(&mut problems);
        let site = problems.note(site);
        problems.unless_any(config.map(|config| Config { site, ..config }))
    }

    /// Validates every section except the built pages; `None` if one is invalid.
    fn check_sections(self, problems: &mut Problems) -> Option<Config> {
        let simulated = self.simulation.check(problems);
        let sandbox = simulated.as_deref();
        let http = self.http.check(problems);
        let origin = self.http.public_origin();
        let is_local = origin.as_deref().is_none_or(is_loopback);
        let connections = problems.note(self.connections.check());
        let limits = problems.note(self.limits.check(is_local));
        let running = problems.note(self.running.check(sandbox.is_some()));
        let database = self.database.check(sandbox.is_some(), problems);
        let console = self.console.check(problems);
        let escrow = self.escrow.check(problems);
        let agent_limits = self.model.limits();
        let model = problems.note(self.model.check(sandbox));
        let exposure = self.exposure.check(problems);
        if sandbox.is_some() {
            let origin = origin.as_deref().map(|origin| ("NECTO_PUBLIC_URL", origin));
            let model = model.as_ref().and_then(Option::as_ref);
            let model = model.map(|model| ("NECTO_MODEL_URL", model.base_url.as_str()));
            let outside = self.console.places().into_iter();
            let outside = outside.chain(self.escrow.places()).chain(model);
            let places = origin.into_iter().chain(outside);
            self.simulation.keep_to_this_machine(places, problems);
        }
        #[cfg(feature = "fail-points")]
        if let Some(wish) = &self.fail_point {
            problems.note(backend::fail_points::arm(wish));
        }
        let sources = problems.note(self.sources.check(sandbox));
        let templates = problems.note(self.templates.check(sandbox));
        let akash_rules = problems.note(self.akash.check());
        let operators = self.operators.check(problems);
        Some(Config {
            http: http?,
            site: None,
            connections: connections?,
            limits: limits?,
            running: running?,
            database: database?,
            console: console?,
            escrow: escrow?,
            model: model?,
            agent_limits,
            exposure,
            sources: sources?,
            templates: templates?,
            akash_rules: akash_rules?,
            operators,
            json_logs: self.json_logs,
            simulated,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::Parser;

    use super::{Config, Problems, ServeOptions};

    const KEYS: &str =
        "--data-keys=0101010101010101010101010101010101010101010101010101010101010101";

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: ServeOptions,
    }

    impl ServeOptions {
        /// Validates every setting and reports every problem at once, whether pages are built or not.
        pub(crate) fn check(self) -> Result<Config, Problems> {
            let mut problems = Problems::default();
            let config = self.check_sections(&mut problems);
            problems.unless_any(config)
        }
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
        // All requests of a test come from one address.
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

    /// The problems of a configuration, as text.
    pub(crate) fn problems(extra: &[&str]) -> String {
        options(extra).check().unwrap_err().to_string()
    }

    /// A configuration for tests of the HTTP layer.
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
}
