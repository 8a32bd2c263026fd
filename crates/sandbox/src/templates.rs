//! A repository of templates, simulated in GitHub's formats: its tree over the API below
//! `/code/templates-tree`, its raw files below `/code/templates-raw`.
//!
//! The templates are examples. One description is hostile, one document is refused, one is split
//! into two files, and the tree lists entries that no reader should take for a template. To add
//! one, put its files below `assets/templates` and add a line for each in [`FILES`].

use axum::Router;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::state::Shared;
use crate::venues::attend;

/// Paths and contents of the files.
const FILES: [(&str, &str); 11] = [
    ("README.md", include_str!("../assets/templates/README.md")),
    (
        "ai/chat-ui/README.md",
        include_str!("../assets/templates/ai/chat-ui/README.md"),
    ),
    (
        "ai/chat-ui/deploy.yml",
        include_str!("../assets/templates/ai/chat-ui/deploy.yml"),
    ),
    (
        "ghost/README.md",
        include_str!("../assets/templates/ghost/README.md"),
    ),
    (
        "ghost/deploy.yaml",
        include_str!("../assets/templates/ghost/deploy.yaml"),
    ),
    (
        "notes/README.md",
        include_str!("../assets/templates/notes/README.md"),
    ),
    (
        "notes/deploy.yaml",
        include_str!("../assets/templates/notes/deploy.yaml"),
    ),
    (
        "split/README.md",
        include_str!("../assets/templates/split/README.md"),
    ),
    (
        "split/deploy.yaml",
        include_str!("../assets/templates/split/deploy.yaml"),
    ),
    (
        "split/services.yaml",
        include_str!("../assets/templates/split/services.yaml"),
    ),
    (
        "valheim/deploy.yaml",
        include_str!("../assets/templates/valheim/deploy.yaml"),
    ),
];

/// Entries that are listed but unusable: a link, a path that leads outside, an invalid path, and a
/// file that claims to be larger than any template.
const ODD: [(&str, &str, u64); 4] = [
    ("linked/deploy.yaml", "120000", 12),
    ("../outside/deploy.yaml", "100644", 300),
    ("odd name?/deploy.yaml", "100644", 300),
    ("huge/deploy.yaml", "100644", 9_000_000),
];

/// Returns the routes of the repository.
pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route(
            "/code/templates-tree/repos/{owner}/{name}/git/trees/{branch}",
            get(tree),
        )
        .route(
            "/code/templates-raw/{owner}/{name}/{branch}/{*path}",
            get(raw),
        )
        .route("/code/templates-home/{*path}", get(home))
        .route_layer(from_fn_with_state(shared.clone(), attend))
}

/// Returns the hash of a file, derived from its content.
fn sha(content: &str) -> String {
    hex::encode(&Sha256::digest(content)[..20])
}

async fn tree(Path((owner, name, branch)): Path<(String, String, String)>) -> axum::Json<Value> {
    let real = FILES.map(|(path, content)| {
        json!({ "path": path, "mode": "100644", "type": "blob", "sha": sha(content),
            "size": content.len(),
            "url": format!("https://api.github.com/repos/{owner}/{name}/git/blobs/{}", sha(content)) })
    });
    let odd = ODD.map(|(path, mode, size)| {
        json!({ "path": path, "mode": mode, "type": "blob", "sha": sha(path), "size": size })
    });
    let folder = json!({ "path": "ghost", "mode": "040000", "type": "tree", "sha": sha("ghost") });
    let tree: Vec<Value> = real.into_iter().chain(odd).chain([folder]).collect();
    axum::Json(json!({ "sha": sha(&branch), "tree": tree, "truncated": false }))
}

async fn raw(
    Path((_, _, _, path)): Path<(String, String, String, String)>,
) -> Result<Response, (StatusCode, &'static str)> {
    let found = FILES.iter().find(|(name, _)| *name == path);
    let (_, content) = found.ok_or((StatusCode::NOT_FOUND, "404: Not Found"))?;
    let mut response = (*content).into_response();
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// Stands in for the pages of the real repository.
async fn home(Path(path): Path<String>) -> String {
    format!("Simulated: this would be {path}.")
}
