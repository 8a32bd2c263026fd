//! Where market prices come from: the options of `necto serve`, `offers` and `route`.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend::adapters::price_sources::chain_feeds::ethereum_checks;
use backend::adapters::price_sources::token_feeds::http_feeds;
use backend::adapters::price_sources::{SourceSettings, http_sources};
use backend::market::MarketSources;
use backend::ports::Clock;
use domain::offers::Venue;
use http::Uri;
use secrecy::SecretString;

/// Where market prices come from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SourceOptions {
    /// Another base address for a venue, like nosana=https://host; several separated by commas.
    #[arg(
        long,
        env = "NECTO_VENUE_URLS",
        value_name = "VENUE=URL",
        value_delimiter = ','
    )]
    venue_url: Vec<String>,
    /// Key for Lambda; without one recorded prices stand in, marked as such.
    #[arg(long, env = "NECTO_LAMBDA_KEY", hide_env_values = true)]
    lambda_key: Option<SecretString>,
    /// A node of Ethereum, to compare token prices with Pyth and Chainlink. Without one they are
    /// shown as unverified.
    #[arg(long, env = "NECTO_ETHEREUM_RPC", hide_env_values = true)]
    ethereum_rpc: Option<SecretString>,
}

/// Sources that can be asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    settings: SourceSettings,
    ethereum_rpc: Option<SecretString>,
}

impl SourceOptions {
    /// Reads the options; `simulated` is the sandbox that plays everybody.
    pub(crate) fn check(self, simulated: Option<&str>) -> Result<Sources, String> {
        let bases = self.venue_url.iter().map(|text| base(text));
        let bases = bases.collect::<Result<BTreeMap<_, _>, _>>()?;
        if simulated.is_some() && (!bases.is_empty() || self.ethereum_rpc.is_some()) {
            return Err(
                "NECTO_SIMULATED plays every venue and feed: unset NECTO_VENUE_URLS and \
                        NECTO_ETHEREUM_RPC, or run without it."
                    .to_owned(),
            );
        }
        let played = simulated.map(|sandbox| format!("{sandbox}/feeds/ethereum").into());
        Ok(Sources {
            settings: SourceSettings {
                bases,
                lambda_key: self.lambda_key,
                simulated: simulated.map(str::to_owned),
            },
            ethereum_rpc: self.ethereum_rpc.or(played),
        })
    }
}

impl Sources {
    /// The connectors.
    pub(crate) fn connect(&self, http: &reqwest::Client, clock: &Arc<dyn Clock>) -> MarketSources {
        use secrecy::ExposeSecret as _;
        let rpc = self.ethereum_rpc.as_ref().map(|rpc| rpc.expose_secret());
        MarketSources {
            venues: http_sources(&self.settings, http, clock),
            feeds: http_feeds(self.settings.simulated.as_deref(), http, clock),
            checks: rpc.map_or_else(Vec::new, |rpc| ethereum_checks(rpc, http)),
        }
    }
}

fn base(text: &str) -> Result<(Venue, String), String> {
    let problem = || format!("NECTO_VENUE_URLS has “{text}”: write it like nosana=https://host.");
    let (venue, url) = text.trim().split_once('=').ok_or_else(problem)?;
    let venue: Venue = venue
        .parse()
        .map_err(|error| format!("NECTO_VENUE_URLS: {error}."))?;
    let uri: Uri = url.parse().map_err(|_| problem())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some() => {
            Ok((venue, url.trim_end_matches('/').to_owned()))
        }
        _ => Err(problem()),
    }
}

#[cfg(test)]
mod tests {
    use super::SourceOptions;

    fn options(urls: &[&str]) -> SourceOptions {
        SourceOptions {
            venue_url: urls.iter().map(|url| (*url).to_owned()).collect(),
            lambda_key: None,
            ethereum_rpc: None,
        }
    }

    #[test]
    fn venues_can_be_asked_elsewhere_but_not_while_they_are_played() {
        assert!(options(&["nosana=https://a.example/"]).check(None).is_ok());
        for (urls, says) in [
            ("nosana", "write it like"),
            ("nowhere=https://a.example", "there is no venue “nowhere”"),
            ("nosana=ftp://a.example", "write it like"),
        ] {
            let problem = options(&[urls]).check(None).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
        let sandbox = Some("http://127.0.0.1:4010");
        assert!(options(&[]).check(sandbox).is_ok());
        assert!(
            options(&["nosana=https://a.example"])
                .check(sandbox)
                .is_err()
        );
    }
}
