//! Weights of the calls: estimates from a prototype until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the pallet asks for.
pub trait WeightInfo {
    /// Crediting a reserve.
    fn credit() -> Weight;
    /// Debiting a reserve.
    fn debit() -> Weight;
    /// Drawing or returning coins, `n` of them single.
    fn draw(n: u32) -> Weight;
    /// Saying for whom a bank changes coins.
    fn set_change() -> Weight;
}

/// Estimates.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn credit() -> Weight {
        Weight::from_parts(60_000_000, 4_000).saturating_add(T::DbWeight::get().reads_writes(4, 3))
    }

    fn debit() -> Weight {
        Weight::from_parts(70_000_000, 6_000).saturating_add(T::DbWeight::get().reads_writes(7, 3))
    }

    fn draw(n: u32) -> Weight {
        Weight::from_parts(150_000_000, 60_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(40, 38))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1).saturating_mul(n.into()))
    }

    fn set_change() -> Weight {
        Weight::from_parts(30_000_000, 4_000).saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }
}

impl WeightInfo for () {
    fn credit() -> Weight {
        Weight::from_parts(60_000_000, 4_000)
    }

    fn debit() -> Weight {
        Weight::from_parts(70_000_000, 6_000)
    }

    fn draw(n: u32) -> Weight {
        Weight::from_parts(150_000_000, 60_000)
            .saturating_add(Weight::from_parts(5_000_000, 2_600).saturating_mul(n.into()))
    }

    fn set_change() -> Weight {
        Weight::from_parts(30_000_000, 4_000)
    }
}
