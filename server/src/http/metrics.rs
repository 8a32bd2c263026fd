//! `/metrics`, in Prometheus' text format. Unless a metric is said to be of this process, it is counted in
//! the database, so that any of several processes reports the same value.

mod jobs;

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use backend::storage::StorageError;
use backend::usecases::{self, Exposure, Sight};
use backend::{Backend, audit};
use domain::exposure::Measure;

use super::state::ServerState;
use crate::config::is_loopback;
use crate::connections::Door;
use crate::{events, panics};

/// Serves the metrics on the public listener, but only if everything is on this machine. They reveal how
/// business goes; a public server has a separate listener for monitors.
pub(super) async fn on_this_machine(State(state): State<ServerState>) -> Response {
    if is_loopback(&state.facts.origin) {
        metrics(State(state)).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// Returns the current metrics.
pub(super) async fn metrics(State(state): State<ServerState>) -> Response {
    let counted = async {
        let sight = usecases::sight(&state.backend).await?;
        Ok::<_, StorageError>((sight, usecases::job_counts(&state.backend).await?))
    };
    match counted.await {
        Ok((sight, jobs)) => (
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            text(&sight)
                + &jobs::text(&jobs)
                + &state.reports.text()
                + &security(&state.backend)
                + &of_this_process(&state.door)
                + &events::text(),
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be counted");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
                .into_response()
        }
    }
}

/// Security events of this process, by kind.
fn security(backend: &Backend) -> String {
    let name = "necto_security_events_total";
    let mut text = format!(
        "# HELP {name} Sign-ins, refusals and what operators did, by kind; of this process.\n\
         # TYPE {name} counter\n"
    );
    for (event, number) in audit::counts(backend) {
        writeln!(text, "{name}{{event=\"{event}\"}} {number}")
            .expect("writing to a string does not fail");
    }
    text
}

/// Metrics that no database counts.
fn of_this_process(door: &Door) -> String {
    let connections = u64::try_from(door.connections()).unwrap_or(u64::MAX);
    let families = [
        (
            "necto_connections",
            "gauge",
            "Connections now; of this process.",
            connections,
        ),
        (
            "necto_connections_turned_away_total",
            "counter",
            "Connections that were closed at once, because there were too many; of this process.",
            door.turned_away(),
        ),
        (
            "necto_panics_total",
            "counter",
            "Panics, each a bug; of this process.",
            panics::count(),
        ),
    ];
    let families = families.map(|(name, kind, help, value)| {
        format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
    });
    families.concat()
}

fn text(sight: &Sight) -> String {
    let mut text = String::new();
    let mut family = |name: &str, help: &str, samples: &[(String, u64)]| {
        write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n")
            .expect("writing to a string does not fail");
        for (labels, value) in samples {
            writeln!(text, "{name}{labels} {value}").expect("writing to a string does not fail");
        }
    };
    let orders: Vec<(String, u64)> = sight
        .orders
        .iter()
        // State names are our own constants, so nothing needs escaping.
        .map(|(state, number)| (format!("{{state=\"{state}\"}}"), *number))
        .collect();
    family("necto_orders", "Orders by state.", &orders);
    let alone = |value: u64| [(String::new(), value)];
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let dead = sight.troubled.iter().filter(|job| job.dead).count();
    family(
        "necto_jobs_due",
        "Jobs that are due and that nobody works on.",
        &alone(sight.jobs_due),
    );
    family(
        "necto_jobs_oldest_due_milliseconds",
        "How long the oldest of them has been due.",
        &alone(sight.oldest_due_ms),
    );
    family(
        "necto_jobs_dead",
        "Jobs that were given up and wait for an operator.",
        &alone(count(dead)),
    );
    family(
        "necto_jobs_failing",
        "Jobs that failed several times in a row and are tried again.",
        &alone(count(sight.troubled.len() - dead)),
    );
    family(
        "necto_orders_stuck",
        "Orders that wait for an operator or whose difficulty lasts.",
        &alone(count(sight.stuck.len())),
    );
    family(
        "necto_stray_money",
        "Payments that came and that no order waits for.",
        &alone(count(sight.strayed.len())),
    );
    exposure(&mut family, &sight.exposure);
    if let Some((block, at)) = sight.followed {
        family(
            "necto_chain_block",
            "The newest block of the escrow's chain that was followed.",
            &alone(block),
        );
        family(
            "necto_chain_block_timestamp_seconds",
            "Its time.",
            &alone(at.0),
        );
    }
    text
}

/// The operator's exposure. Dollar amounts are in micro-dollars.
fn exposure(family: &mut impl FnMut(&str, &str, &[(String, u64)]), exposure: &Exposure) {
    let alone = |value: u64| [(String::new(), value)];
    let used = exposure.used;
    family(
        "necto_exposure_deployments",
        "Deployments that are open or may be paid.",
        &alone(used.open),
    );
    family(
        "necto_exposure_locked_micro_dollars",
        "What Console may hold for them.",
        &alone(used.locked.micros()),
    );
    family(
        "necto_exposure_day_micro_dollars",
        "What was begun in this UTC day may cost, or has cost.",
        &alone(used.day.micros()),
    );
    let shares: Vec<(String, u64)> = exposure
        .alerts
        .iter()
        .map(|alert| {
            let cap = match alert.measure {
                Measure::Open => "open",
                Measure::Locked => "locked",
                Measure::Day => "day",
            };
            (format!("{{cap=\"{cap}\"}}"), alert.per_cent)
        })
        .collect();
    family(
        "necto_exposure_used_per_cent",
        "How much of each cap is taken.",
        &shares,
    );
    family(
        "necto_exposure_burn_micro_dollars_per_hour",
        "What an hour of everything that runs costs.",
        &alone(exposure.hourly.micros()),
    );
    family(
        "necto_exposure_gas_gwei",
        "What gas for buyers has cost in this UTC day, with what is set aside.",
        &alone(exposure.gas_today.0),
    );
    if let Some((balance, at)) = exposure.balance {
        family(
            "necto_exposure_balance_micro_dollars",
            "What the Console account could spend when it was last asked.",
            &alone(balance.micros()),
        );
        family(
            "necto_exposure_balance_timestamp_seconds",
            "When that was.",
            &alone(at.0),
        );
    }
    if let Some(lasts) = exposure.lasts {
        family(
            "necto_exposure_balance_lasts_seconds",
            "How long that lasts at the present burn.",
            &alone(lasts.0),
        );
    }
}

#[cfg(test)]
mod tests {
    use backend::usecases::{Exposure, Sight};

    use super::text;

    #[test]
    fn every_family_says_what_it_counts() {
        let sight = Sight {
            orders: vec![("active".to_owned(), 3)],
            jobs_due: 2,
            oldest_due_ms: 1500,
            troubled: Vec::new(),
            stuck: Vec::new(),
            strayed: Vec::new(),
            followed: Some((7, domain::time::UnixSeconds(70))),
            exposure: Exposure {
                balance: Some((
                    domain::money::Usd::from_micros(9),
                    domain::time::UnixSeconds(60),
                )),
                ..crate::http::operator::tests::nothing()
            },
        };
        let text = text(&sight);
        assert!(text.starts_with(
            "# HELP necto_orders Orders by state.\n# TYPE necto_orders gauge\nnecto_orders{state=\"active\"} 3\n"
        ));
        assert!(text.contains("\nnecto_jobs_due 2\n"), "{text}");
        assert!(
            text.contains("\nnecto_exposure_used_per_cent{cap=\"open\"} 0\n"),
            "{text}"
        );
        assert!(
            text.contains("\nnecto_exposure_balance_micro_dollars 9\n"),
            "{text}"
        );
        assert!(
            text.contains("\nnecto_jobs_oldest_due_milliseconds 1500\n"),
            "{text}"
        );
    }
}
