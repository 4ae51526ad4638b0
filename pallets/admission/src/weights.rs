//! Weights of the calls and extensions: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Setting the quota of owners.
    fn set_quota() -> Weight;
    /// Setting the quota of banks.
    fn set_bank_quota() -> Weight;
    /// Classifying a signer, in the extension `Admit`.
    fn admit() -> Weight;
    /// Checking and counting a quota, in the extension `CheckNonce`, besides the nonce itself.
    fn count_use() -> Weight;
}

/// Estimates: 3 µs for each entry touched, besides the database's reads and writes.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn set_quota() -> Weight {
        <() as WeightInfo>::set_quota().saturating_add(T::DbWeight::get().reads_writes(1, 2))
    }

    fn set_bank_quota() -> Weight {
        <() as WeightInfo>::set_bank_quota().saturating_add(T::DbWeight::get().reads_writes(1, 1))
    }

    // The binding of the key and the owner; an institution's capacity takes more reads, but of few, hot entries.
    fn admit() -> Weight {
        <() as WeightInfo>::admit().saturating_add(T::DbWeight::get().reads(2))
    }

    // The key's use and the bank's; quotas, window and the signer's standing are read already or hot.
    fn count_use() -> Weight {
        <() as WeightInfo>::count_use().saturating_add(T::DbWeight::get().reads_writes(2, 2))
    }
}

impl WeightInfo for () {
    fn set_quota() -> Weight {
        Weight::from_parts(15_000_000, 1_000)
    }

    fn set_bank_quota() -> Weight {
        Weight::from_parts(15_000_000, 1_000)
    }

    fn admit() -> Weight {
        Weight::from_parts(8_000_000, 3_000)
    }

    fn count_use() -> Weight {
        Weight::from_parts(15_000_000, 3_000)
    }
}
