//! What the operator has at stake, as `/operator` shows it.

use std::fmt::Write as _;

use backend::usecases::Exposure;
use domain::exposure::{Cap, LOW, Measure, Use};
use domain::money::Usd;

use super::{escaped, fact, push};

/// HTML of the section about what the operator has at stake: alerts, spending, gas and the use of each cap.
pub(super) fn section(exposure: &Exposure) -> String {
    let mut html = String::new();
    push(&mut html, "<section><h2>At stake at Akash</h2><dl>");
    for alert in &exposure.alerts {
        let what = match alert.measure {
            Measure::Open => "Deployments",
            Measure::Locked => "Held by Console",
            Measure::Day => "Begun today",
        };
        let bad = alert.threshold >= 80;
        let note = match alert.threshold {
            100 => ": used up, nobody can start another one",
            80 => ": nearly used up",
            _ => "",
        };
        let share = format!("{} % of the cap{note}", alert.per_cent);
        fact(&mut html, what, &share, bad);
    }
    let hourly = format!("${} an hour", exposure.hourly);
    fact(&mut html, "Burn", &hourly, false);
    if let (Some((balance, _)), Some(lasts)) = (exposure.balance, exposure.lasts) {
        let text = format!("${balance} lasts for {}", lasts.in_words());
        fact(&mut html, "Console account", &text, lasts < LOW);
    }
    let gas = format!("{} of {} today", exposure.gas_today, exposure.gas_budget);
    let gas_ends = exposure.gas_today.0 >= exposure.gas_budget.0 / 5 * 4;
    fact(
        &mut html,
        "Gas for buyers",
        &gas,
        gas_ends && exposure.gas_budget.0 > 0,
    );
    push(
        &mut html,
        "</dl><table><thead><tr><th>Who</th><th>Open</th><th>Held by Console</th><th>Begun today</th></tr></thead><tbody>",
    );
    row(&mut html, "All", &exposure.used, &exposure.caps.all);
    for (wallet, used) in &exposure.wallets {
        row(
            &mut html,
            &format!("Wallet {wallet}"),
            used,
            &exposure.caps.wallet,
        );
    }
    for (network, used) in &exposure.networks {
        row(
            &mut html,
            &format!("Network {network}"),
            used,
            &exposure.caps.network,
        );
    }
    push(&mut html, "</tbody></table></section>");
    html
}

fn row(html: &mut String, who: &str, used: &Use, cap: &Cap) {
    let open = cap
        .open
        .map_or_else(String::new, |most| format!(" of {most}"));
    write!(
        html,
        "<tr><td>{}</td><td>{}{open}</td><td>{}</td><td>{}</td></tr>",
        escaped(who),
        used.open,
        of(used.locked, cap.locked),
        of(used.day, cap.day)
    )
    .expect("writing to a string does not fail");
}

fn of(used: Usd, most: Option<Usd>) -> String {
    most.map_or_else(|| format!("${used}"), |most| format!("${used} of ${most}"))
}

#[cfg(test)]
pub(in crate::http) mod tests {
    use backend::usecases::Exposure;
    use domain::exposure::{Caps, Use, alerts, runs_out_in};
    use domain::gas::Gwei;
    use domain::money::Usd;
    use domain::time::UnixSeconds;

    use super::section;

    /// Nothing at stake, under the caps of a test network.
    pub(in crate::http) fn nothing() -> Exposure {
        Exposure {
            used: Use::default(),
            caps: Caps::TEST_NETWORK,
            alerts: alerts(&Use::default(), &Caps::TEST_NETWORK),
            wallets: Vec::new(),
            networks: Vec::new(),
            hourly: Usd::ZERO,
            balance: None,
            lasts: None,
            gas_today: Gwei::ZERO,
            gas_budget: Gwei(1_000_000_000),
        }
    }

    #[test]
    fn who_takes_what_and_what_comes_to_its_end_is_shown() {
        let used = Use {
            open: 160,
            locked: Usd::from_micros(80_000_000),
            day: Usd::from_micros(250_000_000),
        };
        let hourly = Usd::from_micros(2_500_000);
        let balance = Usd::from_micros(10_000_000);
        let html = section(&Exposure {
            used,
            alerts: alerts(&used, &Caps::TEST_NETWORK),
            wallets: vec![("0xabc".to_owned(), used)],
            networks: vec![("203.0.113.7".to_owned(), used)],
            hourly,
            balance: Some((balance, UnixSeconds(1))),
            lasts: runs_out_in(balance, hourly),
            ..nothing()
        });
        for shown in [
            "<dd class=\"bad\">80 % of the cap: nearly used up</dd>",
            "<dd>8 % of the cap</dd>",
            "<dd class=\"bad\">100 % of the cap: used up, nobody can start another one</dd>",
            "$2.50 an hour",
            "<dd class=\"bad\">$10.00 lasts for 4 h</dd>",
            "<td>All</td><td>160 of 200</td><td>$80.00 of $1000.00</td><td>$250.00 of $250.00</td>",
            "<td>Wallet 0xabc</td>",
            "<td>Network 203.0.113.7</td>",
        ] {
            assert!(html.contains(shown), "{shown} in {html}");
        }
    }
}
