//! Stores the world in a file, so that a later start continues where an earlier one stopped.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::StartError;
use crate::clock::Moment;
use crate::state::Shared;
use crate::world::World;

/// Time for which changes are batched; a kill loses no more than that.
const SAVE_DELAY: Duration = Duration::from_millis(150);

/// Time passes without changes as well, and must not go backwards after a kill.
const SAVE_INTERVAL: Duration = Duration::from_secs(5);

/// Contents of the file.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    pub(crate) now: Moment,
    pub(crate) world: World,
}

#[derive(Serialize)]
struct Saving<'a> {
    now: Moment,
    world: &'a World,
}

/// Reads the file if it exists.
pub(crate) fn load(path: &Path) -> Result<Option<Saved>, StartError> {
    let wrong = |error: String| StartError::StateFile(path.to_owned(), error);
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            wrong(format!(
                "not a sandbox state ({error}); remove it to start anew"
            ))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Writes the file atomically.
pub(crate) fn save(shared: &Shared, path: &Path) -> Result<(), StartError> {
    let wrong = |error: io::Error| StartError::StateFile(path.to_owned(), error.to_string());
    shared.take_unsaved();
    let text = shared
        .look(|world, now| serde_json::to_vec(&Saving { now, world }))
        .map_err(|error| wrong(io::Error::other(error)))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let temporary = path.with_extension("tmp");
    write_private(&temporary, &text).map_err(wrong)?;
    fs::rename(&temporary, path).map_err(wrong)
}

/// Writes a file readable only for its owner: it holds the demo wallet's keys, worthless as they
/// are.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Saves after every change, and once more at the end.
pub(crate) async fn keep_saving(shared: Shared, path: PathBuf, mut stopped: watch::Receiver<bool>) {
    loop {
        let mut is_due = false;
        let is_over = tokio::select! {
            () = is_stopped(&mut stopped) => true,
            () = shared.changed.notified() => {
                tokio::time::sleep(SAVE_DELAY).await;
                false
            }
            () = tokio::time::sleep(SAVE_INTERVAL) => {
                is_due = true;
                false
            }
        };
        if (is_over || is_due || shared.take_unsaved())
            && let Err(error) = save(&shared, &path)
        {
            tracing::error!(%error, "the state was not saved");
        }
        if is_over {
            return;
        }
    }
}

/// Returns when the program is to stop, or when the sender of that signal is gone.
pub(crate) async fn is_stopped(stopped: &mut watch::Receiver<bool>) {
    let _ended = stopped.wait_for(|stop| *stop).await.is_ok();
}
