//! The application: the frame that all pages share, and the routes.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::components::account::HeaderBalance;
use crate::components::auto_sign_chip::AutoSign;
use crate::components::chain::Chain;
use crate::components::header::{Footer, Header};
use crate::components::raw_text::SiteTitle;
use crate::components::session::Session;
use crate::components::toast::{ToastRegion, Toasts};
use crate::facts::ShellFacts;
use crate::pages::{
    AutoSignPage, DeployPage, DeploymentPage, DeploymentsPage, MarketPage, NotFoundPage,
    RequestPage, SessionsPage, TemplatePage, TemplatesPage,
};
use crate::wallet::Wallet;

/// The application, identical on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // The server's facts travel with the page, so that both sides render the same.
    let facts = SharedValue::new(|| use_context::<ShellFacts>().unwrap_or_default()).into_inner();
    provide_context(facts);
    provide_context(Toasts::new());
    let chain = Chain::new();
    provide_context(chain);
    let wallet = Wallet::new();
    provide_context(wallet);
    HeaderBalance::provide(wallet, chain);
    let session = Session::new(wallet);
    provide_context(session);
    provide_context(AutoSign::follow(session));
    view! {
        <SiteTitle/>
        <Router>
            <a class="skip-link" href="#content">"Skip to content"</a>
            <Header/>
            <main id="content" tabindex="-1">
                <Routes fallback=NotFoundPage>
                    // Renders the whole page in one piece: it must work before WASM does, and an unknown
                    // order must answer 404.
                    <Route path=path!("/") view=RequestPage ssr=SsrMode::Async/>
                    <Route path=path!("/market") view=MarketPage ssr=SsrMode::Async/>
                    <Route path=path!("/templates") view=TemplatesPage ssr=SsrMode::Async/>
                    <Route path=path!("/templates/:id") view=TemplatePage ssr=SsrMode::Async/>
                    <Route path=path!("/deploy") view=DeployPage ssr=SsrMode::Async/>
                    <Route path=path!("/auto-sign") view=AutoSignPage ssr=SsrMode::Async/>
                    <Route path=path!("/sessions") view=SessionsPage ssr=SsrMode::Async/>
                    <Route path=path!("/deployments") view=DeploymentsPage ssr=SsrMode::Async/>
                    <Route path=path!("/deployments/:id") view=DeploymentPage ssr=SsrMode::Async/>
                </Routes>
            </main>
            <Footer/>
            <ToastRegion/>
        </Router>
    }
}
