//! The service on a port: HTTP/1.1, one request a connection.

use crate::{journal::Level, metrics::NOBODY, service::Service};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Body, Bytes, Incoming},
    header::{HeaderValue, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
    Method, Request, Response, StatusCode,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use specie_identity_client::wire::{Refusal, EVALUATE, KEY, MAX_BODY};
use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{watch, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Connections at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 1024;
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How long its body may take.
const BODY: Duration = Duration::from_secs(10);
/// How long a connection may take as a whole.
const CONNECTION: Duration = Duration::from_secs(60);
/// How long connections may take after the service was told to stop.
const FAREWELL: Duration = Duration::from_secs(15);
/// What is read and thrown away of a body that is too long, so that its sender hears why.
const DRAINED: u64 = 32 * 1024 * 1024;

/// What a port serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Evaluations.
    Askers,
    /// Metrics: for the operator alone.
    Metrics,
}

/// Serves until `stop`, then finishes what was begun.
pub async fn serve(service: Arc<Service>, listener: TcpListener, port: Port, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Some((stream, place)) => {
                connections.spawn(connection(service.clone(), stream, port, stopped.clone(), place));
            },
            None => {
                // For instance no file handle is left. Trying at once would not help.
                service.journal().write(Level::Error, "a connection could not be accepted", &[]);
                sleep(Duration::from_millis(100)).await;
            },
        }
    }
    drop(listener);
    let _ = stopping.send(true);
    let _ = timeout(FAREWELL, async { while connections.join_next().await.is_some() {} }).await;
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    Some((stream, place))
}

async fn connection(
    service: Arc<Service>,
    stream: TcpStream,
    port: Port,
    mut stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let respond = service_fn(move |request: Request<Incoming>| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(respond(&service, port, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), respond);
    tokio::pin!(connection);
    let overdue = sleep(CONNECTION);
    tokio::pin!(overdue);
    loop {
        // Whatever breaks a connection is its peer's business.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = &mut overdue => return,
            Ok(()) = stopped.changed() => connection.as_mut().graceful_shutdown(),
        }
    }
}

async fn respond(service: &Arc<Service>, port: Port, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let outcome = match (port, path.as_str()) {
        (Port::Metrics, "/metrics") if method == Method::GET => {
            return plain(StatusCode::OK, "text/plain; version=0.0.4", service.metrics().text());
        },
        (_, "/health") if method == Method::GET => return plain(StatusCode::OK, "text/plain", "ok\n".into()),
        (Port::Askers, KEY) if method == Method::GET => {
            let (network, key) = (service.network(), service.public());
            return json(StatusCode::OK, &serde_json::json!({ "network": network, "key": key }));
        },
        (Port::Askers, EVALUATE) if method == Method::POST => match read(request.into_body()).await {
            // Counted where it is known who asks.
            Ok(body) => return finish(service.answer(&body).await),
            Err(refusal) => refusal,
        },
        (Port::Metrics, "/metrics") | (_, "/health") | (Port::Askers, KEY | EVALUATE) => Refusal::Method,
        _ => Refusal::NotFound,
    };
    service.count(NOBODY, Some(&outcome), 0);
    finish(Err::<(), _>(outcome))
}

fn finish(outcome: Result<impl Serialize, Refusal>) -> Response<Full<Bytes>> {
    match outcome {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = json(status, &refusal.body());
            if let Some(seconds) = refusal.retry_after() {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        },
    }
}

/// Reads a body that is not too long. One that is too long is not kept, but taken off the wire as far as it goes: a
/// sender whose connection is cut while it sends does not see the answer.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Refusal> {
    let announced = body.size_hint().lower();
    let reading = async {
        let (mut bytes, mut length) = (Vec::new(), 0u64);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Refusal::Slow)?.into_data() else { continue };
            length = length.saturating_add(data.len() as u64);
            if length <= MAX_BODY as u64 {
                bytes.extend_from_slice(&data);
            } else if length > DRAINED {
                return Err(Refusal::TooLarge);
            }
        }
        if length > MAX_BODY as u64 {
            return Err(Refusal::TooLarge);
        }
        Ok(bytes)
    };
    if announced > DRAINED {
        return Err(Refusal::TooLarge);
    }
    timeout(BODY, reading).await.map_err(|_| Refusal::Slow)?
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Full<Bytes>> {
    plain(status, "application/json", serde_json::to_string(value).unwrap_or_default())
}

fn plain(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
