//! Wires the parts together: the only place that knows which adapter serves which port.

use std::sync::Arc;
use std::time::Duration;

use backend::adapters::akash::{ConsoleMarket, ConsoleSettings};
use backend::adapters::escrow::{ChainSettings, RpcEscrowChain};
use backend::adapters::gemini::Gemini;
use backend::adapters::remembered_market::RememberedMarket;
use backend::adapters::template_repository::{TemplateRepository, TemplateRepositorySettings};
use backend::adapters::{clock, random::OsRandom, reach::PublicReach};
use backend::drafting::agent::{ModelInterpreter, Rules};
use backend::ports::{Clock, ComputeMarket, Interpreter, TemplateSource};
use backend::{Backend, ChainFacts, PollIntervals, Ports, Settings, Storage};
use domain::ids::Address;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::error::CommandError;
use crate::sources::RegisterChain;

/// Connects everything and checks that the node serves the configured chain.
pub(crate) async fn connect(
    config: &Config,
    stop: &CancellationToken,
) -> Result<Backend, CommandError> {
    let storage = Storage::open(
        config.database.url.expose_secret(),
        config.database.keys.clone(),
        config.running.migrations,
    )
    .await
    .map_err(|error| format!("Necto cannot start: {error}."))?;
    match storage.seal_what_is_clear().await? {
        0 => {}
        rows => tracing::info!(rows, "encrypted what lay in clear in the database"),
    }
    let chain = RpcEscrowChain::connect(ChainSettings {
        rpc_url: config.escrow.chain_rpc.clone(),
        chain_id: config.escrow.chain_id,
        escrow: config.escrow.contract,
        token: config.escrow.token,
        operator_key: config.escrow.operator_key.clone(),
        confirmations: config.escrow.confirmations,
    })
    .await
    .map_err(|error| format!("Necto cannot start: {error}."))?;
    let chain = Arc::new(chain);
    let payee = config.escrow.payee.unwrap_or_else(|| chain.operator());
    let http = http_client()?;
    let market = ConsoleMarket::connect(
        &ConsoleSettings {
            console_url: config.console.url.clone(),
            provider_proxy_url: config.console.provider_proxy_url.clone(),
            key: config.console.key.clone(),
        },
        http.clone(),
    )?;
    let clock: Arc<dyn Clock> = match &config.simulated {
        // One driver moves the sandbox's blocks, the chain's time and this clock together.
        Some(sandbox) => {
            clock::stepped(http.clone(), format!("{sandbox}/__sim/clock"), stop.clone())
        }
        None => clock::system(),
    };
    let interpreter = interpreter(config, &http, &clock);
    let register_chain = RegisterChain {
        rpc_url: config.escrow.chain_rpc.clone(),
        id: config.escrow.chain_id,
        confirmations: config.escrow.confirmations,
    };
    let ports = Ports {
        market: remembered(config, Arc::new(market), &clock),
        interpreter,
        offers: config
            .sources
            .connect(&http, &clock, &register_chain, Some(&storage))?,
        chain: chain.clone(),
        kept: chain.clone(),
        blocks: chain.clone(),
        operator: chain,
        reach: Arc::new(PublicReach::new(config.simulated.is_some())?),
        clock,
        random: Arc::new(OsRandom),
        templates: config.templates.clone().map(templates).transpose()?,
    };
    Ok(Backend::new(ports, storage, settings(config, payee)))
}

/// Caches Akash's public answers, except with the limits for tests, so that a test sees each answer as it is.
fn remembered(
    config: &Config,
    market: Arc<dyn ComputeMarket>,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn ComputeMarket> {
    if config.limits.are_for_tests() {
        return market;
    }
    Arc::new(RememberedMarket::new(market, Arc::clone(clock)))
}

/// Creates the community's template repository.
fn templates(
    settings: TemplateRepositorySettings,
) -> Result<Arc<dyn TemplateSource>, CommandError> {
    Ok(Arc::new(TemplateRepository::new(settings)?))
}

/// Returns the model if a key is set, otherwise the built-in rules.
fn interpreter(
    config: &Config,
    http: &reqwest::Client,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn Interpreter> {
    match &config.model {
        None => Arc::new(Rules),
        Some(model) => Arc::new(ModelInterpreter::new(Arc::new(Gemini::new(
            model.clone(),
            http.clone(),
            Arc::clone(clock),
            Arc::new(OsRandom),
        )))),
    }
}

fn settings(config: &Config, payee: Address) -> Settings {
    let simulated = config.simulated.is_some();
    let chain = if simulated {
        ChainFacts {
            name: "Necto local chain (simulated)".to_owned(),
            rpc_urls: config
                .escrow
                .chain_rpc
                .split(',')
                .map(str::to_owned)
                .collect(),
            explorer_url: None,
            gas_symbol: "ADI".to_owned(),
            faucet_url: None,
        }
    } else {
        ChainFacts {
            name: "ADI Network AB Testnet".to_owned(),
            rpc_urls: vec!["https://rpc.ab.testnet.adifoundation.ai/".to_owned()],
            explorer_url: Some("https://explorer.ab.testnet.adifoundation.ai".to_owned()),
            gas_symbol: "ADI".to_owned(),
            faucet_url: Some("http://faucet.ab.testnet.adifoundation.ai/".to_owned()),
        }
    };
    Settings {
        payee,
        heartbeat_window: config.escrow.heartbeat_window,
        fee_bps: config.escrow.fee_bps,
        confirmations: config.escrow.confirmations,
        public_origin: config.http.public_origin.clone(),
        console_deposit: config.console.deposit,
        chain,
        simulated,
        gas_drip: simulated,
        akash_rules: config.akash_rules.clone(),
        relay: config.exposure.relay,
        exposure: config.exposure.caps,
        least_deposit: config.exposure.least_deposit,
        poll: PollIntervals::default(),
        operators: config.operators.clone(),
        keep: config.database.keep,
        agent: config.agent_limits,
    }
}

/// The HTTP client for calls to outsiders. It follows no redirects, because its headers carry keys.
pub(crate) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("necto/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .build()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::response::Redirect;
    use axum::routing::get;

    #[tokio::test]
    async fn calls_outwards_follow_no_redirect() {
        let elsewhere = get(async || Redirect::temporary("/elsewhere"));
        let routes = Router::new()
            .route("/", elsewhere)
            .route("/elsewhere", get(async || "the key, please"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
        let answer = super::http_client()
            .unwrap()
            .get(format!("http://{address}/"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 307);
        serving.abort();
    }
}
