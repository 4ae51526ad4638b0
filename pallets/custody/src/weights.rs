//! Weights of the calls: estimates from a prototype until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Crediting an owner.
    fn credit() -> Weight;
    /// Debiting an owner.
    fn debit() -> Weight;
    /// Withdrawing `n` coins.
    fn withdraw(n: u32) -> Weight;
    /// Depositing `n` coins.
    fn deposit(n: u32) -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn credit() -> Weight {
        Weight::from_parts(80_000_000, 10_000).saturating_add(T::DbWeight::get().reads_writes(14, 6))
    }

    fn debit() -> Weight {
        Weight::from_parts(85_000_000, 12_000).saturating_add(T::DbWeight::get().reads_writes(10, 6))
    }

    fn withdraw(n: u32) -> Weight {
        Weight::from_parts(150_000_000, 40_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(26, 24))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }

    fn deposit(n: u32) -> Weight {
        Weight::from_parts(100_000_000, 12_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(9, 8))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }
}

impl WeightInfo for () {
    fn credit() -> Weight {
        Weight::from_parts(80_000_000, 10_000)
    }

    fn debit() -> Weight {
        Weight::from_parts(80_000_000, 10_000)
    }

    fn withdraw(n: u32) -> Weight {
        Weight::from_parts(150_000_000, 40_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }

    fn deposit(n: u32) -> Weight {
        Weight::from_parts(100_000_000, 12_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }
}
