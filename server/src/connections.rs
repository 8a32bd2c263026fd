//! The listener: limits the number of connections and how long each may keep us waiting.
//!
//! A connection occupies a descriptor and some memory until it ends, so every wait for a client has a
//! timeout: for the first request, for a head, for the next request, for a body (`http::bodies`), and for a
//! client that does not read its response. Event streams wait for us, not for the client, and stay open.

mod door;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum_server::{Handle, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::ConnectionLimits;
pub(crate) use door::{Door, Doorkeeper};

/// HTTP/2 keep-alive interval and timeout.
const STILL_THERE: Duration = Duration::from_secs(20);

/// Concurrent requests on one HTTP/2 connection.
const SIDE_BY_SIDE: u32 = 128;

/// Maximum size of a head, as HTTP/2 counts it; HTTP/1 has about the same limit in hyper.
const HEAD_BYTES: u32 = 32 * 1024;

/// Serves until `stop` is cancelled, then lets open requests finish, but no longer than `rest`.
///
/// # Errors
/// When the listener cannot be used.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &ConnectionLimits,
    door: &Door,
    stop: CancellationToken,
    rest: Duration,
) -> io::Result<()> {
    let handle = Handle::<SocketAddr>::new();
    let mut server = Server::<SocketAddr>::from_listener(listener)
        .acceptor(Doorkeeper::new(door.clone(), limits))
        .handle(handle.clone())
        .accept_error_handler(note);
    set_patience(&mut server, limits);
    let served = server
        // Detecting HTTP/1 or HTTP/2 takes the first bytes, and no other timeout covers them.
        .first_request_timeout(limits.first_request())
        .serve(router.into_make_service_with_connect_info::<SocketAddr>());
    tokio::pin!(served);
    tokio::select! {
        ended = &mut served => return ended,
        () = stop.cancelled() => handle.graceful_shutdown(Some(rest)),
    }
    served.await
}

/// Logs connections that were not accepted, but only the first, second, fourth and so on, so that a flood of
/// connections does not flood the log.
fn note(peer: Option<&SocketAddr>, error: &io::Error) {
    static FAILURES: AtomicU64 = AtomicU64::new(0);
    let failures = FAILURES.fetch_add(1, Ordering::Relaxed) + 1;
    if failures.is_power_of_two() {
        let known = peer.is_some();
        tracing::warn!(%error, known, failures, "a connection was not taken");
    }
}

fn set_patience<A>(server: &mut Server<SocketAddr, A>, limits: &ConnectionLimits) {
    let builder = server.http_builder();
    // Also the idle timeout: between requests, a connection waits for the next head.
    builder.http1().header_read_timeout(limits.head);
    builder
        .http2()
        .keep_alive_interval(STILL_THERE)
        .keep_alive_timeout(STILL_THERE)
        .max_concurrent_streams(SIDE_BY_SIDE)
        .max_header_list_size(HEAD_BYTES);
}
