//! Decides whether a workload suits Akash, by rules that an operator can change, with every reason.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Criteria;
use crate::requirements::{DeployToAkash, Region};
use crate::resources::GpuVendor;
use crate::time::Seconds;

/// An operator's rule about GPUs on Akash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GpuRule {
    /// Workloads with and without a GPU.
    #[default]
    Any,
    /// Only workloads with a GPU.
    Only,
    /// Only workloads without one.
    Never,
}

/// An operator's rules for Akash.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AkashRules {
    /// Rule for workloads with or without a GPU.
    pub gpu: GpuRule,
    /// Shortest duration that goes to Akash, because waiting for bids must be worthwhile; `None` for no
    /// limit.
    pub shortest: Option<Seconds>,
    /// Longest duration that goes to Akash; `None` for no limit.
    pub longest: Option<Seconds>,
    /// Only these regions; empty for all.
    pub regions: BTreeSet<Region>,
}

/// Verdict on whether a workload goes to Akash, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suitability {
    /// `true` if the workload goes to Akash.
    pub suits: bool,
    /// Every reason, one sentence each.
    pub reasons: Vec<String>,
}

/// Judges a workload. The buyer's “never” and what Akash cannot run take precedence over the rules; the
/// buyer's “always” takes precedence over the rules, but not over what Akash cannot run.
#[must_use]
pub fn akash_suitability(
    criteria: &Criteria,
    buyer: DeployToAkash,
    rules: &AkashRules,
) -> Suitability {
    let no = |reasons| Suitability {
        suits: false,
        reasons,
    };
    if buyer == DeployToAkash::Never {
        return no(vec!["You chose not to deploy.".to_owned()]);
    }
    if criteria.gpu.as_ref().and_then(|gpu| gpu.vendor) == Some(GpuVendor::Amd) {
        return no(vec![
            "Akash takes requests for NVIDIA GPUs only, and this asks for AMD.".to_owned(),
        ]);
    }
    if buyer == DeployToAkash::Always {
        return Suitability {
            suits: true,
            reasons: vec!["You chose Akash.".to_owned()],
        };
    }
    let against = against(criteria, rules);
    if !against.is_empty() {
        return no(against);
    }
    let what = if criteria.gpu.is_some() {
        "GPUs like these"
    } else {
        "workloads like this"
    };
    Suitability {
        suits: true,
        reasons: vec![format!(
            "Akash providers bid for {what}; a lease's price is fixed and it can end at any time."
        )],
    }
}

fn against(criteria: &Criteria, rules: &AkashRules) -> Vec<String> {
    let mut reasons = Vec::new();
    match (rules.gpu, criteria.gpu.is_some()) {
        (GpuRule::Only, false) => {
            reasons.push("Only workloads with a GPU go to Akash here.".to_owned());
        }
        (GpuRule::Never, true) => {
            reasons.push("Workloads with a GPU do not go to Akash here.".to_owned());
        }
        _ => {}
    }
    if let Some(shortest) = rules.shortest.filter(|least| criteria.duration < *least) {
        reasons.push(format!(
            "It runs {}; what runs under {} does not go to Akash here.",
            criteria.duration.in_words(),
            shortest.in_words()
        ));
    }
    if let Some(longest) = rules.longest.filter(|most| criteria.duration > *most) {
        reasons.push(format!(
            "It runs {}; what runs over {} does not go to Akash here.",
            criteria.duration.in_words(),
            longest.in_words()
        ));
    }
    if let Some(region) = criteria.region
        && !rules.regions.is_empty()
        && !rules.regions.contains(&region)
    {
        reasons.push(format!("Akash is not used in {region} here."));
    }
    reasons
}
