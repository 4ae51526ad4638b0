//! Weights of the calls: estimates from a prototype until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use specie_primitives::MAX_COINS_PER_PICKUP;

/// What the pallet asks for.
pub trait WeightInfo {
    /// Leaving `n` coins.
    fn deposit_for(n: u32) -> Weight;
    /// Collecting the most coins that wait together.
    fn claim() -> Weight;
    /// Giving the most coins that wait together back.
    fn refund() -> Weight;
}

/// Estimates. The number of coins that a claim or refund moves is not known before it runs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn deposit_for(n: u32) -> Weight {
        Weight::from_parts(80_000_000, 8_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(10, 8))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }

    fn claim() -> Weight {
        // The check of a signature is 40 µs of it; who may be held is looked up.
        Weight::from_parts(175_000_000, 22_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(MAX_COINS_PER_PICKUP.into()))
            .saturating_add(T::DbWeight::get().reads_writes(22, 14))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(MAX_COINS_PER_PICKUP.into()))
    }

    fn refund() -> Weight {
        Weight::from_parts(80_000_000, 8_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(MAX_COINS_PER_PICKUP.into()))
            .saturating_add(T::DbWeight::get().reads_writes(12, 9))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(MAX_COINS_PER_PICKUP.into()))
    }
}

impl WeightInfo for () {
    fn deposit_for(n: u32) -> Weight {
        Weight::from_parts(80_000_000, 8_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }

    fn claim() -> Weight {
        Weight::from_parts(495_000_000, 186_000)
    }

    fn refund() -> Weight {
        Weight::from_parts(400_000_000, 180_000)
    }
}
