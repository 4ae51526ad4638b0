//! Weights of the calls: estimates from a prototype until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Giving `n` coins away.
    fn transfer(n: u32) -> Weight;
    /// Changing, with `n` coins given, taken and paid in all.
    fn exchange(n: u32) -> Weight;
}

/// Estimates: 75 µs for the call with the limits of both sides, 5 µs and one read and one write for a coin.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn transfer(n: u32) -> Weight {
        Weight::from_parts(75_000_000, 8_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(13, 7))
            .saturating_add(T::DbWeight::get().reads_writes(1, 1).saturating_mul(n.into()))
    }

    fn exchange(n: u32) -> Weight {
        Weight::from_parts(200_000_000, 60_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(60, 58))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }
}

impl WeightInfo for () {
    fn transfer(n: u32) -> Weight {
        Weight::from_parts(75_000_000, 8_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }
    fn exchange(n: u32) -> Weight {
        Weight::from_parts(200_000_000, 60_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }
}
