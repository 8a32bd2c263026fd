//! Applies an update on Akash exactly once, wherever the process is interrupted.
//!
//! The buyer's request recorded the intent ([`Event::UpdateRequested`]); the time of each call
//! (`update_called_at`) is recorded before the call is made. Console declares the new version on
//! chain and then delivers the manifest to the providers. If an answer is lost, the version shows
//! whether the call took effect. If it did, only the manifest is delivered again, which is
//! idempotent; otherwise the update is sent again once the earlier call can no longer take effect.

use std::time::Duration;

use domain::akash::Dseq;
use domain::deployment::{Event, State};
use domain::ids::Hash32;
use domain::journey::SdlSource;
use domain::time::UnixSeconds;

use super::open::MAY_LAND;
use super::{Drive, Progress, Trouble};
use crate::fail_points::{Side, reach};
use crate::orders::order::Order;
use crate::ports::{MarketError, MarketStatus};

/// Interval between checks of the version while a call may still take effect.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

const HELD: &str = "A payment failed before it was sent, so the deployment is on hold. Add money, then send it again.";

const NOT_HANDED_OVER: &str =
    "The provider has not confirmed the update yet; we hand it over again.";

impl Drive<'_> {
    /// Advances a pending update by one step. `Some` if the order moved or has to be checked again
    /// soon.
    pub(super) async fn update(
        &self,
        order: &Order,
        status: &MarketStatus,
    ) -> Result<Option<Progress>, Trouble> {
        let State::Active {
            opened,
            held_since,
            updating: Some(update),
            ..
        } = &order.state
        else {
            return Ok(None);
        };
        let Ok(derived) = sdl::derive(&update.sdl, order.dialect()) else {
            let reason = "The text can no longer be read.".to_owned();
            return self.update_refused(reason).await.map(Some);
        };
        let version = Hash32::from_bytes(derived.manifest.hash());
        let landed = status.version == Some(version);
        match order.update_called_at {
            None if held_since.is_some() && !landed => {
                return self.update_refused(HELD.to_owned()).await.map(Some);
            }
            Some(called_at) if !landed && self.now() < called_at.after(MAY_LAND) => {
                return Ok(Some(Progress::Wait(LOOK_AGAIN)));
            }
            _ => {}
        }
        let at = self.now();
        if !self.mark_update(at).await? {
            return Ok(Some(Progress::Moved));
        }
        reach(Side::Before, "update");
        let answer = self.backend.ports().market.update(opened.dseq, &update.sdl);
        let answer = answer.await;
        reach(Side::After, "update");
        match answer {
            Ok(()) => self.updated(derived.manifest.sorted_json()).await.map(Some),
            // The version is declared: only a provider's confirmation is missing, which may take a
            // while.
            Err(MarketError::Ambiguous(why)) if landed => Err(not_handed_over(why)),
            Err(MarketError::ManifestNotDelivered(why)) => Err(not_handed_over(why)),
            Err(MarketError::Ambiguous(_)) => Ok(Some(Progress::Wait(LOOK_AGAIN))),
            Err(MarketError::Refused { message }) => {
                self.take_back(order, opened.dseq, version).await?;
                let reason = format!("Akash refused it: {message}");
                self.update_refused(reason).await.map(Some)
            }
            Err(error) => {
                self.update_not_sent(at).await?;
                Err(error.into())
            }
        }
    }

    /// Records that a call is about to be made; returns whether the update is still wanted.
    async fn mark_update(&self, at: UnixSeconds) -> Result<bool, Trouble> {
        reach(Side::Before, "update_mark");
        let marked = self
            .change(|order| {
                if order.state.updating().is_some() {
                    order.update_called_at = Some(at);
                }
                Ok(Vec::new())
            })
            .await?;
        reach(Side::After, "update_mark");
        Ok(marked.is_some_and(|order| order.state.updating().is_some()))
    }

    /// Records that the call at `at` provably had no effect.
    async fn update_not_sent(&self, at: UnixSeconds) -> Result<Progress, Trouble> {
        self.edit(|order| {
            if order.update_called_at == Some(at) {
                order.update_called_at = None;
            }
            Ok(Vec::new())
        })
        .await
    }

    /// Declares the running version again if Akash had accepted the update before a provider
    /// refused it.
    async fn take_back(&self, order: &Order, dseq: Dseq, refused: Hash32) -> Result<(), Trouble> {
        let market = &self.backend.ports().market;
        if market.status(dseq).await?.version != Some(refused) {
            return Ok(());
        }
        reach(Side::Before, "take_back");
        let answer = market.update(dseq, &order.sdl).await;
        reach(Side::After, "take_back");
        Ok(answer?)
    }

    async fn updated(&self, manifest: String) -> Result<Progress, Trouble> {
        let at = self.now();
        self.edit(|order| {
            let Some(update) = order.state.updating().cloned() else {
                return Ok(Vec::new());
            };
            order.update_called_at = None;
            order.sdl = update.sdl;
            if order.sdl_source == SdlSource::Generated {
                order.sdl_source = SdlSource::Edited;
            }
            Ok(vec![Event::Updated {
                at,
                manifest: manifest.clone(),
                changes: update.changes,
            }])
        })
        .await
    }

    async fn update_refused(&self, reason: String) -> Result<Progress, Trouble> {
        let at = self.now();
        self.edit(|order| {
            if order.state.updating().is_none() {
                return Ok(Vec::new());
            }
            order.update_called_at = None;
            let reason = reason.clone();
            Ok(vec![Event::UpdateRefused { at, reason }])
        })
        .await
    }
}

fn not_handed_over(why: String) -> Trouble {
    Trouble::Outside {
        why,
        notice: NOT_HANDED_OVER,
        retry_after: None,
    }
}
