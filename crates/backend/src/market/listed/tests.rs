//! A register in memory whose chain can grow, be reorganised and fall behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::ids::Hash32;
use domain::offers::{Provenance, QuarantineReason};
use domain::time::UnixSeconds;

use super::ListedProviders;
use crate::fakes::FakeClock;
use crate::fakes::world::data_keys;
use crate::ports::{
    ChainBlock, Fetched, ListedCapacity, ListedProvider, ListedRate, Parsed, PriceSource as _,
    ProviderListings, SourceError,
};
use crate::storage::{Storage, listed_providers};

#[derive(Debug, Default)]
struct Chain {
    height: u64,
    /// Number that tells this branch's blocks from another's: it fills their hashes.
    branch: u8,
    changes: Vec<(u64, ListedProvider)>,
    published: BTreeMap<Hash32, String>,
    asked: Vec<(u64, u64)>,
    descriptions_asked: u32,
}

#[derive(Debug, Default)]
struct Register(Mutex<Chain>);

impl Register {
    fn chain<T>(&self, act: impl FnOnce(&mut Chain) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    /// Adds a block with a provider's new entry in it.
    fn writes(&self, provider: ListedProvider) {
        self.chain(|chain| {
            chain.height += 1;
            chain.changes.push((chain.height, provider));
        });
    }
}

#[async_trait]
impl ProviderListings for Register {
    async fn settled(&self) -> Result<ChainBlock, String> {
        let height = self.chain(|chain| chain.height);
        Ok(self.block(height).await?.unwrap())
    }

    async fn block(&self, number: u64) -> Result<Option<ChainBlock>, String> {
        Ok(self.chain(|chain| {
            (number <= chain.height).then(|| ChainBlock {
                number,
                hash: Hash32::from_bytes([chain.branch; 32]),
                timestamp: UnixSeconds(number),
            })
        }))
    }

    async fn changed(&self, from: u64, to: u64) -> Result<Vec<Hash32>, String> {
        Ok(self.chain(|chain| {
            chain.asked.push((from, to));
            let within = chain
                .changes
                .iter()
                .filter(|(at, _)| (from..=to).contains(at));
            within.map(|(_, provider)| provider.id).collect()
        }))
    }

    fn window(&self) -> u64 {
        10
    }

    async fn provider(&self, id: Hash32, block: u64) -> Result<Option<ListedProvider>, String> {
        Ok(self.chain(|chain| {
            let mut changes = chain.changes.iter().rev();
            let last = changes.find(|(at, entry)| *at <= block && entry.id == id);
            last.map(|(_, entry)| entry.clone())
        }))
    }

    async fn description(&self, hash: Hash32) -> Result<String, String> {
        self.chain(|chain| {
            chain.descriptions_asked += 1;
            let published = chain.published.get(&hash).cloned();
            published.ok_or_else(|| "its description was answered with status 404".to_owned())
        })
    }
}

const DESCRIBED: Hash32 = Hash32::from_bytes([9; 32]);

fn provider(number: u8) -> ListedProvider {
    ListedProvider {
        id: Hash32::from_bytes([number; 32]),
        account: format!("akash1provider{number}"),
        description: DESCRIBED,
        hourly: "4.40".parse().unwrap(),
        rate: ListedRate::Fixed,
        capacity: ListedCapacity::Available,
        is_approved: true,
    }
}

fn register() -> Arc<Register> {
    let register = Arc::new(Register::default());
    let document = include_str!("../../adapters/price_sources/fixtures/necto.json");
    register.chain(|chain| {
        chain.height = 25;
        chain.published.insert(DESCRIBED, document.to_owned());
    });
    register
}

fn source(register: &Arc<Register>, storage: Option<Storage>) -> ListedProviders {
    ListedProviders::new(
        register.clone(),
        "99999/0x01".to_owned(),
        3,
        Provenance::Live,
        storage,
        Arc::new(FakeClock::at(1_800_000_000)),
    )
}

async fn rows(source: &ListedProviders) -> Result<Parsed, SourceError> {
    match source.fetch(None).await? {
        Fetched::Rows { parsed, .. } => Ok(parsed),
        Fetched::NotModified => panic!("the register has no tag"),
    }
}

fn accounts(parsed: &Parsed) -> Vec<&str> {
    let rows = parsed.listings.iter();
    rows.map(|row| row.provider.as_deref().unwrap()).collect()
}

#[tokio::test]
async fn what_is_approved_is_listed_and_what_is_withdrawn_disappears() {
    let register = register();
    let source = source(&register, None);
    register.writes(provider(1));
    register.writes(ListedProvider {
        is_approved: false,
        ..provider(2)
    });
    register.writes(ListedProvider {
        capacity: ListedCapacity::Offline,
        ..provider(3)
    });
    assert_eq!(accounts(&rows(&source).await.unwrap()), ["akash1provider1"]);
    register.chain(|chain| {
        assert_eq!(chain.asked, [(3, 12), (13, 22), (23, 28)], "in windows");
        assert_eq!(chain.descriptions_asked, 1);
    });
    register.writes(provider(2));
    let both = ["akash1provider1", "akash1provider2"];
    assert_eq!(accounts(&rows(&source).await.unwrap()), both);
    register.writes(ListedProvider {
        is_approved: false,
        ..provider(1)
    });
    register.writes(ListedProvider {
        capacity: ListedCapacity::Offline,
        ..provider(2)
    });
    assert_eq!(accounts(&rows(&source).await.unwrap()), [""; 0]);
    register.chain(|chain| {
        assert_eq!(chain.asked[3..], [(29, 29), (30, 31)], "only what is new");
        assert_eq!(chain.descriptions_asked, 1, "descriptions never change");
    });
}

#[tokio::test]
async fn what_strangers_register_is_not_kept_until_it_is_approved() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/necto.db?mode=rwc", folder.path().display());
    let storage = Storage::connect(&url, data_keys(&[1])).await.unwrap();
    let register = register();
    for number in 1..40 {
        register.writes(ListedProvider {
            is_approved: false,
            ..provider(number)
        });
    }
    register.writes(provider(40));
    let source = source(&register, Some(storage.clone()));
    assert_eq!(
        accounts(&rows(&source).await.unwrap()),
        ["akash1provider40"]
    );
    let mut connection = storage.read().await.unwrap();
    let kept = listed_providers::all(&mut connection, "99999/0x01")
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    drop(connection);
    register.writes(provider(7));
    assert_eq!(accounts(&rows(&source).await.unwrap()).len(), 2);
}

#[tokio::test]
async fn a_description_that_is_missing_holds_one_provider_back_with_the_reason() {
    let register = register();
    let source = source(&register, None);
    register.writes(provider(1));
    register.writes(ListedProvider {
        description: Hash32::from_bytes([8; 32]),
        ..provider(2)
    });
    let parsed = rows(&source).await.unwrap();
    assert_eq!(accounts(&parsed), ["akash1provider1"]);
    let why = "its description was answered with status 404".to_owned();
    assert_eq!(parsed.unreadable[0].shape, "akash1provider2");
    assert_eq!(
        parsed.unreadable[0].reason,
        QuarantineReason::Unreadable { why }
    );
}

#[tokio::test]
async fn the_place_where_reading_stopped_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/necto.db?mode=rwc", folder.path().display());
    let storage = Storage::connect(&url, data_keys(&[1])).await.unwrap();
    let register = register();
    register.writes(provider(1));
    rows(&source(&register, Some(storage.clone())))
        .await
        .unwrap();
    register.chain(|chain| chain.asked.clear());

    let again = source(&register, Some(storage));
    register.writes(provider(2));
    let both = ["akash1provider1", "akash1provider2"];
    assert_eq!(accounts(&rows(&again).await.unwrap()), both);
    register.chain(|chain| {
        assert_eq!(chain.asked, [(27, 27)]);
        assert_eq!(chain.descriptions_asked, 1);
    });
}

#[tokio::test]
async fn a_reorganised_chain_is_read_anew_and_one_that_is_behind_is_not_believed() {
    let register = register();
    let source = source(&register, None);
    register.writes(provider(1));
    rows(&source).await.unwrap();
    register.chain(|chain| chain.height -= 5);
    let behind = rows(&source).await.unwrap_err().to_string();
    assert_eq!(
        behind,
        "it cannot be reached: its node is behind what was read before"
    );
    register.chain(|chain| {
        chain.height += 6;
        chain.branch = 1;
        chain.changes.clear();
    });
    register.writes(provider(2));
    assert_eq!(accounts(&rows(&source).await.unwrap()), ["akash1provider2"]);
}
