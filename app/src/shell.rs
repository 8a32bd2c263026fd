//! The HTML document around the application, and its content security policy. On the server only.

mod about;
mod bundle;
mod policy;

use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use about::About;
use bundle::Hydration;
pub use policy::REPORTS as POLICY_REPORTS;

use crate::facts::ShellFacts;
use crate::root::App;
use crate::shape::ROOT;

/// Script that runs before the first paint, so that the chosen theme never flashes. It also contains
///
/// - the one dynamic import that the browser part needs: WASM cannot call `import()` itself under a policy
///   without `unsafe-eval`;
/// - the only policy of Trusted Types. The renderer creates static elements from constant markup; the policy
///   accepts markup in the form that the renderer writes, with nothing that runs, loads or sends. Everything
///   else throws.
const BOOT: &str = r#"(()=>{try{const t=localStorage.getItem("necto.theme");if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch{}window.nectoImport=u=>import(u);const inert=/^(?:[^<]|<!>|<!--[^<>]*-->|<\/[a-z][a-z0-9-]*>|<(?!(?:script|style|iframe|frame|object|embed|base|meta|link|template|math|foreignobject)\b)[a-z][a-z0-9-]*(?:\s+(?!on|style|srcdoc|formaction|action|(?:href|src|xlink:href)="(?!\/(?!\/)|#|https:\/\/))[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"]*")?)*\s*\/?>)*$/i;window.trustedTypes?.createPolicy("default",{createHTML:h=>inert.test(h)?h:null})})()"#;

/// Script that detects a crash of the application: after a panic its module cannot go on. A panic during
/// hydration reloads the page once and redraws it. After a later panic, the page says that it stopped, and
/// its handlers are disabled: links and forms then work as on a page without scripts.
const WATCH: &str = r#"(()=>{let stopped=false;
const ours=e=>e instanceof WebAssembly.RuntimeError&&/\/pkg\//.test(e.stack);
const woken=()=>document.getElementById("app")?.dataset.woken;
const again=()=>{try{if(woken()||sessionStorage.getItem("necto.again")===location.href)return false;sessionStorage.setItem("necto.again",location.href);sessionStorage.setItem("necto.anew","1")}catch{return false}location.reload();return true};
const stop=e=>{if(stopped||!ours(e))return;stopped=true;if(again())return;const say=()=>document.getElementById("stopped")?.removeAttribute("hidden");say();addEventListener("DOMContentLoaded",say)};
addEventListener("error",e=>stop(e.error));
addEventListener("unhandledrejection",e=>stop(e.reason));
for(const kind of["click","submit","input","change","keydown","popstate","focusin","focusout"])addEventListener(kind,e=>{if(stopped)e.stopImmediatePropagation()},true)})()"#;

/// The document of one response. Expects [`ShellFacts`] in context and sets the response's content security
/// policy.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let facts = use_context::<ShellFacts>().unwrap_or_default();
    let nonce = use_nonce();
    policy::send(&facts, nonce.as_deref());
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
                <Hydration options/>
                {wallet_script}
                <MetaTags/>
            </head>
            <body>
                <Stopped/>
                // The root is an element of its own, so that whatever extensions add to the body stays
                // outside.
                <div id=ROOT data-shape="">
                    <App/>
                </div>
            </body>
        </html>
    }
}

/// Message shown by [`WATCH`]. It is outside the application, which no longer works then.
#[component]
fn Stopped() -> impl IntoView {
    view! {
        <div id="stopped" class="notice" data-tone="bad" role="alert" hidden>
            <p>"This page stopped. Reload it to go on: your orders and your money are as they were."</p>
            <a class="button" href="">"Reload"</a>
        </div>
    }
}

/// Path of the requested page.
fn path() -> String {
    use_context::<http::request::Parts>()
        .map(|parts| parts.uri.path().to_owned())
        .unwrap_or_default()
}
