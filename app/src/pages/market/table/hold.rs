//! Keeps one row in place while prices change: the focused one, otherwise the first that is fully in view. At
//! the top of the table no row is held, because readers there want to see the best offers.

use domain::market::MarketQuery;
use leptos::html;
use leptos::prelude::*;

use super::super::live::LiveMarket;
use super::row_height;
use crate::browser;

/// Attribute with the id of a row's offer.
pub(super) const OFFER: &str = "data-offer";

/// State of the held row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    live: LiveMarket,
    body: NodeRef<html::Tbody>,
    /// Id of the offer whose row has focus.
    keyboard: StoredValue<Option<String>>,
    /// Id of the held offer, and the top of its row in the viewport, in pixels.
    held: StoredValue<Option<(String, i32)>>,
}

impl Hold {
    /// Starts holding a row of `body`.
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
            // After a change of the query, no row should stay in place.
            if asked.as_ref() == Some(&query) {
                request_animation_frame(move || hold.put_back());
            } else {
                hold.held.set_value(None);
            }
            query
        });
        hold
    }

    /// Records the held row and its position; called whenever the page has scrolled.
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

    /// Scrolls the page so that the held row is where it was, and restores focus if the row lost it by
    /// moving.
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

    /// Top of an offer's row and the height of the viewport; `None` if the offer is not in the table.
    fn top_of(self, id: &str) -> Option<(i32, i32)> {
        let number = self.live.number_of(id)?;
        let (top, height, tall) = self.place()?;
        Some((top + i32::try_from(number).ok()? * height, tall))
    }

    /// Top of the table's rows, the height of one, and the height of the viewport.
    fn place(self) -> Option<(i32, i32, i32)> {
        let body = self.body.try_get_untracked().flatten()?;
        let (top, width, tall) = browser::place_in_view(&body)?;
        Some((top, i32::try_from(row_height(width)).ok()?, tall))
    }
}
