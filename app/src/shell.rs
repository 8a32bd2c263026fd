//! The HTML document around the application, and the policy it is served under.

mod about;

use leptos::config::LeptosOptions;
use leptos::hydration::{AutoReload, HydrationScripts};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};
use serde::{Deserialize, Serialize};

use about::About;

use crate::root::App;
use crate::shape::ROOT;

/// What the document must know of the server it comes from. The server provides it as context.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShellFacts {
    /// Set in a simulated run: every page says so.
    pub simulated: Option<Simulated>,
    /// Where the world finds this server, `https://necto.example`.
    pub origin: String,
}

/// Where the simulated outside world is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// Its origin, `http://127.0.0.1:4010`: allowed in the content security policy.
    pub sandbox_origin: String,
    /// Address of the demo wallet's script; `{sandbox_origin}/wallet/demo.js`.
    pub wallet_script: String,
}

/// Runs before the first paint, so that the chosen theme never flashes. It also holds the one
/// dynamic import the browser part needs: WASM cannot say `import()` itself under a policy without
/// `unsafe-eval`.
const BOOT: &str = r#"(()=>{try{const t=localStorage.getItem("necto.theme");if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch{}window.nectoImport=u=>import(u)})()"#;

/// Watches for the end of the application: after a panic its module cannot go on. If that happens while the page wakes
/// up, it is loaded once more and drawn anew. If it happens later, the page says that it stopped, and none of its
/// handlers runs any more: its links and forms are those of a page without scripts.
const WATCH: &str = r#"(()=>{let stopped=false;
const ours=e=>e instanceof WebAssembly.RuntimeError&&/\/pkg\//.test(e.stack);
const woken=()=>document.getElementById("app")?.dataset.woken;
const again=()=>{try{if(woken()||sessionStorage.getItem("necto.again")===location.href)return false;sessionStorage.setItem("necto.again",location.href);sessionStorage.setItem("necto.anew","1")}catch{return false}location.reload();return true};
const stop=e=>{if(stopped||!ours(e))return;stopped=true;if(again())return;const say=()=>document.getElementById("stopped")?.removeAttribute("hidden");say();addEventListener("DOMContentLoaded",say)};
addEventListener("error",e=>stop(e.error));
addEventListener("unhandledrejection",e=>stop(e.reason));
for(const kind of["click","submit","input","change","keydown","popstate","focusin","focusout"])addEventListener(kind,e=>{if(stopped)e.stopImmediatePropagation()},true)})()"#;

/// The document for one response. Expects [`ShellFacts`] in context and sets the response's
/// content security policy.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let facts = use_context::<ShellFacts>().unwrap_or_default();
    let nonce = use_nonce();
    #[cfg(feature = "ssr")]
    ssr::send_policy(&facts, nonce.as_deref());
    let wallet_script = facts.simulated.clone().map(
        |simulated| view! { <script src=simulated.wallet_script nonce=use_nonce() defer></script> },
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <script nonce=nonce.clone()>{BOOT}</script>
                <script nonce=nonce>{WATCH}</script>
                <About path=path() origin=facts.origin.clone()/>
                <link rel="preload" href="/fonts/necto-sans-400.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <HashedStylesheet id="necto-style" options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                {wallet_script}
                <MetaTags/>
            </head>
            <body>
                <Stopped/>
                // An element of its own: what extensions put into the body is beside it.
                <div id=ROOT data-shape="">
                    <App/>
                </div>
            </body>
        </html>
    }
}

#[cfg(feature = "ssr")]
use ssr::path;

/// Only a server writes documents.
#[cfg(not(feature = "ssr"))]
const fn path() -> String {
    String::new()
}

/// Shown by [`WATCH`]; outside of the application, which is not there any more then.
#[component]
fn Stopped() -> impl IntoView {
    view! {
        <div id="stopped" class="notice" data-tone="bad" role="alert" hidden>
            <p>"This page stopped. Reload it to go on: your orders and your money are as they were."</p>
            <a class="button" href="">"Reload"</a>
        </div>
    }
}

#[cfg(feature = "ssr")]
mod ssr {
    use http::{HeaderValue, header};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::ShellFacts;

    /// The path of the page that was asked for.
    pub(super) fn path() -> String {
        use_context::<http::request::Parts>()
            .map(|parts| parts.uri.path().to_owned())
            .unwrap_or_default()
    }

    /// Sends the policy of a page. Responses that render no page get a stricter one from the
    /// server's outer layer, which leaves this one alone.
    pub(super) fn send_policy(facts: &ShellFacts, nonce: Option<&str>) {
        let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), nonce) else {
            return;
        };
        let sandbox = facts
            .simulated
            .as_ref()
            .map(|simulated| format!(" {}", simulated.sandbox_origin))
            .unwrap_or_default();
        let policy = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'{sandbox}; \
             style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'{sandbox}; form-action 'self'; object-src 'none'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy)
            .expect("an origin that was parsed as an address and a base64 nonce are visible ASCII");
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
