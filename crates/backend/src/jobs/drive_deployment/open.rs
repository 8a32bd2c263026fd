//! Opens the deployment on Akash: exactly one, wherever the process is interrupted.
//!
//! Console's create call has no idempotency key. The intent ([`Event::OpenRequested`]) is recorded
//! before anything is sent, and the time of each call (`create_called_at`) before the call is made.
//! While a call may still take effect, the deployment is searched for by its name and content, and
//! adopted; it is created again only once an earlier call can no longer take effect.

use std::time::Duration;

use domain::deployment::{Event, Opened, State, runtime_limit};
use domain::time::{Seconds, UnixSeconds};

use super::deposit::NEEDED_TO_ACTIVATE;
use super::{Drive, Progress, Trouble};
use crate::fail_points::{Side, reach};
use crate::observe;
use crate::orders::change_error::ChangeError;
use crate::orders::changes;
use crate::orders::order::Order;
use crate::payment::exposure::Full;
use crate::ports::{Created, MarketError};

/// Time during which a create call whose answer was lost may still take effect: Console waits up to
/// 36 s for its transaction, and our call times out after 80 s.
pub(crate) const MAY_LAND: Seconds = Seconds(120);

/// Message to the buyer of a paid order that has to wait for its place.
const FULL: &str = "As many deployments are open as Necto pays for at a time. Yours opens as soon as \
                    one ends; if none does before your price runs out, everything goes back to you.";

/// Interval between searches for a lost deployment.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

impl Drive<'_> {
    pub(super) async fn request_open(&self, order: &Order) -> Result<Progress, Trouble> {
        if let Err(moved) = self.guard_escrow(order).await? {
            return Ok(moved);
        }
        let at = self.now();
        let Some(paid) = order.state.paid() else {
            return Ok(Progress::Moved);
        };
        if at.after(NEEDED_TO_ACTIVATE) > paid.terms.activate_by {
            let waited = order.notice.as_deref() == Some(FULL);
            let reason = match waited {
                true => "No place became free before your price ran out.",
                false => "The deposit came too late for its price.",
            };
            let reason = reason.to_owned();
            return self.record(Event::StepFailed { at, reason }).await;
        }
        let requested = changes::edit_claimed(self.backend, self.id, self.claim, |_| {
            Ok(vec![Event::OpenRequested { at }])
        });
        match requested.await {
            Ok(_) | Err(ChangeError::Refused(_)) => Ok(Progress::Moved),
            Err(ChangeError::Exposed(full)) => self.wait_for_room(order, &full).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Handles the cap on open deployments. A paid order waits for its place as long as its quote
    /// holds, and is then refunded in full.
    async fn wait_for_room(&self, order: &Order, full: &Full) -> Result<Progress, Trouble> {
        if order.notice.as_deref() != Some(FULL) {
            observe::opening_waits(order.id, &full.refusal);
        }
        self.notice(order, Some(FULL)).await?;
        Ok(Progress::Wait(self.backend.settings().poll.status))
    }

    pub(super) async fn open_or_adopt(&self, order: &Order) -> Result<Progress, Trouble> {
        let State::Opening { paid, requested_at } = &order.state else {
            return Ok(Progress::Moved);
        };
        if let Some(called_at) = order.create_called_at {
            if let Some(found) = self.find(order, *requested_at).await? {
                return self.opened(order, found).await;
            }
            if self.now() < called_at.after(MAY_LAND) {
                self.notice(
                    order,
                    Some("Akash has not confirmed the deployment yet; we look for it."),
                )
                .await?;
                return Ok(Progress::Wait(LOOK_AGAIN));
            }
        }
        if self.now().after(NEEDED_TO_ACTIVATE) > paid.terms.activate_by {
            return self
                .give_up("Akash did not open the deployment in time.")
                .await;
        }
        let at = self.now();
        reach(Side::Before, "create_mark");
        let marked = self
            .change(|order| {
                if matches!(order.state, State::Opening { .. }) {
                    order.create_called_at = Some(at);
                }
                Ok(Vec::new())
            })
            .await?;
        reach(Side::After, "create_mark");
        // The order was closed a moment ago: nothing may be created any more.
        if !marked.is_some_and(|order| matches!(order.state, State::Opening { .. })) {
            return Ok(Progress::Moved);
        }
        let deposit = self.backend.settings().console_deposit;
        let limit = runtime_limit::first(paid.quote.duration);
        let name = order.id.deployment_name();
        let market = &self.backend.ports().market;
        reach(Side::Before, "create");
        let answer = market.create(&order.sdl, &name, deposit, limit).await;
        reach(Side::After, "create");
        match answer {
            Ok(created) => self.opened(order, created).await,
            // The call may have taken effect: search for its result before doing anything else.
            Err(MarketError::Ambiguous(_)) => Ok(Progress::Wait(LOOK_AGAIN)),
            Err(error) => {
                self.not_created(at).await?;
                self.create_failed(error).await
            }
        }
    }

    /// Finds the order's deployment on Akash, if there is one.
    pub(super) async fn find(
        &self,
        order: &Order,
        since: UnixSeconds,
    ) -> Result<Option<Created>, Trouble> {
        let name = order.id.deployment_name();
        let market = &self.backend.ports().market;
        Ok(market.find(&name, &order.sdl, since).await?)
    }

    async fn opened(&self, order: &Order, created: Created) -> Result<Progress, Trouble> {
        let groups = sdl::derive(&order.sdl, sdl::Dialect::Console)
            .map_or(1, |derived| derived.groups.len().max(1));
        let opened = Opened {
            dseq: created.dseq,
            manifest: created.manifest,
            groups: u32::try_from(groups).unwrap_or(u32::MAX),
            at: self.now(),
        };
        self.edit(|order| {
            let recorded = matches!(order.state, State::Opening { .. });
            // The order was closed meanwhile: the mark stays, so that closing searches for the
            // deployment.
            if recorded {
                order.create_called_at = None;
                return Ok(vec![Event::Opened {
                    opened: opened.clone(),
                }]);
            }
            Ok(Vec::new())
        })
        .await
    }

    /// Records that the call at `at` provably had no effect.
    async fn not_created(&self, at: UnixSeconds) -> Result<Progress, Trouble> {
        self.edit(|order| {
            if order.create_called_at == Some(at) {
                order.create_called_at = None;
            }
            Ok(Vec::new())
        })
        .await
    }

    async fn create_failed(&self, error: MarketError) -> Result<Progress, Trouble> {
        match error {
            MarketError::Refused { message } => {
                self.give_up(&format!("Akash refused the SDL: {message}"))
                    .await
            }
            MarketError::OperatorFunds(message) => {
                observe::operator_funds(self.id, &message);
                self.give_up("Our account on Akash cannot open deployments right now.")
                    .await
            }
            other => Err(other.into()),
        }
    }

    /// Ends the order: what was started is unwound, and everything unused is refunded.
    pub(super) async fn give_up(&self, reason: &str) -> Result<Progress, Trouble> {
        let at = self.now();
        let reason = reason.to_owned();
        self.record(Event::StepFailed { at, reason }).await
    }
}
