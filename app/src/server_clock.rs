//! The server's time, ticking in the browser.

use domain::time::UnixSeconds;
use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::*;
use std::time::Duration;

use crate::browser;

/// What is left and what is past is told by the server's clock: the browser's may be wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerClock {
    now: RwSignal<UnixSeconds>,
    /// Server's time minus browser's, in seconds.
    offset: StoredValue<i64>,
}

impl ServerClock {
    /// A clock that the server has just set; it ticks in a browser only, until the calling component goes.
    pub(crate) fn start(server: UnixSeconds) -> Self {
        let clock = Self {
            now: RwSignal::new(server),
            offset: StoredValue::new(0),
        };
        Effect::new(move |_| {
            clock.set(server);
            clock.tick();
            if let Ok(handle) =
                set_interval_with_handle(move || clock.tick(), Duration::from_secs(1))
            {
                on_cleanup(move || handle.clear());
            }
        });
        clock
    }

    /// Follows what the server says now.
    pub(crate) fn set(self, server: UnixSeconds) {
        let difference = server
            .0
            .cast_signed()
            .saturating_sub(browser::now().0.cast_signed());
        self.offset.set_value(difference);
    }

    /// The server's time now, ticking.
    pub(crate) fn now(self) -> ReadSignal<UnixSeconds> {
        self.now.read_only()
    }

    fn tick(self) {
        if let Some(offset) = self.offset.try_get_value() {
            self.now
                .set(UnixSeconds(browser::now().0.saturating_add_signed(offset)));
        }
    }
}
