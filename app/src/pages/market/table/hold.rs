//! Keeps one row where it is while prices come in: the one with the keyboard, else the first that is
//! wholly in view. At the top of the table nothing is held: who is there wants to see the best.

use domain::market::MarketQuery;
use leptos::html;
use leptos::prelude::*;

use super::super::live::LiveMarket;
use super::row_height;
use crate::browser;

/// The attribute that names a row's offer.
pub(super) const OFFER: &str = "data-offer";

/// What is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    live: LiveMarket,
    body: NodeRef<html::Tbody>,
    /// The offer that has the keyboard.
    keyboard: StoredValue<Option<String>>,
    /// The offer that is held, and where the top of its row is in the view, in pixels.
    held: StoredValue<Option<(String, i32)>>,
}

impl Hold {
    /// Holds a row of `body` from now on.
    pub(super) fn new(live: LiveMarket, body: NodeRef<html::Tbody>) -> Self {
        let hold = Self {
            live,
            body,
            keyboard: StoredValue::new(None),
            held: StoredValue::new(None),
        };
        Effect::new(move |_| {
            for name in ["focusin", "pointerdown"] {
                let handle = window_event_listener_untyped(name, move |event| {
                    hold.keyboard.set_value(browser::around(&event, OFFER));
                    hold.note();
                });
                on_cleanup(move || handle.remove());
            }
        });
        Effect::new(move |asked: Option<MarketQuery>| {
            live.decision.track();
            let query = live.query.get();
            // Who asks for something else does not want to stay where they were.
            if asked.as_ref() == Some(&query) {
                request_animation_frame(move || hold.put_back());
            } else {
                hold.held.set_value(None);
            }
            query
        });
        hold
    }

    /// Notes which row is held and where it is; called whenever the page moved.
    pub(super) fn note(self) {
        let found = self.keyboard.try_get_value().flatten();
        let found = found.and_then(|id| Some((self.top_of(&id)?, id)));
        let in_view = found.filter(|((top, tall), _)| (0..*tall).contains(top));
        let held = in_view.map(|((top, _), id)| (id, top)).or_else(|| {
            let (top, height, _) = self.place()?;
            let number = (top < 0).then(|| usize::try_from(-top / height).unwrap_or(0) + 1)?;
            let id = self.live.offer_at(number)?;
            Some((id, top + i32::try_from(number).ok()? * height))
        });
        self.held.try_set_value(held);
    }

    /// Moves the page so that the held row is where it was, and gives it the keyboard back where it
    /// lost it by being moved.
    fn put_back(self) {
        if let Some((id, was)) = self.held.try_get_value().flatten()
            && let Some((is, _)) = self.top_of(&id)
            && is != was
        {
            browser::scroll_by(is - was);
        }
        request_animation_frame(move || {
            let wanted = self.keyboard.try_get_value().flatten();
            if let (Some(id), Some(body)) = (wanted, self.body.try_get_untracked().flatten())
                && browser::focus_is_lost()
            {
                browser::focus_within(&body, OFFER, &id);
            }
        });
    }

    /// Where the top of an offer's row is, and how tall the view is; nothing where it is not shown.
    fn top_of(self, id: &str) -> Option<(i32, i32)> {
        let number = self.live.number_of(id)?;
        let (top, height, tall) = self.place()?;
        Some((top + i32::try_from(number).ok()? * height, tall))
    }

    /// Where the table's rows begin, how tall one is, and how tall the view is.
    fn place(self) -> Option<(i32, i32, i32)> {
        let body = self.body.try_get_untracked().flatten()?;
        let (top, width, tall) = browser::place_in_view(&body)?;
        Some((top, i32::try_from(row_height(width)).ok()?, tall))
    }
}
