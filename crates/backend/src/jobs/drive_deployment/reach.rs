//! Necto's own check of a deployment from outside: whether anything answers at its addresses or at
//! its provider's gateway.

use domain::deployment::Running;
use domain::journey::ServiceView;
use futures::future::join_all;

use super::{Drive, Trouble};
use crate::orders::addresses::MAX_ADDRESSES;
use crate::storage::reached;

/// The result of Necto's own check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// The workload answers.
    Answers,
    /// The workload does not answer, but did before.
    Gone,
    /// The workload does not answer and never has, which proves nothing.
    Never,
}

impl Drive<'_> {
    /// Probes the deployment from outside.
    pub(super) async fn reach(
        &self,
        services: &[ServiceView],
        running: &Running,
    ) -> Result<Reached, Trouble> {
        let answers = self.somebody_answers(services, running).await;
        let before = reached::was(&mut self.backend.storage().read().await?, self.id).await?;
        if answers && !before {
            let mut transaction = self.backend.storage().begin_write().await?;
            reached::note(&mut transaction, self.id, self.now()).await?;
            transaction.commit().await?;
        }
        Ok(match (answers, before) {
            (true, _) => Reached::Answers,
            (false, true) => Reached::Gone,
            (false, false) => Reached::Never,
        })
    }

    /// Probes from outside while all is well, until the workload has answered once: only then does
    /// later silence mean anything.
    pub(super) async fn reach_once(
        &self,
        services: &[ServiceView],
        running: &Running,
    ) -> Result<(), Trouble> {
        let before = reached::was(&mut self.backend.storage().read().await?, self.id).await?;
        if !before {
            self.reach(services, running).await?;
        }
        Ok(())
    }

    async fn somebody_answers(&self, services: &[ServiceView], running: &Running) -> bool {
        let mut addresses: Vec<String> = services
            .iter()
            .flat_map(|service| service.uris.iter().cloned())
            .take(MAX_ADDRESSES)
            .collect();
        let ports = self.backend.ports();
        for bid in &running.accepted.bids {
            // Akash reports the gateway's address; without it only the other addresses are probed.
            if let Ok(gateway) = ports.market.gateway(&bid.id.provider).await {
                addresses.push(format!("{}/version", gateway.trim_end_matches('/')));
            }
        }
        let answers = addresses.iter().map(|address| ports.reach.answers(address));
        join_all(answers).await.contains(&true)
    }
}
