//! An order on the page: what the server last said of it, kept current while the page is open.

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

/// For how long after an order's end something may still come out about it.
const NEWS_AFTER_THE_END: Seconds = Seconds::minutes(2);

/// Whether changes arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// They do, or nothing has been tried yet.
    Live,
    /// The connection is lost and being made again; what is shown may be old.
    Lost,
    /// The server no longer shows the order to this browser: its session ended.
    Ended,
}

/// Keeps one question at a time on its way: changes come in bursts.
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
        // Who signed in or out, here or in another tab, may be another account.
        Effect::new(move |before: Option<u32>| {
            let turns = live.session.turns();
            if before.is_some_and(|before| before != turns) {
                live.refresh();
            }
            turns
        });
        live
    }

    /// The order around the calling component.
    pub(crate) fn here() -> Self {
        use_context().expect("order components are only used below `LiveOrder::follow`")
    }

    /// The order's id, which never changes.
    pub(crate) fn id(self) -> OrderId {
        self.view.with_untracked(|order| order.id)
    }

    /// A part of the order; changes only when that part does.
    pub(crate) fn part<T>(self, pick: impl Fn(&OrderView) -> T + Send + Sync + 'static) -> Part<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Part::new(self.view, pick)
    }

    /// The server's time, ticking.
    pub(crate) fn now(self) -> UnixSeconds {
        self.clock().get()
    }

    /// The server's time, ticking, as a signal.
    pub(crate) fn clock(self) -> ReadSignal<UnixSeconds> {
        self.clock.now()
    }

    /// Whether changes arrive.
    pub(crate) fn link(self) -> Link {
        self.link.get()
    }

    /// Shows what the server said, unless something newer is shown already.
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

    /// Has the server change the order, and shows it as it is then.
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

    /// Asks the server for the order as it is now.
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
                // It was shown before: who is refused now is no longer who was shown it.
                Err(error) if is_refusal(&error) => self.end(),
                Err(_) => self.link.set(Link::Lost),
            }
            if again {
                self.refresh();
            }
        });
    }

    /// The connection is lost, or refused because the session ended: the first time, the server is
    /// asked which.
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
            // Texts that were not sent yet are the order's, too.
            browser::forget_tab();
        }
    }

    /// News of what was paid for; while it is drafted the page itself shows every change.
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
            // What changed before it stood told nobody.
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

/// Whether the server refuses what it showed before: who asks is no longer who was shown it.
fn is_refusal(error: &ApiError) -> bool {
    matches!(error.status, 401 | 403 | 404)
}

/// Whether nothing can change any more. For a while after its end it can still come out that a provider
/// has not stopped what was closed, and as long as that is told, that it has.
fn has_ended(order: &OrderView) -> bool {
    let last = order
        .timeline
        .last()
        .map_or(UnixSeconds(0), |entry| entry.at);
    order.state.is_final() && order.notice.is_none() && order.now.since(last) > NEWS_AFTER_THE_END
}
