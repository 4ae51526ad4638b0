//! The ceremony: how a network definition is made of what institutions hand in, each from its own machine.
//!
//! A [`Plan`] is a definition without keys. With it, every holder of a key makes a [`Contribution`]: a file of public keys,
//! each with a proof that its secret is there. [`collect`] makes the definition of a plan and contributions; [`compare`]
//! tells an institution whether its keys stand in a definition as it made them, [`compare_whole`] whether anything else in
//! it is another than plan and contributions say. Nothing here ever sees a secret.
//!
//! What a proof shows: whoever made the contribution has the secret of the key, and meant it for this use, this institution
//! and this network. What it does not show: that whoever made it belongs to the institution. That is what people compare
//! [fingerprints](Contribution::fingerprint) for.

mod collect;
mod compare;
mod contribution;
mod plan;
mod proof;
#[cfg(test)]
mod tests;

pub use collect::{collect, Refused};
pub use compare::{compare, compare_whole};
pub use contribution::{AccountKey, Contribution, Duty, ValidatorKeys, MAX_FILE};
pub use plan::Plan;
pub use proof::{KeyProof, Signature, Use, PROOF_TAG};
