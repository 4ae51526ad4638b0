//! Weights of the calls: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::WEIGHT_REF_TIME_PER_MICROS, Weight},
};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Replacing the root key.
    fn replace_root() -> Weight;
    /// Publishing a certificate of the issuer's own.
    fn publish() -> Weight;
    /// Publishing a bank's certificate.
    fn publish_bank() -> Weight;
    /// Publishing the issuer's signature on a batch.
    fn certify_batch() -> Weight;
    /// Revoking a certificate that a bank issued.
    fn revoke() -> Weight;
    /// Revoking an item.
    fn revoke_item() -> Weight;
    /// Announcing a digest.
    fn anchor_digest() -> Weight;
}

/// Estimates: a signature is checked, and a key read, in Wasm within 2 ms whatever its algorithm; every other step is
/// small beside that. A full list is decoded where its entries' ends count.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// An estimate without the database: signatures to check and keys to read.
fn estimate(curve_operations: u64, proof: u64) -> Weight {
    Weight::from_parts(curve_operations.saturating_mul(2_000 * WEIGHT_REF_TIME_PER_MICROS), proof)
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn replace_root() -> Weight {
        <() as WeightInfo>::replace_root().saturating_add(T::DbWeight::get().reads_writes(2, 2))
    }

    fn publish() -> Weight {
        <() as WeightInfo>::publish().saturating_add(T::DbWeight::get().reads_writes(8, 2))
    }

    fn publish_bank() -> Weight {
        <() as WeightInfo>::publish_bank().saturating_add(T::DbWeight::get().reads_writes(10, 2))
    }

    fn certify_batch() -> Weight {
        <() as WeightInfo>::certify_batch().saturating_add(T::DbWeight::get().reads_writes(12, 2))
    }

    fn revoke() -> Weight {
        <() as WeightInfo>::revoke().saturating_add(T::DbWeight::get().reads_writes(7, 5))
    }

    fn revoke_item() -> Weight {
        <() as WeightInfo>::revoke_item().saturating_add(T::DbWeight::get().reads_writes(4, 5))
    }

    fn anchor_digest() -> Weight {
        <() as WeightInfo>::anchor_digest().saturating_add(T::DbWeight::get().reads_writes(9, 2))
    }
}

impl WeightInfo for () {
    fn replace_root() -> Weight {
        estimate(1, 1_000)
    }

    // The certificate, its signature, the root, its signature, and sixteen keys of a full list.
    fn publish() -> Weight {
        estimate(20, 8_000)
    }

    fn publish_bank() -> Weight {
        estimate(21, 8_000)
    }

    fn certify_batch() -> Weight {
        estimate(6, 10_000)
    }

    fn revoke() -> Weight {
        estimate(3, 5_000)
    }

    fn revoke_item() -> Weight {
        estimate(0, 1_000).saturating_add(Weight::from_parts(30 * WEIGHT_REF_TIME_PER_MICROS, 0))
    }

    fn anchor_digest() -> Weight {
        estimate(20, 8_000)
    }
}
