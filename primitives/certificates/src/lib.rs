//! Certificates, the signatures on batches of coins, and revocation: all that is checked without a network.
//!
//! ```text
//! root ─┬─ issuing key ── batch
//!       ├─ registry key ── revocation list, revocation digest
//!       └─ bank ─┬─ device
//!                └─ owner
//! ```
//!
//! Every byte is specified in `docs/protocol/certificates.md`, with vectors beside it. A value has one encoding, and
//! whatever is read from bytes has been checked for its form. Signatures and validity are checked by [`verify_chain`],
//! [`verify_batch`] and [`Signed::verify`]. Nothing here panics, whatever the bytes.
//!
//! Numbers are little-endian. Times are seconds since 1970-01-01 UTC: a device without a network has a clock, but no
//! block height.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod batch;
mod bytes;
mod certificate;
mod chain;
mod fault;
mod golomb;
mod ids;
mod keys;
mod revocation;
mod serial;

pub use batch::{verify_batch, Batch, BatchCertificate, Coin, VerifiedBatch, BATCH_LEN, BATCH_TAG};
pub use certificate::{
    Body, Certificate, Flags, Kind, CERTIFICATE_MAX_LEN, CERTIFICATE_TAG, GENESIS_OFFSET, HEADER_LEN, MAX_HOPS,
    POSSESSION_TAG, VERSION,
};
pub use chain::{check_link, check_renewal, verify_chain, NoneRevoked, Revocations, Root, Verified, MAX_CHAIN};
pub use fault::{Fault, Refused};
pub use ids::{Bank, Genesis, Item, KeyId, Owner, Seed};
pub use keys::{verify_ed25519, Algorithm, PublicKey, Signature, KEY_TAG, SIGNATURE_LEN};
pub use revocation::{
    Accepted, Digest, Document, Edition, Entry, List, Reason, Salt, Signed, Standing, DIGEST_TAG, EDITION_LEN,
    ENTRY_LEN, FALSE_POSITIVE_BITS, LIST_TAG, MAX_ENTRIES, PROBE_TAG,
};
pub use serial::{CoinSerial, SERIAL_TAG};

/// Blake2b with 32 bytes of output over the parts, one after the other.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    use blake2::{digest::consts::U32, Blake2b, Digest};
    let mut state = Blake2b::<U32>::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().into()
}
