//! Answers read from files instead of from venues.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use domain::offers::{Provenance, Venue};
use domain::time::UnixSeconds;
use domain::time::read_iso_8601;
use thiserror::Error;

use super::payload::Payload;
use super::{SOURCES, Source};
use crate::ports::Parsed;

/// A venue's recorded answer, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Venue that the answer is from.
    pub venue: Venue,
    /// Rows of the answer, or the reason why there are none.
    pub outcome: Result<Parsed, String>,
    /// Time at which it was recorded, from the recording or its file's name; otherwise the time of
    /// the file's last change.
    pub at: UnixSeconds,
}

/// The folder cannot be read.
#[derive(Debug, Error)]
#[error("cannot read {path}: {source}")]
pub struct RecordedError {
    path: PathBuf,
    source: io::Error,
}

/// Reads every venue's answers from files in `folder`, named like `runpod_gpuTypes.json`. A venue
/// without a file is reported as missing; a file that no venue reads is ignored.
///
/// # Errors
/// If the folder or one of the files cannot be read.
pub fn read_recorded(folder: &Path) -> Result<Vec<Recording>, RecordedError> {
    let fail = |path: &Path, source| RecordedError {
        path: path.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| fail(folder, error))? {
        let entry = entry.map_err(|error| fail(folder, error))?;
        names.extend(entry.file_name().into_string());
    }
    // The order of files in a folder depends on the file system; that of the rows must not.
    names.sort_unstable();
    SOURCES
        .iter()
        .map(|source| read_one(source, folder, &names).map_err(|(path, error)| fail(&path, error)))
        .collect()
}

fn read_one(
    source: &Source,
    folder: &Path,
    names: &[String],
) -> Result<Recording, (PathBuf, io::Error)> {
    let mut texts = Vec::new();
    let mut stated = None;
    let mut written = UnixSeconds(0);
    for beginning in source.recordings {
        for name in names.iter().filter(|name| is_recording(name, beginning)) {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).map_err(|error| (path.clone(), error))?;
            stated = stated.max(stated_at(name, &text));
            written = written.max(written_at(&path).map_err(|error| (path, error))?);
            texts.push(Some(text));
        }
    }
    let at = stated.unwrap_or(written);
    let outcome = if texts.is_empty() {
        Err(format!(
            "no file begins with {}",
            source.recordings.join(" or ")
        ))
    } else {
        (source.parse)(&Payload { texts, at })
            .map(|parsed| as_recorded(parsed, stated.is_some()))
            .map_err(|error| error.to_string())
    };
    Ok(Recording {
        venue: source.venue,
        outcome,
        at,
    })
}

fn is_recording(name: &str, beginning: &str) -> bool {
    let has_ending = [".json", ".csv"]
        .iter()
        .any(|ending| name.ends_with(ending));
    has_ending && name.starts_with(beginning)
}

fn as_recorded(mut parsed: Parsed, is_dated: bool) -> Parsed {
    for listing in &mut parsed.listings {
        listing.provenance = listing.provenance.max(Provenance::Recorded);
        if !is_dated {
            listing
                .notes
                .push("The recording states no date: its file's own time is shown.".to_owned());
        }
    }
    parsed
}

/// Returns the time stated in the answer, otherwise the date in the file's name.
fn stated_at(name: &str, text: &str) -> Option<UnixSeconds> {
    let stated = text
        .split_once("\"fetchedAt\"")
        .and_then(|(_, rest)| rest.split('"').nth(1))
        .and_then(read_iso_8601);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let named = stem.rsplit('_').next().and_then(read_iso_8601);
    stated.or(named)
}

fn written_at(path: &Path) -> io::Result<UnixSeconds> {
    let modified = fs::metadata(path)?.modified()?;
    let since = modified
        .duration_since(UNIX_EPOCH)
        .map_err(io::Error::other)?;
    Ok(UnixSeconds(since.as_secs()))
}
