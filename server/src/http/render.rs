//! Isolates renders and server functions, and runs each to its end.
//!
//! Serving concurrent requests has two pitfalls:
//!
//! - A browser that disconnects early drops the request's future, and with it the owner of all its signals,
//!   while an effect of the same render may still run on another thread, which then panics. So each request
//!   runs to its end in a task of its own. That also keeps a server function from being cut short between two
//!   steps.
//! - Leptos finds the owner of contexts and signals in a thread-local, which it sets when a render begins.
//!   When the render resumes later, on that thread or another, the thread-local may hold another request's
//!   owner. So the owner is set each time a request is polled, and the thread-local is restored afterwards.

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::reactive::owner::{Owner, WeakOwner};
use tracing::Instrument as _;

/// Slot in which a render or a server function leaves its owner.
#[derive(Clone, Default)]
pub(super) struct OwnerSlot(Arc<OnceLock<WeakOwner>>);

impl OwnerSlot {
    /// Stores the current owner, the first time it is called.
    pub(super) fn fill(&self) {
        if let Some(owner) = Owner::current() {
            self.0.get_or_init(|| owner.downgrade());
        }
    }

    fn owner(&self) -> Option<Owner> {
        self.0.get()?.upgrade()
    }
}

/// Middleware that runs a request to its end, with an [`OwnerSlot`] among its extensions.
pub(super) async fn alone(mut request: Request, next: Next) -> Response {
    let slot = OwnerSlot::default();
    request.extensions_mut().insert(slot.clone());
    let nobody = nobody();
    let mut served = Box::pin(next.run(request));
    let served = poll_fn(move |context| {
        let owner = slot.owner();
        let owner = owner.as_ref().unwrap_or(&nobody);
        owner.with(|| served.as_mut().poll(context))
    });
    match tokio::spawn(served.in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // Tasks are cancelled only when the server stops.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Creates an owner without a parent and without a trace of it on this thread.
fn nobody() -> Owner {
    let owner = Owner::new_root(None);
    owner.clone().unset();
    owner
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use axum::routing::get;
    use axum::{Extension, Router, middleware};
    use leptos::prelude::{provide_context, use_context};
    use tokio::task::yield_now;
    use tower::ServiceExt as _;

    use super::*;

    fn request() -> Request {
        Request::new(axum::body::Body::empty())
    }

    fn served(router: Router) -> Router {
        router.layer(middleware::from_fn(alone))
    }

    #[tokio::test]
    async fn a_request_whose_client_goes_away_is_served_to_its_end() {
        let ended = Arc::new(AtomicBool::new(false));
        let router = served(Router::new().route(
            "/",
            get({
                let ended = Arc::clone(&ended);
                async move || {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    ended.store(true, Ordering::SeqCst);
                }
            }),
        ));
        let gone = tokio::time::timeout(Duration::from_millis(1), router.oneshot(request())).await;
        assert!(gone.is_err(), "nobody waited for the answer");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(ended.load(Ordering::SeqCst));
    }

    /// Runs on one thread, so that the two requests meet there.
    #[tokio::test]
    async fn a_request_finds_its_own_owner_whenever_it_goes_on() {
        #[derive(Clone, PartialEq, Debug)]
        struct Whose(u32);
        let handler = async |Extension(slot): Extension<OwnerSlot>| {
            static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
            assert_eq!(
                use_context::<Whose>(),
                None,
                "a request begins with nothing"
            );
            let own = Whose(NEXT.fetch_add(1, Ordering::SeqCst));
            // Does what a render does: sets the new owner and never removes it from the thread.
            let owner = Owner::new_root(None);
            provide_context(own.clone());
            slot.fill();
            for _ in 0..3 {
                yield_now().await;
                assert_eq!(use_context::<Whose>().as_ref(), Some(&own));
            }
            drop(owner);
        };
        let router = served(Router::new().route("/", get(handler)));
        let both = tokio::join!(
            router.clone().oneshot(request()),
            router.clone().oneshot(request())
        );
        assert!(both.0.is_ok_and(|one| one.status() == StatusCode::OK));
        assert!(both.1.is_ok_and(|one| one.status() == StatusCode::OK));
        assert!(Owner::current().is_none(), "the thread is left as it was");
    }
}
