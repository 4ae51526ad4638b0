//! One HTTP request to a service or a node.

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    body::Bytes,
    header::{CONTENT_TYPE, HOST},
    Method, Request, Uri,
};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Not an address that can be asked.
    #[error("'{0}' is no address of the form http://host:port")]
    Url(String),
    /// No connection, or it broke.
    #[error("no answer: {0}")]
    Connection(String),
    /// Nothing came in time.
    #[error("no answer in {} s", .0.as_secs())]
    Timeout(Duration),
}

/// Sends a request and reads the answer, of at most `most` bytes.
pub async fn send(
    method: Method,
    url: &str,
    path: &str,
    body: Vec<u8>,
    most: usize,
    patience: Duration,
) -> Result<(u16, Bytes), HttpError> {
    let bad = || HttpError::Url(url.into());
    let uri: Uri = url.trim_end_matches('/').parse().map_err(|_| bad())?;
    if uri.scheme_str() != Some("http") {
        return Err(bad());
    }
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(bad)?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_string();
    let target = format!("{}{path}", uri.path().trim_end_matches('/'));
    let request = Request::builder()
        .method(method)
        .uri(if target.is_empty() { "/" } else { target.as_str() })
        .header(HOST, authority.as_str())
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| bad())?;
    let port = authority.port_u16().unwrap_or(80);
    timeout(patience, exchange(host, port, request, most)).await.map_err(|_| HttpError::Timeout(patience))?
}

async fn exchange(
    host: String,
    port: u16,
    request: Request<Full<Bytes>>,
    most: usize,
) -> Result<(u16, Bytes), HttpError> {
    let broken = |error: String| HttpError::Connection(error);
    let stream = TcpStream::connect((host, port)).await.map_err(|error| broken(error.to_string()))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(error.to_string()))?;
    // Ends with the sender; its errors reach the sender as well.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| broken(error.to_string()))?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), most).collect().await.map_err(|error| broken(error.to_string()))?;
    Ok((status, body.to_bytes()))
}
