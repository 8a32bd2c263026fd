//! The server's time, ticking in the browser.

use domain::time::UnixSeconds;
use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::*;
use std::time::Duration;

use crate::browser;

/// Clock for remaining and elapsed times. It follows the server, because the browser's clock may be wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerClock {
    now: RwSignal<UnixSeconds>,
    /// Difference between the server's and the browser's time, in seconds.
    offset: StoredValue<i64>,
}

impl ServerClock {
    /// Starts a clock with the server's time. It ticks only in a browser, until the calling component is
    /// gone.
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

    /// Adjusts the clock to the server's current time.
    pub(crate) fn set(self, server: UnixSeconds) {
        let difference = server
            .0
            .cast_signed()
            .saturating_sub(browser::now().0.cast_signed());
        self.offset.set_value(difference);
    }

    /// The server's current time, ticking.
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
