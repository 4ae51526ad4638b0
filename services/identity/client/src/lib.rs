//! What banks and wallets ask the issuer's identity service.
//!
//! * [`evaluate`]: blinded identities go, values of the function come back, proven; [`ask`] is the part of a bank that asks
//!   for somebody else.
//! * [`wire`]: the bytes and JSON that travel, and why a request is refused; the service reads the same.
//! * [`http`]: one HTTP request.
//!
//! `docs/protocol/owner-id.md` is the specification.
//!
//! ```no_run
//! # async fn example(pair: schnorrkel::Keypair, key: specie_prf::PublicKey) -> Result<(), Box<dyn std::error::Error>> {
//! use specie_identity_client::{evaluate, Signer};
//! use specie_prf::Blinded;
//!
//! let signer = Signer::new(pair.public.to_bytes(), |message| pair.sign_simple(b"substrate", message).to_bytes());
//! let blinded = [Blinded::new(b"phone:+491715550101", 1, &mut rand::rngs::OsRng)?];
//! // `key` is the one that the network's state holds: an answer made with another is refused.
//! let outputs = evaluate("http://identity.example:9955", &key, &signer, &blinded).await?;
//! let owner: [u8; 24] = outputs[0].owner_id(1);
//! # Ok(())
//! # }
//! ```

pub mod http;
pub mod wire;

use http::HttpError;
use hyper::Method;
use rand::{rngs::OsRng, RngCore};
use specie_prf::{finish, Blinded, PrfError, PrfOutput, PublicKey, Request, MAX_BATCH};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wire::{Answer, Body, Reason, Refused, SignedRequest, EVALUATE};

/// A public sr25519 key.
pub type AccountKey = [u8; 32];

/// How long the service may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of an answer at most; a full one has less than 5000.
const MOST: usize = 16 * 1024;

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Why there is no owner id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The service was not reached.
    #[error("identity service: {0}")]
    Http(#[from] HttpError),
    /// The service refused.
    #[error("the identity service refused (HTTP {status}, {}): {}", .reason.code, .reason.message)]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why.
        reason: Reason,
    },
    /// Something else answered.
    #[error("what answers there is no identity service (HTTP {0})")]
    Answer(u16),
    /// The answer does not hold, or the question could not be put.
    #[error(transparent)]
    Prf(#[from] PrfError),
}

/// A key that signs requests: a bank's, or one that is registered for an owner.
pub struct Signer<'a> {
    account: AccountKey,
    sign: Box<dyn Fn(&[u8]) -> [u8; 64] + Send + Sync + 'a>,
}

impl<'a> Signer<'a> {
    /// A public sr25519 key, and what signs with it: raw bytes, context `substrate`.
    pub fn new(account: AccountKey, sign: impl Fn(&[u8]) -> [u8; 64] + Send + Sync + 'a) -> Self {
        Self { account, sign: Box::new(sign) }
    }

    /// A signed request for now, with a fresh nonce.
    pub fn request(&self, network: u32, key: &PublicKey, request: &Request) -> SignedRequest {
        let mut nonce = [0; 16];
        OsRng.fill_bytes(&mut nonce);
        let mut signed = SignedRequest {
            network,
            key: key.to_bytes(),
            asker: self.account,
            time: now_ms() / 1000,
            nonce,
            request: request.encode(),
            signature: [0; 64],
        };
        signed.signature = (self.sign)(&signed.message());
        signed
    }
}

/// Values of the function for identities of one network, in their order; more than 64 are asked for in batches.
pub async fn evaluate(
    url: &str,
    key: &PublicKey,
    signer: &Signer<'_>,
    blinded: &[Blinded],
) -> Result<Vec<PrfOutput>, ClientError> {
    let mut outputs = Vec::with_capacity(blinded.len());
    for batch in blinded.chunks(MAX_BATCH) {
        let network = batch.first().map(Blinded::network).ok_or(PrfError::Count(0))?;
        let response = ask(url, key, network, signer, &Request::new(batch)?).await?;
        outputs.extend(finish(batch, &response, key)?);
    }
    Ok(outputs)
}

/// Asks for what somebody else blinded, such as a customer's wallet that is not registered yet: the bank signs and pays,
/// the wallet opens the answer with [`finish`] and learns whether it holds.
pub async fn ask(
    url: &str,
    key: &PublicKey,
    network: u32,
    signer: &Signer<'_>,
    request: &Request,
) -> Result<Vec<u8>, ClientError> {
    send(url, &signer.request(network, key, request).body()).await
}

/// Sends a signed request and gives the response's bytes, which are not checked yet.
pub async fn send(url: &str, body: &Body) -> Result<Vec<u8>, ClientError> {
    let body = serde_json::to_vec(body).unwrap_or_default();
    let (status, answer) = http::send(Method::POST, url, EVALUATE, body, MOST, PATIENCE).await?;
    if status == 200 {
        let answer: Answer = serde_json::from_slice(&answer).map_err(|_| ClientError::Answer(status))?;
        return hex::decode(answer.response).map_err(|_| ClientError::Answer(status));
    }
    let refused: Refused = serde_json::from_slice(&answer).map_err(|_| ClientError::Answer(status))?;
    Err(ClientError::Refused { status, reason: refused.error })
}

/// What the service says of itself: its network and key. For diagnosis; wallets take the key from the chain.
pub async fn describe(url: &str) -> Result<(u32, PublicKey), ClientError> {
    #[derive(serde::Deserialize)]
    struct Description {
        network: u32,
        key: PublicKey,
    }
    let (status, answer) = http::send(Method::GET, url, wire::KEY, Vec::new(), MOST, PATIENCE).await?;
    let said: Description = serde_json::from_slice(&answer).map_err(|_| ClientError::Answer(status))?;
    Ok((said.network, said.key))
}
