//! The sections of the operator's page.

use backend::storage::jobs::Troubled;
use backend::usecases::{Lies, Outside, Sight, StrayMoney, StuckOrder};
use domain::time::iso_8601;
use leptos::prelude::*;

use super::exposure::ExposureSection;
use super::facts::{Cases, Fact};

/// Balance below which the account can open no more than a few deployments.
const LOW_BALANCE_MICRO_USD: u64 = 5_000_000;

/// Time in milliseconds after which an overdue job is highlighted.
const LATE_MS: u64 = 60_000;

/// All sections of the operator's page.
#[component]
pub(super) fn Sections(
    /// Orders, jobs and money in the database that need attention.
    sight: Sight,
    /// State of the outside services.
    outside: Outside,
) -> impl IntoView {
    let followed = sight.followed.map(|(block, _)| block);
    view! {
        <OutsideSection outside followed jobs_due=sight.jobs_due oldest_due_ms=sight.oldest_due_ms/>
        <ExposureSection exposure=sight.exposure/>
        <Cases title="Money nobody waits for" of=sight.strayed each=stray_money/>
        <Cases title="Stuck orders" of=sight.stuck each=stuck_order/>
        <Cases title="Jobs that fail" of=sight.troubled each=failing_job/>
        <section>
            <h2>"Orders"</h2>
            <dl>
                {sight
                    .orders
                    .into_iter()
                    .map(|(state, number)| {
                        view! { <Fact name=state.replace('_', " ") value=number.to_string()/> }
                    })
                    .collect_view()}
            </dl>
        </section>
    }
}

/// Whether the outside services answer, and whether the queue keeps up.
#[component]
fn OutsideSection(
    /// State of the outside services.
    outside: Outside,
    /// Height of the newest block that was followed; `None` before the first one.
    followed: Option<u64>,
    /// Number of jobs that are due.
    jobs_due: u64,
    /// Time in milliseconds for which the oldest of them has been due.
    oldest_due_ms: u64,
) -> impl IntoView {
    let (balance, is_low) = match outside.balance {
        Ok(usd) if usd.micros() < LOW_BALANCE_MICRO_USD => {
            (format!("${usd}: add money soon"), true)
        }
        Ok(usd) => (format!("${usd}"), false),
        Err(error) => (format!("degraded: {error}"), true),
    };
    let (head, is_away) = match outside.head {
        Ok((number, _)) => (format!("block {number}"), false),
        Err(error) => (format!("degraded: {error}"), true),
    };
    let followed_to = match followed {
        Some(block) => format!("block {block}"),
        None => "nothing yet".to_owned(),
    };
    let queue = format!("{jobs_due} due, the oldest for {} s", oldest_due_ms / 1000);
    view! {
        <section>
            <h2>"Outside"</h2>
            <dl>
                <Fact name="Console account" value=balance bad=is_low/>
                <Fact name="Chain" value=head bad=is_away/>
                <Fact name="Followed to" value=followed_to bad=followed.is_none()/>
                <Fact name="Queue" value=queue bad={oldest_due_ms > LATE_MS}/>
            </dl>
        </section>
    }
}

fn stray_money(stray: StrayMoney) -> AnyView {
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
    let (from, tx) = (stray.from, stray.tx);
    view! {
        <article>
            <h3>{stray.amount}</h3>
            <p>{format!("From {from}, {order}: {fate}. Transaction {tx}.")}</p>
        </article>
    }
    .into_any()
}

fn stuck_order(order: StuckOrder) -> AnyView {
    let id = order.id.to_string();
    let state = order.state.replace('_', " ");
    let since = iso_8601(order.since);
    let decision = order.needs_decision.then(|| {
        view! {
            <form method="post" action="/operator/resume">
                <input type="hidden" name="order" value=id.clone()/>
                <label>
                    "Why it may go on; the buyer reads it "
                    <input name="note" required maxlength="1000"/>
                </label>
                <button>"Let it go on"</button>
            </form>
        }
    });
    view! {
        <article>
            <h3>{id}</h3>
            <p>{order.cause}</p>
            <p class="dim">{format!("{state} since {since}")}</p>
            {decision}
        </article>
    }
    .into_any()
}

fn failing_job(job: Troubled) -> AnyView {
    let error = job
        .last_error
        .unwrap_or_else(|| "no error was noted".to_owned());
    let fate = if job.dead {
        "given up".to_owned()
    } else {
        format!("failed {} times in a row", job.attempts)
    };
    view! {
        <article>
            <h3>{job.id.clone()}</h3>
            <p>{format!("{fate}: {error}")}</p>
            <form method="post" action="/operator/retry">
                <input type="hidden" name="job" value=job.id/>
                <button>"Try again now"</button>
            </form>
        </article>
    }
    .into_any()
}
