//! An order as stored: the aggregate that all use-cases and jobs work on.

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
    /// Id of the order, generated at random when its draft is created.
    pub id: OrderId,
    /// Visitor whose browser made the order.
    pub visitor: VisitorId,
    /// Account that it belongs to; `None` while it belongs to that browser.
    pub account: Option<Address>,
    /// Address of the wallet that pays for the order; `None` until the deposit's terms are set.
    pub buyer: Option<Address>,
    /// A short name for lists.
    pub name: String,
    /// Request as the buyer typed it; `None` if the order began without words, from a form, a template or
    /// an SDL.
    pub sentence: Option<String>,
    /// Wish as it was read from the buyer's words or set in the form; fields not stated stay open.
    pub wish: Wish,
    /// Requirements decided from the wish, every field filled; `None` before that and for an imported SDL.
    pub requirements: Option<Requirements>,
    /// Fields that the buyer did not state, each with the value taken and the reason.
    pub assumptions: Vec<Assumption>,
    /// Steps of the thinking that led to the draft, in order, each with its evidence and its time.
    pub steps: Vec<ThinkingStep>,
    /// The SDL. The price is for this text, and it is what is paid for.
    pub sdl: String,
    /// SDL that the buyer has written since and has not had priced; it is never paid for. `None` if `sdl`
    /// is what the buyer last wrote.
    pub working_sdl: Option<String>,
    /// The buyer's choice of who picks the bid; `None` before that choice.
    pub acceptance: Option<Acceptance>,
    /// Origin of the SDL: written by Necto, changed by the buyer, or imported.
    pub sdl_source: SdlSource,
    /// Secret that every generated draft of this order carries where a secret belongs; `None` before the
    /// first such draft.
    pub secret: Option<OrderSecret>,
    /// Template that the order began with; `None` if it began without one.
    pub template: Option<TemplateRef>,
    /// Market at the time when the order was last priced; `None` if it has not been priced in its
    /// present form.
    pub market: Option<MarketView>,
    /// Reason why there is no quote; `None` unless pricing was refused.
    pub refusal: Option<Refusal>,
    /// Question to the buyer about what is unclear in the request; `None` if nothing is.
    pub question: Option<Question>,
    /// Fields of the wish that the buyer set or kept by hand, not in words.
    pub confirmed: BTreeSet<String>,
    /// Verdict of auto-sign on the current price; `None` where it is off or has not looked at this price.
    pub auto_sign: Option<Verdict>,
    /// State of the order, with what has been paid, opened and leased so far.
    pub state: State,
    /// Time at which the order entered its present state.
    pub state_since: UnixSeconds,
    /// Services as the providers last reported them, with no copy running once closed; empty before the
    /// first report.
    pub services: Vec<ServiceView>,
    /// Sentence for the buyer about a temporary difficulty; `None` if there is none.
    pub notice: Option<String>,
    /// Time at which a create call was last sent to Akash; `None` if the outcomes of all such calls
    /// are known.
    pub create_called_at: Option<UnixSeconds>,
    /// Time at which an update was last sent to Akash; `None` if the outcomes of all such calls are
    /// known.
    pub update_called_at: Option<UnixSeconds>,
    /// Time at which the provider of a running deployment was first found silent, with no answer from the
    /// workload either; `None` while there is an answer.
    pub silent_since: Option<UnixSeconds>,
    /// Time at which providers were first found not to report the deployment's state, whether or
    /// not it can still be reached; `None` while they report.
    pub unreported_since: Option<UnixSeconds>,
    /// Lifetime of the deployment in hours, as Console was last told; `None` while the first limit
    /// applies.
    pub runtime_limit_hours: Option<u32>,
    /// Time at which the SDL and the logs of the order were deleted; `None` while they exist.
    pub erased_at: Option<UnixSeconds>,
    /// Number of changes; a change names the version that it is based on.
    pub version: u64,
    /// Time at which the draft was made.
    pub created_at: UnixSeconds,
    /// Time of the last change, of any field.
    pub changed_at: UnixSeconds,
}

impl Order {
    /// Returns a new draft of `visitor`, with nothing in it yet.
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

    /// The text as the buyer left it: the priced one, or one that is still being written.
    #[must_use]
    pub fn shown_sdl(&self) -> &str {
        self.working_sdl.as_deref().unwrap_or(&self.sdl)
    }

    /// Whether the draft may still be edited.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.state.is_editable() || matches!(self.state, State::AwaitingDeposit { .. })
    }

    /// Adopts a text written by Necto as the order's SDL, with a secret where one belongs: always
    /// the same secret, initially `fresh`.
    pub(crate) fn take_generated(&mut self, text: &str, fresh: &OrderSecret) {
        let secret = self.secret.get_or_insert_with(|| fresh.clone());
        self.sdl = text.replace(TO_BE_GENERATED, secret.expose());
    }

    /// Deletes what the buyer wrote and deployed. Payments, their recipients and their dates stay.
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

    /// The deployment's readiness; `None` unless something is leased.
    #[must_use]
    pub fn readiness(&self) -> Option<Readiness> {
        let is_silent = self.unreported_since.is_some();
        self.state.readiness(&self.services, is_silent)
    }

    /// The dialect in which the deployment was made and is therefore updated: everything goes
    /// through Console.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        Dialect::Console
    }

    /// The owner of the order.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        Owner::strongest(self.visitor, self.account)
    }
}

/// A strong secret, whose debug output is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct OrderSecret(String);

impl OrderSecret {
    /// Generates a new secret.
    pub(crate) fn fresh(random: &dyn Random) -> Self {
        Self(strong(&random.bytes32()))
    }

    /// Wraps a stored secret.
    pub(crate) const fn stored(secret: String) -> Self {
        Self(secret)
    }

    /// Exposes the secret, for storing it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OrderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}
