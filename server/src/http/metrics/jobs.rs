//! Metrics of the job queue, by kind of job.

use std::fmt::Write as _;

use backend::jobs::Tally;
use backend::usecases::JobCounts;

/// Selects one count of a kind of job.
type Count = fn(&Tally) -> u64;

/// The metric families of the job queue.
pub(super) fn text(counts: &JobCounts) -> String {
    let mut text = String::new();
    // Kinds are our own constants, or those of another version, so nothing needs escaping.
    let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, u64)]| {
        write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n")
            .expect("writing to a string does not fail");
        for (labels, value) in samples {
            writeln!(text, "{name}{{{labels}}} {value}")
                .expect("writing to a string does not fail");
        }
    };
    let waiting = |of: fn(&backend::usecases::WaitingJobs) -> u64| -> Vec<(String, u64)> {
        let all = counts.waiting.iter();
        all.map(|jobs| {
            let labels = format!(
                "kind=\"{}\",routine=\"{}\"",
                jobs.kind,
                u8::from(jobs.routine)
            );
            (labels, of(jobs))
        })
        .collect()
    };
    family(
        "necto_jobs_waiting",
        "gauge",
        "Jobs that are due and that nobody works on, by kind; routine: nothing in particular waits for them.",
        &waiting(|jobs| jobs.number),
    );
    family(
        "necto_jobs_waiting_oldest_milliseconds",
        "gauge",
        "How long the oldest of them has been due.",
        &waiting(|jobs| jobs.oldest_ms),
    );
    let here = |of: fn(&Tally) -> u64| -> Vec<(String, u64)> {
        let all = counts.done_here.iter();
        all.map(|tally| (format!("kind=\"{}\"", tally.kind), of(tally)))
            .collect()
    };
    family(
        "necto_job_runs_total",
        "counter",
        "Jobs that were claimed and begun; of this process.",
        &here(|tally| tally.begun),
    );
    let outcomes: [(&str, Count); 3] = [
        ("done", |tally| tally.done),
        ("failed", |tally| tally.failed),
        ("dead", |tally| tally.dead),
    ];
    let mut ended = Vec::new();
    for (outcome, of) in outcomes {
        for (labels, value) in here(of) {
            ended.push((format!("{labels},outcome=\"{outcome}\""), value));
        }
    }
    family(
        "necto_job_runs_ended_total",
        "counter",
        "Runs that came to an end, by how; of this process.",
        &ended,
    );
    family(
        "necto_job_wait_milliseconds_total",
        "counter",
        "How long jobs waited for their runs from when they were due; of this process.",
        &here(|tally| tally.waited_ms),
    );
    family(
        "necto_job_run_milliseconds_total",
        "counter",
        "How long the runs took that came to an end; of this process.",
        &here(|tally| tally.run_ms),
    );
    text
}

#[cfg(test)]
mod tests {
    use backend::jobs::Tally;
    use backend::usecases::{JobCounts, WaitingJobs};

    use super::text;

    #[test]
    fn every_kind_of_job_has_its_counts() {
        let counts = JobCounts {
            waiting: vec![WaitingJobs {
                kind: "drive".to_owned(),
                routine: true,
                number: 3,
                oldest_ms: 40,
            }],
            done_here: vec![Tally {
                kind: "sweep",
                begun: 5,
                done: 3,
                failed: 1,
                dead: 0,
                waited_ms: 70,
                run_ms: 900,
            }],
        };
        let text = text(&counts);
        for line in [
            "necto_jobs_waiting{kind=\"drive\",routine=\"1\"} 3",
            "necto_jobs_waiting_oldest_milliseconds{kind=\"drive\",routine=\"1\"} 40",
            "necto_job_runs_total{kind=\"sweep\"} 5",
            "necto_job_runs_ended_total{kind=\"sweep\",outcome=\"failed\"} 1",
            "necto_job_wait_milliseconds_total{kind=\"sweep\"} 70",
            "necto_job_run_milliseconds_total{kind=\"sweep\"} 900",
        ] {
            assert!(text.contains(&format!("\n{line}\n")), "{line}: {text}");
        }
    }
}
