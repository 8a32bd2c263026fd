//! `/operator`: shows what is stuck, and the two actions that an operator can take. It is a view like the
//! other pages, but rendered to plain HTML that works without scripts: it is needed when something is broken,
//! and no visitor's first page should carry its code.

#![expect(
    unreachable_pub,
    reason = "the component macro writes `pub` for all it generates, whatever the component says"
)]

mod exposure;
mod facts;
mod sections;

use axum::Extension;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use backend::usecases;
use backend::{Backend, UsecaseError, Visitor};
use domain::ids::OrderId;
use leptos::prelude::*;
use sections::Sections;
use serde::Deserialize;

use super::status::status_of;

/// Allows only our own stylesheet and fonts, and forms that submit to this server.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// The site's design tokens, followed by this page's own rules.
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("operator.css")
);

/// Serves the stylesheet of the operator's page.
pub(super) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// Serves the operator's page; refuses visitors who are not operators.
pub(super) async fn page(
    State(backend): State<Backend>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    match usecases::operator_sight(&backend, &visitor).await {
        Ok((sight, outside)) => document(StatusCode::OK, move || {
            view! { <Sections sight outside/> }
        }),
        Err(error) => refused(&error),
    }
}

/// Form of an operator's decision.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    order: OrderId,
    note: String,
}

/// Resumes an order.
pub(super) async fn resume(
    State(backend): State<Backend>,
    Extension(visitor): Extension<Visitor>,
    Form(decision): Form<Decision>,
) -> Response {
    let note = &decision.note;
    match usecases::resume_order(&backend, &visitor, decision.order, note).await {
        Ok(()) => Redirect::to("/operator").into_response(),
        Err(error) => refused(&error),
    }
}

/// Form that names the job to retry.
#[derive(Debug, Deserialize)]
pub(super) struct Retry {
    job: String,
}

/// Retries a job.
pub(super) async fn retry(
    State(backend): State<Backend>,
    Extension(visitor): Extension<Visitor>,
    Form(wish): Form<Retry>,
) -> Response {
    match usecases::retry_job(&backend, &visitor, &wish.job).await {
        Ok(()) => Redirect::to("/operator").into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &UsecaseError) -> Response {
    if let UsecaseError::Internal(source) = error {
        tracing::error!(error = source, "the operator's page failed");
    }
    let sentence = error.to_string();
    document(status_of(error), move || {
        view! {
            <p>{sentence}</p>
            <p>
                "Connect an operator’s wallet and sign in on "<a href="/deployments">"Deployments"</a>
                ", then come back. Or go to the "<a href="/">"home page"</a>"."
            </p>
        }
    })
}

/// The complete HTML document around the page's content.
fn document<V: IntoView>(status: StatusCode, main: impl FnOnce() -> V) -> Response {
    let page = html(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <title>"Operator · Necto"</title>
                    <link rel="stylesheet" href="/operator.css"/>
                </head>
                <body>
                    <header>
                        <a href="/">"Necto"</a>
                    </header>
                    <main>
                        <h1>"Operator"</h1>
                        {main()}
                    </main>
                </body>
            </html>
        }
    });
    (
        status,
        [
            (CONTENT_SECURITY_POLICY, POLICY),
            (CACHE_CONTROL, "no-store"),
        ],
        Html(page),
    )
        .into_response()
}

/// Marker that the renderer writes for hydration. It cannot occur in text, which is escaped.
const HYDRATION_MARK: &str = "<!>";

/// Renders a view to HTML without hydration markers. The renderer escapes text.
fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let html = Owner::new().with(|| view().into_view().to_html());
    html.replace(HYDRATION_MARK, "")
}

#[cfg(test)]
pub(super) mod tests {
    pub(in crate::http) use super::exposure::tests::nothing;
    use backend::storage::jobs::Troubled;
    use backend::usecases::{Lies, Outside, Sight, StrayMoney};
    use domain::ids::{Address, TxHash};
    use domain::money::Usd;

    use super::html;
    use super::sections::{Sections, SectionsProps};

    #[test]
    fn what_outsiders_said_is_shown_as_text() {
        let sight = Sight {
            orders: Vec::new(),
            jobs_due: 0,
            oldest_due_ms: 0,
            troubled: vec![Troubled {
                id: "drive:\"><script>".to_owned(),
                attempts: 4,
                last_error: Some("<img src=x onerror=alert(1)>".to_owned()),
                dead: false,
            }],
            stuck: Vec::new(),
            strayed: vec![StrayMoney {
                tx: TxHash::from_bytes([1; 32]),
                from: Address::from_bytes([2; 20]),
                amount: "7 <units>".to_owned(),
                order: None,
                lies: Lies::InTheContract,
            }],
            followed: None,
            exposure: nothing(),
        };
        let outside = Outside {
            balance: Ok(Usd::from_micros(1_000_000)),
            head: Err("<b>502</b>".to_owned()),
        };
        let html = html(|| Sections(SectionsProps { sight, outside }));
        for raw in ["<script", "<img", "<b>", "<units>"] {
            assert!(!html.contains(raw), "{raw} in {html}");
        }
        assert!(html.contains("add money soon"), "{html}");
        assert!(html.contains("failed 4 times in a row"), "{html}");
    }
}
