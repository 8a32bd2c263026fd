//! `necto route "TEXT"`: decides where a workload should go, with every reason.

use std::io;
use std::process::ExitCode;

use domain::route::{
    AkashRules, Choice, Criteria, Decision, Entry, Market, Weights, akash_suitability, route,
};

use super::market::{self, MarketOptions};
use super::output;
use crate::error::CommandError;

#[derive(Debug, clap::Args)]
pub(crate) struct RouteOptions {
    /// The workload in words.
    text: String,
    /// The decision document as canonical JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    market: MarketOptions,
}

/// Number of offers in a summary.
const SHOWN: usize = 8;

/// Routes the workload, and prints the decision document or a summary.
pub(crate) async fn run(options: RouteOptions) -> Result<ExitCode, CommandError> {
    let text = options.text.trim();
    if text.is_empty() {
        return Err("Say what to route, like: necto route \"2 H100 for 3 hours\".".into());
    }
    let (requirements, assumed) = interpret::interpret(text).wish.complete()?;
    let criteria = Criteria::of(&requirements);
    let weights = Weights::of(criteria.priority);
    let akash = akash_suitability(
        &criteria,
        requirements.deploy_to_akash,
        &AkashRules::default(),
    );
    let (market, now) = market::load(&options.market).await?;
    if !options.json {
        for assumption in assumed {
            let (field, value, reason) = (assumption.field, assumption.value, assumption.reason);
            output::line(format_args!("{field}: {value}  (assumed: {reason})"))?;
        }
        market::report_troubles(&Market {
            offers: Vec::new(),
            ..market.clone()
        });
    }
    let decision = route(criteria, market, weights, akash, now);
    if options.json {
        output::line(decision.to_json().canonical())?;
    } else {
        print_summary(&decision)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_summary(decision: &Decision) -> io::Result<()> {
    output::line("")?;
    match decision.choice {
        Choice::Recommended { entry } => {
            output::line(format_args!(
                "Recommended: {}",
                described(decision, &decision.entries[entry])
            ))?;
        }
        Choice::OnPaper { entry } => {
            output::line(format_args!(
                "Leads on paper: {}",
                described(decision, &decision.entries[entry])
            ))?;
        }
        Choice::Nothing => output::line("No recommendation.")?,
    }
    output::line(decision.choice_reason())?;
    output::line(format_args!(
        "\nBest scores of {} that fit:",
        decision.by_score.len()
    ))?;
    let rows: Vec<Vec<String>> = decision
        .by_score
        .iter()
        .take(SHOWN)
        .filter_map(|at| {
            let entry = decision.entries.get(*at)?;
            let fit = entry.fit()?;
            Some(vec![
                percent(fit.score.score_bps),
                percent(fit.score.confidence_bps),
                entry.offer.usd_per_gpu_hour.to_string(),
                fit.cost_per_hour.to_string(),
                entry.offer.venue.title().to_owned(),
                entry.offer.shape.clone(),
            ])
        })
        .collect();
    let header = ["score", "confidence", "$/GPU-h", "$/h", "venue", "shape"];
    output::line(market::table(&header, &rows))?;
    output::line("\nTurned away:")?;
    for (code, count) in decision.rejection_counts() {
        output::line(format_args!("{count:5}  {code}"))?;
    }
    output::line(format_args!(
        "\nAkash: {}. {}",
        if decision.akash.suits {
            "suits"
        } else {
            "does not suit"
        },
        decision.akash.reasons.join(" ")
    ))
}

fn percent(bps: u32) -> String {
    format!("{} %", bps / 100)
}

fn described(decision: &Decision, entry: &Entry) -> String {
    let offer = &entry.offer;
    let hour = decision.criteria.cost_per_hour(offer);
    format!(
        "{} {} for ${hour} an hour ({})",
        offer.venue.title(),
        offer.shape,
        offer.arithmetic
    )
}
