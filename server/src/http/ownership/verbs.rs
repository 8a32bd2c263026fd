//! Everything that can be requested, with its subject.

use domain::ids::OrderId;
use domain::requirements::Wish;
use serde_json::{Value, json};

use super::site::Content;

/// Possessions of one visitor.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) order: OrderId,
    /// Id of the template, as used in addresses.
    pub(super) template: String,
}

impl Subject {
    pub(super) const fn new(order: OrderId, template: String) -> Self {
        Self { order, template }
    }
}

/// Subject of a request, which decides who gets an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Names an order: for its owner only.
    Order,
    /// Names an own template: for its owner only.
    Template,
    /// The signed-in account: refused without one, and never shows another's data.
    Account,
    /// The visitor: for everyone, with their own data.
    Asker,
    /// The session itself: changes who uses this browser.
    Session,
    /// The same for everyone.
    Everybody,
}

/// A server function.
#[derive(Debug)]
pub(super) struct Verb {
    pub(super) path: &'static str,
    pub(super) about: About,
    asks: fn(&Subject) -> Content,
}

impl Verb {
    /// The function's request that names the subject wherever possible.
    pub(super) fn asks(&self, subject: &Subject) -> Content {
        (self.asks)(subject)
    }

    /// Whether the function is tried on the first subject only.
    pub(super) fn is_last_of(&self, _subject: &Subject) -> bool {
        self.path == "delete_template"
    }
}

macro_rules! verb {
    ($about:ident $path:literal, |$subject:ident| $fields:tt) => {
        Verb {
            path: $path,
            about: About::$about,
            asks: |$subject| Content::Json(json!($fields)),
        }
    };
    ($about:ident $path:literal, form |$subject:ident| $($name:literal: $value:expr),*) => {
        Verb {
            path: $path,
            about: About::$about,
            asks: |$subject| Content::Form(vec![$(($name, $value.to_string())),*]),
        }
    };
}

fn any_wish() -> Value {
    serde_json::to_value(Wish::default()).unwrap()
}

const HASH: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";
const SESSION: &str = "22222222222222222222222222222222";
const SOMEBODY: &str = "0x7777777777777777777777777777777777777777";
const ANY_SDL: &str = backend::stage::SDL;

/// All server functions, the destructive ones last.
pub(super) const VERBS: &[Verb] = &[
    verb!(Order "open_order", |of| { "order": of.order }),
    verb!(Order "open_sealed_order", |of| { "order": of.order }),
    verb!(Order "open_routing", |of| { "order": of.order }),
    verb!(Order "read_logs", |of| { "order": of.order, "after": 0 }),
    verb!(Order "relaxations", |of| { "order": of.order }),
    verb!(Order "requote", |of| { "order": of.order }),
    verb!(Order "keep_draft", |of| { "order": of.order, "text": ANY_SDL, "over": HASH }),
    verb!(Order "choose_acceptance", |of| { "order": of.order, "acceptance": "manual" }),
    verb!(Order "save_sdl", |of| { "order": of.order, "text": ANY_SDL }),
    verb!(Order "save_sdl_plain", form |of| "order": of.order, "text": ANY_SDL),
    verb!(Order "update_deployment", |of| { "order": of.order, "text": ANY_SDL }),
    verb!(Order "change_wish", |of| { "order": of.order, "wish": any_wish() }),
    verb!(Order "prepare_deposit", |of| {
        "order": of.order, "text": HASH, "acceptance": "manual"
    }),
    verb!(Order "relay_deposit", |of| { "order": of.order, "escrow": HASH, "signature": "0x" }),
    verb!(Order "cancel_deposit", |of| { "order": of.order, "escrow": HASH }),
    verb!(Order "cancel_payment", |of| { "order": of.order }),
    verb!(Order "report_transaction", |of| { "order": of.order, "kind": "fund", "hash": HASH }),
    verb!(Order "prepare_top_up", |of| { "order": of.order, "amount": "1000000" }),
    verb!(Order "relay_top_up", |of| {
        "order": of.order, "top_up": any_top_up(), "valid_before": 1, "signature": "0x"
    }),
    verb!(Order "accept_bid", |of| { "order": of.order, "bids": [] }),
    verb!(Order "save_template", form |of| "order": of.order, "name": "Stolen"),
    verb!(Order "redeploy", |of| { "order": of.order }),
    verb!(Order "redeploy_relaxed", |of| { "order": of.order, "wish": any_wish() }),
    verb!(Order "close_deployment", |of| { "order": of.order }),
    verb!(Order "delete_order", |of| { "order": of.order }),
    verb!(Template "open_template", |of| { "id": of.template }),
    verb!(Template "use_template", form |of| "template": of.template),
    verb!(Template "rename_template", form |of| "template": of.template, "name": "Stolen"),
    verb!(Template "delete_template", form |of| "template": of.template),
    verb!(Account "open_auto_sign", |_of| {}),
    verb!(Account "prepare_policy", |_of| {
        "limits": { "per_order": "1000000", "per_day": "2000000", "lasts": 86_400 }
    }),
    verb!(Account "arm_policy", |_of| {
        "policy": any_policy(), "signature": "0x", "pace": "at_once"
    }),
    verb!(Account "set_pace", |_of| { "pace": "at_once" }),
    verb!(Account "disarm_policy", |_of| {}),
    verb!(Account "drip_gas", |_of| {}),
    verb!(Account "open_sessions", |_of| {}),
    verb!(Account "end_session", form |_of| "session": SESSION),
    verb!(Asker "auto_sign_on", |_of| {}),
    verb!(Asker "list_orders", |_of| {}),
    verb!(Asker "open_shelf", |_of| {}),
    verb!(Asker "describe", |_of| { "ask": { "kind": "words", "text": "nginx for an hour" } }),
    verb!(Asker "describe_plain", form |_of| "sentence": "nginx for an hour"),
    verb!(Everybody "chain_view", |_of| {}),
    verb!(Everybody "faucet_call", |_of| { "address": SOMEBODY }),
    verb!(Everybody "prepare_keep", |_of| { "amount": "1000000" }),
    verb!(Everybody "prepare_withdrawal", |_of| { "amount": "1000000" }),
    verb!(Everybody "generate_secrets", |_of| { "text": ANY_SDL }),
    verb!(Everybody "read_market_words", |_of| {}),
    verb!(Everybody "open_market", |_of| { "query": "" }),
    verb!(Session "session", |_of| {}),
    verb!(Session "challenge", |_of| { "address": SOMEBODY }),
    verb!(Session "sign_in", |_of| { "message": "", "signature": "" }),
    verb!(Session "sign_out", |_of| {}),
    verb!(Session "end_all_sessions", form |_of|),
];

fn any_top_up() -> Value {
    json!({ "escrow": HASH, "buyer": SOMEBODY, "amount": "1", "deposited": "1" })
}

fn any_policy() -> Value {
    json!({
        "buyer": SOMEBODY,
        "payees": [SOMEBODY],
        "max_rate": "1",
        "max_fee_bps": 0,
        "min_run_time": 300,
        "max_heartbeat_window": 300,
        "max_per_order": "1",
        "max_per_day": "1",
        "max_open": 1,
        "expiry": 1,
        "nonce": 0
    })
}

/// A route that is neither a page nor a server function.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) path: &'static str,
}

impl Route {
    pub(super) fn path(&self, subject: &Subject) -> String {
        self.path.replace("{id}", &subject.order.to_string())
    }

    pub(super) fn names_an_order(&self) -> bool {
        self.path.contains("{id}")
    }
}

const fn route(path: &'static str) -> Route {
    Route { path }
}

/// All such routes.
pub(super) const ROUTES: &[Route] = &[
    route("/api/orders/{id}/events"),
    route("/api/orders/{id}/logs"),
    route("/api/orders/{id}/decision"),
    route("/operator"),
    route("/operator/resume"),
    route("/operator/retry"),
    route("/operator.css"),
    route("/api/market"),
    route("/api/market/events"),
    route("/healthz"),
    route("/readyz"),
    route("/metrics"),
    route(app::POLICY_REPORTS),
];

/// A page, with each of its addresses that can name a subject.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) path: &'static str,
    addresses: &'static [&'static str],
}

impl Page {
    pub(super) fn addresses(&self, subject: &Subject) -> Vec<String> {
        let named = |address: &&str| {
            address
                .replace("{order}", &subject.order.to_string())
                .replace("{template}", &subject.template)
        };
        self.addresses.iter().map(named).collect()
    }
}

/// All pages.
pub(super) const PAGES: &[Page] = &[
    Page {
        path: "/",
        addresses: &["/", "/?order={order}"],
    },
    Page {
        path: "/market",
        addresses: &["/market?order={order}"],
    },
    Page {
        path: "/templates",
        addresses: &["/templates"],
    },
    Page {
        path: "/templates/{id}",
        addresses: &["/templates/{template}"],
    },
    Page {
        path: "/deploy",
        addresses: &["/deploy?template={template}"],
    },
    Page {
        path: "/auto-sign",
        addresses: &["/auto-sign"],
    },
    Page {
        path: "/sessions",
        addresses: &["/sessions"],
    },
    Page {
        path: "/deployments",
        addresses: &["/deployments"],
    },
    Page {
        path: "/deployments/{id}",
        addresses: &["/deployments/{order}"],
    },
];
