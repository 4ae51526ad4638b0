//! The issuer's identity service: it holds the key of the function behind owner ids and evaluates it for those who may
//! ask, without seeing what is asked about.
//!
//! * [`wire`]: the bytes and JSON of a request, and why one is refused.
//! * [`client`]: what banks and wallets call.
//! * [`service`]: one request from its bytes to its answer; [`server`] puts it on a port.
//! * [`askers`]: who may ask and how much, from a file or from the chain; [`limits`] and [`store`] count.
//!
//! **Invariants.** No identity, owner id of a person asked about or blinded element is logged, counted or stored: what
//! is stored is who asked how much in the last day. An evaluation is charged before it is made. What is refused is not
//! charged. `docs/protocol/owner-id.md` is the specification.

pub mod askers;
pub mod client;
pub mod files;
pub mod http;
pub mod journal;
pub mod limits;
pub mod metrics;
pub mod server;
pub mod service;
pub mod store;
pub mod wire;

use std::time::{SystemTime, UNIX_EPOCH};

/// A public sr25519 key.
pub type AccountKey = [u8; 32];

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
