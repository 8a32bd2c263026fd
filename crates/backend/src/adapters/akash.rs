//! [`ComputeMarket`] over the Console API client.

mod convert;
mod gateways;

use std::time::Duration;

use akash_client::{
    AccessScope, Client, Config, Error, NewDeployment, Pace, PricedSpec, ProviderToken,
    ScreeningAttribute, ScreeningPrice, ScreeningRequest, ScreeningRequirements, ScreeningResource,
    SignedBy, StreamEnd, StreamMode, StreamRequest, Timeouts, service_of_pod,
};
use async_trait::async_trait;
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::batch::ClusterNote;
use domain::money::Usd;
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::time::{Seconds, UnixSeconds};
use futures::StreamExt as _;
use gateways::{Gateways, doubts_access};
use secrecy::SecretString;

use crate::ports::{
    ComputeMarket, ComputeSpec, Created, Declared, Listed, LogStream, MarketError, MarketStatus,
    ScreenedProvider,
};

/// The Console's addresses and the operator's key.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// Root of the Console API.
    pub console_url: String,
    /// Root of the provider proxy, for log streams.
    pub provider_proxy_url: String,
    /// Key of the Console account.
    pub key: SecretString,
}

/// Akash, through the operator's Console account.
#[derive(Debug)]
pub struct ConsoleMarket {
    client: Client,
    gateways: Gateways,
}

/// Number of earlier log lines with which a stream begins.
const LOG_TAIL: u32 = 500;

/// Highest rate of calls with the account's key in this process, whatever runs.
const PACE: Pace = Pace {
    per_second: 20,
    burst: 40,
};

/// Maximum lag of Console's clock behind ours.
const CLOCKS_DIFFER: Seconds = Seconds(60);

/// Maximum number of a cluster's events that are read.
const NOTES: usize = 1_000;

/// Time limit for reading them.
const NOTES_WITHIN: Duration = Duration::from_secs(10);

impl ConsoleMarket {
    /// Sets up the connection without sending anything.
    ///
    /// # Errors
    /// A sentence for the operator if an address is invalid.
    pub fn connect(settings: &ConsoleSettings, http: reqwest::Client) -> Result<Self, String> {
        let proxy = &settings.provider_proxy_url;
        let config = Config {
            base_url: url("the Console API's address", &settings.console_url)?,
            provider_proxy_url: url("the provider proxy's address", proxy)?,
            api_key: Some(settings.key.clone()),
            timeouts: Timeouts::default(),
            pace: Some(PACE),
        };
        Ok(Self {
            client: Client::new(config, http),
            gateways: Gateways::default(),
        })
    }
}

impl ConsoleMarket {
    /// Returns the parameters for requesting a provider's stream of a lease.
    async fn stream(
        &self,
        lease: &LeaseId,
        services: &[String],
        scope: AccessScope,
        mode: StreamMode,
    ) -> Result<(StreamRequest, ProviderToken), MarketError> {
        let provider = &lease.provider;
        let access = self.gateways.access(&self.client, provider, scope).await?;
        let request = StreamRequest {
            lease: lease.clone(),
            host_uri: access.host_uri,
            services: services.to_vec(),
            tail: (scope == AccessScope::Logs).then_some(LOG_TAIL),
            mode,
        };
        Ok((request, access.token))
    }
}

fn url(what: &str, text: &str) -> Result<reqwest::Url, String> {
    text.parse()
        .map_err(|error| format!("{what} “{text}” is no address: {error}"))
}

#[async_trait]
impl ComputeMarket for ConsoleMarket {
    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError> {
        let prices = self.client.gpu_prices().await?;
        Ok(prices.models.iter().map(convert::gpu_price).collect())
    }

    async fn compute_price(&self, spec: ComputeSpec) -> Result<Usd, MarketError> {
        let spec = PricedSpec {
            cpu: spec.cpu.0,
            memory: spec.memory.0,
            storage: spec.storage.0,
        };
        let answer = self.client.pricing(&[spec]).await?;
        let priced = answer
            .first()
            .ok_or_else(|| MarketError::Unavailable("no price in the answer".to_owned()))?;
        convert::usd(&priced.akash)
            .ok_or_else(|| MarketError::Unavailable(format!("“{}” is not a price", priced.akash)))
    }

    async fn screen(
        &self,
        groups: &[sdl::GroupSpec],
        region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError> {
        let mut fitting: Option<Vec<ScreenedProvider>> = None;
        for group in groups {
            let screening = self.client.bid_screening(&screening_request(group)).await?;
            let passed: Vec<ScreenedProvider> = screening
                .providers
                .into_iter()
                .map(convert::screened)
                .filter(|provider| provider.audited && in_region(provider, region))
                .collect();
            fitting = Some(match fitting {
                None => passed,
                Some(before) => before
                    .into_iter()
                    .filter(|one| passed.iter().any(|other| other.address == one.address))
                    .collect(),
            });
        }
        Ok(fitting.unwrap_or_default())
    }

    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.client.providers(addresses).await?;
        Ok(found.iter().map(convert::provider).collect())
    }

    async fn gateway(&self, provider: &ProviderAddress) -> Result<String, MarketError> {
        Ok(self.client.provider(provider).await?.host_uri)
    }

    async fn declared(&self) -> Result<Declared, MarketError> {
        Ok(convert::declared(&self.client.providers(&[]).await?))
    }

    async fn create(
        &self,
        sdl: &str,
        name: &str,
        deposit: Usd,
        runtime_limit_hours: Option<u32>,
    ) -> Result<Created, MarketError> {
        let request = NewDeployment {
            sdl: sdl.to_owned(),
            deposit,
            name: Some(name.to_owned()),
            runtime_limit_hours,
        };
        let created = self.client.create_deployment(&request).await?;
        Ok(Created {
            dseq: created.dseq,
            manifest: created.manifest,
        })
    }

    async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), MarketError> {
        self.client.limit_runtime(dseq, hours).await?;
        Ok(())
    }

    async fn find(
        &self,
        name: &str,
        sdl: &str,
        since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError> {
        let derived =
            sdl::derive(sdl, sdl::Dialect::Console).map_err(|_| MarketError::Refused {
                message: "the SDL of the deployment cannot be read".to_owned(),
            })?;
        let hash = convert::base64(&derived.manifest.hash());
        let all = self.client.list_all_deployments().await?;
        let live = all
            .iter()
            .filter(|one| one.deployment.state == akash_client::DeploymentState::Active);
        // A dseq is the time of creation in milliseconds by Console's clock, which may differ
        // slightly from ours.
        let earliest = since.0.saturating_sub(CLOCKS_DIFFER.0).saturating_mul(1000);
        let found = live.into_iter().find(|one| match &one.name {
            Some(found) => found == name,
            None => one.deployment.hash == hash && one.deployment.id.dseq.number() >= earliest,
        });
        Ok(found.map(|one| Created {
            dseq: one.deployment.id.dseq,
            manifest: derived.manifest.sorted_json(),
        }))
    }

    async fn list(&self) -> Result<Vec<Listed>, MarketError> {
        let all = self.client.list_all_deployments().await?;
        Ok(all
            .into_iter()
            .map(|one| Listed {
                dseq: one.deployment.id.dseq,
                has_ended_lease: one
                    .leases
                    .iter()
                    .any(|lease| lease.state != akash_client::LeaseState::Active),
                name: one.name,
                state: convert::deployment_state(one.deployment.state),
                created_at: Some(UnixSeconds(one.deployment.id.dseq.number() / 1000)),
            })
            .collect())
    }

    async fn bids(&self, dseq: Dseq) -> Result<Vec<Bid>, MarketError> {
        let bids = self.client.bids(dseq).await?;
        Ok(bids
            .iter()
            .filter_map(|one| convert::bid(&one.bid))
            .collect())
    }

    async fn lease(&self, _dseq: Dseq, manifest: &str, bids: &[BidId]) -> Result<(), MarketError> {
        self.client.create_lease(manifest, bids).await?;
        Ok(())
    }

    async fn update(&self, dseq: Dseq, sdl: &str) -> Result<(), MarketError> {
        self.client.update_deployment(dseq, sdl).await?;
        Ok(())
    }

    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError> {
        let found = self.client.get_deployment(dseq).await?;
        Ok(convert::status(found))
    }

    async fn balance(&self) -> Result<Usd, MarketError> {
        let balances = self.client.balances().await?;
        // In millionths of a dollar, with more decimals than are needed here.
        let micros = balances.balance.as_str().split('.').next();
        micros
            .and_then(|micros| micros.parse().ok())
            .map(Usd::from_micros)
            .ok_or_else(|| MarketError::Unavailable("the balance is not a number".to_owned()))
    }

    async fn close(&self, dseq: Dseq) -> Result<(), MarketError> {
        match self.client.close_deployment(dseq).await {
            Ok(()) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn notes(
        &self,
        lease: &LeaseId,
        services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError> {
        let (request, token) = self
            .stream(lease, services, AccessScope::Events, StreamMode::Snapshot)
            .await?;
        let mut frames = self.client.follow_events(request, token).boxed();
        let mut notes = Vec::new();
        let whole = async {
            while let Some(frame) = frames.next().await {
                match frame {
                    Ok(frame) => {
                        notes.extend(service_of_pod(&frame.object.name, services).map(|service| {
                            ClusterNote {
                                service: service.to_owned(),
                                reason: frame.reason,
                            }
                        }))
                    }
                    Err(StreamEnd::Finished) => return Ok(()),
                    Err(end) => {
                        if doubts_access(&end, !notes.is_empty()) {
                            self.gateways.failed(&lease.provider, AccessScope::Events);
                        }
                        return Err(MarketError::Unavailable(end.to_string()));
                    }
                }
                if notes.len() >= NOTES {
                    return Ok(());
                }
            }
            Ok(())
        };
        tokio::time::timeout(NOTES_WITHIN, whole)
            .await
            .map_err(|_| {
                MarketError::Unavailable("the provider's events took too long".into())
            })??;
        Ok(notes)
    }

    async fn logs(&self, lease: &LeaseId, services: &[String]) -> Result<LogStream, MarketError> {
        let (request, token) = self
            .stream(lease, services, AccessScope::Logs, StreamMode::Follow)
            .await?;
        let (services, provider) = (services.to_vec(), lease.provider.clone());
        let (gateways, mut has_worked) = (self.gateways.clone(), false);
        let frames = self.client.follow_logs(request, token);
        Ok(frames
            .map(move |frame| match frame {
                Ok(frame) => {
                    has_worked = true;
                    let service = service_of_pod(&frame.pod, &services).unwrap_or(&frame.pod);
                    Ok((service.to_owned(), frame.message))
                }
                Err(end) => {
                    if doubts_access(&end, has_worked) {
                        gateways.failed(&provider, AccessScope::Logs);
                    }
                    Err(MarketError::Unavailable(end.to_string()))
                }
            })
            .boxed())
    }
}

fn in_region(provider: &ScreenedProvider, region: Option<Region>) -> bool {
    region.is_none_or(|wanted| {
        provider
            .region
            .as_deref()
            .is_some_and(|declared| wanted.contains(declared))
    })
}

fn screening_request(group: &sdl::GroupSpec) -> ScreeningRequest {
    ScreeningRequest {
        requirements: ScreeningRequirements {
            signed_by: SignedBy {
                all_of: group.signed_by.all_of.clone().unwrap_or_default(),
                any_of: group.signed_by.any_of.clone().unwrap_or_default(),
            },
            attributes: group
                .attributes
                .iter()
                .map(|attribute| ScreeningAttribute {
                    key: attribute.key.clone(),
                    value: attribute.value.clone(),
                })
                .collect(),
        },
        resources: group
            .resources
            .iter()
            .map(|unit| ScreeningResource {
                resource: convert::screening_resource(unit),
                count: unit.count,
                price: ScreeningPrice {
                    denom: "uact".to_owned(),
                    amount: convert::whole_uact(unit.price.atto).to_string(),
                },
            })
            .collect(),
        timezone: "Etc/UTC".to_owned(),
        reclamation_window: None,
    }
}
