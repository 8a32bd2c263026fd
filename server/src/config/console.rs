//! The operator's account at Akash Console, which creates the deployments.

use domain::money::Usd;
use secrecy::{ExposeSecret, SecretString};

use super::problems::Problems;
use super::values::{origin, present};

/// Options for Akash Console and the provider proxy.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ConsoleOptions {
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
}

/// The operator's account at Akash Console.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    /// Origin of the Console API.
    pub(crate) url: String,
    /// Key of the account, which spends its money.
    pub(crate) key: SecretString,
    /// Origin of the provider proxy, for logs and status.
    pub(crate) provider_proxy_url: String,
    /// US dollars put into each deployment when it opens.
    pub(crate) deposit: Usd,
}

impl ConsoleOptions {
    /// Parses the options.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<Console> {
        let url = problems.note(origin("NECTO_CONSOLE_URL", &self.console_url));
        let expected = "the key of the operator's Console account";
        let key = present("NECTO_CONSOLE_KEY", self.console_key.clone(), expected);
        let key = problems.note(key.and_then(console_key));
        let proxy = origin("NECTO_PROVIDER_PROXY_URL", &self.provider_proxy_url);
        let provider_proxy_url = problems.note(proxy);
        let deposit: Result<Usd, _> = self.console_deposit.parse();
        let deposit =
            problems.note(deposit.map_err(|error| format!("NECTO_CONSOLE_DEPOSIT: {error}")));
        Some(Console {
            url: url?,
            key: key?,
            provider_proxy_url: provider_proxy_url?,
            deposit: deposit?,
        })
    }

    /// The variables that hold an address, each with its unparsed value.
    pub(super) fn places(&self) -> [(&'static str, &str); 2] {
        [
            ("NECTO_CONSOLE_URL", &self.console_url),
            ("NECTO_PROVIDER_PROXY_URL", &self.provider_proxy_url),
        ]
    }
}

fn console_key(key: SecretString) -> Result<SecretString, String> {
    if key.expose_secret().starts_with("ac.sk.") {
        Ok(key)
    } else {
        Err("NECTO_CONSOLE_KEY is not a Console key: those begin with ac.sk.".to_owned())
    }
}
