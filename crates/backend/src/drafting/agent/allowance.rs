//! The daily allowance for models, kept in the database so that all processes share it.

use async_trait::async_trait;

use crate::ports::Allowance;
use crate::settings::AgentLimits;
use crate::storage::{StorageError, agent_usage};
use crate::visitor::Visitor;
use crate::{Backend, observe};

/// One visitor's share of the day's allowance.
#[derive(Debug)]
pub(super) struct DailyAllowance<'a> {
    backend: &'a Backend,
    who: String,
    day: u64,
}

impl<'a> DailyAllowance<'a> {
    pub(super) fn of(backend: &'a Backend, visitor: &Visitor) -> Self {
        Self {
            backend,
            who: whose(visitor),
            day: backend.ports().clock.now().0 / 86_400,
        }
    }

    async fn try_take(&self, tokens: u64, limits: AgentLimits) -> Result<bool, StorageError> {
        let mut transaction = self.backend.storage().begin_write().await?;
        let taken =
            agent_usage::take(&mut transaction, self.day, &self.who, tokens, limits).await?;
        transaction.commit().await?;
        Ok(taken)
    }

    async fn try_give_back(&self, tokens: u64) -> Result<(), StorageError> {
        let mut transaction = self.backend.storage().begin_write().await?;
        agent_usage::give_back(&mut transaction, self.day, &self.who, tokens).await?;
        transaction.commit().await?;
        Ok(())
    }
}

#[async_trait]
impl Allowance for DailyAllowance<'_> {
    async fn take(&self, tokens: u64) -> bool {
        let limits = self.backend.settings().agent;
        match self.try_take(tokens, limits).await {
            Ok(taken) => taken,
            Err(error) => {
                // Tokens that cannot be counted are not spent.
                observe::allowance_unknown(&error);
                false
            }
        }
    }

    async fn give_back(&self, tokens: u64) {
        if let Err(error) = self.try_give_back(tokens).await {
            observe::allowance_unknown(&error);
        }
    }
}

/// Returns the party whose share it is: the account or the network. A browser without an account
/// becomes another visitor as soon as it drops its cookie.
fn whose(visitor: &Visitor) -> String {
    match (visitor.address, visitor.from) {
        (Some(account), _) => account.to_string(),
        (None, Some(network)) => network.to_string(),
        (None, None) => visitor.visitor.to_string(),
    }
}
