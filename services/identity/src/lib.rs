//! The issuer's identity service: it holds the key of the function behind owner ids and evaluates it for those who may
//! ask, without seeing what is asked about.
//!
//! * [`service`]: one request from its bytes to its answer; [`server`] puts it on a port.
//! * [`askers`]: who may ask and how much, from a file or from the chain; [`limits`] and [`store`] count.
//!
//! What banks and wallets call, and the bytes that travel, are in `specie-identity-client`.
//!
//! **Invariants.** No identity, owner id of a person asked about or blinded element is logged, counted or stored: what
//! is stored is who asked how much in the last day. An evaluation is charged before it is made. What is refused is not
//! charged. `docs/protocol/owner-id.md` is the specification.

pub mod askers;
pub mod files;
pub mod limits;
pub mod metrics;
pub mod server;
pub mod service;
pub mod store;

pub use specie_service::journal;
