//! The venue of providers that list themselves: events of the register are read from the last
//! position on, up to settled blocks only, and the result is stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::Hash32;
use domain::offers::{Listing, Provenance, QuarantineReason, Quarantined, Venue};
use domain::time::UnixSeconds;
use futures::{StreamExt as _, stream};
use tokio::sync::Mutex;

use crate::adapters::price_sources::necto;
use crate::ports::{
    ChainBlock, Clock, Fetched, ListedCapacity, ListedProvider, Parsed, PriceSource,
    ProviderListings, SourceError,
};
use crate::storage::listed_providers::{self, Cursor};
use crate::storage::{Storage, StorageError};

/// Reading a register for the first time may take several attempts: progress is kept.
const DEADLINE: Duration = Duration::from_secs(20);

/// Number of descriptions requested at once.
const AT_ONCE: usize = 8;

/// Providers on the register of one chain.
#[derive(Debug)]
pub struct ListedProviders {
    listings: Arc<dyn ProviderListings>,
    register: String,
    first_block: u64,
    provenance: Provenance,
    storage: Option<Storage>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    is_recalled: bool,
    cursor: Option<Cursor>,
    providers: BTreeMap<Hash32, ListedProvider>,
    descriptions: BTreeMap<Hash32, String>,
}

impl ListedProviders {
    /// Reads `register` (any unique name) from `first_block` on. Without `storage`, every process
    /// starts there.
    #[must_use]
    pub fn new(
        listings: Arc<dyn ProviderListings>,
        register: String,
        first_block: u64,
        provenance: Provenance,
        storage: Option<Storage>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            listings,
            register,
            first_block,
            provenance,
            storage,
            clock,
            known: Mutex::default(),
        }
    }

    async fn recall(&self, known: &mut Known) -> Result<(), StorageError> {
        if let Some(storage) = self.storage.as_ref().filter(|_| !known.is_recalled) {
            let mut connection = storage.read().await?;
            known.cursor = listed_providers::cursor(&mut connection, &self.register).await?;
            let entries = listed_providers::all(&mut connection, &self.register).await?;
            known.providers = entries.into_iter().map(|entry| (entry.id, entry)).collect();
        }
        known.is_recalled = true;
        Ok(())
    }

    /// Reads the events since the last time.
    async fn follow(&self, known: &mut Known) -> Result<(), SourceError> {
        let settled = self.listings.settled().await.map_err(unreachable)?;
        if let Some(cursor) = known.cursor {
            match self
                .listings
                .block(cursor.block)
                .await
                .map_err(unreachable)?
            {
                Some(block) if block.hash == cursor.hash => {}
                Some(_) => {
                    self.forget(known).await.map_err(lost)?;
                }
                None => return Err(unreachable("its node is behind what was read before")),
            }
        }
        let mut from = known
            .cursor
            .map_or(self.first_block, |cursor| cursor.block + 1);
        while from <= settled.number {
            let to = settled.number.min(from + self.listings.window() - 1);
            let entries = self.entries(from, to, settled.number).await?;
            let end = self.still_there(to, settled).await?;
            self.keep(known, entries, end).await.map_err(lost)?;
            from = to + 1;
        }
        Ok(())
    }

    /// Returns the entries that changed in these blocks, in their state as of the settled block.
    async fn entries(
        &self,
        from: u64,
        to: u64,
        settled: u64,
    ) -> Result<Vec<(Hash32, Option<ListedProvider>)>, SourceError> {
        let ids = self.listings.changed(from, to).await.map_err(unreachable)?;
        let mut entries = Vec::new();
        for id in ids {
            let entry = self.listings.provider(id, settled).await;
            entries.push((id, entry.map_err(unreachable)?));
        }
        Ok(entries)
    }

    /// Returns the position at the end of what was read, after checking that the settled block is
    /// still in place: otherwise the answers came from two chains.
    async fn still_there(&self, to: u64, settled: ChainBlock) -> Result<Cursor, SourceError> {
        let moved = || unreachable("its chain was reorganised while it was read");
        let again = self.listings.block(settled.number).await;
        let again = again.map_err(unreachable)?.ok_or_else(moved)?;
        if again.hash != settled.hash {
            return Err(moved());
        }
        let end = if to == settled.number {
            settled
        } else {
            let end = self.listings.block(to).await.map_err(unreachable)?;
            end.ok_or_else(moved)?
        };
        Ok(Cursor {
            block: end.number,
            hash: end.hash,
        })
    }

    async fn keep(
        &self,
        known: &mut Known,
        entries: Vec<(Hash32, Option<ListedProvider>)>,
        end: Cursor,
    ) -> Result<(), StorageError> {
        // Only entries approved by a curator are examined, and an approval is a change like any
        // other. Anyone can register as much as they pay for, and none of that is kept.
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(id, entry)| (id, entry.filter(|entry| entry.is_approved)))
            .collect();
        if let Some(storage) = &self.storage {
            let mut transaction = storage.begin_write().await?;
            for (id, entry) in &entries {
                match entry {
                    Some(entry) => {
                        listed_providers::put(&mut transaction, &self.register, entry).await?;
                    }
                    None => {
                        listed_providers::remove(&mut transaction, &self.register, *id).await?;
                    }
                }
            }
            listed_providers::advance(&mut transaction, &self.register, end).await?;
            transaction.commit().await?;
        }
        for (id, entry) in entries {
            match entry {
                Some(entry) => known.providers.insert(id, entry),
                None => known.providers.remove(&id),
            };
        }
        known.cursor = Some(end);
        Ok(())
    }

    async fn forget(&self, known: &mut Known) -> Result<(), StorageError> {
        tracing::warn!(
            register = self.register,
            "the register's chain was reorganised: it is read anew"
        );
        if let Some(storage) = &self.storage {
            let mut transaction = storage.begin_write().await?;
            listed_providers::forget(&mut transaction, &self.register).await?;
            transaction.commit().await?;
        }
        known.providers.clear();
        known.cursor = None;
        Ok(())
    }

    /// Returns the rows of all entries that are approved and not offline.
    async fn rows(&self, known: &mut Known, at: UnixSeconds) -> Parsed {
        let listed: Vec<ListedProvider> = known
            .providers
            .values()
            .filter(|entry| entry.is_approved && entry.capacity != ListedCapacity::Offline)
            .cloned()
            .collect();
        let wanted: Vec<(Hash32, Option<String>)> = listed
            .iter()
            .map(|entry| {
                let hash = entry.description;
                (hash, known.descriptions.get(&hash).cloned())
            })
            .collect();
        let described: Vec<_> = stream::iter(wanted)
            .map(|(hash, document)| self.described(hash, document))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut parsed = Parsed::default();
        for (entry, described) in listed.iter().zip(described) {
            let row = described.and_then(|document| {
                let row = necto::parse(entry, &document, at);
                known.descriptions.insert(entry.description, document);
                row
            });
            match row {
                Ok(listing) => parsed.listings.push(Listing {
                    provenance: self.provenance,
                    ..listing
                }),
                Err(why) => parsed.unreadable.push(Quarantined {
                    venue: Venue::Necto,
                    shape: entry.account.clone(),
                    place: None,
                    reason: QuarantineReason::Unreadable { why },
                }),
            }
        }
        parsed
    }

    /// Returns the description from memory, otherwise from storage, otherwise by requesting it.
    async fn described(&self, hash: Hash32, known: Option<String>) -> Result<String, String> {
        if let Some(document) = known {
            return Ok(document);
        }
        if let Some(storage) = &self.storage {
            let kept = async {
                let mut connection = storage.read().await?;
                listed_providers::description(&mut connection, hash).await
            };
            match kept.await {
                Ok(Some(document)) => return Ok(document),
                Ok(None) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        let document = self.listings.description(hash).await?;
        if let Some(storage) = &self.storage {
            let kept = async {
                let mut transaction = storage.begin_write().await?;
                listed_providers::keep_description(&mut transaction, hash, &document).await?;
                transaction.commit().await
            };
            kept.await.map_err(|error| error.to_string())?;
        }
        Ok(document)
    }
}

#[async_trait]
impl PriceSource for ListedProviders {
    fn venue(&self) -> Venue {
        Venue::Necto
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn fetch(&self, _known: Option<&str>) -> Result<Fetched, SourceError> {
        let mut known = self.known.lock().await;
        self.recall(&mut known).await.map_err(lost)?;
        self.follow(&mut known).await?;
        let parsed = self.rows(&mut known, self.clock.now()).await;
        Ok(Fetched::Rows { parsed, etag: None })
    }
}

fn unreachable(reason: impl Into<String>) -> SourceError {
    SourceError::Unreachable(reason.into())
}

fn lost(error: StorageError) -> SourceError {
    SourceError::Unreachable(error.to_string())
}

#[cfg(test)]
mod tests;
