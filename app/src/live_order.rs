//! The order on the page, kept current while the page is open.

mod part;

pub(crate) use part::Part;

use domain::ids::OrderId;
use domain::journey::OrderView;
use domain::time::{Seconds, UnixSeconds};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::browser::{self, Events};
use crate::components::account::HeaderBalance;
use crate::components::session::Session;
use crate::components::toast::Toasts;
use crate::request::Request;
use crate::server_clock::ServerClock;

/// An order that follows the server's changes, with a clock that follows the server's time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiveOrder {
    view: RwSignal<OrderView>,
    clock: ServerClock,
    link: RwSignal<Link>,
    asking: StoredValue<Asking>,
    toasts: Toasts,
    session: Session,
}

/// Time after an order's end for which there may still be news about it.
const NEWS_AFTER_THE_END: Seconds = Seconds::minutes(2);

/// State of the connection that delivers changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Connected, or not tried yet.
    Live,
    /// Connection lost and being restored; the shown order may be outdated.
    Lost,
    /// The server no longer shows the order to this browser, because its session ended.
    Ended,
}

/// Limits refreshes to one request at a time, because changes come in bursts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    No,
    Yes,
    AndAgain,
}

impl LiveOrder {
    /// Shows `order`, follows its changes and provides itself as context.
    pub(crate) fn follow(order: OrderView) -> Self {
        let live = Self {
            clock: ServerClock::start(order.now),
            view: RwSignal::new(order),
            link: RwSignal::new(Link::Live),
            asking: StoredValue::new(Asking::No),
            toasts: expect_context(),
            session: expect_context(),
        };
        provide_context(live);
        let follows = Memo::new(move |_| live.link() != Link::Ended && !live.session.has_left());
        Effect::new(move |_| {
            if follows.get() {
                live.listen();
            }
        });
        let balance = expect_context::<HeaderBalance>();
        Effect::new(move |before: Option<u64>| {
            let version = live.view.with(|order| order.version);
            if before.is_some_and(|before| before != version) {
                balance.may_have_changed();
            }
            version
        });
        // After a sign-in or sign-out, here or in another tab, the account may be another one.
        Effect::new(move |before: Option<u32>| {
            let turns = live.session.turns();
            if before.is_some_and(|before| before != turns) {
                live.refresh();
            }
            turns
        });
        live
    }

    /// The order from context.
    pub(crate) fn here() -> Self {
        use_context().expect("order components are only used below `LiveOrder::follow`")
    }

    /// Id of the order, which never changes.
    pub(crate) fn id(self) -> OrderId {
        self.view.with_untracked(|order| order.id)
    }

    /// A part of the order that only notifies when it changes itself.
    pub(crate) fn part<T>(self, pick: impl Fn(&OrderView) -> T + Send + Sync + 'static) -> Part<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Part::new(self.view, pick)
    }

    /// The server's time, ticking and tracked.
    pub(crate) fn now(self) -> UnixSeconds {
        self.clock().get()
    }

    /// The server's time as a ticking signal.
    pub(crate) fn clock(self) -> ReadSignal<UnixSeconds> {
        self.clock.now()
    }

    /// State of the connection, tracked.
    pub(crate) fn link(self) -> Link {
        self.link.get()
    }

    /// Shows the server's version of the order, unless a newer one is already shown.
    pub(crate) fn set(self, order: OrderView) {
        let newer = self
            .view
            .try_with_untracked(|shown| (order.version, order.now) >= (shown.version, shown.now))
            .unwrap_or(false);
        if !newer {
            return;
        }
        self.announce(&order);
        self.clock.set(order.now);
        self.view.set(order);
    }

    /// Has the server change the order, and shows the result.
    pub(crate) fn change(
        self,
        request: Request,
        change: impl Future<Output = Result<OrderView, ApiError>> + 'static,
    ) {
        request.run(async move {
            self.set(change.await?);
            Ok(())
        });
    }

    /// Reloads the order from the server.
    pub(crate) fn refresh(self) {
        let Some(asking) = self.asking.try_get_value() else {
            return;
        };
        if asking != Asking::No {
            self.asking.set_value(Asking::AndAgain);
            return;
        }
        self.asking.set_value(Asking::Yes);
        let id = self.id();
        spawn_local(async move {
            let answer = api::open_order(id).await;
            let again = self.asking.try_get_value() == Some(Asking::AndAgain);
            if self.asking.try_set_value(Asking::No).is_some() {
                return;
            }
            match answer {
                Ok(order) => {
                    self.link.set(Link::Live);
                    self.set(order);
                }
                // The order was shown before, so a refusal means that the visitor has changed.
                Err(error) if is_refusal(&error) => self.end(),
                Err(_) => self.link.set(Link::Lost),
            }
            if again {
                self.refresh();
            }
        });
    }

    /// Handles a lost connection, which may also have been refused because the session ended: the first time,
    /// the server is asked which it is.
    fn lose(self) {
        let before = self
            .link
            .try_update(|link| std::mem::replace(link, Link::Lost));
        if before != Some(Link::Live) {
            return;
        }
        let id = self.id();
        spawn_local(async move {
            if let Err(error) = api::open_order(id).await
                && is_refusal(&error)
            {
                self.end();
            }
        });
    }

    fn end(self) {
        self.session.look_again();
        if self.link.try_set(Link::Ended).is_none() {
            // Unsent texts belong to the order, too.
            browser::forget_tab();
        }
    }

    /// Announces events of a paid order; while the order is a draft, the page itself shows every change.
    fn announce(self, order: &OrderView) {
        if order.state.paid().is_none() {
            return;
        }
        let seen = self
            .view
            .with_untracked(|shown| shown.timeline.iter().map(|entry| entry.seq).max());
        for entry in &order.timeline {
            if Some(entry.seq) > seen {
                self.toasts.say(entry.title.clone());
            }
        }
    }

    fn listen(self) {
        if self.view.with_untracked(has_ended) {
            return;
        }
        let path = format!("/api/orders/{}/events", self.id());
        let connected = move |stands| match stands {
            // Changes from before the connection opened were not announced.
            true => self.refresh(),
            false => self.lose(),
        };
        Events::at(move || path.clone(), connected)
            .on("change", move |_| self.refresh())
            .on("ended", move |_| {
                self.session.look_again();
                self.refresh();
            })
            .follow();
    }
}

/// Whether the server refuses what it showed before, which means that the visitor has changed.
fn is_refusal(error: &ApiError) -> bool {
    matches!(error.status, 401 | 403 | 404)
}

/// Whether nothing can change any more. For a while after the end, there may be news that a provider has not
/// stopped the deployment; as long as that notice is shown, there may be news that it has.
fn has_ended(order: &OrderView) -> bool {
    let last = order
        .timeline
        .last()
        .map_or(UnixSeconds(0), |entry| entry.at);
    order.state.is_final() && order.notice.is_none() && order.now.since(last) > NEWS_AFTER_THE_END
}
