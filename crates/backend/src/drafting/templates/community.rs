//! The community's templates: stored locally with their age, and refreshed in the background.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::templates::{CommunityState, TemplateCard, TemplateId, TemplateOrigin, is_folder};
use domain::time::{Seconds, UnixSeconds};
use futures::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::found::{Found, missing};
use super::listing::{FileName, Listed, MOST_FILE_BYTES, listing};
use super::prose;
use crate::ports::{SourceTree, TemplateSource, TemplateSourceError};
use crate::storage::template_files::{self, KeptFile, TemplateList};
use crate::storage::{StorageError, storable};
use crate::{Backend, UsecaseError, observe};

/// Interval at which the list is confirmed.
const CONFIRM_EVERY: Seconds = Seconds::minutes(60);
/// Wait before another request after a failure.
const RETRY_AFTER: Seconds = Seconds::minutes(2);
/// Interval between checks for something to do.
const ROUND: Duration = Duration::from_secs(15);
/// Number of descriptions that are read ahead per round, so that they can be searched.
const READ_AHEAD: usize = 24;
/// Number of descriptions that are read concurrently.
const AT_ONCE: usize = 4;
/// Maximum number of files that a template may be split into.
const MOST_INCLUDES: usize = 8;
/// Length at which descriptions are truncated on the shelf.
const SUMMARY_LENGTH: usize = 140;

/// Keeps the list of the community's templates current until `cancelled`. Reads only.
pub async fn run_templates(backend: Backend, cancelled: CancellationToken) {
    let Some(source) = backend.ports().templates.clone() else {
        return;
    };
    let mut not_before = UnixSeconds(0);
    loop {
        let round = async {
            let now = backend.ports().clock.now();
            if now >= not_before {
                not_before = now.after(match confirm(&backend, source.as_ref()).await {
                    Ok(true) => CONFIRM_EVERY,
                    Ok(false) => RETRY_AFTER,
                    Err(error) => {
                        observe::templates_not_kept(&error);
                        RETRY_AFTER
                    }
                });
            }
            if let Err(error) = read_ahead(&backend, &source).await {
                observe::templates_not_kept(&error);
            }
            backend.ports().clock.sleep(ROUND).await;
        };
        tokio::select! {
            () = cancelled.cancelled() => return,
            () = round => {}
        }
    }
}

/// Asks whether the list is still current and stores the answer; returns whether there was one.
pub(crate) async fn confirm(
    backend: &Backend,
    source: &dyn TemplateSource,
) -> Result<bool, StorageError> {
    let mut list = kept_list(backend).await?;
    let answer = async {
        match source.tree(list.etag.as_deref()).await? {
            SourceTree::NotModified => Ok(None),
            SourceTree::Files { files, etag } => {
                let contents = source.file("README.md", MOST_FILE_BYTES).await?;
                Ok(Some((listing(&files, &contents), etag)))
            }
        }
    };
    let answered = match answer.await {
        Ok(changed) => {
            if let Some((listing, etag)) = changed {
                list.listing = listing;
                list.etag = etag;
            }
            list.confirmed_at = Some(backend.ports().clock.now());
            list.trouble = None;
            true
        }
        Err(error) => {
            let error: TemplateSourceError = error;
            observe::template_source_failed(&error);
            list.trouble = Some(format!(
                "The community’s templates could not be asked for again: their source {error}. \
                 It is tried again by itself."
            ));
            false
        }
    };
    let mut transaction = backend.storage().begin_write().await?;
    template_files::keep_list(&mut transaction, &list).await?;
    transaction.commit().await?;
    Ok(answered)
}

/// Reads some of the descriptions that are not stored yet. The first failure ends the round.
pub(crate) async fn read_ahead(
    backend: &Backend,
    source: &Arc<dyn TemplateSource>,
) -> Result<(), StorageError> {
    let list = kept_list(backend).await?;
    let known = template_files::known(&mut backend.storage().read().await?).await?;
    let wanted = list.listing.into_iter().filter_map(|listed| listed.readme);
    let wanted = wanted.filter(|file| {
        known
            .get(&file.path)
            .is_none_or(|(sha, _)| *sha != file.sha)
    });
    let wanted: Vec<FileName> = wanted.take(READ_AHEAD).collect();
    let mut answers = stream::iter(wanted)
        .map(|file| async move { read(backend, source.as_ref(), &file).await })
        .buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        let file = match answer {
            Ok(file) => file,
            Err(error) => {
                observe::template_source_failed(&error);
                return Ok(());
            }
        };
        keep(backend, &file).await?;
    }
    Ok(())
}

/// Returns the community's templates on the shelf, and their status; nothing if no source is
/// configured.
pub(crate) async fn shelf(
    backend: &Backend,
) -> Result<Option<(Vec<TemplateCard>, CommunityState)>, StorageError> {
    let Some(source) = &backend.ports().templates else {
        return Ok(None);
    };
    let list = kept_list(backend).await?;
    let mut connection = backend.storage().read().await?;
    let known = template_files::known(&mut connection).await?;
    let cards = list.listing.iter().map(|listed| card(listed, &known));
    Ok(Some((
        cards.collect(),
        CommunityState {
            source: source.home().to_owned(),
            confirmed_at: list.confirmed_at,
            trouble: list.trouble,
        },
    )))
}

fn card(listed: &Listed, known: &BTreeMap<String, (String, Option<String>)>) -> TemplateCard {
    let readme = listed
        .readme
        .as_ref()
        .and_then(|file| known.get(&file.path));
    listed.card(readme.and_then(|(_, summary)| summary.clone()))
}

/// Returns the template in `folder`: its current state if its source answers, otherwise as last
/// read.
pub(crate) async fn find(backend: &Backend, folder: &str) -> Result<Found, UsecaseError> {
    let id = TemplateId::Community(folder.to_owned());
    let source = backend
        .ports()
        .templates
        .clone()
        .ok_or_else(|| missing(&id))?;
    let list = kept_list(backend).await?;
    let listed = list.listing.iter().find(|listed| listed.folder == folder);
    let listed = listed.ok_or_else(|| missing(&id))?;
    let readme = async {
        match &listed.readme {
            Some(file) => current(backend, source.as_ref(), file).await.map(Some),
            None => Ok(None),
        }
    };
    let (document, readme) =
        futures::join!(current(backend, source.as_ref(), &listed.document), readme);
    let document = document?;
    // A description that cannot be read now does not block access to the document.
    let readme = readme.ok().flatten();
    let stale = document.stale.clone().or_else(|| {
        let trouble = list.trouble.as_ref()?;
        Some(format!("{trouble} This may not be its newest state."))
    });
    Ok(Found {
        card: listed.card(
            readme
                .as_ref()
                .and_then(|readme| readme.file.summary.clone()),
        ),
        about: readme.map(|readme| readme.file.body).unwrap_or_default(),
        sdl: document.file.body,
        duration: None,
        core: None,
        origin: Some(TemplateOrigin {
            url: source.page_of(folder),
            read_at: document.file.read_at,
            stale,
        }),
    })
}

/// Returns the document of a community template with its included files inlined. They are read
/// under the same guards as the document, only from its own folder and below.
pub(crate) async fn with_includes(
    backend: &Backend,
    found: &Found,
) -> Result<String, UsecaseError> {
    let names = sdl::includes(&found.sdl);
    let source = backend.ports().templates.clone();
    let (Some(source), TemplateId::Community(folder)) = (source, &found.card.id) else {
        return Err(missing(&found.card.id));
    };
    if names.len() > MOST_INCLUDES {
        return Err(UsecaseError::Invalid(format!(
            "It names {} files, and at most {MOST_INCLUDES} are read. Write them into the SDL \
             yourself.",
            names.len()
        )));
    }
    let mut files = Vec::new();
    for name in names {
        let path = format!("{folder}/{}", name.trim_start_matches("./"));
        let read = match is_folder(&path) {
            true => source.file(&path, MOST_FILE_BYTES).await,
            false => Err(TemplateSourceError::Elsewhere),
        };
        let text = read.map_err(|error| {
            UsecaseError::Unavailable(format!(
                "“{name}” cannot be read: its source {error}. Use the template without it, or try \
                 again in a minute."
            ))
        })?;
        files.push((name, text));
    }
    sdl::inline(&found.sdl, &files).map_err(|error| {
        UsecaseError::Invalid(format!(
            "The files cannot be put together: {error} Use the template without them."
        ))
    })
}

/// A file, and the reason why it may not be the newest version.
struct Current {
    file: KeptFile,
    stale: Option<String>,
}

async fn current(
    backend: &Backend,
    source: &dyn TemplateSource,
    wanted: &FileName,
) -> Result<Current, UsecaseError> {
    let kept = template_files::file(&mut backend.storage().read().await?, &wanted.path).await?;
    if let Some(file) = kept.clone().filter(|kept| kept.sha == wanted.sha) {
        return Ok(Current { file, stale: None });
    }
    match (read(backend, source, wanted).await, kept) {
        (Ok(file), _) => {
            keep(backend, &file).await?;
            Ok(Current { file, stale: None })
        }
        (Err(error), Some(file)) => Ok(Current {
            file,
            stale: Some(format!(
                "There is a newer state of it, but its source {error}: this is the state before."
            )),
        }),
        (Err(error), None) => Err(UsecaseError::Unavailable(format!(
            "This template cannot be read now: its source {error}. Try again in a minute, or \
             choose another one."
        ))),
    }
}

async fn read(
    backend: &Backend,
    source: &dyn TemplateSource,
    wanted: &FileName,
) -> Result<KeptFile, TemplateSourceError> {
    let body = storable(&source.file(&wanted.path, MOST_FILE_BYTES).await?);
    let is_readme = wanted.path.to_ascii_lowercase().ends_with(".md");
    let summary = is_readme
        .then(|| domain::prose::summary(&prose::read(&body), SUMMARY_LENGTH))
        .flatten();
    Ok(KeptFile {
        path: wanted.path.clone(),
        sha: wanted.sha.clone(),
        body,
        summary,
        read_at: backend.ports().clock.now(),
    })
}

async fn keep(backend: &Backend, file: &KeptFile) -> Result<(), StorageError> {
    let mut transaction = backend.storage().begin_write().await?;
    template_files::keep_file(&mut transaction, file).await?;
    transaction.commit().await
}

async fn kept_list(backend: &Backend) -> Result<TemplateList, StorageError> {
    let mut connection = backend.storage().read().await?;
    template_files::list(&mut connection).await
}
