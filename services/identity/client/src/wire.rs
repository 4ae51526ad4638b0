//! What travels between asker and service: `POST /v1/evaluate` with a JSON object either way.
//!
//! The asker signs (sr25519, context `substrate`, raw bytes)
//!
//! ```text
//! "specie/prf-request/v1" and 3 zeros (24) ‖ network (u32 LE) ‖ service's public key (32) ‖ asker's key (32)
//! ‖ time (u64 LE, seconds since 1970) ‖ nonce (16) ‖ request (2 + 32 n, see `specie_prf`)
//! ```

use crate::AccountKey;
use serde::{Deserialize, Serialize};
use specie_prf::{PrfError, PublicKey};

/// Domain tag of a signed request.
pub const TAG: &[u8; 24] = b"specie/prf-request/v1\0\0\0";
/// Signing context of every sr25519 signature on Substrate chains.
pub const SIGNING_CONTEXT: &[u8] = b"substrate";
/// Where evaluations are asked for.
pub const EVALUATE: &str = "/v1/evaluate";
/// Where the service says which key it has. For diagnosis: wallets take the key from the chain.
pub const KEY: &str = "/v1/key";
/// Seconds by which a request's time may differ from the service's clock, either way.
pub const WINDOW: u64 = 60;
/// Bytes of a body at most; a full batch needs less than 5000.
pub const MAX_BODY: usize = 16 * 1024;

/// The body of a request. Bytes are hexadecimal without prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Number of the network.
    pub network: u32,
    /// Public key that the answer is expected from, 32 bytes.
    pub key: String,
    /// The asker's sr25519 key, 32 bytes.
    pub asker: String,
    /// Seconds since 1970.
    pub time: u64,
    /// 16 random bytes, never used again with this time.
    pub nonce: String,
    /// `specie_prf::Request`.
    pub request: String,
    /// 64 bytes.
    pub signature: String,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What `specie_prf::finish` takes, hexadecimal.
    pub response: String,
}

/// The body of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub error: Reason,
}

/// Why something was refused, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// One of [`Refusal::code`].
    pub code: String,
    /// In words.
    pub message: String,
    /// Seconds after which asking again has a chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// A request as its bytes say.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Number of the network.
    pub network: u32,
    /// Public key that the answer is expected from; not yet known to be one.
    pub key: [u8; 32],
    /// The asker's key.
    pub asker: AccountKey,
    /// Seconds since 1970.
    pub time: u64,
    /// Random.
    pub nonce: [u8; 16],
    /// `specie_prf::Request`, not yet decoded.
    pub request: Vec<u8>,
    /// Over [`SignedRequest::message`].
    pub signature: [u8; 64],
}

impl SignedRequest {
    /// Reads a body.
    pub fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        // serde_json's message could repeat a part of the body.
        let body: Body = serde_json::from_slice(body).map_err(|error| {
            Refusal::Malformed(format!("line {} column {} of the JSON", error.line(), error.column()))
        })?;
        Ok(Self {
            network: body.network,
            key: array("key", &body.key)?,
            asker: array("asker", &body.asker)?,
            time: body.time,
            nonce: array("nonce", &body.nonce)?,
            request: hex::decode(&body.request).map_err(|_| Refusal::Malformed("request".into()))?,
            signature: array("signature", &body.signature)?,
        })
    }

    /// The body of this request.
    pub fn body(&self) -> Body {
        Body {
            network: self.network,
            key: hex::encode(self.key),
            asker: hex::encode(self.asker),
            time: self.time,
            nonce: hex::encode(self.nonce),
            request: hex::encode(&self.request),
            signature: hex::encode(self.signature),
        }
    }

    /// What the asker signs.
    pub fn message(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(116 + self.request.len());
        message.extend_from_slice(TAG);
        message.extend_from_slice(&self.network.to_le_bytes());
        message.extend_from_slice(&self.key);
        message.extend_from_slice(&self.asker);
        message.extend_from_slice(&self.time.to_le_bytes());
        message.extend_from_slice(&self.nonce);
        message.extend_from_slice(&self.request);
        message
    }

    /// Whether the signature is the asker's.
    pub fn verify(&self) -> bool {
        let (Ok(asker), Ok(signature)) =
            (schnorrkel::PublicKey::from_bytes(&self.asker), schnorrkel::Signature::from_bytes(&self.signature))
        else {
            return false;
        };
        asker.verify_simple(SIGNING_CONTEXT, &self.message(), &signature).is_ok()
    }
}

fn array<const N: usize>(field: &str, text: &str) -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| Refusal::Malformed(format!("{field}: {} hexadecimal digits are expected", 2 * N)))?;
    Ok(bytes)
}

/// Why a request is refused. Nothing is charged for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such place.
    #[error("there is nothing here; ask POST {EVALUATE}")]
    NotFound,
    /// Another method than the place has.
    #[error("this place has another method")]
    Method,
    /// The body is too long.
    #[error("a body has at most {MAX_BODY} bytes")]
    TooLarge,
    /// The body did not arrive.
    #[error("the body did not arrive in time")]
    Slow,
    /// The body is not what it should be.
    #[error("malformed: {0}")]
    Malformed(String),
    /// Another network.
    #[error("this service is for network {0}")]
    Network(u32),
    /// Another key: the asker's network definition is not the service's.
    #[error("this service has the key {0}")]
    Key(Box<PublicKey>),
    /// The asker's clock, or an old request.
    #[error("the time is more than {WINDOW} s away from this service's, {0}")]
    Time(u64),
    /// Not signed by the asker.
    #[error("the signature is not the asker's over this request")]
    Signature,
    /// The blinded elements.
    #[error("{0}")]
    Elements(PrfError),
    /// Neither a bank nor a registered key.
    #[error("this key may not ask")]
    Asker,
    /// The same request again.
    #[error("this request was answered before: ask again with another nonce")]
    Replayed,
    /// Over the limit. Seconds to wait, or `None` if the batch alone is larger than the limit.
    #[error("over the limit{}", .0.map_or(": ask for fewer at once".into(), |seconds| format!(", try again in {seconds} s")))]
    Limit(Option<u64>),
    /// Too many at once.
    #[error("too many requests at once, try again")]
    Busy,
    /// A part of the service does not answer; its log says which.
    #[error("the service cannot answer now, try again")]
    Unavailable,
}

impl Refusal {
    /// Stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Method => "method",
            Self::TooLarge => "too_large",
            Self::Slow => "slow",
            Self::Malformed(_) => "malformed",
            Self::Network(_) => "network",
            Self::Key(_) => "key",
            Self::Time(_) => "time",
            Self::Signature => "signature",
            Self::Elements(_) => "elements",
            Self::Asker => "asker",
            Self::Replayed => "replayed",
            Self::Limit(_) => "limit",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
        }
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Method => 405,
            Self::TooLarge => 413,
            Self::Slow => 408,
            Self::Malformed(_) | Self::Elements(_) => 400,
            Self::Network(_) | Self::Key(_) | Self::Replayed => 409,
            Self::Time(_) | Self::Signature => 401,
            Self::Asker => 403,
            Self::Limit(_) => 429,
            Self::Busy | Self::Unavailable => 503,
        }
    }

    /// Seconds after which asking again has a chance.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Limit(seconds) => *seconds,
            Self::Busy | Self::Unavailable => Some(1),
            _ => None,
        }
    }

    /// The body that says so.
    pub fn body(&self) -> Refused {
        let reason = Reason { code: self.code().into(), message: self.to_string(), retry_after: self.retry_after() };
        Refused { error: reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector() -> (SignedRequest, String) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/protocol/vectors/owner-id.json");
        let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (signed, text) = (&file["signed_message"], |value: &serde_json::Value| value.as_str().unwrap().to_string());
        let request = SignedRequest {
            network: signed["network"].as_u64().unwrap() as u32,
            key: array("key", &text(&file["key"]["public"])).unwrap(),
            asker: array("asker", &text(&signed["asker"])).unwrap(),
            time: signed["time"].as_u64().unwrap(),
            nonce: array("nonce", &text(&signed["nonce"])).unwrap(),
            request: hex::decode(text(&file["exchanges"][0]["request"])).unwrap(),
            signature: [0; 64],
        };
        (request, text(&signed["message"]))
    }

    #[test]
    fn the_signed_message_is_as_documented() {
        let (request, message) = vector();
        assert_eq!(hex::encode(request.message()), message);
        assert_eq!(request.message().len(), 116 + request.request.len());
    }

    #[test]
    fn bodies_come_back_and_signatures_count() {
        let (mut request, _) = vector();
        assert!(!request.verify());
        let pair = schnorrkel::MiniSecretKey::from_bytes(&[7; 32])
            .unwrap()
            .expand_to_keypair(schnorrkel::ExpansionMode::Ed25519);
        request.asker = pair.public.to_bytes();
        request.signature = pair.sign_simple(SIGNING_CONTEXT, &request.message()).to_bytes();
        let json = serde_json::to_vec(&request.body()).unwrap();
        let read = SignedRequest::from_json(&json).unwrap();
        assert!(read == request && read.verify());
        let mut other = read.clone();
        other.time += 1;
        assert!(!other.verify());
        other = read;
        other.network = 2;
        assert!(!other.verify());
    }

    #[test]
    fn fails_bodies_that_are_none() {
        let (request, _) = vector();
        let whole = serde_json::to_value(request.body()).unwrap();
        let code = |value: &serde_json::Value| match SignedRequest::from_json(value.to_string().as_bytes()) {
            Err(Refusal::Malformed(_)) => "malformed",
            _ => "other",
        };
        assert_eq!(code(&whole), "other");
        for field in ["network", "key", "asker", "time", "nonce", "request", "signature"] {
            let mut body = whole.clone();
            body[field] = "zz".into();
            assert_eq!(code(&body), "malformed", "{field}");
            body.as_object_mut().unwrap().remove(field);
            assert_eq!(code(&body), "malformed", "{field}");
        }
        let mut body = whole;
        body["more"] = 1.into();
        assert_eq!(code(&body), "malformed");
        assert!(SignedRequest::from_json(&[0xff; 100]).is_err() && SignedRequest::from_json(b"").is_err());
    }
}
