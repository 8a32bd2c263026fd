//! Checks whether a batch workload is done, or fails repeatedly.

use domain::akash::LeaseId;
use domain::batch::{ClusterNote, Evidence, Verdict, exit_code};
use domain::deployment::Running;
use domain::journey::ServiceView;

use super::{Drive, Trouble};
use crate::observe;
use crate::orders::order::Order;
use crate::ports::MarketStatus;
use crate::storage::logs;

/// The outcome of an order's batch services.
pub(super) enum Batch {
    /// The order has none, or their end is not known.
    Open,
    /// Each of them ended with exit code 0.
    Done,
    /// One of them ended with another exit code; a sentence for the buyer.
    Failed(String),
}

impl Drive<'_> {
    /// Checks the batch services, if the order has any. Without a provider's report nothing counts
    /// as done.
    pub(super) async fn batch(
        &self,
        order: &Order,
        running: &Running,
        status: &MarketStatus,
    ) -> Result<Batch, Trouble> {
        let names = sdl::batch_services(&order.sdl);
        let Some(reported) = status.services().filter(|_| !names.is_empty()) else {
            return Ok(Batch::Open);
        };
        let batches: Vec<&ServiceView> = names
            .iter()
            .filter_map(|name| reported.iter().find(|service| service.name == *name))
            .collect();
        let mut told = Vec::new();
        for service in &batches {
            let mut connection = self.backend.storage().read().await?;
            let line = logs::last_exit(&mut connection, self.id, &service.name);
            told.push(line.await?.as_deref().and_then(exit_code));
        }
        // While all are running and none has reported an end, there is no need to ask a provider.
        let runs = |(service, code): (&&ServiceView, &Option<i32>)| {
            service.available > 0 && code.is_none()
        };
        if batches.len() < names.len() || batches.iter().zip(&told).all(runs) {
            return Ok(Batch::Open);
        }
        let notes = self.notes(running, &names).await;
        let verdicts: Vec<Verdict> = batches
            .iter()
            .zip(&told)
            .map(|(reported, told)| {
                let evidence = Evidence {
                    reported,
                    told: *told,
                    notes: &notes,
                };
                evidence.verdict()
            })
            .collect();
        if verdicts.iter().all(|verdict| *verdict == Verdict::Done) {
            return Ok(Batch::Done);
        }
        let failed = batches
            .iter()
            .zip(verdicts)
            .find_map(|(service, verdict)| match verdict {
                Verdict::Failed { code } => Some(sentence(&service.name, code)),
                Verdict::Unknown | Verdict::Done => None,
            });
        Ok(failed.map_or(Batch::Open, Batch::Failed))
    }

    /// Asks the clusters for their reports. A cluster that cannot be queried reports nothing, and
    /// then nothing is done.
    async fn notes(&self, running: &Running, services: &[String]) -> Vec<ClusterNote> {
        let mut all = Vec::new();
        for bid in &running.accepted.bids {
            let lease: &LeaseId = &bid.id;
            match self.backend.ports().market.notes(lease, services).await {
                Ok(notes) => all.extend(notes),
                Err(error) => observe::notes_missing(self.id, &error),
            }
        }
        all
    }
}

fn sentence(service: &str, code: Option<i32>) -> String {
    let how = match code {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended without telling an exit code".to_owned(),
    };
    format!(
        "The job {service} {how}, and the provider starts it again each time. The log below says \
         why; you pay until you close the deployment."
    )
}
