//! Rules for which workloads may be deployed to Akash.

use domain::requirements::Region;
use domain::route::{AkashRules, GpuRule};
use domain::time::Seconds;

/// Options for which workloads may be deployed to Akash if the buyer leaves that to Necto.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AkashOptions {
    /// Workloads that may go to Akash: any, only (those with a GPU) or never (those with one).
    #[arg(long, env = "NECTO_AKASH_GPU", default_value = "any")]
    akash_gpu: String,
    /// Minutes a workload must run at least to go to Akash.
    #[arg(long, env = "NECTO_AKASH_SHORTEST_MINUTES")]
    akash_shortest_minutes: Option<u64>,
    /// Hours a workload may run at most to go to Akash.
    #[arg(long, env = "NECTO_AKASH_LONGEST_HOURS")]
    akash_longest_hours: Option<u64>,
    /// Regions Akash is used in, like us-west,eu; all where not set.
    #[arg(long, env = "NECTO_AKASH_REGIONS", value_delimiter = ',')]
    akash_regions: Vec<String>,
}

impl AkashOptions {
    /// Parses the options.
    pub(crate) fn check(self) -> Result<AkashRules, String> {
        let gpu = match self.akash_gpu.as_str() {
            "any" => GpuRule::Any,
            "only" => GpuRule::Only,
            "never" => GpuRule::Never,
            other => {
                return Err(format!(
                    "NECTO_AKASH_GPU is “{other}”: write any, only or never."
                ));
            }
        };
        let regions = self.akash_regions.iter().map(|text| {
            let read = text.trim().parse::<Region>();
            read.map_err(|error| format!("NECTO_AKASH_REGIONS: {error}."))
        });
        Ok(AkashRules {
            gpu,
            shortest: self.akash_shortest_minutes.map(Seconds::minutes),
            longest: self.akash_longest_hours.map(Seconds::hours),
            regions: regions.collect::<Result<_, _>>()?,
        })
    }
}
