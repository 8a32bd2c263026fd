//! Server-sent events, followed while the page is visible.
//!
//! A browser reconnects by itself when a connection breaks, but gives up for good if anything other than the
//! stream answers: for example a proxy while the server restarts. This client never gives up. Browsers also
//! open at most six connections to one host (HTTP/1.1), and the streams of many open tabs would use them up
//! and block every other request; so a hidden page closes its stream, and catches up when it becomes visible
//! again.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use leptos::prelude::{Dispose, StoredValue, document, on_cleanup};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

/// Delay before the first attempt after the browser gave up; it doubles with each attempt, up to
/// [`LONGEST_MS`].
const FIRST_MS: u32 = 2_000;
const LONGEST_MS: u32 = 32_000;

type Handler = Closure<dyn FnMut(MessageEvent)>;

/// A stream of events, with its handlers.
pub(crate) struct Events {
    path: Box<dyn Fn() -> String>,
    handlers: Vec<(&'static str, Handler)>,
    connected: Box<dyn Fn(bool)>,
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Events {
    /// Creates a stream; `path` is evaluated for each connection. `connected` is called with whether the
    /// connection is open.
    pub(crate) fn at(
        path: impl Fn() -> String + 'static,
        connected: impl Fn(bool) + 'static,
    ) -> Self {
        Self {
            path: Box::new(path),
            handlers: Vec::new(),
            connected: Box::new(connected),
        }
    }

    /// Calls `handle` with the data of every event of this name.
    pub(crate) fn on(mut self, name: &'static str, handle: impl Fn(String) + 'static) -> Self {
        let handler = Handler::new(move |event: MessageEvent| {
            handle(event.data().as_string().unwrap_or_default());
        });
        self.handlers.push((name, handler));
        self
    }

    /// Follows the stream until the calling effect is cleaned up.
    pub(crate) fn follow(self) {
        let connection = Connection::of(self);
        connection.look();
        #[expect(
            clippy::disallowed_methods,
            reason = "made in an effect, and so in a browser only"
        )]
        let kept = StoredValue::new_local(connection);
        on_cleanup(move || kept.dispose());
    }
}

/// The current connection, or the wait for the next one.
struct Connection {
    own: Weak<Self>,
    events: Events,
    source: RefCell<Option<EventSource>>,
    again: RefCell<Option<Timeout>>,
    failures: Cell<u32>,
    opened: Handler,
    failed: Handler,
    /// Handles changes of the page's visibility.
    seen: Handler,
}

impl Connection {
    fn of(events: Events) -> Rc<Self> {
        let connection = Rc::new_cyclic(|own: &Weak<Self>| {
            let calling = |what: fn(&Self)| {
                let own = own.clone();
                Handler::new(move |_| {
                    if let Some(own) = own.upgrade() {
                        what(&own);
                    }
                })
            };
            Self {
                own: own.clone(),
                events,
                source: RefCell::new(None),
                again: RefCell::new(None),
                failures: Cell::new(0),
                opened: calling(Self::has_opened),
                failed: calling(Self::has_failed),
                seen: calling(Self::look),
            }
        });
        listen(&document(), "visibilitychange", &connection.seen);
        connection
    }

    /// Connects without further delay if the page is visible.
    fn look(&self) {
        self.again.take();
        self.connect();
    }

    /// Connects if the page is visible, otherwise closes the connection.
    fn connect(&self) {
        if document().hidden() {
            self.close();
        } else if self.source.borrow().is_none() {
            self.open();
        }
    }

    fn open(&self) {
        let Ok(source) = EventSource::new(&(self.events.path)()) else {
            (self.events.connected)(false);
            return;
        };
        let own = [("open", &self.opened), ("error", &self.failed)];
        let others = self.events.handlers.iter();
        for (name, handler) in own
            .into_iter()
            .chain(others.map(|(name, handler)| (*name, handler)))
        {
            listen(&source, name, handler);
        }
        self.source.replace(Some(source));
    }

    fn close(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    fn has_opened(&self) {
        self.failures.set(0);
        (self.events.connected)(true);
    }

    fn has_failed(&self) {
        (self.events.connected)(false);
        let gave_up = |source: &EventSource| source.ready_state() == EventSource::CLOSED;
        if self.source.borrow().as_ref().is_some_and(gave_up) {
            self.close();
            let wait = wait_ms(self.failures.get(), js_sys::Math::random());
            self.failures.set(self.failures.get().saturating_add(1));
            let own = self.own.clone();
            let again = Timeout::new(wait, move || {
                if let Some(own) = own.upgrade() {
                    own.connect();
                }
            });
            self.again.replace(Some(again));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
        let seen = self.seen.as_ref().unchecked_ref();
        document()
            .remove_event_listener_with_callback("visibilitychange", seen)
            .unwrap_or_default();
    }
}

/// Adds a listener. Only an invalid name could be rejected.
fn listen(target: &web_sys::EventTarget, name: &str, handler: &Handler) {
    target
        .add_event_listener_with_callback(name, handler.as_ref().unchecked_ref())
        .unwrap_or_default();
}

/// The delay after a number of failures. `random`, from 0 to 1, shortens it by up to a half, so that pages do
/// not all reconnect at once when a server comes back.
fn wait_ms(failures: u32, random: f64) -> u32 {
    let whole = FIRST_MS
        .saturating_mul(1 << failures.min(8))
        .min(LONGEST_MS);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a small number"
    )]
    let off = (f64::from(whole / 2) * random.clamp(0.0, 1.0)) as u32;
    whole - off
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_MS, wait_ms};

    #[test]
    fn each_failure_doubles_the_wait_up_to_the_longest() {
        assert_eq!(
            [0, 1, 2, 3].map(|failures| wait_ms(failures, 0.0)),
            [2_000, 4_000, 8_000, 16_000]
        );
        assert_eq!(wait_ms(u32::MAX, 0.0), LONGEST_MS);
        assert_eq!(wait_ms(0, 1.0), 1_000);
    }
}
