//! A few lines of HTTP/1.1 for programs on this machine: enough to ask whether they are ready and to call
//! the chain. It trusts what answers, so it is not for anything beyond loopback.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// Longest wait for a connection or for one piece of an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// An HTTP response.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, without any transfer coding.
    pub(crate) body: String,
}

/// Fetches `http://127.0.0.1:{port}{path}`.
pub(crate) fn get(port: u16, path: &str) -> Result<Answer> {
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    exchange(
        at,
        &format!("GET {path} HTTP/1.1\r\n{}\r\n", headers(at)),
        "",
    )
}

/// Calls a JSON-RPC method of the chain at `at` and returns its result.
pub(crate) fn call(at: SocketAddr, method: &str, parameters: &Value) -> Result<Value> {
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).to_string();
    let head = format!(
        "POST / HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        headers(at),
        body.len()
    );
    let answer = exchange(at, &head, &body)?;
    let mut reply: Value = serde_json::from_str(&answer.body)
        .with_context(|| format!("the chain answered {} without JSON", answer.status))?;
    if let Some(error) = reply.get("error") {
        bail!("the chain refused {method}: {error}");
    }
    Ok(reply["result"].take())
}

/// The first free port at or after `wanted`.
pub(crate) fn free_port(wanted: u16) -> Result<u16> {
    (wanted..=u16::MAX)
        .take(100)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .with_context(|| format!("no free port among the hundred from {wanted} on"))
}

/// An address that nobody guesses: drawn from all of loopback where the system has all of it (Linux), otherwise at
/// 127.0.0.1 and a port of the system's choice. What listens there is as good as unreachable for whoever was not told.
pub(crate) fn hidden_address() -> Result<SocketAddr> {
    let mut drawn = [0; 3];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut drawn))
        .context("could not draw an address")?;
    let [a, b, c] = drawn;
    // 127.x.255.255 is a broadcast address, and 127.0.0.1 the first that anybody tries.
    let wide = Ipv4Addr::new(127, a | 1, b, c.clamp(1, 254));
    let listener = TcpListener::bind((wide, 0))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .context("no free port on this machine")?;
    listener.local_addr().context("a port without a number")
}

fn headers(at: SocketAddr) -> String {
    format!("Host: {at}\r\nConnection: close\r\nAccept: */*\r\n")
}

fn exchange(at: SocketAddr, head: &str, body: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&at, PATIENCE)
        .with_context(|| format!("nothing answers on port {}", at.port()))?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .context("no read timeout")?;
    stream
        .write_all(head.as_bytes())
        .context("could not send a request")?;
    stream
        .write_all(body.as_bytes())
        .context("could not send a request")?;
    let mut received = Vec::new();
    stream
        .read_to_end(&mut received)
        .with_context(|| format!("no answer from port {}", at.port()))?;
    parse(&received)
}

fn parse(received: &[u8]) -> Result<Answer> {
    let end = received
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("an answer without an end of its header")?;
    let head = std::str::from_utf8(&received[..end]).context("a header that is no text")?;
    let body = &received[end + 4..];
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("an answer without a status")?;
    let chunked = head
        .lines()
        .any(|line| line.to_ascii_lowercase().replace(' ', "") == "transfer-encoding:chunked");
    let body = if chunked {
        join_chunks(body)?
    } else {
        body.to_vec()
    };
    Ok(Answer {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn join_chunks(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest
            .windows(2)
            .position(|window| window == b"\r\n")
            .context("a chunk without a length")?;
        let length = std::str::from_utf8(&rest[..end]).context("a chunk length that is no text")?;
        let length = usize::from_str_radix(length.split(';').next().unwrap_or_default().trim(), 16)
            .context("a chunk length that is no number")?;
        if length == 0 {
            return Ok(whole);
        }
        let start = end + 2;
        ensure!(rest.len() >= start + length + 2, "a chunk broke off");
        whole.extend_from_slice(&rest[start..start + length]);
        rest = &rest[start + length + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_answer_is_read() {
        let answer = parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").expect("reads");
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }

    #[test]
    fn a_chunked_answer_is_joined() {
        let bytes = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n";
        let answer = parse(bytes).expect("reads");
        assert_eq!((answer.status, answer.body.as_str()), (503, "abcde"));
    }

    #[test]
    fn a_chunk_that_breaks_off_is_an_error() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc";
        assert_eq!(
            parse(bytes).expect_err("is short").to_string(),
            "a chunk broke off"
        );
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
