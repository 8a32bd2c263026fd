//! Whether a workload goes to Akash, with the reason.

use domain::requirements::{DeployToAkash, Requirements};
use domain::resources::GpuVendor;
use domain::route::{AkashRules, Criteria, akash_suitability};

/// The choice with its reason, one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Venue {
    /// A draft and a quote are made.
    Akash {
        /// Reason for the choice, one sentence for the buyer.
        reason: String,
    },
    /// The buyer only wants to see the market.
    MarketOnly {
        /// Reason for the choice, one sentence for the buyer.
        reason: String,
    },
    /// Akash cannot run it.
    Impossible {
        /// Reason why Akash cannot run it, and a remedy, for the buyer.
        reason: String,
    },
}

/// Chooses by the buyer's setting first, then by Akash's capabilities, then by the operator's
/// rules.
pub(crate) fn choose(requirements: &Requirements, rules: &AkashRules) -> Venue {
    let amd = requirements
        .gpu
        .as_ref()
        .is_some_and(|gpu| gpu.vendor == Some(GpuVendor::Amd));
    match requirements.deploy_to_akash {
        DeployToAkash::Never => Venue::MarketOnly {
            reason: "Not deployed, as you chose: here is what the market asks for it.".to_owned(),
        },
        _ if amd => Venue::Impossible {
            reason: "Akash takes requests for NVIDIA GPUs only, and this asks for AMD. \
                     Choose an NVIDIA GPU, or none."
                .to_owned(),
        },
        DeployToAkash::Always => Venue::Akash {
            reason: "It goes to Akash, as you chose.".to_owned(),
        },
        DeployToAkash::Automatic => {
            let criteria = Criteria::of(requirements);
            let judged = akash_suitability(&criteria, DeployToAkash::Automatic, rules);
            let reason = judged.reasons.join(" ");
            if judged.suits {
                Venue::Akash { reason }
            } else {
                Venue::MarketOnly { reason }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::requirements::{DeployToAkash, Requirements, Template, Wish};
    use domain::resources::{GpuRequest, GpuVendor};
    use domain::route::{AkashRules, GpuRule};

    use super::{Venue, choose};

    fn requirements(deploy: DeployToAkash, vendor: Option<GpuVendor>) -> Requirements {
        let gpu = vendor.map(|vendor| GpuRequest {
            vendor: Some(vendor),
            model: None,
            count: 1,
            vram_gib: None,
            interface: None,
        });
        let wish = Wish {
            template: Some(Template::WebPython),
            gpu,
            deploy_to_akash: deploy,
            ..Wish::default()
        };
        wish.complete().unwrap().0
    }

    #[test]
    fn the_buyer_s_choice_comes_first() {
        let never = choose(
            &requirements(DeployToAkash::Never, None),
            &AkashRules::default(),
        );
        assert!(matches!(never, Venue::MarketOnly { .. }), "{never:?}");
        let always = choose(
            &requirements(DeployToAkash::Always, None),
            &AkashRules::default(),
        );
        assert_eq!(
            always,
            Venue::Akash {
                reason: "It goes to Akash, as you chose.".to_owned()
            }
        );
    }

    #[test]
    fn automatic_takes_akash_where_it_can_run_and_says_why() {
        let Venue::Akash { reason } = choose(
            &requirements(DeployToAkash::Automatic, Some(GpuVendor::Nvidia)),
            &AkashRules::default(),
        ) else {
            panic!("NVIDIA runs on Akash");
        };
        assert!(reason.contains("bid for GPUs like these"), "{reason}");
    }

    #[test]
    fn the_operator_s_rules_keep_a_workload_off_akash() {
        let rules = AkashRules {
            gpu: GpuRule::Only,
            ..AkashRules::default()
        };
        let venue = choose(&requirements(DeployToAkash::Automatic, None), &rules);
        let reason = "Only workloads with a GPU go to Akash here.".to_owned();
        assert_eq!(venue, Venue::MarketOnly { reason });
    }

    #[test]
    fn what_akash_cannot_run_is_said_even_where_akash_was_demanded() {
        for deploy in [DeployToAkash::Automatic, DeployToAkash::Always] {
            let venue = choose(
                &requirements(deploy, Some(GpuVendor::Amd)),
                &AkashRules::default(),
            );
            let Venue::Impossible { reason } = venue else {
                panic!("{venue:?}");
            };
            assert!(reason.contains("AMD"), "{reason}");
        }
    }
}
