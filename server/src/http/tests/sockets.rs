//! Runs the whole server on real sockets, against slow clients.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::world::World;
use crate::config::{BodyPatience, Config};
use crate::connections::{Door, serve};

/// Timeout for a head in these tests.
const HEAD: Duration = Duration::from_millis(400);

/// Time after which an open connection counts as held for ever; generous, because the machine may be busy.
const FOR_EVER: Duration = Duration::from_secs(20);

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const STREAM: &str = "GET /api/market/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const BODY: &str = "POST /api/describe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";

/// A server on its own port.
struct Served {
    world: World,
    door: Door,
    address: SocketAddr,
    ended: JoinHandle<io::Result<()>>,
}

impl Served {
    async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let mut config = crate::config::tests::config(&[]);
        config.connections.head = HEAD;
        config.connections.body = BodyPatience {
            between: HEAD,
            whole: HEAD * 3,
        };
        set(&mut config);
        let limits = config.connections.clone();
        let world = World::configured(config).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let door = Door::default();
        let ended = tokio::spawn({
            let (router, stop) = (world.router.clone(), world.life.stopping());
            let door = door.clone();
            async move { serve(listener, router, &limits, &door, stop, HEAD).await }
        });
        Self {
            world,
            door,
            address,
            ended,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Connects and sends the beginning of a request.
    async fn begin(&self, text: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// Connects, reads one whole response, and keeps the connection open.
    async fn keep(&self) -> TcpStream {
        let mut stream = self.begin(HEALTH).await;
        let answer = piece(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        stream
    }
}

/// Reads the next piece.
async fn piece(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 4096];
    let read = timeout(FOR_EVER, stream.read(&mut bytes)).await;
    let count = read.expect("something comes").unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

/// Reads until the server closes the connection; returns the text and the elapsed time.
async fn until_closed(mut stream: TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let read = timeout(FOR_EVER, stream.read_to_end(&mut bytes)).await;
    // A reset counts as closing, too.
    let _count = read.expect("it is held for ever");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (text, begun.elapsed())
}

/// The same, while the client repeats `drop` for many times the timeout.
async fn dripped(stream: TcpStream, drop: &'static str) -> (String, Duration) {
    let begun = Instant::now();
    let (mut from, mut to) = stream.into_split();
    let drips = tokio::spawn(async move {
        while to.write_all(drop.as_bytes()).await.is_ok() {
            sleep(HEAD / 4).await;
        }
    });
    let mut bytes = Vec::new();
    let read = timeout(FOR_EVER, from.read_to_end(&mut bytes)).await;
    let _count = read.expect("it is held for ever");
    drips.abort();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (text, begun.elapsed())
}

#[tokio::test]
async fn every_way_of_holding_a_connection_ends_and_a_stream_stays() {
    let served = Served::with(|_| {}).await;
    let mut stream = served.begin(STREAM).await;
    assert!(piece(&mut stream).await.starts_with("HTTP/1.1 200"));

    let half = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    let one_more_half = async {
        let mut kept = served.keep().await;
        kept.write_all(half.as_bytes()).await.unwrap();
        until_closed(kept).await
    };
    let (nothing, one_byte, half_a_head, a_header_at_a_time, preface, kept_and_half, kept_and_idle) = tokio::join!(
        async { until_closed(served.connect().await).await },
        async { until_closed(served.begin("G").await).await },
        async { until_closed(served.begin(half).await).await },
        async { dripped(served.begin(half).await, "X-More: 1\r\n").await },
        async { until_closed(served.begin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await).await },
        one_more_half,
        async { until_closed(served.keep().await).await },
    );
    let ways = [
        ("nothing", nothing),
        ("one byte", one_byte),
        ("half a head", half_a_head),
        ("a header at a time", a_header_at_a_time),
        ("the preface of HTTP/2", preface),
        ("keep-alive and half a head", kept_and_half),
        ("keep-alive and nothing", kept_and_idle),
    ];
    for (way, (_, after)) in ways {
        assert!(after >= HEAD / 2, "{way} is given its time: {after:?}");
        // Twice the timeout, with a wide margin for a busy machine.
        assert!(after < HEAD * 10, "{way} was held for {after:?}");
    }
    let silence = timeout(HEAD, stream.read(&mut [0; 64])).await;
    assert!(
        !matches!(silence, Ok(Ok(0) | Err(_))),
        "the stream was closed"
    );
}

#[tokio::test]
async fn a_body_that_is_dripped_or_never_comes_ends_with_408() {
    let served = Served::with(|_| {}).await;
    let (dripped, silent) = tokio::join!(
        async { dripped(served.begin(BODY).await, " ").await },
        async { until_closed(served.begin(BODY).await).await },
    );
    for (answer, after) in [dripped, silent] {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(
            answer.contains("What you sent did not come in time."),
            "{answer}"
        );
        assert!(after < HEAD * 10, "{after:?}");
    }
}

#[tokio::test]
async fn there_are_so_many_connections_and_no_more() {
    let served = Served::with(|config| {
        config.connections.most = 2;
        config.connections.head = FOR_EVER;
    })
    .await;
    let mut first = served.keep().await;
    let _second = served.keep().await;
    let (answer, _) = until_closed(served.begin(HEALTH).await).await;
    assert_eq!(answer, "", "the third is closed without a word");
    assert_eq!(served.door.turned_away(), 1);
    first.write_all(HEALTH.as_bytes()).await.unwrap();
    assert!(piece(&mut first).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_let_go() {
    let served = Served::with(|config| config.connections.unread = HEAD).await;
    let mut stream = served.connect().await;
    // Far more responses than the buffers of both ends hold for a client that does not read.
    let page = "GET /fonts/none HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(100);
    let sent = async { while stream.write_all(page.as_bytes()).await.is_ok() {} };
    assert!(timeout(FOR_EVER, sent).await.is_ok(), "it is held for ever");
}

#[tokio::test]
async fn a_server_that_is_to_end_says_so_and_then_ends_its_streams() {
    let served = Served::with(|_| {}).await;
    let mut stream = served.begin(STREAM).await;
    assert!(piece(&mut stream).await.starts_with("HTTP/1.1 200"));

    served.world.life.drain();
    let ready = HEALTH.replace("healthz", "readyz");
    let (answer, _) = until_closed(served.begin(&ready).await).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("not ready: stopping"), "{answer}");
    let (answer, _) = until_closed(served.begin(HEALTH).await).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "it goes on serving");
    assert!(answer.contains("connection: close"), "{answer}");
    let open = timeout(HEAD / 4, stream.read(&mut [0; 64])).await;
    assert!(!matches!(open, Ok(Ok(0) | Err(_))), "streams go on");

    // A client in the middle of a request does not keep the server from stopping.
    let _slow = served.begin(BODY).await;
    served.world.life.stop();
    let (farewell, _) = until_closed(stream).await;
    let retry = farewell
        .split("retry:")
        .nth(1)
        .expect("a time to come back");
    let retry: u64 = retry.split_whitespace().next().unwrap().parse().unwrap();
    assert!((1000..=5000).contains(&retry), "{retry}");
    let ended = timeout(FOR_EVER, served.ended).await;
    assert!(matches!(ended, Ok(Ok(Ok(())))), "{ended:?}");
    assert!(TcpStream::connect(served.address).await.is_err());
}
