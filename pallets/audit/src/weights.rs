//! Weights of the hook and the call: estimates until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Comparing the books of `banks` banks.
    fn check(banks: u32) -> Weight;
    /// Letting payments go on.
    fn resume() -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn check(banks: u32) -> Weight {
        // One bank: record, reserve, stock, three flows, custody supply, what is set aside and in escrow. All of it is hot in the
        // trie cache.
        Weight::from_parts(30_000_000, 4_000)
            .saturating_add(Weight::from_parts(54_000_000, 11_000).saturating_mul(banks.into()))
            .saturating_add(T::DbWeight::get().reads_writes(6, 0))
    }

    fn resume() -> Weight {
        Self::check(specie_primitives::MAX_BANKS).saturating_add(T::DbWeight::get().reads_writes(3, 2))
    }
}

impl WeightInfo for () {
    fn check(banks: u32) -> Weight {
        Weight::from_parts(30_000_000, 4_000)
            .saturating_add(Weight::from_parts(54_000_000, 11_000).saturating_mul(banks.into()))
    }

    fn resume() -> Weight {
        Weight::from_parts(3_000_000_000, 8_000)
    }
}
