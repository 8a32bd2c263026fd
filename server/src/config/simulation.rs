//! Runs in which the sandbox simulates the outside world, all on one machine.

use super::problems::Problems;
use super::values::{is_loopback, origin};

/// Options for the sandbox.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SimulationOptions {
    /// Base address of the sandbox that simulates the outside world: labels every page and offers the
    /// demo wallet. Only for runs in which everything is on this machine.
    #[arg(long, env = "NECTO_SIMULATED")]
    simulated: Option<String>,
}

impl SimulationOptions {
    /// Returns the sandbox's origin; `None` if the run is not simulated.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<String> {
        let url = self.simulated.as_deref()?;
        problems.note(origin("NECTO_SIMULATED", url))
    }

    /// Reports a problem if the sandbox or one of `places`, each with its variable, is on another machine.
    pub(super) fn keep_to_this_machine<'a>(
        &'a self,
        places: impl IntoIterator<Item = (&'static str, &'a str)>,
        problems: &mut Problems,
    ) {
        let sandbox = self.simulated.as_deref();
        let sandbox = sandbox.map(|place| ("NECTO_SIMULATED", place));
        for (name, place) in sandbox.into_iter().chain(places) {
            if !is_loopback(place) {
                problems.add(format!("NECTO_SIMULATED is only for runs on one machine, but {name} is not on it. Unset NECTO_SIMULATED in production."));
            }
        }
    }
}
