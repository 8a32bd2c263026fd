//! Requests to programs on this machine, to check whether they are ready and to call the chain. There is no TLS, so
//! this must not be used beyond loopback.

use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::{Agent, Body, http};

/// Maximum wait for a connection, for the head of an answer, and for its body.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// An HTTP response.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Body, without any transfer coding.
    pub(crate) body: String,
}

/// Fetches `http://127.0.0.1:{port}{path}`.
pub(crate) fn get(port: u16, path: &str) -> Result<Answer> {
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    read(at, agent().get(format!("http://{at}{path}")).call())
}

/// Calls a JSON-RPC method of the chain at `at` and returns its result.
pub(crate) fn call(at: SocketAddr, method: &str, parameters: &Value) -> Result<Value> {
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).to_string();
    let request = agent()
        .post(format!("http://{at}/"))
        .content_type("application/json");
    let answer = read(at, request.send(body))?;
    let mut reply: Value = serde_json::from_str(&answer.body)
        .with_context(|| format!("the chain answered {} without JSON", answer.status))?;
    if let Some(error) = reply.get("error") {
        bail!("the chain refused {method}: {error}");
    }
    Ok(reply["result"].take())
}

/// Returns the first free port at or after `wanted`.
pub(crate) fn free_port(wanted: u16) -> Result<u16> {
    (wanted..=u16::MAX)
        .take(100)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .with_context(|| format!("no free port among the hundred from {wanted} on"))
}

/// Returns an address that is hard to guess: drawn from all of loopback if the system supports that (Linux), otherwise
/// 127.0.0.1 with a port chosen by the system. Only a program that was told the address can practically reach what
/// listens there.
pub(crate) fn hidden_address() -> Result<SocketAddr> {
    let mut drawn = [0; 3];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut drawn))
        .context("could not draw an address")?;
    let [a, b, c] = drawn;
    // 127.x.255.255 is a broadcast address, and 127.0.0.1 is the first one that anyone tries.
    let wide = Ipv4Addr::new(127, a | 1, b, c.clamp(1, 254));
    let listener = TcpListener::bind((wide, 0))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .context("no free port on this machine")?;
    listener.local_addr().context("a port without a number")
}

/// Makes a client that keeps nothing between requests and uses no proxy.
fn agent() -> Agent {
    Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_connect(Some(ANSWER_TIMEOUT))
        .timeout_recv_response(Some(ANSWER_TIMEOUT))
        .timeout_recv_body(Some(ANSWER_TIMEOUT))
        .build()
        .new_agent()
}

fn read(at: SocketAddr, answer: Result<http::Response<Body>, ureq::Error>) -> Result<Answer> {
    let no_answer = || format!("no answer from port {}", at.port());
    let mut answer = answer.with_context(no_answer)?;
    Ok(Answer {
        status: answer.status().as_u16(),
        body: answer.body_mut().read_to_string().with_context(no_answer)?,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::thread;

    use super::*;

    /// Sends a request to a program that answers with these bytes.
    fn answered(bytes: &'static [u8]) -> Result<Answer> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let port = listener.local_addr().expect("is bound").port();
        let program = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("is asked");
            let mut request = [0; 1024];
            let length = stream.read(&mut request).expect("reads the request");
            stream.write_all(bytes).expect("answers");
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let answer = get(port, "/ready");
        let request = program.join().expect("does not panic");
        assert!(request.starts_with("GET /ready HTTP/1.1\r\n"), "{request}");
        answer
    }

    #[test]
    fn a_plain_answer_is_read() {
        let answer = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").expect("reads");
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }

    #[test]
    fn a_chunked_answer_is_joined() {
        let bytes = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n";
        let answer = answered(bytes).expect("reads");
        assert_eq!((answer.status, answer.body.as_str()), (503, "abcde"));
    }

    #[test]
    fn a_chunk_that_breaks_off_is_an_error() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc";
        answered(bytes).expect_err("is short");
    }

    #[test]
    fn a_hidden_address_is_on_loopback_and_never_the_same() {
        let drawn = [(); 3].map(|()| hidden_address().expect("one is free"));
        assert!(
            drawn
                .iter()
                .all(|at| at.ip().is_loopback() && at.port() > 0)
        );
        assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2]);
    }

    #[test]
    fn a_taken_port_is_passed_over() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let port = taken.local_addr().expect("is bound").port();
        assert_ne!(free_port(port).expect("another is free"), port);
    }
}
