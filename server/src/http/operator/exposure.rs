//! The operator's exposure, as shown on `/operator`.

use backend::usecases::Exposure;
use domain::exposure::{Alert, Cap, LOW, Measure, Use};
use domain::money::Usd;
use leptos::prelude::*;

use super::facts::Fact;

/// Usage of a cap, in per cent, from which it is highlighted.
const MARKED_PER_CENT: u64 = 80;

/// The operator's exposure: alerts, spending, gas and the usage of each cap.
#[component]
pub(super) fn ExposureSection(
    /// Amounts at stake at Akash, and the usage of the caps.
    exposure: Exposure,
) -> impl IntoView {
    let lasts = exposure.balance.zip(exposure.lasts);
    let lasts = lasts.map(|((balance, _), lasts)| {
        let value = format!("${balance} lasts for {}", lasts.in_words());
        view! { <Fact name="Console account" value bad={lasts < LOW}/> }
    });
    let (gas, budget) = (exposure.gas_today, exposure.gas_budget);
    let gas_ends = budget.0 > 0 && gas.0 >= budget.0 / 5 * 4;
    let caps = exposure.caps;
    let rows = [row("All".to_owned(), &exposure.used, &caps.all)];
    let wallets = exposure.wallets.iter();
    let wallets = wallets.map(|(wallet, used)| row(format!("Wallet {wallet}"), used, &caps.wallet));
    let networks = exposure.networks.iter();
    let networks =
        networks.map(|(network, used)| row(format!("Network {network}"), used, &caps.network));
    view! {
        <section>
            <h2>"At stake at Akash"</h2>
            <dl>
                {exposure.alerts.iter().map(share).collect_view()}
                <Fact name="Burn" value=format!("${} an hour", exposure.hourly)/>
                {lasts}
                <Fact name="Gas for buyers" value=format!("{gas} of {budget} today") bad=gas_ends/>
            </dl>
            <table>
                <thead>
                    <tr>
                        <th>"Who"</th>
                        <th>"Open"</th>
                        <th>"Held by Console"</th>
                        <th>"Begun today"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().chain(wallets).chain(networks).collect_view()}</tbody>
            </table>
        </section>
    }
}

/// The used share of a common cap.
fn share(alert: &Alert) -> impl IntoView + use<> {
    let name = match alert.measure {
        Measure::Open => "Deployments",
        Measure::Locked => "Held by Console",
        Measure::Day => "Begun today",
    };
    let note = match alert.threshold {
        100 => ": used up, nobody can start another one",
        MARKED_PER_CENT => ": nearly used up",
        _ => "",
    };
    let value = format!("{} % of the cap{note}", alert.per_cent);
    view! { <Fact name value bad={alert.threshold >= MARKED_PER_CENT}/> }
}

fn row(who: String, used: &Use, cap: &Cap) -> impl IntoView + use<> {
    let open = cap
        .open
        .map_or_else(String::new, |most| format!(" of {most}"));
    view! {
        <tr>
            <td>{who}</td>
            <td>{format!("{}{open}", used.open)}</td>
            <td>{of(used.locked, cap.locked)}</td>
            <td>{of(used.day, cap.day)}</td>
        </tr>
    }
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

    use super::{ExposureSection, ExposureSectionProps};
    use crate::http::operator::html;

    /// Exposure of zero, under the caps of a test network.
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
        let exposure = Exposure {
            used,
            alerts: alerts(&used, &Caps::TEST_NETWORK),
            wallets: vec![("0xabc".to_owned(), used)],
            networks: vec![("203.0.113.7".to_owned(), used)],
            hourly,
            balance: Some((balance, UnixSeconds(1))),
            lasts: runs_out_in(balance, hourly),
            ..nothing()
        };
        let html = html(|| ExposureSection(ExposureSectionProps { exposure }));
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
