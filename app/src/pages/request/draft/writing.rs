//! The working text of a draft: stored while it is typed, compared with the priced text, and never silently
//! replaced by another tab's text.

use std::time::Duration;

use domain::ids::TextHash;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sdl::{Dialect, GroupSpec, Report};

use crate::api;
use crate::browser;
use crate::live_order::{LiveOrder, Part};
use crate::request::Request;

/// Pause in typing after which the text is stored.
const PAUSE: Duration = Duration::from_millis(700);
/// Delay before storing is retried while the server does not answer.
const AGAIN: Duration = Duration::from_secs(8);

/// The working text and its state.
#[derive(Clone, Copy)]
pub(in crate::pages::request) struct Writing {
    live: LiveOrder,
    /// Current text on the page.
    pub(super) text: RwSignal<String>,
    /// The priced text.
    priced: Part<String>,
    /// Findings of the checker, and the groups that go on chain: `None` if Akash would reject the text.
    pub(super) checked: Memo<(Report, Option<Vec<GroupSpec>>)>,
    is_open: Part<bool>,
    has_price: Part<bool>,
    /// Text on the server, as last seen by this tab.
    known: RwSignal<String>,
    /// Another tab's text, until the buyer has decided which one stays; `None` otherwise.
    elsewhere: RwSignal<Option<String>>,
    kept: RwSignal<Kept>,
    /// Text that this tab last sent.
    sent: StoredValue<String>,
    is_sending: StoredValue<bool>,
    /// Request for a price.
    pub(in crate::pages::request) request: Request,
}

/// Location of the stored text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    /// Stored with the order.
    WithOrder,
    /// About to be stored with the order.
    Soon,
    /// Stored only in this tab, for this reason.
    InTab(String),
}

/// Relation between the text and the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages::request) enum Standing {
    /// The price is for exactly this text.
    UpToDate,
    /// There is no price.
    NoPrice,
    /// The text differs from the priced one.
    Changed,
    /// Akash would reject the text, for this number of reasons.
    Faulty(usize),
    /// Another tab has another text.
    Elsewhere,
}

impl Standing {
    /// Explains what to do.
    pub(in crate::pages::request) fn sentence(self) -> String {
        match self {
            Self::UpToDate => "Price is up to date.".to_owned(),
            Self::NoPrice => "This draft has no price yet.".to_owned(),
            Self::Changed => "You changed the draft. Update the price to deploy it.".to_owned(),
            Self::Faulty(1) => {
                "Akash would refuse this draft. Put right the one thing listed under it, then update \
                 the price."
                    .to_owned()
            }
            Self::Faulty(faults) => format!(
                "Akash would refuse this draft. Put right the {faults} things listed under it, then \
                 update the price."
            ),
            Self::Elsewhere => {
                "This draft was changed in another tab. Choose which text stays.".to_owned()
            }
        }
    }

    /// Whether a price can be requested.
    pub(in crate::pages::request) const fn can_be_priced(self) -> bool {
        matches!(self, Self::Changed | Self::NoPrice)
    }
}

/// Effect of the server's text on this tab's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// The server's text is already known.
    Old,
    /// It is what this tab sent, or equal to its text: nothing on the page changes.
    Own,
    /// Nothing was written here, so it is shown.
    Shown,
    /// Both sides were changed.
    Conflict,
}

fn arrival(known: &str, mine: &str, sent: &str, theirs: &str) -> Arrival {
    if theirs == known {
        Arrival::Old
    } else if theirs == mine || theirs == sent {
        Arrival::Own
    } else if mine == known {
        Arrival::Shown
    } else {
        Arrival::Conflict
    }
}

impl Writing {
    /// Starts with the server's text, restores this tab's unsent text, and provides itself as context.
    pub(in crate::pages::request) fn begin(live: LiveOrder) -> Self {
        let stored = live.part(|order| order.shown_sdl().to_owned());
        let text = RwSignal::new(stored.get_untracked());
        let writing = Self {
            live,
            text,
            priced: live.part(|order| order.sdl.clone()),
            checked: Memo::new(move |_| sdl::check_and_groups(&text.read(), Dialect::Console)),
            is_open: live.part(|order| {
                order.state.is_editable()
                    || matches!(
                        order.state,
                        domain::deployment::State::AwaitingDeposit { .. }
                    )
            }),
            has_price: live.part(|order| order.state.quote().is_some()),
            known: RwSignal::new(stored.get_untracked()),
            elsewhere: RwSignal::new(None),
            kept: RwSignal::new(Kept::WithOrder),
            sent: StoredValue::new(String::new()),
            is_sending: StoredValue::new(false),
            request: Request::new(),
        };
        provide_context(writing);
        let is_recalled = RwSignal::new(false);
        Effect::new(move |_| {
            writing.recall();
            is_recalled.set(true);
        });
        Effect::new(move |_| {
            let stored = stored
                .try_get()
                .filter(|_| is_recalled.try_get() == Some(true));
            if let Some(stored) = stored {
                writing.arrived(&stored);
            }
        });
        Effect::new(move |_| {
            if is_recalled.try_get() == Some(true) {
                writing.elsewhere.track();
                writing.text.track();
                writing.known.track();
                writing.keep_soon();
            }
        });
        writing
    }

    /// The working text from context.
    pub(in crate::pages::request) fn here() -> Self {
        use_context().expect("the draft's parts are only used where it is being written")
    }

    /// Relation between the text and the price.
    pub(in crate::pages::request) fn standing(self) -> Standing {
        if self.elsewhere.with(Option::is_some) {
            return Standing::Elsewhere;
        }
        let faults = self.checked.with(|(report, groups)| match groups {
            Some(_) => 0,
            None => report.errors(Dialect::Console).count().max(1),
        });
        if faults > 0 {
            Standing::Faulty(faults)
        } else if self.priced.with(|priced| *priced != *self.text.read()) {
            Standing::Changed
        } else if self.has_price.get() {
            Standing::UpToDate
        } else {
            Standing::NoPrice
        }
    }

    /// The text on the page.
    pub(in crate::pages::request) fn text(self) -> String {
        self.text.get()
    }

    /// The hash of the text on the page.
    pub(in crate::pages::request) fn hash(self) -> TextHash {
        sdl::text_hash(&self.text.read())
    }

    /// The priced text.
    pub(super) fn priced(self) -> Part<String> {
        self.priced
    }

    /// Location of the stored text.
    pub(super) fn kept(self) -> Kept {
        self.kept.get()
    }

    /// Whether two tabs have different texts.
    pub(super) fn is_contested(self) -> bool {
        self.elsewhere.with(Option::is_some)
    }

    /// Keeps the other tab's text.
    pub(super) fn take_theirs(self) {
        if let Some(theirs) = self.elsewhere.get_untracked() {
            self.known.set(theirs.clone());
            self.text.set(theirs);
            self.elsewhere.set(None);
        }
    }

    /// Keeps this tab's text.
    pub(super) fn keep_mine(self) {
        if let Some(theirs) = self.elsewhere.get_untracked() {
            self.known.set(theirs);
            self.elsewhere.set(None);
        }
    }

    /// Restores the priced text.
    pub(in crate::pages::request) fn back_to_priced(self) {
        self.text.set(self.priced.get_untracked());
    }

    /// Has the server store and price the text on the page.
    pub(in crate::pages::request) fn update_price(self) {
        if self.request.pending.get_untracked() || !untrack(move || self.standing()).can_be_priced()
        {
            return;
        }
        let text = self.text.get_untracked();
        let is_same = self.priced.get_untracked() == text;
        self.sent.set_value(text.clone());
        let order = self.live.id();
        let sent = text.clone();
        let question = async move {
            match is_same {
                true => api::requote(order).await,
                false => api::save_sdl(order, sent).await,
            }
        };
        self.request.send(question, move |order| {
            self.known.set(text);
            self.live.set(order);
        });
    }

    /// Handles the server's current text.
    fn arrived(self, theirs: &str) {
        let known = self.known.get_untracked();
        let mine = self.text.get_untracked();
        match arrival(&known, &mine, &self.sent.get_value(), theirs) {
            Arrival::Old => {}
            Arrival::Own => {
                self.elsewhere.set(None);
                self.known.set(theirs.to_owned());
            }
            Arrival::Shown => {
                self.known.set(theirs.to_owned());
                self.text.set(theirs.to_owned());
            }
            Arrival::Conflict => self.elsewhere.set(Some(theirs.to_owned())),
        }
    }

    /// Restores a text that was written in this tab and has not reached the server.
    fn recall(self) {
        let Some(mine) = browser::recall_in_tab(&self.key()) else {
            return;
        };
        let known = self.known.get_untracked();
        if mine == known || !self.is_open.get_untracked() {
            return;
        }
        let over = browser::recall_in_tab(&self.key_of_known());
        if over.as_deref() != Some(&*sdl::text_hash(&known).to_string()) {
            self.elsewhere.set(Some(known));
        }
        self.text.set(mine);
    }

    fn key(self) -> String {
        format!("necto.draft.{}", self.live.id())
    }

    fn key_of_known(self) -> String {
        format!("{}.over", self.key())
    }

    /// Stores the text in this tab at once, and with the order after a pause in typing.
    fn keep_soon(self) {
        let text = self.text.get_untracked();
        let known = self.known.get_untracked();
        if text == known {
            browser::remember_in_tab(&self.key(), None);
            browser::remember_in_tab(&self.key_of_known(), None);
            self.kept.set(Kept::WithOrder);
            return;
        }
        browser::remember_in_tab(&self.key(), Some(&text));
        if self.elsewhere.with_untracked(Option::is_some) || !self.is_open.get_untracked() {
            return;
        }
        let over = sdl::text_hash(&known).to_string();
        browser::remember_in_tab(&self.key_of_known(), Some(&over));
        if self.kept.with_untracked(|kept| *kept == Kept::WithOrder) {
            self.kept.set(Kept::Soon);
        }
        self.keep_after(PAUSE, text);
    }

    /// Stores `text` with the order after `pause`, if it is still the text on the page.
    fn keep_after(self, pause: Duration, text: String) {
        let keep = move || {
            let stands = self.text.try_with_untracked(|now| *now == text);
            if stands == Some(true) && self.is_sending.try_get_value() == Some(false) {
                self.keep(text);
            }
        };
        set_timeout(keep, pause);
    }

    fn keep(self, text: String) {
        let known = self.known.get_untracked();
        if text == known || self.elsewhere.with_untracked(Option::is_some) {
            return;
        }
        self.is_sending.set_value(true);
        self.sent.set_value(text.clone());
        let order = self.live.id();
        spawn_local(async move {
            let over = sdl::text_hash(&known);
            let answer = api::keep_draft(order, text.clone(), over).await;
            // The page may be gone by now; it will find the text stored in this tab when it opens again.
            if self.is_sending.try_set_value(false).is_some() {
                return;
            }
            match answer {
                Ok(order) => {
                    self.known.set(text.clone());
                    self.live.set(order);
                }
                Err(error) => {
                    if error.status == 409 {
                        self.live.refresh();
                    }
                    self.kept.set(Kept::InTab(error.sentence));
                    self.keep_after(AGAIN, text.clone());
                }
            }
            // Text typed meanwhile was not sent, because a request was in progress.
            match self.text.try_get_untracked() {
                Some(now) if now != text => self.keep_after(PAUSE, now),
                _ => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrival, Standing, arrival};

    #[test]
    fn another_tab_s_text_is_shown_only_where_nobody_wrote() {
        assert_eq!(arrival("a", "a", "", "a"), Arrival::Old);
        assert_eq!(arrival("a", "a", "", "b"), Arrival::Shown);
        assert_eq!(arrival("a", "mine", "", "b"), Arrival::Conflict);
    }

    #[test]
    fn what_this_tab_sent_comes_back_as_its_own_while_it_types_on() {
        assert_eq!(arrival("a", "ab", "ab", "ab"), Arrival::Own);
        assert_eq!(arrival("a", "abc", "ab", "ab"), Arrival::Own);
        assert_eq!(arrival("a", "abc", "ab", "x"), Arrival::Conflict);
    }

    #[test]
    fn only_a_sound_text_without_a_price_of_its_own_can_be_priced() {
        assert!(Standing::Changed.can_be_priced() && Standing::NoPrice.can_be_priced());
        for other in [Standing::UpToDate, Standing::Faulty(2), Standing::Elsewhere] {
            assert!(!other.can_be_priced(), "{other:?}");
        }
        let sentence = Standing::Faulty(2).sentence();
        assert!(sentence.contains("the 2 things"), "{sentence}");
    }
}
