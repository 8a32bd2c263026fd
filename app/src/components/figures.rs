//! Money, times and hashes, always with their unit and with the full value available.

mod calendar;

use domain::ids::Hash32;
use domain::money::{TokenAmount, Usd};
use domain::time::{Seconds, UnixSeconds};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::icon::{Glyph, Icon};
use crate::browser;
use calendar::readable_in;
pub(crate) use calendar::{clock, readable};
pub(crate) use domain::time::iso_8601 as iso;

/// Formats dollars with four decimals, as hourly compute prices need.
pub(crate) fn usd4(amount: Usd) -> String {
    format!("${}", amount.with_decimals(4))
}

/// Formats an exact amount for a sentence: with its unit and without trailing zeros.
pub(crate) fn exact(amount: TokenAmount) -> String {
    let plain = amount.to_string();
    let decimals = plain
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    tokens(amount, decimals)
}

/// Formats an estimate with its unit: to the cent, or to a hundredth of a cent if it is small.
pub(crate) fn about(amount: TokenAmount) -> String {
    let (decimals, unit) = if amount.micros() < 1_000_000 {
        (4, 100)
    } else {
        (2, 10_000)
    };
    let nearest = amount.micros().saturating_add(unit / 2) / unit * unit;
    tokens(TokenAmount::from_micros(nearest), decimals)
}

/// Formats tokens with a fixed number of decimals and their unit.
pub(crate) fn tokens(amount: TokenAmount, decimals: usize) -> String {
    format!("{} tUSDC", amount.with_decimals(decimals))
}

/// Formats the time left, to the second: `2 d 04:13:22`, `1:59:12`, `0:45`.
pub(crate) fn countdown(left: Seconds) -> String {
    let (days, hours) = (left.0 / 86_400, left.0 % 86_400 / 3600);
    let (minutes, seconds) = (left.0 % 3600 / 60, left.0 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days} d {hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// Formats a relative time: "3 min 20 s ago", "in 2 h", "now".
pub(crate) fn relative(at: UnixSeconds, now: UnixSeconds) -> String {
    if at > now {
        return format!("in {}", at.since(now).in_words());
    }
    match now.since(at).0 {
        0..=1 => "now".to_owned(),
        _ => format!("{} ago", now.since(at).in_words()),
    }
}

/// Formats an age in its largest unit, for a narrow column.
pub(crate) fn age(at: UnixSeconds, now: UnixSeconds) -> String {
    match now.since(at).0 {
        0..=1 => "now".to_owned(),
        seconds @ 2..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// Relative time, with the absolute time on hover and in `datetime`.
#[component]
pub(crate) fn When(
    /// Instant to show.
    at: UnixSeconds,
    /// Current time, ticking.
    now: ReadSignal<UnixSeconds>,
) -> impl IntoView {
    let own = in_own_time(at);
    view! {
        <time class="when" datetime=iso(at) title=own>{move || relative(at, now.get())}</time>
    }
}

/// Absolute time by the reader's clock, with UTC on hover and in `datetime`.
#[component]
pub(crate) fn Instant(
    /// Instant to show.
    at: UnixSeconds,
) -> impl IntoView {
    let own = in_own_time(at);
    view! { <time class="when" datetime=iso(at) title=readable(at)>{own}</time> }
}

/// Formats in UTC, as the server does, until the page is hydrated; then by the reader's clock.
fn in_own_time(at: UnixSeconds) -> impl Fn() -> String + Copy + Send + Sync {
    let minutes_ahead = RwSignal::new(0);
    Effect::new(move |_| minutes_ahead.set(browser::minutes_ahead_of_utc(at)));
    move || readable_in(at, minutes_ahead.get())
}

/// Hash, shortened in the middle, with a copy button for the full value and a link if the chain has an
/// explorer.
#[component]
pub(crate) fn HashText(
    /// Hash to show.
    hash: Hash32,
    /// Address of the chain's explorer; `None` to show the hash without a link.
    #[prop(optional_no_strip)]
    explorer: Option<String>,
) -> impl IntoView {
    let whole = hash.to_string();
    let copied = whole.clone();
    let shown = hash.shortened();
    let text = match explorer {
        Some(explorer) => {
            let address = format!("{}/tx/{whole}", explorer.trim_end_matches('/'));
            view! { <a href=address target="_blank" rel="noopener noreferrer">{shown}</a> }
                .into_any()
        }
        None => shown.into_any(),
    };
    view! {
        <span class="hash mono" title=whole.clone() data-hash=whole.clone()>
            {text}
            <CopyButton text=copied what="hash"/>
        </span>
    }
}

/// Button that copies a text to the clipboard.
#[component]
pub(crate) fn CopyButton(
    /// Text that is copied.
    text: String,
    /// Name of that text in the button's label: “Copy the …”, for screen readers.
    what: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move { copied.set(browser::copy(&text).await) });
    };
    view! {
        <button type="button" class="quiet copy" aria-label=format!("Copy the {what}") on:click=copy>
            {move || if copied.get() { view! { <Icon glyph=Glyph::Check/> } } else { view! { <Icon glyph=Glyph::Copy/> } }}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::{about, countdown, exact, relative, tokens};
    use domain::money::TokenAmount;
    use domain::time::{Seconds, UnixSeconds};

    #[test]
    fn what_is_left_counts_to_the_second() {
        let cases = [
            (0, "0:00"),
            (45, "0:45"),
            (7_152, "1:59:12"),
            (188_002, "2 d 04:13:22"),
        ];
        for (left, shown) in cases {
            assert_eq!(countdown(Seconds(left)), shown);
        }
    }

    #[test]
    fn an_estimate_is_said_to_the_nearest_cent_and_a_small_one_more_finely() {
        let cases = [
            (0, "0.0000 tUSDC"),
            (44_449, "0.0444 tUSDC"),
            (999_960, "1.0000 tUSDC"),
            (1_514_999, "1.51 tUSDC"),
            (1_515_000, "1.52 tUSDC"),
            (2_060_352_000, "2\u{2009}060.35 tUSDC"),
        ];
        for (micros, said) in cases {
            assert_eq!(about(TokenAmount::from_micros(micros)), said);
        }
        let exactly = TokenAmount::from_micros(2_060_352_000);
        assert_eq!(exact(exactly), "2\u{2009}060.352 tUSDC");
        assert_eq!(tokens(exactly, 6), "2\u{2009}060.352000 tUSDC");
        assert_eq!(exact(TokenAmount::from_micros(5_000_000)), "5.00 tUSDC");
    }

    #[test]
    fn times_read_as_people_say_them() {
        let now = UnixSeconds(10_000);
        let cases = [
            (9_999, "now"),
            (9_880, "2 min ago"),
            (10_060, "in 1 min"),
            (10_000, "now"),
        ];
        for (at, words) in cases {
            assert_eq!(relative(UnixSeconds(at), now), words);
        }
    }
}
