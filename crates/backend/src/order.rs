//! An order as it is stored: the aggregate all use-cases and jobs work on.

use std::collections::BTreeSet;
use std::fmt;

use domain::auto_sign::Verdict;
use domain::deployment::{Acceptance, Readiness, State};
use domain::ids::{Address, OrderId};
use domain::journey::{Question, Refusal, SdlSource, ServiceView, ThinkingStep};
use domain::quote::MarketView;
use domain::requirements::{Assumption, Requirements, Wish};
use domain::templates::TemplateRef;
use domain::time::UnixSeconds;
use sdl::Dialect;
use sdl::secrets::{TO_BE_GENERATED, strong};

use crate::ports::Random;
use crate::visitor::{Owner, Visitor, VisitorId};

/// An order, from the first draft to the settled receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Whose browser made it.
    pub visitor: VisitorId,
    /// The account it belongs to; `None` while it belongs to that browser.
    pub account: Option<Address>,
    /// Whose wallet pays for it; set with the deposit's terms.
    pub buyer: Option<Address>,
    /// A short name for lists.
    pub name: String,
    /// The buyer's sentence.
    pub sentence: Option<String>,
    /// What was said.
    pub wish: Wish,
    /// What was decided; `None` for an imported SDL.
    pub requirements: Option<Requirements>,
    /// What nobody said.
    pub assumptions: Vec<Assumption>,
    /// What was thought.
    pub steps: Vec<ThinkingStep>,
    /// The SDL: what the price is for, and what is paid for.
    pub sdl: String,
    /// What the buyer has written instead and has not had priced; it is never paid for.
    pub working_sdl: Option<String>,
    /// Who is to pick the bid, where the buyer has chosen.
    pub acceptance: Option<Acceptance>,
    /// Where it came from.
    pub sdl_source: SdlSource,
    /// What its generated drafts carry where a secret belongs; `None` before the first draft.
    pub secret: Option<OrderSecret>,
    /// The template it began with.
    pub template: Option<TemplateRef>,
    /// The market when it was last asked.
    pub market: Option<MarketView>,
    /// Why there is no quote.
    pub refusal: Option<Refusal>,
    /// What is unclear about the request.
    pub question: Option<Question>,
    /// Fields of the wish that the buyer set or kept with an own hand, not in words.
    pub confirmed: BTreeSet<String>,
    /// What auto-sign made of the price; `None` where it is off.
    pub auto_sign: Option<Verdict>,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub state_since: UnixSeconds,
    /// What ran when it was last looked at.
    pub services: Vec<ServiceView>,
    /// A passing difficulty, for the buyer.
    pub notice: Option<String>,
    /// When a create call was last sent to Akash whose answer is not known.
    pub create_called_at: Option<UnixSeconds>,
    /// When an update was last sent to Akash whose outcome is not known.
    pub update_called_at: Option<UnixSeconds>,
    /// Since when the provider of a running deployment does not answer.
    pub silent_since: Option<UnixSeconds>,
    /// Since when nobody reports what runs, whether or not it can still be reached.
    pub unreported_since: Option<UnixSeconds>,
    /// Hours that Console was last told its deployment may live; `None` while that is the first limit.
    pub runtime_limit_hours: Option<u32>,
    /// When its SDL and its logs were deleted; `None` while they are there.
    pub erased_at: Option<UnixSeconds>,
    /// Counts the changes; a change names the version it was made from.
    pub version: u64,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it last changed.
    pub changed_at: UnixSeconds,
}

impl Order {
    /// A new draft of `visitor`'s, with nothing in it yet.
    #[must_use]
    pub fn draft(id: OrderId, visitor: &Visitor, now: UnixSeconds) -> Self {
        Self {
            id,
            visitor: visitor.visitor,
            account: visitor.address,
            buyer: None,
            name: "New order".to_owned(),
            sentence: None,
            wish: Wish::default(),
            requirements: None,
            assumptions: Vec::new(),
            steps: Vec::new(),
            sdl: String::new(),
            working_sdl: None,
            acceptance: None,
            sdl_source: SdlSource::Generated,
            secret: None,
            template: None,
            market: None,
            refusal: None,
            question: None,
            confirmed: BTreeSet::new(),
            auto_sign: None,
            state: State::Drafted,
            state_since: now,
            services: Vec::new(),
            notice: None,
            create_called_at: None,
            update_called_at: None,
            silent_since: None,
            unreported_since: None,
            runtime_limit_hours: None,
            erased_at: None,
            version: 0,
            created_at: now,
            changed_at: now,
        }
    }

    /// The text as the buyer left it: priced, or still being written.
    #[must_use]
    pub fn shown_sdl(&self) -> &str {
        self.working_sdl.as_deref().unwrap_or(&self.sdl)
    }

    /// Whether the draft may still be written in.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.state.is_editable() || matches!(self.state, State::AwaitingDeposit { .. })
    }

    /// Takes a text that Necto wrote as its SDL, with a secret of its own where one belongs: always
    /// the same one, of which `fresh` is the first.
    pub(crate) fn take_generated(&mut self, text: &str, fresh: &OrderSecret) {
        let secret = self.secret.get_or_insert_with(|| fresh.clone());
        self.sdl = text.replace(TO_BE_GENERATED, secret.expose());
    }

    /// Forgets what its buyer wrote and had deployed. What was paid, to whom and when stays.
    pub(crate) fn erase(&mut self, now: UnixSeconds) {
        self.name = "Deleted".to_owned();
        self.sentence = None;
        self.wish = Wish::default();
        self.requirements = None;
        self.assumptions.clear();
        self.steps.clear();
        self.sdl.clear();
        self.working_sdl = None;
        self.secret = None;
        self.refusal = None;
        self.question = None;
        self.market = None;
        self.services.clear();
        self.confirmed.clear();
        for text in self.state.texts_mut() {
            text.clear();
        }
        self.erased_at = Some(now);
        self.changed_at = now;
    }

    /// How ready what it runs is; `None` unless something is leased.
    #[must_use]
    pub fn readiness(&self) -> Option<Readiness> {
        let is_silent = self.unreported_since.is_some();
        self.state.readiness(&self.services, is_silent)
    }

    /// The dialect that made its deployment, and so the one it is updated in: everything goes
    /// through Console.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        Dialect::Console
    }

    /// To whom it belongs.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner::strongest(self.visitor, self.account)
    }
}

/// A strong secret. It prints as redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct OrderSecret(String);

impl OrderSecret {
    /// One that nobody knows yet.
    pub(crate) fn fresh(random: &dyn Random) -> Self {
        Self(strong(&random.bytes32()))
    }

    /// One that was stored.
    pub(crate) const fn stored(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself, to be stored.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OrderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}
