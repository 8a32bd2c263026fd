//! Screens the providers that could host a draft.

use std::collections::BTreeSet;

use domain::akash::ProviderAddress;
use domain::requirements::Region;
use sdl::GroupSpec;

use crate::Backend;
use crate::ports::MarketError;

/// Providers that passed the screening.
pub(super) struct Screened {
    /// Number of providers.
    pub(super) count: u32,
    /// Source of the answer, with the regions of the providers.
    pub(super) evidence: String,
}

/// Returns the providers that could host all groups, restricted to `only` if it is not empty.
/// Console adds an auditor to every deployment, so only audited providers count.
pub(super) async fn screen(
    backend: &Backend,
    groups: &[GroupSpec],
    region: Option<Region>,
    only: &BTreeSet<ProviderAddress>,
) -> Result<Screened, MarketError> {
    let providers = backend.ports().market.screen(groups, region).await?;
    let audited: Vec<_> = providers
        .iter()
        .filter(|provider| provider.audited)
        .filter(|provider| only.is_empty() || only.contains(&provider.address))
        .collect();
    let mut places: Vec<&str> = audited
        .iter()
        .filter_map(|provider| provider.region.as_deref())
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut evidence = "Akash Console's bid screening".to_owned();
    if !places.is_empty() {
        evidence.push_str(": ");
        evidence.push_str(&places.join(", "));
    }
    Ok(Screened {
        count: u32::try_from(audited.len()).unwrap_or(u32::MAX),
        evidence,
    })
}
