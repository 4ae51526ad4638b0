//! The port with metrics and a sign of life: for the operator alone.

use crate::metrics::Metrics;
use http_body_util::Full;
use hyper::{
    body::{Bytes, Incoming},
    header::{HeaderValue, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
    Method, Request, Response, StatusCode,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// Connections at once.
const CONNECTIONS: usize = 32;
/// How long one may take as a whole.
const CONNECTION: Duration = Duration::from_secs(10);

/// Serves for as long as it is polled.
pub async fn serve(metrics: Arc<Metrics>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // For instance no file handle is left. Trying at once would not help.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let metrics = metrics.clone();
        tokio::spawn(async move {
            connection(&metrics, stream).await;
            drop(place);
        });
    }
}

async fn connection(metrics: &Metrics, stream: TcpStream) {
    let respond = service_fn(|request: Request<Incoming>| {
        let response = respond(metrics, &request);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CONNECTION)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), respond);
    // Whatever breaks a connection is its peer's business.
    let _ = timeout(CONNECTION, connection).await;
}

fn respond(metrics: &Metrics, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => answer(StatusCode::OK, metrics.text()),
        (&Method::GET, "/health") => answer(StatusCode::OK, "ok\n".into()),
        (_, "/metrics" | "/health") => answer(StatusCode::METHOD_NOT_ALLOWED, String::new()),
        _ => answer(StatusCode::NOT_FOUND, String::new()),
    }
}

fn answer(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    response
}
