//! Rate limiting by network, session and account, as two layers in front of the router.
//!
//! [`arrive`] knows only the request's source and runs before anything that costs something; [`admit`] also
//! knows the visitor. Both use the same [`table`], which a test checks against the router. A refusal takes
//! the caller's own form ([`refusal`]): a page shows the sentence and keeps what was typed.

mod buckets;
mod rate;
mod refusal;
mod source;
mod streams;
pub(crate) mod table;
mod turns;

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use backend::admission::{self, Budget, NotCounted};
use backend::audit::{self, SecurityEvent};
use backend::{Backend, Visitor};
use domain::network::AddressPrefix;
use domain::time::Seconds;

use self::buckets::{Buckets, Key, Spent};
use self::rate::Rate;
use self::refusal::{Form, Refusal};
use self::streams::{Streams, held};
use self::table::{Class, Counted, class};
use self::turns::Turns;
use super::extensions::{Beginning, Source};
use super::{bodies, intake};
use crate::config::{BodyPatience, Config, Limits, TrustedProxies};

pub(super) use self::table::begins_a_session;

/// Charge, in KiB, for a body without a declared length: the largest body that is accepted.
const UNSAID_KIB: u64 = 1024;

/// Upload budget per day and network, in KiB, of visitors without an account: what they write is kept for
/// days.
const SENT_A_DAY: Rate = Rate::new(64 * 1024, 86_400);

/// Kind of a network's key among the budgets in the database.
const NETWORK: &str = "network";

/// Rate limit of log lines about a network's refusals; the metrics count every refusal.
const TOLD: Rate = Rate::new(1, 10);

/// Factor by which an IPv6 site's budget exceeds that of one network.
const SITE_IS_WORTH: u64 = 16;

/// Rate limiter state and limits. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Admission(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    backend: Backend,
    limits: Limits,
    proxies: TrustedProxies,
    buckets: Buckets,
    streams: Streams,
    turns: Turns,
    patience: BodyPatience,
}

/// The holder of a spent budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Network,
    Asker,
}

impl Admission {
    pub(super) fn new(backend: &Backend, config: &Config) -> Self {
        Self(Arc::new(Parts {
            backend: backend.clone(),
            limits: config.limits,
            proxies: config.connections.proxies.clone(),
            buckets: Buckets::default(),
            streams: Streams::default(),
            turns: Turns::default(),
            patience: config.connections.body,
        }))
    }

    fn take(&self, spent: Spent, key: Key, rate: Rate, amount: u64) -> Result<(), u64> {
        let now_ms = self.0.backend.ports().clock.now_ms();
        self.0.buckets.take(spent, key, rate, amount, now_ms)
    }

    /// Takes from the budgets of a network and of the site around it.
    fn take_of_network(
        &self,
        spent: Spent,
        from: Option<AddressPrefix>,
        rate: Rate,
        amount: u64,
    ) -> Result<(), u64> {
        if let Some(AddressPrefix::V6(network)) = from {
            let [first, second, third, ..] = network.segments();
            let rate = Rate::new(rate.most * SITE_IS_WORTH, rate.window_seconds);
            self.take(spent, Key::Site([first, second, third]), rate, amount)?;
        }
        let key = from.map_or(Key::Others, Key::Prefix);
        self.take(spent, key, rate, amount)
    }

    fn scaled(&self, rate: Rate) -> Rate {
        Rate::new(rate.most * self.0.limits.times, rate.window_seconds)
    }

    /// The budgets of a request that are counted in the database.
    fn counted_together(&self, class: Class, visitor: &Visitor, is_kept: bool) -> Vec<Budget> {
        let budgets = class.budgets();
        let budget = |who: String, rate: Rate| {
            let rate = self.scaled(rate);
            Budget {
                action: class.name(),
                who,
                most: rate.most,
                window: Seconds(rate.window_seconds),
            }
        };
        let network = visitor.from.map(|from| format!("{NETWORK} {from}"));
        let network = network.map(|who| budget(who, budgets.prefix));
        let asker = budgets.asker.zip(asker(visitor, is_kept));
        let asker = asker.map(|(rate, key)| {
            let who = match key {
                Key::Account(account) => format!("account {account}"),
                _ => format!("session {}", visitor.session),
            };
            budget(who, rate)
        });
        network.into_iter().chain(asker).collect()
    }

    fn refuse(
        &self,
        request: &Request,
        class: Class,
        whose: Whose,
        rate: Rate,
        wait: u64,
    ) -> Response {
        let visitor = request.extensions().get::<Visitor>();
        let from = request
            .extensions()
            .get::<Source>()
            .and_then(|source| source.0);
        let event = SecurityEvent::LimitReached {
            limit: class.name(),
        };
        let key = from.map_or(Key::Others, Key::Prefix);
        match self.take(Spent::Lines(class), key, TOLD, 1) {
            Ok(()) => audit::record(&self.0.backend, event, visitor, from),
            Err(_) => audit::count(&self.0.backend, event),
        }
        let sentence = match whose {
            Whose::Network => "More requests come from your network than are answered.",
            Whose::Asker => "That is more at once than is answered.",
        };
        Refusal::too_many(sentence, class.name(), rate, wait).answer(&Form::of(request))
    }
}

/// The holder of the budget besides the network: the account, or the session if it is stored. An unstored
/// session is no identity, because anyone can start as many as they like.
fn asker(visitor: &Visitor, is_kept: bool) -> Option<Key> {
    match visitor.address {
        Some(account) => Some(Key::Account(account)),
        None if is_kept => Some(Key::Session(visitor.session)),
        None => None,
    }
}

/// Middleware that records the request's source and refuses requests beyond the network's budget.
pub(super) async fn arrive(
    State(admission): State<Admission>,
    mut request: Request,
    next: Next,
) -> Response {
    let from = source::of_request(
        request.extensions(),
        request.headers(),
        &admission.0.proxies,
    );
    request.extensions_mut().insert(Source(from));
    let class = class(&request);
    // A cheap in-process budget guards the one in the database.
    let guard = match class.budgets().counted {
        Counted::Here => class,
        Counted::Together => Class::Write,
    };
    let rate = admission.scaled(guard.budgets().prefix);
    let spent = Spent::Requests(guard);
    if let Err(wait) = admission.take_of_network(spent, from, rate, 1) {
        let refused = admission.refuse(&request, guard, Whose::Network, rate, wait);
        bodies::discard(request.into_body(), admission.0.patience).await;
        return refused;
    }
    if class != Class::Stream {
        let _turn = admission.0.turns.of(class, from).await;
        return next.run(request).await;
    }
    let permit = match admission.0.streams.open(from, &admission.0.limits) {
        Ok(permit) => permit,
        Err(full) => return full.answer(&admission, &request),
    };
    held(next.run(request).await, permit)
}

/// Middleware that refuses requests beyond the visitor's budget.
pub(super) async fn admit(
    State(admission): State<Admission>,
    request: Request,
    next: Next,
) -> Response {
    let Some(visitor) = request.extensions().get::<Visitor>().cloned() else {
        return next.run(request).await;
    };
    let is_kept = request.extensions().get::<Beginning>().is_none();
    let class = class(&request);
    let budgets = class.budgets();
    if let Some(refused) = too_much_sent(&admission, &request, &visitor) {
        return refused;
    }
    if budgets.counted == Counted::Here
        && let Some((rate, key)) = budgets.asker.zip(asker(&visitor, is_kept))
    {
        let rate = admission.scaled(rate);
        if let Err(wait) = admission.take(Spent::Requests(class), key, rate, 1) {
            return admission.refuse(&request, class, Whose::Asker, rate, wait);
        }
    }
    if budgets.counted == Counted::Together {
        let counted = admission.counted_together(class, &visitor, is_kept);
        if let Err(error) = admission::count(&admission.0.backend, &counted).await {
            return not_counted(&admission, &request, class, &counted, error);
        }
    }
    if class != Class::Stream {
        return next.run(request).await;
    }
    let permit = match admission
        .0
        .streams
        .open_in(visitor.session, &admission.0.limits)
    {
        Ok(permit) => permit,
        Err(full) => return full.answer(&admission, &request),
    };
    held(next.run(request).await, permit)
}

/// Refuses uploads beyond the daily budget of visitors without an account: what they send is kept for days,
/// and signing in costs them only a signature.
fn too_much_sent(admission: &Admission, request: &Request, visitor: &Visitor) -> Option<Response> {
    if visitor.address.is_some() || intake::function(request).is_none() {
        return None;
    }
    let bytes = request.body().size_hint().exact();
    let amount = bytes.map_or(UNSAID_KIB, |bytes| bytes.div_ceil(1024));
    let rate = admission.scaled(SENT_A_DAY);
    let taken = admission.take_of_network(Spent::Kibibytes, visitor.from, rate, amount);
    let wait = taken.err()?;
    Some(admission.refuse(request, class(request), Whose::Network, rate, wait))
}

fn not_counted(
    admission: &Admission,
    request: &Request,
    class: Class,
    counted: &[Budget],
    error: NotCounted,
) -> Response {
    match error {
        NotCounted::Spent { which, wait } => {
            let budget = counted.get(which);
            let rate = budget.map_or(class.budgets().prefix, |budget| {
                Rate::new(budget.most, budget.window.0)
            });
            let whose = match budget {
                Some(budget) if budget.who.starts_with(NETWORK) => Whose::Network,
                _ => Whose::Asker,
            };
            admission.refuse(request, class, whose, rate, wait)
        }
        NotCounted::Failed(error) => Refusal::of(&error).answer(&Form::of(request)),
    }
}
