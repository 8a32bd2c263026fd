//! Sources of market prices: the options of `necto serve`, `offers` and `route`.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend::Storage;
use backend::adapters::host_probe::{SandboxProbe, TcpProbe};
use backend::adapters::listings::{ListingSettings, RpcListings};
use backend::adapters::price_sources::chain_feeds::ethereum_checks;
use backend::adapters::price_sources::token_feeds::http_feeds;
use backend::adapters::price_sources::{AwsCredentials, SourceSettings, SpotHistory, http_sources};
use backend::market::ListedProviders;
use backend::ports::{Clock, HostProbe, MarketSources, PriceHistory};
use domain::ids::Address;
use domain::offers::{Provenance, Venue};
use http::Uri;
use secrecy::SecretString;

/// Options for the sources of market prices.
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
    /// Id of an AWS access key that may call ec2:DescribeSpotPriceHistory: AWS Spot then has a day of
    /// prices at once.
    #[arg(long, env = "NECTO_AWS_KEY_ID", requires = "aws_secret")]
    aws_key_id: Option<String>,
    /// Secret of that AWS access key.
    #[arg(
        long,
        env = "NECTO_AWS_SECRET",
        hide_env_values = true,
        requires = "aws_key_id"
    )]
    aws_secret: Option<SecretString>,
    /// The session's token, for a key that is lent.
    #[arg(
        long,
        env = "NECTO_AWS_SESSION",
        hide_env_values = true,
        requires = "aws_key_id"
    )]
    aws_session: Option<SecretString>,
    /// A node of Ethereum, to compare token prices with Pyth and Chainlink. Without one they are
    /// shown as unverified.
    #[arg(long, env = "NECTO_ETHEREUM_RPC", hide_env_values = true)]
    ethereum_rpc: Option<SecretString>,
    /// The ProviderRegistry contract on the escrow's chain. Without one nobody lists with Necto.
    #[arg(long, env = "NECTO_REGISTRY_ADDRESS", value_name = "ADDRESS")]
    registry: Option<String>,
    /// The first block of that chain that can have a listing.
    #[arg(
        long,
        env = "NECTO_REGISTRY_BLOCK",
        value_name = "HEIGHT",
        default_value_t = 0
    )]
    registry_block: u64,
    /// Address below which descriptions of listed hardware are published: each at this address, a slash, its
    /// SHA-256 and `.json` (docs/listing.md).
    #[arg(long, env = "NECTO_LISTINGS_URL", value_name = "URL")]
    listings_url: Option<String>,
}

/// Validated sources.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    settings: SourceSettings,
    ethereum_rpc: Option<SecretString>,
    listings: Option<Listings>,
    aws: Option<AwsCredentials>,
}

/// The register on which sellers list themselves.
#[derive(Debug, Clone)]
struct Listings {
    registry: Address,
    first_block: u64,
    descriptions: String,
}

/// The chain that holds the register.
#[derive(Debug, Clone)]
pub(crate) struct RegisterChain {
    pub(crate) rpc_url: String,
    pub(crate) id: u64,
    pub(crate) confirmations: u64,
}

impl SourceOptions {
    /// Parses the options; `simulated` is the sandbox that simulates the outside world.
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
        let simulated_rpc = simulated.map(|sandbox| format!("{sandbox}/feeds/ethereum").into());
        let listings = self.listings(simulated)?;
        let aws = self.aws_key_id.zip(self.aws_secret);
        let aws = aws.map(|(key_id, secret)| AwsCredentials {
            key_id,
            secret,
            session_token: self.aws_session,
        });
        // Like EC2, the sandbox requires a key, but it accepts any.
        let simulated_aws = simulated.map(|_| AwsCredentials {
            key_id: "sandbox".to_owned(),
            secret: "sandbox".into(),
            session_token: None,
        });
        Ok(Sources {
            listings,
            aws: aws.or(simulated_aws),
            settings: SourceSettings {
                bases,
                lambda_key: self.lambda_key,
                simulated: simulated.map(str::to_owned),
            },
            ethereum_rpc: self.ethereum_rpc.or(simulated_rpc),
        })
    }

    fn listings(&self, simulated: Option<&str>) -> Result<Option<Listings>, String> {
        let Some(registry) = self.registry.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let registry = registry
            .parse()
            .map_err(|error| format!("NECTO_REGISTRY_ADDRESS: {error}."))?;
        let descriptions = match (&self.listings_url, simulated) {
            (Some(url), _) if is_web_address(url) => url.clone(),
            (Some(url), _) => {
                return Err(format!(
                    "NECTO_LISTINGS_URL is “{url}”: write it like https://host/listings."
                ));
            }
            (None, Some(sandbox)) => format!("{sandbox}/listings"),
            (None, None) => {
                return Err(
                    "NECTO_REGISTRY_ADDRESS is set: set NECTO_LISTINGS_URL too, the address \
                            that descriptions of listed hardware are published below."
                        .to_owned(),
                );
            }
        };
        Ok(Some(Listings {
            registry,
            first_block: self.registry_block,
            descriptions,
        }))
    }
}

impl Sources {
    /// Creates the connectors. Entries read from the register on `chain` are kept in `storage`.
    ///
    /// # Errors
    /// One sentence for the operator when the address of the chain's node is invalid.
    pub(crate) fn connect(
        &self,
        http: &reqwest::Client,
        clock: &Arc<dyn Clock>,
        chain: &RegisterChain,
        storage: Option<&Storage>,
    ) -> Result<MarketSources, String> {
        use secrecy::ExposeSecret as _;
        let rpc = self.ethereum_rpc.as_ref().map(|rpc| rpc.expose_secret());
        let mut venues = http_sources(&self.settings, http, clock);
        if let Some(listings) = &self.listings {
            let settings = ListingSettings {
                rpc_url: chain.rpc_url.clone(),
                chain_id: chain.id,
                registry: listings.registry,
                confirmations: chain.confirmations,
                descriptions: listings.descriptions.clone(),
            };
            venues.push(Arc::new(ListedProviders::new(
                Arc::new(RpcListings::connect(&settings, http.clone())?),
                format!("{}/{}", chain.id, listings.registry),
                listings.first_block,
                match self.settings.simulated {
                    Some(_) => Provenance::Simulated,
                    None => Provenance::Live,
                },
                storage.cloned(),
                Arc::clone(clock),
            )));
        }
        let simulated = &self.settings.simulated;
        let history = self
            .aws
            .clone()
            .map(|credentials| -> Arc<dyn PriceHistory> {
                Arc::new(SpotHistory::new(
                    credentials,
                    simulated.clone(),
                    http.clone(),
                    Arc::clone(clock),
                ))
            });
        let probe: Arc<dyn HostProbe> = match simulated {
            Some(sandbox) => Arc::new(SandboxProbe::new(sandbox.clone(), http.clone())),
            None => Arc::new(TcpProbe),
        };
        Ok(MarketSources {
            probe: Some(probe),
            histories: history.into_iter().collect(),
            venues,
            feeds: http_feeds(self.settings.simulated.as_deref(), http, clock),
            checks: rpc.map_or_else(Vec::new, |rpc| ethereum_checks(rpc, http)),
        })
    }
}

fn base(text: &str) -> Result<(Venue, String), String> {
    let problem = || format!("NECTO_VENUE_URLS has “{text}”: write it like nosana=https://host.");
    let (venue, url) = text.trim().split_once('=').ok_or_else(problem)?;
    let venue: Venue = venue
        .parse()
        .map_err(|error| format!("NECTO_VENUE_URLS: {error}."))?;
    if is_web_address(url) {
        Ok((venue, url.trim_end_matches('/').to_owned()))
    } else {
        Err(problem())
    }
}

fn is_web_address(url: &str) -> bool {
    let uri = url.parse::<Uri>();
    uri.is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
}

#[cfg(test)]
mod tests {
    use super::SourceOptions;

    fn options(urls: &[&str]) -> SourceOptions {
        SourceOptions {
            venue_url: urls.iter().map(|url| (*url).to_owned()).collect(),
            lambda_key: None,
            ethereum_rpc: None,
            aws_key_id: None,
            aws_secret: None,
            aws_session: None,
            registry: None,
            registry_block: 0,
            listings_url: None,
        }
    }

    #[test]
    fn a_register_needs_to_know_where_descriptions_are() {
        let register = |address: &str, url: Option<&str>| SourceOptions {
            registry: Some(address.to_owned()),
            listings_url: url.map(str::to_owned),
            ..options(&[])
        };
        let address = format!("0x{}", "1".repeat(40));
        let sandbox = Some("http://127.0.0.1:4010");
        assert!(register(&address, None).check(sandbox).is_ok());
        let published = Some("https://listings.example");
        assert!(register(&address, published).check(None).is_ok());
        for (register, says) in [
            (
                register("0x1", published),
                "NECTO_REGISTRY_ADDRESS: “1” is not an address",
            ),
            (register(&address, None), "set NECTO_LISTINGS_URL too"),
            (
                register(&address, Some("listings.example")),
                "write it like https://",
            ),
        ] {
            let problem = register.check(None).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }

    #[test]
    fn venues_can_be_asked_elsewhere_but_not_while_they_are_simulated() {
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
