//! `/operator`: what is stuck, and the two things an operator can do about it. Plain HTML that works without
//! scripts, because it is looked at when something is broken, and so that no visitor's first page carries it.

mod exposure;

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use backend::usecases::{self, Lies, Outside, Sight};
use backend::{Backend, UsecaseError, Visitor};
use domain::ids::OrderId;
use domain::time::iso_8601;
use serde::Deserialize;

/// Only its own stylesheet and fonts, and forms that stay here.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// The site's colours and sizes, and what this page makes of them.
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("operator.css")
);

/// Below this the account opens no more than a few deployments.
const LOW_BALANCE_MICRO_USD: u64 = 5_000_000;

/// The stylesheet of the operator's page.
pub(super) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// The operator's page, or a refusal for visitors who are no operators.
pub(super) async fn page(
    State(backend): State<Backend>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    match usecases::operator_sight(&backend, &visitor).await {
        Ok((sight, outside)) => shown(StatusCode::OK, &overview(&sight, &outside)),
        Err(error) => refused(&error),
    }
}

/// What an operator decided.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    order: OrderId,
    note: String,
}

/// Lets an order go on.
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

/// Which job to try again.
#[derive(Debug, Deserialize)]
pub(super) struct Retry {
    job: String,
}

/// Tries a job again.
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
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = format!(
        "<p>{}</p><p>Connect an operator’s wallet and sign in on <a href=\"/deployments\">Deployments</a>, then \
         come back. Or go to the <a href=\"/\">home page</a>.</p>",
        escaped(&error.to_string())
    );
    shown(status, &body)
}

fn shown(status: StatusCode, body: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Operator · Necto</title><link rel=\"stylesheet\" href=\"/operator.css\"></head>\
         <body><header><a href=\"/\">Necto</a></header><main><h1>Operator</h1>{body}</main></body></html>"
    );
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

fn overview(sight: &Sight, outside: &Outside) -> String {
    let mut html = String::new();
    push(&mut html, "<section><h2>Outside</h2><dl>");
    let (balance, low) = match &outside.balance {
        Ok(usd) if usd.micros() < LOW_BALANCE_MICRO_USD => {
            (format!("${usd}: add money soon"), true)
        }
        Ok(usd) => (format!("${usd}"), false),
        Err(error) => (format!("degraded: {error}"), true),
    };
    fact(&mut html, "Console account", &balance, low);
    let (head, away) = match &outside.head {
        Ok((number, _)) => (format!("block {number}"), false),
        Err(error) => (format!("degraded: {error}"), true),
    };
    fact(&mut html, "Chain", &head, away);
    let followed = match sight.followed {
        Some((block, _)) => format!("block {block}"),
        None => "nothing yet".to_owned(),
    };
    fact(
        &mut html,
        "Followed to",
        &followed,
        sight.followed.is_none(),
    );
    let due = format!(
        "{} due, the oldest for {} s",
        sight.jobs_due,
        sight.oldest_due_ms / 1000
    );
    fact(&mut html, "Queue", &due, sight.oldest_due_ms > 60_000);
    push(&mut html, "</dl></section>");
    html.push_str(&exposure::section(&sight.exposure));

    push(&mut html, "<section><h2>Money nobody waits for</h2>");
    if sight.strayed.is_empty() {
        push(&mut html, "<p>None.</p>");
    }
    for stray in &sight.strayed {
        let (amount, tx, from) = (escaped(&stray.amount), stray.tx, stray.from);
        let fate = match stray.lies {
            Lies::OnItsWayBack => "goes back through the contract",
            Lies::WithItsBuyer => {
                "lies in an escrow that you do not end: whoever paid it can take it back there"
            }
            Lies::InTheContract => {
                "was sent without a call and stays in the contract: make it good from your own account"
            }
            Lies::Claimed => {
                "is what a log says, and any contract can write one: believe it once you see the balance"
            }
        };
        let order = stray.order.map_or_else(
            || "no order of this database".to_owned(),
            |order| format!("order {order}"),
        );
        push(
            &mut html,
            &format!(
                "<article><h3>{amount}</h3><p>From {from}, {order}: {fate}. Transaction {tx}.</p></article>"
            ),
        );
    }
    push(&mut html, "</section><section><h2>Stuck orders</h2>");
    if sight.stuck.is_empty() {
        push(&mut html, "<p>None.</p>");
    }
    for order in &sight.stuck {
        let (id, cause) = (order.id, escaped(&order.cause));
        let state = escaped(&order.state.replace('_', " "));
        let since = iso_8601(order.since);
        push(
            &mut html,
            &format!(
                "<article><h3>{id}</h3><p>{cause}</p><p class=\"dim\">{state} since {since}</p>"
            ),
        );
        if order.needs_decision {
            push(
                &mut html,
                &format!(
                    "<form method=\"post\" action=\"/operator/resume\">\
                     <input type=\"hidden\" name=\"order\" value=\"{id}\">\
                     <label>Why it may go on; the buyer reads it \
                     <input name=\"note\" required maxlength=\"1000\"></label>\
                     <button>Let it go on</button></form>"
                ),
            );
        }
        push(&mut html, "</article>");
    }
    push(&mut html, "</section><section><h2>Jobs that fail</h2>");
    if sight.troubled.is_empty() {
        push(&mut html, "<p>None.</p>");
    }
    for job in &sight.troubled {
        let id = escaped(&job.id);
        let error = escaped(job.last_error.as_deref().unwrap_or("no error was noted"));
        let fate = if job.dead {
            "given up".to_owned()
        } else {
            format!("failed {} times in a row", job.attempts)
        };
        push(
            &mut html,
            &format!(
                "<article><h3>{id}</h3><p>{fate}: {error}</p>\
                 <form method=\"post\" action=\"/operator/retry\">\
                 <input type=\"hidden\" name=\"job\" value=\"{id}\">\
                 <button>Try again now</button></form></article>"
            ),
        );
    }
    push(&mut html, "</section><section><h2>Orders</h2><dl>");
    for (state, number) in &sight.orders {
        fact(
            &mut html,
            &state.replace('_', " "),
            &number.to_string(),
            false,
        );
    }
    push(&mut html, "</dl></section>");
    html
}

fn fact(html: &mut String, name: &str, value: &str, bad: bool) {
    let class = if bad { " class=\"bad\"" } else { "" };
    write!(
        html,
        "<dt>{}</dt><dd{class}>{}</dd>",
        escaped(name),
        escaped(value)
    )
    .expect("writing to a string does not fail");
}

fn push(html: &mut String, text: &str) {
    html.push_str(text);
}

/// Text from outside as text inside HTML, attributes included.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
pub(super) mod tests {
    pub(in crate::http) use super::exposure::tests::nothing;
    use backend::storage::jobs::Troubled;
    use backend::usecases::{Lies, Outside, Sight, StrayMoney};
    use domain::ids::{Address, TxHash};
    use domain::money::Usd;

    use super::overview;

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
        let html = overview(&sight, &outside);
        for raw in ["<script", "<img", "<b>", "<units>"] {
            assert!(!html.contains(raw), "{raw} in {html}");
        }
        assert!(html.contains("add money soon"), "{html}");
        assert!(html.contains("failed 4 times in a row"), "{html}");
    }
}
