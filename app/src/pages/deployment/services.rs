//! The leased services, their readiness and their addresses.

use domain::deployment::Readiness;
use domain::journey::ServiceView;
use leptos::prelude::*;

use crate::components::figures::CopyButton;
use crate::components::icon::{Glyph, Icon};
use crate::components::web_address::is_web_address;
use crate::facts::ShellFacts;
use crate::live_order::LiveOrder;

/// The services with their addresses.
#[component]
pub(super) fn Services() -> impl IntoView {
    let live = LiveOrder::here();
    let services = live.part(|order| order.services.clone());
    let is_known = live.part(|order| order.readiness != Some(Readiness::Unknown));
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    view! {
        <section class="panel" data-testid="services">
            <header class="panel-head">
                <h2>"Services"</h2>
                {simulated.then(|| view! { <span class="tag">"Simulated"</span> })}
            </header>
            {move || {
                let (services, is_known) = (services.get(), is_known.get());
                if services.is_empty() {
                    view! { <p class="empty">"The provider has not reported its services yet."</p> }.into_any()
                } else {
                    view! { <ul class="services">{services.into_iter().map(|service| view! { <Service service is_known/> }).collect_view()}</ul> }.into_any()
                }
            }}
        </section>
    }
}

#[component]
fn Service(
    /// Service, as its provider reported it.
    service: ServiceView,
    /// `true` while the provider reports it; `false` if this is the last known report.
    is_known: bool,
) -> impl IntoView {
    let up = service.total > 0 && service.available >= service.total;
    let tone = match (is_known, up) {
        (false, _) => "neutral",
        (true, true) => "good",
        (true, false) => "busy",
    };
    let when = if is_known { "" } else { ", when last reported" };
    let address = |uri: String| {
        if is_web_address(&uri) {
            view! {
                <li>
                    <a href=uri.clone() target="_blank" rel="noopener noreferrer" data-testid="service-uri">{uri.clone()} <Icon glyph=Glyph::Outward/></a>
                    <CopyButton text=uri what="address"/>
                </li>
            }
            .into_any()
        } else {
            view! { <li class="mono">{uri}</li> }.into_any()
        }
    };
    view! {
        <li class="service">
            <p>
                <span class="dot" data-tone=tone></span>
                <strong>{service.name}</strong>
                <span class="dim">{format!("{} of {} ready{when}", service.available, service.total)}</span>
            </p>
            <ul>
                {service.uris.into_iter().map(address).collect_view()}
                {service.ports.into_iter().map(|port| view! { <li class="mono">{port}</li> }).collect_view()}
            </ul>
        </li>
    }
}
