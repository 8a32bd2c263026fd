//! Limits on the operator's money at stake at Akash and on gas.

use backend::RelayBudget;
use domain::exposure::{Cap, Caps};
use domain::gas::Gwei;
use domain::money::Usd;

use super::problems::Problems;

/// Caps on the operator's money at Akash: buyers pay with test money, but Akash is paid for real. Each cap
/// may be `off` or 0, either of which disables it. Gas budgets do not accept `off`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ExposureOptions {
    /// Deployments of one wallet at a time; 0: as many as it likes.
    #[arg(long, env = "NECTO_CAP_WALLET_OPEN", default_value = "5")]
    cap_wallet_open: String,
    /// US dollars that Console may hold for one wallet's deployments; 0: no cap.
    #[arg(long, env = "NECTO_CAP_WALLET_LOCKED", default_value = "250")]
    cap_wallet_locked: String,
    /// US dollars that what one wallet begins in a day may cost; 0: no cap.
    #[arg(long, env = "NECTO_CAP_WALLET_DAY", default_value = "25")]
    cap_wallet_day: String,
    /// Deployments from one network (an IPv4 address, a /64) at a time; 0: no cap.
    #[arg(long, env = "NECTO_CAP_NETWORK_OPEN", default_value = "10")]
    cap_network_open: String,
    /// US dollars that Console may hold for one network's deployments; 0: no cap.
    #[arg(long, env = "NECTO_CAP_NETWORK_LOCKED", default_value = "500")]
    cap_network_locked: String,
    /// US dollars that what is begun from one network in a day may cost; 0: no cap.
    #[arg(long, env = "NECTO_CAP_NETWORK_DAY", default_value = "50")]
    cap_network_day: String,
    /// Deployments at a time; 0: no cap.
    #[arg(long, env = "NECTO_CAP_OPEN", default_value = "200")]
    cap_open: String,
    /// US dollars that Console may hold for all deployments; 0: no cap.
    #[arg(long, env = "NECTO_CAP_LOCKED", default_value = "1000")]
    cap_locked: String,
    /// US dollars that what is begun in a day may cost; 0: no cap.
    #[arg(long, env = "NECTO_CAP_DAY", default_value = "250")]
    cap_day: String,
    /// US dollars that an order sets aside at least, where the deposit's token has value; 0: no floor.
    #[arg(long, env = "NECTO_LEAST_DEPOSIT", default_value = "0")]
    least_deposit: String,
    /// Most of the gas token that Necto spends in a day on one wallet's deposits; 0: each pays its own.
    #[arg(long, env = "NECTO_RELAY_WALLET_BUDGET", default_value = "0.05")]
    relay_wallet_budget: String,
    /// Most of the gas token that Necto spends in a day on the deposits of one network's wallets; 0: each pays
    /// its own.
    #[arg(long, env = "NECTO_RELAY_NETWORK_BUDGET", default_value = "0.1")]
    relay_network_budget: String,
    /// Most of the gas token that Necto spends in a day on all deposits, half of it at most on wallets that are
    /// new that day; 0: each pays its own.
    #[arg(long, env = "NECTO_RELAY_DAY_BUDGET", default_value = "1")]
    relay_day_budget: String,
}

/// Limits on what the operator puts at stake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exposure {
    /// Caps of the operator's money at Akash.
    pub(crate) caps: Caps,
    /// Minimum deposit of an order in US dollars, where the deposit's token has value; zero for no minimum.
    pub(crate) least_deposit: Usd,
    /// Budget of the gas that Necto pays for buyers' deposits.
    pub(crate) relay: RelayBudget,
}

impl ExposureOptions {
    /// Parses the options; an invalid one counts as unset.
    pub(super) fn check(&self, problems: &mut Problems) -> Exposure {
        let wallet = [
            ("NECTO_CAP_WALLET_OPEN", self.cap_wallet_open.as_str()),
            ("NECTO_CAP_WALLET_LOCKED", self.cap_wallet_locked.as_str()),
            ("NECTO_CAP_WALLET_DAY", self.cap_wallet_day.as_str()),
        ];
        let network = [
            ("NECTO_CAP_NETWORK_OPEN", self.cap_network_open.as_str()),
            ("NECTO_CAP_NETWORK_LOCKED", self.cap_network_locked.as_str()),
            ("NECTO_CAP_NETWORK_DAY", self.cap_network_day.as_str()),
        ];
        let all = [
            ("NECTO_CAP_OPEN", self.cap_open.as_str()),
            ("NECTO_CAP_LOCKED", self.cap_locked.as_str()),
            ("NECTO_CAP_DAY", self.cap_day.as_str()),
        ];
        let least_deposit = problems.note(dollars("NECTO_LEAST_DEPOSIT", &self.least_deposit));
        let mut budget = |name, text| problems.note(gas(name, text)).unwrap_or_default();
        let relay = RelayBudget {
            per_buyer: budget("NECTO_RELAY_WALLET_BUDGET", &self.relay_wallet_budget),
            per_network: budget("NECTO_RELAY_NETWORK_BUDGET", &self.relay_network_budget),
            per_day: budget("NECTO_RELAY_DAY_BUDGET", &self.relay_day_budget),
        };
        Exposure {
            caps: Caps {
                wallet: cap(wallet, problems),
                network: cap(network, problems),
                all: cap(all, problems),
            },
            least_deposit: least_deposit.flatten().unwrap_or(Usd::ZERO),
            relay,
        }
    }
}

/// Builds a cap from three settings: open deployments, money locked at Console, and money per day.
fn cap([open, locked, day]: [(&str, &str); 3], problems: &mut Problems) -> Cap {
    Cap {
        open: problems.note(count(open.0, open.1)).flatten(),
        locked: problems.note(dollars(locked.0, locked.1)).flatten(),
        day: problems.note(dollars(day.0, day.1)).flatten(),
    }
}

fn is_off(text: &str) -> bool {
    matches!(text.trim(), "off" | "0")
}

fn count(name: &str, text: &str) -> Result<Option<u64>, String> {
    if is_off(text) {
        return Ok(None);
    }
    let number = text.trim().parse().map(Some);
    number.map_err(|_| {
        format!("{name} is “{text}”: expected a number of deployments like 5, or off.")
    })
}

fn dollars(name: &str, text: &str) -> Result<Option<Usd>, String> {
    if is_off(text) {
        return Ok(None);
    }
    let usd: Usd = text
        .trim()
        .parse()
        .map_err(|error| format!("{name}: {error}; or write off."))?;
    Ok((usd > Usd::ZERO).then_some(usd))
}

fn gas(name: &str, text: &str) -> Result<Gwei, String> {
    text.parse().map_err(|_| {
        format!("{name} is “{text}”: expected an amount of the gas token with at most nine decimals, like 0.05.")
    })
}

#[cfg(test)]
mod tests {
    use domain::exposure::Caps;

    use crate::config::tests::{config, options};

    #[test]
    fn the_defaults_are_those_of_a_test_network() {
        let exposure = config(&[]).exposure;
        assert_eq!(exposure.caps, Caps::TEST_NETWORK);
        assert_eq!(exposure.least_deposit.micros(), 0);
    }

    #[test]
    fn off_and_nothing_are_no_cap() {
        let exposure =
            config(&["--cap-wallet-open=off", "--cap-day=0", "--cap-locked=0.00"]).exposure;
        let caps = exposure.caps;
        assert_eq!(
            (caps.wallet.open, caps.all.day, caps.all.locked),
            (None, None, None)
        );
    }

    #[test]
    fn every_problem_is_named() {
        let problems = options(&["--cap-open=many", "--cap-wallet-day=-1"])
            .check()
            .unwrap_err();
        let problems = problems.to_string();
        assert!(problems.contains("NECTO_CAP_OPEN is “many”"), "{problems}");
        assert!(problems.contains("NECTO_CAP_WALLET_DAY"), "{problems}");
    }
}
