//! Several nodes behind one connection: requests go to the first one that answers and is on the
//! right chain.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use alloy::primitives::U64;
use alloy::rpc::json_rpc::{Id, Request, RequestPacket, ResponsePacket, ResponsePayload};
use alloy::transports::http::{Http, reqwest};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use tower::Service;

/// Number of answers from another node after which the preferred first node is tried again.
const ANSWERS_AWAY: usize = 500;

/// Nodes of one chain, the preferred one first. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Nodes(Arc<Shared>);

struct Shared {
    /// Id of the chain that the nodes must be on; `None` if it is unknown and not checked.
    chain_id: Option<u64>,
    nodes: Vec<Node>,
    /// Index in `nodes` of the node that is currently asked first.
    current: AtomicUsize,
    /// Number of requests since a node other than the first of the list took over.
    away: AtomicUsize,
}

struct Node {
    http: Http<reqwest::Client>,
    /// `true` once the node confirmed, since its last failure, that it is on the right chain.
    vouched: AtomicBool,
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes")
            .field("number", &self.0.nodes.len())
            .field("current", &self.0.current.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

impl Nodes {
    /// Creates the connection without sending a request.
    pub(crate) fn new(
        chain_id: Option<u64>,
        client: &reqwest::Client,
        urls: Vec<reqwest::Url>,
    ) -> Self {
        let nodes = urls
            .into_iter()
            .map(|url| Node {
                http: Http::with_client(client.clone(), url),
                vouched: AtomicBool::new(false),
            })
            .collect();
        Self(Arc::new(Shared {
            chain_id,
            nodes,
            current: AtomicUsize::new(0),
            away: AtomicUsize::new(0),
        }))
    }

    /// Switches to the next node, because the current one gave an impossible answer.
    pub(crate) fn distrust(&self) {
        let current = self.0.current.load(Ordering::Relaxed);
        if let Some(node) = self.0.nodes.get(current) {
            node.vouched.store(false, Ordering::Relaxed);
        }
        self.serve_from((current + 1) % self.0.nodes.len().max(1));
    }

    fn serve_from(&self, index: usize) {
        self.0.current.store(index, Ordering::Relaxed);
        self.0.away.store(0, Ordering::Relaxed);
    }

    async fn ask(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let number = self.0.nodes.len();
        let first = self.0.current.load(Ordering::Relaxed);
        if first != 0 && self.0.away.fetch_add(1, Ordering::Relaxed) >= ANSWERS_AWAY {
            self.serve_from(0);
        }
        let first = self.0.current.load(Ordering::Relaxed);
        let mut failure = TransportErrorKind::custom_str("no node is configured");
        for index in (first..first + number).map(|index| index % number) {
            let Some(node) = self.0.nodes.get(index) else {
                break;
            };
            match self.ask_one(node, request.clone()).await {
                Ok(answer) => {
                    if self.0.current.load(Ordering::Relaxed) != index {
                        tracing::warn!(node = index, "another node of the chain serves now");
                        self.serve_from(index);
                    }
                    return Ok(answer);
                }
                Err(error) => {
                    node.vouched.store(false, Ordering::Relaxed);
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    async fn ask_one(
        &self,
        node: &Node,
        request: RequestPacket,
    ) -> Result<ResponsePacket, TransportError> {
        // A single node is checked when Necto connects, and by its blocks from then on.
        if let Some(chain_id) = self.0.chain_id
            && self.0.nodes.len() > 1
            && !node.vouched.load(Ordering::Relaxed)
        {
            let found = chain_id_of(node).await?;
            if found != chain_id {
                return Err(TransportErrorKind::custom_str(&format!(
                    "a node is on chain {found}, not on {chain_id}"
                )));
            }
            node.vouched.store(true, Ordering::Relaxed);
        }
        node.http.clone().call(request).await
    }
}

async fn chain_id_of(node: &Node) -> Result<u64, TransportError> {
    let request = Request::new("eth_chainId", Id::Number(0), ());
    let request = request.serialize().map_err(TransportError::ser_err)?;
    let ResponsePacket::Single(answer) = node.http.clone().call(request.into()).await? else {
        return Err(TransportErrorKind::custom_str(
            "a node answers one question with many",
        ));
    };
    match answer.payload {
        ResponsePayload::Success(id) => serde_json::from_str::<U64>(id.get())
            .map(|id| id.to::<u64>())
            .map_err(|error| TransportError::deser_err(error, id.get())),
        ResponsePayload::Failure(error) => Err(TransportError::ErrorResp(error)),
    }
}

impl Service<RequestPacket> for Nodes {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
