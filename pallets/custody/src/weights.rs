//! Weights of the calls: estimates from a prototype until benchmarks on the reference machine replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use specie_primitives::MAX_BANKS;

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
    /// Sending custody to an account, or setting it aside.
    fn transfer() -> Weight;
    /// Giving back what was set aside.
    fn cancel_transfer() -> Weight;
    /// Saying what becomes of transfers that a reserve does not cover.
    fn set_queue() -> Weight;
    /// Putting a transfer first.
    fn prioritise() -> Weight;
    /// Looking at `n` transfers of all queues, and settling them.
    fn settle(n: u32) -> Weight;
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

    fn transfer() -> Weight {
        // A queue of the most transfers is five kilobytes.
        Weight::from_parts(180_000_000, 24_000).saturating_add(T::DbWeight::get().reads_writes(26, 16))
    }

    fn cancel_transfer() -> Weight {
        Weight::from_parts(110_000_000, 16_000).saturating_add(T::DbWeight::get().reads_writes(12, 9))
    }

    fn set_queue() -> Weight {
        Weight::from_parts(15_000_000, 1_000).saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn prioritise() -> Weight {
        Weight::from_parts(30_000_000, 8_000).saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn settle(n: u32) -> Weight {
        // Every queue and every bank is read, and the choice leaves out one transfer after the other.
        Weight::from_parts(600_000_000, 400_000)
            .saturating_add(T::DbWeight::get().reads_writes(u64::from(MAX_BANKS).saturating_mul(4), 0))
            .saturating_add(Weight::from_parts(180_000_000, 24_000).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(14, 9).saturating_mul(n.into()))
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

    fn transfer() -> Weight {
        Weight::from_parts(180_000_000, 24_000)
    }

    fn cancel_transfer() -> Weight {
        Weight::from_parts(110_000_000, 16_000)
    }

    fn set_queue() -> Weight {
        Weight::from_parts(15_000_000, 1_000)
    }

    fn prioritise() -> Weight {
        Weight::from_parts(30_000_000, 8_000)
    }

    fn settle(n: u32) -> Weight {
        Weight::from_parts(600_000_000, 400_000)
            .saturating_add(Weight::from_parts(180_000_000, 24_000).saturating_mul(n.into()))
    }
}
