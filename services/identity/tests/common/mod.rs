//! Keys, a running service, and an HTTP peer that says what a test wants.

#![allow(dead_code)]

use rand::rngs::OsRng;
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};
use specie_identity_client::{ClientError, Signer};
use specie_identity_service::{
    askers::{Asker, Askers, Settings},
    journal::Journal,
    limits::{Limit, Payer},
    server::{serve, Port},
    service::Service,
    store::Store,
};
use specie_prf::{Blinded, Hardened, Key};
use std::{future::Future, path::Path, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

pub const NETWORK: u32 = 1;

pub fn pair(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32]).unwrap().expand_to_keypair(ExpansionMode::Ed25519)
}

pub fn signer(pair: &Keypair) -> Signer<'_> {
    Signer::new(pair.public.to_bytes(), |message| pair.sign_simple(b"substrate", message).to_bytes())
}

pub fn account(pair: &Keypair) -> String {
    format!("0x{}", hex::encode(pair.public.to_bytes()))
}

pub fn hardened(byte: u8) -> Hardened {
    Hardened::from_bytes([byte; 32])
}

pub fn blinded(count: u8) -> Vec<Blinded> {
    (0..count).map(|byte| Blinded::from_hardened(hardened(byte), NETWORK, &mut OsRng).unwrap()).collect()
}

/// Askers of a file: a bank with this key and these limits.
pub fn bank(pair: &Keypair, per_minute: u32, per_day: u32) -> Box<dyn Askers> {
    let text = format!(
        "[limits]\nbank = {{ per_minute = {per_minute}, per_day = {per_day} }}\n\
         [[asker]]\nname = 'bank-a'\nbank = 1\nkeys = ['{}']",
        account(pair)
    );
    Box::new(Settings::parse(&text).unwrap().askers().unwrap())
}

pub fn charges(asker: &Asker) -> Vec<(Payer, Limit)> {
    asker.charges.clone()
}

/// A service on a free port.
pub struct Running {
    pub url: String,
    pub service: Arc<Service>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn start(folder: &Path, key: Key, askers: Box<dyn Askers>) -> Self {
        let store = Store::open(&folder.join("state.redb")).unwrap();
        let service = Arc::new(Service::new(NETWORK, key, askers, store, Journal::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = service.clone();
        let task = tokio::spawn(async move {
            serve(serving, listener, Port::Askers, async {
                let _ = stopped.await;
            })
            .await;
        });
        Self { url, service, stop, task }
    }

    /// Stops as a signal does; the state file is free afterwards.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
        assert_eq!(Arc::strong_count(&self.service), 1, "nothing goes on");
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

/// Code and status of a refusal.
pub fn refusal<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> (u16, String) {
    match outcome {
        Err(ClientError::Refused { status, reason }) => (status, reason.code),
        other => panic!("no refusal: {other:?}"),
    }
}

/// Sends raw bytes, gives the whole answer.
pub async fn raw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// A POST of a body, gives status and code.
pub async fn post(address: &str, path: &str, body: &[u8]) -> (u16, String) {
    let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n", body.len());
    read_refusal(&raw(address, &[head.as_bytes(), body].concat()).await)
}

/// Status and code of an answer's text.
pub fn read_refusal(answer: &str) -> (u16, String) {
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    (status, body["error"]["code"].as_str().unwrap().to_string())
}

/// An HTTP peer that answers every body with what `respond` makes of it.
pub async fn peer<F>(respond: impl Fn(Vec<u8>) -> F + Send + Sync + 'static) -> String
where
    F: Future<Output = String> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let respond = Arc::new(respond);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let respond = respond.clone();
            tokio::spawn(async move {
                let Some(body) = read_body(&mut stream).await else { return };
                let answer = respond(body).await;
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
                let _ = stream.write_all((head + &answer).as_bytes()).await;
            });
        }
    });
    url
}

async fn read_body(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let length: usize = length.unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            return Some(bytes.split_off(end + 4));
        }
    }
}
