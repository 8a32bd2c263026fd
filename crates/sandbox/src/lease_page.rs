//! Pages for people: the page of a simulated lease, and the sandbox's own front page.

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use html_escape::encode_text;

use crate::api::struck::no_answer;
use crate::state::Shared;
use crate::workload::Workload;
use crate::world::{Deployment, World};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#14181f;--soft:#5a6472;--paper:#f6f7f9;--card:#fff;--line:#dde1e7;--mark:#8a4b00;--mark-bg:#fff1dc}\
@media(prefers-color-scheme:dark){:root{--ink:#e9edf2;--soft:#9aa5b3;--paper:#101318;--card:#181c23;--line:#2a303a;--mark:#ffc97a;--mark-bg:#3a2a10}}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}\
main{width:min(34rem,100%);background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.75rem}\
h1{margin:.75rem 0 .25rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}p{margin:.5rem 0;color:var(--soft)}\
.mark{display:inline-block;padding:.15rem .6rem;border-radius:99px;background:var(--mark-bg);color:var(--mark);font-size:.85rem;font-weight:600}\
dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;margin:1.25rem 0 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}";

/// `GET /__lease/{dseq}/{service}/…`: any path of the simulated service.
pub(crate) async fn page_below(
    state: State<Shared>,
    Path((dseq, service, _)): Path<(u64, String, String)>,
) -> Response {
    page(state, Path((dseq, service))).await
}

/// `GET /__lease/{dseq}/{service}/`
pub(crate) async fn page(
    State(shared): State<Shared>,
    Path((dseq, service)): Path<(u64, String)>,
) -> Response {
    let found = shared.look(|world, now| {
        if is_at_dead_provider(world, dseq) {
            return Some(None);
        }
        let deployment = world.deployments.get(&dseq)?;
        let position = |group: &Vec<crate::definition::ServiceSpec>| {
            group.iter().position(|spec| spec.name == service)
        };
        let (group, number) = deployment
            .definition
            .services
            .iter()
            .enumerate()
            .find_map(|(group, services)| Some((group, position(services)?)))?;
        let spec = &deployment.definition.services[group][number];
        let workload = Workload::of(world, deployment, group)
            .or_else(|| Workload::left_over(world, deployment, group, now.sim_ms));
        let answers = workload
            .filter(|_| spec.web)
            .and_then(|workload| Some((workload.answers_from(spec)?, workload.lease)))
            .filter(|(from, _)| *from <= now.sim_ms || deployment.generation > 1)
            .map(|(_, lease)| lease.provider.clone());
        let provider = answers.map(|address| {
            let listed = world.provider(&address);
            listed.map_or(address.clone(), |provider| {
                format!("{} ({})", provider.organization, provider.city)
            })
        });
        Some(Some(render(deployment, &service, &spec.image, provider)))
    });
    // If the provider is gone, nothing can answer.
    if matches!(found, Some(None)) {
        return no_answer();
    }
    let (status, body) = found.flatten().unwrap_or_else(|| {
        let text = "No simulated deployment has this address.";
        (StatusCode::NOT_FOUND, document("Not found", text, &[]))
    });
    answer(status, body)
}

/// Whether the deployment runs on a provider that does not answer.
fn is_at_dead_provider(world: &World, dseq: u64) -> bool {
    let running = world.deployments.get(&dseq).map(Deployment::running);
    running.into_iter().flatten().any(|(_, lease)| {
        let provider = world.provider(&lease.provider);
        provider.is_some_and(|provider| !world.is_online(provider))
    })
}

fn render(
    deployment: &Deployment,
    service: &str,
    image: &str,
    provider: Option<String>,
) -> (StatusCode, String) {
    let dseq = deployment.dseq.to_string();
    match provider {
        Some(provider) => {
            let facts = [
                ("Service", service),
                ("Image", image),
                ("Provider", &provider),
                ("Deployment", &dseq),
            ];
            let text = "This page stands in for the service. No container runs: deployment, provider and \
                logs are simulated on this machine.";
            (
                StatusCode::OK,
                document(&format!("{service} is running"), text, &facts),
            )
        }
        None => {
            let text = if deployment.is_active() {
                "The simulated service does not answer yet. Reload in a few seconds."
            } else {
                "This simulated deployment is closed."
            };
            let facts = [("Service", service), ("Deployment", dseq.as_str())];
            let title = format!("{service} is not running");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                document(&title, text, &facts),
            )
        }
    }
}

/// Returns the page at the root, for people who open the sandbox in a browser.
pub(crate) fn front_page(shared: &Shared) -> String {
    let (active, height) = shared.look(|world, now| {
        let active = world.deployments.values().filter(|d| d.is_active()).count();
        (active.to_string(), world.height(now).to_string())
    });
    let text = "This program simulates the outside world on this machine: the Akash Console, providers and \
        their gateways, and a demo wallet. Nothing here is real.";
    let facts = [
        ("Live deployments", active.as_str()),
        ("Block height", &height),
    ];
    document("Necto sandbox", text, &facts)
}

fn answer(status: StatusCode, body: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *; base-uri 'none'; form-action 'none'";
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, Html(body)).into_response()
}

/// Builds a page. All texts are escaped: service names and images are the buyer's own.
fn document(title: &str, text: &str, facts: &[(&str, &str)]) -> String {
    let facts: String = facts
        .iter()
        .map(|(name, value)| {
            let (name, value) = (encode_text(name), encode_text(value));
            format!("<dt>{name}</dt><dd>{value}</dd>")
        })
        .collect();
    let (title, text) = (encode_text(title), encode_text(text));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
        <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
        <title>{title} – Simulated</title><style>{STYLE}</style></head>\
        <body><main><span class=\"mark\">Simulated</span><h1>{title}</h1><p>{text}</p><dl>{facts}</dl></main></body></html>"
    )
}
