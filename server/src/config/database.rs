//! The database, the keys that seal its data, and how long the data is kept.

use std::sync::Arc;

use backend::Keep;
use backend::adapters::random::OsRandom;
use backend::storage::DataKeys;
use domain::time::Seconds;
use secrecy::{ExposeSecret, SecretString};

use super::problems::Problems;
use super::values::{filled, present};

/// A century: nothing is kept for longer.
const MOST_DAYS: u64 = 36_525;

/// The database of `necto serve`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DatabaseOptions {
    /// sqlite://FILE (nothing to install) or postgres://… (several processes).
    #[arg(long, env = "NECTO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<SecretString>,
    /// Keys for what buyers write, 64 hexadecimal digits each, separated by commas: the first
    /// encrypts, all decrypt (`necto keys new` makes one).
    #[arg(long, env = "NECTO_DATA_KEYS", hide_env_values = true)]
    data_keys: Option<SecretString>,
    /// Days without a change after which a draft that nobody signed in for is deleted; 0: never.
    #[arg(long, env = "NECTO_KEEP_DRAFTS_DAYS", default_value_t = 7)]
    keep_drafts_days: u64,
    /// Days after its end after which the SDL and the logs of an order are deleted; 0: never.
    #[arg(long, env = "NECTO_KEEP_SETTLED_DAYS", default_value_t = 90)]
    keep_settled_days: u64,
}

/// The database, its keys and its retention periods.
#[derive(Debug)]
pub(crate) struct Database {
    /// Address of the database, which may hold a password.
    pub(crate) url: SecretString,
    /// Keys that seal what buyers write; empty only in a simulated run.
    pub(crate) keys: DataKeys,
    /// Retention periods of drafts and ended orders.
    pub(crate) keep: Keep,
}

impl DatabaseOptions {
    /// Parses the options.
    pub(super) fn check(self, simulated: bool, problems: &mut Problems) -> Option<Database> {
        let expected = "sqlite://necto.db for one process, or postgres://…";
        let url = present("NECTO_DATABASE_URL", self.database_url, expected);
        let url = problems.note(url.and_then(known_engine));
        let keys = problems.note(data_keys(self.data_keys, simulated));
        Some(Database {
            url: url?,
            keys: keys?,
            keep: Keep {
                drafts: Seconds::days(self.keep_drafts_days.min(MOST_DAYS)),
                over: Seconds::days(self.keep_settled_days.min(MOST_DAYS)),
            },
        })
    }
}

fn known_engine(url: SecretString) -> Result<SecretString, String> {
    let text = url.expose_secret();
    if text.starts_with("sqlite:")
        || text.starts_with("postgres://")
        || text.starts_with("postgresql://")
    {
        Ok(url)
    } else {
        Err("NECTO_DATABASE_URL must begin with sqlite:// or postgres://.".to_owned())
    }
}

/// Parses the keys; they may be missing only in a simulated run.
fn data_keys(keys: Option<SecretString>, simulated: bool) -> Result<DataKeys, String> {
    let random = Arc::new(OsRandom);
    match filled(keys) {
        Some(keys) => {
            DataKeys::parse(&keys, random).map_err(|error| format!("NECTO_DATA_KEYS: {error}."))
        }
        None if simulated => Ok(DataKeys::none(random)),
        None => Err(
            "NECTO_DATA_KEYS is not set: 64 hexadecimal digits (`necto keys new` makes a key). What buyers write, their passwords included, is encrypted with it."
                .to_owned(),
        ),
    }
}
